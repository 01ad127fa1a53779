// biome-ignore-all lint/suspicious/noApproximativeNumericConstant: these digits are the routine; naming some of them Math.X would hide that.

// Powers of two and the natural logarithm from + − × ÷ alone, so that every engine gives the same bits.
// `Math.pow` and `Math.log` may differ by an ulp between engines, and one ulp is enough to swap two users in a queue.
//
// 2^x is split into 2^n · 2^(j/16) · 2^g with g in [0, 1/16). The last factor is a polynomial with positive coefficients:
// rounding keeps the order of sums and products of what is not negative, so the result never falls where x rises.
// Both are within one ulp of the true value (exponential.test.ts measures it).

/** (ln 2)^k / k! for k = 1…17: the Taylor coefficients of 2^g − 1. */
const TAYLOR = [
  0.6931471805599453, 0.24022650695910072, 0.05550410866482158, 0.009618129107628477, 0.0013333558146428443,
  0.0001540353039338161, 1.5252733804059841e-5, 1.321548679014431e-6, 1.01780860092397e-7, 7.054911620801123e-9,
  4.4455382718708116e-10, 2.5678435993488206e-11, 1.3691488853904128e-12, 6.778726354822545e-14, 3.1324367070884287e-15,
  1.3570247948755148e-16, 5.533046532458242e-18,
] as const

/** 2^(j/16) for j = 0…15, and what is lost by rounding it to a double. */
const ROOTS = Float64Array.of(
  1,
  1.0442737824274138,
  1.0905077326652577,
  1.1387886347566916,
  1.189207115002721,
  1.241857812073484,
  1.2968395546510096,
  1.3542555469368927,
  1.4142135623730951,
  1.4768261459394993,
  1.5422108254079407,
  1.6104903319492543,
  1.681792830507429,
  1.7562521603732995,
  1.8340080864093424,
  1.9152065613971474,
)
const ROOTS_REST = Float64Array.of(
  0,
  8.551889705537965e-17,
  -3.046782079812471e-17,
  8.912812676025408e-17,
  3.982015231465646e-17,
  4.658027591836937e-17,
  2.5382502794888315e-17,
  7.70094837980299e-17,
  -9.667293313452913e-17,
  -3.483994556892796e-17,
  7.949834809697621e-17,
  2.4707192569797888e-17,
  8.199010020581497e-17,
  2.960140695448873e-17,
  3.283107224245627e-17,
  -1.0619946056195963e-16,
)

const EXPONENT_MIN = -1074
const EXPONENT_MAX = 1023

/** 2^n for every n that a double can hold, from the smallest subnormal up. */
const POWERS = powersOfTwo()

function powersOfTwo(): Float64Array {
  const powers = new Float64Array(EXPONENT_MAX - EXPONENT_MIN + 1)
  let power = Number.MIN_VALUE
  for (let n = 0; n < powers.length; n++) {
    powers[n] = power
    power *= 2
  }
  return powers
}

/** 2^x, within one ulp, non-decreasing, exact where x is whole; 0 below the smallest double, Infinity above the largest. */
export function exp2(x: number): number {
  if (x >= EXPONENT_MAX + 1) return Infinity
  if (x < EXPONENT_MIN - 1) return 0
  let n = Math.floor(x)
  let fraction = x - n
  // Just below a whole number the difference rounds up to it.
  if (fraction === 1) {
    n += 1
    fraction = 0
  }
  const j = Math.floor(fraction * 16)
  const g = fraction - j / 16
  const tail = TAYLOR[4] + g * (TAYLOR[5] + g * (TAYLOR[6] + g * (TAYLOR[7] + g * TAYLOR[8])))
  const growth = g * (TAYLOR[0] + g * (TAYLOR[1] + g * (TAYLOR[2] + g * (TAYLOR[3] + g * tail))))
  const root = ROOTS[j] as number
  const mantissa = root + ((ROOTS_REST[j] as number) + root * growth)
  if (n > EXPONENT_MIN + 52) return mantissa * (POWERS[n - EXPONENT_MIN] as number)
  // Subnormal: halve first, so that the one rounding happens in the last product.
  return mantissa * 0.5 * (POWERS[n + 1 - EXPONENT_MIN] as number)
}

/** 2^−x: what is left of one after x half-lives. x ≥ 0. */
export const exp2Neg = (x: number): number => exp2(-x)

/** 1 − 2^−x for x ≥ 0, without the cancellation that would spoil it where x is small. */
export function oneMinusExp2Neg(x: number): number {
  if (x >= 1) return 1 - exp2Neg(x)
  let sum = 0
  for (let k = TAYLOR.length - 1; k >= 0; k--) sum = (TAYLOR[k] as number) - x * sum
  return x * sum
}

/** ln 2 in two parts; `LN2_HIGH` has 32 bits, so that its product with an exponent is exact. */
const LN2_HIGH = 0.6931471803691238
const LN2_LOW = 1.9082149292705877e-10
export const LN2 = 0.6931471805599453

const bits = new DataView(new ArrayBuffer(8))

/** Natural logarithm, within one ulp; −Infinity at 0, NaN below. */
export function ln(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN
  if (x === Infinity) return Infinity
  let exponent = 0
  let normal = x
  if (x < 2.2250738585072014e-308) {
    normal = x * 0x1_0000_0000_0000_00
    exponent = -56
  }
  bits.setFloat64(0, normal)
  const high = bits.getUint32(0)
  exponent += (high >>> 20) - 1023
  bits.setUint32(0, (high & 0xfffff) | 0x3ff00000)
  let mantissa = bits.getFloat64(0)
  if (mantissa > 1.4142135623730951) {
    mantissa *= 0.5
    exponent += 1
  }
  // ln(1+f) = 2·artanh(s) with s = f/(2+f). Written as f − s·(f − rest), where f is exact and leads,
  // so that only small terms are rounded before the last difference.
  const f = mantissa - 1
  const s = f / (2 + f)
  const z = s * s
  const deep = 1 / 13 + z * (1 / 15 + z * (1 / 17 + z * (1 / 19 + z * (1 / 21))))
  const rest = 2 * z * (1 / 3 + z * (1 / 5 + z * (1 / 7 + z * (1 / 9 + z * (1 / 11 + z * deep)))))
  return exponent * LN2_HIGH + (f - (s * (f - rest) - exponent * LN2_LOW))
}
