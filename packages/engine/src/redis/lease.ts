// The lease on one Redis key with a time to live, and the epoch beside it.

import { setTimeout as pause } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import type { AcquireOutcome, Lease } from '../ports.ts'
import { type RedisSettings, withStoreErrors } from './connect.ts'
import { loadScript, runScript } from './script.ts'

const acquireScript = loadScript('lease-acquire')
const keepScript = loadScript('lease-keep')

/** Longest pause of a candidate: a lease given up in good order is taken within this time. */
const CAMPAIGN_PAUSE_MS_MAX = 500

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

  async function campaign(
    owner: string,
    ttlMs: number,
    signal: AbortSignal,
  ): Promise<{ readonly epoch: number } | null> {
    while (!signal.aborted) {
      // A candidate outlives an outage: there is nothing else for it to do than to try again.
      const outcome = await acquire(owner, ttlMs).catch(() => undefined)
      if (outcome?.kind === 'acquired') return { epoch: outcome.epoch }
      const remainingMs = outcome?.remainingMs ?? CAMPAIGN_PAUSE_MS_MAX
      await pause(Math.min(remainingMs + 5, CAMPAIGN_PAUSE_MS_MAX), undefined, { signal }).catch(() => {})
    }
    return null
  }

  async function keep(epoch: number, ttlMs: number, doing: string): Promise<boolean> {
    return (await withStoreErrors(doing, () => runScript(redis, keepScript, [leaseKey], [epoch, ttlMs]))) === 1
  }

  return {
    acquire,
    campaign,
    renew: (epoch, ttlMs) => keep(epoch, ttlMs, 'renew the lease'),
    release: async (epoch) => {
      await keep(epoch, 0, 'release the lease')
    },
  }
}
