// Where does more stop helping? The knee of a curve by Kneedle: V. Satopää, J. Albrecht, D. Irwin and B. Raghavan, Finding a
// "Kneedle" in a Haystack: Detecting Knee Points in System Behavior, ICDCSW 2011. Both axes are stretched to 0…1; the knee
// is where the curve lies farthest from its chord, once it has come back towards the chord by the mean distance of neighbours
// on the x axis (the paper's sensitivity S = 1). Two departures: no spline is laid through the points, since they are means of few
// capacities and not samples of a noisy signal; and a curve that bends the wrong way or hardly at all has no knee.

export interface CurvePoint {
  readonly x: number
  readonly y: number
}

/** Fewer points bend by accident. */
const POINTS_MIN = 5
const SENSITIVITY = 1
/** Part of the height that the curve must be away from its chord; below, nobody would see a bend. */
const BEND_MIN = 0.1

/**
 * The x of the knee of a curve that sags: one that falls ever more slowly, as waits do over capacity, or rises ever faster, as
 * waits do over demand. null where it is straight, bulges, or has too few points.
 * @param points in ascending order of x
 */
export function kneeOf(points: readonly CurvePoint[]): number | null {
  const [first, last] = [points[0], points.at(-1)]
  if (points.length < POINTS_MIN || first === undefined || last === undefined) return null
  const low = Math.min(...points.map(({ y }) => y))
  const high = Math.max(...points.map(({ y }) => y))
  if (high === low || last.x === first.x) return null
  const falls = last.y < first.y
  const sag = points.map(({ x, y }) => {
    const along = (x - first.x) / (last.x - first.x)
    return (falls ? 1 - along : along) - (y - low) / (high - low)
  })
  const threshold = SENSITIVITY / (points.length - 1)
  for (let at = 1; at < sag.length - 1; at++) {
    const here = sag[at]!
    if (here < BEND_MIN || here < sag[at - 1]! || here <= sag[at + 1]!) continue
    // Farther from the chord later on: the bend was not over.
    const next = sag.findIndex((value, index) => index > at && value > here)
    const until = next < 0 ? sag.length : next
    if (sag.slice(at, until).some((value) => value < here - threshold)) return points[at]!.x
  }
  return null
}
