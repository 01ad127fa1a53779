// Checking a ledger: whether what it says happened is what the allocator decides. The commands of every entry are put
// through a fresh center, whose facts must be the written ones, byte for byte. Anybody with the ledger can do this.

import { decodeLedgerEntry } from '@dure/contract'
import { Center, decodeFacts, FactLog } from '@dure/core'
import { type Ledger, LedgerBroken, type LedgerEntry } from '../ports.ts'
import { orBroken } from './fold.ts'

export interface Audit {
  /** Last revision looked at; 0 for an empty ledger. */
  readonly revision: number
  readonly facts: number
  readonly factsHash: string
  readonly stateHash: string
}

const ENTRIES_PER_READ = 256

/**
 * Decides a whole ledger anew. Chain and checksums are verified on the way.
 * Throws `LedgerBroken` at the first entry whose facts differ from what its commands lead to, `LedgerTrimmed`, `StoreError`.
 */
export async function audit(ledger: Ledger): Promise<Audit> {
  let revision = 0
  let deciding: { readonly center: Center; readonly log: FactLog } | undefined
  for (;;) {
    const entries = await ledger.read(revision + 1, ENTRIES_PER_READ)
    if (entries.length === 0) break
    for (const entry of entries) deciding = orBroken(entry, () => decideAnew(entry, deciding))
    revision = entries.at(-1)!.revision
  }
  return {
    revision,
    facts: deciding?.log.count ?? 0,
    factsHash: deciding?.log.hash() ?? '',
    stateHash: deciding?.center.stateHash() ?? '',
  }
}

function decideAnew(
  entry: LedgerEntry,
  before: { readonly center: Center; readonly log: FactLog } | undefined,
): { readonly center: Center; readonly log: FactLog } | undefined {
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
