// A leader as a process of its own: made to be paused and killed.
// Usage: node leading-process.ts URL PREFIX LEASE_TTL_MS. Prints the epoch of each of its terms, a line each.

import type { CenterConfig } from '@dure/core'
import { easy } from '@dure/core'
import { lead } from '../leader/lead.ts'
import { redisPorts } from '../redis/index.ts'

const [url = '', prefix = '', leaseTtlMs = ''] = process.argv.slice(2)
const genesis: CenterConfig = {
  name: 'paused',
  pools: [
    {
      name: 'gpu',
      kind: 'gpu',
      model: 'H100',
      nodes: 2,
      perNode: { cpuMilli: 64_000, memoryMib: 65_536, accelerators: 8 },
    },
  ],
  accounts: [{ name: 'a', parent: null, shares: 1 }],
  associations: [{ account: 'a', user: 'u', shares: 1 }],
  policy: easy,
}
await lead(
  await redisPorts({ url, prefix }, 'leading'),
  {
    owner: `process-${process.pid}`,
    genesis,
    genesisMs: 0,
    speed: 1,
    leaseTtlMs: Number(leaseTtlMs),
    concurrency: 16,
    monotonicMs: () => performance.now(),
    logger: { info: () => {}, warn: () => {}, error: () => {} },
    onTerm: ({ epoch }) => process.stdout.write(`${epoch}\n`),
  },
  new AbortController().signal,
)
