// Drawing by weight from tables that may be long: the bounds are summed once, a draw is a binary search. O(log n).

import type { Stream } from './streams.ts'

/** Gives indices in proportion to their weights, which are not negative and not all zero; one number of the stream a draw. */
export function roulette(weights: ArrayLike<number>): (draws: Stream) => number {
  const bounds = new Float64Array(weights.length)
  let total = 0
  for (let i = 0; i < bounds.length; i++) {
    total += weights[i]!
    bounds[i] = total
  }
  return (draws) => {
    const at = draws.uniform() * total
    let low = 0
    let high = bounds.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (bounds[middle]! > at) high = middle
      else low = middle + 1
    }
    return low
  }
}
