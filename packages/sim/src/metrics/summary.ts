// What a simulation came to, in one row: measures under the names and in the units of the documented JSON, so that a summary
// is printed as it is.

import type { CenterConfig, EndState } from '@dure/core'
import type { Demand } from '../demand.ts'
import { jobStates, type Simulation, type SimulationObserver } from '../simulate.ts'
import { type GroupMeasures, type Measures, type MetricsOptions, openMetrics } from './metrics.ts'

export interface Summary {
  /** Submitted and not refused; with a warm-up, after it. */
  readonly jobs: number
  /** Lines of the trace that made no job, and jobs the center refused. */
  readonly rejected: number
  readonly warmup_s: number
  readonly makespan_s: number
  readonly utilization: number
  readonly goodput: number
  readonly idle_while_wanted: number
  /** null where nobody saw which nodes were free. */
  readonly fragmentation: number | null
  readonly wait_mean_s: number
  /** Half the 95 % interval by batch means; null where the jobs are too few. */
  readonly wait_mean_ci95_s: number | null
  readonly wait_p50_s: number
  readonly wait_p95_s: number
  readonly wait_p99_s: number
  readonly wait_max_s: number
  readonly starvation_bound_s: number
  readonly jobs_starved: number
  readonly turnaround_mean_s: number
  readonly bounded_slowdown_mean: number
  readonly bounded_slowdown_mean_ci95: number | null
  /** Batches that the intervals rest on. */
  readonly batches: number
  readonly jain_index: number
  readonly share_error_max: number
  readonly accounts: number
  readonly accounts_served: number
  readonly requeues: number
  /** The three that follow, together. */
  readonly lost_accelerator_hours: number
  readonly lost_requeued_accelerator_hours: number
  readonly lost_failed_accelerator_hours: number
  readonly lost_timeout_accelerator_hours: number
  readonly cancelled_accelerator_hours: number
  /** Not started when the simulation stopped. They count in the waits with what they had waited by then. */
  readonly jobs_waiting_end: number
  readonly jobs_running_end: number
  /** Jobs by how they ended, and waits by size and by account. */
  readonly ended: Readonly<Partial<Record<EndState, number>>>
  readonly by_size: readonly (GroupSummary & { readonly from: number; readonly to: number | null })[]
  readonly by_account: readonly (GroupSummary & {
    readonly account: string
    readonly accelerator_hours: number
    readonly used_part: number
    readonly promised_part: number
  })[]
  /** Simulated jobs per second of wall time, loop only; 0 if nobody timed it. */
  readonly jobs_per_second: number
  readonly facts_hash: string
}

interface GroupSummary {
  readonly jobs: number
  readonly jobs_started: number
  readonly wait_mean_s: number
  readonly wait_p50_s: number
  readonly wait_p95_s: number
  readonly wait_p99_s: number
  readonly wait_max_s: number
}

const HOUR_MS = 3_600_000

/**
 * Measures a simulation that has ended. One with requeued attempts, whose earlier starts it does not keep, must be measured while it
 * runs: this throws a `RangeError` of it.
 */
export function measure(
  config: CenterConfig,
  demand: Demand,
  simulation: Simulation,
  options: MetricsOptions = {},
): Measures {
  const metrics = openMetrics(config, demand, options)
  retell(demand, simulation, metrics.observer)
  return metrics.measures()
}

/** The measures of a simulation that has ended, as the documented row. */
export function summarize(config: CenterConfig, demand: Demand, simulation: Simulation, rejected = 0): Summary {
  return summaryOf(measure(config, demand, simulation), demand, simulation, rejected)
}

/** @param rejected lines of the trace that made no job */
export function summaryOf(measures: Measures, demand: Demand, simulation: Simulation, rejected = 0): Summary {
  const { all, work } = measures
  const lost = [work.requeuedMs, work.failedMs, work.timedOutMs].map((ms) => ms / HOUR_MS)
  const submitted = simulation.state.reduce((sum, state) => sum + (state === UNSUBMITTED ? 0 : 1), 0)
  const refused = simulation.state.reduce((sum, state) => sum + (state === REFUSED ? 1 : 0), 0)
  const firstMs = demand.count === 0 ? 0 : demand.submitMs[0]!
  return {
    jobs: all.jobs,
    rejected: rejected + refused,
    warmup_s: (measures.fromMs - firstMs) / 1000,
    makespan_s: measures.makespanMs / 1000,
    utilization: measures.utilization,
    goodput: measures.goodput,
    idle_while_wanted: measures.idleWhileWanted,
    fragmentation: measures.fragmentation,
    wait_mean_s: all.waitMeanMs / 1000,
    wait_mean_ci95_s: measures.waitMeanHalfWidthMs === null ? null : measures.waitMeanHalfWidthMs / 1000,
    wait_p50_s: all.waits.at(50) / 1000,
    wait_p95_s: all.waits.at(95) / 1000,
    wait_p99_s: all.waits.at(99) / 1000,
    wait_max_s: all.waitMaxMs / 1000,
    starvation_bound_s: measures.starvationMs / 1000,
    jobs_starved: measures.starved,
    turnaround_mean_s: measures.turnaroundMeanMs / 1000,
    bounded_slowdown_mean: measures.boundedSlowdownMean,
    bounded_slowdown_mean_ci95: measures.boundedSlowdownMeanHalfWidth,
    batches: measures.batches,
    jain_index: measures.jainIndex,
    share_error_max: measures.shareErrorMax,
    accounts: measures.accounts.length,
    accounts_served: measures.accountsServed,
    requeues: measures.requeues,
    lost_accelerator_hours: lost.reduce((sum, hours) => sum + hours, 0),
    lost_requeued_accelerator_hours: work.requeuedMs / HOUR_MS,
    lost_failed_accelerator_hours: work.failedMs / HOUR_MS,
    lost_timeout_accelerator_hours: work.timedOutMs / HOUR_MS,
    cancelled_accelerator_hours: work.cancelledMs / HOUR_MS,
    jobs_waiting_end: measures.waitingAtEnd,
    jobs_running_end: measures.runningAtEnd,
    ended: measures.ended,
    by_size: measures.sizes.map((size) => ({
      from: size.from,
      to: size.to === Infinity ? null : size.to,
      ...groupSummary(size),
    })),
    by_account: measures.accounts.map((account) => ({
      account: account.account,
      ...groupSummary(account),
      accelerator_hours: account.usedAcceleratorMs / HOUR_MS,
      used_part: account.usedPart,
      promised_part: account.promisedPart,
    })),
    jobs_per_second: simulation.loopMs > 0 ? (1000 * (submitted - refused)) / simulation.loopMs : 0,
    facts_hash: simulation.factsHash,
  }
}

const groupSummary = ({ jobs, started, waitMeanMs, waits, waitMaxMs }: GroupMeasures): GroupSummary => ({
  jobs,
  jobs_started: started,
  wait_mean_s: waitMeanMs / 1000,
  wait_p50_s: waits.at(50) / 1000,
  wait_p95_s: waits.at(95) / 1000,
  wait_p99_s: waits.at(99) / 1000,
  wait_max_s: waitMaxMs / 1000,
})

const UNSUBMITTED = jobStates.indexOf('unsubmitted')
const REFUSED = jobStates.indexOf('refused')
const WAITING = jobStates.indexOf('waiting')
const RUNNING = jobStates.indexOf('running')

/** Tells an observer what has happened, from what a simulation left behind. */
function retell(demand: Demand, simulation: Simulation, observer: SimulationObserver): void {
  const { startMs, endMs, state, attempts, pool, nowMs, stoppedMs } = simulation
  if (attempts.some((count, i) => count > (startMs[i]! < 0 ? 0 : 1))) {
    throw new RangeError('attempts were requeued: give the observer of openMetrics to simulate')
  }
  const starts = inOrderOf(startMs)
  const ends = inOrderOf(endMs)
  let next = 0
  let started = 0
  let ended = 0
  const submitUntil = (atMs: number): void => {
    for (; next < demand.count && demand.submitMs[next]! <= atMs; next++) {
      if (state[next] !== UNSUBMITTED && state[next] !== REFUSED) observer.submitted(next, demand.submitMs[next]!)
    }
  }
  const startUntil = (atMs: number): void => {
    for (; started < starts.length && startMs[starts[started]!]! <= atMs; started++) {
      const i = starts[started]!
      submitUntil(startMs[i]!)
      observer.started(i, startMs[i]!, pool[i]!)
    }
  }
  for (; ended < ends.length; ended++) {
    const i = ends[ended]!
    // Whoever started in the same instant needed this end, unless it is the job itself; either order comes to the same sums.
    startUntil(endMs[i]!)
    submitUntil(endMs[i]!)
    observer.ended(i, startMs[i]!, endMs[i]!, jobStates[state[i]!] as EndState)
  }
  startUntil(Infinity)
  submitUntil(Infinity)
  for (let i = 0; i < demand.count; i++) {
    if (state[i] === WAITING || state[i] === RUNNING) observer.unfinished(i, startMs[i]!, nowMs)
  }
  if (stoppedMs !== null) observer.stopped?.(stoppedMs)
}

/** Indices of what happened, by when. */
const inOrderOf = (times: Float64Array): Uint32Array =>
  Uint32Array.from(times.keys())
    .filter((i) => times[i]! >= 0)
    .sort((a, b) => times[a]! - times[b]! || a - b)
