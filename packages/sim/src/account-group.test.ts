import { easy } from '@dure/core'
import { expect, it } from 'vitest'
import { associationsOf } from './account-group.ts'

const config = {
  name: 'a center',
  pools: [],
  accounts: [
    { name: 'industry', parent: null, shares: 1 },
    { name: 'research', parent: null, shares: 1 },
    { name: 'steel', parent: 'industry', shares: 1 },
    { name: 'furnaces', parent: 'steel', shares: 1 },
  ],
  associations: ['research', 'furnaces', 'industry', 'steel'].map((account) => ({ account, user: 'kim', shares: 1 })),
  policy: easy,
}

it('is its accounts and all below them', () => {
  expect(associationsOf(config, { name: 'makers', accounts: ['industry'] })).toEqual([1, 2, 3])
  expect(associationsOf(config, { name: 'some', accounts: ['steel', 'research'] })).toEqual([0, 1, 3])
  expect(associationsOf(config, { name: 'none', accounts: [] })).toEqual([])
})

it('is refused where it names an account that is not there', () => {
  expect(() => associationsOf(config, { name: 'makers', accounts: ['industry', 'ships'] })).toThrow(
    new RangeError('group makers: center a center has no account ships'),
  )
})
