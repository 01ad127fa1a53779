// Seeded demand: who submits what and when, for a demonstration or a study. Users come in sessions: a session begins at the
// hours at which people work, belongs to one user and one kind of job, and its jobs follow each other after some thought,
// many when the one before has ended (Zakay and Feitelson, JSSPP 2012 and MASCOTS 2014, found such sessions in logs). How
// many jobs come, and how much work, is not touched by that: sessions begin at the wanted rate of jobs / jobs in a session in
// the mean. Every question has a random stream of its own (`streams.ts`). O(log users) a submission.
//
// Sessions go by how long runs take, not by when the center lets them start, so that all policies meet the same demand;
// only whoever gives up waiting depends on it. Requests never change with the queue.

import type { CenterConfig, JobRequest } from '@dure/core'
import { associationsOf } from '../account-group.ts'
import { youngDalyMs } from '../checkpoints.ts'
import { EventQueue } from '../event-queue.ts'
import { failuresPerDay } from '../service/faults.ts'
import type { FaultLaw } from '../service/service-plan.ts'
import { activityWeight } from './activity.ts'
import type { DemandGroup, KindSpeed, Surge } from './demand-group.ts'
import { nationalModel } from './job-kinds.ts'
import { type Offer, offersOf, requestOf } from './offers.ts'
import { roulette } from './roulette.ts'
import { meanRuns, runs } from './runs.ts'
import { type Stream, stream } from './streams.ts'
import type { Submission } from './submission.ts'
import { drawTimeS } from './time-law.ts'
import { hourOfWeek } from './week.ts'
import type { JobKind, WorkloadModel } from './workload-model.ts'

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
  /** What may fail, for those who space their checkpoints by it. Default: nothing does. */
  readonly faults?: readonly FaultLaw[]
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

/** Where more sessions begin than there are users with time for them, some have several. */
const OWNERS_ASKED = 8

/** Sessions that begin by one law: those of everybody, of a group, or what a surge adds to a group. */
interface Source {
  readonly config: CenterConfig
  readonly seed: number
  /** What the names of its streams begin with. */
  readonly streams: string
  readonly model: WorkloadModel
  readonly offers: readonly Offer[]
  /** Indices of the associations that submit. */
  readonly users: readonly number[]
  readonly startMs: number
  readonly unixMs: number
  readonly openedBeforeMs: number
  readonly faults: readonly FaultLaw[]
  readonly shared: Map<string, JobRequest>
  /** What is added, and when; null: it is not about a surge. */
  readonly surge: Surge | null
  /** Surges with a factor below 1, which take away. */
  readonly lulls: readonly Surge[]
  /** Sessions and jobs are numbered from `first` in steps of `step`, so that no two sources give the same numbers. */
  readonly first: number
  readonly step: number
}

interface Session {
  readonly number: number
  readonly offer: Offer
  /** Index into the ports of the offer. */
  readonly port: number
  /** Index into the associations. */
  readonly owner: number
  /** In a lull: what it would submit is drawn, so that nothing else moves, and not submitted. */
  readonly isSilent: boolean
  /** Jobs to come. */
  left: number
  /** Which size the job before had; -1: there was none. */
  size: number
}

/** An endless sequence in order of time. Equal options give equal submissions. */
export function submissions(options: WorkloadOptions): Generator<Submission, void> {
  const sources = sourcesOf(options)
  return sources.length === 1 ? drawn(sources[0]!) : merged(sources.map(drawn))
}

function sourcesOf(options: WorkloadOptions): Source[] {
  const {
    config,
    seed,
    model = nationalModel,
    load,
    groups,
    speeds,
    startMs,
    unixMs = 0,
    openedBeforeMs = 0,
    faults = [],
  } = options
  const runMeanMs = meanRuns()
  const shared = new Map<string, JobRequest>()
  const given = {
    config,
    seed,
    startMs,
    unixMs,
    openedBeforeMs,
    faults,
    shared,
    surge: null,
    lulls: [],
    first: 1,
    step: 1,
  }
  if (groups === undefined) {
    const users = config.associations.map((_, i) => i)
    return [{ ...given, streams: '', model, offers: offersOf({ config, model, load, speeds, runMeanMs }), users }]
  }
  if (options.model !== undefined || load !== undefined) throw new Error('groups have models and loads of their own')
  const sources = groups.flatMap((group, g): Source[] => {
    if (groups.findIndex(({ name }) => name === group.name) < g) throw new Error(`two groups are named ${group.name}`)
    const { model, load, surges } = group
    const offers = offersOf({ config, model, load, speeds, runMeanMs })
    const base: Source = {
      ...given,
      streams: `groups/${group.name}/`,
      model,
      offers,
      users: associationsOf(config, group),
      lulls: surges.filter(({ factor }) => factor < 1),
    }
    const added = surges.map(
      (surge, k): Source => ({ ...base, streams: `${base.streams}surges/${k}/`, surge, lulls: [] }),
    )
    return [base, ...added.filter(({ surge }) => surge!.factor > 1)]
  })
  if (sources.length === 0) throw new Error('a demand of no groups asks for nothing: give one')
  return sources.map((source, i) => ({ ...source, first: i + 1, step: sources.length }))
}

/** The submissions of all, in order of time; at the same time in the order of the list. */
function* merged(all: readonly Generator<Submission, void>[]): Generator<Submission, void> {
  const heads = all.map((source) => ({ source, next: source.next().value }))
  for (;;) {
    let first = heads[0]!
    for (const head of heads) {
      if (head.next !== undefined && (first.next === undefined || head.next.atMs < first.next.atMs)) first = head
    }
    if (first.next === undefined) return
    yield first.next
    first.next = first.source.next().value
  }
}

function* drawn(source: Source): Generator<Submission, void> {
  const { config, seed, streams, model, offers, startMs, unixMs, openedBeforeMs, surge, lulls } = source
  const { week } = model
  const breakMs = 1000 * model.users.breakS
  const weekPeak = week.reduce((peak, rate) => Math.max(peak, rate), 0)
  const more = surge === null ? 1 : surge.factor - 1
  const meanGapMs = 1 / (more * weekPeak * offers.reduce((sum, { rate }) => sum + rate, 0))
  const pickOffer = roulette(offers.map(({ rate }) => rate))
  const own = (name: string): Stream => stream(seed, streams + name)
  const arrivals = own('arrivals')
  const kinds = own('kinds')
  const lengths = own('session lengths')
  const thoughts = own('thoughts')
  const sizes = own('sizes')
  const repeats = own('repeats')
  const patience = own('patience')
  const portability = own('portability')
  const silences = own('lulls')
  const requests = { pools: own('pools'), shapes: own('shapes'), shared: source.shared }
  const drawRun = runs(seed, streams, model.estimates)
  const owner = owners(source)
  /** Until when each user is at work on a session, or has just been. */
  const atWorkUntilMs = new Float64Array(config.associations.length).fill(-Infinity)
  // Sessions under way, by a slot that is used again; the queue has the time of each one's next submission.
  const next = new EventQueue()
  const underWay: Session[] = []
  const freeSlots: number[] = []
  let session = source.first - source.step
  let serial = source.first - source.step
  // Counted from the start, so that its rounding is the same wherever on the time line the start is. Before what is wanted
  // come the sessions that reach into it: without them the first days of long chains would be short of work.
  const firstMs = -openedBeforeMs
  const sessionMsMax = offers.reduce((most, { sessionMs }) => Math.max(most, sessionMs), 0)
  const beginMs = surge === null ? firstMs - sessionMsMax : surge.fromMs - startMs
  const endMs = surge === null ? Infinity : surge.untilMs - startMs
  let arrivalMs = beginMs + arrivals.exponential(meanGapMs)
  for (;;) {
    while (arrivalMs <= next.nextMs() && arrivalMs < endMs) {
      const atMs = arrivalMs
      arrivalMs += arrivals.exponential(meanGapMs)
      const rate = week[hourOfWeek(startMs + atMs + unixMs, KST_OFFSET_HOURS)]!
      if (!arrivals.chance(rate / weekPeak)) continue
      const offer = offers[pickOffer(kinds)]!
      if (atMs < firstMs - offer.sessionMs) continue
      const slot = freeSlots.pop() ?? underWay.length
      session += source.step
      underWay[slot] = {
        number: session,
        offer,
        port: offer.ports.length > 1 ? portFor(offer, portability.uniform()) : 0,
        owner: owner(atMs, atWorkUntilMs),
        isSilent: lulls.length > 0 && silences.uniform() >= partLeft(lulls, startMs + atMs),
        left: offer.sessionJobs[offer.pickSessionJobs(lengths)]!,
        size: -1,
      }
      next.push(atMs, 0, slot)
    }
    if (next.length === 0) return
    const sinceMs = next.nextMs()
    const slot = next.pop()
    const current = underWay[slot]!
    const { offer } = current
    const { kind } = offer
    const { endings, sessions } = kind
    if (current.size < 0 || !repeats.chance(sessions.repeatPercent / 100)) current.size = offer.pickSize(sizes)
    const request = sinceMs < firstMs ? null : requestOf(offer.ports[current.port]!.sizes[current.size]!, requests)
    const checkpoint = request === null ? null : checkpointOf(kind, request, source.faults)
    const stretch = checkpoint === null ? 1 : 1 + checkpoint.writeMs / checkpoint.everyMs
    const { wholeS, runS, limitS, exitCode, stopped } = drawRun(kind, stretch)
    if (--current.left > 0) {
      const awaitedS = Math.min(wholeS, sessions.awaitsUpToS)
      next.push(sinceMs + 1000 * (awaitedS + drawTimeS(sessions.think, thoughts)), 0, slot)
    } else freeSlots.push(slot)
    atWorkUntilMs[current.owner] = sinceMs + breakMs
    if (request === null) continue
    const waits = patience.chance(endings.giveUpPercent / 100)
    const patienceMs = waits ? Math.ceil(1000 * patience.exponential(endings.patienceMeanS)) : Infinity
    serial += source.step
    if (current.isSilent) continue
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
      checkpoint,
    }
  }
}

/** Less would be all writing. */
const CHECKPOINT_SHORTEST_MS = 60_000
const DAY_MS = 86_400_000

/** Whoever spaces checkpoints by what fails looks at the nodes that they would rather have. */
function checkpointOf(
  { checkpoint }: JobKind,
  request: JobRequest,
  faults: readonly FaultLaw[],
): Submission['checkpoint'] {
  if (checkpoint === null) return null
  const writeMs = Math.ceil(1000 * checkpoint.writeS)
  const restartMs = Math.ceil(1000 * checkpoint.restartS)
  if (checkpoint.everyS !== 'young-daly') return { everyMs: Math.ceil(1000 * checkpoint.everyS), writeMs, restartMs }
  const perDay = failuresPerDay(faults, request.pools[0]!, request.nodes)
  if (perDay === 0) return null
  return { everyMs: Math.max(CHECKPOINT_SHORTEST_MS, youngDalyMs(writeMs, DAY_MS / perDay)), writeMs, restartMs }
}

/** Index of the port of an offer that a number from 0 to 1 falls to. */
function portFor({ ports }: Offer, at: number): number {
  let port = 0
  while (ports[port]!.upTo <= at) port++
  return port
}

/** Of the sessions that would begin at a moment, the part that does. */
const partLeft = (lulls: readonly Surge[], atMs: number): number =>
  lulls.reduce((part, { fromMs, untilMs, factor }) => (fromMs <= atMs && atMs < untilMs ? part * factor : part), 1)

/** Few users begin most sessions; who is busy is drawn once. Whoever is at work is passed over while others can be found. */
function owners({ config, seed, streams, model, users }: Source): OwnerAt {
  if (users.length === 0) throw new Error(`center ${config.name} has no users: nobody could submit a job`)
  const draws = stream(seed, `${streams}owners`)
  const busiest = [...users]
  for (let i = busiest.length - 1; i > 0; i--) {
    const j = draws.int(0, i)
    const swapped = busiest[i]!
    busiest[i] = busiest[j]!
    busiest[j] = swapped
  }
  const pick = roulette(busiest.map((_, i) => activityWeight(i + 1, model.users.activityExponent)))
  return (atMs, atWorkUntilMs) => {
    let owner = busiest[pick(draws)]!
    for (let more = OWNERS_ASKED - 1; more > 0 && atWorkUntilMs[owner]! > atMs; more--) owner = busiest[pick(draws)]!
    return owner
  }
}

/** An index into the associations: who begins a session at a time. */
type OwnerAt = (atMs: number, atWorkUntilMs: Float64Array) => number
