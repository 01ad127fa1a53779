// One look at a whole center: what each process and Redis hold, and what has become of the jobs.

import { readdirSync, readFileSync } from 'node:fs'
import type { ChaosCenter } from '../chaos/center/chaos-center.ts'
import { type KeyGroup, keyGroups, type StoreSample, sampleStore } from './store-sample.ts'

interface ProcessSample {
  readonly name: string
  readonly rssMib: number
  readonly fds: number
  /** In the heap and in buffers after a collection; null where it was not asked, or did not answer. */
  readonly heldMib: number | null
}

export interface CenterSample {
  /** Since the first submit. */
  readonly atS: number
  readonly processes: readonly ProcessSample[]
  readonly store: StoreSample
  /** Null where nobody looked. */
  readonly groups: readonly KeyGroup[] | null
}

const MIB = 2 ** 20

/** `isThorough`: collects garbage in every process, and looks at every key. */
export async function sampleCenter(center: ChaosCenter, atS: number, isThorough: boolean): Promise<CenterSample> {
  const { prefix } = center.settings
  const store = await center.redisDo((redis) => sampleStore(redis, prefix))
  const processes: ProcessSample[] = []
  for (const role of center.roles.values()) {
    // One after another: a collection stops its process, and all at once would stop the center.
    const held = isThorough ? await role.heldBytes() : undefined
    processes.push({ name: role.name, ...seenOf(role.pid), heldMib: held === undefined ? null : held / MIB })
  }
  processes.push({ name: 'redis', ...seenOf(center.redis.pid), heldMib: null })
  const groups = isThorough ? await center.redisDo((redis) => keyGroups(redis, prefix)) : null
  return { atS, processes, store, groups }
}

function seenOf(pid: number): { readonly rssMib: number; readonly fds: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return {
    rssMib: Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024,
    fds: readdirSync(`/proc/${pid}/fd`).length,
  }
}
