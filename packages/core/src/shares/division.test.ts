import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LN2 } from '../exponential.ts'
import { type DividedQueues, Division, type DivisionConfig, divisionRule } from './division.ts'
import { type ShareEntry, ShareTree } from './fair-tree.ts'
import type { Claims } from './share-rule.ts'

interface Queue {
  readonly deserved: number
  readonly request: number
  readonly limit: number
  readonly weight: number
  readonly priority: number
  readonly usage: number
}

const columns = (queues: readonly Queue[]): DividedQueues => {
  const column = (field: keyof Queue) => Float64Array.from(queues, (queue) => queue[field])
  return {
    deserved: column('deserved'),
    request: column('request'),
    limit: column('limit'),
    weight: column('weight'),
    priority: column('priority'),
    usage: column('usage'),
  }
}

const members = (count: number) => Int32Array.from({ length: count }, (_, queue) => queue)

const queues = fc.array(
  fc.record({
    deserved: fc.nat({ max: 10 }),
    request: fc.nat({ max: 60 }),
    limit: fc.oneof(fc.constant(Infinity), fc.nat({ max: 40 })),
    weight: fc.nat({ max: 5 }),
    priority: fc.nat({ max: 2 }),
    usage: fc.constantFrom(0, 0.1, 0.5, 1),
  }),
  { minLength: 1, maxLength: 12 },
)

describe('a division', () => {
  it('gives nobody more than it asks for or may have, and everybody what it deserves', () => {
    fc.assert(
      fc.property(queues, fc.nat({ max: 300 }), fc.constantFrom(0, 0.5, 1, 3), (drawn, total, k) => {
        const division = new Division(drawn.length)
        const left = division.divide(columns(drawn), members(drawn.length), total, k, 1)
        const granted = drawn.map(({ deserved, request, limit }) => Math.min(deserved, request, limit))
        const ahead = granted.reduce((sum, each) => sum + each, 0)
        const sum = division.fairShare.reduce((all, each) => all + each, 0)
        drawn.forEach(({ request, limit, weight }, queue) => {
          const mine = division.fairShare[queue] as number
          expect(Number.isInteger(mine)).toBe(true)
          expect(mine).toBeGreaterThanOrEqual(granted[queue] as number)
          expect(mine).toBeLessThanOrEqual(Math.min(request, limit))
          if (weight === 0) expect(mine).toBe(granted[queue])
        })
        expect([sum, left]).toEqual(ahead > total ? [ahead, 0] : [total - left, left])
        // Without the past, something is left only where all who may have more are content.
        if (k === 0 && left > 0) {
          drawn.forEach(({ request, limit, weight }, queue) => {
            if (weight > 0) expect(division.fairShare[queue]).toBe(Math.min(request, limit))
          })
        }
      }),
    )
  })

  it('serves the lower priority only when the higher is content', () => {
    fc.assert(
      fc.property(queues, fc.nat({ max: 300 }), (drawn, total) => {
        const division = new Division(drawn.length)
        division.divide(columns(drawn), members(drawn.length), total, 0, 1)
        const got = (queue: number) => division.fairShare[queue] as number
        drawn.forEach((higher, above) => {
          if (higher.weight === 0 || got(above) === Math.min(higher.request, higher.limit)) return
          drawn.forEach((lower, below) => {
            if (lower.priority >= higher.priority) return
            expect(got(below)).toBe(Math.min(lower.deserved, lower.request, lower.limit))
          })
        })
      }),
    )
  })

  it('divides in whole units, and gives an odd rest to the first', () => {
    const division = new Division(2)
    const like = { deserved: 0, request: 9000, limit: Infinity, weight: 1, priority: 0, usage: 0 }
    division.divide(columns([like, like]), members(2), 7000, 0, 1000)
    expect([...division.fairShare]).toEqual([4000, 3000])
  })

  it('gives nobody a whole unit who asks for less', () => {
    const division = new Division(2)
    const like = { deserved: 0, request: 2.5, limit: Infinity, weight: 1, priority: 0, usage: 0 }
    const left = division.divide(columns([like, { ...like, request: 9 }]), members(2), 4.8, 0, 1)
    expect(division.fairShare[0]).toBe(2.5)
    expect((division.fairShare[1] as number) + left).toBeCloseTo(2.3, 12)
  })
})

const account = (name: string, parent: number, shares: number | 'parent' = 1): ShareEntry => ({
  name,
  isUser: false,
  parent,
  shares,
})
const user = (name: string, parent: number, shares: number | 'parent' = 1): ShareEntry => ({
  name,
  isUser: true,
  parent,
  shares,
})

const tree = ShareTree.ofEntries([
  account('root', -1),
  account('one', 0, 3),
  account('two', 0, 1),
  user('a', 1),
  user('b', 1),
  user('c', 2),
])

const WEEK_MS = 7 * 86_400_000

/** Of GPUs only, in whole ones; everybody waits for a hundred more than it holds. */
const claims = (held: readonly number[], next: readonly number[], usage = [0, 0, 0]): Claims => ({
  tree,
  resources: ['cpu', 'memory', 'gpu'],
  capacity: Float64Array.of(0, 0, 40_000),
  held: Float64Array.from(held.flatMap((gpus) => [0, 0, 1000 * gpus])),
  asked: Float64Array.from(next.flatMap((gpus) => [0, 0, gpus === 0 ? 0 : 100_000])),
  next: Float64Array.from(next.flatMap((gpus) => [0, 0, 1000 * gpus])),
  usage: Float64Array.from(usage),
})

const ranked = (given: Claims, config: Omit<DivisionConfig, 'rule'> = {}): number[] => {
  const out = new Int32Array(given.tree.users)
  divisionRule(given.tree, { rule: 'division', ...config }, WEEK_MS).rank(given, out)
  return [...out]
}

describe('the order', () => {
  // Of 40 the fair shares are 30 and 10, and 15 each of a and b.
  it('puts who is above its fair share behind who is not', () => {
    expect(ranked(claims([14, 0, 11], [1, 1, 1]))).toEqual([1, 0, 2])
    expect(ranked(claims([16, 15, 2], [1, 1, 1]))).toEqual([2, 1, 0])
  })

  it('calls nobody above who has exactly its fair share', () => {
    const queues = { two: { priority: 1, limit: { gpu: 10_000 } } }
    expect(ranked(claims([10, 10, 10], [1, 1, 1]), { queues })).toEqual([1, 1, 0])
    expect(ranked(claims([10, 10, 11], [1, 1, 1]), { queues })).toEqual([0, 0, 1])
  })

  it('divides accelerators into whole ones', () => {
    // Of 7 the fair shares are 5 and 2, and of the 5 a has 3.
    const given = claims([3, 2, 0], [1, 1, 1])
    given.capacity[2] = 7000
    expect(ranked(given)).toEqual([1, 2, 0])
  })

  it('counts the next job by the part of the fair share that it fills', () => {
    // Of its fair share one would have 1/30, two 1/10.
    expect(ranked(claims([0, 0, 0], [1, 2, 1]))).toEqual([0, 1, 2])
    expect(ranked(claims([0, 0, 0], [6, 6, 1]))).toEqual([1, 1, 0])
  })

  it('puts who stays within what it deserves first', () => {
    const queues = { two: { deserved: { gpu: 8000 } } }
    expect(ranked(claims([0, 0, 7], [1, 1, 1]), { queues })).toEqual([1, 1, 0])
    expect(ranked(claims([0, 0, 7], [1, 1, 2]), { queues })).toEqual([0, 0, 1])
  })

  it('goes by priority between accounts', () => {
    expect(ranked(claims([0, 0, 5], [1, 1, 1]), { queues: { two: { priority: 1 } } })).toEqual([1, 1, 0])
  })

  it('lets a limit leave the rest to the others', () => {
    const queues = { one: { limit: { gpu: 10_000 } } }
    // 10 and 30: a and b have 5 each.
    expect(ranked(claims([6, 0, 28], [1, 1, 1]), { queues })).toEqual([1, 0, 2])
    expect(ranked(claims([6, 5, 28], [1, 1, 1]), { queues })).toEqual([2, 1, 0])
  })

  it('with k lets the past count, as a part of all that the center could do', () => {
    const whole = (40 * (WEEK_MS / 1000)) / LN2
    // a has had a quarter of the center: of the 30 it gets 0.5 + 0.25 to b's 0.5 + 0.5, 13 and 17.
    const past = claims([14, 14, 0], [1, 1, 0], [whole / 4, 0, 0])
    expect(ranked(past).slice(0, 2)).toEqual([0, 0])
    expect(ranked(past, { k: 1 }).slice(0, 2)).toEqual([1, 0])
  })

  it('divides anew when something else is asked for, and stands as it was after a start', () => {
    const rule = divisionRule(tree, { rule: 'division' }, WEEK_MS)
    const fresh = (given: Claims): number[] => {
      const out = new Int32Array(3)
      rule.rank(given, out)
      return [...out]
    }
    const given = claims([15, 14, 5], [1, 4, 1])
    expect(fresh(given)).toEqual([1, 2, 0])
    // A start of a: what it holds and asks for together stays, and it is above its 15 now.
    given.held[2] = 16_000
    given.asked[2] = 99_000
    expect(fresh(given)).toEqual([2, 1, 0])
    // Of twice as much a and b may have 30 each.
    given.capacity[2] = 80_000
    expect(fresh(given)).toEqual([1, 2, 0])
    given.capacity[2] = 40_000
    expect(fresh(given)).toEqual([2, 1, 0])
    // c is content: a and b may have 18 and 17, and a would fill the lesser part of it.
    given.asked[8] = 0
    given.next[8] = 0
    expect(fresh(given)).toEqual([0, 1, 2])
  })
})

describe('a configuration that speaks of what there is not', () => {
  const none = claims([0, 0, 0], [0, 0, 0])

  it('is refused', () => {
    expect(() => ranked(none, { k: -1 })).toThrow('k must be 0 or more, not -1')
    expect(() => ranked(none, { queues: { three: {} } })).toThrow('there is no account three')
    expect(() => ranked(none, { queues: { two: { limit: { tpu: 1 } } } })).toThrow(
      'account two has tpu, not one of cpu',
    )
  })
})
