import type { CommitEvent, Job } from '@dure/contract'
import { expect, it } from 'vitest'
import { withCommit } from './changed-jobs.ts'

const job = (id: number, revision: number) => ({ id, revision, state: 'PENDING', pool: null, name: 'a' }) as Job
const started = (id: number, revision: number): CommitEvent => ({
  revision,
  at_ms: 0,
  changes: [
    {
      type: 'job',
      job: id,
      state: 'RUNNING',
      account: 'a',
      user: 'kim',
      pool: 'h100',
      attempt: 1,
      held_by: null,
      start_cause: 'turn',
      reason: null,
    },
  ],
})

it('shows what a commit changed and keeps the rest', () => {
  const jobs = withCommit([job(2, 5), job(1, 5)], started(1, 6))
  expect(jobs[1]).toMatchObject({ state: 'RUNNING', pool: 'h100', name: 'a', revision: 6 })
  expect(jobs[0]).toMatchObject({ state: 'PENDING' })
})

it('gives the same list back where nothing in it changed', () => {
  const jobs = [job(2, 5)]
  expect(withCommit(jobs, started(1, 6))).toBe(jobs)
})

it('does not go back: a reading may be newer than a commit that arrives after it', () => {
  expect(withCommit([job(1, 9)], started(1, 6))[0]).toMatchObject({ state: 'PENDING', revision: 9 })
})
