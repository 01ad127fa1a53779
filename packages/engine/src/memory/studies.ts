import type { Studies, StudyPiece, StudyRecord } from '../ports.ts'
import { type MemoryStore, type MemoryStudy, queueOf } from './store.ts'

const QUEUE = 'studies'

const recordOf = ({ record, rows }: MemoryStudy): StudyRecord => ({ ...record, rows: rows.size })

export function memoryStudies(store: MemoryStore): Studies {
  const { studies } = store
  return {
    begin: async (question) => {
      const known = studies.get(question.id)
      if (known === undefined) {
        const record = { ...structuredClone(question), state: 'running', sentence: null } as const
        studies.set(question.id, { record, rows: new Map() })
        return 'begun'
      }
      if (known.record.state === 'running' || known.record.state === 'completed') return 'known'
      known.record = { ...known.record, state: 'running', sentence: null }
      return 'resumed'
    },
    find: async (id) => {
      const known = studies.get(id)
      return known === undefined ? undefined : structuredClone(recordOf(known))
    },
    list: async () =>
      [...studies.values()]
        .map(recordOf)
        .map(({ study: _, ...record }) => record)
        .sort((a, b) => b.askedAtMs - a.askedAtMs || (a.id < b.id ? 1 : -1)),
    addRow: async (study, piece, row) => {
      const known = studies.get(study)
      if (known?.record.state !== 'running') return undefined
      if (!known.rows.has(piece)) known.rows.set(piece, structuredClone(row))
      return known.rows.size
    },
    hasRow: async (study, piece) => studies.get(study)?.rows.has(piece) ?? false,
    rows: async (study) => structuredClone([...(studies.get(study)?.rows.values() ?? [])]),
    end: async (study, state, sentence) => {
      const known = studies.get(study)
      if (known?.record.state !== 'running') return false
      known.record = { ...known.record, state, sentence: sentence ?? null }
      return true
    },
    dispatch: async (study, pieces) => {
      for (const piece of pieces) queueOf(store, QUEUE).add(`${study}-${piece.id}`, { study, piece })
    },
    consume: async (concurrency, handler) =>
      queueOf(store, QUEUE).consume({
        concurrency,
        onRejected: 'retry',
        handler: async (messages) => {
          for (const { data, deliveries, done } of messages) {
            handler({ ...(data as { study: string; piece: StudyPiece }), deliveries, settle: done })
          }
        },
      }),
    backlog: async () => queueOf(store, QUEUE).backlog(),
  }
}
