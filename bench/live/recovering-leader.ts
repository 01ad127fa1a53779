// A new leader as a process of its own: takes the lease, recovers, tells what it has and how long it took, and ends.
// Usage, as a forked process: recovering-leader.ts URL PREFIX

import { redisPorts, Term } from '@dure/engine'
import { modelCenter } from '../model/center.ts'

export interface Recovered {
  readonly recoverMs: number
  readonly rssMb: number
  readonly peakMb: number
  readonly live: number
  readonly factsHash: string
  readonly stateHash: string
}

const [url = '', prefix = ''] = process.argv.slice(2)
const ports = await redisPorts({ url, prefix }, 'recovering')
const lease = await ports.lease.acquire('recovering', 600_000)
if (lease.kind !== 'acquired') throw new Error(`the lease is held by ${lease.owner}`)
const options = {
  owner: 'recovering',
  genesis: modelCenter(1),
  genesisMs: 0,
  speed: 1,
  monotonicMs: () => performance.now(),
  poisonous: new Set<string>(),
}
const beganMs = performance.now()
const { center, factsHash } = await Term.begin(ports, options, lease.epoch)
const recovered: Recovered = {
  recoverMs: performance.now() - beganMs,
  rssMb: process.memoryUsage().rss / 1e6,
  peakMb: (process.resourceUsage().maxRSS * 1024) / 1e6,
  live: center.liveCount,
  factsHash,
  stateHash: center.stateHash(),
}
await ports.lease.release(lease.epoch)
await ports.close()
process.send?.(recovered, () => process.disconnect())
