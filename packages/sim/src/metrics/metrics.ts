// What a simulation comes to, measured while it runs: a listener that keeps sums, percentiles and two strips of time, and of a
// job no more than the pool it runs in. Each measure is defined once, in the section Metrics of the package's README, and computed once, here or in
// the small files beside. Accelerator-time is a double of milliseconds, exact to 2^53 and right to 15 digits beyond.

import {
  type AccountConfig,
  type Center,
  type CenterConfig,
  type EndState,
  isCounted,
  type NodePoolConfig,
  type PoolConfig,
  REFERENCE_SPEED_MILLE,
  speedMilleIn,
} from '@dure/core'
import { type AccountGroup, associationsOf } from '../account-group.ts'
import { partsOf } from '../checkpoints.ts'
import { type Demand, width } from '../demand.ts'
import type { NodeStay } from '../service/service-plan.ts'
import type { SimulationObserver } from '../simulate.ts'
import { accelerators, poolAccelerators } from './capacity.ts'
import { jainIndex, promisedParts } from './fairness.ts'
import { fragmentedAccelerators } from './fragmentation.ts'
import { type CapacityChange, capacityChanges } from './installed.ts'
import { meanInterval } from './interval.ts'
import { boundedSlowdown, turnaroundMs, waitMs } from './job-measures.ts'
import { exactPercentiles, type Percentiles } from './percentiles.ts'
import { openTimeStrip, type TimeStrip } from './time-strip.ts'

export interface MetricsOptions {
  /** Jobs submitted within this time of the first are not measured, nor is what ran in it. Default 0. */
  readonly warmupMs?: number
  /** Waits longer than this are counted as starvation. Default one day. */
  readonly starvationMs?: number
  /** Whether nodes are looked at now and then, without which fragmentation is null; of a month that takes a sixth of the time. Default true. */
  readonly looksAtNodes?: boolean
  /** Whose waits are told together, such as those of a sector. An account may be in several. Default none. */
  readonly groups?: readonly AccountGroup[]
  /** When which nodes are there, as in a `ServicePlan`. Default: all are, all the time. */
  readonly stays?: readonly NodeStay[]
}

/** Waits of a group of jobs. */
export interface GroupMeasures {
  readonly jobs: number
  /** Of these jobs, those that started. */
  readonly started: number
  readonly waitMeanMs: number
  readonly waits: Percentiles
  readonly waitMaxMs: number
}

export interface AccountMeasures extends GroupMeasures {
  readonly account: string
  readonly usedAcceleratorMs: number
  /** Of all that was used, and of what those who asked were promised. */
  readonly usedPart: number
  readonly promisedPart: number
}

/** Of a group of accounts. */
export interface AccountGroupMeasures extends GroupMeasures {
  readonly name: string
  readonly usedAcceleratorMs: number
}

export interface PoolMeasures {
  readonly pool: string
  /** Accelerator-time that was there in what was measured, in service or not, and that was in use. */
  readonly installedAcceleratorMs: number
  readonly usedAcceleratorMs: number
}

export interface SizeMeasures extends GroupMeasures {
  /** Accelerators of a job, both ends included; the last class has no upper end. */
  readonly from: number
  readonly to: number
}

export interface SlowJob {
  readonly job: number
  readonly account: string
  readonly accelerators: number
  readonly submitMs: number
  readonly waitMs: number
}

/** Where accelerator-time went. They add up to all that was used. */
interface WorkByFate {
  readonly completedMs: number
  /** Lost with an attempt that was requeued: what it had computed since its last checkpoint, or since its start. */
  readonly requeuedMs: number
  /** Computed by attempts that were requeued, and kept in a checkpoint. */
  readonly keptMs: number
  /** Writing checkpoints, and beginning anew from them. */
  readonly overheadMs: number
  /** Lost by jobs that failed, or whose node did. */
  readonly failedMs: number
  /** Lost by jobs that were stopped at their limit. */
  readonly timedOutMs: number
  /** Given up by their owners while running: neither kept nor lost. */
  readonly cancelledMs: number
  /** Still running at the end. */
  readonly runningMs: number
}

export interface Measures {
  /** What was measured: from the end of the warm-up to the last end, or to where the simulation stopped. */
  readonly fromMs: number
  readonly toMs: number
  /** Accelerators there could be; `installed` has those that were. */
  readonly capacity: number
  readonly all: GroupMeasures
  readonly makespanMs: number
  readonly turnaroundMeanMs: number
  readonly boundedSlowdownMean: number
  readonly utilization: number
  readonly goodput: number
  /** Of the accelerator-time in use, what went neither into writing checkpoints and beginning anew, nor was lost with attempts that were requeued. */
  readonly effectivePart: number
  readonly idleWhileWanted: number
  /** null where nobody saw which nodes were free. */
  readonly fragmentation: number | null
  readonly work: WorkByFate
  readonly requeues: number
  readonly waitingAtEnd: number
  readonly runningAtEnd: number
  /** Jobs by how they ended. */
  readonly ended: Readonly<Partial<Record<EndState, number>>>
  readonly starvationMs: number
  readonly starved: number
  readonly jainIndex: number
  readonly shareErrorMax: number
  /** Those that asked, in the order of the configuration. */
  readonly accounts: readonly AccountMeasures[]
  readonly accountsServed: number
  /** As they were asked for. */
  readonly groups: readonly AccountGroupMeasures[]
  /** In the order of the configuration. */
  readonly pools: readonly PoolMeasures[]
  /**
   * Work of the measured jobs, as far as their limits allow / what the accelerators that were there could do of it. A pool counts with the
   * mean speed of the work that accepts it.
   */
  readonly offeredLoad: number
  readonly sizes: readonly SizeMeasures[]
  /** The longest waits, longest first. */
  readonly slowest: readonly SlowJob[]
  readonly batches: number
  /** Half the 95 % interval by batch means; null where the jobs are too few to say. */
  readonly waitMeanHalfWidthMs: number | null
  readonly boundedSlowdownMeanHalfWidth: number | null
  /** Accelerators in use, and jobs waiting, over the whole time including the warm-up. */
  readonly busy: TimeStrip
  readonly queue: TimeStrip
  /** Accelerators that were there, in service or not, over the same time. */
  readonly installed: TimeStrip
  /** Most jobs that ever waited together. */
  readonly queueMax: number
}

export interface Metrics {
  readonly observer: SimulationObserver
  /** After the simulation has ended. */
  measures(): Measures
}

const DAY_MS = 86_400_000
const SLOWEST_MAX = 5

/** Looks at the nodes between the first submission and the last: each takes as long as deciding on many jobs. */
const SAMPLES = 128
/** After so many looks they become half as frequent: much may wait and end after the last submission, or all be submitted at once. */
const SAMPLES_MAX = 512

/** Upper ends of the classes of size. */
const SIZE_ENDS = [1, 8, 64, 512, Infinity] as const

/** Between ten and thirty batches is where intervals are steady (Schmeiser 1982). */
const BATCHES = 20
/** Fewer would be as dependent on each other as single jobs are. */
const JOBS_A_BATCH_MIN = 50

/** Measures jobs of `demand` at a center of `config`. Hand `observer` to `simulate`. */
export function openMetrics(config: CenterConfig, demand: Demand, options: MetricsOptions = {}): Metrics {
  const { warmupMs = 0, starvationMs = DAY_MS } = options
  const { groups = [], stays = [], looksAtNodes = true } = options
  const { count, submitMs, request, association } = demand
  const widths = demand.requests.map(width)
  const capacity = accelerators(config)
  const firstMs = count === 0 ? 0 : submitMs[0]!
  const cutMs = firstMs + warmupMs
  const firstMeasured = indexFrom(demand, cutMs)

  const poolIndex = new Map(config.pools.map(({ name }, index) => [name, index]))
  const accepted = demand.requests.map(({ pools }) => pools.map((name) => poolIndex.get(name)!))
  const changes = capacityChanges(config, stays)
  /** Of nodes that are not down, as those are that are not there yet or no longer. */
  const free = Float64Array.from(config.pools, poolAccelerators)
  const isDown = config.pools.map((pool) => new Uint8Array(isCounted(pool) ? 0 : pool.nodes))
  const waitingFor = new Float64Array(config.pools.length)
  const waitingOf = new Float64Array(demand.requests.length)
  const hasNodes = config.pools.some((pool) => !isCounted(pool))
  let sampleEveryMs = count === 0 ? 0 : Math.floor((submitMs[count - 1]! - firstMs) / SAMPLES)
  /** By job, accelerator-time that checkpoints have kept so far; -1: nothing to go on from. null where nobody writes any. */
  const kept = demand.checkpointMs === undefined ? null : new Float64Array(count).fill(-1)
  /** Of what was kept, that of jobs that completed. */
  let keptToEndMs = 0
  /** By job, while it runs. */
  const poolOf = new Int16Array(count)

  const all = openGroup()
  const accountIndex = new Map(config.accounts.map(({ name }, index) => [name, index]))
  const accountOf = config.associations.map(({ account }) => accountIndex.get(account)!)
  const accountGroups = config.accounts.map(() => openGroup())
  const joint = groups.map((group) => ({ group, waits: openGroup(), usedMs: 0 }))
  const jointOf = config.associations.map((): (typeof joint)[number][] => [])
  for (const one of joint) for (const i of associationsOf(config, one.group)) jointOf[i]!.push(one)
  const sizeGroups = SIZE_ENDS.map(() => openGroup())
  const sizeOf = widths.map((size) => SIZE_ENDS.findIndex((end) => size <= end))
  const asked = new Uint8Array(config.associations.length)
  const used = new Float64Array(config.accounts.length)
  const usedInPool = new Float64Array(config.pools.length)
  /** Work asked for, by request. */
  const askedMs = new Float64Array(demand.requests.length)
  const work = {
    completedMs: 0,
    requeuedMs: 0,
    keptMs: 0,
    overheadMs: 0,
    failedMs: 0,
    timedOutMs: 0,
    cancelledMs: 0,
    runningMs: 0,
  }
  const ended: Partial<Record<EndState, number>> = {}
  const slowest: SlowJob[] = []
  const batchJobs = new Float64Array(BATCHES)
  const batchWaits = new Float64Array(BATCHES)
  const batchRuns = new Float64Array(BATCHES)
  const batchSlowdowns = new Float64Array(BATCHES)
  const busyStrip = openTimeStrip(firstMs)
  const queueStrip = openTimeStrip(firstMs)
  let lastMs = firstMs
  let lastEndMs = firstMs
  let isStopped = false
  let busy = 0
  let waiting = 0
  let queueMax = 0
  const idleWantedMs = new Float64Array(config.pools.length)
  let fragmented = 0
  let fragmentedMs = 0
  let nextSampleMs = firstMs
  let samples = 0
  let wereNodesSeen = false
  let turnarounds = 0
  let slowdowns = 0
  let runs = 0
  let requeues = 0
  let starved = 0
  let waitingAtEnd = 0
  let runningAtEnd = 0

  /** Accounts for the time in which nothing changed. Of nodes it may hear before the first job. */
  const advance = (atMs: number): void => {
    if (atMs <= lastMs) return
    busyStrip.add(busy, lastMs, atMs)
    queueStrip.add(waiting, lastMs, atMs)
    // Who waits for no time does not wait.
    queueMax = Math.max(queueMax, waiting)
    const measuredMs = atMs - Math.max(lastMs, cutMs)
    if (measuredMs > 0) {
      for (let pool = 0; pool < free.length; pool++) {
        if (waitingFor[pool]! > 0) idleWantedMs[pool]! += free[pool]! * measuredMs
      }
      fragmentedMs += fragmented * measuredMs
    }
    lastMs = atMs
  }
  const queue = (i: number, by: 1 | -1): void => {
    waiting += by
    waitingOf[request[i]!]! += by
    for (const pool of accepted[request[i]!]!) waitingFor[pool]! += by
  }
  const release = (i: number): void => {
    const size = widths[request[i]!]!
    busy -= size
    free[poolOf[i]!]! += size
  }
  /** Books the accelerator-time of an attempt as far as it lies in what is measured. */
  const book = (i: number, startMs: number, atMs: number, fate: keyof WorkByFate): void => {
    const ranMs = atMs - Math.max(startMs, cutMs)
    if (ranMs <= 0) return
    asked[association[i]!] = 1
    if (kept === null) work[fate] += widths[request[i]!]! * ranMs
    else bookParts(i, startMs, atMs, fate, kept)
    used[accountOf[association[i]!]!]! += widths[request[i]!]! * ranMs
    for (const one of jointOf[association[i]!]!) one.usedMs += widths[request[i]!]! * ranMs
    usedInPool[poolOf[i]!]! += widths[request[i]!]! * ranMs
  }
  const bookParts = (i: number, startMs: number, atMs: number, fate: keyof WorkByFate, kept: Float64Array): void => {
    const size = widths[request[i]!]!
    const resumes = kept[i]! >= 0
    const whole = partsOf(demand, i, resumes, atMs - startMs)
    const before = partsOf(demand, i, resumes, Math.max(0, cutMs - startMs))
    const computedMs = whole.computingMs - before.computingMs
    const overheadMs = whole.restartingMs + whole.writingMs - before.restartingMs - before.writingMs
    const keptMs = fate === 'requeuedMs' ? Math.max(0, whole.keptMs - before.computingMs) : 0
    work.overheadMs += size * overheadMs
    work.keptMs += size * keptMs
    work[fate] += size * (computedMs - keptMs)
    if (fate === 'completedMs' && resumes) keptToEndMs += kept[i]!
    if (fate === 'requeuedMs' && whole.keptMs > 0) kept[i] = Math.max(0, kept[i]!) + size * keptMs
  }
  const recordWait = (i: number, startOrLastMs: number, started: boolean): void => {
    const ms = waitMs(submitMs[i]!, startOrLastMs)
    all.record(ms, started)
    accountGroups[accountOf[association[i]!]!]!.record(ms, started)
    sizeGroups[sizeOf[request[i]!]!]!.record(ms, started)
    for (const { waits } of jointOf[association[i]!]!) waits.record(ms, started)
    const batch = batchOf(i)
    batchJobs[batch]!++
    batchWaits[batch]! += ms
    if (ms > starvationMs) starved++
    noteSlow(i, ms)
  }
  const batchOf = (i: number): number => Math.floor(((i - firstMeasured) * BATCHES) / (count - firstMeasured))
  const noteSlow = (i: number, ms: number): void => {
    if (ms === 0 || (slowest.length === SLOWEST_MAX && ms < slowest.at(-1)!.waitMs)) return
    const { account } = config.associations[association[i]!]!
    const slow = {
      job: demand.job[i]!,
      account,
      accelerators: widths[request[i]!]!,
      submitMs: submitMs[i]!,
      waitMs: ms,
    }
    // Equal waits by number, whichever was told of first.
    const place = slowest.findIndex(({ waitMs: other, job }) => other < ms || (other === ms && job > slow.job))
    slowest.splice(place < 0 ? slowest.length : place, 0, slow)
    slowest.length = Math.min(slowest.length, SLOWEST_MAX)
  }

  const lookAtNodes = (atMs: number, center: Center): void => {
    if (atMs < nextSampleMs) return
    advance(atMs)
    wereNodesSeen = true
    if (++samples >= SAMPLES_MAX) {
      samples = SAMPLES_MAX / 2
      sampleEveryMs = Math.max(2 * sampleEveryMs, Math.ceil((atMs - firstMs) / samples))
    }
    nextSampleMs = atMs + sampleEveryMs
    const waiting = demand.requests.map((one, index) => ({ request: one, jobs: waitingOf[index]! }))
    fragmented = fragmentedAccelerators(center, config, waiting)
  }

  const observer: SimulationObserver = {
    submitted(i, atMs) {
      advance(atMs)
      queue(i, 1)
      if (i < firstMeasured) return
      asked[association[i]!] = 1
      askedMs[request[i]!]! += widths[request[i]!]! * Math.min(demand.runMs[i]!, demand.limitMs[i]!)
    },
    started(i, atMs, pool) {
      advance(atMs)
      queue(i, -1)
      poolOf[i] = pool
      busy += widths[request[i]!]!
      free[pool]! -= widths[request[i]!]!
    },
    ended(i, startMs, atMs, state) {
      advance(atMs)
      const ran = startMs >= 0
      if (ran) {
        lastEndMs = atMs
        release(i)
        book(i, startMs, atMs, fateOf[state])
      } else queue(i, -1)
      if (i < firstMeasured) return
      ended[state] = (ended[state] ?? 0) + 1
      recordWait(i, ran ? startMs : atMs, ran)
      if (!ran) return
      runs++
      const slowdown = boundedSlowdown(submitMs[i]!, startMs, atMs)
      turnarounds += turnaroundMs(submitMs[i]!, atMs)
      slowdowns += slowdown
      batchRuns[batchOf(i)]!++
      batchSlowdowns[batchOf(i)]! += slowdown
    },
    requeued(i, startMs, atMs) {
      advance(atMs)
      release(i)
      queue(i, 1)
      book(i, startMs, atMs, 'requeuedMs')
      if (atMs >= cutMs) requeues++
    },
    unfinished(i, startMs, atMs) {
      advance(atMs)
      isStopped = true
      const runs = startMs >= 0
      if (runs) book(i, startMs, atMs, 'runningMs')
      if (i < firstMeasured) return
      recordWait(i, runs ? startMs : atMs, runs)
      if (runs) runningAtEnd++
      else waitingAtEnd++
    },
    stopped(atMs) {
      advance(atMs)
      isStopped = true
    },
    node(atMs, pool, node, to) {
      advance(atMs)
      const size = (config.pools[pool] as NodePoolConfig).perNode.accelerators
      const before = isDown[pool]![node]!
      const now = Number(to === 'down')
      free[pool]! += size * (before - now)
      isDown[pool]![node] = now
    },
    ...(hasNodes && looksAtNodes && { passed: lookAtNodes }),
  }

  return {
    observer,
    measures() {
      const toMs = isStopped ? lastMs : lastEndMs
      const installedMs = new Float64Array(config.pools.length)
      for (const { atMs, pool, by } of changes) installedMs[pool]! += by * Math.max(0, toMs - Math.max(atMs, cutMs))
      const capacityMs = installedMs.reduce((sum, one) => sum + one, 0)
      const idleMs = (isOf: (pool: PoolConfig) => boolean): number =>
        config.pools.reduce((sum, pool, index) => sum + (isOf(pool) ? idleWantedMs[index]! : 0), 0)
      const usedMs = used.reduce((sum, one) => sum + one, 0)
      const promised = promisedParts(config, asked)
      const isAsking = new Set(accountOf.filter((_, i) => asked[i]))
      const accountMeasures = ({ name: account }: AccountConfig, index: number): AccountMeasures => ({
        account,
        ...accountGroups[index]!.measures(),
        usedAcceleratorMs: used[index]!,
        usedPart: ratio(used[index]!, usedMs),
        promisedPart: promised[index]!,
      })
      const accounts = config.accounts.map(accountMeasures).filter((_, index) => isAsking.has(index))
      const sharing = accounts.filter(({ promisedPart }) => promisedPart > 0)
      return {
        fromMs: Math.min(cutMs, toMs),
        toMs,
        capacity,
        all: all.measures(),
        makespanMs: lastEndMs - firstMs,
        turnaroundMeanMs: ratio(turnarounds, runs),
        boundedSlowdownMean: ratio(slowdowns, runs),
        utilization: ratio(usedMs, capacityMs),
        goodput: ratio(work.completedMs + keptToEndMs, capacityMs),
        effectivePart: usedMs > 0 ? 1 - (work.overheadMs + work.requeuedMs) / usedMs : 1,
        idleWhileWanted: ratio(
          idleMs(() => true),
          capacityMs,
        ),
        fragmentation: hasNodes && !wereNodesSeen ? null : ratio(idleMs(isCounted) + fragmentedMs, capacityMs),
        work: { ...work },
        requeues,
        waitingAtEnd,
        runningAtEnd,
        // In one order, whoever ended first.
        ended: Object.fromEntries(Object.entries(ended).sort(([a], [b]) => (a < b ? -1 : 1))),
        starvationMs,
        starved,
        jainIndex: jainIndex(sharing.map(({ usedPart, promisedPart }) => usedPart / promisedPart)),
        shareErrorMax:
          usedMs > 0
            ? Math.max(0, ...accounts.map(({ usedPart, promisedPart }) => Math.abs(usedPart - promisedPart)))
            : 0,
        accounts,
        accountsServed: accounts.filter(({ started }) => started > 0).length,
        groups: joint.map(({ group, waits, usedMs }) => ({
          name: group.name,
          ...waits.measures(),
          usedAcceleratorMs: usedMs,
        })),
        pools: config.pools.map((pool, index) => ({
          pool: pool.name,
          installedAcceleratorMs: installedMs[index]!,
          usedAcceleratorMs: usedInPool[index]!,
        })),
        offeredLoad: offeredLoad(config, demand, askedMs, installedMs),
        sizes: sizeGroups.flatMap((group, size) => {
          const from = size === 0 ? 1 : SIZE_ENDS[size - 1]! + 1
          const measures = group.measures()
          return measures.jobs > 0 ? [{ from, to: SIZE_ENDS[size]!, ...measures }] : []
        }),
        slowest: [...slowest],
        batches: BATCHES,
        waitMeanHalfWidthMs: halfWidth(batchWaits, batchJobs),
        boundedSlowdownMeanHalfWidth: halfWidth(batchSlowdowns, batchRuns),
        busy: busyStrip.strip(),
        queue: queueStrip.strip(),
        installed: installedStrip(changes, firstMs, toMs),
        queueMax,
      }
    },
  }
}

const fateOf: Readonly<Record<EndState, keyof WorkByFate>> = {
  COMPLETED: 'completedMs',
  FAILED: 'failedMs',
  NODE_FAIL: 'failedMs',
  TIMEOUT: 'timedOutMs',
  CANCELLED: 'cancelledMs',
}

interface Group {
  record(ms: number, started: boolean): void
  measures(): GroupMeasures
}

function openGroup(): Group {
  const waits = exactPercentiles()
  let jobs = 0
  let started = 0
  let sumMs = 0
  let waitMaxMs = 0
  return {
    record(ms, hasStarted) {
      jobs++
      if (hasStarted) started++
      sumMs += ms
      waitMaxMs = Math.max(waitMaxMs, ms)
      waits.record(ms)
    },
    measures: () => ({ jobs, started, waitMeanMs: ratio(sumMs, jobs), waits, waitMaxMs }),
  }
}

/** A pool of unlike devices can do as much as they are fast for the work that is asked of it, in the mean. */
function offeredLoad(
  { pools }: CenterConfig,
  { requests }: Demand,
  askedMs: Float64Array,
  installedMs: Float64Array,
): number {
  const speed = pools.map(({ name }) => {
    let acceptingMs = 0
    let atSpeedMs = 0
    requests.forEach((one, index) => {
      if (!one.pools.includes(name)) return
      acceptingMs += askedMs[index]!
      atSpeedMs += (askedMs[index]! * speedMilleIn(one, name)) / REFERENCE_SPEED_MILLE
    })
    return acceptingMs > 0 ? atSpeedMs / acceptingMs : 1
  })
  const whole = installedMs.reduce((sum, ms, pool) => sum + ms * speed[pool]!, 0)
  return ratio(
    askedMs.reduce((sum, ms) => sum + ms, 0),
    whole,
  )
}

function installedStrip(changes: readonly CapacityChange[], firstMs: number, toMs: number): TimeStrip {
  const strip = openTimeStrip(firstMs)
  let installed = 0
  let lastMs = firstMs
  for (const { atMs, by } of changes) {
    if (atMs > lastMs) strip.add(installed, lastMs, Math.min(atMs, toMs))
    lastMs = Math.min(toMs, Math.max(lastMs, atMs))
    installed += by
  }
  strip.add(installed, lastMs, toMs)
  return strip.strip()
}

/** Half the interval of a mean, from sums over consecutive batches. */
function halfWidth(sums: Float64Array, counts: Float64Array): number | null {
  if (counts.some((jobs) => jobs < JOBS_A_BATCH_MIN)) return null
  return meanInterval(sums.map((sum, batch) => sum / counts[batch]!)).halfWidth
}

/** Index of the first job submitted at `atMs` or later. */
function indexFrom({ count, submitMs }: Demand, atMs: number): number {
  let below = 0
  let above = count
  while (below < above) {
    const middle = (below + above) >> 1
    if (submitMs[middle]! < atMs) below = middle + 1
    else above = middle
  }
  return below
}

const ratio = (part: number, whole: number): number => (whole > 0 ? part / whole : 0)
