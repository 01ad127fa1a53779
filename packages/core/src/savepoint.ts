// A center's state as words: what is true, and nothing that follows from it. Jobs stand in order of submission and nothing
// depends on internal handles, so that two centers in the same state save the same bytes, whatever they went through.

import { assert } from './assert.ts'
import type { Partition, Shape } from './backlog.ts'
import { nodeStates } from './command.ts'
import type { CenterConfig } from './config.ts'
import { ExactSums } from './exact-sum.ts'
import { WordHash } from './hash.ts'
import { HELD, PENDING, RUNNING } from './job-states.ts'
import { NONE } from './jobs.ts'
import type { CountedPool } from './pools/counted-pool.ts'
import type { NodePool } from './pools/node-pool.ts'
import { DecayedUsage } from './shares/usage.ts'
import type { SitePower } from './site-power.ts'
import { limitInMs } from './speed.ts'
import { createState, type State } from './state.ts'
import { type WordReader, WordWriter } from './words.ts'

/**
 * Raised when the layout changes; older layouts stay readable. Version 1 had no places: who had one finds the next best again.
 * Version 2 had no speeds, everybody had the same; and nobody counted watts.
 */
const VERSION = 3

export function hashState(state: State): string {
  const out = new WordWriter()
  saveState(state, out)
  const hash = new WordHash()
  hash.update(out.words, 0, out.length)
  return hash.digest()
}

export function saveState(state: State, out: WordWriter): void {
  out.u32(VERSION)
  out.text(JSON.stringify(state.config))
  out.f64(state.nowMs)
  out.f64(state.rankedMs)
  out.f64(state.nextSequence)
  for (const rank of state.backlog.ranks) out.u32(rank)
  saveUsage(state, out)
  state.pools.forEach((pool) => {
    if (!pool.counted) saveNodes(pool, out)
  })
  saveJobs(state, out)
  saveTargets(state, out)
  state.pools.forEach((pool) => {
    if (pool.counted) savePlaces(state, pool, out)
    else savePromises(state, pool, out)
  })
  saveNews(state, out)
  if (state.power !== undefined) savePower(state.power, out)
}

export function restoreState(saved: WordReader): State {
  const version = saved.u32()
  if (version < 1 || version > VERSION)
    throw new RangeError(`savepoint version ${version} is not known here (1 to ${VERSION} are)`)
  const state = createState(JSON.parse(saved.text()) as CenterConfig)
  state.nowMs = saved.f64()
  state.rankedMs = saved.f64()
  state.nextSequence = saved.f64()
  state.backlog.rerank(Int32Array.from(state.backlog.ranks, () => saved.u32()))
  restoreUsage(state, saved)
  state.pools.forEach((pool, index) => {
    if (!pool.counted) restoreNodes(state, index, pool, saved)
  })
  restoreJobs(state, saved, version)
  restoreTargets(state, saved)
  state.pools.forEach((pool, index) => {
    if (!pool.counted) restorePromises(state, pool, index, saved)
    else if (version > 1) restorePlaces(state, pool, index, saved)
  })
  restoreNews(state, saved)
  if (state.power !== undefined) restorePower(state.power, saved)
  assert(saved.done, 'a savepoint ends where its state ends')
  return state
}

function saveUsage({ usage, charged }: State, out: WordWriter): void {
  const { rateMilli, usedAcceleratorS, sinceMs } = usage.save()
  const { low, high } = charged.save()
  for (let i = 0; i < rateMilli.length; i++) {
    for (const column of [rateMilli, usedAcceleratorS, sinceMs, low, high]) out.f64(column[i]!)
  }
}

function restoreUsage(state: State, saved: WordReader): void {
  const size = state.config.associations.length
  const column = (): Float64Array => new Float64Array(size)
  const [rateMilli, usedAcceleratorS, sinceMs, low, high] = [column(), column(), column(), column(), column()]
  for (let i = 0; i < size; i++)
    for (const values of [rateMilli, usedAcceleratorS, sinceMs, low, high]) values[i] = saved.f64()
  state.usage = DecayedUsage.restore({
    halfLifeMs: state.config.policy.halfLifeMs,
    decay: state.config.policy.decay ?? 'half-life',
    rateMilli,
    usedAcceleratorS,
    sinceMs,
  })
  state.charged = ExactSums.restore({ low, high })
}

function saveNodes(pool: NodePool, out: WordWriter): void {
  const outOfService: number[] = []
  for (let node = 0; node < pool.config.nodes; node++) if (pool.state(node) !== 'up') outOfService.push(node)
  out.u32(outOfService.length)
  for (const node of outOfService) {
    out.u32(node)
    out.u32(nodeStates.indexOf(pool.state(node)))
  }
}

function restoreNodes({ power }: State, index: number, pool: NodePool, saved: WordReader): void {
  for (let left = saved.u32(); left > 0; left--) {
    const node = saved.u32()
    const to = nodeStates[saved.u32()]!
    pool.setState(node, to)
    if (to === 'down') power?.nodeIsDown(index, true)
  }
}

function saveJobs({ jobs, backlog, pools }: State, out: WordWriter): void {
  const slots = jobs.inSequence()
  out.u32(slots.length)
  for (const slot of slots) {
    const shape = backlog.shapes[jobs.shape[slot]!]!
    out.f64(jobs.id[slot]!)
    out.f64(jobs.sequence[slot]!)
    out.u32(jobs.association[slot]!)
    out.u32(shape.pools.length)
    for (const pool of shape.pools) out.u32(pool)
    saveSpeeds(shape, out)
    out.u32(shape.nodes)
    out.u32(shape.acceleratorsMilli)
    out.u32(shape.cpuMilli)
    out.u32(shape.memoryMib)
    out.f64(jobs.timeLimitMs[slot]!)
    out.f64(jobs.submittedMs[slot]!)
    out.u32(jobs.state[slot]!)
    out.u32(jobs.heldBy[slot]!)
    out.u32(jobs.attempt[slot]!)
    if (jobs.state[slot] !== RUNNING) continue
    out.f64(jobs.startedMs[slot]!)
    out.u32(jobs.pool[slot]!)
    const pool = pools[jobs.pool[slot]!]!
    if (pool.counted) continue
    pool.forEachGrant(slot, (node, devices) => {
      out.u32(node)
      out.u32(devices)
    })
  }
}

function restoreJobs(state: State, saved: WordReader, version: number): void {
  const { jobs, backlog } = state
  for (let left = saved.u32(); left > 0; left--) {
    const slot = jobs.add(saved.f64())
    jobs.sequence[slot] = saved.f64()
    jobs.association[slot] = saved.u32()
    const pools = Array.from({ length: saved.count(1) }, () => saved.u32())
    const speedsMille = version > 2 ? restoreSpeeds(saved) : undefined
    const [nodes, acceleratorsMilli, cpuMilli, memoryMib] = [saved.u32(), saved.u32(), saved.u32(), saved.u32()]
    const sizes = [nodes, acceleratorsMilli, cpuMilli, memoryMib] as const
    jobs.shape[slot] = backlog.intern(pools, ...sizes, speedsMille, jobs.association[slot]).index
    jobs.timeLimitMs[slot] = saved.f64()
    jobs.submittedMs[slot] = saved.f64()
    jobs.state[slot] = saved.u32()
    jobs.heldBy[slot] = saved.u32()
    jobs.attempt[slot] = saved.u32()
    if (jobs.state[slot] === PENDING) backlog.add(slot)
    else if (jobs.state[slot] === RUNNING) restoreRunning(state, slot, saved)
    else assert(jobs.state[slot] === HELD, 'a live job is pending, held or running')
  }
}

function restoreRunning(
  { jobs, backlog, limits, pools, running, claims, targets, power, nowMs }: State,
  slot: number,
  saved: WordReader,
): void {
  const shape = backlog.shapes[jobs.shape[slot]!]!
  const startedMs = saved.f64()
  const index = saved.u32()
  const endMs = startedMs + limitInMs(shape, index, jobs.timeLimitMs[slot]!)
  jobs.startedMs[slot] = startedMs
  jobs.limitEndMs[slot] = endMs
  jobs.pool[slot] = index
  limits.add(slot, endMs)
  running[index]!++
  claims.started(jobs.association[slot]!, shape, index)
  targets?.started(jobs.association[slot]!, index, shape.totalMilli, nowMs)
  power?.start(index, shape, endMs)
  const pool = pools[index]!
  if (pool.counted) pool.take(shape.units, startedMs, endMs)
  else {
    for (let i = 0; i < shape.nodes; i++) {
      pool.chosenNodes[i] = saved.u32()
      pool.chosenDevices[i] = saved.u32()
    }
    pool.take(slot, shape, shape.nodes)
  }
}

function saveTargets({ targets, nowMs }: State, out: WordWriter): void {
  if (targets === null) return
  let count = 0
  targets.forEach(nowMs, () => count++)
  out.u32(count)
  targets.forEach(nowMs, ({ association, pool, acceleratorsMilli }, balance) => {
    out.u32(association)
    out.u32(pool)
    out.u32(acceleratorsMilli)
    out.f64(balance)
  })
}

function restoreTargets({ targets, nowMs }: State, saved: WordReader): void {
  if (targets === null) return
  for (let left = saved.u32(); left > 0; left--) {
    const [association, pool, acceleratorsMilli] = [saved.u32(), saved.u32(), saved.u32()]
    targets.restore({ association, pool, acceleratorsMilli }, saved.f64(), nowMs)
  }
}

/** None, or one for each pool. */
function saveSpeeds({ speedsMille = [] }: Shape, out: WordWriter): void {
  out.u32(speedsMille.length)
  for (const speedMille of speedsMille) out.u32(speedMille)
}

function restoreSpeeds(saved: WordReader): readonly number[] | undefined {
  const count = saved.count(1)
  return count === 0 ? undefined : Array.from({ length: count }, () => saved.u32())
}

function savePlaces({ jobs }: State, pool: CountedPool, out: WordWriter): void {
  const places = pool.places.toSorted((a, b) => jobs.sequence[a.slot]! - jobs.sequence[b.slot]!)
  out.u32(places.length)
  for (const { slot, startMs } of places) {
    out.f64(jobs.id[slot]!)
    out.f64(startMs)
  }
}

function restorePlaces({ jobs, backlog }: State, pool: CountedPool, index: number, saved: WordReader): void {
  for (let left = saved.u32(); left > 0; left--) {
    const slot = jobs.find(saved.f64())
    assert(slot !== NONE, 'a place is kept for a live job')
    const startMs = saved.f64()
    const shape = backlog.shapes[jobs.shape[slot]!]!
    const endMs = startMs + limitInMs(shape, index, jobs.timeLimitMs[slot]!)
    pool.keep({ slot, startMs, endMs, units: shape.units })
    backlog.placed(slot)
  }
}

function savePromises({ jobs }: State, pool: NodePool, out: WordWriter): void {
  out.u32(Number(pool.releasedSincePromise))
  out.u32(pool.promises.length)
  for (const { slot, madeMs, startMs, nodes } of pool.promises) {
    out.f64(jobs.id[slot]!)
    out.f64(madeMs)
    out.f64(startMs)
    out.u32(nodes.length)
    for (const node of nodes) out.u32(node)
  }
}

function restorePromises({ jobs, backlog }: State, pool: NodePool, index: number, saved: WordReader): void {
  const releasedSince = saved.u32() === 1
  for (let left = saved.u32(); left > 0; left--) {
    const slot = jobs.find(saved.f64())
    assert(slot !== NONE, 'a promise is made to a live job')
    const [madeMs, startMs] = [saved.f64(), saved.f64()]
    const nodes = Int32Array.from({ length: saved.count(1) }, () => saved.u32())
    const shape = backlog.shapes[jobs.shape[slot]!]!
    const endMs = startMs + limitInMs(shape, index, jobs.timeLimitMs[slot]!)
    pool.keep({ slot, shape, madeMs, startMs, endMs, nodes })
  }
  pool.releasedSincePromise = releasedSince
}

/** What the next pass has to look at: pools in which something came free, and partitions for which a job arrived. */
function saveNews({ pools, backlog }: State, out: WordWriter): void {
  for (const pool of pools) out.u32(Number(pool.released))
  const arrived = backlog.partitions.filter((partition) => partition.arrived && partition.pending > 0)
  out.u32(arrived.length)
  for (const partition of arrived.sort(byPools)) {
    out.u32(partition.pools.length)
    for (const pool of partition.pools) out.u32(pool)
  }
}

function restoreNews({ pools, backlog }: State, saved: WordReader): void {
  for (const pool of pools) pool.released = saved.u32() === 1
  for (const partition of backlog.partitions) partition.arrived = false
  for (let left = saved.u32(); left > 0; left--) {
    const accepted = Array.from({ length: saved.count(1) }, () => saved.u32())
    backlog.partition(accepted).arrived = true
  }
}

const NO_CAP = -1

function savePower({ capW, released }: SitePower, out: WordWriter): void {
  out.f64(capW ?? NO_CAP)
  out.u32(Number(released))
}

function restorePower(power: SitePower, saved: WordReader): void {
  const capW = saved.f64()
  power.setCap(capW === NO_CAP ? null : capW)
  power.released = saved.u32() === 1
}

/** Any order will do that does not depend on which partition came into being first. */
function byPools(a: Partition, b: Partition): number {
  for (let i = 0; i < a.pools.length && i < b.pools.length; i++) {
    if (a.pools[i] !== b.pools[i]) return a.pools[i]! - b.pools[i]!
  }
  return a.pools.length - b.pools.length
}
