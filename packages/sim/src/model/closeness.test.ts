import { describe, expect, it } from 'vitest'
import { closeness, distanceOf } from './closeness.ts'
import { CANCELLED, COMPLETED, FAILED, type ObservedJobs } from './observed-jobs.ts'

describe('the distance of Kolmogorov and Smirnov', () => {
  it.each<[string, number[], number[], number]>([
    ['equal samples', [1, 2, 2, 5], [1, 2, 2, 5], 0],
    ['samples apart', [1, 2], [3, 4, 5], 1],
    // At 2: three quarters against one half.
    ['samples that overlap', [1, 2, 2, 5], [1, 2, 3, 4], 0.25],
    // At 1: one half against nothing.
    ['samples of different size', [1, 9], [9, 9, 9], 0.5],
    ['a sample and none', [1], [], 1],
  ])('of %s', (_, a, b, expected) => {
    expect(distanceOf(Float64Array.from(a), Float64Array.from(b))).toBeCloseTo(expected, 12)
    expect(distanceOf(Float64Array.from(b), Float64Array.from(a))).toBeCloseTo(expected, 12)
  })
})

const log: ObservedJobs = {
  count: 4,
  submitS: [0, 10, 5000, 5100],
  runS: [100, 50, 200, 40],
  estimateS: [100, 100, 150, 60],
  size: [1, 2, 4, 8],
  user: [1, 1, 1, 2],
  account: [1, 1, 1, 1],
  status: [CANCELLED, COMPLETED, FAILED, FAILED],
}

describe('comparing a log with what was drawn', () => {
  it('takes the figures of both', () => {
    const { marginals, log: totals } = closeness(log, { ...log, runS: [100, 50, 200, 60] }, 10_000)
    const figures = Object.fromEntries(marginals.map(({ name, log: ofLog }) => [name, ofLog.mean]))
    expect(figures).toEqual({
      size: 15 / 4,
      // The third is stopped at its limit.
      run_s: (100 + 50 + 150 + 40) / 4,
      estimate_s: 410 / 4,
      used_of_estimate: expect.closeTo((1 + 0.5 + 1 + 2 / 3) / 4, 12),
      between_submissions_s: 5100 / 3,
      jobs_of_session: 4 / 3,
    })
    expect(marginals.find(({ name }) => name === 'run_s')!.distance).toBe(0.25)
    expect(totals).toEqual({
      jobs: 4,
      busy_mean: (1 * 100 + 2 * 50 + 4 * 150 + 8 * 40) / 10_000,
      // What ends at its limit is neither: the first and the third.
      failed: 1 / 4,
      cancelled: 0,
      at_limit: 2 / 4,
      // One of two users.
      busiest_tenth: 3 / 4,
    })
  })

  it('compares only what the log has', () => {
    const bare = { ...log, estimateS: null, user: [-1, -1, -1, -1] }
    const { marginals, model } = closeness(bare, log, 10_000)
    expect(marginals.map(({ name }) => name)).toEqual(['size', 'run_s', 'between_submissions_s', 'jobs_of_session'])
    expect(marginals.map(({ distance }) => distance)).toEqual([0, 0, 0, 0])
    expect(model.at_limit).toBe(0)
  })
})
