// How long a job takes where devices are unlike. Run times and time limits are written for a speed of 1000; at another a job takes
// longer or shorter in proportion, rounded up to the millisecond. A longer job never takes less time than a shorter one.

/** The speed that a job's run time and time limit are written for. */
export const REFERENCE_SPEED_MILLE = 1000

/** How long `durationMs` of work at the reference speed takes at another, in thousandths of it. */
export const atSpeedMs = (durationMs: number, speedMille: number): number =>
  speedMille === REFERENCE_SPEED_MILLE ? durationMs : Math.ceil((durationMs * REFERENCE_SPEED_MILLE) / speedMille)

/** What a job has pools and speeds by: a request as people write it, with names, or as facts carry it, with indices. */
interface Speeds<Pool> {
  readonly pools: readonly Pool[]
  readonly speedsMille?: readonly number[] | undefined
}

/** How fast a job runs in one of the pools it accepts. */
export const speedMilleIn = <Pool>({ pools, speedsMille }: Speeds<Pool>, pool: Pool): number =>
  speedsMille?.[pools.indexOf(pool)] ?? REFERENCE_SPEED_MILLE

/** How long a job may run in one of the pools it accepts. */
export function limitInMs<Pool>(request: Speeds<Pool>, pool: Pool, timeLimitMs: number): number {
  return request.speedsMille === undefined ? timeLimitMs : atSpeedMs(timeLimitMs, speedMilleIn(request, pool))
}
