// Usage as Flux accounts for it: a bin for each period gone by, newest first, and what the current period has used so far. An
// older bin counts less, by the same factor a period (flux-accounting, fair share: bins weigh D, D², D³…; the current period 1).
// Between two periods usage only grows; it falls in steps when a period ends. O(bins).

/** What was used in periods gone by, newest first, seen from the current one. `kept`: what a period leaves, 0 to 1. */
export function pastUsage(bins: ArrayLike<number>, kept: number): number {
  // Oldest first, as in Horner's rule: one product a bin, and small terms are added before large ones.
  let sum = 0
  for (let period = bins.length - 1; period >= 0; period--) sum = (sum + (bins[period] as number)) * kept
  return sum
}

/** The bins of the next period: what was current becomes the newest, and the oldest is forgotten. */
export const turnedBins = (bins: readonly number[], current: number): readonly number[] => [
  current,
  ...bins.slice(0, bins.length - 1),
]

export interface FinishedRun {
  readonly nodes: number
  readonly runS: number
}

/** Node-seconds of the runs of one period. */
export const nodeSeconds = (runs: readonly FinishedRun[]): number =>
  runs.reduce((sum, { nodes, runS }) => sum + nodes * runS, 0)
