// What becomes of a run: how long it takes, how it ends, and what its owner asked for.

import { type EstimateOf, estimating } from './estimates.ts'
import { roulette } from './roulette.ts'
import { type Stream, stream } from './streams.ts'
import { drawTimeS } from './time-law.ts'
import type { EstimateHabit, JobKind } from './workload-model.ts'

/** Mistakes mostly show soon: exponential with this mean. So does to an owner that a run will come to nothing. */
const EARLY_SHORTEST_S = 5
const EARLY_MEAN_S = 600
/** Of failures that are not soon, the time is anywhere in the run: together 8 to 12 % of accelerator-time, as in Helios and Acme. */
const SOON_PERCENT = 70
const FAIL_CODES = [1, 2, 137, 139]
const FAIL_CODE_PERCENT = [65, 10, 20, 5]

/** Draws that the mean run time of a kind is estimated from, about 2 % off at worst. */
const MEAN_DRAWS = 16_384

export interface Run {
  /** How long it would have run if nothing had cut it short. */
  readonly wholeS: number
  readonly runS: number
  readonly limitS: number
  readonly exitCode: number
  readonly stopped: boolean
}

/**
 * Draws what becomes of a run, which takes `stretch` times as long as its work. `prefix` keeps the draws of one use apart from those of
 * another.
 */
export function runs(seed: number, prefix: string, habit: EstimateHabit): (kind: JobKind, stretch?: number) => Run {
  const durations = stream(seed, `${prefix}durations`)
  const limits = stream(seed, `${prefix}limits`)
  const failures = stream(seed, `${prefix}failures`)
  const cancels = stream(seed, `${prefix}cancels`)
  const estimateOf: EstimateOf = estimating(habit, stream(seed, `${prefix}estimates`))
  const pickLimit = new Map<JobKind, (draws: Stream) => number>()
  const earlyS = (draws: Stream): number => EARLY_SHORTEST_S + draws.exponential(EARLY_MEAN_S)
  return (kind, stretch = 1) => {
    const { atLimit, run, endings } = kind
    if (atLimit !== null && limits.chance(atLimit.percent / 100)) {
      let pick = pickLimit.get(kind)
      if (pick === undefined) {
        pick = roulette(atLimit.limitsS.map(([, weight]) => weight))
        pickLimit.set(kind, pick)
      }
      const limitS = atLimit.limitsS[pick(limits)]![0]
      return { wholeS: limitS, runS: limitS + 1, limitS, exitCode: 0, stopped: false }
    }
    const wholeS = drawTimeS(run, durations)
    const limitS = estimateOf(wholeS * stretch, run.longestS * stretch)
    const fate = 100 * cancels.uniform()
    if (failures.chance(endings.failPercent / 100)) {
      const isSoon = 100 * failures.uniform() < SOON_PERCENT
      const failS = isSoon ? earlyS(failures) : wholeS * failures.uniform()
      const runS = endings.failsAt === 'end' ? wholeS : Math.min(wholeS, Math.max(EARLY_SHORTEST_S, failS))
      return { wholeS, runS, limitS, exitCode: FAIL_CODES[failures.choice(FAIL_CODE_PERCENT)]!, stopped: false }
    }
    // Percents are of all runs; what has failed can no longer be cancelled.
    const left = 100 - endings.failPercent
    const abandoned = (100 * endings.abandonPercent) / left
    if (fate < abandoned) return { wholeS, runS: Math.min(wholeS, earlyS(cancels)), limitS, exitCode: 0, stopped: true }
    const stopped = fate < abandoned + (100 * endings.stopPercent) / left
    return { wholeS, runS: wholeS, limitS, exitCode: 0, stopped }
  }
}

/**
 * Mean times on the accelerators. Their draws have a seed of their own: the offered load must not depend on that of the workload. Each is
 * worked out once, however many groups have kinds with the same runs.
 */
export function meanRuns(): (kind: JobKind, habit: EstimateHabit) => number {
  const known = new Map<string, number>()
  return (kind, habit) => {
    const { name, run, atLimit, endings } = kind
    const key = JSON.stringify([name, run, atLimit, endings, habit])
    const meanMs = known.get(key) ?? runMeanMs(kind, habit)
    known.set(key, meanMs)
    return meanMs
  }
}

function runMeanMs(kind: JobKind, habit: EstimateHabit): number {
  const drawRun = runs(1, `mean/${kind.name}/`, habit)
  let sumS = 0
  for (let i = 0; i < MEAN_DRAWS; i++) {
    const { runS, limitS } = drawRun(kind)
    sumS += Math.min(runS, limitS)
  }
  return (1000 * sumS) / MEAN_DRAWS
}
