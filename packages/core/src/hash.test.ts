import fc from 'fast-check'
import { expect, it } from 'vitest'
import { WORD_HASH_STATE_WORDS, WordHash } from './hash.ts'

/** Whole words of a text of 4n letters. */
function wordsOf(text: string): Int32Array {
  const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0))
  return new Int32Array(bytes.buffer)
}

function hashOf(words: Int32Array): WordHash {
  const hash = new WordHash()
  hash.update(words, 0, words.length)
  return hash
}

// MurmurHash3 x86_128 with seed 0, as `murmurhash3js-revisited` computes it.
it.each([
  ['', '00000000000000000000000000000000'],
  ['abcd', '96b6ccaa45afc62e45afc62e45afc62e'],
  ['abcdefgh', 'aef41136adb11487fa6c8092fa6c8092'],
  ['abcdefghijkl', '738503fef48224c027d4dfadd28ce553'],
  ['The quick brown fox jumps over the lazy dog!', 'a328ec0a13b01fa198f33b21b15df203'],
  ['abcdefghijklmnopabcdefghijklmnop', '59c1ee137e9b08332f2894134891b9f2'],
  ['x'.repeat(4000), '07d3849c28873bde255ce8738cb1a589'],
])('hashes %j as the reference does', (text, expected) => {
  expect(hashOf(wordsOf(text)).digest()).toBe(expected)
})

const words = fc.int32Array({ maxLength: 40 })

it('does not depend on how the words were cut, nor on looking in between', () => {
  fc.assert(
    fc.property(words, fc.array(fc.nat({ max: 40 }), { maxLength: 8 }), (all, cuts) => {
      const hash = new WordHash()
      const places = [...cuts.map((cut) => Math.min(cut, all.length)).sort((a, b) => a - b), all.length]
      let from = 0
      for (const to of places) {
        hash.update(all, from, to)
        hash.digest()
        from = to
      }
      expect(hash.digest()).toBe(hashOf(all).digest())
    }),
    { numRuns: 500, seed: 1 },
  )
})

it('goes on from where it was saved', () => {
  fc.assert(
    fc.property(words, words, (before, after) => {
      const hash = hashOf(before)
      const saved = hash.save()
      expect(saved).toHaveLength(WORD_HASH_STATE_WORDS)
      const restored = WordHash.restore(saved)
      expect(restored.save()).toEqual(saved)
      for (const one of [hash, restored]) one.update(after, 0, after.length)
      expect(restored.digest()).toBe(hash.digest())
      expect(hash.digest()).toBe(hashOf(Int32Array.of(...before, ...after)).digest())
    }),
    { numRuns: 300, seed: 2 },
  )
})

it('counts past 2^32 words', () => {
  // As if 2^32 + 6 words had gone by: two of them wait for their block.
  const saved = Int32Array.of(1, 2, 3, 4, 5, 6, 0, 0, 6, 1)
  const hash = WordHash.restore(saved)
  expect(hash.save()).toEqual(saved)
  hash.update(Int32Array.of(7, 8, 9), 0, 3)
  expect([...hash.save().slice(4)]).toEqual([9, 0, 0, 0, 9, 1])
})
