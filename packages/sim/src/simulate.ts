// One center on virtual time: the loop that plays users and node agents to a `Center`, jumping from instant to instant.
// It decides nothing. What starts when is `core`'s decision; here is only when jobs are submitted, how long they
// really run, and how often the center is asked to make a pass. Cost: O(log running) a job besides the center's own work.

import {
  atSpeedMs,
  Center,
  type CenterConfig,
  type CenterListener,
  type Command,
  type EndState,
  FactLog,
  isCounted,
  type NodeState,
  REFERENCE_SPEED_MILLE,
  type Round,
  type SubmitCommand,
  speedMilleIn,
} from '@dure/core'
import { attemptMs, partsOf } from './checkpoints.ts'
import { type Demand, width } from './demand.ts'
import { EventQueue } from './event-queue.ts'
import type { MaxMinSolver } from './shares/max-min.ts'
import { TargetRounds } from './shares/target-rounds.ts'

/**
 * When the center makes a pass.
 * - `instant`: all terminations and submissions of one instant, then one pass. The natural rule.
 * - `event`: a pass after every termination, and after a submission only if the new job fits in what is free; within an
 *   instant submissions come before terminations, terminations in the order in which their jobs started. Jobs due at their
 *   limit are released before all of it. Jobs that keep places take one when they are submitted, and look for earlier ones after
 *   each termination. So did the simulators that published results are compared with; one counted pool only.
 */
export type PassPer = 'instant' | 'event'

/** What comes to the center from no job and no user of one: a node that fails or is back, a cap on power. */
export interface Happening {
  readonly atMs: number
  readonly command: Exclude<Command, SubmitCommand>
}

export interface SimulateOptions {
  readonly passPer?: PassPer
  /** In order of time. At an instant they come after the jobs that end there, and before those that are cancelled or submitted. */
  readonly happenings?: readonly Happening[]
  /** Called every few thousand events with jobs ended and jobs in all. */
  readonly onProgress?: (ended: number, jobs: number) => void
  /** Looked at as often as `onProgress` is called; an `AbortSignal` will do. */
  readonly cancel?: { readonly aborted: boolean }
  /** Stop after this many submissions and terminations. */
  readonly eventsMax?: number
  /** Stop at this moment: what is due then still happens. Whoever waits or runs is left so. */
  readonly untilMs?: number
  /** What a job's facts carry of it, by index: needed only to match the facts of a live center, byte for byte. */
  readonly label?: (index: number) => string
  /** Milliseconds of any steady clock, to time the loop by. Virtual time never depends on it. */
  readonly clock?: () => number
  /** Told what happens, while it happens. */
  readonly observer?: SimulationObserver
  /** Solves for the targets of each round, where the policy takes targets (`solverFor`); null: nobody does, and there are none. */
  readonly solver?: MaxMinSolver | null
}

/**
 * Told what becomes of jobs, by index into the demand and in order of time. `startMs` is the start of the attempt in question, -1
 * of a job that did not run. Of jobs that were refused it hears nothing.
 */
export interface SimulationObserver {
  submitted(i: number, atMs: number): void
  /** @param pool index into `CenterConfig.pools` */
  started(i: number, atMs: number, pool: number): void
  ended(i: number, startMs: number, atMs: number, state: EndState): void
  /** The attempt is cut short, and the job waits again; what it has kept of its work, `partsOf` says. */
  requeued(i: number, startMs: number, atMs: number): void
  /** The simulation has stopped, and the job still waits or runs. */
  unfinished(i: number, startMs: number, atMs: number): void
  /** The simulation has come to where it was to stop (`untilMs`), whether or not anything was left to happen. */
  stopped?(atMs: number): void
  /** A node has changed its state. Before it, `requeued` or `ended` has been told of the jobs that it took down. */
  node?(atMs: number, pool: number, node: number, to: NodeState): void
  /** The center has decided, and may be looked at. */
  passed?(atMs: number, center: Center): void
}

/** What became of each job, by index into `jobStates`. */
export const jobStates = [
  'unsubmitted',
  'refused',
  'waiting',
  'running',
  'COMPLETED',
  'FAILED',
  'CANCELLED',
  'TIMEOUT',
  'NODE_FAIL',
] as const

export type JobState = (typeof jobStates)[number]

const REFUSED = 1
const WAITING = 2
const RUNNING = 3

const stateOf = (state: EndState): number => jobStates.indexOf(state)

export interface Simulation {
  readonly outcome: 'complete' | 'cancelled' | 'events-max' | 'until'
  /** By index into the demand. -1: did not happen. Of a job that was requeued, the last attempt. */
  readonly startMs: Float64Array
  readonly endMs: Float64Array
  readonly state: Uint8Array
  /** How often the job was started. */
  readonly attempts: Int32Array
  /** Index into `CenterConfig.pools`, -1 of a job that never started. */
  readonly pool: Int16Array
  /** Submissions, terminations, jobs whose owners gave up waiting, and happenings. */
  readonly events: number
  readonly passes: number
  /** The last instant simulated. */
  readonly nowMs: number
  /** Where it was to stop, once it has come there; null: it was to go on to the end of all jobs, or has not come there. */
  readonly stoppedMs: number | null
  /** Wall time of the loop by the caller's clock, 0 without one. */
  readonly loopMs: number
  readonly facts: number
  readonly factsHash: string
}

/** Events between two looks at progress and cancel. */
const EVENTS_PER_LOOK = 4096

/** Runs `demand` on a center made from `config` until nothing is left to happen. The same arguments give the same facts. */
export function simulate(config: CenterConfig, demand: Demand, options: SimulateOptions = {}): Simulation {
  const { passPer = 'instant', onProgress, cancel, label, clock = () => 0, observer, solver } = options
  const { happenings = [], eventsMax = Infinity, untilMs = Infinity } = options
  const { count, submitMs, runMs, limitMs, cancelMs, stopped } = demand
  const widths = demand.requests.map(width)
  const indexOf = indexByJob(demand)
  const startMs = new Float64Array(count).fill(-1)
  const endMs = new Float64Array(count).fill(-1)
  /** When the present attempt has run for as long as it takes in its pool, or may take. */
  const endOfRunMs = new Float64Array(count)
  /** What is left to compute at the reference speed, after what checkpoints have kept. */
  const leftMs = demand.checkpointMs === undefined ? runMs : runMs.slice()
  /** 1: the present attempt would run on past its limit. */
  const outlasts = new Uint8Array(count)
  const state = new Uint8Array(count)
  const attempts = new Int32Array(count)
  const pool = new Int16Array(count).fill(-1)
  const ends = new EventQueue()
  const patience = new EventQueue()
  /** When the next owner may give up waiting. A number, because most demands have none and ask at every instant. */
  let cancelNextMs = Infinity
  let free = passPer === 'event' ? soleCountedPool(config) : 0
  assertHappenings(happenings, passPer)
  const poolIndex = new Map(config.pools.map(({ name }, index) => [name, index]))
  let ended = 0
  let events = 0
  let passes = 0
  let nextLook = EVENTS_PER_LOOK

  const poolNames = config.pools.map(({ name }) => name)
  const speedIn = (i: number, at: number): number => speedMilleIn(demand.requests[demand.request[i]!]!, poolNames[at]!)

  const listener: CenterListener = {
    started(job, attempt, atMs, at) {
      const i = indexOf(job)
      observer?.started(i, atMs, at)
      pool[i] = at
      startMs[i] = atMs
      attempts[i] = attempt
      state[i] = RUNNING
      free -= widths[demand.request[i]!]!
      const speed = speedIn(i, at)
      const takesMs = attemptMs(demand, i, leftMs[i]! < runMs[i]!, atSpeedMs(leftMs[i]!, speed))
      const mayTakeMs = atSpeedMs(limitMs[i]!, speed)
      outlasts[i] = Number(takesMs > mayTakeMs)
      endOfRunMs[i] = atMs + Math.min(takesMs, mayTakeMs)
      ends.push(endOfRunMs[i]!, 0, i)
    },
    ended(job, _, endState, atMs) {
      const i = indexOf(job)
      observer?.ended(i, startMs[i]!, atMs, endState)
      endMs[i] = atMs
      if (state[i] === RUNNING) free += widths[demand.request[i]!]!
      state[i] = stateOf(endState)
      ended++
    },
    requeued(job, _, atMs) {
      const i = indexOf(job)
      observer?.requeued(i, startMs[i]!, atMs)
      if (demand.checkpointMs !== undefined) {
        const { keptMs } = partsOf(demand, i, leftMs[i]! < runMs[i]!, atMs - startMs[i]!)
        leftMs[i]! -= Math.floor((keptMs * speedIn(i, pool[i]!)) / REFERENCE_SPEED_MILLE)
      }
      startMs[i] = -1
      state[i] = WAITING
      free += widths[demand.request[i]!]!
    },
  }
  const firstMs = count === 0 ? 0 : Math.min(submitMs[0]!, happenings[0]?.atMs ?? Infinity)
  const log = new FactLog({ keep: false })
  const center = Center.create(config, log, firstMs, listener)

  const submit = (i: number, atMs: number): void => {
    const association = config.associations[demand.association[i]!]!
    const command: SubmitCommand = {
      type: 'submit',
      job: demand.job[i]!,
      account: association.account,
      user: association.user,
      request: demand.requests[demand.request[i]!]!,
      timeLimitMs: limitMs[i]!,
      held: null,
      label: label === undefined ? '' : label(i),
    }
    state[i] = WAITING
    if (center.apply(command, atMs).kind === 'refused') {
      state[i] = REFUSED
      ended++
      return
    }
    observer?.submitted(i, atMs)
    if (cancelMs === undefined || cancelMs[i] === Infinity) return
    patience.push(submitMs[i]! + cancelMs[i]!, 0, i)
    cancelNextMs = Math.min(cancelNextMs, submitMs[i]! + cancelMs[i]!)
  }
  /** Whoever has seen their job start does not come back to cancel it. */
  const hasPatience = (i: number): boolean => state[i] === WAITING && attempts[i] === 0
  /** No instant is spent on those whose patience is no longer asked. */
  const nextToGiveUp = (): void => {
    while (patience.length > 0 && !hasPatience(patience.peek())) patience.pop()
    cancelNextMs = patience.nextMs()
  }
  const giveUp = (atMs: number): void => {
    for (; cancelNextMs === atMs; nextToGiveUp(), events++) {
      center.apply({ type: 'cancel', job: demand.job[patience.pop()]! }, atMs)
    }
  }
  /** An attempt that was cut short leaves its end behind in the queue: it is not due, for the job runs anew, waits or has ended. */
  const isDue = (i: number, atMs: number): boolean => state[i] === RUNNING && endOfRunMs[i] === atMs
  /** The node agent's report. A job that would run on past its limit reports nothing: the center's pass stops it. */
  const finish = (i: number, atMs: number): void => {
    if (!isDue(i, atMs) || outlasts[i] === 1) return
    const job = demand.job[i]!
    if (stopped !== undefined && stopped[i] === 1) center.apply({ type: 'cancel', job }, atMs)
    else center.apply({ type: 'finish', job, attempt: attempts[i]!, exitCode: demand.exitCode[i]! }, atMs)
  }
  const takesTargets = config.policy.shares?.rule === 'targets'
  if (takesTargets && solver === undefined) {
    throw new RangeError(`policy ${config.policy.name} takes targets: give the solver that solverFor loads`)
  }
  const rounds = takesTargets && solver ? new TargetRounds(config, solver) : undefined
  const happen = ({ command }: Happening, atMs: number): void => {
    const outcome = center.apply(command, atMs)
    // A job may have ended before somebody acts on it; what nodes there are and what they draw is known from the beginning.
    if (outcome.kind === 'refused' && !('job' in command)) {
      throw new RangeError(`center ${config.name} refuses ${JSON.stringify(command)}: ${outcome.reason}`)
    }
    if (outcome.kind === 'done' && command.type === 'node') {
      observer?.node?.(atMs, poolIndex.get(command.pool)!, command.node, command.to)
    }
  }
  /** No instant is spent on ends that are not due, nor is any of them the last. */
  const nextEndMs = (): number => {
    while (happened > 0 && ends.length > 0 && !isDue(ends.peek(), ends.nextMs())) ends.pop()
    return ends.nextMs()
  }
  const pass = (atMs: number, round?: Round): void => {
    passes++
    const targeting = rounds?.commandAt(atMs, center)
    if (targeting !== undefined) center.apply(targeting, atMs)
    center.schedule(atMs, round)
    observer?.passed?.(atMs, center)
    if (cancelNextMs !== Infinity) nextToGiveUp()
  }

  let next = 0
  let happened = 0
  // Where waiting jobs keep places, one of them may come when nothing else happens.
  const { keepsPlaces } = center
  const nextMs = (): number =>
    Math.min(
      nextEndMs(),
      next < count ? submitMs[next]! : Infinity,
      happened < happenings.length ? happenings[happened]!.atMs : Infinity,
      cancelNextMs,
      keepsPlaces ? center.nextDueMs() : Infinity,
    )
  const instant = (atMs: number): void => {
    for (; ends.nextMs() === atMs; events++) finish(ends.pop(), atMs)
    for (; happenings[happened]?.atMs === atMs; events++) happen(happenings[happened++]!, atMs)
    if (cancelNextMs === atMs) giveUp(atMs)
    for (; next < count && submitMs[next] === atMs; events++) submit(next++, atMs)
    pass(atMs)
  }
  const due: number[] = []
  const eventByEvent = (atMs: number): void => {
    if (cancelNextMs === atMs) {
      giveUp(atMs)
      pass(atMs)
    }
    // What the center's next pass will stop is as good as free for the newcomers of this instant.
    let overdue = 0
    while (ends.nextMs() === atMs) due.push(ends.pop())
    for (const i of due) {
      if (runMs[i] === limitMs[i]) finish(i, atMs)
      else if (outlasts[i] === 1 && isDue(i, atMs)) overdue += widths[demand.request[i]!]!
    }
    for (; next < count && submitMs[next] === atMs; next++, events++) {
      submit(next, atMs)
      if (state[next] !== WAITING) continue
      if (!keepsPlaces && widths[demand.request[next]!]! > free + overdue) continue
      pass(atMs, 'never')
      overdue = 0
    }
    for (const i of due) {
      finish(i, atMs)
      pass(atMs, 'always')
    }
    if (keepsPlaces && due.length === 0) pass(atMs, 'never')
    events += due.length
    due.length = 0
  }

  const step = passPer === 'event' ? eventByEvent : instant
  let outcome: Simulation['outcome'] = 'complete'
  let nowMs = firstMs
  const beganMs = clock()
  for (let atMs = nextMs(); atMs !== Infinity; atMs = nextMs()) {
    if (atMs > untilMs) {
      outcome = 'until'
      nowMs = Math.max(nowMs, untilMs)
      break
    }
    if (events >= eventsMax) {
      outcome = 'events-max'
      break
    }
    if (events >= nextLook) {
      nextLook = events + EVENTS_PER_LOOK
      onProgress?.(ended, count)
      if (cancel?.aborted) {
        outcome = 'cancelled'
        break
      }
    }
    nowMs = atMs
    step(atMs)
  }
  const loopMs = clock() - beganMs
  onProgress?.(ended, count)
  const isThere = outcome === 'until' || (outcome === 'complete' && untilMs !== Infinity)
  if (observer !== undefined) {
    for (let i = 0; i < next; i++) {
      if (state[i] === WAITING || state[i] === RUNNING) observer.unfinished(i, startMs[i]!, nowMs)
    }
    if (isThere) observer.stopped?.(untilMs)
  }
  return {
    outcome,
    startMs,
    endMs,
    state,
    attempts,
    pool,
    events,
    passes,
    nowMs,
    stoppedMs: isThere ? untilMs : null,
    loopMs,
    facts: log.count,
    factsHash: log.hash(),
  }
}

function assertHappenings(happenings: readonly Happening[], passPer: PassPer): void {
  if (happenings.length > 0 && passPer === 'event')
    throw new Error('a pass per event is for a center to which nothing happens')
  happenings.forEach(({ atMs }, i) => {
    if (i > 0 && atMs < happenings[i - 1]!.atMs)
      throw new RangeError(`happenings must come in order of time: ${i} is early`)
  })
}

function soleCountedPool(config: CenterConfig): number {
  const [pool, ...others] = config.pools
  if (pool === undefined || others.length > 0 || !isCounted(pool)) {
    throw new Error('a pass per event is for a center of one counted pool: use a pass per instant')
  }
  return pool.processors
}

/** Job numbers to indices: an array where the numbers are about as many as the jobs, as in most logs, else a map. */
function indexByJob({ count, job }: Demand): (job: number) => number {
  let largest = 0
  for (let i = 0; i < count; i++) largest = Math.max(largest, job[i]!)
  if (largest > 8 * count + 1024) {
    const map = new Map<number, number>()
    for (let i = 0; i < count; i++) map.set(job[i]!, i)
    return (number) => map.get(number)!
  }
  const table = new Int32Array(largest + 1)
  for (let i = 0; i < count; i++) table[job[i]!] = i
  return (number) => table[number]!
}
