// The built page in a real browser, on the stand-in center. Every step waits for what it expects; nothing sleeps.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser } from 'playwright-core'
import { build } from 'vite'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  choose,
  lookAtJob,
  openBrowser,
  queueFigure,
  type StandInServer,
  seeLive,
  standInServer,
  submitByKeyboard,
  type Visit,
  type Visited,
  visit,
} from '../testing/index.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const built = mkdtempSync(join(tmpdir(), 'dure-console-'))
let browser: Browser
let server: StandInServer
const visits: (() => Promise<void>)[] = []

// A busy machine may take its time; what is expected still ends every wait.
vi.setConfig({ testTimeout: 60_000 })
const patiently = { timeout: 20_000 }

beforeAll(async () => {
  await build({ root, logLevel: 'error', build: { outDir: built, emptyOutDir: true } })
  browser = await openBrowser()
}, 60_000)

afterAll(async () => {
  await browser?.close()
  rmSync(built, { recursive: true, force: true })
})

beforeEach(async () => {
  server = await standInServer(built)
})
// Pages before their server: one that is cut off complains.
afterEach(async () => {
  for (const end of visits.splice(0)) await end()
  await server.close()
})

const desk: Visit = { language: 'ko', width: 1280, height: 900 }

/**
 * A visit that ends with its test, and fails it where the browser complained.
 * @param provoked what the test itself brings about: browsers note every answer of 400 and more and every broken connection
 */
async function open(change: Partial<Visit> = {}, provoked?: RegExp): Promise<Visited> {
  const visited = await visit(browser, server.url, { ...desk, ...change })
  visits.push(async () => {
    await visited.close()
    expect(visited.complaints.filter((complaint) => !provoked?.test(complaint))).toEqual([])
  })
  return visited
}

const filled = (text: string, values: Readonly<Record<string, string | number>>): string =>
  text.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => String(values[name]))

it.each(['ko', 'en'] as const)('shows the whole center on a phone, a desk and a wall (%s)', async (language) => {
  const visited = await open({ language })
  const { page, words } = visited
  await seeLive(visited)
  expect(await page.getAttribute('html', 'lang')).toBe(language)
  expect(await page.title()).toBe(filled(words.page.titleOf, { center: 'purchase-2025' }))
  for (const width of [320, 360, 1280, 1920, 3840]) {
    await page.setViewportSize({ width, height: 1000 })
    for (const { title } of [
      words.queue,
      words.capacity,
      words.pools,
      words.shares,
      words.starts,
      words.jobs,
      words.submit,
    ])
      await page.getByRole('heading', { name: title, exact: true }).waitFor()
    await page.getByRole('row').nth(20).waitFor()
    const { overview } = server.center
    expect(await queueFigure(visited, 'waiting')).toBe(overview().queue.pending)
    expect(await queueFigure(visited, 'running')).toBe(overview().queue.running)
    // Nothing stands out of the page, so nothing has to be scrolled sideways.
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
  }
})

/** The checker looks at thousands of elements, each against all that may lie over it: a minute where there is other work. */
const AXE = { timeout: 300_000 }

// Each language and colour scheme once: colours do not depend on words.
it.each([
  ['ko', 'light'],
  ['en', 'dark'],
] as const)('axe finds nothing, whatever is unfolded (%s, %s)', AXE, async (language, scheme) => {
  const visited = await open({ language, scheme })
  const { page, words } = visited
  await seeLive(visited)
  const analyse = async () =>
    (await new AxeBuilder({ page }).options({ resultTypes: ['violations'] }).analyze()).violations.map(
      ({ id, nodes }) => [id, nodes.map(({ html }) => html)],
    )
  server.tick(2)
  expect(await analyse()).toEqual([])

  const toggles = page.getByRole('button', { name: words.figure.asTable })
  while ((await toggles.count()) > 0) await toggles.first().click()
  await page.getByRole('table', { name: words.pools.table }).waitFor()
  await lookAtJob(visited, server.center.overview().queue.oldest_job ?? 0)
  await page.getByText(words.job.wayOut).first().waitFor()
  await page.getByLabel(words.field.nodes.label, { exact: true }).fill('0')
  await page.getByRole('button', { name: words.submit.send, exact: true }).click()
  await page.getByRole('alert').filter({ hasText: words.field.nodes.label }).waitFor()
  expect(await analyse()).toEqual([])
})

describe('live', () => {
  it('follows the center, and stands still while paused', async () => {
    const visited = await open()
    const { page, words } = visited
    await seeLive(visited)
    const waiting = page.locator('.queue .figures > div').first().locator('dd')
    const shows = (count: number) => waiting.filter({ hasText: new RegExp(`^${count}$`) }).waitFor()
    await shows(server.center.overview().queue.pending)
    server.tick(30)
    await shows(server.center.overview().queue.pending)

    await page.getByRole('button', { name: words.link.pause }).click()
    await page.getByText(words.link.paused, { exact: true }).waitFor()
    const paused = await waiting.textContent()
    server.tick(60)
    expect(String(server.center.overview().queue.pending)).not.toBe(paused)
    // The stream has delivered what came meanwhile once an answer asked for later is there.
    await page.evaluate("fetch('/v1/me').then((answer) => answer.json())")
    expect(await waiting.textContent()).toBe(paused)
    await page.getByRole('button', { name: words.link.resume }).click()
    await shows(server.center.overview().queue.pending)
  })

  it('comes back by itself and goes on from the revision it had', async () => {
    const visited = await open({}, /ERR_INCOMPLETE_CHUNKED_ENCODING/)
    const { page } = visited
    await seeLive(visited)
    server.tick()
    const had = server.center.revision()
    await page.getByText(new RegExp(`원장 ${had}$`)).waitFor()
    const opened = server.streamsFrom.length
    server.dropStreams()
    await expect.poll(() => server.streamsFrom.length, patiently).toBeGreaterThan(opened)
    expect(server.streamsFrom.at(-1)).toBe(had)
    await seeLive(visited)
    server.tick()
    await page.getByText(new RegExp(`원장 ${had + 1}$`)).waitFor()
  })

  it('reads everything again where the center no longer knows what was missed', async () => {
    const visited = await open({}, /ERR_INCOMPLETE_CHUNKED_ENCODING/)
    const { page } = visited
    await seeLive(visited)
    server.dropStreams()
    server.tick(5)
    server.forget()
    await page.getByText(new RegExp(`원장 ${server.center.revision()}$`)).waitFor()
    // A reset brings no commits: only a list that was read anew has the newest job.
    const newest = server.center.jobs()[0]?.id
    await page.getByRole('button', { name: filled(visited.words.jobs.open, { job: newest ?? 0 }) }).waitFor()
  })

  it('says so when nobody leads, and when someone does again', async () => {
    const visited = await open({ language: 'en' })
    await seeLive(visited)
    server.center.leads = false
    server.tick()
    await visited.page.getByText(visited.words.link.leaderGoneDetail).first().waitFor()
    server.center.leads = true
    server.tick()
    await seeLive(visited)
  })

  it('does not chatter: ten seconds and more between two things said aloud', async () => {
    const visited = await open()
    const { page, words } = visited
    await seeLive(visited)
    await page.evaluate(`
      window.said = 0
      const region = document.querySelector('[aria-live="polite"]')
      new MutationObserver(() => window.said++).observe(region, { childList: true, characterData: true, subtree: true })
    `)
    for (const leads of [false, true, false, true, false]) {
      server.center.leads = leads
      server.tick()
      await page.getByText(leads ? words.link.live : words.link.leaderGone, { exact: true }).waitFor()
    }
    expect(await page.evaluate('window.said')).toBeLessThanOrEqual(1)
  })
})

describe('a job', () => {
  it('that waits says why, with every reason of the allocator and a way out', async () => {
    const visited = await open({ language: 'en' })
    const { page } = visited
    await seeLive(visited)
    const job = server.center.overview().queue.oldest_job ?? 0
    const { reasons } = server.center.explain(job)
    expect(reasons.length).toBeGreaterThan(0)
    const card = await lookAtJob(visited, job)
    for (const { sentence, way_out } of reasons) {
      await card.getByText(sentence.en).waitFor()
      await card.getByText(way_out.en).waitFor()
    }
    expect(page.url()).toContain(`job=${job}`)
  })

  it('opens in its row, and where the list is narrowed down by state, pool and user', async () => {
    const visited = await open({ language: 'en' })
    const { page, words } = visited
    await seeLive(visited)
    const search = page.getByRole('search')
    await choose(visited, words.filter.waiting)
    await search.getByLabel(words.filter.pool, { exact: true }).selectOption('rngd')
    const job = server.center.jobs().find(({ state, pools }) => state === 'PENDING' && pools[0] === 'rngd')
    await search.getByLabel(words.filter.user, { exact: true }).fill(job?.user ?? '')
    await page.getByRole('button', { name: words.filter.apply, exact: true }).click()
    await expect.poll(() => new URL(page.url()).searchParams.get('user'), patiently).toBe(job?.user)
    const row = page.getByRole('button', { name: filled(words.jobs.open, { job: job?.id ?? 0 }) })
    await row.click()
    await page.getByRole('button', { name: filled(words.jobs.close, { job: job?.id ?? 0 }) }).waitFor()
    await page
      .locator('.row-details')
      .getByText(words.job.asOf.split(' ')[0] ?? '')
      .first()
      .waitFor()
    const matching = server.center
      .jobs()
      .filter(({ state, user, pools }) => state === 'PENDING' && user === job?.user && pools[0] === 'rngd')
    await expect.poll(() => page.locator('.row-toggle').count(), patiently).toBe(matching.length)
  })

  it('turns pages back and forth without losing or repeating a job', async () => {
    const { page, words } = await open()
    const ids = async () => (await page.locator('.row-toggle').allTextContents()).map(Number)
    const expected = server.center.jobs().map(({ id }) => id)
    await expect.poll(ids, patiently).toEqual(expected.slice(0, 20))
    await page.getByRole('button', { name: words.jobs.next }).click()
    await expect.poll(ids, patiently).toEqual(expected.slice(20, 40))
    await page.getByRole('button', { name: words.jobs.previous }).click()
    await expect.poll(ids, patiently).toEqual(expected.slice(0, 20))
  })

  it('is cancelled after a question, and not when the answer is no', async () => {
    const visited = await open()
    const { page, words } = visited
    await seeLive(visited)
    const running = server.center.jobs().find(({ state }) => state === 'RUNNING')?.id ?? 0
    const card = await lookAtJob(visited, running)
    await card.getByRole('button', { name: words.act.cancel, exact: true }).click()
    await page.getByRole('dialog').getByRole('button', { name: words.act.no }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    server.tick()
    expect(server.center.job(running)?.state).toBe('RUNNING')

    await card.getByRole('button', { name: words.act.cancel, exact: true }).click()
    await page.getByRole('dialog').getByRole('button', { name: words.act.yesCancel }).click()
    await card.getByText(filled(words.act.accepted, { job: running })).waitFor()
    server.tick()
    await card.getByRole('heading', { name: words.state.CANCELLED }).waitFor()
    expect(await card.getByRole('button', { name: words.act.cancel, exact: true }).count()).toBe(0)
  })
})

describe('a submit', () => {
  it.each(['ko', 'en'] as const)('is made with the keyboard alone, and leads to its job (%s)', async (language) => {
    const visited = await open({ language })
    const { page, words } = visited
    await seeLive(visited)
    const job = await submitByKeyboard(visited, 'by-keyboard')
    expect(server.center.job(job)).toMatchObject({ name: 'by-keyboard', state: 'accepted', time_limit_ms: 1_800_000 })
    // Out of the button, on to the link it gave.
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    const title = page.getByRole('heading', { name: filled(words.job.title, { job }) })
    await title.and(page.locator(':focus')).waitFor()
    await title.getByText(words.state.accepted).waitFor()
    server.tick()
    await title.getByText(words.state.PENDING).or(title.getByText(words.state.RUNNING)).waitFor()
  })

  it('is checked by the schema before it is sent, each mistake at its field', async () => {
    const { page, words } = await open()
    const nodes = page.getByLabel(words.field.nodes.label, { exact: true })
    const limit = page.getByLabel(words.field.time_limit_ms.label, { exact: true })
    const before = server.center.jobs().length
    await nodes.fill('0')
    await limit.fill('곧')
    await page.getByRole('button', { name: words.submit.send, exact: true }).click()
    await page.getByText(filled(words.submit.wrong, { count: 2 })).waitFor()
    expect(await nodes.getAttribute('aria-invalid')).toBe('true')
    expect(await page.locator('#submit-nodes-wrong').textContent()).toBe(
      '`nodes` 값은 1 이상이어야 합니다 (받은 값: 0).',
    )
    expect(await page.locator('#submit-time_limit_ms-wrong').textContent()).toBe(words.submit.duration)
    expect(server.center.jobs()).toHaveLength(before)
  })

  it('shows what the center refuses, in its words, at the field it is about', async () => {
    const { page, words } = await open({ language: 'en' }, / 422 /)
    await page.getByLabel(words.field.account.label, { exact: true }).fill('startup-a')
    await page.getByRole('button', { name: words.submit.send, exact: true }).click()
    await page.getByText('ERR_UNKNOWN_ACCOUNT').waitFor()
    expect(await page.locator('#submit-account-wrong').textContent()).toContain(
      'User univ-a-1 does not belong to account startup-a',
    )
  })

  it('sent again after its answer was lost is still one job', async () => {
    const { page, words } = await open({}, /ERR_EMPTY_RESPONSE/)
    await page.getByLabel(words.field.name.label, { exact: true }).fill('only-once')
    server.losesAnswers = true
    await page.getByRole('button', { name: words.submit.send, exact: true }).click()
    await page.getByText(words.submit.unreachable).waitFor()
    server.losesAnswers = false
    await page.getByRole('button', { name: words.submit.send, exact: true }).click()
    await page.getByRole('status').getByRole('link').waitFor()
    expect(server.center.jobs().filter(({ name }) => name === 'only-once')).toHaveLength(1)
  })
})

describe('who looks', () => {
  it('without a session learns how to get one, and is let in once there is one', async () => {
    server.signedIn = false
    const visited = await open({}, / 401 /)
    const { page, words } = visited
    await page.getByRole('heading', { name: words.signIn.title }).waitFor()
    await page.getByText('npx dure sign-in').waitFor()
    server.signedIn = true
    await page.getByRole('button', { name: words.signIn.retry }).click()
    await seeLive(visited)
  })

  it('and loses the session in between is told so', async () => {
    const visited = await open({}, /ERR_INCOMPLETE_CHUNKED_ENCODING| 401 /)
    await seeLive(visited)
    server.signedIn = false
    server.dropStreams()
    await visited.page.getByRole('heading', { name: visited.words.signIn.title }).waitFor()
  })

  it('as an auditor sees everything and can change nothing', async () => {
    server.role = 'auditor'
    const visited = await open()
    const { page, words } = visited
    await seeLive(visited)
    await page.getByText(words.submit.mayNot).waitFor()
    expect(await page.getByRole('button', { name: words.submit.send, exact: true }).count()).toBe(0)
    const card = await lookAtJob(visited, server.center.overview().queue.oldest_job ?? 0)
    await card.getByText(words.job.wayOut).first().waitFor()
    expect(await card.getByRole('button', { name: words.act.cancel, exact: true }).count()).toBe(0)
  })

  it('chooses the format of capacity, which is always named, and finds it so next time', async () => {
    const visited = await open({ language: 'en' })
    const { page, words } = visited
    await seeLive(visited)
    await page.getByText(filled(words.capacity.says, { format: words.format.fp64Says })).waitFor()
    await choose(visited, words.format.bf16)
    await page.getByText(filled(words.capacity.says, { format: words.format.bf16Says })).waitFor()
    await page.reload()
    await page.getByText(filled(words.capacity.says, { format: words.format.bf16Says })).waitFor()
  })
})
