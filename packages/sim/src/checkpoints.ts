// What a run keeps of its work when a node fails under it. A run with checkpoints computes for a while, writes one, and goes on; one
// that begins anew reads the last back first. Nothing is written at the end of the work, where the result is.

import type { Demand } from './demand.ts'

/** What an attempt has spent its time on so far. The first three add up to it. */
export interface AttemptParts {
  readonly restartingMs: number
  readonly writingMs: number
  readonly computingMs: number
  /** Of the computing, what the last checkpoint has. */
  readonly keptMs: number
}

/** How long job `i` takes for so much computing if nothing cuts it short. @param resumes from a checkpoint */
export function attemptMs(demand: Demand, i: number, resumes: boolean, computingMs: number): number {
  const everyMs = demand.checkpointMs?.[i] ?? Infinity
  if (everyMs === Infinity) return computingMs
  const writes = Math.max(0, Math.ceil(computingMs / everyMs) - 1)
  return (resumes ? demand.restartMs![i]! : 0) + computingMs + writes * demand.writeMs![i]!
}

/** What an attempt of job `i` has done after so long. @param resumes from a checkpoint */
export function partsOf(demand: Demand, i: number, resumes: boolean, elapsedMs: number): AttemptParts {
  const everyMs = demand.checkpointMs?.[i] ?? Infinity
  if (everyMs === Infinity) return { restartingMs: 0, writingMs: 0, computingMs: elapsedMs, keptMs: 0 }
  const writeMs = demand.writeMs![i]!
  const restartingMs = resumes ? Math.min(elapsedMs, demand.restartMs![i]!) : 0
  const sinceMs = elapsedMs - restartingMs
  const written = Math.floor(sinceMs / (everyMs + writeMs))
  const computingMs = written * everyMs + Math.min(everyMs, sinceMs - written * (everyMs + writeMs))
  return { restartingMs, writingMs: sinceMs - computingMs, computingMs, keptMs: written * everyMs }
}

/** The time between checkpoints that loses least: √(2 · write · mean time between failures) (Young 1974, Daly 2006). Infinity where nothing fails. */
export const youngDalyMs = (writeMs: number, mttfMs: number): number => Math.round(Math.sqrt(2 * writeMs * mttfMs))
