// A workload model that asks for what a log asked for: how much, when, by whom, for how long and how wrongly estimated. Jobs of
// like size are a kind of their own, since wide jobs run for other times than narrow ones. Each law is fitted by a closed form
// or a few hundred steps of one, so that a log of a million jobs takes seconds, and equal logs give equal models everywhere.
//
// It takes the log for a stationary thing. What it does not see: trends and holidays, users who come and go, work that
// follows the state of the queue, and jobs that were cancelled before they ran, for logs keep no run time of them.

import { fitActivityExponent } from './activity.ts'
import { CANCELLED, FAILED, heldS, type ObservedJobs } from './observed-jobs.ts'
import { fitTimeLaw } from './time-law.ts'
import { BURST_BREAK_S, namesUsers, SESSION_BREAK_S, type UserSession, userSessions } from './user-sessions.ts'
import { DAY_HOURS, hourOfWeek, WEEK_HOURS, WEEK_MS, type Week, weekOf } from './week.ts'
import type {
  EstimateClass,
  EstimateHabit,
  JobKind,
  Sessions,
  Users,
  Weighted,
  WorkloadModel,
} from './workload-model.ts'

export interface FitOptions {
  readonly name: string
  /** Unix time of second 0 of the log, for the hours of the day; null: unknown, and all hours are taken for alike. */
  readonly unixS: number | null
  /** Hours that the local time of the log's users is ahead of Unix time. Default 0. */
  readonly offsetHours?: number
}

/** With fewer jobs there is nothing to fit. */
const JOBS_MIN = 100
/** A size class with fewer jobs joins its smaller neighbour. */
const CLASS_JOBS_MIN = 50
/** Limits that a table keeps; rarer ones count as the next longer one that is kept. */
const LIMITS_MAX = 64
/** Classes of run time within which limits are alike, of equally many jobs. */
const RUN_CLASSES = 16

/** @throws Error when the log has too few jobs or all came at once */
export function fitModel(jobs: ObservedJobs, options: FitOptions): WorkloadModel {
  const { name, unixS, offsetHours = 0 } = options
  if (jobs.count < JOBS_MIN) {
    throw new Error(`${jobs.count} jobs are too few to fit a model to: it takes ${JOBS_MIN} at least`)
  }
  const spanS = jobs.submitS[jobs.count - 1]! - jobs.submitS[0]!
  if (!(spanS > 0)) throw new Error('all jobs were submitted in the same second: there is no rate to fit')
  const sessions = userSessions(jobs)
  return {
    name,
    percentsOf: 'jobs',
    kinds: sizeClasses(jobs).map((indices) => kindOf(jobs, indices, sessions)),
    week: unixS === null ? EVEN_WEEK : weekSeen(jobs, sessions, unixS, offsetHours),
    jobsPerWeek: (jobs.count * WEEK_MS) / (1000 * spanS),
    users: usersOf(jobs, sessions),
    estimates: estimatesOf(jobs),
  }
}

const EVEN_WEEK: Week = Array.from({ length: WEEK_HOURS }, () => 1)

/** Indices of jobs by size: 1, 2, 3–4, 5–8, …, where a class has enough of them. */
function sizeClasses({ count, size }: ObservedJobs): number[][] {
  const byClass = new Map<number, number[]>()
  for (let i = 0; i < count; i++) {
    let to = 1
    while (to < size[i]!) to *= 2
    const found = byClass.get(to)
    if (found === undefined) byClass.set(to, [i])
    else found.push(i)
  }
  const merged: number[][] = []
  for (const [, indices] of [...byClass].sort(([a], [b]) => a - b)) {
    const smaller = merged.at(-1)
    if (smaller !== undefined && (indices.length < CLASS_JOBS_MIN || smaller.length < CLASS_JOBS_MIN)) {
      smaller.push(...indices)
    } else merged.push(indices)
  }
  return merged
}

function kindOf(jobs: ObservedJobs, indices: readonly number[], sessions: readonly UserSession[]): JobKind {
  const { size, runS, estimateS, status } = jobs
  const sizes = tableOf(indices.map((i) => size[i]!))
  const isAtLimit = (i: number): boolean => estimateS !== null && runS[i]! >= estimateS[i]!
  const limited = indices.filter(isAtLimit)
  const free = indices.filter((i) => !isAtLimit(i))
  // Without a run of its own length there is no law of lengths; then the limits stand for it.
  const measured = free.length > 0 ? free : indices
  const percentOf = (wanted: number): number =>
    (100 * measured.filter((i) => status[i] === wanted).length) / measured.length
  const members = new Set(indices)
  // Bursts of hundreds are of small jobs: what begins with a job of this kind tells how such sessions go on.
  const begun = sessions.filter((session) => members.has(session.jobs[0]!))
  const smallest = sizes[0]![0]
  const largest = sizes.at(-1)![0]
  return {
    name: smallest === largest ? `size-${smallest}` : `size-${smallest}-${largest}`,
    percent: (100 * indices.length) / jobs.count,
    sizes,
    run: fitTimeLaw(
      Float64Array.from(measured, (i) => heldS(jobs, i)),
      runMeanForWork(jobs, indices, limited),
    ),
    atLimit:
      limited.length === 0
        ? null
        : {
            percent: (100 * limited.length) / indices.length,
            limitsS: onLimits(
              popularLimits(limited.map((i) => estimateS![i]!)),
              limited.map((i) => estimateS![i]!),
            ),
          },
    runsOn: 'any',
    needsFp64: false,
    endings: {
      failPercent: percentOf(FAILED),
      failsAt: 'end',
      abandonPercent: 0,
      stopPercent: percentOf(CANCELLED),
      giveUpPercent: 0,
      patienceMeanS: 0,
    },
    sessions: {
      ...sessionLengths(jobs, begun.length > 0 ? begun : sessions),
      awaitsUpToS: 0,
      repeatPercent: 100 * repeats(jobs, members, sizes, sessions),
    },
    checkpoint: null,
  }
}

/**
 * The mean run of jobs that are not at their limit that makes up the work of a class. Within a class the wider jobs may run longer;
 * a model that draws size and run apart needs a mean that has been weighted by size, or it asks for too little.
 */
function runMeanForWork(
  jobs: ObservedJobs,
  indices: readonly number[],
  limited: readonly number[],
): number | undefined {
  const sum = (of: readonly number[], value: (i: number) => number): number =>
    of.reduce((total, i) => total + value(i), 0)
  const free = indices.length - limited.length
  if (free === 0) return undefined
  const sizeMean = sum(indices, (i) => jobs.size[i]!) / indices.length
  const work = sum(indices, (i) => jobs.size[i]! * heldS(jobs, i))
  return (work / sizeMean - sum(limited, (i) => heldS(jobs, i))) / free
}

/** Values and how often each comes, rising. */
function tableOf(values: readonly number[]): Weighted[] {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].sort(([a], [b]) => a - b)
}

/** How often a job of a class is as large as the one before it in its session, beyond what would be chance. */
function repeats(
  { size }: ObservedJobs,
  members: ReadonlySet<number>,
  sizes: readonly Weighted[],
  sessions: readonly UserSession[],
): number {
  let pairs = 0
  let alike = 0
  for (const { jobs } of sessions) {
    for (let k = 1; k < jobs.length; k++) {
      if (!members.has(jobs[k]!) || !members.has(jobs[k - 1]!)) continue
      pairs++
      if (size[jobs[k]!] === size[jobs[k - 1]!]) alike++
    }
  }
  const total = sizes.reduce((sum, [, count]) => sum + count, 0)
  const byChance = sizes.reduce((sum, [, count]) => sum + (count / total) * (count / total), 0)
  if (pairs === 0 || byChance === 1) return 0
  return Math.max(0, (alike / pairs - byChance) / (1 - byChance))
}

/** How many jobs a session has, and the times between them. Long sessions are counted by the mean of their class: 9–16, 17–32, … */
function sessionLengths(jobs: ObservedJobs, sessions: readonly UserSession[]): Pick<Sessions, 'jobs' | 'think'> {
  const byClass = new Map<number, { sessions: number; jobs: number }>()
  const gapsS: number[] = []
  for (const { jobs: indices } of sessions) {
    let to = indices.length
    if (to > 8) for (to = 16; to < indices.length; ) to *= 2
    const found = byClass.get(to) ?? { sessions: 0, jobs: 0 }
    found.sessions++
    found.jobs += indices.length
    byClass.set(to, found)
    for (let k = 1; k < indices.length; k++) gapsS.push(jobs.submitS[indices[k]!]! - jobs.submitS[indices[k - 1]!]!)
  }
  return {
    jobs: [...byClass.values()]
      .map(({ sessions: count, jobs: total }): Weighted => [Math.round(total / count), count])
      .sort(([a], [b]) => a - b),
    think: fitTimeLaw(Float64Array.from(gapsS.length > 0 ? gapsS : [0])),
  }
}

/** When sessions begin: the hours of a day times the days of a week, because 168 single hours would mostly be noise. */
function weekSeen(jobs: ObservedJobs, sessions: readonly UserSession[], unixS: number, offsetHours: number): Week {
  const hours = new Array<number>(DAY_HOURS).fill(0)
  const days = new Array<number>(WEEK_HOURS / DAY_HOURS).fill(0)
  for (const { jobs: indices } of sessions) {
    const hour = hourOfWeek(1000 * (unixS + jobs.submitS[indices[0]!]!), offsetHours)
    hours[hour % DAY_HOURS]!++
    days[Math.floor(hour / DAY_HOURS)]!++
  }
  return weekOf(hours, days)
}

function usersOf(jobs: ObservedJobs, sessions: readonly UserSession[]): Users {
  const counts = new Map<number, number>()
  for (const { owner } of sessions) counts.set(owner, (counts.get(owner) ?? 0) + 1)
  const accounts = new Set<number>()
  for (let i = 0; i < jobs.count; i++) accounts.add(jobs.account[i]!)
  return {
    activityExponent: fitActivityExponent([...counts.values()]),
    breakS: namesUsers(jobs) ? SESSION_BREAK_S : BURST_BREAK_S,
    seen: { users: counts.size, accounts: accounts.size },
  }
}

/** What was asked for, by how long the jobs ran that ended of themselves. */
function estimatesOf(jobs: ObservedJobs): EstimateHabit {
  const { count, runS, estimateS } = jobs
  if (estimateS === null) return { habit: 'exact' }
  const free = Array.from({ length: count }, (_, i) => i)
    .filter((i) => runS[i]! < estimateS[i]!)
    .sort((a, b) => runS[a]! - runS[b]! || a - b)
  if (free.length === 0) return { habit: 'exact' }
  const popular = popularLimits(free.map((i) => estimateS[i]!))
  const classes: EstimateClass[] = []
  for (let from = 0; from < free.length; ) {
    const runUpToS = runS[free[Math.min(free.length, from + Math.ceil(free.length / RUN_CLASSES)) - 1]!]!
    let to = from
    while (to < free.length && runS[free[to]!]! <= runUpToS) to++
    classes.push({
      runUpToS,
      limitsS: onLimits(
        popular,
        free.slice(from, to).map((i) => estimateS[i]!),
      ),
    })
    from = to
  }
  return { habit: 'table', classes }
}

/** The limits that are written most, and the longest, rising. */
function popularLimits(limitsS: readonly number[]): number[] {
  const byCount = tableOf(limitsS).sort(([a, count], [b, other]) => other - count || a - b)
  const longest = limitsS.reduce((most, limit) => Math.max(most, limit), 0)
  const kept = new Set(byCount.slice(0, LIMITS_MAX - 1).map(([limit]) => limit)).add(longest)
  return [...kept].sort((a, b) => a - b)
}

/** How often each of the popular limits is meant. */
const onLimits = (popular: readonly number[], limitsS: readonly number[]): Weighted[] =>
  tableOf(limitsS.map((limit) => popular.find((kept) => kept >= limit) ?? popular.at(-1)!))
