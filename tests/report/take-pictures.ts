// `npm run pictures -- DIR`: takes the pictures of a study's report that stand in the README, from the folder that `dure study --out DIR` has left.

import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { openBrowser } from '@dure/console/testing'

const images = new URL('../../.github/images/', import.meta.url)
const sizes = { phone: { width: 390, height: 844 }, desk: { width: 1280, height: 900 } } as const
/** The page speaks the language of who reads it. */
const locales = { ko: 'ko-KR', en: 'en-US' } as const

/** A machine that still simulates draws slowly. */
const PATIENCE_MS = 300_000

const report = join(resolve(process.argv[2] ?? ''), 'report.html')
if (!existsSync(report)) {
  console.error(`There is no ${report}: give the folder of a study, as npm run pictures -- two-ef`)
  process.exit(2)
}
const browser = await openBrowser()
try {
  for (const [language, locale] of Object.entries(locales)) {
    for (const [name, viewport] of Object.entries(sizes)) {
      const context = await browser.newContext({ viewport, locale, colorScheme: 'light' })
      context.setDefaultTimeout(PATIENCE_MS)
      const page = await context.newPage()
      await page.goto(pathToFileURL(report).href)
      await page.screenshot({ path: fileURLToPath(new URL(`report-${language}-${name}.png`, images)) })
      await context.close()
    }
  }
} finally {
  await browser.close()
}
