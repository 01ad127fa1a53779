import { describe, expect, it } from 'vitest'
import { activityWeight, fitActivityExponent } from './activity.ts'

describe('how unequally busy users are', () => {
  it('is by the power of the rank', () => {
    expect(activityWeight(1, 1.3)).toBe(1)
    expect(activityWeight(10, 1)).toBeCloseTo(0.1, 12)
    expect(activityWeight(7, 1.3)).toBeCloseTo(7 ** -1.3, 12)
  })

  it.each([0.4, 0.85, 1.3, 2])('finds the exponent %d again, whatever the order', (exponent) => {
    const counts = Array.from({ length: 300 }, (_, i) => 1e6 * (i + 1) ** -exponent)
    expect(fitActivityExponent(counts.reverse())).toBeCloseTo(exponent, 6)
  })

  it('is none where all do the same, or there is only one', () => {
    expect(fitActivityExponent([7, 7, 7, 7])).toBeCloseTo(0, 6)
    expect(activityWeight(1, fitActivityExponent([9]))).toBe(1)
  })
})
