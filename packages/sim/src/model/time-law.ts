// How long things take that people do: a mixture of lognormal laws, cut off at both ends. Run times and think times of real
// logs spread over five decades with one or two humps on a logarithmic scale, which two or three such laws follow well.
// Drawing needs one normal deviate; fitting is expectation and maximization with closed forms (`decisions/002`).

import { exp2, LN2, ln } from '@dure/core'
import type { Stream } from './streams.ts'

export interface TimeLaw {
  /** Percents of all draws. */
  readonly parts: readonly { readonly percent: number; readonly medianS: number; readonly sigma: number }[]
  /** What is drawn beyond these is set to them. */
  readonly shortestS: number
  readonly longestS: number
}

/** 99th percentile of the standard normal distribution. */
const NORMAL_P99 = 2.3263478740408408

/** One lognormal law by its median and 99th percentile, which is also the longest there is. */
export const lognormalTo = (medianS: number, longestS: number, shortestS: number): TimeLaw => ({
  parts: [{ percent: 100, medianS, sigma: ln(longestS / medianS) / NORMAL_P99 }],
  shortestS,
  longestS,
})

export function drawTimeS(law: TimeLaw, draws: Stream): number {
  const { parts, shortestS, longestS } = law
  let part = parts[0]!
  if (parts.length > 1) {
    let left = 100 * draws.uniform()
    for (part of parts) {
      left -= part.percent
      if (left < 0) break
    }
  }
  return Math.min(longestS, Math.max(shortestS, draws.lognormal(part.medianS, part.sigma)))
}

/** Points of the standard normal law, from far left to far right, over which means are summed. */
const GRID_STEP = 1 / 64
const GRID_END = 6

/** Mean of what is drawn, to some four digits. */
export const meanTimeS = (law: TimeLaw): number =>
  law.parts.reduce((sum, part) => sum + (part.percent / 100) * meanOfPartS(part, law), 0)

function meanOfPartS({ medianS, sigma }: TimeLaw['parts'][number], { shortestS, longestS }: TimeLaw): number {
  let weights = 0
  let sum = 0
  for (let z = -GRID_END; z <= GRID_END; z += GRID_STEP) {
    const weight = exp2((-z * z) / (2 * LN2))
    weights += weight
    sum += weight * Math.min(longestS, Math.max(shortestS, medianS * exp2((sigma * z) / LN2)))
  }
  return sum / weights
}

/** Fewer values than this a part say little about its shape. */
const VALUES_PER_PART = 100
const PARTS_MAX = 3
/** Logs have whole seconds: below this, logarithms of neighbours are too far apart to be told from a step. */
const SHORTEST_S = 1
const BINS = 512
/** Steps of expectation and maximization; the likelihood moves in the fifth digit after half of them. */
const STEPS = 300
/** A part narrower than this is a spike of one popular value, not a hump. */
const SIGMA_MIN = 0.05
const PERCENT_MIN = 0.01

/** The factor by which the heaviest part is widened lies between this and its inverse. */
const STRETCH_MIN = 0.25
const HALVINGS = 40

/**
 * The law under which `valuesS` are likely, widened at its long end until its mean is `meanS`: a few very long runs are most of
 * the work of a log, and likelihood hardly looks at them. At least one value; what is below a second counts as one.
 * @param meanS default: the mean of the values
 */
export function fitTimeLaw(valuesS: Float64Array, meanS?: number): TimeLaw {
  const sorted = valuesS.map((value) => Math.max(SHORTEST_S, value)).sort()
  const shortestS = sorted[0]!
  const longestS = sorted.at(-1)!
  const histogram = logHistogram(sorted)
  const count = Math.min(PARTS_MAX, Math.max(1, Math.floor(sorted.length / VALUES_PER_PART)))
  let parts = firstGuess(sorted, count)
  if (count > 1) for (let step = 0; step < STEPS; step++) parts = likelier(parts, histogram)
  const kept = parts.filter(({ weight }) => 100 * weight >= PERCENT_MIN)
  const total = kept.reduce((sum, { weight }) => sum + weight, 0)
  const law = {
    parts: kept.map(({ weight, mean, sigma }) => ({
      percent: (100 * weight) / total,
      medianS: exp2(mean / LN2),
      sigma,
    })),
    shortestS,
    longestS,
  }
  return withMean(law, meanS ?? sorted.reduce((sum, value) => sum + value, 0) / sorted.length)
}

/** The law with its heaviest part made wider or narrower, as far as that goes, until the mean is `meanS`. */
function withMean(law: TimeLaw, meanS: number): TimeLaw {
  const means = law.parts.map((part) => part.percent * meanOfPartS(part, law))
  const heaviest = means.indexOf(means.reduce((most, mean) => Math.max(most, mean), 0))
  const stretched = (factor: number): TimeLaw => ({
    ...law,
    parts: law.parts.map((part, k) => (k === heaviest ? { ...part, sigma: part.sigma * factor } : part)),
  })
  let low = STRETCH_MIN
  let high = 1 / STRETCH_MIN
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2
    if (meanTimeS(stretched(middle)) < meanS) low = middle
    else high = middle
  }
  return stretched((low + high) / 2)
}

/** A normal law of logarithms, and what part of the values it stands for. */
interface Part {
  readonly weight: number
  readonly mean: number
  readonly sigma: number
}

interface Histogram {
  /** Mean logarithm of the values of a bin. */
  readonly centres: Float64Array
  readonly counts: Float64Array
  readonly total: number
}

/** The same work for a thousand values and for ten million: bins of equal width on the logarithmic scale. */
function logHistogram(sorted: Float64Array): Histogram {
  const low = ln(sorted[0]!)
  const width = Math.max(Number.EPSILON, ln(sorted.at(-1)!) - low)
  const counts = new Float64Array(BINS)
  const sums = new Float64Array(BINS)
  for (const value of sorted) {
    const logarithm = ln(value)
    const bin = Math.min(BINS - 1, Math.floor(((logarithm - low) * BINS) / width))
    counts[bin]!++
    sums[bin]! += logarithm
  }
  const centres = sums.map((sum, bin) => (counts[bin]! > 0 ? sum / counts[bin]! : 0))
  return { centres, counts, total: sorted.length }
}

/** As many equal groups of neighbours as there are parts. */
function firstGuess(sorted: Float64Array, count: number): Part[] {
  return Array.from({ length: count }, (_, k) => {
    const group = sorted.subarray(
      Math.floor((k * sorted.length) / count),
      Math.floor(((k + 1) * sorted.length) / count),
    )
    let sum = 0
    let squares = 0
    for (const value of group) {
      const logarithm = ln(value)
      sum += logarithm
      squares += logarithm * logarithm
    }
    const mean = sum / group.length
    return { weight: 1 / count, mean, sigma: spreadOf(squares / group.length - mean * mean) }
  })
}

const spreadOf = (variance: number): number => Math.max(SIGMA_MIN, Math.sqrt(Math.max(0, variance)))

/** One step of expectation and maximization: each bin is divided among the parts by how likely they make it. */
function likelier(parts: readonly Part[], { centres, counts, total }: Histogram): Part[] {
  const weights = new Float64Array(parts.length)
  const sums = new Float64Array(parts.length)
  const squares = new Float64Array(parts.length)
  const densities = new Float64Array(parts.length)
  for (let bin = 0; bin < counts.length; bin++) {
    const count = counts[bin]!
    if (count === 0) continue
    const centre = centres[bin]!
    let sum = 0
    parts.forEach(({ weight, mean, sigma }, k) => {
      const z = (centre - mean) / sigma
      densities[k] = (weight / sigma) * exp2((-z * z) / (2 * LN2))
      sum += densities[k]!
    })
    // Too far from every part to be told apart: no part claims it in this step.
    if (sum === 0) continue
    for (let k = 0; k < parts.length; k++) {
      const share = (count * densities[k]!) / sum
      weights[k]! += share
      sums[k]! += share * centre
      squares[k]! += share * centre * centre
    }
  }
  return parts.map((part, k) => {
    const weight = weights[k]!
    if (weight === 0) return { ...part, weight: 0 }
    const mean = sums[k]! / weight
    return { weight: weight / total, mean, sigma: spreadOf(squares[k]! / weight - mean * mean) }
  })
}
