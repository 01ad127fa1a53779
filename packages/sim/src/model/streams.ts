// Named streams of random numbers. Each name has a generator of its own under the same seed, so that one more draw for
// failures never moves an arrival, and a study changes one thing at a time. Arithmetic is + - * / and square root, and
// the logarithm and exponential of `core`: every browser draws what every server draws. Not for secrets.

import { exp2, LN2, ln } from '@dure/core'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus'

export interface Stream {
  /** In [0, 1). */
  uniform(): number
  /** Whole numbers from `from` to `to`, both included. */
  int(from: number, to: number): number
  chance(probability: number): boolean
  exponential(mean: number): number
  /** Mean 0, standard deviation 1. */
  normal(): number
  /** `sigma` is the standard deviation of the logarithm. */
  lognormal(median: number, sigma: number): number
  /** An index, in proportion to its weight. Weights are not negative and not all zero. */
  choice(weights: readonly number[]): number
}

/** `seed` is any safe integer. */
export function stream(seed: number, name: string): Stream {
  if (!Number.isSafeInteger(seed)) throw new Error(`seed ${seed} is not a whole number: give one, such as 1`)
  const generator = xoroshiro128plusFromState(stateOf(seed, name))
  const uniform = (): number => uniformFloat64(generator)
  // Marsaglia's polar method. Its second deviate is thrown away, so that what a call gives depends on nothing but the generator.
  const normal = (): number => {
    for (;;) {
      const x = 2 * uniform() - 1
      const y = 2 * uniform() - 1
      const s = x * x + y * y
      if (s > 0 && s < 1) return x * Math.sqrt((-2 * ln(s)) / s)
    }
  }
  return {
    uniform,
    int: (from, to) => uniformInt(generator, from, to),
    chance: (probability) => uniform() < probability,
    exponential: (mean) => -mean * ln(1 - uniform()),
    normal,
    lognormal: (median, sigma) => median * exp2((sigma * normal()) / LN2),
    choice(weights) {
      let total = 0
      for (const weight of weights) total += weight
      let left = uniform() * total
      for (let i = 0; i < weights.length - 1; i++) {
        left -= weights[i]!
        if (left < 0) return i
      }
      // Rounding may leave a crumb past the last bound.
      return weights.length - 1
    },
  }
}

/** Digits of pi: starting points of the four words of state. */
const LANES = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344]

/** Four words that differ in every bit with even odds for any change of seed or name. */
function stateOf(seed: number, name: string): number[] {
  const words = [seed | 0, Math.floor(seed / 0x1_0000_0000) | 0]
  for (let i = 0; i < name.length; i++) words.push(name.charCodeAt(i))
  // Each step is one to one in the lane, so four lanes that start apart stay apart, and are never all zero.
  return LANES.map((lane) => words.reduce(mix, lane))
}

function mix(lane: number, word: number): number {
  let h = Math.imul(lane ^ word, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  return h ^ (h >>> 16)
}
