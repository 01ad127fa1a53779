// Levels of particular programs are conformance cases (`golden/max-min/` of core); here is what holds for every program.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadMaxMinSolver, type MaxMinJob } from './max-min.ts'

const solver = await loadMaxMinSolver()

interface Program {
  readonly jobs: readonly MaxMinJob[]
  readonly devices: readonly number[]
}

/** Two to four types; jobs that run on the first of them and perhaps on others, and are no wider than it. */
const program: fc.Arbitrary<Program> = fc.integer({ min: 2, max: 4 }).chain((types) =>
  fc.record({
    devices: fc.array(fc.integer({ min: 4, max: 12 }), { minLength: types, maxLength: types }),
    jobs: fc.array(
      fc.record({
        throughput: fc
          .array(fc.constantFrom(0, 0.5, 1, 2, 3, 8), { minLength: types - 1, maxLength: types - 1 })
          .map((others) => [1, ...others]),
        workers: fc.integer({ min: 1, max: 4 }),
        weight: fc.integer({ min: 1, max: 3 }),
      }),
      { minLength: 1, maxLength: 8 },
    ),
  }),
)

const sum = (all: readonly number[]): number => all.reduce((total, one) => total + one, 0)
/** Throughput on a device picked at random, by which levels are measured. */
const atRandom = ({ throughput }: MaxMinJob, devices: readonly number[]): number =>
  sum(throughput.map((rate, type) => rate * devices[type]!)) / sum(devices)

describe.each(['maxMin', 'waterFilled', 'demandFilled'] as const)('shares that are %s', (rule) => {
  it('fit: nobody has more than all of the time, no type gives more devices than it has', () => {
    fc.assert(
      fc.property(program, ({ jobs, devices }) => {
        const { timeMilli } = solver[rule](jobs, devices)
        for (const row of timeMilli) {
          expect(row.every((milli) => Number.isInteger(milli) && milli >= 0)).toBe(true)
          expect(sum(row)).toBeLessThanOrEqual(1000)
        }
        for (const [type, count] of devices.entries()) {
          expect(sum(jobs.map(({ workers }, job) => workers * timeMilli[job]![type]!))).toBeLessThanOrEqual(
            1000 * count,
          )
        }
      }),
      { numRuns: 60, seed: 1 },
    )
  })

  it('give the throughput and the level that the time says', () => {
    fc.assert(
      fc.property(program, ({ jobs, devices }) => {
        const shares = solver[rule](jobs, devices)
        expect(shares.objective).toBe(Math.min(...shares.levels))
        for (const [i, job] of jobs.entries()) {
          const throughput = sum(shares.timeMilli[i]!.map((milli, type) => (milli / 1000) * job.throughput[type]!))
          // Each type may have lost a thousandth in rounding.
          expect(Math.abs(shares.throughput[i]! - throughput)).toBeLessThanOrEqual(sum(job.throughput) / 1000)
          const level = (job.workers * shares.throughput[i]!) / (job.weight * atRandom(job, devices))
          expect(shares.levels[i]).toBeCloseTo(level, 9)
        }
      }),
      { numRuns: 60, seed: 2 },
    )
  })

  it('leave nobody below what everybody has who splits every type evenly, by weight and width', () => {
    fc.assert(
      fc.property(program, ({ jobs, devices }) => {
        // One way to share: each job a part of the time on each type in proportion to its number, as large as fits for all.
        const parts = sum(jobs.map(({ weight }) => weight))
        const even = jobs.map(({ weight, workers }) => {
          const time = devices.map((count) => (weight * count) / (parts * workers))
          return Math.min(1, 1 / sum(time))
        })
        const levels = jobs.map((job, i) => {
          const time = devices.map((count) => (even[i]! * job.weight * count) / (parts * job.workers))
          const rate = sum(time.map((part, type) => part * job.throughput[type]!))
          return (job.workers * rate) / (job.weight * atRandom(job, devices))
        })
        expect(solver[rule](jobs, devices).objective).toBeGreaterThanOrEqual(Math.min(...levels) - 1e-6)
      }),
      { numRuns: 60, seed: 3 },
    )
  })
})

it('on devices that are all alike every job has its part of them, no more and no less', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 3 }),
      (count, devices) => {
        const jobs = Array.from({ length: count }, () => ({ throughput: devices.map(() => 1), workers: 1, weight: 1 }))
        const { objective, levels } = solver.waterFilled(jobs, devices)
        const isolated = Math.min(1, sum(devices) / count)
        expect(solver.maxMin(jobs, devices).objective).toBeCloseTo(isolated, 6)
        expect(objective).toBeCloseTo(isolated, 6)
        for (const level of levels) expect(level).toBeCloseTo(isolated, 6)
      },
    ),
    { numRuns: 40, seed: 4 },
  )
})

it.each(['waterFilled', 'demandFilled'] as const)('%s raises the lowest level as high as max-min', (rule) => {
  fc.assert(
    fc.property(program, ({ jobs, devices }) => {
      const { objective } = solver.maxMin(jobs, devices)
      expect(solver[rule](jobs, devices).objective).toBeCloseTo(objective, 6)
    }),
    { numRuns: 60, seed: 5 },
  )
})

describe('what many ask for who ask for unlike amounts', () => {
  const asking = (workers: number, ...throughput: number[]): MaxMinJob => ({
    throughput,
    workers,
    weight: 1,
    apart: true,
  })

  it('is given in full where it is little, and the rest divided evenly', () => {
    // 10 devices: two for who asks for two, four each for the others.
    const jobs = [asking(2, 1), asking(20, 1), asking(30, 1)]
    const { levels, devicesMilli } = solver.demandFilled(jobs, [10])
    expect(devicesMilli).toEqual([[2000], [4000], [4000]])
    levels.forEach((level, job) => {
      expect(level).toBeCloseTo([2, 4, 4][job]!, 6)
    })
    // The lowest level alone says nothing of the others.
    expect(solver.maxMin(jobs, [10]).objective).toBeCloseTo(2, 6)
  })

  it('may be more than there is of any type, and is spread over them', () => {
    // Of the first type who can use no other has a: its level is a ÷ 0.4 (at random it would get 4 devices of 10), that of the
    // other 6 + (4 − a). They are equal at a = 10 ÷ 3.5.
    const { devicesMilli } = solver.demandFilled([asking(50, 1, 0), asking(50, 1, 1)], [4, 6])
    expect(devicesMilli).toEqual([
      [2857, 0],
      [1142, 6000],
    ])
  })

  it('never leaves who is not given all of it below who is', () => {
    const many = fc.record({
      devices: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 2, maxLength: 3 }),
      asked: fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 2, maxLength: 12 }),
    })
    fc.assert(
      fc.property(many, ({ devices, asked }) => {
        // All are alike but for how much they ask for: their devices in all are their level.
        const jobs = asked.map((workers) => asking(workers, ...devices.map(() => 1)))
        const { levels } = solver.demandFilled(jobs, devices)
        const least = Math.min(...levels.filter((level, job) => level < asked[job]! - 1e-6))
        for (const level of levels) expect(level).toBeLessThanOrEqual(least + 1e-4)
        expect(sum(levels)).toBeCloseTo(Math.min(sum(devices), sum(asked)), 3)
      }),
      { numRuns: 60, seed: 6 },
    )
  })
})

it('the same program has the same answer, whatever was solved before it', () => {
  const devices = [3, 2]
  const jobs = [
    { throughput: [4, 1], workers: 1, weight: 1 },
    { throughput: [3, 1], workers: 2, weight: 1 },
  ]
  const first = solver.waterFilled(jobs, devices)
  solver.maxMin([{ throughput: [1, 5], workers: 1, weight: 2 }], [7, 7])
  expect(solver.waterFilled(jobs, devices)).toEqual(first)
})

it.each([
  [
    'a job too wide for every type it runs on',
    [{ throughput: [1, 0], workers: 3, weight: 1 }],
    [2, 8],
    /job 0 can run on none/,
  ],
  ['a job that runs nowhere', [{ throughput: [0, 0], workers: 1, weight: 1 }], [2, 8], /job 0 can run on none/],
  ['a type without a throughput', [{ throughput: [1], workers: 1, weight: 1 }], [2, 8], /each of the 2 types/],
  ['a weight of nothing', [{ throughput: [1, 1], workers: 1, weight: 0 }], [2, 8], /weight above 0/],
  ['half a device', [{ throughput: [1, 1], workers: 1, weight: 1 }], [2, 0.5], /whole numbers/],
  ['nobody', [], [2, 8], /no jobs/],
])('%s is refused', (_, jobs, devices, message) => {
  expect(() => solver.maxMin(jobs, devices)).toThrow(message)
})
