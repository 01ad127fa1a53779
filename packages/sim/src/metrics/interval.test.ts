import { describe, expect, it } from 'vitest'
import { smallCenter } from '../../testing/small-center.ts'
import { stream } from '../model/streams.ts'
import { meanInterval, studentT } from './interval.ts'
import { openMetrics } from './metrics.ts'

describe('Student’s t', () => {
  // scipy.stats.t.ppf((1 + confidence) / 2, freedom), SciPy 1.17.1.
  it.each([
    [0.95, 1, 12.706204736174694],
    [0.95, 2, 4.302652729749462],
    [0.95, 3, 3.1824463052837078],
    [0.95, 4, 2.7764451051977934],
    [0.95, 9, 2.262157162798205],
    [0.95, 19, 2.0930240544083087],
    [0.95, 30, 2.0422724563012378],
    [0.95, 999, 1.9623414611334493],
    [0.99, 7, 3.4994832973504924],
    [0.9, 1000, 1.6463788172854643],
  ])('%f with %i degrees of freedom', (confidence, freedom, expected) => {
    expect(Math.abs(studentT(confidence, freedom) / expected - 1)).toBeLessThan(1e-12)
  })
})

describe('the interval of a mean', () => {
  it('is that of a textbook', () => {
    // Mean 3, variance (4 + 1 + 0 + 1 + 4) / 4 = 2.5: 2.776445 × √(2.5 / 5).
    const { mean, halfWidth } = meanInterval([1, 2, 3, 4, 5])
    expect(mean).toBe(3)
    expect(halfWidth).toBeCloseTo(2.776445105 * Math.sqrt(0.5), 8)
  })

  it('of one value is no interval, of none no mean', () => {
    expect(meanInterval([7])).toEqual({ mean: 7, halfWidth: Infinity })
    expect(() => meanInterval([])).toThrow(RangeError)
  })
})

it('by batch means covers the mean of waits that depend on each other in 19 of 20 cases', () => {
  // Waits that follow an autoregressive process: each keeps half of how far the one before lay from the mean, 1000 s.
  const count = 2000
  const { config, demand } = smallCenter(
    1,
    Array.from({ length: count }, (_, i) => ({ submitS: i, runS: 1, size: 1 })),
  )
  const runs = 400
  let covered = 0
  let coveredWithoutBatches = 0
  for (let seed = 1; seed <= runs; seed++) {
    const draws = stream(seed, 'waits')
    const { observer, measures } = openMetrics(config, demand)
    const values: number[] = []
    let off = 0
    for (let i = 0; i < count; i++) {
      off = off / 2 + 400_000 * (draws.uniform() - 0.5)
      values.push(1_000_000 + Math.round(off))
      // An observer is told in order of time, which matters for the strips only; the waits are what is measured here.
      observer.submitted(i, 0)
      observer.unfinished(i, 1000 * i + values[i]!, 0)
    }
    const { all, waitMeanHalfWidthMs } = measures()
    if (Math.abs(all.waitMeanMs - 1_000_000) <= waitMeanHalfWidthMs!) covered++
    const { mean, halfWidth } = meanInterval(values)
    if (Math.abs(mean - 1_000_000) <= halfWidth) coveredWithoutBatches++
  }
  // 95 % give or take three standard deviations of 400 trials; single values are too sure of themselves.
  expect(covered / runs).toBeGreaterThan(0.917)
  expect(covered / runs).toBeLessThan(0.983)
  expect(coveredWithoutBatches / runs).toBeLessThan(0.85)
})
