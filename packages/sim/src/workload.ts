// Seeded demand: who submits what and when, for a demonstration or a study. Arrivals are a Poisson process whose rate follows
// the hours and days of Korean work, thinned from its peak; what arrives is one of the kinds in `job-kinds.ts`; its time
// limit is wrong the way people's are. The rate is scaled so that the work asked for is a stated fraction of what the
// center's accelerators could do. Every question has a random stream of its own (`streams.ts`). O(1) a submission.
//
// It does not model users who wait and watch, chains of jobs, or requests that change with the queue.

import {
  type CenterConfig,
  isCounted,
  type JobRequest,
  ln,
  type NodePoolConfig,
  WHOLE_ACCELERATOR_MILLI,
} from '@dure/core'
import { type JobKind, type JobKindName, jobKinds, withoutFp64 } from './job-kinds.ts'
import { type Stream, stream } from './streams.ts'

export interface WorkloadOptions {
  readonly config: CenterConfig
  readonly seed: number
  /** Work asked for / work the accelerators could do, on the average of a week. 1 is as much as there is; it may be more. */
  readonly load: number
  /** Center time of the first possible arrival. */
  readonly startMs: number
  /** Unix time of center time 0, for the hour of the day. Default 0: center time is Unix time. */
  readonly unixMs?: number
  /** The center has been open this long: what would still be running from that time is submitted at the start. Default 0. */
  readonly openedBeforeMs?: number
}

export interface Submission {
  readonly atMs: number
  readonly kind: JobKindName
  readonly name: string
  readonly account: string
  readonly user: string
  readonly request: JobRequest
  readonly timeLimitMs: number
  /** How long it would run if nobody stopped it. */
  readonly runTimeMs: number
  readonly exitCode: number
}

const HOUR_MS = 3_600_000
const WEEK_HOURS = 168
const KST_OFFSET_HOURS = 9
/** Unix time began on a Thursday, this many hours after a Monday began. */
const EPOCH_HOUR_OF_WEEK = 72

/** Submissions by hour of a working day in Korea: two peaks, a dip at lunch and at dinner, few in the small hours. */
const HOURS = [
  0.45, 0.35, 0.28, 0.25, 0.22, 0.22, 0.25, 0.35, 0.6, 1.1, 1.6, 1.7, 1.0, 1.3, 1.7, 1.8, 1.7, 1.5, 0.9, 0.85, 1.0, 1.0,
  0.9, 0.65,
]
/** Saturday and Sunday, of a working day. */
const WEEKEND = 0.6

/** Rate by hour of the week from Monday 00:00 KST, 1 on the average. */
const WEEK = ((): readonly number[] => {
  const hours = Array.from({ length: WEEK_HOURS }, (_, hour) => HOURS[hour % 24]! * (hour < 120 ? 1 : WEEKEND))
  const sum = hours.reduce((total, hour) => total + hour, 0)
  return hours.map((hour) => (hour * WEEK_HOURS) / sum)
})()
const WEEK_PEAK = WEEK.reduce((peak, hour) => Math.max(peak, hour), 0)

/** How many times the average rate of a week submissions come at, at a Unix time. */
export function rateShape(unixMs: number): number {
  const hour = Math.floor(unixMs / HOUR_MS) + KST_OFFSET_HOURS + EPOCH_HOUR_OF_WEEK
  return WEEK[((hour % WEEK_HOURS) + WEEK_HOURS) % WEEK_HOURS]!
}

/** 99th percentile of the standard normal distribution. */
const NORMAL_P99 = 2.3263478740408408
const RUN_SHORTEST_S = 5
/** What would have ended within this time of the start is left out. */
const MINUTE_MS = 60_000
const REST_SHORTEST_MS = 60_000
/** Runs that fail by their owner's mistake mostly do so soon: exponential with this mean. */
const FAIL_AFTER_MEAN_S = 600
const FAIL_CODES = [1, 2, 137, 139]
const FAIL_CODE_PERCENT = [65, 10, 20, 5]

/** Limits that people pick from, seconds. */
const LIMITS_S = [
  900, 1800, 3600, 7200, 14_400, 28_800, 43_200, 86_400, 172_800, 259_200, 604_800, 1_209_600, 2_419_200,
]
/** Of those who submit: some leave the kind's longest limit in their script, a few ask for less than they need, the rest allow a margin. */
const LEAVES_LONGEST = 0.25
const ASKS_TOO_LITTLE = 0.05
const MARGIN_MEAN = 0.8

/** Draws that the mean run time of a kind is estimated from, about 2 % off at worst. */
const MEAN_DRAWS = 16_384

interface Run {
  readonly runS: number
  readonly limitS: number
  readonly exitCode: number
}

/** A kind with what is known of it on a given center. */
interface Offer {
  readonly kind: JobKind
  /** The pools it may run in, grouped by preference. */
  readonly groups: readonly (readonly NodePoolConfig[])[]
  readonly sizes: readonly number[]
  readonly sizeWeights: readonly number[]
  /** Jobs per millisecond on the average of a week. */
  readonly rate: number
}

/** An endless sequence in order of time. Equal options give equal submissions. */
export function* submissions(options: WorkloadOptions): Generator<Submission, never> {
  const { config, seed, startMs, unixMs = 0, openedBeforeMs = 0 } = options
  const offers = offersOf(options)
  const rates = offers.map(({ rate }) => rate)
  const peakRate = WEEK_PEAK * rates.reduce((sum, rate) => sum + rate, 0)
  const arrivals = stream(seed, 'arrivals')
  const kinds = stream(seed, 'kinds')
  const sizes = stream(seed, 'sizes')
  const pools = stream(seed, 'pools')
  const runs = runStreams(seed, '')
  const owner = owners(config, seed)
  const requests = new Map<string, JobRequest>()
  let serial = 0
  // Counted from the start, so that its rounding is the same wherever on the time line the start is.
  let sinceMs = -openedBeforeMs
  for (;;) {
    sinceMs += arrivals.exponential(1 / peakRate)
    if (!arrivals.chance(rateShape(startMs + sinceMs + unixMs) / WEEK_PEAK)) continue
    const atMs = startMs + Math.floor(sinceMs)
    const offer = offers[kinds.choice(rates)]!
    const size = offer.sizes[sizes.choice(offer.sizeWeights)]!
    const inTurn = inPreference(offer, pools)
    const { runS, limitS, exitCode } = drawRun(offer.kind, runs)
    const { account, user } = owner()
    serial++
    // From the time before the start, only what would still be running; it has the rest of its run before it.
    const doneMs = Math.max(0, startMs - atMs)
    const runTimeMs = Math.floor(1000 * runS) - doneMs
    // Of a job that was under way when the center opened the rest is left, in whole minutes as people write limits.
    const timeLimitMs = MINUTE_MS * Math.ceil((1000 * limitS - doneMs) / MINUTE_MS)
    if (doneMs > 0 && Math.min(runTimeMs, timeLimitMs) < REST_SHORTEST_MS) continue
    const key = `${size} ${inTurn.map(({ name }) => name).join(' ')}`
    let request = requests.get(key)
    if (request === undefined) {
      request = requestFor(size, inTurn)
      requests.set(key, request)
    }
    const kind = offer.kind.name
    yield {
      atMs: atMs + doneMs,
      kind,
      name: `${kind}-${serial}`,
      account,
      user,
      request,
      timeLimitMs,
      runTimeMs,
      exitCode,
    }
  }
}

interface RunStreams {
  readonly durations: Stream
  readonly failures: Stream
  readonly estimates: Stream
}

const runStreams = (seed: number, prefix: string): RunStreams => ({
  durations: stream(seed, `${prefix}durations`),
  failures: stream(seed, `${prefix}failures`),
  estimates: stream(seed, `${prefix}estimates`),
})

function drawRun(kind: JobKind, { durations, failures, estimates }: RunStreams): Run {
  const sigma = ln(kind.runTailS / kind.runMedianS) / NORMAL_P99
  const wholeS = Math.min(kind.runTailS, Math.max(RUN_SHORTEST_S, durations.lognormal(kind.runMedianS, sigma)))
  const limitS = drawLimit(kind, wholeS, estimates)
  if (!failures.chance(kind.failPercent / 100)) return { runS: wholeS, limitS, exitCode: 0 }
  const failS = RUN_SHORTEST_S + failures.exponential(FAIL_AFTER_MEAN_S)
  return { runS: Math.min(wholeS, failS), limitS, exitCode: FAIL_CODES[failures.choice(FAIL_CODE_PERCENT)]! }
}

/** What its owner writes for a run of `wholeS` seconds: rounded up to a usual limit, and no more than the kind's longest. */
function drawLimit(kind: JobKind, wholeS: number, estimates: Stream): number {
  const longestS = roundedUp(kind.runTailS)
  const mood = estimates.uniform()
  if (mood < LEAVES_LONGEST) return longestS
  const factor =
    mood < LEAVES_LONGEST + ASKS_TOO_LITTLE ? 0.3 + 0.6 * estimates.uniform() : 1 + estimates.exponential(MARGIN_MEAN)
  return Math.min(longestS, roundedUp(wholeS * factor))
}

const roundedUp = (seconds: number): number => LIMITS_S.find((limitS) => limitS >= seconds) ?? LIMITS_S.at(-1)!

/** The kinds that the center can run at all, at rates that make up the load asked for. */
function offersOf({ config, load }: WorkloadOptions): Offer[] {
  if (!(load > 0 && load < Infinity))
    throw new Error(`load ${load} is not a positive number: give a fraction of capacity, such as 0.9`)
  const pools = config.pools.filter((pool): pool is NodePoolConfig => !isCounted(pool))
  const runnable = jobKinds
    .map((kind) => ({ kind, groups: groupsFor(kind, pools) }))
    .filter(({ groups }) => groups.length > 0)
  if (runnable.length === 0) {
    throw new Error(
      `center ${config.name} has no pool of GPU, NPU or PIM nodes: the workload model has nothing to ask of it`,
    )
  }
  const capacity = pools.reduce((sum, pool) => sum + capacityOf(pool), 0)
  const percents = runnable.reduce((sum, { kind }) => sum + kind.workPercent, 0)
  return runnable.map(({ kind, groups }) => {
    const largest = groups.flat().reduce((most, pool) => Math.max(most, capacityOf(pool)), 0)
    const sizes = kind.sizes.map(([size]) => Math.min(size, largest))
    const sizeWeights = kind.sizes.map(([, percent]) => percent)
    const workMean = mean(sizes, sizeWeights) * runMeanMs(kind)
    return { kind, groups, sizes, sizeWeights, rate: (load * capacity * kind.workPercent) / percents / workMean }
  })
}

const capacityOf = (pool: NodePoolConfig): number => pool.nodes * pool.perNode.accelerators

function groupsFor(kind: JobKind, pools: readonly NodePoolConfig[]): NodePoolConfig[][] {
  return kind.runsOn
    .map((devices) =>
      pools.filter((pool) => devices.includes(pool.kind) && !(kind.needsFp64 && withoutFp64.includes(pool.model))),
    )
    .filter((group) => group.length > 0)
}

const mean = (values: readonly number[], weights: readonly number[]): number => {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return values.reduce((sum, value, i) => sum + value * weights[i]!, 0) / total
}

/** Mean time on the accelerators. Its draws have a seed of their own: the offered load must not depend on that of the workload. */
function runMeanMs(kind: JobKind): number {
  const streams = runStreams(1, `mean/${kind.name}/`)
  let sumS = 0
  for (let i = 0; i < MEAN_DRAWS; i++) {
    const { runS, limitS } = drawRun(kind, streams)
    sumS += Math.min(runS, limitS)
  }
  return (1000 * sumS) / MEAN_DRAWS
}

/** All pools of an offer: device kinds in order of preference, and of one kind the first in proportion to capacity, so that load spreads. */
function inPreference({ groups }: Offer, pools: Stream): NodePoolConfig[] {
  return groups.flatMap((group) => {
    const first = pools.choice(group.map(capacityOf))
    return [group[first]!, ...group.filter((_, i) => i !== first)]
  })
}

/** A request of `size` accelerators in all: on one node where it fits, else on whole nodes of the first pool that is large enough. */
function requestFor(size: number, pools: readonly NodePoolConfig[]): JobRequest {
  // `size` was cut to the largest pool, so one is large enough.
  const fitting = pools.find((pool) => capacityOf(pool) >= size)!
  const acceleratorsPerNode = Math.min(size, fitting.perNode.accelerators)
  const nodes = Math.ceil(size / acceleratorsPerNode)
  const accepted = pools.filter(
    ({ nodes: has, perNode }) => has >= nodes && perNode.accelerators >= acceleratorsPerNode,
  )
  const portion = (has: (pool: NodePoolConfig) => number): number =>
    accepted.reduce(
      (least, pool) => Math.min(least, Math.floor((has(pool) * acceleratorsPerNode) / pool.perNode.accelerators)),
      Infinity,
    )
  return {
    pools: accepted.map(({ name }) => name),
    nodes,
    acceleratorsMilli: acceleratorsPerNode * WHOLE_ACCELERATOR_MILLI,
    cpuMilli: portion(({ perNode }) => perNode.cpuMilli),
    memoryMib: portion(({ perNode }) => perNode.memoryMib),
  }
}

/** Few users submit most: the k-th busiest with weight 1/k, who is busy being drawn once. */
function owners(config: CenterConfig, seed: number): () => { readonly account: string; readonly user: string } {
  const { associations } = config
  if (associations.length === 0) throw new Error(`center ${config.name} has no users: nobody could submit a job`)
  const draws = stream(seed, 'owners')
  const busiest = associations.slice()
  for (let i = busiest.length - 1; i > 0; i--) {
    const j = draws.int(0, i)
    const swapped = busiest[i]!
    busiest[i] = busiest[j]!
    busiest[j] = swapped
  }
  const bounds = new Float64Array(busiest.length)
  let total = 0
  for (let i = 0; i < bounds.length; i++) {
    total += 1 / (i + 1)
    bounds[i] = total
  }
  return () => {
    const at = draws.uniform() * total
    let low = 0
    let high = bounds.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (bounds[middle]! > at) high = middle
      else low = middle + 1
    }
    return busiest[low]!
  }
}
