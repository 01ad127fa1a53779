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
  const reasons: WaitReason[] = []
  for (const index of shape.pools) {
    const pool = pools[index]!
    if (!pool.couldEverFit(shape)) continue
    const known = reasons.length
    const ahead = backlog.before(backlog.turn(slot), index).map((candidate) => candidate.slot)
    const short = shortage(pool, shape)
    if (short !== undefined) reasons.push(short)
    if (backlog.keepsPlaces) reasons.push(...placeInTheWay(state, slot, index, short !== undefined))
    else if (short === undefined && ahead.length > 0) reasons.push(...promiseInTheWay(state, slot, index, ahead))
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
