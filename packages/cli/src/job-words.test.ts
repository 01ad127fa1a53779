import { JobState } from '@dure/contract'
import { expect, it } from 'vitest'
import { openTally } from './job-tally.ts'
import { isTerminal, nodeList, stateCode } from './job-words.ts'

it('draws node names together', () => {
  expect(nodeList(['h100-3'])).toBe('h100-3')
  expect(nodeList(['h100-2', 'h100-0', 'h100-1', 'h100-7'])).toBe('h100-[0-2,7]')
  expect(nodeList(['b200-a-1', 'b200-a-2', 'rngd-10'])).toBe('b200-a-[1-2],rngd-10')
  expect(nodeList([])).toBe('')
})

it('has a short form of its own for every state', () => {
  expect(new Set(JobState.options.map(stateCode)).size).toBe(JobState.options.length)
  expect(JobState.options.filter((state) => !isTerminal(state))).toEqual(['accepted', 'PENDING', 'RUNNING'])
})

it('counts a job once, whichever is known first, its number or its end', () => {
  const tally = openTally()
  tally.accepted(1)
  tally.accepted(2)
  tally.changed(1, 'RUNNING')
  tally.changed(3, 'FAILED')
  tally.changed(1, 'COMPLETED')
  tally.accepted(3)
  // Somebody else's job, and one that is told of twice.
  tally.changed(99, 'COMPLETED')
  tally.settle()
  tally.changed(1, 'COMPLETED')
  expect([...tally.open]).toEqual([2])
  expect(Object.fromEntries(tally.ended)).toEqual({ COMPLETED: 1, FAILED: 1 })
})
