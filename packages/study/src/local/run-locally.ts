// A study on the cores of one machine: worker threads that each take the next unit as they come free. Nothing is remembered here that
// `nextUnits` would not say again from the rows, so a study that was interrupted goes on from its rows alone.

import type { ResultRow } from '@dure/contract'
import { nextUnits } from '../next-units.ts'
import type { Study } from '../study.ts'
import type { StudyUnit } from '../unit.ts'
import { openThreadPool, type ThreadPool } from './thread-pool.ts'

export interface LocalRun {
  readonly study: Study
  /** Those there are already. */
  readonly rows: readonly ResultRow[]
  /** At least 1. */
  readonly threads: number
  /** Told of each row as it is made. */
  readonly onRow: (row: ResultRow) => void
  /** Told now and then how many units are done, with parts of those under way. */
  readonly onProgress?: (done: number) => void
  /** Asks to stop: what is under way is lost. */
  readonly signal: AbortSignal
  readonly pool?: ThreadPool
}

/**
 * Runs what a study still wants. @returns all its rows; fewer where it was asked to stop
 * @throws {UnitFailed} in one sentence
 */
export async function runLocally(run: LocalRun): Promise<readonly ResultRow[]> {
  const { study, onRow, onProgress, pool = openThreadPool() } = run
  const rows = [...run.rows]
  /** Units under way, and how far they are. */
  const under = new Map<string, number>()
  const wanted = (): StudyUnit[] => nextUnits(study, rows).filter(({ id }) => !under.has(id))
  let waiting = wanted()
  let changed = Promise.withResolvers<void>()
  const failing = new AbortController()
  const signal = AbortSignal.any([run.signal, failing.signal])

  /** The next unit; waits while others may still make one necessary. null: there is none any more. */
  async function take(): Promise<StudyUnit | null> {
    while (!signal.aborted) {
      // Only a search wants more than it said at first.
      if (waiting.length === 0 && study.kind === 'solve') waiting = wanted()
      // From the end: the largest machines, which take longest, mostly come last. Begun first, they leave no core idle later.
      const unit = waiting.pop()
      if (unit !== undefined) {
        under.set(unit.id, 0)
        return unit
      }
      if (under.size === 0) return null
      await changed.promise
    }
    return null
  }

  const tellProgress = (): void => onProgress?.(rows.length + under.values().reduce((sum, part) => sum + part, 0))

  async function work(): Promise<void> {
    for (let unit = await take(); unit !== null; unit = await take()) {
      const { id } = unit
      const onPart = (part: number): void => {
        under.set(id, part)
        tellProgress()
      }
      try {
        const row = await pool.run(study, unit, { onProgress: onPart, signal })
        rows.push(row)
        onRow(row)
      } catch (error) {
        failing.abort()
        if (!run.signal.aborted) throw error
      } finally {
        under.delete(id)
        tellProgress()
        changed.resolve()
        changed = Promise.withResolvers()
      }
    }
  }

  try {
    const done = await Promise.allSettled(Array.from({ length: run.threads }, work))
    for (const one of done) if (one.status === 'rejected' && !isAbort(one.reason)) throw one.reason
    return rows
  } finally {
    await pool.close()
  }
}

/** Of the others, where one has failed. */
const isAbort = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError'
