// How sure is a mean? Half the width of its confidence interval, by Student's t over values that may be taken for independent:
// what several seeds came to, or the means of consecutive batches of one long run, whose single jobs are anything but
// independent (batch means; Law, Simulation Modeling and Analysis, ch. 9).
//
// The quantile comes from the finite sums of Abramowitz and Stegun 26.7.3 and 26.7.4 and bisection: only + − × ÷ and square roots,
// so that every machine gives the same digits. Cost: O(degrees of freedom) a step.

export interface Interval {
  readonly mean: number
  /** The mean lies within this much on either side. Infinity of one value, which says nothing of how far others lie. */
  readonly halfWidth: number
}

/** Mean and confidence interval of values that are independent of each other. Throws a `RangeError` of none. */
export function meanInterval(values: ArrayLike<number>, confidence = 0.95): Interval {
  const n = values.length
  if (n === 0) throw new RangeError('a mean of no values')
  let sum = 0
  for (let i = 0; i < n; i++) sum += values[i]!
  const mean = sum / n
  if (n === 1) return { mean, halfWidth: Infinity }
  let squares = 0
  for (let i = 0; i < n; i++) squares += (values[i]! - mean) * (values[i]! - mean)
  return { mean, halfWidth: studentT(confidence, n - 1) * Math.sqrt(squares / (n - 1) / n) }
}

/**
 * The t with P(|T| ≤ t) = `confidence` for Student's T.
 * @param confidence between 0 and 1, both excluded
 * @param freedom degrees of freedom, a whole number of at least 1
 */
export function studentT(confidence: number, freedom: number): number {
  let below = 0
  let above = 1
  while (within(above, freedom) < confidence) above *= 2
  // Until there is no number between the two.
  for (;;) {
    const middle = (below + above) / 2
    if (middle === below || middle === above) return above
    if (within(middle, freedom) < confidence) below = middle
    else above = middle
  }
}

/** P(|T| ≤ t). */
function within(t: number, freedom: number): number {
  const cosSquared = freedom / (freedom + t * t)
  const sin = t / Math.sqrt(freedom + t * t)
  const isOdd = freedom % 2 === 1
  let term = isOdd ? Math.sqrt(cosSquared) : 1
  let sum = freedom === 1 ? 0 : term
  for (let k = isOdd ? 3 : 2; k <= freedom - 2; k += 2) {
    term *= (cosSquared * (k - 1)) / k
    sum += term
  }
  return isOdd ? (arctan(t / Math.sqrt(freedom)) + sin * sum) / RIGHT_ANGLE : sin * sum
}

/** Of x ≥ 0: the angle is halved until the series needs few terms. */
function arctan(x: number): number {
  let reduced = x
  for (let halving = 0; halving < 4; halving++) reduced /= 1 + Math.sqrt(1 + reduced * reduced)
  let power = reduced
  let sum = 0
  for (let k = 1; k <= 19; k += 2) {
    sum += k % 4 === 1 ? power / k : -power / k
    power *= reduced * reduced
  }
  return 16 * sum
}

const RIGHT_ANGLE = 2 * arctan(1)
