import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dominantShareRule } from './dominant-share.ts'
import { type ShareEntry, ShareTree } from './fair-tree.ts'
import { fill } from './filling.ts'
import type { Claims } from './share-rule.ts'

const account = (name: string, parent: number, shares = 1): ShareEntry => ({ name, isUser: false, parent, shares })
const user = (name: string, parent: number, shares = 1): ShareEntry => ({ name, isUser: true, parent, shares })
const flat = (...shares: readonly number[]): ShareTree =>
  ShareTree.ofEntries([account('root', -1), ...shares.map((each, at) => user(`u${at}`, 0, each))])

const tasks = (capacity: readonly number[], task: readonly (readonly number[])[]) => ({
  resources: capacity.map((_, at) => `r${at}`),
  capacity: Float64Array.from(capacity),
  task: Float64Array.from(task.flat()),
  count: new Float64Array(task.length).fill(Infinity),
  usage: new Float64Array(task.length),
})

/** Everybody waits for a little of everything. */
const claims = (tree: ShareTree, capacity: readonly number[], held: readonly (readonly number[])[]): Claims => ({
  tree,
  resources: capacity.map((_, at) => `r${at}`),
  capacity: Float64Array.from(capacity),
  held: Float64Array.from(held.flat()),
  asked: new Float64Array(held.flat().length).fill(1),
  next: new Float64Array(held.flat().length).fill(1),
  usage: new Float64Array(tree.users),
})

const ranked = (rule: 'drf' | 'hdrf' | 'asset', given: Claims): number[] => {
  const out = new Int32Array(given.tree.users)
  dominantShareRule(given.tree, { rule }).rank(given, out)
  return [...out]
}

describe('drf', () => {
  it('divides by shares: twice the shares may hold twice as much', () => {
    const given = claims(
      flat(2, 1, 1),
      [100, 100],
      [
        [40, 0],
        [0, 20],
        [5, 30],
      ],
    )
    expect(ranked('drf', given)).toEqual([0, 0, 1])
  })

  it('puts who has no shares last, even with empty hands', () => {
    expect(ranked('drf', claims(flat(0, 1), [100], [[0], [90]]))).toEqual([1, 0])
  })

  it('takes no notice of a resource that the center has none of', () => {
    expect(
      ranked(
        'drf',
        claims(
          flat(1, 1),
          [100, 0],
          [
            [10, 0],
            [20, 0],
          ],
        ),
      ),
    ).toEqual([0, 1])
  })

  /** Two to five users of two or three resources, with tasks small beside the center. */
  const instances = fc
    .tuple(fc.integer({ min: 2, max: 5 }), fc.integer({ min: 2, max: 3 }))
    .chain(([users, resources]) =>
      fc.record({
        capacity: fc.array(fc.integer({ min: 60, max: 150 }), { minLength: resources, maxLength: resources }),
        task: fc.array(fc.array(fc.integer({ min: 1, max: 6 }), { minLength: resources, maxLength: resources }), {
          minLength: users,
          maxLength: users,
        }),
      }),
    )

  it('has the properties of the paper, up to the size of a task', () => {
    fc.assert(
      fc.property(instances, ({ capacity, task }) => {
        const tree = flat(...task.map(() => 1))
        const running = [...fill(tree, dominantShareRule(tree, { rule: 'drf' }), tasks(capacity, task))]
        const used = capacity.map((_, r) => running.reduce((sum, x, i) => sum + x * (task[i]?.[r] as number), 0))
        const step = task.map((each) => Math.max(...each.map((amount, r) => amount / (capacity[r] as number))))
        const widest = Math.max(...step)
        running.forEach((mine, i) => {
          const wants = task[i] as number[]
          // Pareto efficiency: nobody can have one more.
          expect(wants.some((amount, r) => (used[r] as number) + amount > (capacity[r] as number))).toBe(true)
          // Sharing incentive: the n-th part of the center would not serve it better.
          expect(mine * (step[i] as number)).toBeGreaterThanOrEqual(1 / running.length - 2 * widest - 1e-9)
          // Envy-freeness: nor would what anybody else has.
          running.forEach((others, k) => {
            const inTheirs = others * Math.min(...wants.map((amount, r) => (task[k]?.[r] as number) / amount))
            expect(inTheirs).toBeLessThanOrEqual(mine + widest / (step[i] as number) + 1 + 1e-9)
          })
        })
        used.forEach((amount, r) => {
          expect(amount).toBeLessThanOrEqual(capacity[r] as number)
        })
      }),
      { numRuns: 60 },
    )
  })
})

describe('hdrf', () => {
  it('is drf where there is one level and nobody is blocked', () => {
    const instances = fc.array(
      fc.record({ shares: fc.integer({ min: 1, max: 4 }), held: fc.tuple(fc.nat({ max: 9 }), fc.nat({ max: 9 })) }),
      { minLength: 1, maxLength: 9 },
    )
    fc.assert(
      fc.property(instances, (users) => {
        const tree = flat(...users.map(({ shares }) => shares))
        const given = claims(
          tree,
          [100, 200],
          users.map(({ held }) => held),
        )
        expect(ranked('hdrf', given)).toEqual(ranked('drf', given))
      }),
    )
  })

  const department = ShareTree.ofEntries([
    account('root', -1),
    account('one', 0),
    account('two', 0),
    user('a', 1),
    user('b', 2),
    user('c', 2),
  ])

  it('counts the children of an account as if none were further than the last', () => {
    // c has half of the memory, b a tenth of the processors: as far as b they hold a tenth of each.
    const given = claims(
      department,
      [100, 100],
      [
        [20, 0],
        [10, 0],
        [0, 50],
      ],
    )
    expect(ranked('hdrf', given)).toEqual([2, 0, 1])
    expect(ranked('drf', given)).toEqual([0, 0, 1])
  })

  it('counts a blocked child as it is, and lets it go last', () => {
    const given = claims(
      department,
      [100, 100],
      [
        [20, 0],
        [10, 0],
        [0, 50],
      ],
    )
    given.next.fill(0, 4, 6) // c waits for nothing more
    expect(ranked('hdrf', given)).toEqual([0, 1, 2])
  })

  it('blocks who waits for what is used up', () => {
    const given = claims(
      department,
      [100, 100],
      [
        [60, 0],
        [40, 0],
        [0, 90],
      ],
    )
    given.next.set([0, 1, 1, 0, 0, 1])
    expect(ranked('hdrf', given)).toEqual([0, 2, 1])
  })

  it('blocks nobody for a resource that the center has none of', () => {
    const given = claims(
      department,
      [100, 0],
      [
        [5, 0],
        [10, 0],
        [0, 0],
      ],
    )
    given.next.set([1, 1, 1, 0, 1, 0])
    expect(ranked('hdrf', given)).toEqual([0, 2, 1])
  })

  it('leaves the turn to submission where nobody holds anything', () => {
    expect(
      ranked(
        'hdrf',
        claims(
          department,
          [100, 100],
          [
            [0, 0],
            [0, 0],
            [0, 0],
          ],
        ),
      ),
    ).toEqual([0, 0, 0])
  })
})

it('asset fairness adds up what drf takes the greatest of', () => {
  const given = claims(
    flat(1, 1),
    [100, 100],
    [
      [30, 30],
      [40, 0],
    ],
  )
  expect(ranked('asset', given)).toEqual([1, 0])
  expect(ranked('drf', given)).toEqual([0, 1])
})

it('filling refuses tasks without end that take nothing', () => {
  const tree = flat(1, 1)
  expect(() => fill(tree, dominantShareRule(tree, { rule: 'drf' }), tasks([10], [[1], [0]]))).toThrow(
    'user 1: tasks without end must take something',
  )
})
