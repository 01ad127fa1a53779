// Percentiles by nearest rank: the smallest value that at least so many of 100 values do not exceed. Exact: every value is kept.

export interface Percentiles {
  /** @param value a whole number, 0 or above */
  record(value: number): void
  /** By nearest rank; 0 of none. @param percent above 0, at most 100 */
  at(percent: number): number
}

export function exactPercentiles(): Percentiles {
  let values = new Float64Array(64)
  let count = 0
  let isSorted = true
  return {
    record(value) {
      if (count === values.length) {
        const larger = new Float64Array(2 * count)
        larger.set(values)
        values = larger
      }
      values[count++] = value
      isSorted = false
    },
    at(percent) {
      const recorded = values.subarray(0, count)
      if (!isSorted) recorded.sort()
      isSorted = true
      return nearestRank(recorded, percent)
    },
  }
}

/** The smallest value that at least `percent` of 100 of the values do not exceed; 0 of none. */
export function nearestRank(sorted: Float64Array, percent: number): number {
  if (sorted.length === 0) return 0
  return sorted[Math.max(1, Math.ceil((percent * sorted.length) / 100)) - 1]!
}
