// How API processes tell each other how many requests they have let in, key by key.

import { type RedisSettings, StoreError } from '@dure/engine'
import type { Redis } from 'ioredis'

/** Longer than between two exchanges of a process by far; a key that rests for longer is a new one. */
const LIFE_MS = 60_000

export interface RequestCounts {
  /** Adds what was let in here, by key, and tells what all processes together have let in of these keys. Throws `StoreError`. */
  add(letIn: ReadonlyMap<string, number>): Promise<ReadonlyMap<string, number>>
}

/** For tests: processes that share this object share a store. */
export function memoryCounts(): RequestCounts {
  const totals = new Map<string, number>()
  return {
    add: async (letIn) => {
      for (const [key, count] of letIn) totals.set(key, (totals.get(key) ?? 0) + count)
      return new Map([...letIn.keys()].map((key) => [key, totals.get(key)!]))
    },
  }
}

export function redisCounts(redis: Redis, { prefix }: RedisSettings): RequestCounts {
  return {
    add: async (letIn) => {
      const pipeline = redis.pipeline()
      for (const [key, count] of letIn) {
        const counter = `${prefix}access:requests:${key}`
        pipeline.incrby(counter, count).pexpire(counter, LIFE_MS)
      }
      const replies = (await pipeline.exec()) ?? []
      const failed = replies.find(([error]) => error !== null)?.[0]
      if (failed !== undefined) throw new StoreError('unknown', 'count requests', failed)
      return new Map([...letIn.keys()].map((key, i) => [key, Number(replies[2 * i]![1])]))
    },
  }
}
