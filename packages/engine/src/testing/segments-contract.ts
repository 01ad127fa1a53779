import { describe, expect, it } from 'vitest'
import { GENESIS } from '../ledger-chain.ts'
import type { LedgerEntry, Segments } from '../ports.ts'
import { chainedEntries } from './chained-entries.ts'

/** Where segments are kept, for all processes of a center. */
export interface SegmentsPlace {
  /** As another process would have them. */
  open(): Segments
  close(): Promise<void>
}

/** What every place for segments promises. */
export function segmentsContract(name: string, makePlace: () => Promise<SegmentsPlace>): void {
  async function inPlace(test: (place: SegmentsPlace) => Promise<void>): Promise<void> {
    const place = await makePlace()
    try {
      await test(place)
    } finally {
      await place.close()
    }
  }

  async function readAll(segments: Segments, end: LedgerEntry): Promise<LedgerEntry[]> {
    const all: LedgerEntry[] = []
    for (const segment of await segments.leadingTo(end)) all.push(...(await segments.read(segment)))
    return all
  }

  describe(`segments: ${name}`, () => {
    it('give back to any process what one has stored, byte for byte and in order', () =>
      inPlace(async (place) => {
        const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => (i * 7) % 256)
        const entries = [...chainedEntries(6), ...chainedEntries(1, { after: chainedEntries(6)[5]!, body: bytes })]
        await place.open().store(entries.slice(0, 3))
        await place.open().store(entries.slice(3))
        const segments = place.open()
        expect(await readAll(segments, entries[6]!)).toEqual(entries)
        expect(await readAll(segments, entries[2]!)).toEqual(entries.slice(0, 3))
      }))

    it('lead to the beginning without any', () =>
      inPlace(async (place) => {
        expect(await place.open().leadingTo(GENESIS)).toEqual([])
      }))

    it('may be stored again, by anybody', () =>
      inPlace(async (place) => {
        const entries = chainedEntries(4)
        await Promise.all([place.open().store(entries), place.open().store(entries), place.open().store(entries)])
        await place.open().store(entries)
        expect(await readAll(place.open(), entries[3]!)).toEqual(entries)
        expect(await place.open().leadingTo(entries[3]!)).toHaveLength(1)
      }))

    it('lead nowhere where one of them is missing, and say which', () =>
      inPlace(async (place) => {
        const entries = chainedEntries(9)
        const segments = place.open()
        await expect(segments.leadingTo(entries[2]!)).rejects.toMatchObject({ name: 'LedgerBroken', revision: 3 })
        await segments.store(entries.slice(0, 3))
        await segments.store(entries.slice(6))
        await expect(segments.leadingTo(entries[8]!)).rejects.toMatchObject({ name: 'LedgerBroken', revision: 6 })
        await expect(segments.leadingTo(entries[1]!)).rejects.toThrow('no segment')
      }))

    it('of another history lie beside the others and change nothing', () =>
      inPlace(async (place) => {
        const segments = place.open()
        const entries = chainedEntries(6)
        const forgotten = chainedEntries(4, { after: entries[2]!, word: 'forgotten' })
        const stranger = chainedEntries(6, { word: 'of another center' })
        await segments.store(entries.slice(0, 3))
        await segments.store(forgotten)
        await segments.store(forgotten.slice(0, 3))
        await segments.store(stranger)
        await segments.store(entries.slice(3))
        expect(await readAll(segments, entries[5]!)).toEqual(entries)
        await expect(segments.leadingTo({ revision: 6, sha: 'f'.repeat(64) })).rejects.toThrow('another history')
      }))
  })
}
