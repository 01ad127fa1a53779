// What is measured of one job, each in one place. All times in milliseconds of virtual time.

/** Runs shorter than this count as this long in a slowdown, or a job of one second would outweigh all others (Feitelson). */
const BOUND_MS = 10_000

/** From submission to the start of the attempt that counts; of a job that has not started, to the last that was seen of it. */
export const waitMs = (submitMs: number, startOrLastMs: number): number => startOrLastMs - submitMs

/** From submission to end. */
export const turnaroundMs = (submitMs: number, endMs: number): number => endMs - submitMs

/** How many times longer a job took than alone: never below 1. */
export const boundedSlowdown = (submitMs: number, startMs: number, endMs: number): number =>
  Math.max(1, turnaroundMs(submitMs, endMs) / Math.max(endMs - startMs, BOUND_MS))
