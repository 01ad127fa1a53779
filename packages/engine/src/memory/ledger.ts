import { entrySha, GENESIS_SHA, verifyChain } from '../ledger-chain.ts'
import {
  type Append,
  type AppendOutcome,
  type ChainLink,
  type Ledger,
  type LedgerEntry,
  LedgerTrimmed,
} from '../ports.ts'
import type { MemoryStore } from './store.ts'

const FOLLOW_COUNT = 128

/** The ledger as an array, the oldest kept entry first. */
export function memoryLedger(store: MemoryStore): Ledger {
  const { ledger } = store
  /** The entry last written or read here: whoever knows another than the store has does not write on. */
  let known: ChainLink | undefined

  async function append(entry: Append): Promise<AppendOutcome> {
    if (entry.epoch !== store.epoch) return { kind: 'fenced', epoch: store.epoch }
    const last = ledger.at(-1)
    const lastRevision = last?.revision ?? 0
    if (last !== undefined && lastRevision === entry.revision && last.nonce === entry.nonce) {
      if (last.sha === entrySha(last.previousSha, entry)) return { kind: 'appended', sha: last.sha }
    }
    if (lastRevision !== entry.revision - 1) return { kind: 'conflict', revision: lastRevision }

    const previousSha = last?.sha ?? GENESIS_SHA
    if (known?.revision === lastRevision && known.sha !== previousSha)
      return { kind: 'conflict', revision: lastRevision }
    const sha = entrySha(previousSha, entry)
    ledger.push({ ...entry, body: entry.body.slice(), previousSha, sha })
    for (const wake of store.followers) wake()
    store.followers.clear()
    known = { revision: entry.revision, sha }
    return { kind: 'appended', sha }
  }

  async function read(fromRevision: number, count: number): Promise<readonly LedgerEntry[]> {
    const firstRevision = ledger[0]?.revision ?? 1
    if (fromRevision < firstRevision) throw new LedgerTrimmed(fromRevision, firstRevision)
    const entries = ledger.slice(fromRevision - firstRevision, fromRevision - firstRevision + count)
    known = verifyChain(entries, undefined)
    return entries
  }

  async function* follow(fromRevision: number, signal: AbortSignal): AsyncGenerator<readonly LedgerEntry[]> {
    let next = fromRevision
    while (!signal.aborted) {
      const entries = await read(next, FOLLOW_COUNT)
      if (entries.length === 0) {
        await appended(next, signal)
      } else {
        next = entries.at(-1)!.revision + 1
        yield entries
      }
    }
  }

  function appended(revision: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    // It may have been appended since the ledger was read: nobody would wake us for it.
    if (signal.aborted || (ledger.at(-1)?.revision ?? 0) >= revision) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
    store.followers.add(resolve)
    return promise
  }

  return {
    append,
    read,
    follow,
    tail: async () => ledger.at(-1),
    extent: async () => {
      const [first, last] = [ledger[0], ledger.at(-1)]
      if (first === undefined || last === undefined) return undefined
      const bytes = ledger.reduce((sum, { body }) => sum + body.length, 0)
      return { firstRevision: first.revision, lastRevision: last.revision, bytes }
    },
    trim: async (beforeRevision) => {
      if (beforeRevision > (store.savepoint?.revision ?? 0)) return false
      const kept = ledger.findIndex(({ revision }) => revision >= beforeRevision)
      if (kept > 0) ledger.splice(0, kept)
      return kept >= 0
    },
  }
}
