// One scheduling pass: who starts now. One loop serves every policy; they differ in the order of turns, in who may pass a
// blocked job, and in `reservationDepth`, the number of blocked jobs per pool that are promised a start (Flux's idea:
// 0 greedy, 1 EASY, k hybrid, all conservative).
//
//   1. In turn order each job starts if it fits and delays no promise. A blocked one is promised a start, until the pools
//      it may use have given all their promises; from then on its partition only looks for jobs to slip past.
//   2. Those are looked for among the bins that fit in what is free, in turn order or the shortest first.
//
// Within a pass what is free only shrinks, so a bin whose job could not start is done with. Pools in which nothing came free
// and for which no job arrived since the last pass are not looked at: the mere passing of time starts nothing.

import type { Backlog, Bin, Candidate, Partition } from './backlog.ts'
import type { Policy } from './config.ts'
import type { CountedPool } from './counted-pool.ts'
import type { StartCause } from './fact.ts'
import { type Jobs, NONE } from './jobs.ts'
import type { NodePool, PromiseListener } from './node-pool.ts'
import { type Before, byTurn, heapify, popHeap, pushHeap } from './turn-heap.ts'

export type Pool = CountedPool | NodePool

/** What a pass works on, and tells. */
export interface PassContext extends PromiseListener {
  readonly jobs: Jobs
  readonly backlog: Backlog
  readonly pools: readonly Pool[]
  readonly policy: Policy
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

/** How many failures it takes until those they rule out are sifted from the turns to come. */
const FAILURES_PER_SIFTING = 32

const byLength: Before<Candidate> = (a, b) =>
  a.bin.timeLimitMs < b.bin.timeLimitMs || (a.bin.timeLimitMs === b.bin.timeLimitMs && byTurn(a, b))

export class Pass {
  readonly #context: PassContext
  #number = 0
  /** Pools that a blocked job has closed for everybody behind it (no backfill). */
  readonly #closed: Uint8Array

  constructor(context: PassContext) {
    this.#context = context
    this.#closed = new Uint8Array(context.pools.length)
  }

  run(nowMs: number): void {
    const partitions = this.#partitionsToLookAt()
    if (partitions.length === 0) return
    this.#number++
    this.#closed.fill(0)
    for (const pool of this.#context.pools) pool.beginPass(nowMs)
    this.#inTurn(partitions)
    if (this.#context.policy.backfill !== 'none') this.#backfill(partitions)
    for (const pool of this.#context.pools) pool.endPass()
  }

  /** Takes it that a pass was made here. */
  skip(): void {
    this.#partitionsToLookAt()
  }

  #partitionsToLookAt(): readonly Partition[] {
    const { backlog, pools } = this.#context
    const waiting = backlog.partitions.filter(({ pending }) => pending > 0)
    const hasNews = ({ arrived, pools: accepted }: Partition): boolean =>
      arrived || accepted.some((pool) => pools[pool]!.released)
    const found = withNeighbours(waiting.filter(hasNews), waiting)
    for (const partition of backlog.partitions) partition.arrived = false
    for (const pool of pools) pool.released = false
    // Where nothing is free nobody starts; but who waits there may be owed the promise that another would get elsewhere.
    const hopeful = found.filter(({ pools: accepted }) => accepted.some((pool) => pools[pool]!.hasFree))
    return withNeighbours(hopeful, found)
  }

  /** Step 1: turns are kept until each partition's pools have given their promises. */
  #inTurn(partitions: readonly Partition[]): void {
    const queues = partitions.map((partition) => ({ partition, turns: [...partition.bins.items] as Candidate[] }))
    for (;;) {
      let next: { partition: Partition; turns: Candidate[] } | undefined
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

  #takeTurn(turn: Candidate, turns: Candidate[]): void {
    const { bin } = turn
    if (bin.blockedInPass === this.#number && turn.slot === NONE) return
    const slot = turn.slot === NONE ? this.#context.backlog.first(bin) : turn.slot
    if (bin.blockedInPass !== this.#number && this.#tryStart(slot, bin)) {
      if (bin.classes.first !== undefined) pushHeap(turns, bin, byTurn)
      return
    }
    const isFirst = bin.blockedInPass !== this.#number
    bin.blockedInPass = this.#number
    this.#block(slot, bin)
    if (!isFirst || this.#isDone(bin.shape.partition)) return
    // Those behind it in its bin are blocked too, but while promises are to be had they may be owed one.
    const { backlog, pools } = this.#context
    const promisesLeft = bin.shape.pools.reduce((sum, pool) => sum + pools[pool]!.promisesLeft, 0)
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
    const { backlog, policy } = this.#context
    const before = policy.backfill === 'shortest' ? byLength : byTurn
    const turns: Bin[] = []
    for (const partition of partitions) {
      for (const bin of partition.bins.items) if (this.#mayFit(bin)) turns.push(bin)
    }
    heapify(turns, before)
    let failures = 0
    while (turns.length > 0) {
      const bin = popHeap(turns, before)
      if (!this.#mayFit(bin)) continue
      if (this.#tryStart(backlog.first(bin), bin)) {
        if (bin.classes.first !== undefined) pushHeap(turns, bin, before)
        continue
      }
      bin.shape.failedLimit.set(this.#number, bin.timeLimitMs)
      if (++failures % FAILURES_PER_SIFTING !== 0 || turns.length < FAILURES_PER_SIFTING) continue
      const left = turns.filter((other) => this.#mayFit(other))
      turns.splice(0, turns.length, ...left)
      heapify(turns, before)
    }
  }

  /** Whether a bin is worth a look: it is not known to be blocked in this pass, and fits in what is free. */
  #mayFit(bin: Bin): boolean {
    if (bin.blockedInPass === this.#number || bin.timeLimitMs >= bin.shape.failedLimit.inPass(this.#number))
      return false
    return this.#fitsSomewhere(bin)
  }

  #fitsSomewhere(bin: Bin): boolean {
    for (const pool of bin.shape.pools) if (this.#context.pools[pool]!.fitsNow(bin.shape)) return true
    return false
  }

  #tryStart(slot: number, bin: Bin): boolean {
    const { shape, timeLimitMs } = bin
    for (const index of shape.pools) {
      const pool = this.#context.pools[index]!
      if (this.#closed[index] !== 0 || !pool.admits(slot, shape, timeLimitMs, this.#context)) continue
      const hadPromise = !pool.counted && pool.promiseOf(slot) !== undefined
      this.#context.start(slot, index, hadPromise ? 'reservation' : pool.hasPromises ? 'backfill' : 'turn')
      return true
    }
    return false
  }
}
