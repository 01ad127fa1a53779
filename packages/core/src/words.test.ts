import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { WordReader, WordWriter } from './words.ts'

type Value = { readonly u32: number } | { readonly f64: number } | { readonly text: string }

const values: fc.Arbitrary<Value[]> = fc.array(
  fc.oneof(
    fc.record({ u32: fc.integer({ min: 0, max: 0xffff_ffff }) }),
    fc.record({ f64: fc.double() }),
    fc.record({ text: fc.oneof(fc.constant(''), fc.string(), fc.string({ unit: 'grapheme', maxLength: 40 })) }),
  ),
  { maxLength: 40 },
)

function write(all: readonly Value[], capacityWords: number): Uint8Array {
  const out = new WordWriter(capacityWords)
  for (const value of all) {
    if ('u32' in value) out.u32(value.u32)
    else if ('f64' in value) out.f64(value.f64)
    else out.text(value.text)
  }
  return out.toBytes()
}

/** The same, the long way. */
function bytesOf(value: Value): Uint8Array {
  if ('text' in value) {
    const utf8 = new TextEncoder().encode(value.text)
    const bytes = new Uint8Array(4 + Math.ceil(utf8.length / 4) * 4)
    new DataView(bytes.buffer).setUint32(0, utf8.length, true)
    bytes.set(utf8, 4)
    return bytes
  }
  const bytes = new Uint8Array('u32' in value ? 4 : 8)
  if ('u32' in value) new DataView(bytes.buffer).setUint32(0, value.u32, true)
  else new DataView(bytes.buffer).setFloat64(0, value.f64, true)
  return bytes
}

describe('words', () => {
  it('are little-endian, each value at a word, whatever the buffer began with', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 20 }), (all, capacityWords) => {
        expect(Buffer.from(write(all, capacityWords)).equals(Buffer.concat(all.map(bytesOf)))).toBe(true)
      }),
      { numRuns: 500, seed: 1 },
    )
  })

  it('are read as they were written', () => {
    fc.assert(
      fc.property(values, (all) => {
        const reader = new WordReader(write(all, 1))
        const read = all.map((value) => {
          if ('u32' in value) return { u32: reader.u32() }
          return 'f64' in value ? { f64: reader.f64() } : { text: reader.text() }
        })
        expect(read).toEqual(all)
        expect(reader.done).toBe(true)
      }),
      { numRuns: 500, seed: 2 },
    )
  })

  it('have room for an empty text at the very end of a full buffer', () => {
    const out = new WordWriter(1)
    out.u32(7)
    out.text('')
    out.u32(8)
    expect([...new Uint32Array(out.toBytes().buffer)]).toEqual([7, 0, 8])
  })

  it('say at once that a list cannot be as long as it says', () => {
    const out = new WordWriter(4)
    for (const word of [2, 7, 8, 0xffff_ffff]) out.u32(word)
    const reader = new WordReader(out.toBytes())
    expect(reader.count(1)).toBe(2)
    reader.at += 2
    const startMs = performance.now()
    expect(() => reader.count(1)).toThrow('the bytes end in the middle of a list')
    expect(performance.now() - startMs).toBeLessThan(100)
    reader.at = 0
    expect(() => reader.count(2)).toThrow(RangeError)
  })

  it('end where they end', () => {
    const reader = new WordReader(new Uint8Array(4))
    expect(() => reader.f64()).toThrow(RangeError)
    expect(() => new WordReader(new Uint8Array(6))).toThrow(RangeError)
  })
})
