// The rules that order users by what they used: which of them goes first, on trees small enough to work out by hand.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { classicFairShareRule } from './classic-fair-share.ts'
import { effectivePriorityRule } from './effective-priority.ts'
import { type ShareEntry, ShareTree } from './fair-tree.ts'
import { fairTreeRule } from './fair-tree-rule.ts'
import { admissionFairSharingRule } from './sampled-usage.ts'
import type { Claims, ShareRule } from './share-rule.ts'

const DAY_MS = 86_400_000

const account = (name: string, parent: number, shares: number): ShareEntry => ({ name, isUser: false, parent, shares })
const user = (name: string, parent: number, shares: ShareEntry['shares']): ShareEntry => ({
  name,
  isUser: true,
  parent,
  shares,
})

/** Two accounts of equal shares: one of two users, one of a single user. */
const uneven = ShareTree.ofEntries([
  account('root', -1, 1),
  account('pair', 0, 1),
  account('single', 0, 1),
  user('kim', 1, 1),
  user('lee', 1, 1),
  user('park', 2, 1),
])

function claimsOf(tree: ShareTree, usage: readonly number[]): Claims {
  const nothing = new Float64Array(0)
  return {
    tree,
    resources: [],
    capacity: nothing,
    held: nothing,
    asked: nothing,
    next: nothing,
    usage: Float64Array.from(usage),
  }
}

function placesOf(rule: ShareRule, tree: ShareTree, usage: readonly number[]): number[] {
  const out = new Int32Array(tree.users)
  rule.rank(claimsOf(tree, usage), out)
  return [...out]
}

const rules: readonly [string, (tree: ShareTree) => ShareRule][] = [
  ['Fair Tree', (tree) => fairTreeRule(tree, 'exact')],
  ['classic fair share', classicFairShareRule],
  ['admission fair sharing', admissionFairSharingRule],
  ['effective priority', (tree) => effectivePriorityRule(tree, DAY_MS)],
]

describe.each(rules)('%s', (_, ruleOf) => {
  it('moves with usage', () => {
    expect(ruleOf(uneven).movesWith).toBe('usage')
  })

  it('lets whoever used least of two alike go first', () => {
    const [kim, lee] = placesOf(ruleOf(uneven), uneven, [1e6, 5e6, 3e6])
    expect(kim).toBeLessThan(lee as number)
  })

  it('leaves no place out, gives alike users one place, and forgets what it ranked before', () => {
    const usages = fc.array(fc.integer({ min: 0, max: 1e7 }), { minLength: 4, maxLength: 4 })
    const tree = ShareTree.ofEntries([
      account('root', -1, 1),
      account('lab', 0, 2),
      user('a', 1, 1),
      user('b', 1, 1),
      user('c', 0, 1),
      user('d', 0, 1),
    ])
    const rule = ruleOf(tree)
    fc.assert(
      fc.property(usages, (usage) => {
        const places = placesOf(rule, tree, usage)
        const used = [...new Set(places)].sort((a, b) => a - b)
        expect(used).toEqual(used.map((__, place) => place))
        if (usage[0] === usage[1]) expect(places[0]).toBe(places[1])
        expect(placesOf(ruleOf(tree), tree, usage)).toEqual(places)
      }),
      { numRuns: 200 },
    )
  })
})

describe('where the rules differ', () => {
  it('in what a heavy account does to its quiet user', () => {
    // All usage is 4 units: kim 3, park 1. Lee has used nothing, but stands with kim.
    const usage = [3e6, 0, 1e6]
    // Level of pair ½ / ¾, of single ½ / ¼: park, then the users of pair.
    expect(placesOf(fairTreeRule(uneven, 'exact'), uneven, usage)).toEqual([2, 1, 0])
    // UE: kim ¾ + 0, lee 0 + ¾ · ½, park ¼. UE / S: 3, 1½, ½.
    expect(placesOf(classicFairShareRule(uneven), uneven, usage)).toEqual([2, 1, 0])
    // Side by side, usage over share: 12, 0, 2 and no account above.
    expect(placesOf(admissionFairSharingRule(uneven), uneven, usage)).toEqual([2, 0, 1])
    expect(placesOf(effectivePriorityRule(uneven, DAY_MS), uneven, usage)).toEqual([2, 0, 1])
  })

  it('classic fair share mixes, so that a light user of a heavy account can pass one of a light account', () => {
    // Test24.1 with usage 2, 1, 0, 1, 0 of 4. UE: B ½ + ¼ · ¾, C ¼ + ½ · ¼, u3 ⅜ · ½, F ¼ · 35/60; UE / S: 2.29, 6.25, 3.75, 1, 0.42.
    const tree = ShareTree.ofEntries([
      account('root', -1, 1),
      account('A', 0, 40),
      account('B', 1, 30),
      account('C', 1, 10),
      account('D', 0, 60),
      account('E', 4, 25),
      account('F', 4, 35),
      user('u1', 2, 1),
      user('u2', 3, 1),
      user('u3', 3, 1),
      user('u4', 5, 1),
      user('u5', 6, 1),
    ])
    expect(placesOf(classicFairShareRule(tree), tree, [2, 1, 0, 1, 0])).toEqual([2, 4, 3, 1, 0])
  })

  it('effective priority does not tell apart who is below its floor', () => {
    // Half an accelerator held for ever is a usage of half a day over ln 2: below that all are newcomers of equal factor 750, park 500 below.
    const floor = (0.5 * 86_400) / Math.log(2)
    const rule = effectivePriorityRule(uneven, DAY_MS)
    expect(placesOf(rule, uneven, [0, 0.99 * floor, 0])).toEqual([1, 1, 0])
    expect(placesOf(rule, uneven, [0, 1.01 * floor, 0])).toEqual([1, 2, 0])
    expect(placesOf(admissionFairSharingRule(uneven), uneven, [0, 0.99 * floor, 0])).toEqual([0, 1, 0])
  })

  it('users without shares come last', () => {
    const tree = ShareTree.ofEntries([account('root', -1, 1), user('none', 0, 0), user('some', 0, 1)])
    for (const [, ruleOf] of rules) expect(placesOf(ruleOf(tree), tree, [0, 1e9])).toEqual([1, 0])
  })
})
