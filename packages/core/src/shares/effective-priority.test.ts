import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deservedSlots, effectivePriorityRule, realPriority, realPriorityOfUsage } from './effective-priority.ts'
import { ShareTree } from './fair-tree.ts'
import { DecayedUsage } from './usage.ts'

const DAY_S = 86_400

describe('real priority', () => {
  it('does not depend on how time is cut up, above its floor', () => {
    const cuts = fc.array(fc.integer({ min: 1, max: DAY_S }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(cuts, fc.integer({ min: 1, max: 1000 }), (steps, held) => {
        let stepped = 0.5
        for (const elapsed of steps) stepped = realPriority(stepped, held, elapsed, DAY_S)
        const elapsed = steps.reduce((sum, step) => sum + step, 0)
        expect(stepped).toBeCloseTo(realPriority(0.5, held, elapsed, DAY_S), 8)
      }),
    )
  })

  it('is decayed usage in another unit, but for the half with which it begins', () => {
    const usage = DecayedUsage.create(1, DAY_S * 1000)
    let real = 0.5
    for (const [held, elapsed] of [
      [100, DAY_S],
      [3, 5000],
      [250, 70_000],
      [10, 2 * DAY_S],
    ] as const) {
      const atMs = usage.save().sinceMs[0] as number
      usage.setRate(0, held * 1000, atMs)
      usage.setRate(0, 0, atMs + elapsed * 1000)
      real = realPriority(real, held, elapsed, DAY_S)
    }
    const { sinceMs } = usage.save()
    const beganAt = 0.5 * 0.5 ** (1 + 5000 / DAY_S + 70_000 / DAY_S + 2)
    expect(realPriorityOfUsage(usage.at(0, sinceMs[0] as number), DAY_S)).toBeCloseTo(real - beganAt, 9)
    expect(realPriorityOfUsage(0, DAY_S)).toBe(0.5)
  })

  it('needs usage that decays', () => {
    const tree = ShareTree.ofEntries([{ name: 'root', isUser: false, parent: -1, shares: 1 }])
    expect(() => effectivePriorityRule(tree, 0)).toThrow('give a half-life')
    expect(() => effectivePriorityRule(tree, Infinity)).toThrow('give a half-life')
  })
})

describe('deserved slots', () => {
  it('go to nobody where nobody asks, and are left where all have what they want', () => {
    expect(deservedSlots(10, [])).toEqual([])
    expect(
      deservedSlots(10, [
        { effectivePriority: 500, wanted: 3 },
        { effectivePriority: 9000, wanted: 1 },
      ]),
    ).toEqual([3, 1])
  })

  it('never exceed what there is or what is wanted, and leave nothing that somebody wants', () => {
    const submitter = fc.record({
      effectivePriority: fc.integer({ min: 500, max: 1e6 }),
      wanted: fc.integer({ min: 0, max: 500 }),
    })
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), fc.array(submitter, { maxLength: 12 }), (slots, submitters) => {
        const deserved = deservedSlots(slots, submitters)
        const given = deserved.reduce((sum, each) => sum + each, 0)
        const wanted = submitters.reduce((sum, each) => sum + each.wanted, 0)
        expect(given).toBeCloseTo(Math.min(slots, wanted), 6)
        deserved.forEach((each, i) => {
          expect(each).toBeLessThanOrEqual((submitters[i]?.wanted as number) + 1e-9)
        })
      }),
    )
  })
})
