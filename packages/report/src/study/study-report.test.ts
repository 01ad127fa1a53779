import { createHash } from 'node:crypto'
import { parseHTML } from 'linkedom'
import { describe, expect, it } from 'vitest'
import * as samples from '../../testing/index.ts'
import { studyReport } from './study-report.ts'

const parsed = (html: string) => parseHTML(html).document

describe.each(Object.entries(samples))('the report of %s', (_, sample) => {
  const outcome = sample()
  const html = studyReport(outcome)
  const document = parsed(html)
  const all = (selector: string) => [...document.querySelectorAll(selector)]

  it('loads nothing, and lets in its own style and script alone', () => {
    const policy = document.querySelector('meta[http-equiv="Content-Security-Policy"]')?.getAttribute('content') ?? ''
    const hashOf = (tag: string): string => {
      const text = new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(html)?.[1] ?? ''
      return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
    }
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      `style-src ${hashOf('style')}`,
      `script-src ${hashOf('script')}`,
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
    ])
    expect(all('script')).toHaveLength(1)
    expect(all('style')).toHaveLength(1)
    expect(all('[style]')).toEqual([])
    expect(all('[src], link:not([href^="data:"])')).toEqual([])
    expect(all('a').map((link) => link.getAttribute('href')!.replace(/^(#|data:text\/csv).*/s, '$1'))).not.toContain(
      expect.stringMatching(/^https?:/),
    )
  })

  it('says everything in both languages', () => {
    const texts = (language: string) => all(`span[lang="${language}"]`).map((span) => span.textContent)
    expect(texts('ko').length).toBe(texts('en').length)
    expect([...texts('ko'), ...texts('en')].filter((text) => text?.trim() === '')).toEqual([])
    expect(html.match(/.{20}(?:NaN|undefined|Infinity|\[object)/)).toBeNull()
  })

  it('has a title, a sentence, a table and a file for every chart', () => {
    const figures = all('figure')
    expect(figures.length).toBeGreaterThan(10)
    for (const figure of figures) {
      const sentence = figure.querySelector('.summary [lang="en"]')?.textContent ?? ''
      expect(sentence).toMatch(/[.)]$/)
      expect(figure.querySelectorAll('svg[role="img"]').length).toBeGreaterThan(0)
      expect(figure.querySelectorAll('details table tbody tr').length).toBeGreaterThan(0)
      expect(figure.querySelector('a[download]')?.getAttribute('href')).toMatch(
        /^data:text\/csv;charset=utf-8,%EF%BB%BF/,
      )
    }
  })

  it('names every chart for ears, and no two elements alike', () => {
    for (const svg of all('svg[role="img"]')) {
      const [title, summary] = svg.getAttribute('aria-labelledby')!.split(' ')
      expect(svg.querySelector(`#${title}`)?.textContent).toBeTruthy()
      expect(svg.querySelector(`#${summary}`)?.textContent).toBeTruthy()
    }
    const ids = all('[id]').map((element) => element.id)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('has every row, and its file too', () => {
    expect(all('#rows-table').length).toBe(1)
    expect(document.querySelectorAll('.rows tbody tr')).toHaveLength(outcome.rows.length)
    const href = document.querySelector('.rows a[download]')!.getAttribute('href')!
    const lines = decodeURIComponent(href.slice(href.indexOf(',') + 1)).split('\r\n')
    expect(lines).toHaveLength(outcome.rows.length + 2)
    expect(lines[0]).toMatch(/^\uFEFFpoint,policy,/)
  })
})

describe('a report', () => {
  it('takes foreign text for text', () => {
    const hostile = '"><script>alert(1)</script><img src=x onerror=alert(2)>'
    const outcome = samples.sampleScenarios()
    const document = parsed(
      studyReport({
        ...outcome,
        name: hostile,
        title: { ko: hostile, en: hostile },
        description: { ko: hostile, en: hostile },
        points: outcome.points.map((point) => ({ ...point, label: { ko: hostile, en: hostile } })),
        sectors: outcome.sectors.map((sector) => ({ ...sector, title: { ko: hostile, en: hostile } })),
        policies: [hostile],
        rows: outcome.rows.map((row) => ({ ...row, policy: hostile })),
        figures: [
          { what: { ko: hostile, en: hostile }, value: hostile, unit: hostile, source: hostile, assumed: true },
        ],
        provenance: { ...outcome.provenance, scenario_hash: hostile },
      }),
    )
    expect(document.querySelectorAll('script')).toHaveLength(1)
    expect(document.querySelectorAll('img')).toHaveLength(0)
    expect(document.querySelectorAll('[onerror]')).toHaveLength(0)
    expect(document.querySelector('h1')?.textContent).toContain('alert(1)')
  })

  it('leaves out what nobody measured', () => {
    const outcome = samples.sampleSweep()
    const rows = outcome.rows.map((row) => ({
      ...row,
      power_mw_mean: null,
      energy_mwh: null,
      cost_krw: null,
      tco2e: null,
    }))
    const document = parsed(studyReport({ ...outcome, rows, sectors: [], figures: [] }))
    const names = [...document.querySelectorAll('figure')].map(({ id }) => id)
    expect(names).toContain('throughput')
    for (const name of ['power', 'cost', 'carbon', 'waits-by-sector']) expect(names).not.toContain(name)
  })

  it('says what the keys of sources stand for', () => {
    const card = parsed(studyReport(samples.sampleSweep())).querySelector('[aria-labelledby="sources-heading"]')!
    expect(card.querySelector('.facts')?.textContent).toBe('x1Meta, Llama 3 herd of models, 2024')
  })

  it('says which accelerators count as nothing, and why', () => {
    const text = parsed(studyReport(samples.sampleSweep())).querySelector('.card ul [lang="en"]')?.textContent
    expect(text?.replaceAll('\u00a0', ' ')).toBe('RNGD counts as 0 in FP64 (has no such format)')
  })

  it('draws bands and seeds where there are several seeds, and neither where there is one', () => {
    const outcome = samples.sampleSweep()
    const bandsIn = (rows: typeof outcome.rows): number =>
      parsed(studyReport({ ...outcome, rows })).querySelectorAll('#throughput g[fill-opacity]').length
    const alone = bandsIn(outcome.rows.filter(({ seed }) => seed === 1))
    expect(alone).toBe(0)
    // A band and its seeds, in two widths and two languages.
    expect(bandsIn(outcome.rows)).toBe(8)
  })
})
