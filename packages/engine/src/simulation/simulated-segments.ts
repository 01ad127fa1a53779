// The folder of segments, on a disk that all machines share. What is written to it takes a while, and is there whatever becomes of
// the store; now and then it has no room.

import { type Segments, StoreError } from '../ports.ts'
import type { Life } from './life.ts'

const DISK_MS_MEAN = 20
const FAILURES = 0.02

export function simulatedSegments(life: Life, disk: Segments): Segments {
  const random = life.world.stream(`disk of ${life.name}`)

  function onDisk<T>(operation: string, act: () => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    life.trap?.at(operation, 'before')
    life.after(random.exponential(DISK_MS_MEAN), () => {
      if (life.world.trace !== undefined) life.world.tell(`${life.name} ${operation}`)
      const done = act()
      life.trap?.at(operation, 'during')
      if (life.isDead) return
      done.then(resolve, reject)
      const { trap } = life
      if (trap !== undefined) life.world.after(0, () => trap.at(operation, 'after'))
    })
    return promise
  }

  return {
    store: (entries) =>
      onDisk('segments.store', async () => {
        if (random.chance(FAILURES)) throw new StoreError('none', 'keep a segment', 'no space left on device')
        await disk.store(entries)
      }),
    leadingTo: (end) => onDisk('segments.leadingTo', () => disk.leadingTo(end)),
    read: (segment) => onDisk('segments.read', () => disk.read(segment)),
  }
}
