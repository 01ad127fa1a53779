// Checking a ledger: whether what it says happened is what the allocator decides. The commands of every entry are put
// through a fresh center, whose facts must be the written ones, byte for byte. Anybody with the ledger can do this.

import { decodeLedgerEntry } from '@dure/contract'
import { Center, decodeFacts, FactLog } from '@dure/core'
import { type Ledger, LedgerBroken, type LedgerEntry, LedgerTrimmed, type Savepoints } from '../ports.ts'
import { orBroken } from './fold.ts'
import { centerIn } from './recovery.ts'

export interface Audit {
  /** The first revision that was decided anew: 1, or that after a savepoint which had to be believed. */
  readonly fromRevision: number
  /** Last revision looked at; 0 for an empty ledger. */
  readonly revision: number
  readonly facts: number
  readonly factsHash: string
  readonly stateHash: string
}

interface Deciding {
  readonly center: Center
  readonly log: FactLog
}

const ENTRIES_PER_READ = 256

/**
 * Decides a ledger anew. Chain and checksums are verified on the way. Where its first entries are out of reach it begins at the newest
 * of `savepoints`; `wholeLedger` has them all in reach.
 * Throws `LedgerBroken` at the first entry whose facts differ from what its commands lead to, `LedgerTrimmed`, `StoreError`.
 */
export async function audit(ledger: Pick<Ledger, 'read'>, savepoints?: Pick<Savepoints, 'newest'>): Promise<Audit> {
  const begun = await beginning(ledger, savepoints)
  let { revision, deciding } = begun
  for (;;) {
    const entries = await ledger.read(revision + 1, ENTRIES_PER_READ)
    if (entries.length === 0) break
    for (const entry of entries) deciding = orBroken(entry, () => decideAnew(entry, deciding))
    revision = entries.at(-1)!.revision
  }
  return {
    fromRevision: begun.revision + 1,
    revision,
    facts: deciding?.log.count ?? 0,
    factsHash: deciding?.log.hash() ?? '',
    stateHash: deciding?.center.stateHash() ?? '',
  }
}

/** After which revision to begin, and with what. */
async function beginning(
  ledger: Pick<Ledger, 'read'>,
  savepoints: Pick<Savepoints, 'newest'> | undefined,
): Promise<{ readonly revision: number; readonly deciding: Deciding | undefined }> {
  try {
    await ledger.read(1, 1)
    return { revision: 0, deciding: undefined }
  } catch (error) {
    const savepoint = error instanceof LedgerTrimmed ? await savepoints?.newest() : undefined
    if (savepoint === undefined) throw error
    const [entry] = await ledger.read(savepoint.revision, 1)
    if (entry?.sha !== savepoint.sha)
      throw new LedgerBroken(savepoint.revision, 'the savepoint taken after it belongs to another ledger')
    const log = new FactLog({ keep: true })
    return { revision: savepoint.revision, deciding: { center: Center.restore(centerIn(savepoint), log), log } }
  }
}

function decideAnew(entry: LedgerEntry, before: Deciding | undefined): Deciding | undefined {
  const { head, facts } = decodeLedgerEntry(entry.body)
  if (head.type !== 'commit') return before
  let deciding = before
  if (deciding === undefined) {
    const [first] = decodeFacts(facts)
    if (first?.type !== 'configured')
      throw new LedgerBroken(entry.revision, 'it comes before any center was configured')
    const log = new FactLog({ keep: true })
    deciding = { center: Center.create(first.config, log, first.atMs), log }
  }
  const { center, log } = deciding
  for (const { atMs, commands, scheduled } of head.steps) {
    center.advance(atMs)
    for (const { command } of commands) center.apply(command, atMs)
    if (scheduled) center.schedule(atMs)
  }
  if (Buffer.compare(log.drain(), facts) !== 0) {
    throw new LedgerBroken(entry.revision, 'its commands do not lead to the facts written in it')
  }
  return deciding
}
