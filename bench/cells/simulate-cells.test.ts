import { type CenterConfig, type Command, fairshare, type NodePoolConfig } from '@dure/core'
import { openMetrics, simulate } from '@dure/sim'
import { describe, expect, it } from 'vitest'
import { Cell } from './cell.ts'
import { inCells, POOLS, pooledCenter, unevenDemand } from './model.ts'
import { type CellsOptions, simulateCells } from './simulate-cells.ts'

const HOUR_MS = 3_600_000

const pool = (name: string): NodePoolConfig => ({
  ...{ name, kind: 'gpu' as const, model: 'H100', nodes: 1 },
  perNode: { cpuMilli: 8_000, memoryMib: 8_192, accelerators: 8 },
})

/** Two pools of eight accelerators, two users with equal shares, and usage that does not decay. */
const two: CenterConfig = {
  name: 'two',
  pools: [pool('east'), pool('west')],
  accounts: [
    { name: 'a', parent: null, shares: 1 },
    { name: 'b', parent: null, shares: 1 },
  ],
  associations: [
    { account: 'a', user: 'ann', shares: 1 },
    { account: 'b', user: 'bob', shares: 1 },
  ],
  policy: { ...fairshare, halfLifeMs: 0, rerankMs: 1_000 },
}

const started: number[] = []
const west = (): Cell =>
  new Cell({
    ...{ whole: two, pools: ['west'], atMs: 0, firstJobElsewhere: 100, clock: () => 0 },
    listener: { started: (job) => void started.push(job), ended: () => {} },
  })

const usageIn = (cell: Cell): number[] =>
  cell.center
    .shares()
    .filter(({ user }) => user !== null)
    .map(({ usageAcceleratorS }) => usageAcceleratorS)

const submit = (job: number, account: string, user: string): Command => ({
  type: 'submit',
  ...{ job, account, user, timeLimitMs: HOUR_MS, held: null, label: '' },
  request: { pools: ['west'], nodes: 1, acceleratorsMilli: 8_000, cpuMilli: 1_000, memoryMib: 1_024 },
})

describe('a cell', () => {
  it('counts what it is told of, to the accelerator-millisecond, within the interval', () => {
    const cell = west()
    // 3 accelerators for 1,000,003 ms, and one for 5 ms: of intervals of an hour the last part of neither is a whole one.
    const used = [3 * 1_000_003, 5]
    cell.tell(used, 0, HOUR_MS)
    cell.pass(0)
    while (cell.nextToldMs <= HOUR_MS) cell.endTold(cell.nextToldMs)
    expect(usageIn(cell)).toEqual(used.map((milliseconds) => milliseconds / 1000))
    // What could not be told evenly comes with the next: 7 accelerators for an hour and a millisecond are 8 runs wide.
    cell.tell([7 * (HOUR_MS + 1), 0], HOUR_MS, HOUR_MS)
    cell.pass(HOUR_MS)
    while (cell.nextToldMs <= 2 * HOUR_MS) cell.endTold(cell.nextToldMs)
    cell.tell([0, 0], 2 * HOUR_MS, HOUR_MS)
    cell.pass(2 * HOUR_MS)
    while (cell.nextToldMs < Infinity) cell.endTold(cell.nextToldMs)
    expect(usageIn(cell)[0]).toBeCloseTo((3 * 1_000_003 + 7 * (HOUR_MS + 1)) / 1000, 9)
    cell.center.assertInvariants()
  })

  it('lets go first who has used less in all, wherever it was', () => {
    for (const [used, first] of [
      [[0, 0], 1],
      [[8_000, 0], 2],
      [[3_000, 5_000], 1],
    ] as const) {
      started.length = 0
      const cell = west()
      cell.tell(used, 0, 1_000)
      cell.pass(0)
      cell.endTold(1_000)
      cell.apply(submit(1, 'a', 'ann'), 1_000)
      cell.apply(submit(2, 'b', 'bob'), 1_000)
      cell.pass(1_000)
      expect(started).toEqual([first])
    }
  })
})

describe('a center in cells', () => {
  const config = pooledCenter()
  const demand = unevenDemand(config, 1.5, 0.2, 1)
  const untilMs = 0.3 * 24 * HOUR_MS
  const decided = (options: Pick<CellsOptions, 'groups' | 'exchangeMs'>) => {
    const metrics = openMetrics(config, demand, { looksAtNodes: false })
    const runs = simulateCells(config, demand, { ...options, untilMs, observer: metrics.observer })
    return { runs, measures: metrics.measures() }
  }

  it('decides what the simulator decides where there is one cell', () => {
    const metrics = openMetrics(config, demand, { looksAtNodes: false })
    const simulation = simulate(config, demand, { untilMs, observer: metrics.observer })
    const { runs, measures } = decided({ groups: inCells(config, 1), exchangeMs: HOUR_MS })
    expect(runs.map(({ factsHash, passes, jobs }) => ({ factsHash, passes, jobs }))).toEqual([
      { factsHash: simulation.factsHash, passes: simulation.passes, jobs: demand.count },
    ])
    expect(JSON.stringify(measures)).toBe(JSON.stringify(metrics.measures()))
  })

  it('sends each job to one cell that has a pool it accepts, and loses none', () => {
    const { runs, measures } = decided({ groups: inCells(config, 4), exchangeMs: HOUR_MS })
    expect(runs.reduce((sum, { jobs }) => sum + jobs, 0)).toBe(demand.count)
    const ends = Object.values(measures.ended).reduce((sum, count) => sum + count, 0)
    expect(ends + measures.waitingAtEnd + measures.runningAtEnd).toBe(demand.count)
    expect(inCells(config, 4).flat()).toEqual(config.pools.map(({ name }) => name))
    expect(inCells(config, POOLS)).toHaveLength(POOLS)
  })
})
