// The ledger from its first entry on, wherever its entries are by now: in segments, as far as the stream was trimmed, and then in
// the stream. The chain is verified across both.

import { verifyChain } from './ledger-chain.ts'
import { type ChainLink, type Ledger, type LedgerEntry, LedgerTrimmed, type Segment, type Segments } from './ports.ts'

export type WholeLedger = Pick<Ledger, 'read' | 'follow'>

const ENTRIES_PER_READ = 256

/** Throws `LedgerBroken` where a segment is missing or damaged, and no `LedgerTrimmed`. For one reader at a time. */
export function wholeLedger(stream: WholeLedger, segments: Segments): WholeLedger {
  /** The segments of what was trimmed when somebody last looked, and the one among them that was read last. */
  let trimmed: readonly Segment[] = []
  let open: { readonly segment: Segment; readonly entries: readonly LedgerEntry[] } | undefined
  /** The entry last read, which the next one must follow from. */
  let known: ChainLink | undefined

  async function read(fromRevision: number, count: number): Promise<readonly LedgerEntry[]> {
    const entries = await readFromEither(fromRevision, count)
    known = verifyChain(entries, known?.revision === fromRevision - 1 ? known : undefined) ?? known
    return entries
  }

  async function readFromEither(fromRevision: number, count: number): Promise<readonly LedgerEntry[]> {
    const last = trimmed.at(-1)?.lastRevision ?? 0
    if (fromRevision <= last) return readSegment(fromRevision, count)
    try {
      return await stream.read(fromRevision, count)
    } catch (error) {
      if (!(error instanceof LedgerTrimmed)) throw error
      await look(error.firstRevision)
      return readFromEither(fromRevision, count)
    }
  }

  async function readSegment(fromRevision: number, count: number): Promise<readonly LedgerEntry[]> {
    if (open === undefined || !isIn(open.segment, fromRevision)) {
      const segment = trimmed.find((one) => isIn(one, fromRevision))!
      open = { segment, entries: await segments.read(segment) }
    }
    const from = fromRevision - open.segment.firstRevision
    return open.entries.slice(from, from + count)
  }

  /** Finds the segments up to where the stream begins. */
  async function look(firstRevision: number): Promise<void> {
    try {
      const [first] = await stream.read(firstRevision, 1)
      if (first !== undefined)
        trimmed = await segments.leadingTo({ revision: firstRevision - 1, sha: first.previousSha })
    } catch (error) {
      // It has been trimmed further meanwhile.
      if (!(error instanceof LedgerTrimmed)) throw error
      await look(error.firstRevision)
    }
  }

  async function* follow(fromRevision: number, signal: AbortSignal): AsyncGenerator<readonly LedgerEntry[]> {
    let next = fromRevision
    while (!signal.aborted) {
      try {
        for await (const entries of stream.follow(next, signal)) {
          known = verifyChain(entries, known?.revision === next - 1 ? known : undefined)
          next = entries.at(-1)!.revision + 1
          yield entries
        }
        return
      } catch (error) {
        if (!(error instanceof LedgerTrimmed)) throw error
        do {
          const entries = await read(next, ENTRIES_PER_READ)
          next += entries.length
          yield entries
        } while (next <= (trimmed.at(-1)?.lastRevision ?? 0) && !signal.aborted)
      }
    }
  }

  return { read, follow }
}

const isIn = ({ firstRevision, lastRevision }: Segment, revision: number): boolean =>
  firstRevision <= revision && revision <= lastRevision
