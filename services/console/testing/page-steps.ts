// What a person does on the page, in steps that hold for any center behind it: they find things by what they are called, in
// the language the page speaks, and wait for what they expect instead of for a while.

import { type Browser, chromium, type Page } from 'playwright-core'
import { en } from '../src/words/en.ts'
import { ko, type Words } from '../src/words/ko.ts'

const CHROMIUM = process.env.DURE_CHROMIUM ?? '/usr/bin/chromium'

/** The browser of the machine, without a sandbox of its own and without talking to anyone. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  })

export const wordsOf: Readonly<Record<'ko' | 'en', Words>> = { ko, en }

export interface Visit {
  readonly language: 'ko' | 'en'
  /** CSS pixels. */
  readonly width: number
  readonly height: number
  readonly scheme?: 'light' | 'dark'
}

export interface Visited {
  readonly page: Page
  readonly words: Words
  /** Whatever the browser complained about: errors of scripts, of the policy, of loading. */
  readonly complaints: readonly string[]
  readonly close: () => Promise<void>
}

/** Opens the page as someone who set it to a language before. `url` may be a sign-in link. */
export async function visit(
  browser: Browser,
  url: string,
  { language, width, height, scheme }: Visit,
): Promise<Visited> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme ?? 'light',
    reducedMotion: 'reduce',
    locale: 'en-US',
  })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  await page.goto(url)
  if (language === 'en') await page.getByText('English', { exact: true }).click()
  return { page, words: wordsOf[language], complaints, close: () => context.close() }
}

/** Waits until the page shows a center, kept up by events. */
export async function seeLive({ page, words }: Visited): Promise<void> {
  await page.getByRole('heading', { name: words.queue.title }).waitFor()
  await page.getByRole('strong').filter({ hasText: words.link.live }).waitFor()
}

/** Picks one of several choices that stand side by side. */
export async function choose({ page }: Visited, choice: string): Promise<void> {
  // The radio button itself is drawn by its label.
  await page.getByRole('radio', { name: choice, exact: true }).check({ force: true })
}

/** A big figure of the queue as a number. */
export async function queueFigure({ page, words }: Visited, figure: 'waiting' | 'running' | 'held'): Promise<number> {
  const term = page.locator('.queue .figures > div').filter({ hasText: words.queue[figure] })
  return Number((await term.locator('dd').first().textContent())?.replaceAll(',', ''))
}

/**
 * Fills the form with the keyboard alone and sends it; the id of the job. Starts from wherever the focus is.
 * @param user whose job it is, where an administrator submits it for somebody
 */
export async function submitByKeyboard({ page, words }: Visited, name: string, user?: string): Promise<number> {
  const form = page.getByRole('form', { name: words.submit.title })
  const fill = async (label: string, text: string): Promise<void> => {
    await tabTo(page, form.getByLabel(label, { exact: true }))
    await page.keyboard.type(text)
  }
  await fill(words.field.name.label, name)
  if (user !== undefined) await fill(words.field.user.label, user)
  await fill(words.field.time_limit_ms.label, '30m')
  await tabTo(page, page.getByRole('button', { name: words.submit.send, exact: true }))
  await page.keyboard.press('Enter')
  const link = page.getByRole('status').getByRole('link')
  await link.waitFor()
  return Number(/\d+/.exec((await link.textContent()) ?? '')?.[0])
}

const TABS_MAX = 400

/** Presses Tab until something has the focus. */
async function tabTo(page: Page, wanted: ReturnType<Page['locator']>): Promise<void> {
  for (let tabs = 0; tabs < TABS_MAX; tabs++) {
    await page.keyboard.press('Tab')
    if ((await wanted.and(page.locator(':focus')).count()) > 0) return
  }
  throw new Error(`the keyboard does not reach ${wanted}`)
}

/** Goes to a job by its number, and returns the card it is shown in. */
export async function lookAtJob({ page, words }: Visited, job: number): Promise<ReturnType<Page['locator']>> {
  await page.getByRole('search').getByLabel(words.filter.number, { exact: true }).fill(String(job))
  await page.getByRole('button', { name: words.filter.apply, exact: true }).click()
  const card = page.getByRole('region', { name: words.job.title.replace('{{job}}', String(job)) })
  await card.waitFor()
  return card
}
