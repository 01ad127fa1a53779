// How close a modelled demand comes to the log that its model was fitted to: for each thing that can be measured on a job, the
// same figures of both, and the largest difference of the two distributions (Kolmogorov and Smirnov).

import { nearestRank } from '../metrics/percentiles.ts'
import { CANCELLED, FAILED, heldS, type ObservedJobs } from './observed-jobs.ts'
import { namesUsers, userSessions } from './user-sessions.ts'

export interface Marginal {
  readonly name: 'size' | 'run_s' | 'estimate_s' | 'used_of_estimate' | 'between_submissions_s' | 'jobs_of_session'
  readonly log: Figures
  readonly model: Figures
  /** Largest difference of the distribution functions: 0 the same, 1 nothing in common. */
  readonly distance: number
}

interface Figures {
  readonly mean: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
}

/** Parts of a whole, each between 0 and 1, and rates. */
interface Totals {
  readonly jobs: number
  /** Processors or accelerators that the work would keep busy all the time. */
  readonly busy_mean: number
  readonly failed: number
  readonly cancelled: number
  /** Stopped at their limit, or ended on it; those count as neither failed nor cancelled. */
  readonly at_limit: number
  /** Of all jobs, those of the busiest tenth of users. */
  readonly busiest_tenth: number
}

export interface Closeness {
  readonly marginals: readonly Marginal[]
  readonly log: Totals
  readonly model: Totals
}

/** Compares a log with a modelled demand. `spanS`: how long both are. */
export function closeness(log: ObservedJobs, drawn: ObservedJobs, spanS: number): Closeness {
  const model = asLoggedLike(drawn, log)
  const both = (name: Marginal['name'], of: (jobs: ObservedJobs) => Float64Array): Marginal => {
    const [a, b] = [of(log).sort(), of(model).sort()]
    return { name, log: figuresOf(a), model: figuresOf(b), distance: distanceOf(a, b) }
  }
  const each = (of: (jobs: ObservedJobs, i: number) => number) => (jobs: ObservedJobs) =>
    Float64Array.from({ length: jobs.count }, (_, i) => of(jobs, i))
  return {
    marginals: [
      both(
        'size',
        each(({ size }, i) => size[i]!),
      ),
      both('run_s', each(heldS)),
      ...(log.estimateS === null
        ? []
        : [
            both(
              'estimate_s',
              each(({ estimateS }, i) => estimateS![i]!),
            ),
            both(
              'used_of_estimate',
              each((jobs, i) => heldS(jobs, i) / jobs.estimateS![i]!),
            ),
          ]),
      both('between_submissions_s', ({ count, submitS }) =>
        Float64Array.from({ length: Math.max(0, count - 1) }, (_, i) => submitS[i + 1]! - submitS[i]!),
      ),
      both('jobs_of_session', (jobs) => Float64Array.from(userSessions(jobs), (session) => session.jobs.length)),
    ],
    log: totalsOf(log, spanS),
    model: totalsOf(model, spanS),
  }
}

/** What is drawn with more columns than the log has, as if it had been logged there. */
const asLoggedLike = (drawn: ObservedJobs, log: ObservedJobs): ObservedJobs => ({
  ...drawn,
  estimateS: log.estimateS === null ? null : drawn.estimateS,
  user: namesUsers(log) ? drawn.user : new Float64Array(drawn.count).fill(-1),
})

const figuresOf = (sorted: Float64Array): Figures => ({
  mean: sorted.reduce((sum, value) => sum + value, 0) / Math.max(1, sorted.length),
  p50: nearestRank(sorted, 50),
  p90: nearestRank(sorted, 90),
  p99: nearestRank(sorted, 99),
})

/** Two-sample statistic of Kolmogorov and Smirnov; equal values are stepped over together. 1 where one sample is empty. */
export function distanceOf(a: Float64Array, b: Float64Array): number {
  if (a.length === 0 || b.length === 0) return a.length === b.length ? 0 : 1
  let i = 0
  let j = 0
  let most = 0
  while (i < a.length && j < b.length) {
    const value = Math.min(a[i]!, b[j]!)
    while (i < a.length && a[i] === value) i++
    while (j < b.length && b[j] === value) j++
    most = Math.max(most, Math.abs(i / a.length - j / b.length))
  }
  return most
}

function totalsOf(jobs: ObservedJobs, spanS: number): Totals {
  const { count, size, runS, estimateS, status } = jobs
  const owners = namesUsers(jobs) ? jobs.user : jobs.account
  let work = 0
  let failed = 0
  let cancelled = 0
  let atLimit = 0
  const byUser = new Map<number, number>()
  for (let i = 0; i < count; i++) {
    work += size[i]! * heldS(jobs, i)
    // What a center stops at its limit some logs call failed, others cancelled.
    if (estimateS !== null && runS[i]! >= estimateS[i]!) atLimit++
    else if (status[i] === FAILED) failed++
    else if (status[i] === CANCELLED) cancelled++
    byUser.set(owners[i]!, (byUser.get(owners[i]!) ?? 0) + 1)
  }
  const counts = [...byUser.values()].sort((a, b) => b - a)
  const busiest = counts.slice(0, Math.ceil(counts.length / 10)).reduce((sum, jobsOf) => sum + jobsOf, 0)
  return {
    jobs: count,
    busy_mean: work / spanS,
    failed: failed / count,
    cancelled: cancelled / count,
    at_limit: atLimit / count,
    busiest_tenth: busiest / count,
  }
}
