// Utilization since the page was opened, in bounded room: when it is full, every second point goes and half as many are
// taken from then on, so that a wall display left on for a month still shows the whole month.

export interface UtilizationPoint {
  /** Center time. */
  readonly atMs: number
  /** 0 to 1. */
  readonly utilization: number
}

export interface UtilizationHistory {
  readonly points: readonly UtilizationPoint[]
  /** Center time between points that are kept; 0 keeps all. */
  readonly stepMs: number
}

export const emptyHistory: UtilizationHistory = { points: [], stepMs: 0 }

const POINTS_MAX = 480

export function withPoint(
  history: UtilizationHistory,
  point: UtilizationPoint,
  pointsMax = POINTS_MAX,
): UtilizationHistory {
  const { points, stepMs } = history
  const last = points.at(-1)
  const beforeLast = points.at(-2)
  if (last !== undefined && point.atMs <= last.atMs) return history
  // The newest point always shows: it replaces the last one as long as that stands too close to the one before it.
  const crowded = last !== undefined && beforeLast !== undefined && last.atMs - beforeLast.atMs < stepMs
  const next = [...(crowded ? points.slice(0, -1) : points), point]
  if (next.length <= pointsMax) return { points: next, stepMs }
  const thinned = next.filter((_, index) => index % 2 === 0 || index === next.length - 1)
  const spanMs = point.atMs - next[0]!.atMs
  return { points: thinned, stepMs: (2 * spanMs) / pointsMax }
}
