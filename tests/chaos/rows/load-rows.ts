// Restarts under load, clocks that jump, messages nobody can read, sockets that are never done, floods, and readers who do not read.

import { setTimeout as pause } from 'node:timers/promises'
import { percentile } from '@dure/bench/statistics'
import { bullPrefix } from '@dure/engine'
import { Queue } from 'bullmq'
import type { ChaosCenter } from '../center/chaos-center.ts'
import { readEvents } from '../client/event-reader.ts'
import { waitedMs } from '../client/history.ts'
import { askSlowly } from '../client/slow-socket.ts'
import type { LiveRow, Scene } from './row.ts'

const HOUR_MS = 3_600_000
const SLOW_HEADERS = 500
const SLOW_BODIES = 50
/** Fifteen seconds and five between two looks at all sockets, and what the way takes. */
const SLOW_MS_MAX = 20_500

/** Messages that no part of Dure writes, put into a queue beside those it does. */
async function poison({ center }: Scene, queue: string, messages: readonly unknown[]): Promise<void> {
  await center.redisDo(async (connection) => {
    const into = new Queue(queue, { connection, prefix: bullPrefix(center.settings) })
    // Its connection is closed by whoever gave it, which it need not tell.
    into.on('error', () => {})
    for (const data of messages) await into.add(queue, data)
    await into.close()
  })
}

const garbage: readonly unknown[] = [
  {},
  { commands: [] },
  { commands: 'submit' },
  { commands: [{ id: 'x', command: { type: 'submit', job: -1 } }] },
  { commands: [{ id: 'y', command: { type: 'nonsense' } }] },
  { commands: [{ id: 'z', seq: 'one', command: null }] },
  { runs: [] },
  { runs: 'all' },
  { runs: [{ job: 1 }] },
  { runs: [null] },
  { deep: '['.repeat(5_000) },
  { long: 'x'.repeat(200_000) },
]

/** Revisions in which something happened and that a reader was not told of. */
function missing({ watch }: ChaosCenter, after: number, last: number, told: readonly number[]): string[] {
  const seen = new Set(told)
  const missed = watch.eventful.filter((revision) => revision > after && revision <= last && !seen.has(revision))
  return missed.length === 0 ? [] : [`a reader was never told of revisions ${missed.slice(0, 5).join(', ')}`]
}

export const loadRows: readonly LiveRow[] = [
  {
    kind: 'live',
    name: '10',
    fault: 'every service restarted in turn, under load',
    promise: 'each ends with 0 within 10 s; nothing lost',
    rounds: { short: 0, 'half-hour': 5, overnight: 50 },
    center: {},
    recoveryMsMax: 10_000,
    inject: async ({ center }) => {
      const violations: string[] = []
      const late: string[] = []
      for (const role of center.roles.values()) {
        const fromMs = performance.now()
        const code = await role.restart()
        const tookMs = performance.now() - fromMs
        if (code !== 0) violations.push(`${role.name} ended with ${code}`)
        if (tookMs > 10_000) late.push(`${role.name} took ${Math.round(tookMs)} ms to end`)
        while (!role.isRunning) await pause(20)
        await role.ready
      }
      return { violations, late }
    },
  },
  {
    kind: 'live',
    name: '23',
    fault: 'clocks of processes jump by an hour, back, and by ±30 s',
    promise: 'no change of leaders; nothing early, nothing lost',
    rounds: { short: 0, 'half-hour': 5, overnight: 100 },
    center: {},
    recoveryMsMax: 10_000,
    inject: async ({ center, random }) => {
      const { terms } = center.watch
      const roles = [...center.roles.values()]
      for (let i = 0; i < 12; i++) {
        const shiftMs = i < 4 ? [HOUR_MS, -HOUR_MS][random.int(0, 1)]! : random.int(-30_000, 30_000)
        roles[random.int(0, roles.length - 1)]!.tell({ order: 'clock', shiftMs })
        await pause(250)
      }
      for (const role of roles) role.tell({ order: 'clock', shiftMs: 0 })
      const changes = center.watch.terms - terms
      return { violations: changes === 0 ? [] : [`the leader changed ${changes} times`] }
    },
  },
  {
    kind: 'live',
    name: '26',
    fault: 'messages that nobody can read, in every queue',
    promise: 'the others are carried out; each ends for the record',
    rounds: { short: 1, 'half-hour': 4, overnight: 50 },
    center: {},
    recoveryMsMax: 10_000,
    inject: async (scene) => {
      for (const queue of ['commands', 'runs-gpu', 'runs-npu']) await poison(scene, queue, garbage)
      await pause(1_000)
      return undefined
    },
  },
  {
    kind: 'live',
    name: '29',
    fault: `${SLOW_HEADERS} sockets that send their headers a byte a second, ${SLOW_BODIES} their body`,
    promise: 'let go within 20 s; the others are served within 500 ms (p99)',
    rounds: { short: 0, 'half-hour': 2, overnight: 30 },
    isAlone: true,
    center: {},
    recoveryMsMax: 10_000,
    inject: async ({ center, client }) => {
      const from = client.history.calls.length
      const slow = (count: number, what: 'headers' | 'body') =>
        Array.from({ length: count }, () => askSlowly(center.door, what, 2 * SLOW_MS_MAX))
      const letMs = Math.max(...(await Promise.all([...slow(SLOW_HEADERS, 'headers'), ...slow(SLOW_BODIES, 'body')])))
      const p99 = percentile(client.history.calls.slice(from).map(waitedMs), 99)
      return {
        violations: letMs < 2 * SLOW_MS_MAX ? [] : [`a socket was let for ${Math.round(letMs)} ms, and not let go`],
        late: [
          ...(letMs <= SLOW_MS_MAX ? [] : [`a socket was let for ${Math.round(letMs)} ms`]),
          ...(p99 <= 500 ? [] : [`others were answered in ${p99} ms (p99)`]),
        ],
      }
    },
  },
  {
    kind: 'live',
    name: '30',
    fault: 'one user submits 1,000 jobs, 64 at a time',
    promise: 'what is answered 202 is there; the others are served',
    rounds: { short: 0, 'half-hour': 2, overnight: 30 },
    isAlone: true,
    center: {},
    recoveryMsMax: 30_000,
    inject: async ({ client, random }) => {
      const flood = `flood-${random.int(1, 1e9)}`
      let left = 1_000
      const one = async (): Promise<void> => {
        while (left > 0) await client.submit({ name: `${flood}-${left--}`, user: 'dan', run_time_ms: 100 })
      }
      await Promise.all(Array.from({ length: 64 }, one))
      return undefined
    },
  },
  {
    kind: 'live',
    name: '31',
    fault: '30 readers of events, a third of which never read',
    promise: 'the others miss nothing; the API goes on',
    rounds: { short: 0, 'half-hour': 2, overnight: 10 },
    isAlone: true,
    center: {},
    recoveryMsMax: 10_000,
    inject: async ({ center }) => {
      const over = new AbortController()
      const after = center.watch.revision
      const readers = Array.from({ length: 30 }, (_, i) =>
        readEvents(center.door, { after, isAsleep: i % 3 === 0, signal: over.signal }),
      )
      await pause(6_000)
      over.abort()
      const seen = await Promise.all(readers)
      const awake = seen.filter((_, i) => i % 3 !== 0)
      return {
        violations: [
          ...seen.flatMap(({ faults }) => faults),
          ...awake.flatMap(({ told, last }) => missing(center, after, last, told)),
        ],
      }
    },
  },
  {
    kind: 'live',
    name: '32',
    fault: 'streams of events broken again and again',
    promise: 'none missed, none repeated',
    rounds: { short: 0, 'half-hour': 4, overnight: 50 },
    center: {},
    recoveryMsMax: 10_000,
    inject: async ({ center, random }) => {
      const violations: string[] = []
      const toldOf: number[] = []
      let breaks = 0
      const begin = center.watch.revision
      let after = begin
      for (const untilMs = performance.now() + 5_000; performance.now() < untilMs; breaks++) {
        const signal = AbortSignal.timeout(random.int(20, 300))
        const { faults, told, last } = await readEvents(center.door, { after, isAsleep: false, signal })
        violations.push(...faults)
        toldOf.push(...told)
        after = last
      }
      violations.push(...missing(center, begin, after, toldOf))
      return { violations, counts: { 'times broken': breaks } }
    },
  },
]
