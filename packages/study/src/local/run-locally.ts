// A study on the cores of one machine: worker threads that each take the next unit as they come free. Nothing is remembered here that
// `nextUnits` would not say again from the rows, so a study that was interrupted goes on from its rows alone.

import type { ResultRow } from '@dure/contract'
import { nextUnits } from '../next-units.ts'
import type { Study } from '../study.ts'
import type { StudyUnit } from '../unit.ts'
import { openThread, type Thread, ThreadDied } from './thread.ts'

/** A unit whose thread died this often is not tried again. */
const DEATHS_MAX = 3

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
  readonly openThread?: () => Thread
}

/**
 * Runs what a study still wants. @returns all its rows; fewer where it was asked to stop
 * @throws {Error} in one sentence: a unit that has no result, or whose threads died again and again
 */
export async function runLocally(run: LocalRun): Promise<readonly ResultRow[]> {
  const { study, threads, onRow, onProgress, signal } = run
  const open = run.openThread ?? (() => openThread())
  const rows = [...run.rows]
  const under = new Map<string, number>()
  const deaths = new Map<string, number>()
  const idle: (() => void)[] = []
  let waiting = inReach()
  let stopped = signal.aborted

  /** The largest machines, which take longest, mostly come last in a study; begun first, they leave no core without work at its end. */
  function inReach(): StudyUnit[] {
    return nextUnits(study, rows).filter(({ id }) => !under.has(id))
  }
  const wakeIdle = (): void => idle.splice(0).forEach((wake) => wake())

  /** The next unit; waits while others may still make one necessary. null: there is none any more. */
  async function take(): Promise<StudyUnit | null> {
    for (;;) {
      if (stopped) return null
      // Only a search wants more than it said at first.
      if (waiting.length === 0 && study.kind === 'solve') waiting = inReach()
      // From the end: the largest machines, which take longest, mostly come last in a study. Begun first, they leave no core idle later.
      const unit = waiting.pop()
      if (unit !== undefined) {
        under.set(unit.id, 0)
        return unit
      }
      if (under.size === 0) return null
      await new Promise<void>((wake) => idle.push(wake))
    }
  }

  const tellProgress = (): void => onProgress?.(rows.length + under.values().reduce((sum, part) => sum + part, 0))

  async function work(): Promise<void> {
    let thread: Thread | null = null
    try {
      for (;;) {
        const unit = await take()
        if (unit === null) return
        thread ??= opened(open())
        try {
          const row = await thread.run(study, unit, (part) => {
            under.set(unit.id, part)
            tellProgress()
          })
          under.delete(unit.id)
          rows.push(row)
          onRow(row)
          tellProgress()
        } catch (error) {
          under.delete(unit.id)
          if (stopped || !(error instanceof ThreadDied)) throw error
          thread = null
          const count = (deaths.get(unit.id) ?? 0) + 1
          deaths.set(unit.id, count)
          if (count >= DEATHS_MAX) throw new Error(`${nameOf(unit)} ended its worker ${count} times: ${error.message}`)
          waiting.push(unit)
        } finally {
          wakeIdle()
        }
      }
    } finally {
      stopped ||= signal.aborted
      wakeIdle()
    }
  }

  const all = new Set<Thread>()
  const opened = (thread: Thread): Thread => {
    all.add(thread)
    return thread
  }
  const stop = (): void => {
    stopped = true
    wakeIdle()
    for (const thread of all) void thread.close()
  }
  signal.addEventListener('abort', stop, { once: true })
  try {
    await Promise.all(Array.from({ length: Math.max(1, threads) }, work))
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    signal.removeEventListener('abort', stop)
    stop()
    await Promise.all([...all].map((thread) => thread.close()))
  }
  return rows
}

const nameOf = ({ point, policy, seed }: StudyUnit): string =>
  `point ${point}${policy === null ? '' : ` under ${policy}`} with seed ${seed}`
