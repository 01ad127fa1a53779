import { expect, it } from 'vitest'
import { matchOrder } from './match-order.ts'

it('takes slots alike in their own order', () => {
  const slot = { rankBefore: 1, rankOfJob: 1, rankAfter: 1 }
  expect(matchOrder([slot, slot, { ...slot, rankAfter: 2 }, slot])).toEqual([2, 0, 1, 3])
})
