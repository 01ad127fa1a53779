// The chain that makes the ledger tamper-evident: each entry's SHA-256 covers the one before it, its own header and its
// body, so that a flipped bit, a lost entry or an exchanged one shows when it is read, wherever the entries are kept.

import { createHash } from 'node:crypto'
import { type Append, type ChainLink, LedgerBroken, type LedgerEntry } from './ports.ts'

/** What the first entry follows. */
export const GENESIS_SHA = '0'.repeat(64)

export const GENESIS: ChainLink = { revision: 0, sha: GENESIS_SHA }

/** 64 hex digits: SHA-256 of `<previous sha>\n<revision> <epoch> <nonce>\n` and the body. */
export function entrySha(previousSha: string, entry: Append): string {
  return createHash('sha256')
    .update(`${previousSha}\n${entry.revision} ${entry.epoch} ${entry.nonce}\n`)
    .update(entry.body)
    .digest('hex')
}

/**
 * Checks consecutive entries, each for itself and against the one before; `before` is the one before the first, if known.
 * Returns the last link. Throws `LedgerBroken`.
 */
export function verifyChain(entries: readonly LedgerEntry[], before: ChainLink | undefined): ChainLink | undefined {
  let previous = before
  for (const entry of entries) {
    if (entrySha(entry.previousSha, entry) !== entry.sha) {
      throw new LedgerBroken(entry.revision, 'its content does not match its checksum')
    }
    if (previous !== undefined && entry.revision !== previous.revision + 1) {
      throw new LedgerBroken(previous.revision + 1, 'it is missing')
    }
    if (previous !== undefined && entry.previousSha !== previous.sha) {
      throw new LedgerBroken(entry.revision, 'it does not follow from the entry before it')
    }
    previous = { revision: entry.revision, sha: entry.sha }
  }
  return previous
}
