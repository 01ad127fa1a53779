import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Found, found, nextToTry, triesExpected } from './search.ts'

/** Searches among so many values, of which `keeps` says which keep the promise. */
function searched(count: number, keeps: (number: number) => boolean): Found & { readonly tried: readonly number[] } {
  const known = new Map<number, boolean>()
  for (;;) {
    const next = nextToTry(count, known)
    if (next.length === 0) return { ...found(count, known), tried: [...known.keys()] }
    for (const number of next) {
      expect(known.has(number)).toBe(false)
      known.set(number, keeps(number))
    }
  }
}

it('tries a few at once, then between the nearest two, then above', () => {
  // Of 0 … 8 all from 5 on keep: 0 2 4 6 8 tells 6 after 4, the middle is 5, and 6 above it is known.
  expect(searched(9, (number) => number >= 5)).toEqual({ keeps: 5, misses: 4, tried: [0, 2, 4, 6, 8, 5] })
})

it('says so where all keep, and where none does', () => {
  expect(searched(100, () => true)).toMatchObject({ keeps: 0, misses: null })
  expect(searched(100, () => false)).toMatchObject({ keeps: null, misses: null })
  expect(searched(1, () => true)).toMatchObject({ keeps: 0, misses: null, tried: [0] })
  expect(searched(2, (number) => number === 1)).toMatchObject({ keeps: 1, misses: 0 })
})

it('does not take an island of luck for the answer', () => {
  // The scan of 0 … 16 is 0 4 8 12 16; 4 keeps and 5 does not, so 4 is luck; from 10 on all keep.
  expect(searched(17, (number) => number === 4 || number >= 10)).toMatchObject({ keeps: 10, misses: 9 })
})

it('finds the lower end of what keeps, where more is no longer better', () => {
  // Of a hundred only 40 … 60 keep, as with a share of NPUs that later takes GPUs from those who need them.
  expect(searched(100, (number) => number >= 40 && number <= 60)).toMatchObject({ keeps: 40, misses: 39 })
})

it('finds the edge wherever it is, within the tries that were foretold', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.nat({ max: 300 }), (count, edge) => {
      const { keeps, misses, tried } = searched(count, (number) => number >= edge)
      if (edge >= count) expect(keeps).toBeNull()
      else expect([keeps, misses]).toEqual([edge, edge === 0 ? null : edge - 1])
      expect(tried.length).toBeLessThanOrEqual(triesExpected(count))
    }),
  )
})

it('ends for any answers, with one that keeps between one that misses and one that keeps', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 60 }), (answers) => {
      const { keeps, misses } = searched(answers.length, (number) => answers[number]!)
      if (keeps === null) return
      expect(answers[keeps]).toBe(true)
      if (misses !== null) expect(answers[misses]).toBe(false)
      expect(answers[keeps + 1] ?? true).toBe(true)
    }),
  )
})
