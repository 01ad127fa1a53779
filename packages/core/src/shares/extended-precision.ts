// Division as x87 hardware does it: 64 bits of mantissa, one more rounding than mathematics and eleven bits more than a double.
// Slurm on x86-64 keeps level fair-share in a C `long double`; two values that doubles call equal may differ there, and
// the order of users differs with them. Used only where doubles cannot tell two levels apart, so BigInt is fast enough.

/** mantissa · 2^exponent with 2^63 ≤ mantissa < 2^64. */
export interface Extended {
  readonly mantissa: bigint
  readonly exponent: number
}

/** A positive finite double, exactly. */
export function extendedOf(x: number): Extended {
  if (!(x > 0 && x < Infinity)) throw new RangeError(`${x} has no extended form: it must be positive and finite`)
  let mantissa = x
  let exponent = -11
  for (; mantissa >= 0x20_0000_0000_0000; mantissa /= 2) exponent++
  for (; mantissa < 0x10_0000_0000_0000; mantissa *= 2) exponent--
  return { mantissa: BigInt(mantissa) << 11n, exponent }
}

/**
 * a ÷ b, rounded to 64 bits. The quotient of two mantissas of one width never lies half way between two of that width,
 * nor so close below a power of two that it rounds up to it: the two awkward cases of rounding cannot happen.
 */
export function divideExtended(a: Extended, b: Extended): Extended {
  const quotient = (a.mantissa << 66n) / b.mantissa
  const excess = quotient >> 66n > 0n ? 3n : 2n
  const half = 1n << (excess - 1n)
  return { mantissa: (quotient + half) >> excess, exponent: a.exponent - b.exponent - 66 + Number(excess) }
}

/** Negative, zero or positive, as a − b is. */
export const compareExtended = (a: Extended, b: Extended): number =>
  a.exponent !== b.exponent ? a.exponent - b.exponent : Number(a.mantissa - b.mantissa)
