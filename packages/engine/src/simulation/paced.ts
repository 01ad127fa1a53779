// A simulated world that keeps pace with the machine's clock, so that what waits for real time can be tried on it: the contracts
// of the ports.

import type { World as ContractWorld } from '../testing/world.ts'
import { soundLink } from './connection.ts'
import { Life } from './life.ts'
import { RedisModel } from './redis-model.ts'
import { simulatedPorts } from './simulated-ports.ts'
import { Watcher } from './watcher.ts'
import { World } from './world.ts'

/** The contracts write bytes that are no entries of a center, so nobody looks into them. */
class IncuriousWatcher extends Watcher {
  override appended(): void {}
}

export function pacedWorld(seed: number): ContractWorld {
  const world = new World(seed)
  const redis = new RedisModel(world, 'always', new IncuriousWatcher(() => world.nowMs))
  const beganMs = performance.now()
  const lives: Life[] = []
  let isClosed = false
  const going = (async () => {
    while (!isClosed) await world.run(performance.now() - beganMs)
  })()
  return {
    connect: async () => {
      const link = soundLink(`process ${lives.length}`)
      redis.links.add(link)
      const life = new Life(world, link.name)
      lives.push(life)
      return simulatedPorts(life, link, redis)
    },
    close: async () => {
      isClosed = true
      await going
    },
  }
}
