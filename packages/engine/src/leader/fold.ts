// Reading a ledger back: each entry's facts folded into a center, and what else a leader must remember of it.

import { decodeLedgerEntry, type LedgerHead } from '@dure/contract'
import { AssertionError, Center, type CenterListener, decodeFacts, type Fact, FactLog } from '@dure/core'
import { LedgerBroken, type LedgerEntry } from '../ports.ts'

export interface Folded {
  readonly center: Center
  readonly log: FactLog
}

/** For a center that will go on deciding: its log keeps what it writes from then on, and a listener hears of it. */
export interface FoldOptions {
  readonly keep: boolean
  readonly listener?: CenterListener
}

/**
 * Folds one entry; the first `configured` fact makes the center. `seen` hears of every fact after it has been folded.
 * Throws `LedgerBroken` where the facts do not give the hash that was written with them.
 */
export function foldEntry(
  before: Folded | undefined,
  entry: LedgerEntry,
  options: FoldOptions,
  seen: (fact: Fact, center: Center) => void,
): { readonly head: LedgerHead; readonly folded: Folded | undefined } {
  return orBroken(entry, () => foldSound(before, entry, options, seen))
}

/** What breaks the center while an entry is read was never true: somebody wrote it who was not the leader, or it was changed. */
export function orBroken<T>({ revision }: LedgerEntry, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof AssertionError)) throw error
    throw new LedgerBroken(revision, `what it says cannot have happened (${error.message})`)
  }
}

function foldSound(
  before: Folded | undefined,
  entry: LedgerEntry,
  { keep, listener }: FoldOptions,
  seen: (fact: Fact, center: Center) => void,
): { readonly head: LedgerHead; readonly folded: Folded | undefined } {
  const { head, facts } = decodeLedgerEntry(entry.body)
  let folded = before
  for (const fact of decodeFacts(facts)) {
    if (fact.type === 'configured') {
      const log = new FactLog({ keep })
      folded = { center: Center.create(fact.config, log, fact.atMs, listener), log }
    } else {
      if (folded === undefined) throw new LedgerBroken(entry.revision, 'it tells of a center that was never configured')
      folded.center.fold(fact)
    }
    seen(fact, folded.center)
  }
  if (head.type !== 'commit' || folded === undefined) return { head, folded }
  if (head.steps.at(-1)?.scheduled) folded.center.foldPass(head.atMs)
  else folded.center.advance(head.atMs)
  if (folded.log.hash() !== head.factsHash) {
    throw new LedgerBroken(entry.revision, 'folding its facts does not give the facts hash written in it')
  }
  if (keep) folded.log.drain()
  return { head, folded }
}
