// What one of any number of workers does: takes units from the queue, runs them in threads, keeps their rows, and asks what the study
// wants next. There is no coordinator. Which units are missing follows from the study and its rows alone, so whoever has just kept a row may
// queue them, several may do so at once, and a unit that is queued already stays queued once. What somebody forgot who died between two
// of these steps is found by whoever looks next (`look`).

import { setTimeout as sleep } from 'node:timers/promises'
import type { ResultRow } from '@dure/contract'
import { type Logger, type ReceivedPiece, StoreError, type Studies } from '@dure/engine'
import { nextUnits, type Study, type StudyUnit, unitsExpected } from '@dure/study'
import { openThreadPool, type ThreadPool, UnitFailed } from '@dure/study/local'

/** A unit that was handed out this often ends those who take it: nobody is given it again. Restarts of workers count too. */
const DELIVERIES_MAX = 8
/** Between two looks at what is missing, and at what is no longer wanted. */
const LOOK_MS = 5_000
/** Until Redis is asked again that did not answer. */
const RETRY_MS = 1_000

export interface WorkOptions {
  /** Units at a time. */
  readonly threads: number
  readonly logger: Logger
  readonly pool?: ThreadPool
  readonly lookMs?: number
}

/** Works until `signal` aborts; what is under way goes back to the queue. */
export async function work(studies: Studies, options: WorkOptions, signal: AbortSignal): Promise<void> {
  const { threads, logger, pool = openThreadPool(), lookMs = LOOK_MS } = options
  /** Units under way, by who can end them. */
  const under = new Map<ReceivedPiece, AbortController>()

  async function handle(received: ReceivedPiece): Promise<void> {
    const ending = new AbortController()
    under.set(received, ending)
    try {
      await attempt(received, AbortSignal.any([signal, ending.signal]))
    } catch (error) {
      // Asked to stop, here or for this study: in the first case the queue has the unit again, in the second nobody wants it.
      if (!signal.aborted && !ending.signal.aborted) throw error
      if (!signal.aborted) received.settle()
    } finally {
      under.delete(received)
    }
  }

  async function attempt({ study: id, piece, deliveries, settle }: ReceivedPiece, until: AbortSignal): Promise<void> {
    const unit = piece as StudyUnit
    const record = await insisted(until, () => studies.find(id))
    if (record?.state !== 'running') return settle()
    const study = record.study as Study
    if (!(await insisted(until, () => studies.hasRow(id, unit.id)))) {
      const row = deliveries > DELIVERIES_MAX ? tooOften(unit, deliveries) : await rowOf(study, unit, until)
      if (row instanceof UnitFailed) {
        logger.warn({ study: id, unit: unit.id, why: row.message }, 'the study has failed')
        await insisted(until, () => studies.end(id, 'failed', row.message))
        return settle()
      }
      await insisted(until, () => studies.addRow(id, unit.id, row))
    }
    await insisted(until, () => goOn(id, study))
    settle()
  }

  async function rowOf(study: Study, unit: StudyUnit, until: AbortSignal): Promise<ResultRow | UnitFailed> {
    try {
      return await pool.run(study, unit, { signal: until })
    } catch (error) {
      if (error instanceof UnitFailed) return error
      throw error
    }
  }

  /** Queues what the study wants now, or ends it where it wants nothing more. */
  async function goOn(id: string, study: Study): Promise<void> {
    const record = await studies.find(id)
    if (record?.state !== 'running') return
    // Sweeps were queued whole. Going through all their rows after each would be in vain but once.
    if (study.kind !== 'solve' && record.rows < unitsExpected(study, [])) return
    await settleStudy(id, study)
  }

  async function settleStudy(id: string, study: Study): Promise<void> {
    const units = nextUnits(study, (await studies.rows(id)) as ResultRow[])
    if (units.length > 0) await studies.dispatch(id, units)
    else if (await studies.end(id, 'completed')) logger.info({ study: id }, 'study completed')
  }

  /** Repeats what a lost connection has interrupted: every one of these acts may be repeated. */
  async function insisted<T>(until: AbortSignal, act: () => Promise<T>): Promise<T> {
    for (;;) {
      until.throwIfAborted()
      try {
        return await act()
      } catch (error) {
        if (!(error instanceof StoreError)) throw error
        logger.warn({ err: error }, 'asking again')
        await sleep(RETRY_MS, undefined, { signal: until })
      }
    }
  }

  /** Ends what nobody wants any more, and queues what was forgotten: with an empty queue, everything missing is in hand or lost. */
  async function look(): Promise<void> {
    const running = new Set((await studies.list()).filter(({ state }) => state === 'running').map(({ id }) => id))
    for (const [{ study }, ending] of under) if (!running.has(study)) ending.abort()
    if (running.size === 0 || (await studies.backlog()).waiting > 0) return
    for (const id of running) {
      const record = await studies.find(id)
      if (record !== undefined) await settleStudy(id, record.study as Study)
    }
  }

  const failed = Promise.withResolvers<never>()
  failed.promise.catch(() => {})
  const consumption = await studies.consume(threads, (received) => void handle(received).catch(failed.reject))
  try {
    const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    const looking = (async () => {
      while (!signal.aborted) {
        await look().catch((error) => logger.warn({ err: error }, 'could not look at what is missing'))
        await sleep(lookMs, undefined, { signal }).catch(() => {})
      }
    })()
    if (!signal.aborted) await Promise.race([stopped, failed.promise, consumption.done])
    await Promise.race([looking, failed.promise])
  } finally {
    await consumption.stop()
    await pool.close()
  }
}

const tooOften = ({ point, seed }: StudyUnit, deliveries: number): UnitFailed =>
  new UnitFailed(`point ${point} with seed ${seed} was begun ${deliveries - 1} times, and no worker came to its end`)
