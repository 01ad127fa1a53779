import { easy } from '@dure/core'
import { describe, expect, it } from 'vitest'
import { type Closeness, closeness } from './closeness.ts'
import { fitModel } from './fit.ts'
import { fittedCenter } from './fitted-center.ts'
import { nationalModel } from './job-kinds.ts'
import { type ObservedJobs, observe } from './observed-jobs.ts'
import { submissions } from './workload.ts'
import type { WorkloadModel } from './workload-model.ts'

const DAY_S = 86_400
/** Monday 6 January 2025, 00:00 in Seoul. */
const MONDAY_S = Date.UTC(2025, 0, 5, 15) / 1000

const drawn = (model: WorkloadModel, processors: number, spanS: number, seed: number): ObservedJobs => {
  const config = fittedCenter(model, processors, easy)
  return observe(submissions({ config, seed, model, startMs: 0, unixMs: 1000 * MONDAY_S }), 1000 * spanS)
}

const distances = ({ marginals }: Closeness): Record<string, number> =>
  Object.fromEntries(marginals.map(({ name, distance }) => [name, distance]))

/** A made-up machine: two kinds of job, people who work by day, limits at round values, some runs to the limit. */
const invented: WorkloadModel = {
  name: 'invented',
  percentsOf: 'jobs',
  jobsPerWeek: 5000,
  week: nationalModel.week,
  users: { activityExponent: 0.9, breakS: 3600, seen: { users: 300, accounts: 6 } },
  estimates: {
    habit: 'table',
    classes: [
      {
        runUpToS: 900,
        limitsS: [
          [900, 30],
          [3600, 60],
          [43_200, 10],
        ],
      },
      {
        runUpToS: 1_000_000,
        limitsS: [
          [3600, 40],
          [43_200, 60],
        ],
      },
    ],
  },
  kinds: [
    {
      name: 'narrow',
      percent: 75,
      sizes: [
        [1, 90],
        [2, 10],
      ],
      run: { parts: [{ percent: 100, medianS: 300, sigma: 1.1 }], shortestS: 2, longestS: 40_000 },
      atLimit: {
        percent: 8,
        limitsS: [
          [3600, 70],
          [43_200, 30],
        ],
      },
      runsOn: 'any',
      needsFp64: false,
      endings: {
        failPercent: 20,
        failsAt: 'end',
        abandonPercent: 0,
        stopPercent: 10,
        giveUpPercent: 0,
        patienceMeanS: 0,
      },
      sessions: {
        jobs: [
          [1, 50],
          [3, 50],
        ],
        think: { parts: [{ percent: 100, medianS: 300, sigma: 0.7 }], shortestS: 1, longestS: 3000 },
        awaitsUpToS: 0,
        repeatPercent: 50,
      },
      checkpoint: null,
    },
    {
      name: 'wide',
      percent: 25,
      sizes: [
        [32, 50],
        [64, 50],
      ],
      run: { parts: [{ percent: 100, medianS: 9000, sigma: 0.8 }], shortestS: 60, longestS: 43_000 },
      atLimit: null,
      runsOn: 'any',
      needsFp64: false,
      endings: {
        failPercent: 5,
        failsAt: 'end',
        abandonPercent: 0,
        stopPercent: 30,
        giveUpPercent: 0,
        patienceMeanS: 0,
      },
      sessions: {
        jobs: [[1, 100]],
        think: { parts: [{ percent: 100, medianS: 300, sigma: 0.7 }], shortestS: 1, longestS: 3000 },
        awaitsUpToS: 0,
        repeatPercent: 0,
      },
      checkpoint: null,
    },
  ],
}

describe('a model fitted to what another has drawn', () => {
  const spanS = 84 * DAY_S
  const log = drawn(invented, 128, spanS, 1)
  const fitted = fitModel(log, { name: 'fitted', unixS: MONDAY_S, offsetHours: 9 })
  const kind = (from: number): WorkloadModel['kinds'][number] =>
    fitted.kinds.find(({ sizes }) => sizes[0]![0] === from)!

  it('knows how many jobs come, how large they are and how they end', () => {
    expect(log.count / (12 * 5000)).toBeCloseTo(1, 1)
    expect(fitted.jobsPerWeek! / (log.count / 12)).toBeCloseTo(1, 2)
    expect(fitted.kinds.map(({ name }) => name)).toEqual(['size-1', 'size-2', 'size-32', 'size-64'])
    expect(kind(1).percent).toBeCloseTo(67.5, -0.5)
    expect(kind(32).percent).toBeCloseTo(12.5, -0.5)
    expect(kind(1).atLimit!.percent).toBeCloseTo(8, -0.3)
    expect(kind(1).atLimit!.limitsS.map(([limitS]) => limitS)).toEqual(expect.arrayContaining([3600, 43_200]))
    expect(kind(1).endings.failPercent).toBeCloseTo(20, -0.3)
    expect(kind(1).endings.stopPercent).toBeCloseTo(10, -0.3)
    expect(kind(32).endings.stopPercent).toBeCloseTo(30, -0.6)
    expect(kind(64).run.parts.every(({ medianS }) => medianS > 900)).toBe(true)
  })

  it('knows when people work, who they are and what they write for a limit', () => {
    fitted.week.forEach((rate, hour) => {
      expect(Math.abs(rate - invented.week[hour]!), `hour ${hour}`).toBeLessThan(0.15 * Math.max(1, rate))
    })
    expect(fitted.users.seen).toEqual({ users: 300, accounts: 6 })
    // Those who are busy most have no time for all of it, so a little less unequal than was asked for.
    expect(fitted.users.activityExponent).toBeGreaterThan(0.6)
    expect(fitted.users.activityExponent).toBeLessThan(0.95)
    if (fitted.estimates.habit !== 'table') throw new Error('the log has estimates')
    for (const { limitsS } of fitted.estimates.classes) {
      for (const [limitS] of limitsS) expect([900, 3600, 43_200]).toContain(limitS)
    }
  })

  it('asks for what the log asked for, and so does one that is fitted to it in turn', () => {
    const first = drawn(fitted, 128, spanS, 2)
    const again = fitModel(first, { name: 'again', unixS: MONDAY_S, offsetHours: 9 })
    for (const model of [fitted, again]) {
      const close = closeness(log, drawn(model, 128, spanS, 3), spanS)
      // Some tens of thousands of jobs, which come in sessions: what two draws of one model differ by is 0.02.
      for (const [name, distance] of Object.entries(distances(close))) expect(distance, name).toBeLessThan(0.05)
      expect(close.model.busy_mean / close.log.busy_mean).toBeCloseTo(1, 0.9)
      expect(close.model.jobs / close.log.jobs).toBeCloseTo(1, 1)
      expect(close.model.at_limit).toBeCloseTo(close.log.at_limit, 1.5)
      expect(close.model.failed).toBeCloseTo(close.log.failed, 1.5)
      expect(close.model.cancelled).toBeCloseTo(close.log.cancelled, 1.5)
    }
  })

  it('is plain data, and the same for the same log', () => {
    expect(JSON.parse(JSON.stringify(fitted))).toEqual(fitted)
    expect(fitModel(log, { name: 'fitted', unixS: MONDAY_S, offsetHours: 9 })).toEqual(fitted)
  })

  it('can be asked for another load than was logged', () => {
    const config = fittedCenter(fitted, 256, easy)
    const days = 28
    const jobs = observe(submissions({ config, seed: 1, model: fitted, load: 0.7, startMs: 0 }), days * 1000 * DAY_S)
    const { model } = closeness(log, jobs, days * DAY_S)
    expect(model.busy_mean / (0.7 * 256)).toBeCloseTo(1, 0.9)
  })

  it('says that too few jobs are too few', () => {
    const few: ObservedJobs = { ...log, count: 99 }
    expect(() => fitModel(few, { name: 'few', unixS: null })).toThrow('99 jobs are too few')
    const atOnce: ObservedJobs = { ...log, submitS: new Float64Array(log.count) }
    expect(() => fitModel(atOnce, { name: 'at once', unixS: null })).toThrow('same second')
  })

  it('takes all hours for alike where the log does not say when it began', () => {
    expect(new Set(fitModel(log, { name: 'no clock', unixS: null }).week)).toEqual(new Set([1]))
  })
})
