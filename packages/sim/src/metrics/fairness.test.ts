import { type CenterConfig, easy, type Shares } from '@dure/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jainIndex, promisedParts } from './fairness.ts'

describe('Jain’s index', () => {
  it.each([
    ['equal parts', [3, 3, 3, 3], 1],
    ['one of four has everything', [8, 0, 0, 0], 1 / 4],
    // (1 + 2 + 3)² / (3 × (1 + 4 + 9)).
    ['unequal parts', [1, 2, 3], 36 / 42],
    ['nothing to divide', [0, 0], 1],
    ['nobody', [], 1],
  ])('%s', (_, values, expected) => expect(jainIndex(values)).toBeCloseTo(expected, 12))

  it('is 1 of equal parts alone, and never below one over their number', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1 }), (values) => {
        const index = jainIndex(values)
        expect(index).toBeLessThanOrEqual(1)
        expect(index).toBeGreaterThanOrEqual(1 / values.length - 1e-12)
        expect(index > 1 - 1e-9).toBe(values.every((value) => value === values[0]))
      }),
    )
  })
})

describe('what is promised', () => {
  // root: industry 30, academia 70. academia: univ-a 3, univ-b 1 and a user of its own with 1. industry: startups (`parent`), with
  // startup-a 2 and startup-b 1, and a user of its own with 1.
  const accounts: [string, string | null, Shares][] = [
    ['industry', null, 30],
    ['academia', null, 70],
    ['startups', 'industry', 'parent'],
    ['startup-a', 'startups', 2],
    ['startup-b', 'startups', 1],
    ['univ-a', 'academia', 3],
    ['univ-b', 'academia', 1],
  ]
  const users: [string, Shares][] = [
    ['univ-a', 1],
    ['univ-b', 7],
    ['univ-b', 'parent'],
    ['academia', 1],
    ['startup-a', 1],
    ['startup-b', 1],
    ['industry', 1],
  ]
  const config: CenterConfig = {
    name: 'tree',
    pools: [{ name: 'processors', kind: 'cpu', processors: 1 }],
    accounts: accounts.map(([name, parent, shares]) => ({ name, parent, shares })),
    associations: users.map(([account, shares], i) => ({ account, user: `user-${i}`, shares })),
    policy: easy,
  }
  const promised = (asking: readonly number[]): Record<string, number> => {
    const parts = promisedParts(
      config,
      Uint8Array.from(users, (_, i) => Number(asking.includes(i))),
    )
    return Object.fromEntries(accounts.flatMap(([name], i) => (parts[i]! > 0 ? [[name, parts[i]!]] : [])))
  }

  it('follows the tree, users beside sub-accounts and `parent` spliced in', () => {
    const parts = promised([0, 1, 2, 3, 4, 5, 6])
    const expected = {
      industry: 0.3 / 4,
      'startup-a': (0.3 * 2) / 4,
      'startup-b': 0.3 / 4,
      academia: 0.7 / 5,
      'univ-a': (0.7 * 3) / 5,
      'univ-b': 0.7 / 5,
    }
    expect(Object.keys(parts).sort()).toEqual(Object.keys(expected).sort())
    for (const [account, part] of Object.entries(expected)) expect(parts[account]).toBeCloseTo(part, 12)
  })

  it('goes to those who ask', () => {
    expect(promised([])).toEqual({})
    expect(promised([4])).toEqual({ 'startup-a': 1 })
    const parts = promised([0, 2, 5])
    expect(parts['startup-b']).toBeCloseTo(0.3, 12)
    expect(parts['univ-a']).toBeCloseTo((0.7 * 3) / 4, 12)
    expect(parts['univ-b']).toBeCloseTo(0.7 / 4, 12)
  })
})
