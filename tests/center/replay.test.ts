// A real job log through the live center, and what its ledger is worth afterwards: decided anew, and folded, it comes to the
// same state.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { everyItem } from '@dure/client'
import { audit, type Folded, foldEntry, type Ledger, redisPorts } from '@dure/engine'
import { afterAll, expect, it } from 'vitest'
import {
  type CenterHome,
  dure,
  leaveNothing,
  makeHome,
  processesOf,
  redisUrlOf,
  type StartedCenter,
  startCenter,
  until,
} from './started-center.ts'

const JOBS = 500
/** The first 500 jobs came in over ten days of 1996. */
const SPEED = 100_000

const homes: CenterHome[] = []
afterAll(() => Promise.all(homes.map(leaveNothing)))

const reference = process.env.DURE_REFERENCE ?? fileURLToPath(new URL('../../../shared', import.meta.url))
const publicLog = join(reference, 'traces/kth-sp2/KTH-SP2-1996-2.1-cln.swf.gz')

/** The beginning of a public log where one is at hand; else a short one of our own in the same format. */
function log(): { readonly text: string; readonly jobs: number } {
  const isPublic = existsSync(publicLog)
  const own = fileURLToPath(new URL('./fixtures/three-days.swf', import.meta.url))
  const text = isPublic ? gunzipSync(readFileSync(publicLog)).toString('latin1') : readFileSync(own, 'utf8')
  const lines = text.split('\n')
  const header = lines.filter((line) => line.startsWith(';'))
  const jobs = lines.filter((line) => line.trim() !== '' && !line.startsWith(';')).slice(0, JOBS)
  return { text: `${[...header, ...jobs].join('\n')}\n`, jobs: jobs.length }
}

async function foldedState(ledger: Ledger, upTo: number): Promise<string | undefined> {
  let folded: Folded | undefined
  for (let next = 1; next <= upTo; ) {
    const entries = await ledger.read(next, Math.min(256, upTo - next + 1))
    for (const entry of entries) folded = foldEntry(folded, entry, { keep: false }, () => {}).folded
    next = (entries.at(-1)?.revision ?? upTo) + 1
  }
  return folded?.center.stateHash()
}

/** kill -9, each time a further part of the jobs has come in; the supervisor starts another one. */
async function killScheduler(home: CenterHome, { client }: StartedCenter, times: number, jobs: number): Promise<void> {
  for (let kill = 1; kill <= times; kill++) {
    await until('jobs to have come in', async () => {
      const { totals, queue } = await client.getOverview()
      return totals.submitted > (jobs * kill) / (times + 2) && queue.running > 0
    })
    const schedulers = (): number[] =>
      processesOf(home)
        .filter(({ command }) => command.includes('services/scheduler/src/main.ts'))
        .map(({ pid }) => pid)
    const before = schedulers()
    expect(before.length).toBe(1)
    for (const pid of before) process.kill(pid, 'SIGKILL')
    await until('another scheduler', () => schedulers().some((pid) => !before.includes(pid)))
  }
}

it.each([
  ['left alone', 0],
  ['its scheduler killed three times', 3],
])('%s, every job of the log ends, and the ledger replays to the state it was left in', async (_, kills) => {
  const { text, jobs } = log()
  const home = makeHome()
  homes.push(home)
  writeFileSync(join(home.desk, 'log.swf'), text)
  const center = await startCenter(home, '--no-demo', '--speed', String(SPEED))

  const [{ stdout, stderr, code }] = await Promise.all([
    dure(home, ['replay', 'log.swf', '--json']),
    killScheduler(home, center, kills, jobs),
  ])
  expect({ code, stderr }).toMatchObject({ code: 0 })
  const summary = JSON.parse(stdout)
  expect(summary).toMatchObject({ jobs, submitted: jobs, refused: {}, larger_than_pool: 0, not_ended: 0 })
  const ended = Object.values<number>(summary.ended).reduce((sum, count) => sum + count, 0)
  expect(ended).toBe(jobs)

  // None lost, none run twice to effect.
  const { totals } = await center.client.getOverview()
  expect(totals).toMatchObject({ submitted: jobs, started: jobs })
  const states = new Map<string, number>()
  for await (const { state } of everyItem((page) => center.client.listJobs(page))) {
    states.set(state, (states.get(state) ?? 0) + 1)
  }
  expect(Object.fromEntries(states)).toEqual(summary.ended)
  expect(Object.keys(summary.ended).filter((state) => !['COMPLETED', 'FAILED', 'TIMEOUT'].includes(state))).toEqual([])

  const ports = await redisPorts({ url: redisUrlOf(home), prefix: 'dure:' }, 'test')
  try {
    // At least: each job was submitted, started and ended.
    const audited = await audit(ports.ledger)
    expect(audited.facts).toBeGreaterThanOrEqual(3 * jobs)
    expect(await foldedState(ports.ledger, audited.revision)).toBe(audited.stateHash)
  } finally {
    await ports.close()
  }
  expect(await center.stop()).toBe(0)
})
