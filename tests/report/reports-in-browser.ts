// Reports of sample studies as files, and a browser that opens them.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { openBrowser } from '@dure/console/testing'
import { studyReport } from '@dure/report/study'
import { sampleComparison, samplePressures, sampleScenarios, sampleSolution, sampleSweep } from '@dure/report/testing'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'

const samples = { sampleComparison, samplePressures, sampleScenarios, sampleSolution, sampleSweep }
type Sample = keyof typeof samples

export const sampleNames = Object.keys(samples) as Sample[]

export interface Opened {
  readonly page: Page
  /** Whatever the browser complained about: errors of the script, of the page's policy, of loading. */
  readonly complaints: readonly string[]
  /** Addresses asked for besides the file itself. */
  readonly requests: readonly string[]
  readonly close: () => Promise<void>
}

export interface ReportsInBrowser {
  /** Where the reports are, as `NAME.html`; gone after the last test of the file. */
  readonly folder: string
  open(
    sample: Sample,
    width?: number,
    scheme?: 'light' | 'dark',
    address?: string,
    reader?: BrowserContextOptions,
  ): Promise<Opened>
}

/** For all tests of a file. */
export function reportsInBrowser(): ReportsInBrowser {
  const folder = mkdtempSync(join(tmpdir(), 'dure-report-'))
  let browser: Browser

  beforeAll(async () => {
    for (const [name, sample] of Object.entries(samples))
      writeFileSync(join(folder, `${name}.html`), studyReport(sample()))
    browser = await openBrowser()
  })

  afterAll(async () => {
    await browser?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  return {
    folder,
    open: async (
      sample,
      width = 1280,
      scheme = 'light',
      address = pathToFileURL(join(folder, `${sample}.html`)).href,
      reader = { locale: 'ko-KR' },
    ) => {
      const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme, ...reader })
      const page = await context.newPage()
      const complaints: string[] = []
      const requests: string[] = []
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
      })
      page.on('pageerror', (error) => complaints.push(String(error)))
      page.on('request', (request) => {
        if (!request.url().startsWith('data:') && request.url() !== address) requests.push(request.url())
      })
      await page.goto(address)
      return { page, complaints, requests, close: () => context.close() }
    },
  }
}

export const tellIn = async ({ page }: Opened, language: 'ko' | 'en'): Promise<void> => {
  await page.getByText({ ko: '한국어', en: 'English' }[language], { exact: true }).click()
}
