// What the memory adapters share: the counterpart of the keys of one Redis.

import type { LedgerEntry, Run, Savepoint, StudyRecord } from '../ports.ts'
import { MessageQueue } from './message-queue.ts'

export interface MemoryStore {
  /** The store's clock, from which all ages and lives are measured. */
  readonly nowMs: () => number
  epoch: number
  lease: { readonly epoch: number; readonly owner: string; expiresMs: number } | undefined
  clock:
    | { readonly epoch: number; readonly atMs: number; readonly speed: number; readonly publishedMs: number }
    | undefined
  readonly ledger: LedgerEntry[]
  /** Called, and forgotten, at the next append. */
  readonly followers: Set<() => void>
  readonly queues: Map<string, MessageQueue>
  intake: number
  /** How often the store has come back without what it had last answered, and how often it had when it last gave out a number. */
  losses: number
  intakeLosses: number
  readonly requests: Map<string, MemoryRequest>
  readonly accepted: Map<number, { readonly record: unknown; expiresMs: number }>
  readonly runs: Map<string, { readonly run: Run; owner: string }>
  /** Executors by their last heartbeat. */
  readonly executors: Map<string, number>
  savepoint: Savepoint | undefined
  /** Kept outside the store: what the store forgets, they do not. */
  readonly segments: (readonly LedgerEntry[])[]
  readonly studies: Map<string, MemoryStudy>
}

export interface MemoryStudy {
  record: Omit<StudyRecord, 'rows'>
  readonly rows: Map<string, unknown>
}

interface MemoryRequest {
  readonly seq: number
  readonly bodyHash: string
  readonly atMs: number
  response: { readonly value: unknown } | undefined
}

/** `nowMs` is monotonic; any zero will do. */
export function createMemoryStore(nowMs: () => number): MemoryStore {
  return {
    nowMs,
    epoch: 0,
    lease: undefined,
    clock: undefined,
    ledger: [],
    followers: new Set(),
    queues: new Map(),
    intake: 0,
    losses: 0,
    intakeLosses: 0,
    requests: new Map(),
    accepted: new Map(),
    runs: new Map(),
    executors: new Map(),
    savepoint: undefined,
    segments: [],
    studies: new Map(),
  }
}

export function queueOf(store: MemoryStore, name: string): MessageQueue {
  let queue = store.queues.get(name)
  if (queue === undefined) {
    queue = new MessageQueue()
    store.queues.set(name, queue)
  }
  return queue
}
