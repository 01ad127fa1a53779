import type { ResultRow } from '@dure/contract'
import { loadMaxMinSolver } from '@dure/sim'
import { describe, expect, it } from 'vitest'
import { inOrder, nextUnits } from '../next-units.ts'
import { runUnit } from '../run-unit.ts'
import { pointAt, type Study } from '../study.ts'
import { studyOf } from '../study-reading.ts'
import { inventedRow, inventedStudy } from '../testing/invented-study.ts'
import type { StudyUnit } from '../unit.ts'
import { studyVersion } from '../version.ts'
import { type LocalRun, runLocally } from './run-locally.ts'
import { openThread, type Thread, ThreadDied, UnitFailed } from './thread.ts'
import { openThreadPool } from './thread-pool.ts'

const grid = inventedStudy({
  axes: [{ field: 'demand.load', title: { ko: '수요', en: 'demand' }, values: [1, 2, 3, 4] }],
})

/** Threads that answer in their own time, and count what they are asked. */
function invented(answer: (unit: StudyUnit, nth: number) => Promise<ResultRow> | ResultRow) {
  const asked: StudyUnit[] = []
  let closed = 0
  const open = (): Thread => ({
    run: async (_, unit) => {
      asked.push(unit)
      await new Promise(setImmediate)
      return answer(unit, asked.filter(({ id }) => id === unit.id).length)
    },
    close: async () => void closed++,
  })
  return { asked, open, closed: () => closed }
}

const run = (study: Study, open: () => Thread, more: Partial<LocalRun> = {}) =>
  runLocally({
    study,
    rows: [],
    threads: 2,
    onRow() {},
    signal: new AbortController().signal,
    pool: openThreadPool(open),
    ...more,
  })

describe('a study on one machine', () => {
  it('asks for every unit once, and tells of each row as it comes', async () => {
    const threads = invented((unit) => inventedRow(grid, unit))
    const told: ResultRow[] = []
    const rows = await run(grid, threads.open, { onRow: (row) => told.push(row) })
    expect(rows).toHaveLength(12)
    expect(told).toEqual(rows)
    expect(new Set(threads.asked.map(({ id }) => id)).size).toBe(12)
    expect(threads.asked).toHaveLength(12)
  })

  it('runs only what is missing', async () => {
    const all = inOrder(grid, await run(grid, invented((unit) => inventedRow(grid, unit)).open))
    const threads = invented((unit) => inventedRow(grid, unit))
    const rows = await run(grid, threads.open, { rows: all.slice(3, 11) })
    expect(threads.asked).toHaveLength(4)
    expect(inOrder(grid, rows)).toEqual(all)
    const none = invented(() => Promise.reject(new Error('nothing is left to ask')))
    expect(await run(grid, none.open, { rows: all })).toEqual(all)
  })

  it.each([1, 2, 7])('solves the same with %i threads', async (threads) => {
    const study = inventedStudy({
      kind: 'solve',
      axes: [
        {
          field: 'capacity_ef',
          title: { ko: '용량', en: 'capacity' },
          values: Array.from({ length: 60 }, (_, i) => i),
        },
      ],
      promises: [{ column: 'wait_p95_s', comparison: '<', value: 100 }],
    })
    const waitOf = ({ point, seed }: StudyUnit) => 4000 / (1 + Number(pointAt(study, point).values.capacity_ef)) + seed
    const { open, asked } = invented((unit) => inventedRow(study, unit, { wait_p95_s: waitOf(unit) }))
    const rows = await run(study, open, { threads })
    // 4000/(1 + c) + 2 in the mean is below 100 from c = 40 on: 4000/41 + 2 = 99.6. The scan is 0 14 29 44 59; then 36, 40, 38, 39, 41.
    const points = [0, 14, 29, 36, 38, 39, 40, 41, 44, 59]
    expect([...new Set(inOrder(study, rows).map(({ point }) => point))]).toEqual(points)
    expect(asked).toHaveLength(points.length * 3)
  })

  it('runs the unit of a thread that dies again', async () => {
    const threads = invented((unit, nth) => {
      if (unit.point === 2 && nth < 3) throw new ThreadDied('out of memory')
      return inventedRow(grid, unit)
    })
    expect(await run(grid, threads.open)).toHaveLength(12)
    expect(threads.asked).toHaveLength(12 + 3 * 2)
  })

  it('gives up on a unit whose thread dies a third time, and says which', async () => {
    const threads = invented((unit) => {
      if (unit.point === 2 && unit.seed === 3) throw new ThreadDied('out of memory')
      return inventedRow(grid, unit)
    })
    await expect(run(grid, threads.open)).rejects.toThrow('point 2 with seed 3 ended its worker 3 times: out of memory')
  })

  it('fails at once where a unit has no result anywhere', async () => {
    const threads = invented(() => {
      throw new UnitFailed('pools.rngd.nodes must be a whole number')
    })
    await expect(run(grid, threads.open, { threads: 1 })).rejects.toThrow('pools.rngd.nodes must be a whole number')
    expect(threads.asked).toHaveLength(1)
  })

  it('stops when it is asked to, with the rows it has', async () => {
    const stop = new AbortController()
    const threads = invented((unit) => {
      if (threads.asked.length < 5) return inventedRow(grid, unit)
      stop.abort()
      return Promise.reject(new ThreadDied('it was terminated'))
    })
    const rows = await run(grid, threads.open, { signal: stop.signal, threads: 1 })
    expect(rows).toHaveLength(4)
    expect(threads.closed()).toBeGreaterThan(0)
  })
})

it('comes to the same in threads as without, under a policy that solves for its shares too', async () => {
  const read = studyOf({
    ...grid.scenarios[0]!,
    days: 2,
    study: { compare: { policies: ['easy', 'max-min'] }, seeds: 1 },
  })
  if (!read.ok) throw new Error(read.findings[0]?.detail)
  const { study } = read
  const signal = new AbortController().signal
  const rows = inOrder(study, await runLocally({ study, rows: [], threads: 2, onRow() {}, signal }))
  const solver = await loadMaxMinSolver()
  const alone = nextUnits(study, []).map((unit) => runUnit(study, unit, { solver }))
  expect(rows.map(({ policy }) => policy)).toEqual(['easy', 'max-min'])
  // How fast the machine was is the one thing in which they differ.
  expect(rows.map((row) => ({ ...row, sim_jobs_per_second: 0 }))).toEqual(alone)
})

it('is refused by a thread of another build, in a sentence that says what to do', async () => {
  const signal = new AbortController().signal
  const asked = runLocally({ study: grid, rows: [], threads: 1, onRow() {}, signal })
  await expect(asked).rejects.toThrow(`was asked of Dure 1, and this worker is ${studyVersion()}: start all`)
  expect(studyVersion()).toMatch(/^\d+\.\d+\.\d+\+[0-9a-f]{12}$/)
})

describe('a thread', () => {
  const program = (code: string): URL =>
    new URL(`data:text/javascript,${encodeURIComponent(`import { parentPort } from 'node:worker_threads'\n${code}`)}`)
  const unit = { id: 'u1', point: 0, policy: null, seed: 1 }

  it.each([
    ['that ends', 'process.exit(3)', 'it ended with exit code 3'],
    ['that breaks', 'throw new Error("broken")', 'broken'],
    ['that takes too much', 'const all = []; for (;;) all.push(new Array(1e6).fill(Math.random()))', 'memory'],
  ])('%s is a death', async (_, act, why) => {
    const thread = openThread(program(`parentPort.on('message', () => { ${act} })`), {
      maxOldGenerationSizeMb: 32,
    })
    const outcome = thread.run(grid, unit, () => {})
    await expect(outcome).rejects.toThrow(ThreadDied)
    await expect(outcome).rejects.toThrow(why)
    await expect(thread.run(grid, unit, () => {})).rejects.toThrow(ThreadDied)
  })

  it('tells how far it is', async () => {
    const code = `parentPort.on('message', ({ study }) => {
      parentPort.postMessage({ kind: 'progress', part: 0.5 })
      parentPort.postMessage({ kind: 'row', row: { study: study.name } })
    })`
    const thread = openThread(program(code))
    const parts: number[] = []
    expect(await thread.run(grid, unit, (part) => parts.push(part))).toEqual({ study: 'invented' })
    expect(parts).toEqual([0.5])
    await thread.close()
  })
})
