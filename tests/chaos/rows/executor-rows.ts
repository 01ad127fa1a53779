// An executor dies, sleeps, or is busy with something else.

import { setTimeout as pause } from 'node:timers/promises'
import type { LiveRow } from './row.ts'

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
    inject: async ({ center, random }) => {
      await center.executors[random.int(0, 1)]!.kill()
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
    inject: async ({ center, random }) => {
      const executor = center.executors[random.int(0, 1)]!
      executor.tell({ order: 'crash', point: EXECUTOR_POINTS[random.int(0, EXECUTOR_POINTS.length - 1)]! })
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
      const executor = center.executors[random.int(0, 1)]!
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
    center: {},
    recoveryMsMax: 20_000,
    inject: async ({ center, random }) => {
      center.executors[random.int(0, 1)]!.tell({ order: 'busy', ms: 15_000 })
      await pause(15_000)
      return undefined
    },
  },
]
