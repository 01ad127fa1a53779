// Entries of a ledger without a center behind them, for tests of those who keep entries and do not look into them.

import { entrySha, GENESIS } from '../ledger-chain.ts'
import type { ChainLink, LedgerEntry } from '../ports.ts'

export interface ChainedOptions {
  /** What they follow; the beginning where absent. */
  readonly after?: ChainLink
  /** Tells histories apart. */
  readonly word?: string
  /** Of each of them; what tells one from another where absent. */
  readonly body?: Uint8Array
}

/** `count` entries, each after the one before. */
export function chainedEntries(count: number, options: ChainedOptions = {}): LedgerEntry[] {
  const { after = GENESIS, word = 'body' } = options
  const entries: LedgerEntry[] = []
  let { revision, sha } = after
  for (let i = 0; i < count; i++) {
    revision++
    const body = options.body ?? new TextEncoder().encode(`${word} ${revision}`)
    const entry = { revision, epoch: 1, nonce: `n${revision}`, body }
    const previousSha = sha
    sha = entrySha(previousSha, entry)
    entries.push({ ...entry, previousSha, sha })
  }
  return entries
}
