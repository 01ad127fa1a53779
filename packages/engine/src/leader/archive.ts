// Moving the ledger's older entries to segments, so that the store does not grow for ever. A piece at a time, beside the work of a leader:
//
//   1. What may go. Entries before the newest stored savepoint, but not the most recent ones: readers that come back read them again.
//   2. Keep. They become a segment, once there are enough of them. Where one ends hangs on its entries alone, so that two leaders
//      who do this at once write the same.
//   3. Trim. Only what the segments are then found to have, from the first entry on, leaves the stream.
//
// A leader that dies in between leaves nothing to mend: its successor does the same again. One that is leader no more does no harm.

import type { ChainLink, Ledger, LedgerEntry, LedgerExtent, Segments } from '../ports.ts'

export interface ArchiveOptions {
  /** Not that of the term: reading much on the same connection would hold up its commits, and it must know what it has read itself. */
  readonly ledger: Ledger
  readonly segments: Segments
  /** How many of the most recent entries stay in the stream, if they are not too large. */
  readonly keptEntries: number
  /** How much of the store's memory these may take up. */
  readonly keptBytes?: number
  /** A segment is full when it has so many entries, or so many bytes of them. All who share a folder have the same. */
  readonly segmentEntries?: number
  readonly segmentBytes?: number
}

const MIB = 1024 * 1024
const KEPT_BYTES = 64 * MIB
const SEGMENT_ENTRIES = 4_096
const SEGMENT_BYTES = 4 * MIB
/** Few, so that the leader's commits come in between. */
const ENTRIES_PER_READ = 64
/** Entries take up more of the store than what is in them, but hardly ever so many times as much. */
const STORE_OVERHEAD = 1.5

const bytesEach = ({ firstRevision, lastRevision, bytes }: LedgerExtent): number =>
  bytes / (lastRevision - firstRevision + 1)

export class Archive {
  readonly segments: Segments
  readonly #ledger: Ledger
  readonly #keptEntries: number
  readonly #keptBytes: number
  readonly #segmentEntries: number
  readonly #segmentBytes: number

  constructor(options: ArchiveOptions) {
    this.segments = options.segments
    this.#ledger = options.ledger
    this.#keptEntries = options.keptEntries
    this.#keptBytes = options.keptBytes ?? KEPT_BYTES
    this.#segmentEntries = options.segmentEntries ?? SEGMENT_ENTRIES
    this.#segmentBytes = options.segmentBytes ?? SEGMENT_BYTES
  }

  /**
   * Moves one segment's worth of entries, if there is one; says whether it did. `savedRevision`: of a stored savepoint.
   * Throws `StoreError`, `LedgerBroken` where the segments do not have what the stream no longer has. Nothing is trimmed then.
   */
  async move(savedRevision: number): Promise<boolean> {
    const extent = await this.#ledger.extent()
    if (extent === undefined) return false
    const untilRevision = Math.min(savedRevision - 1, extent.lastRevision - this.#keptIn(extent))
    const entries = await this.#fullSegment(extent, untilRevision)
    if (entries === undefined) return false
    const [first, last] = [entries[0]!, entries.at(-1)!]
    await this.#assertKept({ revision: first.revision - 1, sha: first.previousSha })
    await this.segments.store(entries)
    await this.#assertKept(last)
    return this.#ledger.trim(last.revision + 1)
  }

  #keptIn(extent: LedgerExtent): number {
    return Math.min(this.#keptEntries, Math.floor(this.#keptBytes / bytesEach(extent)))
  }

  /** The oldest entries, as many as make a segment; undefined: there are too few up to `untilRevision`. */
  async #fullSegment(extent: LedgerExtent, untilRevision: number): Promise<readonly LedgerEntry[] | undefined> {
    const present = untilRevision - extent.firstRevision + 1
    const isWorthReading =
      present >= this.#segmentEntries || present * bytesEach(extent) >= STORE_OVERHEAD * this.#segmentBytes
    if (!isWorthReading) return undefined
    const atOnce = Math.max(1, Math.min(ENTRIES_PER_READ, Math.floor(this.#segmentBytes / bytesEach(extent))))
    const entries: LedgerEntry[] = []
    let bytes = 0
    for (let next = extent.firstRevision; next <= untilRevision; next = entries.at(-1)!.revision + 1) {
      const found = await this.#ledger.read(next, Math.min(atOnce, untilRevision - next + 1))
      if (found.length === 0) break
      for (const entry of found) {
        entries.push(entry)
        bytes += entry.body.length
        if (entries.length >= this.#segmentEntries || bytes >= this.#segmentBytes) return entries
      }
    }
    return undefined
  }

  /** What is in the folder counts, not what this process remembers to have put there. */
  async #assertKept(end: ChainLink): Promise<void> {
    await this.segments.leadingTo(end)
  }
}
