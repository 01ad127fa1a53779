// The lease on one Redis key with a time to live, and the epoch beside it.

import type { Redis } from 'ioredis'
import { campaign } from '../campaign.ts'
import type { AcquireOutcome, Lease } from '../ports.ts'
import { type RedisSettings, withStoreErrors } from './connect.ts'
import { loadScript, runScript } from './script.ts'

const acquireScript = loadScript('lease-acquire')
const keepScript = loadScript('lease-keep')

export function redisLease(redis: Redis, settings: RedisSettings): Lease {
  const leaseKey = `${settings.prefix}lease`
  const epochKey = `${settings.prefix}epoch`

  function acquire(owner: string, ttlMs: number): Promise<AcquireOutcome> {
    return withStoreErrors('acquire the lease', async () => {
      const reply = (await runScript(redis, acquireScript, [leaseKey, epochKey], [owner, ttlMs])) as
        | ['acquired', number]
        | ['held', string, number]
      if (reply[0] === 'acquired') return { kind: 'acquired', epoch: reply[1] }
      const [epoch = '0', ...rest] = reply[1].split(' ')
      return { kind: 'held', owner: rest.join(' '), epoch: Number(epoch), remainingMs: Math.max(reply[2], 0) }
    })
  }

  async function keep(epoch: number, ttlMs: number, doing: string): Promise<boolean> {
    return (await withStoreErrors(doing, () => runScript(redis, keepScript, [leaseKey], [epoch, ttlMs]))) === 1
  }

  return {
    acquire,
    campaign: (owner, ttlMs, signal) => campaign(() => acquire(owner, ttlMs), signal),
    renew: (epoch, ttlMs) => keep(epoch, ttlMs, 'renew the lease'),
    release: async (epoch) => {
      await keep(epoch, 0, 'release the lease')
    },
  }
}
