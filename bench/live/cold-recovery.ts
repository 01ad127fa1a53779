// Recovery as it is when it matters: in a process that has just been started.

import { once } from 'node:events'
import type { RedisSettings } from '@dure/engine'
import { messageOf, startProcess } from '../process.ts'
import type { Recovered } from './recovering-leader.ts'

/** Recovers what lies under the prefix; nobody may hold the lease. */
export async function recoverCold({ url, prefix }: RedisSettings): Promise<Recovered> {
  const child = startProcess(new URL('./recovering-leader.ts', import.meta.url), [url, prefix])
  const ended = once(child, 'exit')
  const recovered = (await messageOf(child)) as Recovered
  await ended
  return recovered
}
