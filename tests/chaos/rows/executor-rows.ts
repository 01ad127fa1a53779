// An executor dies, sleeps, or is busy with something else.

import { setTimeout as pause } from 'node:timers/promises'
import type { ChaosCenter } from '../center/chaos-center.ts'
import type { Role } from '../center/role.ts'
import type { LiveRow } from './row.ts'

/** The executor that plays most runs; waits until one plays any. */
async function busiestExecutor({ executors, ports }: ChaosCenter): Promise<Role> {
  for (const untilMs = performance.now() + 10_000; performance.now() < untilMs; await pause(20)) {
    const runs = await ports.registry.all()
    const playedBy = ({ pid }: Role): number => runs.filter(({ owner }) => owner.includes(`-${pid}-`)).length
    const [busiest] = executors.toSorted((a, b) => playedBy(b) - playedBy(a))
    if (busiest !== undefined && playedBy(busiest) > 0) return busiest
  }
  throw new Error('no executor has played anything for 10 s')
}

/** Rounds take them in turn. */
const EXECUTOR_POINTS = [
  'registry.record before',
  'registry.record after',
  'commands.sendMany before',
  'commands.sendMany after',
  'registry.remove before',
  'registry.adopt after',
  'registry.due after',
] as const

export const executorRows: readonly LiveRow[] = [
  {
    kind: 'live',
    name: '7',
    fault: 'executor killed with runs in its hands',
    promise: 'its runs end at another within 20 s',
    rounds: { short: 0, 'half-hour': 8, overnight: 300 },
    center: {},
    recoveryMsMax: 20_000,
    inject: async ({ center }) => {
      await (await busiestExecutor(center)).kill()
      return undefined
    },
  },
  {
    kind: 'live',
    name: '7b',
    fault: 'executor killed between two of its calls',
    promise: 'its runs end at another within 20 s',
    rounds: { short: 1, 'half-hour': 8, overnight: 300 },
    center: {},
    recoveryMsMax: 20_000,
    inject: async ({ center, round }) => {
      const executor = await busiestExecutor(center)
      executor.tell({ order: 'crash', point: EXECUTOR_POINTS[(round - 1) % EXECUTOR_POINTS.length]! })
      if (!(await executor.ended(5_000))) await executor.kill()
      return undefined
    },
  },
  {
    kind: 'live',
    name: '8',
    fault: 'executor paused until its runs are adopted, then woken',
    promise: 'no run has its effect twice',
    rounds: { short: 0, 'half-hour': 3, overnight: 100 },
    center: {},
    recoveryMsMax: 20_000,
    inject: async ({ center, random }) => {
      const executor = await busiestExecutor(center)
      executor.pause()
      await pause(random.int(13_000, 20_000))
      executor.goOn()
      return undefined
    },
  },
  {
    kind: 'live',
    name: '9b',
    fault: 'event loop of an executor blocked for 15 s',
    promise: 'its runs end at another; nothing twice',
    rounds: { short: 0, 'half-hour': 2, overnight: 30 },
    isAlone: true,
    center: {},
    recoveryMsMax: 20_000,
    inject: async ({ center }) => {
      const executor = await busiestExecutor(center)
      executor.tell({ order: 'busy', ms: 15_000 })
      await pause(15_000)
      return undefined
    },
  },
]
