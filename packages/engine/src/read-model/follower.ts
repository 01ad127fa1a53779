// Keeps a read model at the end of the ledger.

import { setImmediate as turn } from 'node:timers/promises'
import { centerIn } from '../leader/recovery.ts'
import { type Ledger, LedgerBroken, type LedgerEntry, LedgerTrimmed, type Savepoints } from '../ports.ts'
import type { ReadModel } from './read-model.ts'

/** Folding gives the process back to its other work at least this often. */
const FOLD_MS_MAX = 10
/** How far back from a savepoint jobs are remembered that had ended by then; reading it takes a few seconds. */
const REMEMBERED_ENTRIES = 50_000
const ENTRIES_PER_READ = 256

/** A center as it was after `revision`. */
export interface CenterSavepoint {
  readonly revision: number
  /** As `Center.save` gave it. */
  readonly center: Uint8Array
}

/** The center in the leader's newest savepoint. Throws `LedgerBroken`, `StoreError`. */
export async function savedCenter(savepoints: Savepoints): Promise<CenterSavepoint | undefined> {
  const savepoint = await savepoints.newest()
  return savepoint && { revision: savepoint.revision, center: centerIn(savepoint) }
}

export interface FollowerOptions {
  readonly ledger: Ledger
  readonly model: ReadModel
  /** Where to begin when the first entries are gone; undefined there: the ledger cannot be read at all. */
  readonly savepoint?: () => Promise<CenterSavepoint | undefined>
  /** What entries before the savepoint are read from: the ledger itself where absent, or more of it where segments are at hand. */
  readonly earlier?: Pick<Ledger, 'read'>
  /** Hears of trouble that the follower lives with. */
  readonly troubled?: (error: unknown, what: string) => void
}

export interface Follower {
  /** Resolves once everything is folded that was in the ledger at the start. */
  readonly caughtUp: Promise<void>
  readonly isCaughtUp: boolean
  /** Resolves after `stop`; rejects when the ledger can be followed no longer: `LedgerBroken`, `LedgerTrimmed`. */
  readonly done: Promise<void>
  stop(): Promise<void>
}

/** Throws `StoreError` when the ledger cannot be reached at the start; later outages are waited out. */
export async function followLedger({
  ledger,
  model,
  savepoint,
  earlier = ledger,
  troubled,
}: FollowerOptions): Promise<Follower> {
  const abort = new AbortController()
  const caughtUp = Promise.withResolvers<void>()
  // Nobody need wait for it; the failure is told by `done`.
  caughtUp.promise.catch(() => {})
  let isCaughtUp = false
  const newest = (await ledger.tail())?.revision ?? 0

  function noteProgress(): void {
    if (isCaughtUp || model.revision < newest) return
    isCaughtUp = true
    model.goLive()
    caughtUp.resolve()
  }

  async function follow(): Promise<void> {
    let turnedMs = performance.now()
    for await (const entries of ledger.follow(model.revision + 1, abort.signal)) {
      for (const entry of entries) {
        if (abort.signal.aborted) return
        model.fold(entry)
        noteProgress()
        if (performance.now() - turnedMs > FOLD_MS_MAX) {
          await turn()
          turnedMs = performance.now()
        }
      }
    }
  }

  async function followFromWhatIsLeft(): Promise<void> {
    try {
      await follow()
    } catch (error) {
      const saved = error instanceof LedgerTrimmed && model.revision === 0 ? await savepoint?.() : undefined
      if (saved === undefined) throw error
      await beginAt(saved)
      noteProgress()
      await follow()
    }
  }

  async function beginAt({ revision, center }: CenterSavepoint): Promise<void> {
    for (let from = earlier; ; ) {
      try {
        return await model.restore(revision, center, entriesUpTo(revision, from, abort.signal))
      } catch (error) {
        if (error instanceof LedgerBroken && from !== ledger) {
          troubled?.(error, 'jobs of long ago are not remembered: a segment of the ledger cannot be read')
          from = ledger
        } else if (!(error instanceof LedgerTrimmed)) throw error
      }
    }
  }

  noteProgress()
  const done = followFromWhatIsLeft()
  done.catch((error) => caughtUp.reject(error))
  return {
    caughtUp: caughtUp.promise,
    get isCaughtUp() {
      return isCaughtUp
    },
    done,
    stop: async () => {
      abort.abort()
      await done.catch(() => {})
    },
  }
}

/**
 * Entries up to `revision`, without a gap, from as far back as they are worth reading and can be.
 * Throws `LedgerTrimmed` where they are trimmed while they are read, `LedgerBroken`, `StoreError`.
 */
async function* entriesUpTo(
  revision: number,
  ledger: Pick<Ledger, 'read'>,
  signal: AbortSignal,
): AsyncGenerator<readonly LedgerEntry[]> {
  let next = await firstReadable(ledger, Math.max(1, revision - REMEMBERED_ENTRIES + 1))
  while (next <= revision && !signal.aborted) {
    const entries = await ledger.read(next, Math.min(ENTRIES_PER_READ, revision - next + 1))
    if (entries.length === 0) return
    yield entries
    next = entries.at(-1)!.revision + 1
  }
}

async function firstReadable(ledger: Pick<Ledger, 'read'>, revision: number): Promise<number> {
  try {
    await ledger.read(revision, 1)
    return revision
  } catch (error) {
    if (!(error instanceof LedgerTrimmed)) throw error
    return error.firstRevision
  }
}
