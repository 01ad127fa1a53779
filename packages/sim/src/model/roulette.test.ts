import { expect, it } from 'vitest'
import { roulette } from './roulette.ts'
import { stream } from './streams.ts'

it('gives indices in proportion to their weights, and never one of weight nothing', () => {
  const weights = [0, 5, 1, 0, 3, 1, 0]
  const pick = roulette(weights)
  const draws = stream(1, 'roulette')
  const counts = new Array(weights.length).fill(0)
  const n = 100_000
  for (let i = 0; i < n; i++) counts[pick(draws)]++
  weights.forEach((weight, i) => {
    if (weight === 0) expect(counts[i]).toBe(0)
    // Four standard errors of a count.
    else expect(Math.abs(counts[i] - (n * weight) / 10)).toBeLessThan(4 * Math.sqrt((n * weight) / 10))
  })
})
