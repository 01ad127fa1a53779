// The console of a real center in a real browser, while its demo runs.

import AxeBuilder from '@axe-core/playwright'
import {
  lookAtJob,
  openBrowser,
  queueFigure,
  seeLive,
  submitByKeyboard,
  type Visited,
  visit,
} from '@dure/console/testing'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { leaveNothing, makeHome, type StartedCenter, startCenter, until } from './started-center.ts'

const home = makeHome()
let center: StartedCenter
let browser: Browser

beforeAll(async () => {
  browser = await openBrowser()
  center = await startCenter(home, '--speed', '60')
})

afterAll(async () => {
  await browser?.close()
  await leaveNothing(home)
})

const phone = { width: 390, height: 844 }
const wall = { width: 1600, height: 1000 }

/** Nothing in the browser's console, nothing that keeps somebody out, nothing that runs out of the page. */
async function expectGood({ page, complaints }: Visited): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).options({ resultTypes: ['violations'] }).analyze()
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([])
  expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
  expect(complaints).toEqual([])
}

it('lets in who opens the printed link, once', async () => {
  const visited = await visit(browser, center.signInUrl, { language: 'ko', ...wall })
  await seeLive(visited)
  expect(await visited.page.evaluate('location.href')).not.toContain('code=')
  await visited.close()

  const second = await visit(browser, center.signInUrl, { language: 'ko', ...wall })
  await second.page.getByText('npx dure sign-in').first().waitFor()
  await second.page.goto(center.url)
  await second.page.getByRole('heading', { name: second.words.signIn.title }).waitFor()
  await second.close()
})

it.each([
  ['ko', 'a phone', phone],
  ['en', 'a wall', wall],
] as const)('is live and without fault: %s, on %s', async (language, _, size) => {
  const { url } = await center.client.createSignInLink()
  const visited = await visit(browser, url, { language, ...size })
  await seeLive(visited)
  // The demonstration tries its beginning out before it submits anything, and takes the longer for it the slower the machine.
  await until('jobs to run', async () => (await center.client.getOverview()).queue.running > 0)
  await until('the page to show the queue', async () => (await queueFigure(visited, 'running')) > 0)
  // What the page says is what the center says, however it got there.
  await until('page and center to agree', async () => {
    const { running, pending } = (await center.client.getOverview()).queue
    return (await queueFigure(visited, 'running')) === running && (await queueFigure(visited, 'waiting')) === pending
  })
  await expectGood(visited)
  await visited.close()
})

it('takes a job from the keyboard alone and shows what becomes of it', async () => {
  const { url } = await center.client.createSignInLink()
  const visited = await visit(browser, url, { language: 'en', ...wall })
  await seeLive(visited)
  const id = await submitByKeyboard(visited, 'from-the-keyboard', 'univ-a-1')
  expect(await center.client.getJob(id)).toMatchObject({ name: 'from-the-keyboard', user: 'univ-a-1' })
  const card = await lookAtJob(visited, id)
  await card.getByText('from-the-keyboard').first().waitFor()
  await expectGood(visited)
  await visited.close()
})
