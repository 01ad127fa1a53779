import { verifyChain } from '../ledger-chain.ts'
import { LedgerBroken, type Segment, type Segments } from '../ports.ts'
import { segmentOf, segmentsLeadingTo } from '../segments/segment-chain.ts'
import type { MemoryStore } from './store.ts'

/** Segments as arrays, in no particular order. */
export function memorySegments({ segments }: Pick<MemoryStore, 'segments'>): Segments {
  const isSame = (a: Segment, b: Segment): boolean =>
    a.firstRevision === b.firstRevision &&
    a.lastRevision === b.lastRevision &&
    a.before === b.before &&
    a.after === b.after

  return {
    store: async (entries) => {
      const segment = segmentOf(entries)
      if (!segments.some((kept) => isSame(segmentOf(kept), segment))) segments.push([...entries])
    },
    leadingTo: async (end) => segmentsLeadingTo(segments.map(segmentOf), end, 'memory'),
    read: async (segment) => {
      const entries = segments.find((kept) => isSame(segmentOf(kept), segment))
      if (entries === undefined) throw new LedgerBroken(segment.firstRevision, 'its segment in memory is missing')
      verifyChain(entries, undefined)
      return entries
    },
  }
}
