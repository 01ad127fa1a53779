import { describe, expect, it } from 'vitest'
import type { ObservedJobs } from './observed-jobs.ts'
import { userSessions } from './user-sessions.ts'

const log = (rows: readonly (readonly [submitS: number, user: number, account?: number])[]): ObservedJobs => ({
  count: rows.length,
  submitS: rows.map(([submitS]) => submitS),
  runS: rows.map(() => 1_000_000),
  estimateS: null,
  size: rows.map(() => 1),
  user: rows.map(([, user]) => user),
  account: rows.map(([, , account]) => account ?? 1),
  status: rows.map(() => 1),
})

describe('sessions of users', () => {
  it('end with an hour of no submission, however long the jobs run', () => {
    const sessions = userSessions(
      log([
        [0, 7],
        [60, 8],
        [3600, 7],
        [7201, 7],
        [7202, 8],
      ]),
    )
    expect(sessions).toEqual([
      { owner: 7, jobs: [0, 2] },
      { owner: 8, jobs: [1] },
      { owner: 7, jobs: [3] },
      { owner: 8, jobs: [4] },
    ])
  })

  it('are bursts of an account where nobody is named', () => {
    const sessions = userSessions(
      log([
        [0, -1, 1],
        [100, -1, 1],
        [110, -1, 2],
        [221, -1, 1],
      ]),
    )
    expect(sessions).toEqual([
      { owner: 1, jobs: [0, 1] },
      { owner: 2, jobs: [2] },
      { owner: 1, jobs: [3] },
    ])
  })
})
