// The leader dies, is paused, is cut off, or is not the only one.

import { setTimeout as pause } from 'node:timers/promises'
import type { LiveRow, Scene } from './row.ts'

/** A lease lives five seconds: whoever sleeps longer has lost it. */
const PAUSE_MS = [5_500, 8_000] as const

/** Where a leader may end: between any two things it does with the world. Rounds take them in turn. */
const LEADER_POINTS = [
  'ledger.append before',
  'ledger.append after',
  'runs.dispatch before',
  'runs.dispatch after',
  'registry.remove before',
  'registry.all after',
  'lease.renew after',
  'clock.publish after',
] as const

export const schedulerRows: readonly LiveRow[] = [
  {
    kind: 'live',
    name: '4',
    fault: 'leader killed at random',
    promise: 'another leads and works within 10 s',
    rounds: { short: 1, 'half-hour': 30, overnight: 500 },
    center: {},
    recoveryMsMax: 10_000,
    inject: async ({ center }) => {
      await (await center.leader()).kill()
      return undefined
    },
  },
  {
    kind: 'live',
    name: '4b',
    fault: 'leader killed between two of its calls',
    promise: 'another leads and works within 10 s',
    rounds: { short: 1, 'half-hour': 16, overnight: 300 },
    center: {},
    recoveryMsMax: 10_000,
    inject: async ({ center, round }) => {
      const leader = await center.leader()
      const point = LEADER_POINTS[(round - 1) % LEADER_POINTS.length]!
      leader.tell({ order: 'crash', point })
      // Some are passed only every few seconds.
      if (!(await leader.ended(7_000))) await leader.kill()
      return undefined
    },
  },
  {
    kind: 'live',
    name: '5',
    fault: 'leader put to sleep before a write for longer than its lease, then woken',
    promise: 'the write is refused; 10 s',
    rounds: { short: 1, 'half-hour': 8, overnight: 100 },
    center: {},
    recoveryMsMax: 10_000,
    inject: async ({ center, random }) => {
      const leader = await center.leader()
      const refusedBefore = leader.refusedWrites
      // In the middle of things: what it was about to write is the first that it does when it wakes.
      leader.tell({ order: 'sleep', point: 'ledger.append before' })
      if (!(await leader.asleep(10_000))) throw new Error('the leader wrote nothing for 10 s')
      await pause(random.int(...PAUSE_MS))
      leader.goOn()
      await pause(500)
      return { counts: { 'writes refused': leader.refusedWrites - refusedBefore } }
    },
  },
  {
    kind: 'live',
    name: '6',
    fault: 'lease key deleted, so that two believe they lead',
    promise: 'one of them writes; epochs rise',
    rounds: { short: 1, 'half-hour': 20, overnight: 100 },
    center: {},
    recoveryMsMax: 10_000,
    inject: async ({ center }) => {
      const before = center.watch.epoch
      await center.redisDo((redis) => redis.del(`${center.settings.prefix}lease`))
      const rose = await center.watch.until(() => center.watch.epoch > before, 8_000)
      return { violations: rose ? [] : ['nobody took the lease that was free'] }
    },
  },
  {
    kind: 'live',
    name: '9',
    fault: 'event loop of the leader blocked for 15 s',
    promise: 'another leads meanwhile; nothing twice',
    rounds: { short: 0, 'half-hour': 2, overnight: 30 },
    isAlone: true,
    center: {},
    recoveryMsMax: 10_000,
    inject: async ({ center }) => {
      const before = center.watch.epoch
      const leader = await center.leader()
      leader.tell({ order: 'busy', ms: 15_000 })
      const rose = await center.watch.until(() => center.watch.epoch > before, 10_000)
      await pause(5_000)
      return { late: rose ? [] : ['nobody took over within 10 s'] }
    },
  },
  {
    kind: 'live',
    name: '22',
    fault: 'leader sends and hears nothing, for 12 s',
    promise: 'it steps down within 10 s; at most 3 terms',
    rounds: { short: 0, 'half-hour': 3, overnight: 50 },
    center: { withProxies: true },
    recoveryMsMax: 10_000,
    inject: (scene) => cutOff(scene, { toClient: false }),
  },
  {
    kind: 'live',
    name: '22b',
    fault: 'leader hears and cannot send, for 12 s',
    promise: 'it steps down within 10 s; what was on its way is refused',
    rounds: { short: 0, 'half-hour': 3, overnight: 50 },
    center: { withProxies: true },
    recoveryMsMax: 10_000,
    inject: (scene) => cutOff(scene, { toServer: false }),
  },
]

async function cutOff({ center }: Scene, line: { toServer?: false; toClient?: false }) {
  const { epoch, terms } = center.watch
  const leader = await center.leader()
  center.proxy(leader.name).setLine(line)
  const isFollowed = await center.watch.until(() => center.watch.epoch > epoch, 10_000)
  await pause(isFollowed ? 4_000 : 2_000)
  center.proxy(leader.name).setLine({})
  await pause(1_000)
  const begun = center.watch.terms - terms
  return {
    violations: begun <= 3 ? [] : [`${begun} terms began`],
    late: isFollowed ? [] : ['nobody took over within 10 s'],
  }
}
