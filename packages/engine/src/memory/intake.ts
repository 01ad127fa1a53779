import { LOST_NUMBERS_MAX } from '../lost-numbers.ts'
import type { Intake, Reservation, ReserveOutcome } from '../ports.ts'
import type { MemoryStore } from './store.ts'

const DAY_MS = 86_400_000
const FOLDED_LIFE_MS = 60_000

export function memoryIntake(store: MemoryStore): Intake {
  const requestKey = (scope: string, key: string): string => JSON.stringify([scope, key])

  function request(scope: string, key: string) {
    const found = store.requests.get(requestKey(scope, key))
    return found !== undefined && store.nowMs() - found.atMs < DAY_MS ? found : undefined
  }

  async function reserve({ idempotency, accepted }: Reservation): Promise<ReserveOutcome> {
    if (idempotency !== undefined) {
      const earlier = request(idempotency.scope, idempotency.key)
      if (earlier !== undefined) {
        if (earlier.bodyHash !== idempotency.bodyHash) return { kind: 'mismatch' }
        if (earlier.response !== undefined) {
          return { kind: 'replay', seq: earlier.seq, response: earlier.response.value }
        }
        return { kind: 'pending', seq: earlier.seq, ageMs: store.nowMs() - earlier.atMs }
      }
    }
    if (store.intakeLosses !== store.losses) {
      store.intake += LOST_NUMBERS_MAX
      store.intakeLosses = store.losses
    }
    store.intake += 1
    const seq = store.intake
    if (idempotency !== undefined) {
      const { scope, key, bodyHash } = idempotency
      store.requests.set(requestKey(scope, key), { seq, bodyHash, atMs: store.nowMs(), response: undefined })
    }
    if (accepted !== undefined) {
      store.accepted.set(seq, { record: structuredClone(accepted), expiresMs: store.nowMs() + 7 * DAY_MS })
    }
    return { kind: 'reserved', seq }
  }

  return {
    reserve,
    settle: async (scope, key, response) => {
      const found = request(scope, key)
      if (found !== undefined) found.response = { value: structuredClone(response) }
    },
    accepted: async (job) => {
      const found = store.accepted.get(job)
      return found !== undefined && found.expiresMs > store.nowMs() ? found.record : undefined
    },
    folded: async (jobs) => {
      for (const job of jobs) {
        const found = store.accepted.get(job)
        if (found !== undefined) found.expiresMs = store.nowMs() + FOLDED_LIFE_MS
      }
    },
    last: async () => store.intake,
    continueAfter: async (seq) => {
      store.intake = Math.max(store.intake, seq)
    },
  }
}
