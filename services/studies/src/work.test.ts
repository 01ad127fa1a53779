// Several workers on one store, with units whose rows are invented: who does what when does not matter, and nothing gets lost.

import type { ResultRow } from '@dure/contract'
import { createMemoryStore, memoryPorts, type Studies } from '@dure/engine'
import { inOrder, nextUnits, type Study, type StudyUnit } from '@dure/study'
import { type ThreadPool, UnitFailed } from '@dure/study/local'
import { inventedRow, inventedStudy } from '@dure/study/testing'
import { pino } from 'pino'
import { afterEach, expect, it, vi } from 'vitest'
import { work } from './work.ts'

const title = { ko: '값', en: 'value' }
const sweep = inventedStudy({ axes: [{ field: 'demand.load', title, values: [1, 2, 3, 4] }] })
const solve = inventedStudy({
  kind: 'solve',
  axes: [{ field: 'capacity_ef', title, values: Array.from({ length: 80 }, (_, i) => i + 1) }],
  promises: [{ column: 'wait_p95_s', comparison: '<', value: 100 }],
})
/** Below 100 in the mean of the seeds 1, 2, 3 from a capacity of 42 on. */
const rowOf = (study: Study, unit: StudyUnit): ResultRow =>
  inventedRow(study, unit, { wait_p95_s: 4100 / (unit.point + 1) + unit.seed })

type Answer = (study: Study, unit: StudyUnit) => Promise<ResultRow> | ResultRow

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()))
})

/** A worker of its own, as another process would be; its threads answer as told. */
function startWorker(studies: Studies, answer: Answer = rowOf, threads = 2) {
  const stopping = new AbortController()
  const pool: ThreadPool = {
    run: async (study, unit, { signal } = {}) => {
      const aborted = Promise.withResolvers<never>()
      // Of a unit that has its row by then, nobody hears.
      aborted.promise.catch(() => {})
      signal?.addEventListener('abort', () => aborted.reject(signal.reason), { once: true })
      return Promise.race([answer(study, unit), aborted.promise])
    },
    close: async () => {},
  }
  const logger = pino({ level: 'silent' })
  const done = work(studies, { threads, logger, pool, lookMs: 10 }, stopping.signal)
  const stop = async (): Promise<void> => {
    stopping.abort()
    await done
  }
  stops.push(stop)
  return stop
}

function openWorld() {
  const store = createMemoryStore(() => performance.now())
  return { studies: memoryPorts(store).studies, connect: () => memoryPorts(store).studies }
}

async function ask(studies: Studies, study: Study, id = 's1'): Promise<void> {
  await studies.begin({ id, study, askedBy: 'kim', askedAtMs: 1 })
  await studies.dispatch(id, nextUnits(study, []))
}

const ended = (studies: Studies, id = 's1') =>
  vi.waitFor(
    async () => {
      const record = await studies.find(id)
      expect(record?.state).not.toBe('running')
      return record!
    },
    { timeout: 5000, interval: 5 },
  )

/** What one machine comes to that runs all units one after another. */
function alone(study: Study): ResultRow[] {
  const rows: ResultRow[] = []
  for (let units = nextUnits(study, rows); units.length > 0; units = nextUnits(study, rows))
    rows.push(...units.map((unit) => rowOf(study, unit)))
  return inOrder(study, rows)
}

const keptRows = async (study: Study, studies: Studies): Promise<ResultRow[]> =>
  inOrder(study, (await studies.rows('s1')) as ResultRow[])

it.each([
  ['sweep', sweep],
  ['solution', solve],
])('makes the rows of a %s as one machine does, with three workers', async (_, study) => {
  const { studies, connect } = openWorld()
  for (let i = 0; i < 3; i++) startWorker(connect())
  await ask(studies, study)
  expect(await ended(studies)).toMatchObject({ state: 'completed' })
  expect(await keptRows(study, studies)).toEqual(alone(study))
  expect(await studies.backlog()).toEqual({ waiting: 0, active: 0 })
})

it('goes on where a worker stops in the middle of units', async () => {
  const { studies, connect } = openWorld()
  const begun: StudyUnit[] = []
  const stop = startWorker(connect(), (study, unit) => {
    begun.push(unit)
    return begun.length > 3 ? new Promise(() => {}) : rowOf(study, unit)
  })
  await ask(studies, solve)
  await vi.waitFor(() => expect(begun).toHaveLength(5))
  await stop()
  startWorker(connect())
  expect(await ended(studies)).toMatchObject({ state: 'completed' })
  expect(await keptRows(solve, studies)).toEqual(alone(solve))
})

it('finds what was never queued: its asker, or a worker between row and queue, died', async () => {
  const { studies, connect } = openWorld()
  await studies.begin({ id: 's1', study: solve, askedBy: 'kim', askedAtMs: 1 })
  startWorker(connect())
  expect(await ended(studies)).toMatchObject({ state: 'completed' })
  expect(await keptRows(solve, studies)).toEqual(alone(solve))
})

it('fails a study in one sentence, and leaves others alone', async () => {
  const { studies, connect } = openWorld()
  startWorker(connect(), (study, unit) => {
    if (study.kind === 'sweep' && unit.point === 2) throw new UnitFailed('pools.rngd.nodes must be a whole number')
    return rowOf(study, unit)
  })
  await ask(studies, sweep)
  await ask(studies, solve, 's2')
  expect(await ended(studies)).toMatchObject({ state: 'failed', sentence: 'pools.rngd.nodes must be a whole number' })
  expect(await ended(studies, 's2')).toMatchObject({ state: 'completed' })
})

it('ends what is under way of a study that is cancelled, and goes on from its rows when it is asked for again', async () => {
  const { studies, connect } = openWorld()
  const begun: StudyUnit[] = []
  let isSlow = true
  startWorker(connect(), (study, unit) => {
    begun.push(unit)
    return isSlow && begun.length > 4 ? new Promise(() => {}) : rowOf(study, unit)
  })
  await ask(studies, sweep)
  await vi.waitFor(() => expect(begun).toHaveLength(6))
  await studies.end('s1', 'cancelled')
  await vi.waitFor(async () => expect(await studies.backlog()).toEqual({ waiting: 0, active: 0 }))
  expect(begun).toHaveLength(6)
  expect(await studies.rows('s1')).toHaveLength(4)

  isSlow = false
  expect(await studies.begin({ id: 's1', study: sweep, askedBy: 'lee', askedAtMs: 2 })).toBe('resumed')
  expect(await ended(studies)).toMatchObject({ state: 'completed', rows: 12 })
  expect(begun).toHaveLength(6 + 8)
})

it('gives up on a unit that ends every worker that takes it', async () => {
  const { studies, connect } = openWorld()
  await ask(studies, { ...sweep, seeds: [1], axes: [] })
  // Each takes it and goes without a word, as a process does that is killed.
  for (let i = 0; i < 8; i++) {
    const taken = Promise.withResolvers<void>()
    const consumption = await connect().consume(1, () => taken.resolve())
    await taken.promise
    await consumption.stop()
  }
  startWorker(connect())
  expect(await ended(studies)).toMatchObject({
    state: 'failed',
    sentence: 'point 0 with seed 1 was begun 8 times, and no worker came to its end',
  })
})
