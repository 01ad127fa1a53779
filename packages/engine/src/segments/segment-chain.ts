// Which of the segments that are kept make up a history. Found from its end backwards, by the links at both ends of each: what a store
// forgot in a power cut after it had been kept, and segments of another center, end with other links and are passed over.

import { GENESIS } from '../ledger-chain.ts'
import { type ChainLink, LedgerBroken, type LedgerEntry, type Segment } from '../ports.ts'

const LINK_DIGITS = 16

/** As much of a `sha` as tells segments apart. Reading them verifies all of it. */
const linkOf = (sha: string): string => sha.slice(0, LINK_DIGITS)

/** The place of consecutive entries; not empty. */
export function segmentOf(entries: readonly LedgerEntry[]): Segment {
  const [first, last] = [entries[0]!, entries.at(-1)!]
  return {
    firstRevision: first.revision,
    lastRevision: last.revision,
    before: linkOf(first.previousSha),
    after: linkOf(last.sha),
  }
}

/** The segments that lead from the first entry to `end`, in order. `place` says where they are kept. Throws `LedgerBroken`. */
export function segmentsLeadingTo(kept: readonly Segment[], end: ChainLink, place: string): readonly Segment[] {
  const byEnd = Map.groupBy(kept, ({ lastRevision, after }) => endName(lastRevision, after))
  const chain: Segment[] = []
  let revision = end.revision
  let link = linkOf(end.sha)
  while (revision > 0) {
    const segment = longest(byEnd.get(endName(revision, link)))
    if (segment === undefined) {
      const others = kept.some(({ lastRevision }) => lastRevision === revision)
      throw new LedgerBroken(
        revision,
        `it is no longer in the store, and no segment in ${place} ends with it (${link})${others ? ', only one of another history' : ''}`,
        `Give DURE_SEGMENTS the folder that has it, or put its segments back there from a backup.`,
      )
    }
    chain.push(segment)
    revision = segment.firstRevision - 1
    link = segment.before
  }
  if (link !== linkOf(GENESIS.sha))
    throw new LedgerBroken(1, `its segment in ${place} is not the beginning of a ledger`)
  return chain.reverse()
}

const endName = (revision: number, link: string): string => `${revision} ${link}`

const longest = (segments: readonly Segment[] = []): Segment | undefined =>
  segments.reduce<Segment | undefined>(
    (best, segment) => (best === undefined || segment.firstRevision < best.firstRevision ? segment : best),
    undefined,
  )
