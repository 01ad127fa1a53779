// Jobs as a log shows them: what a model is fitted to, and what a modelled demand is turned into to be compared with it.

import { width } from '../demand.ts'
import type { Trace } from '../trace/trace.ts'
import type { Submission } from './submission.ts'

/** One entry a job, in order of submission. */
export interface ObservedJobs {
  readonly count: number
  readonly submitS: ArrayLike<number>
  /** As logged, so possibly longer than the estimate. */
  readonly runS: ArrayLike<number>
  /** What was asked for; null where the log has no such thing. */
  readonly estimateS: ArrayLike<number> | null
  /** Processors or accelerators. */
  readonly size: ArrayLike<number>
  /** Whole numbers that tell users apart; below 0: unknown. */
  readonly user: ArrayLike<number>
  readonly account: ArrayLike<number>
  /** How it ended, in the numbers of the Standard Workload Format; anything else: unknown. */
  readonly status: ArrayLike<number>
}

export const COMPLETED = 1
export const FAILED = 0
export const CANCELLED = 5

export const observedIn = ({ jobs, estimated }: Pick<Trace, 'jobs' | 'estimated'>): ObservedJobs => ({
  count: jobs.count,
  submitS: jobs.submitS,
  runS: jobs.runS,
  estimateS: estimated ? null : jobs.estimateS,
  size: jobs.processors,
  user: jobs.user,
  account: jobs.group,
  status: jobs.status,
})

/** How long a job held what it was given: a center stops it at its limit. */
export const heldS = ({ runS, estimateS }: ObservedJobs, i: number): number =>
  estimateS === null ? runS[i]! : Math.min(runS[i]!, estimateS[i]!)

/** The submissions before `untilMs` as a log would show them, if each ran at once. */
export function observe(submissions: Iterable<Submission>, untilMs: number): ObservedJobs {
  const submitS: number[] = []
  const runS: number[] = []
  const estimateS: number[] = []
  const size: number[] = []
  const user: number[] = []
  const account: number[] = []
  const status: number[] = []
  const users = new Map<string, number>()
  const accounts = new Map<string, number>()
  for (const submission of submissions) {
    if (submission.atMs >= untilMs) break
    submitS.push(Math.floor(submission.atMs / 1000))
    runS.push(Math.max(1, Math.round(submission.runTimeMs / 1000)))
    estimateS.push(submission.timeLimitMs / 1000)
    size.push(width(submission.request))
    user.push(numberOf(users, `${submission.account} ${submission.user}`))
    account.push(numberOf(accounts, submission.account))
    status.push(statusOf(submission))
  }
  return { count: size.length, submitS, runS, estimateS, size, user, account, status }
}

function numberOf(known: Map<string, number>, name: string): number {
  const found = known.get(name)
  if (found !== undefined) return found
  known.set(name, known.size)
  return known.size - 1
}

const statusOf = ({ exitCode, stopped }: Submission): number =>
  exitCode !== 0 ? FAILED : stopped ? CANCELLED : COMPLETED
