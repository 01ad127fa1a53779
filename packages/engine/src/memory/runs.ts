import { randomUUID } from 'node:crypto'
import type { Run, RunKind, Runs } from '../ports.ts'
import { type MemoryStore, queueOf } from './store.ts'

const queueName = (kind: RunKind): string => `runs-${kind}`

export function memoryRuns(store: MemoryStore): Runs {
  return {
    dispatch: async (kind, runs) => {
      if (runs.length > 0) queueOf(store, queueName(kind)).add(randomUUID(), { runs })
    },
    consume: async (kind, concurrency, handler) =>
      queueOf(store, queueName(kind)).consume({
        concurrency,
        onRejected: 'retry',
        handler: async (messages) => {
          await handler(messages.flatMap(({ data }) => (data as { runs: readonly Run[] }).runs))
          for (const message of messages) message.done()
        },
      }),
    backlog: async (kind) => queueOf(store, queueName(kind)).backlog(),
  }
}
