// The report of a study in a real browser, opened as a file: what people do with it, on a phone and on a wall, in both languages, by day
// and by night, and on paper.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { resultsPage } from '@dure/bench/page'
import { recordedRuns } from '@dure/bench/recorded'
import { studyReport } from '@dure/report/study'
import { sampleScenarios } from '@dure/report/testing'
import type { BrowserContextOptions } from 'playwright-core'
import { expect, it } from 'vitest'
import { reportsInBrowser, sampleNames, tellIn } from './reports-in-browser.ts'

const { folder, open } = reportsInBrowser()

it.each(sampleNames)('fits a phone, a desk and a wall, and asks for nothing: %s', async (sample) => {
  const opened = await open(sample)
  const { page, complaints, requests } = opened
  for (const [language, widths] of [
    ['ko', [360, 1280]],
    ['en', [360, 1920]],
  ] as const) {
    await tellIn(opened, language)
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 })
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
    }
  }
  expect(complaints).toEqual([])
  expect(requests).toEqual([])
  await opened.close()
})

it('speaks the language of who reads it, and the other when it is told so, from then on', async () => {
  const opened = await open('sampleSweep')
  const { page } = opened
  const korean = page.getByRole('heading', { name: '얼마나 기다리는가' })
  const english = page.getByRole('heading', { name: 'How long people wait' })
  expect([await korean.isVisible(), await english.isVisible()]).toEqual([true, false])
  expect(await page.title()).toBe('2 엑사플롭스까지 · 두레')

  await tellIn(opened, 'en')
  expect([await korean.isVisible(), await english.isVisible()]).toEqual([false, true])
  expect(await page.title()).toBe('To two exaflops · Dure')
  expect(await page.evaluate('document.documentElement.lang')).toBe('en')

  await page.reload()
  expect([await korean.isVisible(), await english.isVisible()]).toEqual([false, true])
  await opened.close()
})

it.each<[string, BrowserContextOptions, boolean]>([
  ['English from a browser in English', { locale: 'en-GB' }, true],
  ['Korean from any other', { locale: 'fr-FR' }, false],
  ['Korean where no script may run, until somebody chooses', { locale: 'en-GB', javaScriptEnabled: false }, false],
])('speaks %s', async (_, reader, isEnglish) => {
  const opened = await open('sampleSweep', 360, 'light', undefined, reader)
  const english = opened.page.getByRole('heading', { name: 'How long people wait' })
  expect(await english.isVisible()).toBe(isEnglish)
  await tellIn(opened, isEnglish ? 'ko' : 'en')
  expect(await english.isVisible()).toBe(!isEnglish)
  await opened.close()
})

it('has a page of the benches that speaks one language at a time, too', async () => {
  const file = join(folder, 'benches.html')
  writeFileSync(file, resultsPage(recordedRuns()))
  const opened = await open('sampleSweep', 1280, 'light', pathToFileURL(file).href)
  for (const [language, seen, hidden] of [
    ['ko', '약속한 수와 측정한 수', 'What was promised, and what is'],
    ['en', 'What was promised, and what is', '약속한 수와 측정한 수'],
  ] as const) {
    await tellIn(opened, language)
    expect(await opened.page.getByRole('heading', { name: seen, exact: true }).isVisible()).toBe(true)
    expect(await opened.page.getByText(hidden, { exact: true }).isVisible()).toBe(false)
  }
  expect(opened.complaints).toEqual([])
  await opened.close()
})

it('leaves no place empty beside a chart or a card', async () => {
  const { page, close } = await open('sampleSweep', 1440)
  for (const width of [360, 768, 1440, 1920]) {
    await page.setViewportSize({ width, height: 900 })
    // By row of each list: where its last card ends, less where the list does.
    const gaps = await page.evaluate(`[...document.querySelectorAll('.figures, .cards')].flatMap((list) => {
      const ends = new Map()
      for (const child of list.children) {
        const { top, right } = child.getBoundingClientRect()
        ends.set(Math.round(top), Math.max(right, ends.get(Math.round(top)) ?? 0))
      }
      return [...ends.values()].map((right) => Math.round(list.getBoundingClientRect().right - right))
    })`)
    expect(new Set(gaps as number[])).toEqual(new Set([0]))
  }
  await close()
})

it('shows a chart to eyes and ears: one size of it, by its title and its sentence', async () => {
  const { page, close } = await open('sampleSweep', 360)
  const chart = page.getByRole('img', { name: '처리량' })
  expect(await chart.count()).toBe(1)
  expect((await chart.boundingBox())?.width).toBeLessThanOrEqual(328)
  await page.setViewportSize({ width: 1280, height: 900 })
  expect((await chart.boundingBox())?.width).toBe(560)
  await close()
})

it('shows the numbers of a chart as a table, by the keyboard alone', async () => {
  const { page, close } = await open('sampleSweep')
  const table = page.getByRole('region', { name: '처리량' })
  expect(await table.isVisible()).toBe(false)
  await page.getByRole('figure', { name: '처리량' }).locator('summary').focus()
  await page.keyboard.press('Enter')
  expect(await table.isVisible()).toBe(true)
  expect(await table.getByRole('row').count()).toBe(9)
  await page.keyboard.press('Enter')
  expect(await table.isVisible()).toBe(false)
  await close()
})

it('saves the numbers of a chart as a file that a spreadsheet reads', async () => {
  const opened = await open('sampleSweep')
  const { page, complaints } = opened
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('figure', { name: '처리량' }).getByRole('link', { name: 'CSV 내려받기' }).click(),
  ])
  expect(download.suggestedFilename()).toBe('two-exaflops-throughput.csv')
  const lines = readFileSync(await download.path(), 'utf8').split('\r\n')
  expect(lines[0]).toBe('\uFEFFpoint,label,policy,x,column,mean,ci95_half_width,seeds,seed_1,seed_2,seed_3')
  expect(lines).toHaveLength(10)
  expect(lines[1]).toMatch(/^0,0\.134 EF,fairshare,0\.134,jobs_per_hour,[\d.]+,[\d.]+,3(,[\d.]+){3}$/)
  expect(complaints).toEqual([])
  await opened.close()
})

it('goes onto paper: charts two by two, without what nobody can press there', async () => {
  const { page, close } = await open('sampleSweep', 1280, 'dark')
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
  expect(await page.getByText('English', { exact: true }).isVisible()).toBe(false)
  // Paper is light, whatever the screen was.
  expect(await page.evaluate('getComputedStyle(document.documentElement).backgroundColor')).toBe('rgb(255, 255, 255)')
  const paper = await page.pdf({ preferCSSPageSize: true, printBackground: true })
  expect(paper.subarray(0, 5).toString()).toBe('%PDF-')
  const pages = /\/Type \/Pages[^>]*\/Count (\d+)/.exec(paper.toString('latin1'))?.[1]
  expect(Number(pages)).toBeGreaterThan(2)
  expect(Number(pages)).toBeLessThan(10)
  await close()
})

it('lets nothing in that a scenario says', async () => {
  const hostile = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
  const outcome = sampleScenarios()
  const points = outcome.points.map((point) => ({ ...point, label: { ko: hostile, en: hostile } }))
  const path = join(folder, 'hostile.html')
  writeFileSync(path, studyReport({ ...outcome, title: { ko: hostile, en: hostile }, points }))
  const opened = await open('sampleScenarios', 1280, 'light', pathToFileURL(path).href)
  expect(await opened.page.title()).toBe(`${hostile} · 두레`)
  expect(opened.complaints).toEqual([])
  expect(opened.requests).toEqual([])
  await opened.close()
})
