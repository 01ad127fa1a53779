import { nearestRank } from '@dure/sim'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { histogramPercentiles } from './histogram.ts'

it('is within a thousandth of the exact percentile, from milliseconds to years', () => {
  const wait = fc.oneof(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 100_000_000_000 }))
  fc.assert(
    fc.property(fc.array(wait, { minLength: 1, maxLength: 300 }), (waits) => {
      const percentiles = histogramPercentiles()
      for (const ms of waits) percentiles.record(ms)
      const sorted = Float64Array.from(waits).sort()
      for (const percent of [1, 25, 50, 95, 99, 99.9, 100]) {
        const exact = nearestRank(sorted, percent)
        expect(Math.abs(percentiles.at(percent) - exact)).toBeLessThanOrEqual(exact / 1000)
      }
    }),
  )
})

it('of nothing is 0', () => expect(histogramPercentiles().at(99)).toBe(0))
