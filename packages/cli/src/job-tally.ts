// Which of the jobs that were handed in have ended, and how. A job may end before its number is known here: the answer to
// a submit and the event of its end travel different ways.

import type { JobState } from '@dure/contract'
import { isTerminal } from './job-words.ts'

export interface JobTally {
  accepted(id: number): void
  changed(id: number, state: JobState): void
  /** Numbers of jobs that have not ended. */
  readonly open: ReadonlySet<number>
  /** Jobs by the state they ended in. */
  readonly ended: ReadonlyMap<JobState, number>
  /** Every job has been accepted by now: other jobs that end are somebody else's. */
  settle(): void
}

export function openTally(): JobTally {
  const open = new Set<number>()
  const ended = new Map<JobState, number>()
  const early = new Map<number, JobState>()
  let isSettled = false
  const count = (state: JobState): void => void ended.set(state, (ended.get(state) ?? 0) + 1)
  return {
    open,
    ended,
    accepted(id) {
      const state = early.get(id)
      if (state === undefined) open.add(id)
      else {
        early.delete(id)
        count(state)
      }
    },
    changed(id, state) {
      if (!isTerminal(state)) return
      if (open.delete(id)) count(state)
      else if (!isSettled) early.set(id, state)
    },
    settle() {
      isSettled = true
      early.clear()
    },
  }
}
