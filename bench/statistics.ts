// Few numbers that say how a quantity is distributed. All by nearest rank: every number shown was measured.

/** The smallest value that at least `percent` of 100 of the values do not exceed. `values` is not empty and need not be sorted. */
export function percentile(values: ArrayLike<number>, percent: number): number {
  if (values.length === 0) throw new RangeError('no percentile of nothing: measure at least once')
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.max(1, Math.ceil((percent * sorted.length) / 100)) - 1]!
}

export const median = (values: ArrayLike<number>): number => percentile(values, 50)
