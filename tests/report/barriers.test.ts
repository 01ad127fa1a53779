// Whether the report of a study keeps anybody out: what a checker of accessibility finds on the whole of it.

import AxeBuilder from '@axe-core/playwright'
import { expect, it } from 'vitest'
import { type Opened, reportsInBrowser, tellIn } from './reports-in-browser.ts'

const { open } = reportsInBrowser()

/** The checker looks at nine thousand elements, each against all that may lie over it: a minute where there is other work. */
const AXE = { timeout: 300_000 }

/** What keeps somebody out, on the whole page or in a part of it. */
async function barriers({ page }: Opened, part = 'html'): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .options({ resultTypes: ['violations'] })
    .include(part)
    .analyze()
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)
}

// Each language, colour scheme and width once: none of them has anything to do with another.
it.each([
  ['ko', 'light', 360],
  ['en', 'dark', 1920],
] as const)('keeps nobody out: %s, %s, %i pixels wide', AXE, async (language, scheme, width) => {
  const opened = await open('sampleSweep', width, scheme)
  await tellIn(opened, language)
  expect(await barriers(opened)).toEqual([])
  await opened.close()
})

it.each([
  ['sampleComparison', '#differences'],
  ['sampleSolution', '#attempts'],
] as const)('keeps nobody out of what only some studies have: %s %s', AXE, async (sample, part) => {
  const opened = await open(sample, 360, 'dark')
  await opened.page.locator(`${part} summary`).click()
  expect(await barriers(opened, part)).toEqual([])
  await opened.close()
})
