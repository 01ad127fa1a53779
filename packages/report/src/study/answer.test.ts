import { expect, it } from 'vitest'
import { sampleSweep } from '../../testing/index.ts'
import { answerOf } from './answer.ts'

it('finds a knee in waits that fall by more than seeds differ', () => {
  expect(answerOf(sampleSweep()).base.knee).toBe(0.5)
})

it('finds none where seeds differ by more than waits fall', () => {
  const outcome = sampleSweep()
  const longest = Math.max(...outcome.rows.map(({ wait_p95_s }) => wait_p95_s))
  // Three seeds that lie `longest` apart have an interval of 4.3 / √3 times that, and no two means of these are so far from each other.
  const rows = outcome.rows.map((row) => ({ ...row, wait_p95_s: row.wait_p95_s + row.seed * longest }))
  expect(answerOf({ ...outcome, rows }).base.knee).toBeNull()
})
