import { campaign } from '../campaign.ts'
import type { AcquireOutcome, Lease } from '../ports.ts'
import type { MemoryStore } from './store.ts'

export function memoryLease(store: MemoryStore): Lease {
  const held = () => (store.lease !== undefined && store.lease.expiresMs > store.nowMs() ? store.lease : undefined)

  async function acquire(owner: string, ttlMs: number): Promise<AcquireOutcome> {
    const lease = held()
    if (lease !== undefined) {
      // The store's clock was set back: nobody waits longer than a lease lives.
      lease.expiresMs = Math.min(lease.expiresMs, store.nowMs() + ttlMs)
      return { kind: 'held', owner: lease.owner, epoch: lease.epoch, remainingMs: lease.expiresMs - store.nowMs() }
    }
    store.epoch += 1
    store.lease = { epoch: store.epoch, owner, expiresMs: store.nowMs() + ttlMs }
    return { kind: 'acquired', epoch: store.epoch }
  }

  return {
    acquire,
    campaign: (owner, ttlMs, signal) => campaign(() => acquire(owner, ttlMs), signal),
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
