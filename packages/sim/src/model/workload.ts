// Seeded demand: who submits what and when, for a demonstration or a study. Users come in sessions: a session begins at the
// hours at which people work, belongs to one user and one kind of job, and its jobs follow each other after some thought,
// many when the one before has ended (Zakay and Feitelson, JSSPP 2012 and MASCOTS 2014, found such sessions in logs). How
// many jobs come, and how much work, is not touched by that: sessions begin at the wanted rate of jobs / jobs in a session in
// the mean. Every question has a random stream of its own (`streams.ts`). O(log users) a submission.
//
// Sessions go by how long runs take, not by when the center lets them start, so that all policies meet the same demand;
// only whoever gives up waiting depends on it. Requests never change with the queue.

import {
  type CenterConfig,
  isCounted,
  type JobRequest,
  type NodeShape,
  type PoolConfig,
  WHOLE_ACCELERATOR_MILLI,
} from '@dure/core'
import { EventQueue } from '../event-queue.ts'
import { activityWeight } from './activity.ts'
import type { DemandGroup, KindSpeed } from './demand-group.ts'
import { type EstimateOf, estimating } from './estimates.ts'
import { nationalModel, withoutFp64 } from './job-kinds.ts'
import { roulette } from './roulette.ts'
import { type Stream, stream } from './streams.ts'
import type { Submission } from './submission.ts'
import { drawTimeS, meanTimeS } from './time-law.ts'
import { hourOfWeek, WEEK_MS } from './week.ts'
import type { EstimateHabit, JobKind, Weighted, WorkloadModel } from './workload-model.ts'

export interface WorkloadOptions {
  readonly config: CenterConfig
  readonly seed: number
  /** What is drawn from. Default: the seven kinds of a national center. */
  readonly model?: WorkloadModel
  /**
   * Work asked for / work the accelerators could do, on the average of a week. 1 is as much as there is; it may be more.
   * Needed but where the model knows how many jobs come.
   */
  readonly load?: number
  /** Instead of a model and a load: one of each for every group of accounts. */
  readonly groups?: readonly DemandGroup[]
  /** Which kinds run where, and how fast. Default: as the kinds say, equally fast. */
  readonly speeds?: readonly KindSpeed[]
  /** Center time of the first possible arrival. */
  readonly startMs: number
  /** Unix time of center time 0, for the hour of the day. Default 0: center time is Unix time. */
  readonly unixMs?: number
  /** The center has been open this long: what would still be running from that time is submitted at the start. Default 0. */
  readonly openedBeforeMs?: number
}

const KST_OFFSET_HOURS = 9

/** What would have ended within this time of the start is left out. */
const REST_SHORTEST_MS = 60_000
const MINUTE_MS = 60_000

/** Mistakes mostly show soon: exponential with this mean. So does to an owner that a run will come to nothing. */
const EARLY_SHORTEST_S = 5
const EARLY_MEAN_S = 600
/** Of failures that are not soon, the time is anywhere in the run: together 8 to 12 % of accelerator-time, as in Helios and Acme. */
const SOON_PERCENT = 70
const FAIL_CODES = [1, 2, 137, 139]
const FAIL_CODE_PERCENT = [65, 10, 20, 5]

/** Draws that the mean run time of a kind is estimated from, about 2 % off at worst. */
const MEAN_DRAWS = 16_384

/** Where more sessions begin than there are users with time for them, some have several. */
const OWNERS_ASKED = 8

/** A session is over well before twice the mean time of the longest there are. */
const GAPS_AT_MOST = 2

/** A pool by what one node of it has; processors that are only counted are one large node. */
interface Room {
  readonly pool: PoolConfig
  readonly nodes: number
  readonly perNode: NodeShape
}

/** A kind with what is known of it on a given center. */
interface Offer {
  readonly kind: JobKind
  readonly groups: readonly Group[]
  readonly sizes: readonly number[]
  readonly pickSize: (draws: Stream) => number
  readonly sessionJobs: readonly number[]
  readonly pickSessionJobs: (draws: Stream) => number
  /** Sessions per millisecond on the average of a week. */
  readonly rate: number
  /** How long a session takes at most, but for one in thousands. */
  readonly sessionMs: number
  /** By size and by which pool of each group comes first. */
  readonly requests: JobRequest[]
}

/** Rooms that are as good as each other, and which of them comes first: in proportion to what they have, so that load spreads. */
interface Group {
  readonly rooms: readonly Room[]
  readonly pickFirst: (draws: Stream) => number
}

interface Session {
  readonly number: number
  readonly offer: Offer
  /** Index into the associations. */
  readonly owner: number
  /** Jobs to come. */
  left: number
  /** Which size the job before had; -1: there was none. */
  size: number
}

/** An endless sequence in order of time. Equal options give equal submissions. */
export function* submissions(options: WorkloadOptions): Generator<Submission, never> {
  const { config, seed, model = nationalModel, startMs, unixMs = 0, openedBeforeMs = 0 } = options
  if (options.groups !== undefined || options.speeds !== undefined)
    throw new Error('groups and speeds cannot be drawn yet')
  if (model.kinds.some(({ checkpoint }) => checkpoint !== null)) throw new Error('checkpoints cannot be drawn yet')
  const offers = offersOf(options, model)
  const { week } = model
  const breakMs = 1000 * model.users.breakS
  const weekPeak = week.reduce((peak, rate) => Math.max(peak, rate), 0)
  const meanGapMs = 1 / (weekPeak * offers.reduce((sum, { rate }) => sum + rate, 0))
  const pickOffer = roulette(offers.map(({ rate }) => rate))
  const arrivals = stream(seed, 'arrivals')
  const kinds = stream(seed, 'kinds')
  const lengths = stream(seed, 'session lengths')
  const thoughts = stream(seed, 'thoughts')
  const sizes = stream(seed, 'sizes')
  const repeats = stream(seed, 'repeats')
  const pools = stream(seed, 'pools')
  const patience = stream(seed, 'patience')
  const drawRun = runs(seed, '', model.estimates)
  const owner = owners(config, seed, model)
  /** Until when each user is at work on a session, or has just been. */
  const atWorkUntilMs = new Float64Array(config.associations.length).fill(-Infinity)
  const shared = new Map<string, JobRequest>()
  // Sessions under way, by a slot that is used again; the queue has the time of each one's next submission.
  const next = new EventQueue()
  const underWay: Session[] = []
  const freeSlots: number[] = []
  let session = 0
  let serial = 0
  // Counted from the start, so that its rounding is the same wherever on the time line the start is. Before what is wanted
  // come the sessions that reach into it: without them the first days of long chains would be short of work.
  const firstMs = -openedBeforeMs
  const sessionMsMax = offers.reduce((most, { sessionMs }) => Math.max(most, sessionMs), 0)
  let arrivalMs = firstMs - sessionMsMax + arrivals.exponential(meanGapMs)
  for (;;) {
    while (arrivalMs <= next.nextMs()) {
      const atMs = arrivalMs
      arrivalMs += arrivals.exponential(meanGapMs)
      const rate = week[hourOfWeek(startMs + atMs + unixMs, KST_OFFSET_HOURS)]!
      if (!arrivals.chance(rate / weekPeak)) continue
      const offer = offers[pickOffer(kinds)]!
      if (atMs < firstMs - offer.sessionMs) continue
      const slot = freeSlots.pop() ?? underWay.length
      underWay[slot] = {
        number: ++session,
        offer,
        owner: owner(atMs, atWorkUntilMs),
        left: offer.sessionJobs[offer.pickSessionJobs(lengths)]!,
        size: -1,
      }
      next.push(atMs, 0, slot)
    }
    const sinceMs = next.nextMs()
    const slot = next.pop()
    const current = underWay[slot]!
    const { offer } = current
    const { kind } = offer
    const { endings, sessions } = kind
    const { wholeS, runS, limitS, exitCode, stopped } = drawRun(kind)
    if (current.size < 0 || !repeats.chance(sessions.repeatPercent / 100)) current.size = offer.pickSize(sizes)
    if (--current.left > 0) {
      const awaitedS = Math.min(wholeS, sessions.awaitsUpToS)
      next.push(sinceMs + 1000 * (awaitedS + drawTimeS(sessions.think, thoughts)), 0, slot)
    } else freeSlots.push(slot)
    atWorkUntilMs[current.owner] = sinceMs + breakMs
    if (sinceMs < firstMs) continue
    const request = requestOf(offer, current.size, pools, shared)
    const waits = patience.chance(endings.giveUpPercent / 100)
    const patienceMs = waits ? Math.ceil(1000 * patience.exponential(endings.patienceMeanS)) : Infinity
    serial++
    const { account, user } = config.associations[current.owner]!
    const atMs = startMs + Math.floor(sinceMs)
    // From the time before the start, only what would still be running; it has the rest of its run before it.
    const doneMs = Math.max(0, startMs - atMs)
    const runTimeMs = Math.floor(1000 * runS) - doneMs
    // Of a job that was under way when the center opened the rest is left, in whole minutes as people write limits.
    const timeLimitMs = doneMs === 0 ? 1000 * limitS : MINUTE_MS * Math.ceil((1000 * limitS - doneMs) / MINUTE_MS)
    if (doneMs > 0 && Math.min(runTimeMs, timeLimitMs) < REST_SHORTEST_MS) continue
    yield {
      atMs: atMs + doneMs,
      session: current.number,
      kind: kind.name,
      name: `${kind.name}-${serial}`,
      account,
      user,
      request,
      timeLimitMs,
      runTimeMs,
      exitCode,
      stopped,
      patienceMs: doneMs === 0 ? patienceMs : Infinity,
    }
  }
}

interface Run {
  /** How long it would have run if nothing had cut it short. */
  readonly wholeS: number
  readonly runS: number
  readonly limitS: number
  readonly exitCode: number
  readonly stopped: boolean
}

/** Draws what becomes of a run. `prefix` keeps the draws of one use apart from those of another. */
function runs(seed: number, prefix: string, habit: EstimateHabit): (kind: JobKind) => Run {
  const durations = stream(seed, `${prefix}durations`)
  const limits = stream(seed, `${prefix}limits`)
  const failures = stream(seed, `${prefix}failures`)
  const cancels = stream(seed, `${prefix}cancels`)
  const estimateOf: EstimateOf = estimating(habit, stream(seed, `${prefix}estimates`))
  const pickLimit = new Map<JobKind, (draws: Stream) => number>()
  const earlyS = (draws: Stream): number => EARLY_SHORTEST_S + draws.exponential(EARLY_MEAN_S)
  return (kind) => {
    const { atLimit, run, endings } = kind
    if (atLimit !== null && limits.chance(atLimit.percent / 100)) {
      let pick = pickLimit.get(kind)
      if (pick === undefined) {
        pick = roulette(atLimit.limitsS.map(([, weight]) => weight))
        pickLimit.set(kind, pick)
      }
      const limitS = atLimit.limitsS[pick(limits)]![0]
      return { wholeS: limitS, runS: limitS + 1, limitS, exitCode: 0, stopped: false }
    }
    const wholeS = drawTimeS(run, durations)
    const limitS = estimateOf(wholeS, run.longestS)
    const fate = 100 * cancels.uniform()
    if (failures.chance(endings.failPercent / 100)) {
      const isSoon = 100 * failures.uniform() < SOON_PERCENT
      const failS = isSoon ? earlyS(failures) : wholeS * failures.uniform()
      const runS = endings.failsAt === 'end' ? wholeS : Math.min(wholeS, Math.max(EARLY_SHORTEST_S, failS))
      return { wholeS, runS, limitS, exitCode: FAIL_CODES[failures.choice(FAIL_CODE_PERCENT)]!, stopped: false }
    }
    // Percents are of all runs; what has failed can no longer be cancelled.
    const left = 100 - endings.failPercent
    const abandoned = (100 * endings.abandonPercent) / left
    if (fate < abandoned) return { wholeS, runS: Math.min(wholeS, earlyS(cancels)), limitS, exitCode: 0, stopped: true }
    const stopped = fate < abandoned + (100 * endings.stopPercent) / left
    return { wholeS, runS: wholeS, limitS, exitCode: 0, stopped }
  }
}

/** The kinds that the center can run at all, at rates that make up the load asked for, or the number of jobs that the model has. */
function offersOf({ config, load }: WorkloadOptions, model: WorkloadModel): Offer[] {
  const { jobsPerWeek, kinds, percentsOf } = model
  if (load === undefined ? jobsPerWeek === null : !(load > 0 && load < Infinity)) {
    throw new Error(`load ${load} is not a positive number: give a fraction of capacity, such as 0.9`)
  }
  const takesAny = kinds.some(({ runsOn }) => runsOn === 'any')
  const rooms = config.pools.filter((pool) => takesAny || !isCounted(pool)).map(roomOf)
  const runnable = kinds
    .map((kind) => ({ kind, groups: groupsFor(kind, rooms) }))
    .filter(({ groups }) => groups.length > 0)
  if (runnable.length === 0) {
    throw new Error(
      `center ${config.name} has no pool of GPU, NPU or PIM nodes: the workload model has nothing to ask of it`,
    )
  }
  const capacity = rooms.reduce((sum, room) => sum + capacityOf(room), 0)
  const percents = runnable.reduce((sum, { kind }) => sum + kind.percent, 0)
  const withSizes = runnable.map(({ kind, groups }) => {
    const largest = groups.flatMap(({ rooms }) => rooms).reduce((most, room) => Math.max(most, capacityOf(room)), 0)
    const sizes = kind.sizes.map(([size, weight]): Weighted => [Math.min(size, largest), weight])
    // Where the model knows how many jobs come and nobody asks for a load, no work need be known.
    const workMs = load === undefined ? 1 : mean(sizes) * runMeanMs(kind, model.estimates)
    return { kind, groups, sizes, workMs, part: kind.percent / percents }
  })
  // Jobs a millisecond, of all kinds, where the percents are of jobs.
  const allJobs =
    load === undefined
      ? jobsPerWeek! / WEEK_MS
      : (load * capacity) / withSizes.reduce((sum, { part, workMs }) => sum + part * workMs, 0)
  return withSizes.map(({ kind, groups, sizes, workMs, part }) => {
    const { jobs, think, awaitsUpToS } = kind.sessions
    const jobRate = percentsOf === 'jobs' || load === undefined ? allJobs * part : (load * capacity * part) / workMs
    const gapMs = 1000 * (meanTimeS(think) + Math.min(awaitsUpToS, meanTimeS(kind.run)))
    const jobsMax = jobs.reduce((most, [count]) => Math.max(most, count), 0)
    return {
      kind,
      groups,
      sizes: sizes.map(([size]) => size),
      pickSize: roulette(sizes.map(([, weight]) => weight)),
      sessionJobs: jobs.map(([count]) => count),
      pickSessionJobs: roulette(jobs.map(([, weight]) => weight)),
      rate: jobRate / mean(jobs),
      sessionMs: GAPS_AT_MOST * (jobsMax - 1) * gapMs,
      requests: [],
    }
  })
}

const roomOf = (pool: PoolConfig): Room =>
  isCounted(pool)
    ? { pool, nodes: 1, perNode: { cpuMilli: 0, memoryMib: 0, accelerators: pool.processors } }
    : { pool, nodes: pool.nodes, perNode: pool.perNode }

const capacityOf = ({ nodes, perNode }: Room): number => nodes * perNode.accelerators

function groupsFor({ runsOn, needsFp64 }: JobKind, rooms: readonly Room[]): Group[] {
  const together =
    runsOn === 'any'
      ? [rooms]
      : runsOn.map((devices) =>
          rooms.filter(
            ({ pool }) =>
              !isCounted(pool) && devices.includes(pool.kind) && !(needsFp64 && withoutFp64.includes(pool.model)),
          ),
        )
  return together
    .filter((found) => found.length > 0)
    .map((found) => ({ rooms: found, pickFirst: roulette(found.map(capacityOf)) }))
}

const mean = (table: readonly Weighted[]): number => {
  const total = table.reduce((sum, [, weight]) => sum + weight, 0)
  return table.reduce((sum, [value, weight]) => sum + value * weight, 0) / total
}

/** Mean time on the accelerators. Its draws have a seed of their own: the offered load must not depend on that of the workload. */
function runMeanMs(kind: JobKind, habit: EstimateHabit): number {
  const drawRun = runs(1, `mean/${kind.name}/`, habit)
  let sumS = 0
  for (let i = 0; i < MEAN_DRAWS; i++) {
    const { runS, limitS } = drawRun(kind)
    sumS += Math.min(runS, limitS)
  }
  return (1000 * sumS) / MEAN_DRAWS
}

/** What a job of an offer asks for. Equal requests are one object: a center has few shapes, however many jobs. */
function requestOf(offer: Offer, size: number, pools: Stream, shared: Map<string, JobRequest>): JobRequest {
  const { groups, sizes, requests } = offer
  const firsts = groups.map(({ pickFirst }) => pickFirst(pools))
  const at = groups.reduce((code, { rooms }, g) => code * rooms.length + firsts[g]!, size)
  const known = requests[at]
  if (known !== undefined) return known
  // Device kinds in order of preference, and of one kind the drawn room first.
  const rooms = groups.flatMap(({ rooms }, g) => [rooms[firsts[g]!]!, ...rooms.filter((_, i) => i !== firsts[g])])
  const key = `${sizes[size]} ${rooms.map(({ pool }) => pool.name).join(' ')}`
  const request = shared.get(key) ?? requestFor(sizes[size]!, rooms)
  shared.set(key, request)
  requests[at] = request
  return request
}

/** A request of `size` accelerators in all: on one node where it fits, else on whole nodes of the first pool that is large enough. */
function requestFor(size: number, rooms: readonly Room[]): JobRequest {
  // `size` was cut to the largest room, so one is large enough.
  const fitting = rooms.find((room) => capacityOf(room) >= size)!
  const acceleratorsPerNode = Math.min(size, fitting.perNode.accelerators)
  const nodes = Math.ceil(size / acceleratorsPerNode)
  const accepted = rooms.filter(
    ({ nodes: has, perNode }) => has >= nodes && perNode.accelerators >= acceleratorsPerNode,
  )
  const portion = (has: (room: Room) => number): number =>
    accepted.reduce(
      (least, room) => Math.min(least, Math.floor((has(room) * acceleratorsPerNode) / room.perNode.accelerators)),
      Infinity,
    )
  return {
    pools: accepted.map(({ pool }) => pool.name),
    nodes,
    acceleratorsMilli: acceleratorsPerNode * WHOLE_ACCELERATOR_MILLI,
    cpuMilli: portion(({ perNode }) => perNode.cpuMilli),
    memoryMib: portion(({ perNode }) => perNode.memoryMib),
  }
}

/** Few users begin most sessions; who is busy is drawn once. Whoever is at work is passed over while others can be found. */
function owners(config: CenterConfig, seed: number, { users }: WorkloadModel): OwnerAt {
  const { associations } = config
  if (associations.length === 0) throw new Error(`center ${config.name} has no users: nobody could submit a job`)
  const draws = stream(seed, 'owners')
  const busiest = associations.map((_, i) => i)
  for (let i = busiest.length - 1; i > 0; i--) {
    const j = draws.int(0, i)
    const swapped = busiest[i]!
    busiest[i] = busiest[j]!
    busiest[j] = swapped
  }
  const pick = roulette(busiest.map((_, i) => activityWeight(i + 1, users.activityExponent)))
  return (atMs, atWorkUntilMs) => {
    let owner = busiest[pick(draws)]!
    for (let more = OWNERS_ASKED - 1; more > 0 && atWorkUntilMs[owner]! > atMs; more--) owner = busiest[pick(draws)]!
    return owner
  }
}

/** An index into the associations: who begins a session at a time. */
type OwnerAt = (atMs: number, atWorkUntilMs: Float64Array) => number
