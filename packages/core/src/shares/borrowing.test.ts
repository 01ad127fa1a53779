import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type BorrowingConfig, borrowingRule } from './borrowing.ts'
import { type ShareEntry, ShareTree } from './fair-tree.ts'
import { type QuotaLimits, QuotaTree, weightedShare } from './quota-tree.ts'
import type { Claims } from './share-rule.ts'

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

/** Two accounts of three shares and one, of two users each. */
const tree = ShareTree.ofEntries([
  account('root', -1),
  account('large', 0, 3),
  account('small', 0, 1),
  user('a', 1),
  user('b', 1),
  user('c', 2),
  user('d', 2),
])

const claims = (of: ShareTree, gpus: number, held: readonly number[], next: readonly number[]): Claims => ({
  tree: of,
  resources: ['gpu'],
  capacity: Float64Array.of(gpus),
  held: Float64Array.from(held),
  asked: Float64Array.from(next),
  next: Float64Array.from(next),
  usage: new Float64Array(of.users),
})

const rankedOf = (given: Claims, config: Omit<BorrowingConfig, 'rule'> = {}): number[] => {
  const out = new Int32Array(given.tree.users)
  borrowingRule(given.tree, { rule: 'borrowing', ...config }).rank(given, out)
  return [...out]
}

describe('the order', () => {
  it('is nobody’s while all stay within their parts', () => {
    // Parts of 40: 30 and 10; of the users 15, 15, 5 and 5.
    expect(rankedOf(claims(tree, 40, [14, 0, 4, 0], [1, 15, 1, 5]))).toEqual([0, 0, 0, 0])
  })

  it('puts who would borrow behind who would not, the next job included', () => {
    expect(rankedOf(claims(tree, 40, [15, 0, 0, 0], [1, 1, 1, 1]))).toEqual([1, 0, 0, 0])
    expect(rankedOf(claims(tree, 40, [0, 0, 0, 0], [1, 1, 6, 5]))).toEqual([0, 0, 1, 0])
  })

  it('compares accounts by the job of their best user', () => {
    // small holds its ten: d would borrow 1, c 20; large would borrow 2 at best.
    expect(rankedOf(claims(tree, 40, [15, 15, 5, 5], [2, 4, 20, 1]))).toEqual([2, 3, 1, 0])
  })

  it('puts who has nothing to run last', () => {
    expect(rankedOf(claims(tree, 40, [20, 0, 0, 0], [1, 0, 0, 0]))).toEqual([0, 1, 2, 2])
  })

  it('follows a capacity that shrinks', () => {
    const rule = borrowingRule(tree, { rule: 'borrowing' })
    const out = new Int32Array(4)
    rule.rank(claims(tree, 40, [10, 0, 0, 0], [1, 1, 1, 1]), out)
    expect([...out]).toEqual([0, 0, 0, 0])
    rule.rank(claims(tree, 20, [10, 0, 0, 0], [1, 1, 1, 1]), out)
    expect([...out]).toEqual([1, 0, 0, 0])
  })

  it('takes quotas and weights as given', () => {
    const quotas = { large: { gpu: { nominal: 0 } }, small: { gpu: { nominal: 0 } } }
    const held = [12, 0, 5, 0]
    expect(rankedOf(claims(tree, 40, held, [0, 1, 0, 1]), { quotas })).toEqual([3, 2, 1, 0])
    expect(rankedOf(claims(tree, 40, held, [0, 1, 0, 1]), { quotas, weights: { large: 3 } })).toEqual([1, 0, 3, 2])
    // Without any weight, the one that borrows more comes last.
    const weights = { large: 0, small: 0 }
    expect(rankedOf(claims(tree, 40, held, [0, 1, 0, 1]), { quotas, weights })).toEqual([3, 2, 1, 0])
  })

  it('lets a user with `parent` borrow from its account all that it uses', () => {
    const withGuest = ShareTree.ofEntries([
      account('root', -1),
      account('a', 0),
      user('u', 1),
      user('guest', 1, 'parent'),
    ])
    expect(rankedOf(claims(withGuest, 10, [5, 0], [1, 1]))).toEqual([0, 1])
  })
})

describe('a configuration that speaks of what there is not', () => {
  const none = claims(tree, 40, [0, 0, 0, 0], [0, 0, 0, 0])

  it('is refused with the account', () => {
    expect(() => rankedOf(none, { weights: { middle: 1 } })).toThrow('there is no account middle')
    const spliced = ShareTree.ofEntries([account('root', -1), account('group', 0, 'parent'), user('u', 1)])
    expect(() => borrowingRule(spliced, { rule: 'borrowing', weights: { group: 2 } })).toThrow('no account group')
  })

  it('is refused with the resource', () => {
    const quotas = { large: { tpu: { nominal: 1 } } }
    expect(() => rankedOf(none, { quotas })).toThrow('account large has a quota of tpu, not one of gpu')
  })
})

describe('quotas', () => {
  const limits = fc
    .record({
      nominal: fc.nat({ max: 20 }),
      borrow: fc.nat({ max: 9 }),
      lend: fc.nat({ max: 9 }),
      limited: fc.nat({ max: 3 }),
    })
    .map(
      ({ nominal, borrow, lend, limited }): QuotaLimits => ({
        nominal,
        ...(limited === 1 || limited === 3 ? { borrow } : {}),
        ...(limited === 2 || limited === 3 ? { lend } : {}),
      }),
    )
  const nodes = fc.array(fc.record({ above: fc.nat(), limits, usage: fc.nat({ max: 25 }) }), {
    minLength: 2,
    maxLength: 12,
  })
  const quotaTreeOf = (drawn: readonly { readonly above: number; readonly limits: QuotaLimits }[]): QuotaTree =>
    QuotaTree.of(
      drawn.map(({ above, limits: { nominal, borrow, lend } }, at) => ({
        name: `n${at}`,
        parent: at === 0 ? -1 : above % at,
        weight: 1,
        // A root has nobody to borrow from or to lend to.
        quota: {
          gpu:
            at === 0
              ? { nominal }
              : { nominal, ...(borrow === undefined ? {} : { borrow }), ...(lend === undefined ? {} : { lend }) },
        },
      })),
      ['gpu'],
    )

  it('withhold from the others what is not lent', () => {
    // Of its ten the first lends three; what it uses of the other seven its cohort never sees.
    const quotaTree = QuotaTree.of(
      [
        { name: 'cohort', parent: -1, weight: 1, quota: {} },
        { name: 'lender', parent: 0, weight: 1, quota: { gpu: { nominal: 10, lend: 3 } } },
        { name: 'borrower', parent: 0, weight: 1, quota: {} },
      ],
      ['gpu'],
    )
    const available = () => [1, 2].map((node) => quotaTree.available(node, 0))
    expect(available()).toEqual([10, 3])
    quotaTree.setUsage(Float64Array.of(0, 8, 0))
    expect(available()).toEqual([2, 2])
    const more = Float64Array.of(0, 4, 0)
    quotaTree.setUsage(Float64Array.of(0, 5, 0))
    quotaTree.carry(more, 1, 0)
    expect(more[0]).toBe(2)
  })

  it('let nobody borrow within its own, and make shares grow with usage', () => {
    fc.assert(
      fc.property(nodes, (drawn) => {
        const quotaTree = quotaTreeOf(drawn)
        const usage = Float64Array.from(drawn, ({ usage: each }) => each)
        const none = new Float64Array(drawn.length)
        quotaTree.setUsage(usage)
        const before = drawn.map((_, node) => quotaTree.ratio(node, none))
        quotaTree.setUsage(usage.map((each) => each + 1))
        drawn.forEach((_, node) => {
          expect(quotaTree.ratio(node, none)).toBeGreaterThanOrEqual(before[node] as number)
        })
        quotaTree.setUsage(none)
        drawn.forEach((_, node) => {
          expect(weightedShare(quotaTree.ratio(node, none), 1)).toBe(0)
        })
      }),
    )
  })

  it('keep what is admitted within what is available, up to the root', () => {
    fc.assert(
      fc.property(nodes, fc.array(fc.nat(), { minLength: 30, maxLength: 30 }), (drawn, picks) => {
        const quotaTree = quotaTreeOf(drawn)
        const usage = new Float64Array(drawn.length)
        const whole = drawn.reduce((sum, { limits: { nominal } }) => sum + nominal, 0)
        for (const pick of picks) {
          const node = pick % drawn.length
          quotaTree.setUsage(usage)
          const available = quotaTree.available(node, 0)
          expect(available).toBeGreaterThanOrEqual(0)
          usage[node] = (usage[node] as number) + Math.min(available, 1 + (pick % 5))
        }
        quotaTree.setUsage(usage)
        drawn.forEach(({ limits: { nominal, borrow } }, node) => {
          expect(quotaTree.available(node, 0)).toBeGreaterThanOrEqual(0)
          // A leaf keeps to its limit.
          if (node > 0 && borrow !== undefined && !drawn.some(({ above }, at) => at > 0 && above % at === node)) {
            expect(usage[node]).toBeLessThanOrEqual(nominal + borrow)
          }
        })
        expect(usage.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(whole)
      }),
    )
  })

  it('are refused where they make no sense', () => {
    const node = { name: 'n', parent: -1, weight: 1, quota: {} }
    expect(() => QuotaTree.of([{ ...node, parent: 0 }], [])).toThrow('n: its parent must be listed before it')
    expect(() => QuotaTree.of([{ ...node, weight: -1 }], [])).toThrow('n: its weight must be 0 or more, not -1')
    expect(() => QuotaTree.of([{ ...node, quota: { gpu: { nominal: 1 } } }], ['cpu'])).toThrow('n: quota of gpu')
    expect(() => QuotaTree.of([{ ...node, quota: { cpu: { nominal: -1 } } }], ['cpu'])).toThrow('0 or more')
  })
})
