import { type CenterConfig, easy, type JobRequest } from '@dure/core'
import { describe, expect, it } from 'vitest'
import type { Demand } from './demand.ts'
import { jobStates, type PassPer, type Simulation, simulate } from './simulate.ts'

const config: CenterConfig = {
  name: 'ten',
  pools: [{ name: 'processors', kind: 'cpu', processors: 10 }],
  accounts: [{ name: 'lab', parent: null, shares: 1 }],
  associations: [{ account: 'lab', user: 'a', shares: 1 }],
  policy: easy,
}

interface Row {
  readonly submit: number
  readonly run: number
  readonly size: number
  readonly limit?: number
  readonly patience?: number
  readonly stopped?: boolean
}

function demandFrom(rows: readonly Row[]): Demand {
  const requests: JobRequest[] = rows.map(({ size }) => ({
    pools: ['processors'],
    nodes: 1,
    acceleratorsMilli: 1000 * size,
    cpuMilli: 0,
    memoryMib: 0,
  }))
  return {
    count: rows.length,
    job: Float64Array.from(rows, (_, i) => i + 1),
    submitMs: Float64Array.from(rows, ({ submit }) => submit),
    runMs: Float64Array.from(rows, ({ run }) => run),
    limitMs: Float64Array.from(rows, ({ run, limit = run }) => limit),
    exitCode: new Int32Array(rows.length),
    cancelMs: Float64Array.from(rows, ({ patience = Infinity }) => patience),
    stopped: Uint8Array.from(rows, ({ stopped }) => (stopped ? 1 : 0)),
    association: new Int32Array(rows.length),
    request: Int32Array.from(rows, (_, i) => i),
    requests,
  }
}

const fates = ({ state, startMs, endMs }: Simulation): unknown[] =>
  Array.from(state, (code, i) => [jobStates[code], startMs[i], endMs[i]])

describe.each<PassPer>(['instant', 'event'])('cancellations, a pass per %s', (passPer) => {
  const run = (rows: readonly Row[]): Simulation => simulate(config, demandFrom(rows), { passPer })

  it('of a job that waits longer than its owner does make room at once for who comes behind it', () => {
    // The second needs all ten and waits for the first until 100. Behind it the third could not be done by then. At 30 the
    // second's owner gives up, and the third starts.
    const rows: Row[] = [
      { submit: 0, run: 100, size: 6 },
      { submit: 0, run: 50, size: 10, patience: 30 },
      { submit: 0, run: 200, size: 4 },
    ]
    expect(fates(run(rows))).toEqual([
      ['COMPLETED', 0, 100],
      ['CANCELLED', -1, expect.anything()],
      ['COMPLETED', 30, 230],
    ])
    // With an owner who stays, it is served first.
    expect(fates(run(rows.map((row) => ({ ...row, patience: Infinity }))))).toEqual([
      ['COMPLETED', 0, 100],
      ['COMPLETED', 100, 150],
      ['COMPLETED', 150, 350],
    ])
  })

  it('do not touch a job that has started, not even in that instant', () => {
    const simulation = run([
      { submit: 0, run: 30, size: 10, patience: 10 },
      { submit: 1, run: 10, size: 10, patience: 100 },
    ])
    expect(fates(simulation)).toEqual([
      ['COMPLETED', 0, 30],
      ['COMPLETED', 30, 40],
    ])
    // Nobody is called at the end of a patience that no longer matters.
    expect(simulation.nowMs).toBe(40)
    expect(simulation.events).toBe(4)
  })

  it('come before the pass of their instant', () => {
    expect(
      fates(
        run([
          { submit: 0, run: 30, size: 10 },
          { submit: 0, run: 10, size: 10, patience: 30 },
        ]),
      )[1],
    ).toEqual(['CANCELLED', -1, expect.anything()])
  })

  it('end a run when its owner has had enough of it, unless its limit comes first', () => {
    expect(
      fates(
        run([
          { submit: 0, run: 40, size: 5, limit: 100, stopped: true },
          { submit: 0, run: 90, size: 5, limit: 60, stopped: true },
          { submit: 0, run: 10, size: 5 },
        ]),
      ),
    ).toEqual([
      ['CANCELLED', 0, 40],
      ['TIMEOUT', 0, 60],
      ['COMPLETED', 40, 50],
    ])
  })

  it('change nothing where nobody ever cancels', () => {
    const rows: Row[] = Array.from({ length: 200 }, (_, i) => ({
      submit: 7 * i,
      run: 10 + ((37 * i) % 91),
      size: 1 + ((13 * i) % 10),
      limit: 120,
    }))
    const { cancelMs, stopped, ...plain } = demandFrom(rows)
    const without = simulate(config, plain, { passPer })
    const withColumns = run(rows)
    expect(withColumns.factsHash).toBe(without.factsHash)
    expect(withColumns.passes).toBe(without.passes)
  })
})
