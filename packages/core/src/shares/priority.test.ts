import { describe, expect, it } from 'vitest'
import {
  ageFactor,
  fluxPriority,
  fluxWeights,
  jobSizeFactor,
  multifactorPriority,
  normalizedFactor,
} from './priority.ts'

// What the documents of Slurm and Flux print is in `golden/multifactor-priority` and `golden/flux-priority`.

describe('multifactor priority', () => {
  it('counts a weight without a factor and a factor without a weight as nothing', () => {
    expect(multifactorPriority({ age: 1000 }, { qos: 1 })).toBe(1)
    expect(multifactorPriority({ resources: { gpu: 50 } }, { resources: { cpu: 1, gpu: 0.5 } })).toBe(25)
  })

  it('lets an older job pass one with the better share where age weighs enough', () => {
    const priority = (ageWeight: number, age: number, fairShare: number) =>
      multifactorPriority({ age: ageWeight, fairShare: 1000 }, { age, fairShare })
    expect(priority(1000, 0, 0.5)).toBeGreaterThan(priority(100, 1, 0.3))
    expect(priority(1000, 1, 0.3)).toBeGreaterThan(priority(1000, 0, 0.5))
  })
})

describe('factors', () => {
  it('age from 0 to 1 and no further', () => {
    expect([0, 50, 100, 150].map((eligibleMs) => ageFactor(eligibleMs, 100))).toEqual([0, 0.5, 1, 1])
  })

  it('are 0 where the largest is 0, and nothing is divided by it', () => {
    expect(normalizedFactor(0, 0, true)).toBe(0)
  })

  it('of size stay within 0 and 1, whatever a log says of its machine', () => {
    const options = [true, false].flatMap((favoursSmall) =>
      [true, false].map((isRelativeToTime) => ({ favoursSmall, isRelativeToTime })),
    )
    for (const each of options) {
      const factor = jobSizeFactor({ nodes: 30, cpus: 900, nodesAll: 10, cpusAll: 160, limitMin: 1 }, each)
      expect(factor).toBeGreaterThanOrEqual(0)
      expect(factor).toBeLessThanOrEqual(1)
    }
  })
})

it('flux rounds to the nearest whole priority', () => {
  const priority = (fairShare: number) => fluxPriority(fluxWeights, { fairShare, queue: 0, bank: 0, urgency: 16 })
  expect([priority(0.000014), priority(0.000016)]).toEqual([1, 2])
})
