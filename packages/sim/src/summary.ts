// What a simulation came to, in one row. Each measure has one definition, here; names and units are those of the
// documented JSON, so a summary is printed as it is.
//
// wait = start - submit; bounded slowdown = max(1, (end - submit) / max(end - start, 10 s)) (Feitelson);
// makespan = last end - first submit; utilization = accelerator-time of all runs / (accelerators * makespan);
// percentiles are exact, by nearest rank.

import { type CenterConfig, isCounted } from '@dure/core'
import { type Demand, width } from './demand.ts'
import { jobStates, type Simulation } from './simulate.ts'

export interface Summary {
  /** Submitted and not refused. */
  readonly jobs: number
  /** Lines of the trace that made no job, and jobs the center refused. */
  readonly rejected: number
  readonly makespan_s: number
  readonly utilization: number
  readonly wait_mean_s: number
  readonly wait_p50_s: number
  readonly wait_p95_s: number
  readonly wait_p99_s: number
  readonly bounded_slowdown_mean: number
  /** Not started when the simulation stopped. They count in the waits with what they had waited by then. */
  readonly jobs_waiting_end: number
  /** Simulated jobs per second of wall time, loop only; 0 if nobody timed it. */
  readonly jobs_per_second: number
  readonly facts_hash: string
}

const BOUND_MS = 10_000
const REFUSED = jobStates.indexOf('refused')
const UNSUBMITTED = jobStates.indexOf('unsubmitted')

export function summarize(config: CenterConfig, demand: Demand, simulation: Simulation, rejected = 0): Summary {
  const { submitMs, request, requests } = demand
  const { startMs, endMs, state, nowMs, loopMs } = simulation
  const widths = requests.map(width)
  const waits = new Float64Array(demand.count)
  let jobs = 0
  let refused = 0
  let waiting = 0
  let waitSumMs = 0
  let slowdownSum = 0
  let ended = 0
  let busyMs = 0
  let lastMs = demand.count === 0 ? 0 : submitMs[0]!
  for (let i = 0; i < demand.count; i++) {
    if (state[i] === UNSUBMITTED) continue
    if (state[i] === REFUSED) {
      refused++
      continue
    }
    const started = startMs[i]! >= 0
    const waitMs = (started ? startMs[i]! : nowMs) - submitMs[i]!
    if (!started) waiting++
    waits[jobs++] = waitMs
    waitSumMs += waitMs
    if (endMs[i]! < 0) continue
    const runMs = endMs[i]! - startMs[i]!
    ended++
    slowdownSum += Math.max(1, (waitMs + runMs) / Math.max(runMs, BOUND_MS))
    busyMs += widths[request[i]!]! * runMs
    lastMs = Math.max(lastMs, endMs[i]!)
  }
  const sorted = waits.subarray(0, jobs).sort()
  const makespanMs = demand.count === 0 ? 0 : lastMs - submitMs[0]!
  return {
    jobs,
    rejected: rejected + refused,
    makespan_s: makespanMs / 1000,
    utilization: ratio(busyMs, accelerators(config) * makespanMs),
    wait_mean_s: ratio(waitSumMs, jobs) / 1000,
    wait_p50_s: nearestRank(sorted, 50) / 1000,
    wait_p95_s: nearestRank(sorted, 95) / 1000,
    wait_p99_s: nearestRank(sorted, 99) / 1000,
    bounded_slowdown_mean: ratio(slowdownSum, ended),
    jobs_waiting_end: waiting,
    jobs_per_second: ratio(1000 * jobs, loopMs),
    facts_hash: simulation.factsHash,
  }
}

/** The smallest value that at least `percent` of 100 of the values do not exceed; 0 of none. */
export function nearestRank(sorted: Float64Array, percent: number): number {
  if (sorted.length === 0) return 0
  return sorted[Math.max(1, Math.ceil((percent * sorted.length) / 100)) - 1]!
}

/** Accelerators of all pools, or processors where they are counted. */
export const accelerators = (config: CenterConfig): number =>
  config.pools.reduce(
    (sum, pool) => sum + (isCounted(pool) ? pool.processors : pool.nodes * pool.perNode.accelerators),
    0,
  )

const ratio = (part: number, whole: number): number => (whole > 0 ? part / whole : 0)
