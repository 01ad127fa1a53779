// One scheduling pass: who starts now. One loop serves every policy; they differ in the order of turns, in who may pass a
// blocked job, and in `reservationDepth`, the number of blocked jobs per pool that are promised a start (Flux's idea:
// 0 greedy, 1 EASY, k hybrid, all conservative).
//
//   1. In turn order each job starts if it fits and delays no promise. A blocked one is promised a start, until the pools
//      it may use have given all their promises; from then on its partition only looks for jobs to slip past.
//   2. Those are looked for among the shapes that fit in what is free, in turn order or the shortest first.
//
// Within a pass what is free only shrinks, so a shape is done with for the time limit that could not start, and longer ones. Pools in which nothing came free
// and for which no job arrived since the last pass are not looked at: the mere passing of time starts nothing. Where nothing
// fits in what is free, turns do not matter, and the fair-share order is left as it is.

import type { Backlog, Bin, Candidate, Partition, Shape } from './backlog.ts'
import type { Policy } from './config.ts'
import type { StartCause } from './fact.ts'
import { type Jobs, NONE } from './jobs.ts'
import { type PlaceContext, PlacePass, type Round } from './place-pass.ts'
import type { CountedPool } from './pools/counted-pool.ts'
import type { NodePool, PromiseListener } from './pools/node-pool.ts'
import { type Before, byTurn, heapify, popHeap, pushHeap } from './turn-heap.ts'

export type Pool = CountedPool | NodePool

/** What a pass works on, and tells. */
export interface PassContext extends PromiseListener, PlaceContext {
  readonly jobs: Jobs
  readonly backlog: Backlog
  readonly pools: readonly Pool[]
  readonly policy: Policy
  /** Brings the fair-share order up to date, if that is due; whether any turn has moved. Asked only when somebody could start. */
  rank(nowMs: number): boolean
  /** Starts a pending job where the pool has just admitted it. */
  start(slot: number, pool: number, cause: StartCause): void
}

/** Some of the partitions and those that share pools with them, directly or by way of others: their turns count there as well. */
function withNeighbours(some: readonly Partition[], all: readonly Partition[]): readonly Partition[] {
  if (some.length === 0 || some.length === all.length) return some
  const found = [...some]
  const reached = new Set(found)
  for (const partition of found) {
    for (const other of all) {
      if (reached.has(other) || !other.pools.some((pool) => partition.pools.includes(pool))) continue
      reached.add(other)
      found.push(other) // and is walked in its turn
    }
  }
  return found
}

/** Whose turn it is in a pass: a shape or a bin stands for its next job. */
type Standing = Shape | Bin | Candidate

const byLength: Before<Bin> = (a, b) =>
  a.timeLimitMs < b.timeLimitMs || (a.timeLimitMs === b.timeLimitMs && byTurn(a, b))

export class Pass {
  readonly #context: PassContext
  readonly #places: PlacePass
  #number = 0
  /** Pools that a blocked job has closed for everybody behind it (no backfill). */
  readonly #closed: Uint8Array
  /** Pools in which those who keep places look for earlier ones. */
  readonly #freed: Uint8Array

  constructor(context: PassContext) {
    this.#context = context
    this.#places = new PlacePass(context)
    this.#closed = new Uint8Array(context.pools.length)
    this.#freed = new Uint8Array(context.pools.length)
  }

  run(nowMs: number, round: Round): void {
    this.#freed.fill(Number(round === 'always'))
    let partitions = this.#partitionsToLookAt(nowMs, round)
    if (!this.#isWorthIt(partitions)) return
    if (this.#context.rank(nowMs)) {
      partitions = this.#partitionsToLookAt(nowMs, round)
      if (round === 'due') this.#freed.fill(1)
    }
    if (this.#context.backlog.keepsPlaces) {
      this.#places.run(partitions, nowMs, this.#freed)
      return
    }
    this.#number++
    this.#closed.fill(0)
    for (const pool of this.#context.pools) pool.beginPass(nowMs)
    this.#inTurn(partitions)
    if (this.#context.policy.backfill !== 'none') this.#backfill(partitions)
    for (const pool of this.#context.pools) pool.endPass()
  }

  /** Takes it that a pass was made here. */
  skip(): void {
    for (const partition of this.#context.backlog.partitions) partition.arrived = false
    for (const pool of this.#context.pools) pool.released = false
  }

  /** Whether somebody could start, or be given a place. */
  #isWorthIt(partitions: readonly Partition[]): boolean {
    if (this.#context.backlog.keepsPlaces) return partitions.length > 0
    for (const { shapes } of partitions) {
      for (const shape of shapes.items) if (this.#fitsSomewhere(shape)) return true
    }
    return false
  }

  /** Partitions with news, and those whose turns count there. */
  #partitionsToLookAt(nowMs: number, round: Round): readonly Partition[] {
    const { backlog, pools } = this.#context
    const { keepsPlaces } = backlog
    const waiting = backlog.partitions.filter(({ pending }) => pending > 0)
    const hasNews = ({ arrived, pools: accepted }: Partition): boolean =>
      arrived ||
      accepted.some((pool) => pools[pool]!.released) ||
      (keepsPlaces && (round === 'always' || accepted.some((pool) => isDue(pools[pool]!, nowMs))))
    const found = withNeighbours(waiting.filter(hasNews), waiting)
    if (round === 'due') pools.forEach(({ released }, pool) => (this.#freed[pool]! |= Number(released)))
    this.skip()
    if (keepsPlaces) return found
    // Where nothing is free nobody starts; but who waits there may be owed the promise that another would get elsewhere.
    const hopeful = found.filter(({ pools: accepted }) => accepted.some((pool) => pools[pool]!.hasFree))
    return withNeighbours(hopeful, found)
  }

  /** Step 1: turns are kept until each partition's pools have given their promises. */
  #inTurn(partitions: readonly Partition[]): void {
    const queues = partitions
      .filter((partition) => !this.#isDone(partition))
      .map((partition) => ({ partition, turns: [...partition.shapes.items] as Standing[] }))
    for (;;) {
      let next: { partition: Partition; turns: Standing[] } | undefined
      for (const queue of queues) {
        if (queue.turns.length === 0 || this.#isDone(queue.partition)) continue
        if (next === undefined || byTurn(queue.turns[0]!, next.turns[0]!)) next = queue
      }
      if (next === undefined) return
      this.#takeTurn(popHeap(next.turns, byTurn), next.turns)
    }
  }

  /** A partition keeps turns no longer once none of its pools would promise a blocked job anything. */
  #isDone({ pools }: Partition): boolean {
    const { policy } = this.#context
    return policy.backfill === 'none'
      ? pools.every((pool) => this.#closed[pool] !== 0)
      : pools.every((pool) => this.#context.pools[pool]!.promisesLeft === 0)
  }

  #takeTurn(turn: Standing, turns: Standing[]): void {
    if (turn.kind === 'job') {
      this.#block(turn.slot, turn.bin)
      return
    }
    const bin = turn.kind === 'shape' ? turn.bins.first! : turn
    const { shape } = bin
    const slot = this.#context.backlog.first(bin)
    if (bin.timeLimitMs < shape.failedLimit.inPass(this.#number) && this.#tryStart(slot, bin)) {
      if (hasJobs(turn)) pushHeap(turns, turn, byTurn)
      return
    }
    shape.failedLimit.set(this.#number, bin.timeLimitMs)
    this.#block(slot, bin)
    if (this.#isDone(shape.partition)) return
    if (turn.kind === 'shape') for (const other of shape.bins.items) if (other !== bin) pushHeap(turns, other, byTurn)
    // Those behind it in its bin are blocked too, but while promises are to be had they may be owed one.
    const { backlog, pools } = this.#context
    const promisesLeft = shape.pools.reduce((sum, pool) => sum + pools[pool]!.promisesLeft, 0)
    for (const candidate of backlog.candidates(bin, 1 + promisesLeft).slice(1)) pushHeap(turns, candidate, byTurn)
  }

  /**
   * A blocked job closes its pools where nobody may pass, and otherwise is promised a start in the first that still gives
   * one and has enough in service. One that waits for nodes to come back is owed nothing and keeps nobody.
   */
  #block(slot: number, bin: Bin): void {
    const { pools, policy } = this.#context
    if (policy.backfill === 'none') {
      for (const pool of bin.shape.pools) this.#closed[pool] = 1
      return
    }
    const pool = bin.shape.pools.find(
      (index) => pools[index]!.promisesLeft > 0 && pools[index]!.fitsInService(bin.shape),
    )
    if (pool !== undefined) pools[pool]!.promise(slot, bin.shape, bin.timeLimitMs)
  }

  /** Step 2. Of one shape a longer limit never fits where a shorter one does not, so each failure spares many looks. */
  #backfill(partitions: readonly Partition[]): void {
    const shapes = partitions.flatMap(({ shapes }) => shapes.items.filter((shape) => this.#mayFit(shape)))
    if (this.#context.policy.backfill === 'shortest') this.#backfillShortest(shapes)
    else this.#backfillInTurn(shapes)
  }

  #backfillInTurn(shapes: readonly Shape[]): void {
    const turns: (Shape | Bin)[] = []
    for (const shape of shapes) {
      if (shape.failedLimit.inPass(this.#number) === Number.POSITIVE_INFINITY) turns.push(shape)
      else turns.push(...this.#binsThatMayFit(shape))
    }
    heapify(turns, byTurn)
    while (turns.length > 0) {
      const turn = popHeap(turns, byTurn)
      const bin = turn.kind === 'shape' ? turn.bins.first! : turn
      if (!this.#mayFitBin(bin)) continue
      if (this.#tryStart(this.#context.backlog.first(bin), bin)) {
        if (hasJobs(turn)) pushHeap(turns, turn, byTurn)
        continue
      }
      bin.shape.failedLimit.set(this.#number, bin.timeLimitMs)
      if (turn.kind === 'bin' || this.#isRuledOut(turn)) continue
      for (const other of this.#binsThatMayFit(turn)) pushHeap(turns, other, byTurn)
    }
  }

  #backfillShortest(shapes: readonly Shape[]): void {
    const turns = shapes.flatMap((shape) => this.#binsThatMayFit(shape))
    heapify(turns, byLength)
    while (turns.length > 0) {
      const bin = popHeap(turns, byLength)
      if (!this.#mayFitBin(bin)) continue
      if (!this.#tryStart(this.#context.backlog.first(bin), bin)) {
        bin.shape.failedLimit.set(this.#number, bin.timeLimitMs)
      } else if (hasJobs(bin)) pushHeap(turns, bin, byLength)
    }
  }

  /** The bins of a shape that no failure has ruled out. */
  #binsThatMayFit(shape: Shape): Bin[] {
    const failedMs = shape.failedLimit.inPass(this.#number)
    return shape.bins.items.filter(({ timeLimitMs }) => timeLimitMs < failedMs)
  }

  /** After a failure: whether all of the shape has failed, as is often so when the shortest limit has. */
  #isRuledOut(shape: Shape): boolean {
    if (!this.#mayFit(shape)) return true
    const { backlog } = this.#context
    const shortest = backlog.binOf(shape, backlog.shortestLimitMs(shape))
    if (this.#poolFor(backlog.first(shortest), shortest) !== NONE) return false
    shape.failedLimit.set(this.#number, shortest.timeLimitMs)
    return true
  }

  /** Whether a shape is worth a look: it fits in what is free, and no failure has ruled out all of it. */
  #mayFit(shape: Shape): boolean {
    const { backlog } = this.#context
    return this.#fitsSomewhere(shape) && backlog.shortestLimitMs(shape) < shape.failedLimit.inPass(this.#number)
  }

  #mayFitBin({ shape, timeLimitMs }: Bin): boolean {
    return timeLimitMs < shape.failedLimit.inPass(this.#number) && this.#fitsSomewhere(shape)
  }

  #fitsSomewhere(shape: Shape): boolean {
    for (const pool of shape.pools) if (this.#context.pools[pool]!.fitsNow(shape)) return true
    return false
  }

  /** The pool in which a job may start now, the preferred first; NONE if there is none. */
  #poolFor(slot: number, { shape, timeLimitMs }: Bin): number {
    for (const index of shape.pools) {
      const pool = this.#context.pools[index]!
      if (this.#closed[index] === 0 && pool.admits(slot, shape, timeLimitMs, this.#context)) return index
    }
    return NONE
  }

  #tryStart(slot: number, bin: Bin): boolean {
    const index = this.#poolFor(slot, bin)
    if (index === NONE) return false
    const pool = this.#context.pools[index]!
    const hadPromise = !pool.counted && pool.promiseOf(slot) !== undefined
    if (!pool.counted) pool.voidBroken(slot, bin.shape, bin.timeLimitMs, this.#context)
    this.#context.start(slot, index, hadPromise ? 'reservation' : pool.hasPromises ? 'backfill' : 'turn')
    return true
  }
}

/** Whether the place of a waiting job has come. */
const isDue = (pool: Pool, nowMs: number): boolean => pool.counted && pool.nextPlaceMs <= nowMs

const hasJobs = (turn: Shape | Bin): boolean =>
  (turn.kind === 'shape' ? turn.bins.first : turn.classes.first) !== undefined
