import { easy } from '@dure/core'
import { describe, expect, it } from 'vitest'
import { hasReference, logs, readGzipped, referenceMeans, withReference } from '../../testing/reference.ts'
import { type SmallJob, smallCenter } from '../../testing/small-center.ts'
import { type SimulateOptions, simulate } from '../simulate.ts'
import { parseSwf } from '../trace/swf.ts'
import { swfCenter } from '../trace/trace-center.ts'
import { type Summary, summarize } from './summary.ts'

const summary = (jobs: readonly SmallJob[], options?: SimulateOptions, rejected?: number): Summary => {
  const { config, demand } = smallCenter(10, jobs, { a: 3, b: 1 })
  return summarize(config, demand, simulate(config, demand, options), rejected)
}

describe('the summary of a simulation', () => {
  it('has every measure under its documented name and in its unit', () => {
    // Starts at 0, 100 and 200: waits of 0, 90 and 160 s; the last job is stopped at its limit.
    const jobs: SmallJob[] = [
      { submitS: 0, runS: 100, size: 10 },
      { submitS: 10, runS: 100, size: 5, account: 'b' },
      { submitS: 40, runS: 30, size: 10, limitS: 20 },
    ]
    let ms = 0
    const { facts_hash, ...others } = summary(jobs, { clock: () => (ms += 500) }, 4)
    expect(facts_hash).toMatch(/^[0-9a-f]{32}$/)
    // Used: 1000 + 500 + 200 of 10 × 220; five idle from 100 to 200 while job 3 waits. Accounts: a 12/17 for 3/4, b 5/17 for 1/4,
    // that is x = 48/51 and 60/51 or 4 to 5: 9² / (2 (4² + 5²)) = 81/82; 3/4 - 12/17 = 3/68.
    expect(others).toEqual({
      jobs: 3,
      rejected: 4,
      warmup_s: 0,
      makespan_s: 220,
      utilization: 1700 / 2200,
      goodput: 1500 / 2200,
      idle_while_wanted: 500 / 2200,
      fragmentation: 500 / 2200,
      wait_mean_s: 250 / 3,
      wait_mean_ci95_s: null,
      wait_p50_s: 90,
      wait_p95_s: 160,
      wait_p99_s: 160,
      wait_max_s: 160,
      starvation_bound_s: 86_400,
      jobs_starved: 0,
      turnaround_mean_s: (100 + 190 + 180) / 3,
      // The twenty seconds of the last job are its run: 180 / 20.
      bounded_slowdown_mean: expect.closeTo((1 + 1.9 + 9) / 3, 12),
      bounded_slowdown_mean_ci95: null,
      batches: 20,
      jain_index: expect.closeTo(81 / 82, 12),
      share_error_max: expect.closeTo(3 / 68, 12),
      accounts: 2,
      accounts_served: 2,
      requeues: 0,
      lost_accelerator_hours: 200 / 3600,
      lost_requeued_accelerator_hours: 0,
      lost_failed_accelerator_hours: 0,
      lost_timeout_accelerator_hours: 200 / 3600,
      cancelled_accelerator_hours: 0,
      jobs_waiting_end: 0,
      jobs_running_end: 0,
      ended: { COMPLETED: 2, TIMEOUT: 1 },
      by_size: [
        {
          from: 2,
          to: 8,
          jobs: 1,
          jobs_started: 1,
          wait_mean_s: 90,
          wait_p50_s: 90,
          wait_p95_s: 90,
          wait_p99_s: 90,
          wait_max_s: 90,
        },
        {
          from: 9,
          to: 64,
          jobs: 2,
          jobs_started: 2,
          wait_mean_s: 80,
          wait_p50_s: 0,
          wait_p95_s: 160,
          wait_p99_s: 160,
          wait_max_s: 160,
        },
      ],
      by_account: [
        expect.objectContaining({
          account: 'a',
          jobs: 2,
          accelerator_hours: 1200 / 3600,
          used_part: 12 / 17,
          promised_part: 0.75,
        }),
        expect.objectContaining({ account: 'b', jobs: 1, wait_max_s: 90, used_part: 5 / 17, promised_part: 0.25 }),
      ],
      jobs_per_second: 6,
    })
  })

  it('never counts a job as faster than alone', () => {
    expect(summary([{ submitS: 1, runS: 1, size: 1 }]).bounded_slowdown_mean).toBe(1)
  })

  it('counts jobs that still wait with what they have waited', () => {
    // Stopped after the first end at 100: job 3 has waited 80 s and may yet wait for long.
    const jobs: SmallJob[] = [
      { submitS: 0, runS: 100, size: 10 },
      { submitS: 10, runS: 900, size: 10 },
      { submitS: 20, runS: 50, size: 10 },
      { submitS: 5000, runS: 1, size: 1 },
    ]
    const stopped = summary(jobs, { eventsMax: 4 })
    expect(stopped).toMatchObject({ jobs: 3, jobs_waiting_end: 1, wait_p99_s: 90, wait_mean_s: (0 + 90 + 80) / 3 })
  })

  it('counts what the center refuses as rejected', () => {
    const jobs: SmallJob[] = [
      { submitS: 0, runS: 5, size: 20 },
      { submitS: 0, runS: 5, size: 4 },
    ]
    expect(summary(jobs, {}, 1)).toMatchObject({ jobs: 1, rejected: 2 })
  })

  it('of nothing is nothing', () => {
    expect(summary([])).toMatchObject({
      jobs: 0,
      makespan_s: 0,
      utilization: 0,
      wait_p99_s: 0,
      bounded_slowdown_mean: 0,
      wait_mean_ci95_s: null,
      accounts: 0,
    })
  })
})

describe.skipIf(!hasReference)(withReference, () => {
  it('has the means of independent programs on a public log, and an interval around them', () => {
    const { jobs, processors } = parseSwf(readGzipped(logs['kth-sp2']))
    const { config, demand } = swfCenter(jobs, processors!, easy)
    const actual = summarize(config, demand, simulate(config, demand))
    const { waitS, boundedSlowdown } = referenceMeans('kth-sp2', 'instant', 'easy')
    expect(actual.wait_mean_s).toBeCloseTo(waitS, 4)
    expect(actual.bounded_slowdown_mean).toBeCloseTo(boundedSlowdown, 5)
    // Loads of months differ: the mean wait of a year is known to a fifth or two, not to a digit.
    expect(actual.wait_mean_ci95_s! / waitS).toBeGreaterThan(0.1)
    expect(actual.wait_mean_ci95_s! / waitS).toBeLessThan(0.6)
    const { by_size, by_account, goodput, utilization, ended } = actual
    for (const groups of [by_size, by_account]) {
      expect(groups.reduce((sum, group) => sum + group.jobs, 0)).toBe(jobs.count)
    }
    expect(by_account.reduce((sum, { used_part }) => sum + used_part, 0)).toBeCloseTo(1, 9)
    expect(ended.COMPLETED! + ended.TIMEOUT!).toBe(jobs.count)
    expect(goodput).toBeLessThan(utilization)
  })
})
