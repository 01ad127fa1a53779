// Several faults at once, drawn from the seed.

import { setTimeout as pause } from 'node:timers/promises'
import type { LiveRow, Scene } from './row.ts'

const faults: readonly ((scene: Scene) => Promise<unknown>)[] = [
  async ({ center }) => (await center.leader()).kill(),
  async ({ center, random }) => center.executors[random.int(0, 1)]!.kill(),
  async ({ center }) => center.role('api').kill(),
  async ({ center, random }) => {
    await center.redis.kill()
    await pause(random.int(500, 4_000))
    await center.redis.restart()
  },
  async ({ center }) => center.redisDo((redis) => redis.del(`${center.settings.prefix}lease`)).catch(() => {}),
  async ({ center, random }) => {
    const leader = await center.leader()
    leader.pause()
    await pause(random.int(2_000, 7_000))
    leader.goOn()
  },
  async ({ center, random }) => {
    const executor = center.executors[random.int(0, 1)]!
    executor.pause()
    await pause(random.int(2_000, 7_000))
    executor.goOn()
  },
  async ({ center, random }) => {
    const names = [...center.roles.keys()]
    const proxy = center.proxy(names[random.int(0, names.length - 1)]!)
    proxy.setLine(random.chance(0.5) ? { toClient: false } : { toServer: false, toClient: false })
    await pause(random.int(2_000, 7_000))
    proxy.setLine({})
  },
]

export const mixedRow: LiveRow = {
  kind: 'live',
  name: 'mix',
  fault: 'two or three of these at once, or one after another',
  promise: 'all six invariants; back within 20 s',
  rounds: { short: 1, 'half-hour': 12, overnight: 500 },
  center: { withProxies: true },
  recoveryMsMax: 20_000,
  inject: async (scene) => {
    const { random } = scene
    const drawn = Array.from({ length: random.int(2, 3) }, () => faults[random.int(0, faults.length - 1)]!)
    const delays = drawn.map(() => random.int(0, 1_500))
    await Promise.all(
      drawn.map(async (fault, i) => {
        await pause(delays[i]!)
        await fault(scene)
      }),
    )
    return undefined
  },
}
