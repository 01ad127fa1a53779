import { setTimeout as pause } from 'node:timers/promises'
import type { AcquireOutcome, Lease } from '../ports.ts'
import type { MemoryStore } from './store.ts'

const CAMPAIGN_PAUSE_MS_MAX = 500

export function memoryLease(store: MemoryStore): Lease {
  const held = () => (store.lease !== undefined && store.lease.expiresMs > store.nowMs() ? store.lease : undefined)

  async function acquire(owner: string, ttlMs: number): Promise<AcquireOutcome> {
    const lease = held()
    if (lease !== undefined) {
      return { kind: 'held', owner: lease.owner, epoch: lease.epoch, remainingMs: lease.expiresMs - store.nowMs() }
    }
    store.epoch += 1
    store.lease = { epoch: store.epoch, owner, expiresMs: store.nowMs() + ttlMs }
    return { kind: 'acquired', epoch: store.epoch }
  }

  async function campaign(owner: string, ttlMs: number, signal: AbortSignal) {
    while (!signal.aborted) {
      const outcome = await acquire(owner, ttlMs)
      if (outcome.kind === 'acquired') return { epoch: outcome.epoch }
      const waitMs = Math.min(outcome.remainingMs + 1, CAMPAIGN_PAUSE_MS_MAX)
      await pause(waitMs, undefined, { signal }).catch(() => {})
    }
    return null
  }

  return {
    acquire,
    campaign,
    renew: async (epoch, ttlMs) => {
      const lease = held()
      if (lease === undefined || lease.epoch !== epoch) return false
      lease.expiresMs = store.nowMs() + ttlMs
      return true
    },
    release: async (epoch) => {
      if (held()?.epoch === epoch) store.lease = undefined
    },
  }
}
