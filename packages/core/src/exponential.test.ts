import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exp2, exp2Neg, LN2, ln, oneMinusExp2Neg } from './exponential.ts'

// The reference: fixed-point arithmetic on integers with 300 binary places, by series that share nothing with the routine.
const PLACES = 300n
const ONE = 1n << PLACES

/** A double as a fixed-point number; exact down to 2^-300. */
function fixed(x: number): bigint {
  let places = 0
  let whole = x
  for (; !Number.isInteger(whole); places++) whole *= 2
  return (BigInt(whole) << PLACES) >> BigInt(places)
}

function artanh(numerator: bigint, denominator: bigint): bigint {
  const s = (numerator << PLACES) / denominator
  const square = (s * s) >> PLACES
  let sum = 0n
  let power = s
  for (let k = 1n; power !== 0n; k += 2n) {
    sum += power / k
    power = (power * square) >> PLACES
  }
  return sum
}

/** Machin-like: ln 2 = 18 artanh(1/26) − 2 artanh(1/4801) + 8 artanh(1/8749). */
const LN2_FIXED = 18n * artanh(1n, 26n) - 2n * artanh(1n, 4801n) + 8n * artanh(1n, 8749n)

/** 2^x for −1 ≤ x ≤ 1, fixed-point. */
function exp2Reference(x: number): bigint {
  const y = (fixed(x) * LN2_FIXED) >> PLACES
  let sum = ONE
  let term = ONE
  for (let k = 1n; term !== 0n && term !== -1n; k++) {
    term = ((term * y) >> PLACES) / k
    sum += term
  }
  return sum
}

function lnReference(x: number): bigint {
  let exponent = 0n
  let mantissa = x
  for (; mantissa >= 2; mantissa /= 2) exponent++
  for (; mantissa < 1; mantissa *= 2) exponent--
  const m = fixed(mantissa)
  return exponent * LN2_FIXED + 2n * artanh(m - ONE, m + ONE)
}

const image = new Float64Array(1)
const word = new BigInt64Array(image.buffer)

/** The next larger double after a positive one. */
function above(x: number): number {
  image[0] = x
  word[0] = (word[0] as bigint) + 1n
  return image[0] as number
}

/** Distance from the true value in units of the last place of what was computed. */
function ulpsOff(computed: number, reference: bigint): number {
  const ulp = fixed(above(Math.abs(computed)) - Math.abs(computed))
  return Number(((fixed(computed) - reference) * 1000n) / ulp) / 1000
}

describe('2^x', () => {
  it('is exact at every whole number a double can hold', () => {
    let power = 1
    for (let n = 0; n <= 1023; n++, power *= 2) expect(exp2(n)).toBe(power)
    power = 1
    for (let n = 0; n <= 1074; n++, power /= 2) expect(exp2Neg(n)).toBe(power)
  })

  it('goes to 0 and Infinity at the ends', () => {
    expect(exp2Neg(1075.5)).toBe(0)
    expect(exp2Neg(1e300)).toBe(0)
    expect(exp2Neg(Infinity)).toBe(0)
    expect(exp2(1024)).toBe(Infinity)
    expect(exp2(1023.9999)).toBeLessThan(Infinity)
    expect(exp2Neg(1074.5)).toBe(Number.MIN_VALUE)
    expect(exp2(Number.NaN)).toBeNaN()
  })

  it('is within one ulp of the true value', () => {
    fc.assert(
      fc.property(fc.double({ min: -1, max: 1, noNaN: true, noDefaultInfinity: true }), (x) => {
        expect(Math.abs(ulpsOff(exp2(x), exp2Reference(x)))).toBeLessThan(1)
      }),
      { numRuns: 2000 },
    )
  })

  it('agrees with Math.pow over the whole range', () => {
    fc.assert(
      fc.property(fc.double({ min: -1021, max: 1023, noNaN: true }), (x) => {
        const expected = 2 ** x
        expect(Math.abs(exp2(x) / expected - 1)).toBeLessThan(4.5e-16)
      }),
    )
  })

  it('never falls where x rises: at every sixteenth, and between neighbours', () => {
    for (let sixteenths = 1; sixteenths <= 1024; sixteenths++) {
      const x = sixteenths / 16
      let before = x
      for (let i = 0; i < 40; i++) {
        const after = above(before)
        expect(exp2(after)).toBeGreaterThanOrEqual(exp2(before))
        expect(exp2(-after)).toBeLessThanOrEqual(exp2(-before))
        before = after
      }
      image[0] = x
      word[0] = (word[0] as bigint) - 1n
      const below = image[0] as number
      expect(exp2(below)).toBeLessThanOrEqual(exp2(x))
      expect(exp2(-below)).toBeGreaterThanOrEqual(exp2(-x))
    }
    fc.assert(
      fc.property(fc.double({ min: 2 ** -60, max: 1100, noNaN: true }), (x) => {
        expect(exp2Neg(above(x))).toBeLessThanOrEqual(exp2Neg(x))
      }),
      { numRuns: 5000 },
    )
  })

  it('says what is gone without cancellation, however little it is', () => {
    fc.assert(
      fc.property(fc.double({ min: 2 ** -40, max: 1, noNaN: true }), (x) => {
        expect(Math.abs(ulpsOff(oneMinusExp2Neg(x), ONE - exp2Reference(-x)))).toBeLessThan(3)
      }),
      { numRuns: 1000 },
    )
    expect(oneMinusExp2Neg(0)).toBe(0)
    expect(oneMinusExp2Neg(1)).toBe(0.5)
    expect(oneMinusExp2Neg(2)).toBe(0.75)
    expect(oneMinusExp2Neg(5000)).toBe(1)
    expect(oneMinusExp2Neg(1e-300)).toBe(1e-300 * LN2)
  })
})

describe('ln', () => {
  it('is within one ulp of the true value', () => {
    const magnitudes = fc.integer({ min: -200, max: 200 }).map((n) => exp2(n))
    fc.assert(
      fc.property(fc.double({ min: 0.5, max: 2, noNaN: true }), magnitudes, (m, scale) => {
        for (const x of [m, m * scale]) {
          if (x !== 1) expect(Math.abs(ulpsOff(ln(x), lnReference(x)))).toBeLessThan(1)
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('agrees with Math.log for all positive doubles, subnormal ones too', () => {
    fc.assert(
      fc.property(fc.double({ min: Number.MIN_VALUE, max: Number.MAX_VALUE, noNaN: true }), (x) => {
        expect(Math.abs(ln(x) - Math.log(x))).toBeLessThanOrEqual(Math.abs(Math.log(x)) * 4.5e-16)
      }),
    )
  })

  it('never falls where x rises, nor across the seam at √2', () => {
    const { SQRT2 } = Math
    for (let power = -50; power <= 50; power++) {
      for (let i = 0, x = SQRT2 * 2 ** power * (1 - 2 ** -48); i < 64; i++, x = above(x)) {
        expect(ln(above(x))).toBeGreaterThanOrEqual(ln(x))
      }
    }
    fc.assert(
      fc.property(fc.double({ min: 2 ** -1000, max: 2 ** 1000, noNaN: true }), (x) => {
        expect(ln(above(x))).toBeGreaterThanOrEqual(ln(x))
      }),
      { numRuns: 5000 },
    )
  })

  it('has its limits where they belong', () => {
    expect(ln(1)).toBe(0)
    expect(ln(2)).toBe(LN2)
    expect(ln(0)).toBe(-Infinity)
    expect(ln(-1)).toBeNaN()
    expect(ln(Number.NaN)).toBeNaN()
    expect(ln(Infinity)).toBe(Infinity)
  })
})
