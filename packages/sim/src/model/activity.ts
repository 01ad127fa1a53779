// How unequally busy users are: the k-th busiest does 1/k^s as much as the busiest (Zipf), with one number s to fit.

import { exp2, LN2, ln } from '@dure/core'

export const activityWeight = (rank: number, exponent: number): number => exp2((-exponent * ln(rank)) / LN2)

const EXPONENT_MAX = 8
/** Halvings of the interval: down to a billionth. */
const HALVINGS = 33

/**
 * The exponent that makes what was seen most likely: it is the one under which the logarithm of the rank has the mean that was
 * observed, which falls as the exponent rises.
 * @param counts what each user did, in any order
 */
export function fitActivityExponent(counts: readonly number[]): number {
  const sorted = counts.toSorted((a, b) => b - a)
  const logs = sorted.map((_, i) => ln(i + 1))
  const meanLog = (weights: readonly number[]): number =>
    weights.reduce((sum, weight, i) => sum + weight * logs[i]!, 0) / weights.reduce((sum, weight) => sum + weight, 0)
  const seen = meanLog(sorted)
  let low = 0
  let high = EXPONENT_MAX
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2
    if (meanLog(sorted.map((_, k) => activityWeight(k + 1, middle))) > seen) low = middle
    else high = middle
  }
  return (low + high) / 2
}
