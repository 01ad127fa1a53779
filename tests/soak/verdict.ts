// Whether something grows, told from samples that go up and down: by the smallest value of each stretch of time, which a
// burst or a collection that has not come yet does not move, and the median of all slopes between two of them, which a few odd ones
// do not move either (Theil and Sen).

import { median } from '@dure/bench/statistics'

export interface Point {
  readonly atS: number
  readonly value: number
}

export interface Limit {
  /** What must not grow, and of whom. */
  readonly subject: string
  readonly what: string
  readonly unit: string
  /** Growth in ten minutes, in percent of its median or in units; or the distance from its median, in percent, that it keeps. */
  readonly kind: 'growth in percent' | 'growth' | 'distance in percent'
  readonly max: number
}

export interface Verdict extends Limit {
  /** In percent or units; null where it cannot be told. */
  readonly figure: number | null
  readonly first: number | null
  readonly last: number | null
  /** `not judged`: for the reason given, which is no fault of who runs it. */
  readonly outcome: 'kept' | 'missed' | 'not judged'
  readonly why?: string
}

const WINDOWS = 20
/** Fewer say nothing about a slope. */
const WINDOWS_MIN = 4
const TEN_MINUTES_S = 600

/** @param points of the part of the run that is judged, in order of time */
export function judge(limit: Limit, points: readonly Point[]): Verdict {
  const minima = windowMinima(points)
  if (minima.length < WINDOWS_MIN)
    return notJudged(limit, `${minima.length} samples are too few: let it run for longer`)
  const figure = figureOf(limit, minima)
  return {
    ...limit,
    figure,
    first: minima[0]!.value,
    last: minima.at(-1)!.value,
    outcome: figure <= limit.max ? 'kept' : 'missed',
  }
}

export const notJudged = (limit: Limit, why: string): Verdict => ({
  ...limit,
  figure: null,
  first: null,
  last: null,
  outcome: 'not judged',
  why,
})

function figureOf({ kind }: Limit, minima: readonly Point[]): number {
  const middle = median(minima.map(({ value }) => value))
  switch (kind) {
    case 'growth in percent':
      return (100 * TEN_MINUTES_S * slope(minima)) / middle
    case 'growth':
      return TEN_MINUTES_S * slope(minima)
    case 'distance in percent':
      return (100 * Math.max(...minima.map(({ value }) => Math.abs(value - middle)))) / middle
  }
}

function windowMinima(points: readonly Point[]): Point[] {
  if (points.length === 0) return []
  const fromS = points[0]!.atS
  const widthS = (points.at(-1)!.atS - fromS) / WINDOWS || 1
  const windows = Map.groupBy(points, ({ atS }) => Math.min(WINDOWS - 1, Math.floor((atS - fromS) / widthS)))
  return [...windows.values()].map((window) => window.reduce((least, one) => (one.value < least.value ? one : least)))
}

/** Units a second: the median of the slopes between any two points. */
function slope(points: readonly Point[]): number {
  return median(points.flatMap((a, i) => points.slice(i + 1).map((b) => (b.value - a.value) / (b.atS - a.atS))))
}
