import { describe, expect, it } from 'vitest'
import { stream } from './streams.ts'
import { drawTimeS, fitTimeLaw, lognormalTo, meanTimeS, type TimeLaw } from './time-law.ts'

const N = 40_000
const draws = (law: TimeLaw, name: string): Float64Array => {
  const from = stream(1, name)
  return Float64Array.from({ length: N }, () => drawTimeS(law, from))
}
const meanOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length
const quantile = (values: Float64Array, part: number): number => values.toSorted()[Math.floor(part * values.length)]!

const humps: TimeLaw = {
  parts: [
    { percent: 40, medianS: 60, sigma: 0.6 },
    { percent: 60, medianS: 7200, sigma: 1 },
  ],
  shortestS: 1,
  longestS: 500_000,
}

describe('a law of times', () => {
  it('has its median in the middle and its 99th percentile at the longest', () => {
    const values = draws(lognormalTo(2400, 43_200, 5), 'notebook')
    expect(quantile(values, 0.5) / 2400).toBeCloseTo(1, 1)
    expect(values.filter((value) => value === 43_200).length / N).toBeCloseTo(0.01, 2)
    expect(values.every((value) => value >= 5 && value <= 43_200)).toBe(true)
  })

  it('has the mean that the formula of the lognormal law gives, where nothing is cut off', () => {
    // exp(µ + σ²/2), weighted.
    const expected = 0.4 * 60 * Math.exp(0.6 ** 2 / 2) + 0.6 * 7200 * Math.exp(1 / 2)
    expect(meanTimeS({ ...humps, shortestS: 0, longestS: Infinity }) / expected).toBeCloseTo(1, 4)
    expect(meanOf(draws(humps, 'humps')) / expected).toBeCloseTo(1, 1)
  })

  it('is found again from what it gives: both humps, their weights, and the mean', () => {
    const values = draws(humps, 'humps')
    const fitted = fitTimeLaw(values)
    expect(meanTimeS(fitted) / meanOf(values)).toBeCloseTo(1, 3)
    const again = draws(fitted, 'again')
    for (const part of [0.1, 0.25, 0.5, 0.75, 0.9, 0.99]) {
      expect(Math.log(quantile(again, part) / quantile(values, part)), `quantile ${part}`).toBeCloseTo(0, 0.9)
    }
    // The valley between the humps, about which one lognormal law would know nothing.
    const inValley = (list: Float64Array): number => list.filter((value) => value > 200 && value < 800).length / N
    expect(inValley(again)).toBeCloseTo(inValley(values), 2)
    expect(inValley(values)).toBeLessThan(0.05)
  })

  it('does not care for the unit of the values: twice the times, twice the medians', () => {
    const values = draws(humps, 'humps').map((value) => 10 + value)
    const [once, twice] = [fitTimeLaw(values), fitTimeLaw(values.map((value) => 2 * value))]
    expect(twice.parts.map(({ medianS }) => medianS / 2)).toEqual(
      once.parts.map(({ medianS }) => expect.closeTo(medianS, 4)),
    )
  })

  it.each<[string, number[]]>([
    ['a single value', [77]],
    ['equal values', new Array(1000).fill(600)],
    ['times of nothing', [0, 0, 0]],
    ['two values far apart', [1, 1_000_000]],
  ])('is found for %s', (_, values) => {
    const fitted = fitTimeLaw(Float64Array.from(values))
    const from = stream(1, 'x')
    for (let i = 0; i < 100; i++) {
      const value = drawTimeS(fitted, from)
      expect(value).toBeGreaterThanOrEqual(Math.max(1, Math.min(...values)))
      expect(value).toBeLessThanOrEqual(Math.max(1, ...values))
    }
  })
})
