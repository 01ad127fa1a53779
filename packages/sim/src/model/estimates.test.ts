import { describe, expect, it } from 'vitest'
import { type EstimateOf, estimating, popularLimitsS } from './estimates.ts'
import { stream } from './streams.ts'
import type { EstimateHabit } from './workload-model.ts'

const N = 100_000
const HOUR_S = 3600
const limitsOf = (habit: EstimateHabit, wholeS: number, longestS: number): number[] => {
  const of: EstimateOf = estimating(habit, stream(1, 'estimates'))
  return Array.from({ length: N }, () => of(wholeS, longestS))
}
const part = (list: readonly number[], test: (limitS: number) => boolean): number =>
  list.filter(test).length / list.length

describe('what people write for a limit', () => {
  const people: EstimateHabit = { habit: 'people', longestPercent: 25, shortPercent: 5, popularPercent: 100 }

  it('is the longest there is for a quarter of them, too short for a twentieth, and round', () => {
    const limits = limitsOf(people, 1000, 24 * HOUR_S)
    expect(new Set(limits).isSubsetOf(new Set(popularLimitsS))).toBe(true)
    // Who asks for too little asks for 300 to 900 seconds, which is rounded up.
    expect(part(limits, (limitS) => limitS < 1000)).toBeCloseTo(0.05, 2)
    // Nobody needs more than twenty times 1,000 s, so the longest is only where it was left in place.
    expect(part(limits, (limitS) => limitS === 24 * HOUR_S)).toBeCloseTo(0.25, 2)
  })

  it('is used evenly from none to all of it', () => {
    // Of those who allow a margin: used less than half, a quarter, a tenth. Rounding up makes it a little less still.
    const limits = limitsOf({ ...people, longestPercent: 0, shortPercent: 0, popularPercent: 0 }, 30_000, 1e9)
    for (const used of [0.1, 0.25, 0.5, 0.75]) {
      expect(
        part(limits, (limitS) => 30_000 / limitS < used),
        `less than ${used}`,
      ).toBeGreaterThan(used - 0.02)
      expect(
        part(limits, (limitS) => 30_000 / limitS < used),
        `less than ${used}`,
      ).toBeLessThan(used + 0.08)
    }
  })

  it('is no longer than the longest', () => {
    expect(Math.max(...limitsOf(people, 50_000, 54_000))).toBe(64_800)
  })
})

describe('what is written in a log', () => {
  const table: EstimateHabit = {
    habit: 'table',
    classes: [
      {
        runUpToS: 100,
        limitsS: [
          [60, 50],
          [3600, 50],
        ],
      },
      {
        runUpToS: 5000,
        limitsS: [
          [3600, 20],
          [7200, 80],
        ],
      },
    ],
  }

  it('comes as often as it did for runs as long', () => {
    expect(part(limitsOf(table, 50, 1e9), (limitS) => limitS === 60)).toBeCloseTo(0.5, 2)
    expect(part(limitsOf(table, 3000, 1e9), (limitS) => limitS === 7200)).toBeCloseTo(0.8, 2)
  })

  it('is never too short for the run', () => {
    expect(new Set(limitsOf(table, 61, 1e9))).toEqual(new Set([3600]))
    expect(new Set(limitsOf(table, 4000, 1e9))).toEqual(new Set([7200]))
    expect(new Set(limitsOf(table, 90_000.5, 1e9))).toEqual(new Set([90_001]))
  })

  it('is the run time where there was nothing', () => {
    expect(new Set(limitsOf({ habit: 'exact' }, 12.5, 1e9))).toEqual(new Set([13]))
  })
})
