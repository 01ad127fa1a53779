import { easy } from '@dure/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Row, smallLog } from '../testing/small-log.ts'
import { swfCenter } from './demand.ts'
import { type SimulateOptions, simulate } from './simulate.ts'
import { nearestRank, type Summary, summarize } from './summary.ts'

const summary = (rows: readonly Row[], options?: SimulateOptions, rejected?: number): Summary => {
  const { config, demand } = swfCenter(smallLog(rows), 10, easy)
  return summarize(config, demand, simulate(config, demand, options), rejected)
}

describe('the summary of a simulation', () => {
  it('has each measure as it is defined', () => {
    // Starts at 5, 105 and 205: waits of 0, 90 and 185 s.
    const rows: Row[] = [
      [1, 5, 100, 10],
      [2, 15, 100, 5],
      [3, 20, 2, 10],
    ]
    let ms = 0
    const { facts_hash, ...measures } = summary(rows, { clock: () => (ms += 500) }, 4)
    expect(measures).toEqual({
      jobs: 3,
      rejected: 4,
      makespan_s: 202,
      utilization: (1000 + 500 + 20) / (10 * 202),
      wait_mean_s: 275 / 3,
      wait_p50_s: 90,
      wait_p95_s: 185,
      wait_p99_s: 185,
      // 1; (90 + 100) / 100; and the two-second job is measured against ten seconds: (185 + 2) / 10.
      bounded_slowdown_mean: (1 + 1.9 + 18.7) / 3,
      jobs_waiting_end: 0,
      jobs_per_second: 6,
    })
    expect(facts_hash).toMatch(/^[0-9a-f]{32}$/)
  })

  it('never counts a job as faster than alone', () => {
    expect(summary([[1, 0, 1, 1]]).bounded_slowdown_mean).toBe(1)
  })

  it('counts jobs that still wait with what they have waited', () => {
    // Stopped after the first end at 100: job 3 has waited 80 s and may yet wait for long.
    const rows: Row[] = [
      [1, 0, 100, 10],
      [2, 10, 900, 10],
      [3, 20, 50, 10],
      [4, 5000, 1, 1],
    ]
    const stopped = summary(rows, { eventsMax: 4 })
    expect(stopped).toMatchObject({ jobs: 3, jobs_waiting_end: 1, wait_p99_s: 90, wait_mean_s: (0 + 90 + 80) / 3 })
  })

  it('counts what the center refuses as rejected', () => {
    expect(summary([[1, 0, 5, 20], [2, 0, 5, 4]], {}, 1)).toMatchObject({ jobs: 1, rejected: 2 }) // biome-ignore format: two jobs
  })

  it('of nothing is nothing', () => {
    expect(summary([])).toMatchObject({
      jobs: 0,
      makespan_s: 0,
      utilization: 0,
      wait_p99_s: 0,
      bounded_slowdown_mean: 0,
    })
  })
})

describe('nearest rank', () => {
  it('is the smallest value that is not below the given part of all values', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1 }),
        fc.integer({ min: 1, max: 100 }),
        (values, percent) => {
          const sorted = Float64Array.from(values).sort()
          const reaches = (value: number): boolean =>
            100 * values.filter((other) => other <= value).length >= percent * values.length
          expect(nearestRank(sorted, percent)).toBe(sorted.find(reaches))
        },
      ),
    )
  })
})
