// Why a job waits: the allocator's own tests, asked one by one, so that every binding reason is told and not only the first.
// Computed when somebody asks; costs a walk over the pending jobs' bins and the nodes of the accepted pools.

import type { Shape } from './backlog.ts'
import { holders } from './command.ts'
import { HELD } from './job-states.ts'
import type { CountedPool } from './pools/counted-pool.ts'
import type { NodePool } from './pools/node-pool.ts'
import type { WaitReason } from './reason.ts'
import { limitInMs } from './speed.ts'
import type { State } from './state.ts'

export function explain(state: State, slot: number): readonly WaitReason[] {
  const { jobs, backlog, pools } = state
  if (jobs.state[slot] === HELD)
    return [{ code: holders[jobs.heldBy[slot]!] === 'user' ? 'JobHeldUser' : 'JobHeldAdmin' }]
  const shape = backlog.shapes[jobs.shape[slot]!]!
  const everybodyAhead = nobodyMayPass(state)
    ? [...new Set(pools.flatMap((_, pool) => aheadIn(state, slot, pool)))]
    : []
  everybodyAhead.sort((a, b) => backlog.compareTurns(a, b))
  const isHeldUpByWatts = hasLackOfWatts(state, everybodyAhead)
  const reasons: WaitReason[] = []
  for (const index of shape.pools) {
    const pool = pools[index]!
    if (!pool.couldEverFit(shape)) continue
    const known = reasons.length
    const ahead = isHeldUpByWatts ? everybodyAhead : aheadIn(state, slot, index)
    const short = shortage(pool, shape)
    if (short !== undefined) reasons.push(short)
    reasons.push(...wattsShortage(state, index, shape))
    const fits = reasons.length === known
    if (backlog.keepsPlaces) reasons.push(...placeInTheWay(state, slot, index, !fits))
    else if (fits) reasons.push(...wattsInTheWay(state, slot, index))
    if (fits && reasons.length === known && ahead.length > 0)
      reasons.push(...promiseInTheWay(state, slot, index, ahead))
    if (fits && reasons.length === known) reasons.push(...owedElsewhere(state, slot, index))
    if (reasons.length === known && ahead.length === 0) return [{ code: 'None' }]
    if (ahead.length > 0) {
      reasons.push({ code: 'Priority', pool: pool.config.name, jobsAhead: ahead.length, jobAhead: jobs.id[ahead[0]!]! })
    }
  }
  return reasons
}

/** What a pool lacks for a job, jobs ahead and promises aside. */
function shortage(pool: CountedPool | NodePool, shape: Shape): WaitReason | undefined {
  const { name } = pool.config
  if (pool.counted) {
    if (pool.fitsNow(shape)) return undefined
    return {
      code: 'Resources',
      pool: name,
      nodesNeeded: shape.units,
      nodesFree: pool.free,
      acceleratorsFree: pool.free,
    }
  }
  const nodesOut = pool.nodesOutOfService
  if (shape.nodes > pool.config.nodes - nodesOut) return { code: 'ReqNodeNotAvail', pool: name, nodesOut }
  const nodesFree = pool.nodesFitting(shape)
  if (nodesFree >= shape.nodes) return undefined
  return { code: 'Resources', pool: name, nodesNeeded: shape.nodes, nodesFree, acceleratorsFree: pool.free }
}

/** What the power cap lacks for a job in a pool, jobs ahead and promises aside. */
function wattsShortage({ power, pools }: State, index: number, shape: Shape): WaitReason[] {
  if (power === undefined || power.capW === null || power.fits(index, shape)) return []
  const { capW, drawW, idleDrawW: idleW } = power
  return [
    {
      code: 'PowerNotAvail',
      pool: pools[index]!.config.name,
      capW,
      drawW,
      idleW,
      neededW: power.neededW(index, shape),
    },
  ]
}

/** The promise, in whatever pool, whose watts a job would take if it started now. */
function wattsInTheWay(state: State, slot: number, index: number): WaitReason[] {
  const { jobs, backlog, pools, power, nowMs } = state
  if (power === undefined || !power.isBinding) return []
  const promised = pools.flatMap((pool, at) =>
    pool.counted ? [] : pool.promises.map((promise) => ({ promise, pool: at })),
  )
  const ahead = promised
    .filter(({ promise }) => backlog.compareTurns(promise.slot, slot) < 0)
    .sort((a, b) => backlog.compareTurns(a.promise.slot, b.promise.slot))
  const shape = backlog.shapes[jobs.shape[slot]!]!
  power.beginPass(nowMs)
  const inTheWay = ahead.find(({ promise, pool }) => {
    power.book(pool, promise)
    return !power.admits(index, shape, nowMs + limitOf(state, slot, index))
  })
  power.beginPass(nowMs)
  if (inTheWay === undefined) return []
  const { promise } = inTheWay
  return [
    {
      code: 'Reservation',
      pool: pools[index]!.config.name,
      job: jobs.id[promise.slot]!,
      startMs: promise.startMs,
    },
  ]
}

/** Pending jobs that accept a pool and are ahead in turn, in turn order. */
const aheadIn = ({ backlog }: State, slot: number, pool: number): number[] =>
  backlog.before(backlog.turn(slot), pool).map((candidate) => candidate.slot)

/** Where nobody may pass and a power cap binds, who is next in a pool and lacks but watts keeps all other pools waiting too. */
const nobodyMayPass = ({ config, power }: State): boolean =>
  config.policy.backfill === 'none' && power?.isBinding === true

/** Whether any of these jobs, in turn order, is next in a pool that would have room for it, and lacks the watts. */
function hasLackOfWatts({ jobs, backlog, pools, power }: State, inTurn: readonly number[]): boolean {
  const closed = new Set<number>()
  for (const slot of inTurn) {
    const shape = backlog.shapes[jobs.shape[slot]!]!
    const lacksWatts = (index: number): boolean =>
      pools[index]!.fitsNow(shape) && !power!.fits(index, shape) && power!.couldEverFit(index, shape)
    if (shape.pools.some((index) => !closed.has(index) && lacksWatts(index))) return true
    for (const index of shape.pools) closed.add(index)
  }
  return false
}

/** How long a waiting job may run in a pool. */
const limitOf = ({ jobs, backlog }: State, slot: number, pool: number): number =>
  limitInMs(backlog.shapes[jobs.shape[slot]!]!, pool, jobs.timeLimitMs[slot]!)

/** The place of another job that a job would take if it started now; `idle`: even if nothing ran. */
function placeInTheWay(state: State, slot: number, index: number, idle: boolean): WaitReason[] {
  const { jobs, backlog, pools, nowMs } = state
  const pool = pools[index] as CountedPool
  const { units } = backlog.shapes[jobs.shape[slot]!]!
  const others = pool.places.filter((place) => place.slot !== slot)
  const inTurn = others.sort((a, b) => backlog.compareTurns(a.slot, b.slot))
  pool.beginPass(nowMs)
  const place = pool.placeInTheWay(inTurn, units, limitOf(state, slot, index), idle)
  if (place === undefined) return []
  return [{ code: 'Reservation', pool: pool.config.name, job: jobs.id[place.slot]!, startMs: place.startMs }]
}

/**
 * Under targets: the pool that owes its user more, and in which it is owed a start (it, or one like it), of a job that leaves another pool
 * alone where nothing else keeps it from starting. That start may not have been promised yet: nobody could pass it so far.
 */
function owedElsewhere(state: State, slot: number, index: number): WaitReason[] {
  const { jobs, backlog, pools, targets, power, config, nowMs } = state
  const shape = backlog.shapes[jobs.shape[slot]!]!
  const { lane } = shape
  if (targets === null || config.policy.backfill === 'none' || targets.isOwed(lane, index, nowMs)) return []
  const owed = shape.tried.find(
    (other) =>
      targets.isOwed(lane, other, nowMs) &&
      pools[other]!.fitsInService(shape) &&
      (power?.couldEverFit(other, shape) ?? true),
  )
  if (owed === undefined) return []
  return [
    {
      code: 'OwedElsewhere',
      pool: pools[index]!.config.name,
      owedPool: pools[owed]!.config.name,
      acceleratorsHeldMilli: targets.heldMilli(lane, owed),
      acceleratorsDueMilli: targets.targetMilli(lane, owed),
    },
  ]
}

/** The promise that a job which would fit is kept from breaking. */
function promiseInTheWay(state: State, slot: number, index: number, ahead: readonly number[]): WaitReason[] {
  const { jobs, backlog, pools, nowMs } = state
  const pool = pools[index]!
  const limitMs = limitOf(state, slot, index)
  if (!pool.counted) {
    const promise = pool.promiseInTheWay(nowMs + limitMs)
    if (promise === undefined || promise.slot === slot) return []
    return [{ code: 'Reservation', pool: pool.config.name, job: jobs.id[promise.slot]!, startMs: promise.startMs }]
  }
  pool.beginPass(nowMs)
  // In a counted pool promises live for one pass: the next one's are worked out here, until one is in the way.
  const shapeOf = (other: number): Shape => backlog.shapes[jobs.shape[other]!]!
  const inTheWay = ahead.find((other) => {
    if (pool.promisesLeft === 0 || !pool.fitsInService(shapeOf(other))) return false
    if (pool.admits(other, shapeOf(other), limitOf(state, other, index))) return false
    pool.promise(other, shapeOf(other), limitOf(state, other, index))
    return !pool.admits(slot, shapeOf(slot), limitMs)
  })
  const startMs = inTheWay === undefined ? 0 : pool.lastPromiseMs
  pool.endPass()
  return inTheWay === undefined
    ? []
    : [{ code: 'Reservation', pool: pool.config.name, job: jobs.id[inTheWay]!, startMs }]
}
