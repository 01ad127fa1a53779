// Worker threads for whoever runs units side by side: as many as there are units under way, kept for the next. A thread that dies may have
// died of its neighbours, for memory is shared; so its unit runs again, and only one that ends thread after thread is given up.

import type { ResultRow } from '@dure/contract'
import type { Study } from '../study.ts'
import type { StudyUnit } from '../unit.ts'
import { openThread, type Thread, ThreadDied, UnitFailed } from './thread.ts'

/** A unit whose thread has died this often is not tried again. */
const DEATHS_MAX = 3

export interface UnitWatch {
  /** Told now and then how far it is, from 0 to 1. */
  readonly onProgress?: (part: number) => void
  /** Ends it where it is. */
  readonly signal?: AbortSignal
}

export interface ThreadPool {
  /**
   * The row of a unit.
   * @throws {UnitFailed} in one sentence: it has no result, or ended one thread after another
   * @throws {DOMException} an AbortError, where the signal asks to stop
   */
  run(study: Study, unit: StudyUnit, watch?: UnitWatch): Promise<ResultRow>
  /** Ends all threads. */
  close(): Promise<void>
}

export function openThreadPool(open: () => Thread = openThread): ThreadPool {
  const idle: Thread[] = []
  const all = new Set<Thread>()

  const taken = (): Thread => {
    const thread = idle.pop() ?? open()
    all.add(thread)
    return thread
  }

  const end = async (thread: Thread): Promise<void> => {
    all.delete(thread)
    await thread.close()
  }

  async function runOnce(
    study: Study,
    unit: StudyUnit,
    { onProgress = () => {}, signal }: UnitWatch,
  ): Promise<ResultRow> {
    signal?.throwIfAborted()
    const thread = taken()
    const stop = (): void => void end(thread)
    signal?.addEventListener('abort', stop, { once: true })
    try {
      const row = await thread.run(study, unit, onProgress)
      idle.push(thread)
      return row
    } catch (error) {
      if (error instanceof UnitFailed) idle.push(thread)
      else void end(thread)
      signal?.throwIfAborted()
      throw error
    } finally {
      signal?.removeEventListener('abort', stop)
    }
  }

  return {
    async run(study, unit, watch = {}) {
      for (let deaths = 1; ; deaths++) {
        try {
          return await runOnce(study, unit, watch)
        } catch (error) {
          if (!(error instanceof ThreadDied)) throw error
          if (deaths < DEATHS_MAX) continue
          throw new UnitFailed(`${nameOf(unit)} ended its worker ${deaths} times: ${error.message}`, { cause: error })
        }
      }
    },
    close: async () => {
      await Promise.all([...all].map(end))
    },
  }
}

const nameOf = ({ point, policy, seed }: StudyUnit): string =>
  `point ${point}${policy === null ? '' : ` under ${policy}`} with seed ${seed}`
