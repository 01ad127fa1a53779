// Reading a ledger of which a part has moved to segments, on its own and while more of it moves.

import { expect, it } from 'vitest'
import { createMemoryStore, type MemoryStore } from './memory/index.ts'
import { memoryLedger } from './memory/ledger.ts'
import { memorySegments } from './memory/segments.ts'
import type { LedgerEntry } from './ports.ts'
import { chainedEntries } from './testing/chained-entries.ts'
import { wholeLedger } from './whole-ledger.ts'

const entries = chainedEntries(600)

/** A store whose stream has all entries. */
function untrimmed(): MemoryStore {
  const store = createMemoryStore(() => 0)
  store.ledger.push(...entries)
  store.savepoint = { revision: 590, sha: 'any', bytes: new Uint8Array(0) }
  return store
}

async function moved(store: MemoryStore, upTo: number, each = 70): Promise<void> {
  const segments = memorySegments(store)
  for (let from = store.ledger[0]!.revision; from + each - 1 <= upTo; from += each) {
    await segments.store(entries.slice(from - 1, from - 1 + each))
    await memoryLedger(store).trim(from + each)
  }
}

const wholeOf = (store: MemoryStore) => wholeLedger(memoryLedger(store), memorySegments(store))

it('is read from any entry on, whatever has moved, and to its end', async () => {
  const store = untrimmed()
  await moved(store, 500)
  expect(store.ledger[0]!.revision).toBe(491)
  const whole = wholeOf(store)
  const all: LedgerEntry[] = []
  for (let next = 1; ; next = all.length + 1) {
    const some = await whole.read(next, 64)
    if (some.length === 0) break
    all.push(...some)
  }
  expect(all).toEqual(entries)
  expect((await whole.read(489, 10)).map(({ revision }) => revision)).toEqual([489, 490])
  expect((await whole.read(3, 2)).map(({ revision }) => revision)).toEqual([3, 4])
  expect(await whole.read(601, 10)).toEqual([])
})

it('is followed through segments into the stream, while the stream is trimmed under the reader', async () => {
  const store = untrimmed()
  await moved(store, 100)
  const enough = new AbortController()
  const seen: LedgerEntry[] = []
  for await (const some of wholeOf(store).follow(1, enough.signal)) {
    seen.push(...some)
    if (seen.length > 200 && store.ledger[0]!.revision < 400) await moved(store, 500)
    if (seen.length === entries.length) enough.abort()
  }
  expect(seen).toEqual(entries)
})

it('is refused where stream and segments are of two histories', async () => {
  const store = untrimmed()
  await moved(store, 140)
  store.segments.splice(0, 1, chainedEntries(70, { word: 'another' }))
  await expect(wholeOf(store).read(1, 10)).rejects.toThrow('ledger entry 70 is broken')
  await expect(wholeOf(store).read(200, 10)).resolves.toHaveLength(10)
})
