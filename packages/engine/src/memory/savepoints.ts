import type { Savepoints } from '../ports.ts'
import type { MemoryStore } from './store.ts'

export function memorySavepoints(store: MemoryStore): Savepoints {
  return {
    store: async (savepoint) => {
      if (savepoint.revision <= (store.savepoint?.revision ?? -1)) return
      store.savepoint = { ...savepoint, bytes: savepoint.bytes.slice() }
    },
    newest: async () => store.savepoint,
  }
}
