// A whole ledger, read once: its facts in order, and which commands it consumed.

import { decodeLedgerEntry, type LedgerHead } from '@dure/contract'
import { decodeFacts, type Fact } from '@dure/core'
import type { Ledger, LedgerEntry } from '@dure/engine'

export interface ReadEntry {
  readonly revision: number
  readonly epoch: number
  readonly head: LedgerHead
  readonly facts: readonly Fact[]
}

export interface LedgerReading {
  readonly raw: readonly LedgerEntry[]
  readonly entries: readonly ReadEntry[]
  readonly facts: readonly Fact[]
}

const ENTRIES_PER_READ = 256

/** Throws `LedgerBroken` where checksums or chain are wrong. */
export async function readLedger(ledger: Ledger): Promise<LedgerReading> {
  const raw: LedgerEntry[] = []
  for (;;) {
    const some = await ledger.read(raw.length + 1, ENTRIES_PER_READ)
    if (some.length === 0) return readingOf(raw)
    raw.push(...some)
  }
}

function readingOf(raw: readonly LedgerEntry[]): LedgerReading {
  const entries = raw.map(readEntry)
  return { raw, entries, facts: entries.flatMap(({ facts }) => facts) }
}

export function readEntry({ revision, epoch, body }: LedgerEntry): ReadEntry {
  const { head, facts } = decodeLedgerEntry(body)
  return { revision, epoch, head, facts: [...decodeFacts(facts)] }
}

/** How often each command was carried out, by id. Repeats that were recognised are not counted. */
export function carriedOut({ entries }: LedgerReading): Map<string, number> {
  const times = new Map<string, number>()
  for (const { head } of entries) {
    if (head.type !== 'commit') continue
    for (const { commands } of head.steps) for (const { id } of commands) times.set(id, (times.get(id) ?? 0) + 1)
  }
  return times
}
