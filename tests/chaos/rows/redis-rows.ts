// Redis dies, is away, is full, is slow, or cannot write.

import { execFileSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { percentile } from '@dure/bench/statistics'
import type { ChaosCenter, ChaosCenterOptions } from '../center/chaos-center.ts'
import { type Call, type History, waitedMs } from '../client/history.ts'
import type { Injected, LiveRow, Scene } from './row.ts'

/** A submit while Redis is away is told so within this time. */
const REFUSED_MS_MAX = 1_000
/** Where nothing tells that Redis is not just slow, after five seconds. */
const SILENT_MS_MAX = 6_000

async function away({ center, client }: Scene, ms: number): Promise<Injected> {
  const fromMs = Date.now()
  await center.redis.kill()
  await pause(ms)
  const late = slowRefusals(client.history, fromMs)
  const violations = await notReady(client)
  await center.redis.restart()
  return { violations, late }
}

/** Calls made while Redis was away whose callers waited for nothing. */
function slowRefusals({ calls }: History, fromMs: number, msMax = REFUSED_MS_MAX): string[] {
  const slow = calls.filter((call: Call) => call.invokedMs >= fromMs && waitedMs(call) > msMax)
  return slow.length === 0
    ? []
    : [`${slow.length} calls waited for up to ${Math.max(...slow.map(waitedMs))} ms while Redis was away`]
}

async function notReady(client: Scene['client']): Promise<string[]> {
  const { status } = await client.get('/readyz')
  return status === 503 ? [] : [`/readyz answered ${status} while Redis was away`]
}

const killRow = (appendfsync: 'always' | 'everysec', name: string): LiveRow => ({
  kind: 'live',
  name,
  fault: `Redis (${appendfsync}) killed, back after 3 s`,
  promise: 'nothing acknowledged is lost; 10 s',
  rounds: { short: appendfsync === 'always' ? 1 : 0, 'half-hour': 10, overnight: 100 },
  center: { redis: { appendfsync } },
  recoveryMsMax: 10_000,
  inject: (scene) => away(scene, 3_000),
})

const awayRow = (seconds: number, rounds: LiveRow['rounds']): LiveRow => ({
  kind: 'live',
  name: `12 (${seconds} s)`,
  fault: `Redis away for ${seconds} s`,
  promise: 'back within 10 s; refused within 1 s meanwhile',
  rounds,
  center: {},
  perSecond: 10,
  recoveryMsMax: 10_000,
  inject: (scene) => away(scene, seconds * 1_000),
})

/** Becomes redis-server with a limit on the size of files, which then is an error of the write instead of the end of it. */
const limitable = { launcher: ['/bin/sh', '-c', 'trap \'\' XFSZ; exec "$@"', 'redis'] } as const

const aofBytes = ({ redis }: ChaosCenter): number => {
  const folder = join(redis.directory, 'appendonlydir')
  return Math.max(...readdirSync(folder).map((file) => statSync(join(folder, file)).size))
}

const limitFiles = ({ redis }: ChaosCenter, bytes: number | 'unlimited'): void => {
  execFileSync('prlimit', ['--pid', `${redis.pid}`, `--fsize=${bytes}:unlimited`])
}

const diskRow = (appendfsync: 'always' | 'everysec', name: string): LiveRow => ({
  kind: 'live',
  name,
  fault: `disk full for 6 s (${appendfsync})`,
  promise: 'nothing acknowledged is lost; 15 s',
  rounds: { short: 0, 'half-hour': 4, overnight: 50 },
  center: { redis: { appendfsync, ...limitable } } as ChaosCenterOptions,
  recoveryMsMax: 15_000,
  inject: async ({ center, random }) => {
    limitFiles(center, aofBytes(center) + random.int(0, 4_096))
    await pause(6_000)
    // With `always` Redis ends when it cannot write; with `everysec` it refuses writes until it can.
    const isRunning = center.redis.isRunning
    if (isRunning) limitFiles(center, 'unlimited')
    else await center.redis.restart()
    return { counts: { 'Redis ended by itself': isRunning ? 0 : 1 } }
  },
})

export const redisRows: readonly LiveRow[] = [
  killRow('always', '11'),
  killRow('everysec', '11b'),
  awayRow(20, { short: 0, 'half-hour': 3, overnight: 10 }),
  awayRow(60, { short: 0, 'half-hour': 1, overnight: 10 }),
  awayRow(300, { short: 0, 'half-hour': 0, overnight: 10 }),
  {
    kind: 'live',
    name: '17',
    fault: 'Redis out of memory for 10 s',
    promise: '503 meanwhile; nothing lost, nothing twice; 15 s',
    rounds: { short: 0, 'half-hour': 4, overnight: 50 },
    center: {},
    recoveryMsMax: 15_000,
    inject: async ({ center, client }) => {
      const limit = (bytes: string) => center.redisDo((redis) => redis.config('SET', 'maxmemory', bytes))
      await limit('1mb')
      const fromMs = Date.now()
      await pause(10_000)
      const accepted = client.history.calls.filter(
        ({ act, invokedMs, outcome }) => act === 'submit' && invokedMs > fromMs + 100 && outcome === 'ok',
      )
      await limit('0')
      return { counts: { 'accepted while full': accepted.length } }
    },
  },
  diskRow('always', '19'),
  diskRow('everysec', '19b'),
  {
    kind: 'live',
    name: '20',
    fault: 'Redis stands still for 2 s in every 10, three times',
    promise: 'at most one change of leaders; submits within 3 s (p99)',
    rounds: { short: 0, 'half-hour': 2, overnight: 30 },
    isAlone: true,
    center: {},
    recoveryMsMax: 10_000,
    inject: async ({ center, client }) => {
      const { terms } = center.watch
      const from = client.history.calls.length
      for (let i = 0; i < 3; i++) {
        process.kill(center.redis.pid, 'SIGSTOP')
        await pause(2_000)
        process.kill(center.redis.pid, 'SIGCONT')
        await pause(8_000)
      }
      const p99 = percentile(client.history.calls.slice(from).map(waitedMs), 99)
      const changes = center.watch.terms - terms
      return {
        violations: changes <= 1 ? [] : [`the leader changed ${changes} times`],
        late: p99 <= 3_000 ? [] : [`submits took ${p99} ms (p99)`],
      }
    },
  },
  {
    kind: 'live',
    name: '20b',
    fault: 'every message to and from Redis takes 50 ms, for 10 s',
    promise: 'no change of leaders',
    rounds: { short: 0, 'half-hour': 3, overnight: 30 },
    center: { withProxies: true },
    recoveryMsMax: 10_000,
    inject: async ({ center }) => {
      const { terms } = center.watch
      for (const name of center.roles.keys()) center.proxy(name).setLine({ delayMs: 50 })
      await pause(10_000)
      for (const name of center.roles.keys()) center.proxy(name).setLine({})
      const changes = center.watch.terms - terms
      return { violations: changes === 0 ? [] : [`the leader changed ${changes} times`] }
    },
  },
  {
    kind: 'live',
    name: '21',
    fault: 'API cut off from Redis for 10 s',
    promise: '/readyz red; a submit fails within 6 s; green within 5 s',
    rounds: { short: 0, 'half-hour': 4, overnight: 50 },
    center: { withProxies: true },
    perSecond: 10,
    recoveryMsMax: 10_000,
    inject: async ({ center, client }) => {
      center.proxy('api').setLine({ toServer: false, toClient: false })
      const fromMs = Date.now()
      const readyz = await notReady(client)
      await pause(8_000)
      const late = slowRefusals(client.history, fromMs, SILENT_MS_MAX)
      center.proxy('api').setLine({})
      const mendedMs = performance.now()
      while ((await client.get('/readyz')).status !== 200 && performance.now() - mendedMs < 20_000) await pause(50)
      const greenMs = performance.now() - mendedMs
      if (greenMs > 5_000) late.push(`/readyz was green after ${Math.round(greenMs)} ms`)
      return { violations: readyz, late }
    },
  },
]
