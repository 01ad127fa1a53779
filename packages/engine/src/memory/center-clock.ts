import type { CenterClock } from '../ports.ts'
import type { MemoryStore } from './store.ts'

export function memoryCenterClock(store: MemoryStore): CenterClock {
  return {
    publish: async (reading) => {
      if (reading.epoch !== store.epoch) return false
      store.clock = { ...reading, publishedMs: store.nowMs() }
      return true
    },
    read: async () => {
      if (store.clock === undefined) return undefined
      const { publishedMs, ...reading } = store.clock
      return { ...reading, ageMs: store.nowMs() - publishedMs }
    },
  }
}
