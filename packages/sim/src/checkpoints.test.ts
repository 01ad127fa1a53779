import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { trials } from '../testing/random-trials.ts'
import { type SmallJob, smallNodes } from '../testing/small-center.ts'
import { attemptMs, partsOf, youngDalyMs } from './checkpoints.ts'
import type { Demand } from './demand.ts'
import { type Measures, type MetricsOptions, openMetrics } from './metrics/metrics.ts'
import { happeningsOf } from './service/happenings.ts'
import { type Happening, simulate } from './simulate.ts'

/** All jobs compute `everyS` seconds between checkpoints. */
const checkpointed = (demand: Demand, everyS: number, writeS: number, restartS: number): Demand => ({
  ...demand,
  checkpointMs: new Float64Array(demand.count).fill(1000 * everyS),
  writeMs: new Float64Array(demand.count).fill(1000 * writeS),
  restartMs: new Float64Array(demand.count).fill(1000 * restartS),
})
const one = (everyS: number, writeS: number, restartS: number): Demand =>
  checkpointed(smallNodes(1, 1, [{ submitS: 0, runS: 1, size: 1 }]).demand, everyS, writeS, restartS)

describe('an attempt', () => {
  const demand = one(0.01, 0.002, 0.005)

  it('takes what it computes, a checkpoint after each interval but the last, and reading one first', () => {
    expect([1, 10, 11, 25, 30].map((computing) => attemptMs(demand, 0, false, computing))).toEqual([1, 10, 13, 29, 34])
    expect(attemptMs(demand, 0, true, 25)).toBe(34)
    expect(attemptMs(one(Infinity, 0, 0), 0, true, 25)).toBe(25)
  })

  it('has done by then what it has done by then', () => {
    const parts = (resumes: boolean, elapsedMs: number): number[] =>
      Object.values(partsOf(demand, 0, resumes, elapsedMs))
    // Restarting, writing, computing, kept.
    expect(parts(false, 0)).toEqual([0, 0, 0, 0])
    expect(parts(false, 7)).toEqual([0, 0, 7, 0])
    expect(parts(false, 11)).toEqual([0, 1, 10, 0])
    expect(parts(false, 12)).toEqual([0, 2, 10, 10])
    expect(parts(false, 27)).toEqual([0, 4, 23, 20])
    expect(parts(true, 3)).toEqual([3, 0, 0, 0])
    expect(parts(true, 32)).toEqual([5, 4, 23, 20])
  })

  it('adds up, loses no more than an interval, and has computed everything at its end', () => {
    const times = fc.record({
      everyS: fc.integer({ min: 1, max: 20 }),
      writeS: fc.integer({ min: 0, max: 5 }),
      restartS: fc.integer({ min: 0, max: 5 }),
      resumes: fc.boolean(),
      computingMs: fc.integer({ min: 1, max: 100_000 }),
      part: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    fc.assert(
      fc.property(times, ({ everyS, writeS, restartS, resumes, computingMs, part }) => {
        const demand = one(everyS, writeS, restartS)
        const takesMs = attemptMs(demand, 0, resumes, computingMs)
        expect(partsOf(demand, 0, resumes, takesMs).computingMs).toBe(computingMs)
        const elapsedMs = Math.floor(part * (takesMs - 1))
        const { restartingMs, writingMs, computingMs: soFarMs, keptMs } = partsOf(demand, 0, resumes, elapsedMs)
        expect(restartingMs + writingMs + soFarMs).toBe(elapsedMs)
        expect(soFarMs - keptMs).toBeGreaterThanOrEqual(0)
        expect(soFarMs - keptMs).toBeLessThanOrEqual(1000 * everyS)
        expect(keptMs).toBeLessThan(computingMs)
      }),
    )
  })
})

it('the interval of Young and Daly is 19 minutes for a minute of writing and 3.1 hours between failures', () => {
  expect(youngDalyMs(60_000, 3.1 * 3_600_000) / 60_000).toBeCloseTo(19.3, 1)
  expect(youngDalyMs(60_000, Infinity)).toBe(Infinity)
})

describe('a job that goes on from its checkpoint', () => {
  // 100 s of computing on one of two nodes of four, a checkpoint after 30, which takes 5; 10 to go on from one. The node fails at 80:
  // two checkpoints have 60, 10 more are lost. On the other node 10 to read, 40 to compute and one checkpoint: until 135.
  const jobs: SmallJob[] = [{ submitS: 0, runS: 100, size: 4, limitS: 1000 }]
  const fails: Happening[] = [{ atMs: 80_000, command: { type: 'node', pool: 'gpu', node: 0, to: 'down' } }]
  const measured = (options?: MetricsOptions): Measures => {
    const { config, demand: plain } = smallNodes(2, 4, jobs)
    const demand = checkpointed(plain, 30, 5, 10)
    const { observer, measures } = openMetrics(config, demand, options)
    const { endMs } = simulate(config, demand, { happenings: fails, observer })
    expect([...endMs]).toEqual([135_000])
    return measures()
  }

  it('loses what it had computed since, and the times of writing and reading', () => {
    const measures = measured()
    expect(measures.work).toMatchObject({
      completedMs: 160_000,
      keptMs: 240_000,
      requeuedMs: 40_000,
      overheadMs: 100_000,
    })
    // All of the work was good in the end: 4 × 100 of 8 × 135.
    expect(measures.goodput).toBe(400 / 1080)
    expect(measures.utilization).toBe(540 / 1080)
    expect(measures.effectivePart).toBe(400 / 540)
  })

  it('is measured from the end of the warm-up', () => {
    // At 50 it had computed 45 and written for 5.
    const measures = measured({ warmupMs: 50_000 })
    expect(measures.work).toMatchObject({
      completedMs: 160_000,
      keptMs: 60_000,
      requeuedMs: 40_000,
      overheadMs: 80_000,
    })
    expect(measures.goodput).toBe(220 / 680)
  })

  it('is stopped at its limit, which each attempt has anew', () => {
    const { config, demand } = smallNodes(2, 4, [{ ...jobs[0]!, limitS: 104 }])
    // 115 with three checkpoints; after the failure the rest takes 55.
    const [undisturbed, disturbed] = [[], fails].map((happenings) =>
      simulate(config, checkpointed(demand, 30, 5, 10), { happenings }),
    )
    expect([...undisturbed!.endMs]).toEqual([104_000])
    expect([...disturbed!.endMs]).toEqual([135_000])
  })
})

describe('whatever fails', () => {
  /** Everything completes in the end. */
  const completing = (mishaps: boolean) =>
    trials({ mishaps, modest: true, whole: true, checkpoints: true }).map(({ config, demand, acts }) => ({
      config: { ...config, policy: { ...config.policy, requeueOnNodeFail: true } },
      demand: {
        ...demand,
        limitMs: demand.limitMs.map(() => 500_000),
        exitCode: new Int32Array(demand.count),
        stopped: new Uint8Array(demand.count),
      },
      happenings: acts.map(({ atMs, ...act }): Happening => ({ atMs, command: { type: 'node', ...act } })),
    }))

  it('what was kept and what was computed at last add up to the work, and each failure loses an interval at most', () => {
    let requeues = 0
    fc.assert(
      fc.property(completing(true), ({ config, demand, happenings }) => {
        const { observer, measures } = openMetrics(config, demand)
        let lostMs = 0
        const width = (i: number) => {
          const { nodes, acceleratorsMilli } = demand.requests[demand.request[i]!]!
          return (nodes * acceleratorsMilli) / 1000
        }
        const { state } = simulate(config, demand, {
          happenings,
          observer: {
            ...observer,
            requeued(i, startMs, atMs) {
              requeues++
              // Who writes none loses everything.
              lostMs += width(i) * Math.min(atMs - startMs, demand.checkpointMs![i]!)
              observer.requeued(i, startMs, atMs)
            },
          },
        })
        const { work, all } = measures()
        expect(new Set(state).size).toBe(1)
        expect(all.started).toBe(demand.count)
        const asked = demand.runMs.reduce((sum, ms, i) => sum + width(i) * ms, 0)
        expect(work.completedMs + work.keptMs).toBe(asked)
        expect(work.requeuedMs).toBeLessThanOrEqual(lostMs)
      }),
      { numRuns: 300 },
    )
    expect(requeues).toBeGreaterThan(100)
  })

  it('and where nothing fails, only writing makes runs longer', () => {
    fc.assert(
      fc.property(completing(false), ({ config, demand }) => {
        const { startMs, endMs } = simulate(config, demand)
        endMs.forEach((end, i) => {
          const writes = Math.max(0, Math.ceil(demand.runMs[i]! / demand.checkpointMs![i]!) - 1)
          expect(end - startMs[i]!).toBe(demand.runMs[i]! + writes * demand.writeMs![i]!)
        })
      }),
    )
  })

  it('a large job is as effective as the formula of Meta says', () => {
    // 100 nodes that fail once in 100 days each, up again at once: E[ETTR] = (1 − N·r·(u + Δ/2)) / (1 + w/Δ) with Δ = 1 h, w = 60 s
    // and u = 600 s is 0.9563. In 300 days some 300 failures, of which each loses 2,400 s in the mean.
    const days = 300
    const { config, demand: plain } = smallNodes(100, 1, [{ submitS: 0, runS: days * 86_400, size: 100, limitS: 1e9 }])
    const demand = checkpointed(plain, 3600, 60, 600)
    const repairS = { parts: [{ percent: 100, medianS: 0.001, sigma: 0 }], shortestS: 0.001, longestS: 0.001 }
    const faults = [{ name: 'nodes', pool: 'gpu', nodesTogether: 1, perUnitDay: 0.01, repairS }]
    const span = { seed: 1, fromMs: 0, untilMs: 2 * days * 86_400_000 }
    const happenings = happeningsOf(config, { stays: [], outages: [], powerCaps: [], faults }, span)
    const { observer, measures } = openMetrics(config, demand)
    simulate(config, demand, { happenings, observer })
    const formula = (1 - (600 + 1800) / 86_400) / (1 + 60 / 3600)
    expect(measures().effectivePart).toBeGreaterThan(formula - 0.005)
    expect(measures().effectivePart).toBeLessThan(formula + 0.005)
    expect(measures().requeues).toBeGreaterThan(250)
  })
})
