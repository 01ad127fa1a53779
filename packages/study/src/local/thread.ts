// A worker thread that simulates one unit after another, of whatever studies. What fails in a unit is told apart from a thread that dies: the first happens
// again wherever the unit runs, the second is an accident of memory or machine.

import { type ResourceLimits, Worker } from 'node:worker_threads'
import type { ResultRow } from '@dure/contract'
import type { Study } from '../study.ts'
import type { StudyUnit } from '../unit.ts'

export interface ThreadTask {
  readonly study: Study
  readonly unit: StudyUnit
}

/** What a thread tells of the unit it was given. */
export type ThreadNews =
  | { readonly kind: 'row'; readonly row: ResultRow }
  | { readonly kind: 'failed'; readonly sentence: string }
  /** The part of its jobs that have ended, from 0 to 1. */
  | { readonly kind: 'progress'; readonly part: number }

/** The unit has no result, and would have none anywhere else. */
export class UnitFailed extends Error {
  override readonly name = 'UnitFailed'
}

/** The thread is gone, and with it the unit; another may have more luck. */
export class ThreadDied extends Error {
  override readonly name = 'ThreadDied'
}

export interface Thread {
  /**
   * One unit at a time.
   * @throws {UnitFailed | ThreadDied}
   */
  run(study: Study, unit: StudyUnit, onProgress: (part: number) => void): Promise<ResultRow>
  /** Ends it, in the middle of a unit too. */
  close(): Promise<void>
}

const program = new URL('./worker.ts', import.meta.url)

/** @param file another program, for tests of threads that die */
export function openThread(file: URL = program, resourceLimits: ResourceLimits = {}): Thread {
  const worker = new Worker(file, { resourceLimits })
  let running: {
    readonly outcome: PromiseWithResolvers<ResultRow>
    readonly onProgress: (part: number) => void
  } | null = null
  let death: ThreadDied | null = null

  const die = (why: string, cause?: unknown): void => {
    death ??= new ThreadDied(why, { cause })
    running?.outcome.reject(death)
    running = null
  }
  worker.on('message', (news: ThreadNews) => {
    if (running === null) return
    if (news.kind === 'progress') return running.onProgress(news.part)
    const { outcome } = running
    running = null
    if (news.kind === 'row') outcome.resolve(news.row)
    else outcome.reject(new UnitFailed(news.sentence))
  })
  worker.on('error', (error: Error) => die(error.message, error))
  worker.on('exit', (code) => die(`it ended with exit code ${code}`))

  return {
    run(study, unit, onProgress) {
      if (death !== null) return Promise.reject(death)
      const outcome = Promise.withResolvers<ResultRow>()
      running = { outcome, onProgress }
      worker.postMessage({ study, unit } satisfies ThreadTask)
      return outcome.promise
    },
    close: async () => void (await worker.terminate()),
  }
}
