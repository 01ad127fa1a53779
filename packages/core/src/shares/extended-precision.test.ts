import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareExtended, divideExtended, extendedOf } from './extended-precision.ts'

const fixture: { readonly expect: readonly (readonly [number, number, number, number, number, number, number])[] } =
  JSON.parse(readFileSync(new URL('../../golden/extended-division/x87.json', import.meta.url), 'utf8'))

const level = (shares: number, sharesAll: number, usage: number, usageAll: number) =>
  divideExtended(extendedOf(shares / sharesAll), divideExtended(extendedOf(usage), extendedOf(usageAll)))

describe('extended precision', () => {
  it.each(fixture.expect)('orders like the hardware: %d %d of %d, used %d %d of %d', (...row) => {
    const [sharesA, sharesB, sharesAll, usageA, usageB, usageAll, order] = row
    const a = level(sharesA, sharesAll, usageA, usageAll)
    const b = level(sharesB, sharesAll, usageB, usageAll)
    expect(Math.sign(compareExtended(a, b))).toBe(order)
  })

  it('rounds to the nearest 64 bits: the error is at most half of the last', () => {
    const positive = fc.double({ min: 1e-20, max: 1e20, noNaN: true })
    fc.assert(
      fc.property(positive, positive, (x, y) => {
        const a = extendedOf(x)
        const b = extendedOf(y)
        const { mantissa, exponent } = divideExtended(a, b)
        expect(mantissa >> 63n).toBe(1n)
        // |mantissa · 2^shift · b − a| ≤ ½ · 2^shift · b, all times two and free of negative powers.
        const shift = BigInt(exponent + b.exponent - a.exponent)
        const error = 2n * mantissa * b.mantissa - ((2n * a.mantissa) << -shift)
        expect(error <= b.mantissa && error >= -b.mantissa).toBe(true)
      }),
    )
  })

  it('holds doubles exactly, from the smallest to the largest', () => {
    for (const x of [1, 0.1, 2 ** 53 + 2, Number.MIN_VALUE, Number.MAX_VALUE]) {
      const { mantissa, exponent } = extendedOf(x)
      expect(mantissa >> 63n).toBe(1n)
      expect(Number(mantissa) * 2 ** Math.ceil(exponent / 2) * 2 ** Math.floor(exponent / 2)).toBe(x)
    }
    expect(() => extendedOf(0)).toThrow(RangeError)
    expect(() => extendedOf(Infinity)).toThrow(RangeError)
  })
})
