import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type DemandCappedConfig, demandCappedRule, demandCappedShares } from './demand-capped.ts'
import { type ShareEntry, ShareTree } from './fair-tree.ts'

const account = (name: string, parent: number): ShareEntry => ({ name, isUser: false, parent, shares: 1 })
const user = (name: string, parent: number, shares: number): ShareEntry => ({ name, isUser: true, parent, shares })
const tree = ShareTree.ofEntries([account('root', -1), user('a', 0, 1), user('b', 0, 2), user('c', 0, 1)])

const ranked = (held: number[][], next: number[][], config: Omit<DemandCappedConfig, 'rule'> = {}): number[] => {
  const out = new Int32Array(tree.users)
  demandCappedRule(tree, { rule: 'demand-capped', ...config }).rank(
    {
      tree,
      resources: ['cpu', 'gpu'],
      capacity: Float64Array.of(1000, 100),
      held: Float64Array.from(held.flat()),
      asked: Float64Array.from(next.flat()),
      next: Float64Array.from(next.flat()),
      usage: new Float64Array(tree.users),
    },
    out,
  )
  return [...out]
}

describe('the order', () => {
  it('goes by what each would hold with its next job, by weight', () => {
    expect(
      ranked(
        [
          [0, 10],
          [0, 20],
          [0, 5],
        ],
        [
          [0, 1],
          [0, 2],
          [0, 10],
        ],
      ),
    ).toEqual([0, 0, 1])
  })

  it('takes the dearer of the resources, at its price', () => {
    const held = [
      [300, 10],
      [0, 0],
      [0, 20],
    ]
    const next = [
      [10, 1],
      [0, 0],
      [10, 1],
    ]
    expect(ranked(held, next)).toEqual([1, 2, 0])
    expect(ranked(held, next, { multipliers: { cpu: 0.5 } })).toEqual([0, 2, 1])
  })

  it('refuses the price of what there is not', () => {
    expect(() => ranked([[], [], []], [[], [], []], { multipliers: { tpu: 2 } })).toThrow('a multiplier of tpu')
  })
})

it('no more than the center is shared, and nobody gets more than it asks for', () => {
  const queues = fc.array(
    fc.record({ weight: fc.nat({ max: 9 }), demand: fc.double({ min: 0, max: 2, noNaN: true }) }),
    {
      maxLength: 12,
    },
  )
  fc.assert(
    fc.property(queues, (drawn) => {
      const demand = Float64Array.from(drawn, (queue) => queue.demand)
      const { demandCapped, uncapped, fair } = demandCappedShares(
        Float64Array.from(drawn, ({ weight }) => weight),
        demand,
      )
      expect(demandCapped.reduce((sum, share) => sum + share, 0)).toBeLessThanOrEqual(1 + 1e-9)
      demandCapped.forEach((share, queue) => {
        expect(share).toBeLessThanOrEqual(demand[queue] as number)
        // With demand without end nobody would get less, nor less than its part by weight.
        expect(uncapped[queue]).toBeGreaterThanOrEqual(share - 1e-9)
        expect(uncapped[queue]).toBeGreaterThanOrEqual((fair[queue] as number) - 1e-9)
      })
    }),
  )
})
