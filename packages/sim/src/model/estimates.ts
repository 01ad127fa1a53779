// What people write for a time limit. After Tsafrir, Etsion and Feitelson, "Modeling User Runtime Estimates" (JSSPP 2005):
// some twenty round values make up nine in ten of all estimates, the longest allowed is among the most popular, and how much
// of an estimate is used is spread almost evenly from none to all of it, whatever the run.

import { roulette } from './roulette.ts'
import type { Stream } from './streams.ts'
import type { EstimateHabit } from './workload-model.ts'

/** Seconds. A limit is rounded up to one of these. */
export const popularLimitsS: readonly number[] = [
  300, 600, 900, 1200, 1800, 3600, 7200, 10_800, 14_400, 21_600, 28_800, 36_000, 43_200, 64_800, 86_400, 172_800,
  259_200, 604_800, 1_209_600, 2_419_200,
]

/** Nobody asks for more than twenty times what they need but by leaving the longest limit in place. */
const USED_MIN = 0.05
/** Other limits are rounded too, only not as roundly: to five minutes, and from four hours on to hours. */
const FINE_S = 300
const COARSE_S = 3600
const COARSE_FROM_S = 4 * COARSE_S

/** A limit for a run of `wholeS` seconds that could at most take `longestS`. */
export type EstimateOf = (wholeS: number, longestS: number) => number

export function estimating(habit: EstimateHabit, draws: Stream): EstimateOf {
  if (habit.habit === 'exact') return (wholeS) => Math.ceil(wholeS)
  if (habit.habit === 'people') {
    const { longestPercent, shortPercent, popularPercent } = habit
    return (wholeS, runLongestS) => {
      const longestS = roundedUp(runLongestS)
      const mood = 100 * draws.uniform()
      if (mood < longestPercent) return longestS
      const used = draws.uniform()
      const isShort = mood < longestPercent + shortPercent
      const wantedS = isShort ? wholeS * (0.3 + 0.6 * used) : wholeS / Math.max(USED_MIN, used)
      const isPopular = 100 * draws.uniform() < popularPercent
      return Math.min(longestS, isPopular ? roundedUp(wantedS) : roundedFinely(wantedS))
    }
  }
  const classes = habit.classes.map(({ runUpToS, limitsS }) => ({
    runUpToS,
    values: limitsS.map(([value]) => value),
    pick: roulette(limitsS.map(([, weight]) => weight)),
  }))
  return (wholeS) => {
    const { values, pick } = classes.find(({ runUpToS }) => wholeS <= runUpToS) ?? classes.at(-1)!
    let at = pick(draws)
    // A class has runs of different lengths: what is too short for this one gives way to the next that is not.
    while (at < values.length && values[at]! < wholeS) at++
    return values[at] ?? Math.ceil(wholeS)
  }
}

const roundedUp = (seconds: number): number =>
  popularLimitsS.find((limitS) => limitS >= seconds) ?? popularLimitsS.at(-1)!

function roundedFinely(seconds: number): number {
  const stepS = seconds < COARSE_FROM_S ? FINE_S : COARSE_S
  return stepS * Math.ceil(seconds / stepS)
}
