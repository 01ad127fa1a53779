import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ExactSums } from './exact-sum.ts'

const factor = fc.oneof(
  fc.integer({ min: 0, max: 1000 }),
  fc.integer({ min: 0, max: 2 ** 31 }),
  fc.maxSafeNat().map((n) => n % (2 ** 48 + 1)),
  fc.constantFrom(2 ** 24 - 1, 2 ** 24, 2 ** 26, 2 ** 48 - 1, 2 ** 48),
)

describe('exact sums', () => {
  it('add up to the last unit, whatever the size', () => {
    const additions = fc.array(fc.tuple(fc.nat(3), factor, factor), { maxLength: 60 })
    fc.assert(
      fc.property(additions, (all) => {
        const sums = ExactSums.create(4)
        const expected = [0n, 0n, 0n, 0n]
        for (const [index, a, b] of all) {
          sums.addProduct(index, a, b)
          expected[index] = (expected[index] as bigint) + BigInt(a) * BigInt(b)
        }
        expect(expected.map((_, index) => sums.value(index))).toEqual(expected)
      }),
      { numRuns: 500 },
    )
  })

  it('keep units that a double loses in a hundred thousand charges', () => {
    const sums = ExactSums.create(1)
    let inexact = 0
    const milliAccelerators = 299_999_999
    for (let second = 0; second < 100_000; second++) {
      sums.addProduct(0, milliAccelerators, 315_361)
      inexact += milliAccelerators * 315_361
    }
    const expected = BigInt(milliAccelerators) * 315_361n * 100_000n
    expect(sums.value(0)).toBe(expected)
    expect(BigInt(inexact)).not.toBe(expected)
  })

  it('are stored alike however they came about, also at the seam of the two limbs', () => {
    const atOnce = ExactSums.create(1)
    const inSteps = ExactSums.create(1)
    atOnce.addProduct(0, 2 ** 48, 1)
    inSteps.addProduct(0, 2 ** 48 - 1, 1)
    inSteps.addProduct(0, 1, 1)
    expect(inSteps.save()).toEqual(atOnce.save())
  })

  it('come back from storage as they were, and grow without losing any', () => {
    const sums = ExactSums.create(2)
    sums.addProduct(1, 2 ** 40 + 1, 2 ** 40 + 1)
    const saved = sums.save()
    sums.addProduct(0, 5, 7)
    const restored = ExactSums.restore(saved)
    expect([restored.value(0), restored.value(1)]).toEqual([0n, (2n ** 40n + 1n) ** 2n])
    restored.grow(3)
    restored.addProduct(2, 6, 7)
    expect([restored.size, restored.value(1), restored.value(2)]).toEqual([3, (2n ** 40n + 1n) ** 2n, 42n])
    expect(restored.save().low).toHaveLength(3)
    expect(() => ExactSums.restore({ low: new Float64Array(2), high: new Float64Array(1) })).toThrow('2 low limbs')
  })

  it.each([
    [-1, 1],
    [0.5, 2],
    [2 ** 48 + 1, 1],
    [1, Number.NaN],
    [1, Infinity],
  ])('refuse %d × %d rather than add it wrongly', (a, b) => {
    const sums = ExactSums.create(1)
    expect(() => sums.addProduct(0, a, b)).toThrow(RangeError)
    expect(sums.value(0)).toBe(0n)
  })

  it('refuse an index they do not have, and a sum past their end', () => {
    const sums = ExactSums.create(1)
    expect(() => sums.addProduct(1, 1, 1)).toThrow('no sum 1')
    expect(() => sums.value(-1)).toThrow('no sum -1')
    const full = ExactSums.restore({ low: Float64Array.of(0), high: Float64Array.of(Number.MAX_SAFE_INTEGER - 1) })
    expect(() => full.addProduct(0, 2 ** 48, 2)).toThrow('2^101')
  })
})
