// Moving entries to segments: what moves and what stays, and that nothing is lost, whatever fails in between.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Stream, stream } from '@dure/sim'
import { describe, expect, it } from 'vitest'
import { createMemoryStore, type MemoryStore } from '../memory/index.ts'
import { memoryLedger } from '../memory/ledger.ts'
import { memorySegments } from '../memory/segments.ts'
import { type LedgerEntry, type Segments, StoreError } from '../ports.ts'
import { type Disk, disk, fileSegments } from '../segments/file-segments.ts'
import { chainedEntries } from '../testing/chained-entries.ts'
import { wholeLedger } from '../whole-ledger.ts'
import { Archive, type ArchiveOptions } from './archive.ts'

const KEPT = 10
const EACH = 8

function storeWith(entries: readonly LedgerEntry[], savedRevision: number): MemoryStore {
  const store = createMemoryStore(() => 0)
  store.ledger.push(...entries)
  save(store, savedRevision)
  return store
}

function save(store: MemoryStore, revision: number): void {
  store.savepoint = { revision, sha: 'any', bytes: new Uint8Array(0) }
}

function archiveOf(store: MemoryStore, options: Partial<ArchiveOptions> = {}): Archive {
  return new Archive({
    ledger: memoryLedger(store),
    segments: memorySegments(store),
    keptEntries: KEPT,
    segmentEntries: EACH,
    ...options,
  })
}

async function moveAll(archive: Archive, savedRevision: number): Promise<number> {
  let moves = 0
  while (await archive.move(savedRevision)) moves++
  return moves
}

const firstOf = (store: MemoryStore): number => store.ledger[0]!.revision

async function readAll(store: MemoryStore, segments: Segments): Promise<LedgerEntry[]> {
  const whole = wholeLedger(memoryLedger(store), segments)
  const all: LedgerEntry[] = []
  for (;;) {
    const some = await whole.read(all.length + 1, 7)
    if (some.length === 0) return all
    all.push(...some)
  }
}

describe('moving entries', () => {
  const entries = chainedEntries(100)

  it('takes whole segments, and leaves the most recent entries in the stream', async () => {
    const store = storeWith(entries, 100)
    expect(await moveAll(archiveOf(store), 100)).toBe(11)
    expect(store.segments.map((some) => some.length)).toEqual(Array.from({ length: 11 }, () => EACH))
    // 100 less 10 that stay leaves 90, of which 88 make whole segments.
    expect(firstOf(store)).toBe(89)
    expect(await readAll(store, memorySegments(store))).toEqual(entries)
  })

  it.each([
    ['is no savepoint', 0, 1],
    ['is an early savepoint', 30, 25],
  ])('goes no further than what a new leader would read where there %s', async (_, saved, first) => {
    const store = storeWith(entries, saved)
    await moveAll(archiveOf(store), saved)
    expect(firstOf(store)).toBe(first)
  })

  it('believes the store about its newest savepoint, which may be lost with the power, and no leader', async () => {
    const store = storeWith(entries, 30)
    const archive = archiveOf(store)
    expect(await moveAll(archive, 90)).toBe(3)
    expect(firstOf(store)).toBe(25)
    expect(await readAll(store, memorySegments(store))).toEqual(entries)
  })

  it('keeps fewer entries where they are large, and ends a segment when it has enough bytes', async () => {
    const large = chainedEntries(40, { body: new Uint8Array(1_000) })
    const store = storeWith(large, 40)
    const archive = archiveOf(store, {
      keptEntries: 1_000,
      keptBytes: 5_000,
      segmentEntries: 1_000,
      segmentBytes: 3_500,
    })
    await moveAll(archive, 40)
    expect(store.segments.every((some) => some.length === 4)).toBe(true)
    // Five stay; of the 35 others eight segments of four were worth reading for.
    expect(firstOf(store)).toBe(33)
  })

  it('of two leaders at once comes to the same segments', async () => {
    const store = storeWith(entries, 100)
    const [one, other] = [archiveOf(store), archiveOf(store)]
    await Promise.all([moveAll(one, 60), moveAll(other, 100)])
    await moveAll(other, 100)
    expect(store.segments).toHaveLength(11)
    expect(await readAll(store, memorySegments(store))).toEqual(entries)
  })
})

describe('nothing is trimmed', () => {
  const entries = chainedEntries(60)

  it('where the folder does not have what was trimmed before', async () => {
    const store = storeWith(entries, 60)
    await archiveOf(store).move(60)
    const emptyFolder = memorySegments({ segments: [] })
    await expect(archiveOf(store, { segments: emptyFolder }).move(60)).rejects.toThrow(
      /^ledger entry 8 is broken: .* Give DURE_SEGMENTS the folder that has it, or put its segments back there from a backup\.$/,
    )
    expect(firstOf(store)).toBe(9)
  })

  it.each<[string, (segments: Segments) => Segments]>([
    [
      'where the disk is full',
      (segments) => ({
        ...segments,
        store: async () => Promise.reject(new StoreError('none', 'keep it', 'no space left')),
      }),
    ],
    ['where a segment was stored and is not there', (segments) => ({ ...segments, store: async () => {} })],
  ])('%s', async (_, change) => {
    const store = storeWith(entries, 60)
    const segments = memorySegments(store)
    await expect(archiveOf(store, { segments: change(segments) }).move(60)).rejects.toThrow()
    expect(firstOf(store)).toBe(1)
    await moveAll(archiveOf(store), 60)
    expect(firstOf(store)).toBe(49)
  })
})

/** Thrown where a process is to have died. */
class Died extends Error {}

/** A disk on which a process dies before or after any step, by chance. */
function mortal(random: Stream): Disk {
  const step =
    <A extends unknown[]>(act: (...args: A) => Promise<void>) =>
    async (...args: A): Promise<void> => {
      if (random.chance(0.1)) throw new Died()
      await act(...args)
      if (random.chance(0.1)) throw new Died()
    }
  return { write: step(disk.write), rename: step(disk.rename), syncFolder: step(disk.syncFolder) }
}

it('whatever is appended, saved, moved, forgotten and cut short: segments and stream have every entry, on a real disk', async () => {
  let [moved, died] = [0, 0]
  for (let seed = 1; seed <= 10; seed++) {
    const folder = await mkdtemp(join(tmpdir(), 'dure-archive-'))
    const random = stream(seed, 'archive')
    const store = storeWith([], 0)
    let written: LedgerEntry[] = []
    /** What Redis would still have after a power cut. */
    let synced = { entries: 0, saved: 0, first: 1 }
    const segments = fileSegments(folder, mortal(random))
    for (let step = 0; step < 60; step++) {
      const choice = random.uniform()
      const last = written.at(-1)
      if (choice < 0.4) {
        const more = chainedEntries(random.int(1, 9), {
          word: `step ${step}`,
          ...(last !== undefined && { after: last }),
        })
        written = [...written, ...more]
        store.ledger.push(...more)
      } else if (choice < 0.6) save(store, random.int(0, written.length))
      else if (choice < 0.65)
        synced = {
          entries: written.length,
          saved: store.savepoint!.revision,
          first: written.length === 0 ? 1 : firstOf(store),
        }
      else if (choice < 0.7) {
        written = written.slice(0, synced.entries)
        store.ledger.splice(0, Infinity, ...written.slice(synced.first - 1))
        save(store, synced.saved)
      } else {
        const kept = { keptEntries: random.int(0, 3), segmentEntries: 5 }
        await archiveOf(store, { segments, ...kept })
          .move(random.int(0, written.length))
          .then((hasMoved) => {
            if (hasMoved) moved++
          })
          .catch((error: unknown) => {
            if (!(error instanceof StoreError && error.cause instanceof Died)) throw error
            died++
          })
      }
      if (step % 6 < 5) continue
      expect(await readAll(store, fileSegments(folder)), `seed ${seed}, step ${step}`).toEqual(written)
    }
    await rm(folder, { recursive: true })
  }
  expect([moved, died].every((times) => times > 20)).toBe(true)
})
