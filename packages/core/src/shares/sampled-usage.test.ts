import { expect, it } from 'vitest'
import { entryPenalty, sampledUsage, samplingWeight, weightedUsage } from './sampled-usage.ts'

it('follows what is held, halfway in each half-life of samplings', () => {
  const weight = samplingWeight(300, 3600)
  let usage = 0
  for (let sampling = 0; sampling < 12; sampling++) usage = sampledUsage(weight, usage, 64)
  expect(usage).toBeCloseTo(32, 10)
})

it('the penalty is what one sampling of the job would have added', () => {
  const weight = samplingWeight(300, 604_800)
  expect(entryPenalty(weight, 8)).toBeCloseTo(sampledUsage(weight, 0, 8), 15)
})

it('a resource without a weight of its own counts once', () => {
  expect(weightedUsage({ cpu: 10, gpu: 2 }, { gpu: 30 }, 2)).toBe(35)
  expect(weightedUsage({ cpu: 10 }, {}, 0)).toBe(Infinity)
})
