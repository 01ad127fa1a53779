// One scheduling pass: who starts now. One loop serves every policy; they differ in the order of turns, in who may pass a
// blocked job, and in `reservationDepth`, the number of blocked jobs per pool that are promised a start (Flux's idea:
// 0 greedy, 1 EASY, k hybrid, all conservative).
//
//   1. In turn order each job starts if it fits and delays no promise. A blocked one is promised a start, until the pools
//      it may use have given all their promises; from then on its partition only looks for jobs to slip past.
//   2. Those are looked for among the shapes that fit in what is free, in turn order or the shortest first.
//   3. Under targets the first two steps are for those who are owed more than they hold in a pool. The rest is anybody's then.
//
// Within a pass what is free only shrinks, so a shape is done with for the time limit that could not start, and longer ones; in a
// pool of nodes for as long as nothing changes there that could help (`NodePool.lastChangeFor`). Pools in which nothing came free
// and for which no job arrived since the last pass are not looked at: the mere passing of time starts nothing. Where nothing
// fits in what is free, turns do not matter, and the fair-share order is left as it is.
//
// Under a power cap that binds (`site-power.ts`) all pools share watts: what came free in one counts in all, turns are taken over all, and
// a job starts where its pool and the cap admit it.

import type { Backlog, Bin, Candidate, Partition, Shape } from './backlog.ts'
import type { StartCause } from './fact.ts'
import { type Jobs, NONE } from './jobs.ts'
import { type PlaceContext, PlacePass, type Round } from './place-pass.ts'
import type { Policy } from './policy.ts'
import type { CountedPool } from './pools/counted-pool.ts'
import type { NodePool, PromiseListener } from './pools/node-pool.ts'
import type { TargetBook } from './shares/targets.ts'
import type { SitePower } from './site-power.ts'
import { limitInMs } from './speed.ts'
import { type Before, byTurn, heapify, popHeap, pushHeap } from './turn-heap.ts'

export type Pool = CountedPool | NodePool

/** What a pass works on, and tells. */
export interface PassContext extends PromiseListener, PlaceContext {
  readonly jobs: Jobs
  readonly backlog: Backlog
  readonly pools: readonly Pool[]
  readonly policy: Policy
  /** null where the policy takes none. */
  readonly targets: TargetBook | null
  /** Where watts are counted. */
  readonly power: SitePower | undefined
  /** Brings the fair-share order up to date, if that is due; whether any turn has moved. Asked only when somebody could start. */
  rank(nowMs: number): boolean
  /** Whether a start may change whose turn it is, so that turns are asked for anew after each. */
  readonly ranksEachStart: boolean
  /** Starts a pending job where the pool has just admitted it. */
  start(slot: number, pool: number, cause: StartCause): void
}

/** Whose turn it is in a pass: a shape or a bin stands for its next job. */
type Standing = Shape | Bin | Candidate

const byLength: Before<Bin> = (a, b) =>
  a.timeLimitMs < b.timeLimitMs || (a.timeLimitMs === b.timeLimitMs && byTurn(a, b))

export class Pass {
  readonly #context: PassContext
  readonly #places: PlacePass
  #number = 0
  #nowMs = 0
  /** By partition: whose turns are still to be taken, a heap; undefined while it is all of its shapes. */
  readonly #turns: (Standing[] | undefined)[] = []
  /** Who might slip past those that are blocked. */
  readonly #passing: (Shape | Bin)[] = []
  /** Somebody has started, and turns may have changed: the pass begins again. */
  #isOver = false
  /** Pools that a blocked job has closed for everybody behind it (no backfill). */
  readonly #closed: Uint8Array
  /** Under targets: only who is owed more than it holds in a pool is looked at there. */
  #owedOnly = false
  /** Whose first job was promised a start in this pass. */
  readonly #promisedBins: Bin[] = []
  /** No pool at all. */
  readonly #none: Uint8Array
  /**
   * The pools, where what failed in them is known until something changes; undefined where it is not: watts and targets come and go without
   * anything coming free, and the promises of counted pools are worked out in each pass.
   */
  readonly #remembering: readonly NodePool[] | undefined

  constructor(context: PassContext) {
    this.#context = context
    this.#places = new PlacePass(context)
    this.#closed = new Uint8Array(context.pools.length)
    this.#none = new Uint8Array(context.pools.length)
    const nodePools = context.pools.filter((pool) => !pool.counted)
    const isRemembered = context.power === undefined && context.targets === null
    this.#remembering = isRemembered && nodePools.length === context.pools.length ? nodePools : undefined
  }

  run(nowMs: number, round: Round): void {
    const { backlog, pools, policy, power, targets } = this.#context
    if (backlog.keepsPlaces) {
      this.#runWithPlaces(nowMs, round)
      return
    }
    this.#lookAround(this.#none)
    if (!this.#somebodyFits()) return
    do {
      if (this.#context.rank(nowMs)) this.#lookAround(this.#none)
      this.#number++
      this.#closed.fill(0)
      this.#isOver = false
      for (const pool of pools) pool.beginPass(nowMs)
      power?.beginPass(nowMs)
      this.#nowMs = nowMs
      this.#owedOnly = targets !== null && policy.backfill !== 'none'
      this.#promisedBins.length = 0
      this.#inTurn()
      if (policy.backfill !== 'none') this.#backfill()
      if (this.#owedOnly) this.#leaveRest()
      for (const pool of pools) pool.endPass()
      power?.beginPass(nowMs)
    } while (this.#isOver && this.#somebodyFits())
  }

  /**
   * Step 3, under targets: what nobody takes who is owed it is anybody's. Who failed so far is looked at anew, but for those who were
   * promised a start where they are owed one, and the like of them: they wait for it.
   */
  #leaveRest(): void {
    this.#owedOnly = false
    this.#number++
    for (const bin of this.#promisedBins) this.#noteFailure(bin)
    this.#backfill()
  }

  #runWithPlaces(nowMs: number, round: Round): void {
    const { backlog, pools } = this.#context
    const due = Uint8Array.from(pools, (pool) =>
      Number(round === 'always' || (pool.counted && pool.nextPlaceMs <= nowMs)),
    )
    const freed = Uint8Array.from(pools, ({ released }) => Number(round === 'always' || (round === 'due' && released)))
    this.#lookAround(due)
    if (!backlog.partitions.some(({ attention }) => attention > 0)) return
    if (this.#context.rank(nowMs)) {
      this.#lookAround(due)
      if (round === 'due') freed.fill(1)
    }
    const partitions = backlog.partitions.filter(({ attention }) => attention > 0)
    this.#places.run(partitions, nowMs, freed)
  }

  /** Takes it that a pass was made here. */
  skip(): void {
    for (const partition of this.#context.backlog.partitions) partition.arrived = false
    for (const pool of this.#context.pools) pool.released = false
    if (this.#context.power !== undefined) this.#context.power.released = false
  }

  #somebodyFits(): boolean {
    for (const { attention, shapes } of this.#context.backlog.partitions) {
      if (attention < 2) continue
      for (const shape of shapes.items) if (this.#fitsSomewhere(shape)) return true
    }
    return false
  }

  /** Turns the attention to partitions with news, or with a pool that is due, and to those whose turns count there. */
  #lookAround(due: Uint8Array): void {
    const { backlog } = this.#context
    const { partitions } = backlog
    for (const partition of partitions) partition.attention = this.#hasNews(partition, due) ? 1 : 0
    this.#spread(1)
    this.skip()
    // Where nothing is free nobody starts; but who waits there may be owed the promise that another would get elsewhere.
    for (const partition of partitions) {
      if (partition.attention === 1 && this.#hasFree(partition)) partition.attention = 2
    }
    this.#spread(2)
  }

  /** From partitions with so much attention to their neighbours that wait and have one less. */
  #spread(attention: 1 | 2): void {
    const { backlog, power } = this.#context
    const { partitions } = backlog
    if (power?.isBinding && partitions.some((partition) => partition.attention === attention)) {
      for (const other of partitions) {
        if (other.attention === attention - 1 && other.pending > 0) other.attention = attention
      }
      return
    }
    for (let found = true; found; ) {
      found = false
      for (const partition of partitions) {
        if (partition.attention !== attention) continue
        for (const other of partition.neighbours) {
          if (other.attention !== attention - 1 || other.pending === 0) continue
          other.attention = attention
          found = true
        }
      }
    }
  }

  #hasNews({ arrived, pending, pools: accepted }: Partition, due: Uint8Array): boolean {
    if (pending === 0) return false
    if (arrived || this.#context.power?.released) return true
    for (const pool of accepted) if (this.#context.pools[pool]!.released || due[pool] === 1) return true
    return false
  }

  #hasFree({ pools: accepted }: Partition): boolean {
    for (const pool of accepted) if (this.#context.pools[pool]!.hasFree) return true
    return false
  }

  /** Step 1: turns are kept until each partition's pools have given their promises. */
  #inTurn(): void {
    const { partitions } = this.#context.backlog
    // Until somebody is blocked, each partition's own heap says who is next.
    const ownTurns = this.#turns
    for (let i = 0; i < partitions.length; i++) ownTurns[i] = undefined
    while (!this.#isOver) {
      let next: Standing | undefined
      let of = -1
      for (let i = 0; i < partitions.length; i++) {
        const partition = partitions[i]!
        if (partition.attention < 2 || this.#isDone(partition)) continue
        const turns = ownTurns[i]
        const first = turns === undefined ? partition.shapes.first : turns[0]
        if (first === undefined || (next !== undefined && !byTurn(first, next))) continue
        next = first
        of = i
      }
      if (next === undefined) return
      const turns = ownTurns[of]
      if (turns !== undefined) {
        this.#takeTurn(popHeap(turns, byTurn), turns)
        continue
      }
      const shape = next as Shape
      const bin = shape.bins.first!
      if (this.#startOrBlock(bin) || this.#isDone(shape.partition)) continue
      const rest: Standing[] = [...shape.partition.shapes.items]
      this.#queueRest(popHeap(rest, byTurn), bin, rest)
      ownTurns[of] = rest
    }
  }

  /** The first job of a bin starts, or is blocked; whether it starts. */
  #startOrBlock(bin: Bin): boolean {
    const { shape } = bin
    const slot = this.#context.backlog.first(bin)
    if (bin.timeLimitMs < shape.failedLimit.inPass(this.#number) && this.#tryStart(slot, bin)) return true
    this.#noteFailure(bin)
    this.#block(slot, bin)
    return false
  }

  /** After the first job of a bin was blocked: who else of the same turn is to be looked at on its own. */
  #queueRest(turn: Standing, bin: Bin, turns: Standing[]): void {
    const { shape } = bin
    if (turn.kind === 'shape') for (const other of shape.bins.items) if (other !== bin) pushHeap(turns, other, byTurn)
    // Those behind it in its bin are blocked too, but while promises are to be had they may be owed one.
    const { backlog, pools } = this.#context
    const promisesLeft = shape.pools.reduce((sum, pool) => sum + pools[pool]!.promisesLeft, 0)
    for (const candidate of backlog.candidates(bin, 1 + promisesLeft).slice(1)) pushHeap(turns, candidate, byTurn)
  }

  /** A partition keeps turns no longer once none of its pools would promise a blocked job anything. */
  #isDone({ pools }: Partition): boolean {
    const isStrict = this.#context.policy.backfill === 'none'
    for (const pool of pools) {
      if (isStrict ? this.#closed[pool] === 0 : this.#context.pools[pool]!.promisesLeft > 0) return false
    }
    return true
  }

  #takeTurn(turn: Standing, turns: Standing[]): void {
    if (turn.kind === 'job') {
      this.#block(turn.slot, turn.bin)
      return
    }
    const bin = turn.kind === 'shape' ? turn.bins.first! : turn
    if (this.#startOrBlock(bin)) {
      if (hasJobs(turn)) pushHeap(turns, turn, byTurn)
    } else if (!this.#isDone(bin.shape.partition)) this.#queueRest(turn, bin, turns)
  }

  /**
   * A blocked job closes its pools where nobody may pass, and otherwise is promised a start in the first that still gives
   * one and has enough in service. One that waits for nodes to come back, or for a higher power cap, is owed nothing and keeps nobody.
   */
  #block(slot: number, bin: Bin): void {
    const { pools, policy, power } = this.#context
    if (policy.backfill === 'none') {
      // Whoever lacks but watts would never have them, if others took them in other pools.
      if (bin.shape.pools.some((pool) => this.#lacksWatts(pool, bin.shape))) this.#closed.fill(1)
      for (const pool of bin.shape.pools) this.#closed[pool] = 1
      return
    }
    const pool = bin.shape.tried.find(
      (index) =>
        pools[index]!.promisesLeft > 0 &&
        pools[index]!.fitsInService(bin.shape) &&
        this.#isOpen(bin.shape, index) &&
        (power?.couldEverFit(index, bin.shape) ?? true),
    )
    if (pool === undefined) return
    pools[pool]!.promise(slot, bin.shape, limitInMs(bin.shape, pool, bin.timeLimitMs))
    power?.owe(pool)
    if (this.#owedOnly) this.#promisedBins.push(bin)
  }

  /** Whether a shape fits in a pool where nobody is ahead, and the power cap is all that keeps it from starting. */
  #lacksWatts(pool: number, shape: Shape): boolean {
    const { pools, power } = this.#context
    if (power === undefined || this.#closed[pool] !== 0 || power.fits(pool, shape)) return false
    return power.couldEverFit(pool, shape) && pools[pool]!.fitsNow(shape)
  }

  /** Step 2. Of one shape a longer limit never fits where a shorter one does not, so each failure spares many looks. */
  #backfill(): void {
    const turns = this.#passing
    if (turns.length > 0) turns.length = 0
    for (const pool of this.#remembering ?? []) pool.confirm()
    const byShape = this.#context.policy.backfill === 'turn'
    for (const { attention, shapes } of this.#context.backlog.partitions) {
      if (attention < 2) continue
      for (const shape of shapes.items) {
        this.#carryFailureOver(shape)
        if (!this.#mayFit(shape)) continue
        if (byShape && shape.failedLimit.inPass(this.#number) === Number.POSITIVE_INFINITY) turns.push(shape)
        else this.#pushBinsThatMayFit(shape, turns)
      }
    }
    if (byShape) this.#backfillInTurn(turns)
    else this.#backfillShortest(turns as Bin[])
  }

  #backfillInTurn(turns: (Shape | Bin)[]): void {
    heapify(turns, byTurn)
    while (turns.length > 0 && !this.#isOver) {
      const turn = popHeap(turns, byTurn)
      const bin = turn.kind === 'shape' ? turn.bins.first! : turn
      if (!this.#mayFitBin(bin)) continue
      if (this.#tryStart(this.#context.backlog.first(bin), bin)) {
        if (hasJobs(turn)) pushHeap(turns, turn, byTurn)
        continue
      }
      this.#noteFailure(bin)
      if (turn.kind === 'bin' || this.#isRuledOut(turn)) continue
      const failedMs = turn.failedLimit.inPass(this.#number)
      for (const other of turn.bins.items) if (other.timeLimitMs < failedMs) pushHeap(turns, other, byTurn)
    }
  }

  #backfillShortest(turns: Bin[]): void {
    heapify(turns, byLength)
    while (turns.length > 0 && !this.#isOver) {
      const bin = popHeap(turns, byLength)
      if (!this.#mayFitBin(bin)) continue
      if (!this.#tryStart(this.#context.backlog.first(bin), bin)) {
        this.#noteFailure(bin)
      } else if (hasJobs(bin)) pushHeap(turns, bin, byLength)
    }
  }

  /** The like of a job has failed for this pass, for as long or longer, and for less where that makes no difference. */
  #noteFailure({ shape, timeLimitMs }: Bin): void {
    const remembering = this.#rememberingOf(shape)
    if (remembering === undefined) shape.failedLimit.set(this.#number, timeLimitMs, Number.NaN)
    else {
      const fromMs = shape.speedsMille === undefined ? failsFromMs(shape, timeLimitMs, remembering) : timeLimitMs
      shape.failedLimit.set(this.#number, fromMs, changesFor(shape, remembering))
    }
  }

  /** Where promises are as they were, and nothing came free that a shape could use, it fails again. */
  #carryFailureOver(shape: Shape): void {
    const remembering = this.#rememberingOf(shape)
    if (remembering === undefined) return
    for (const pool of shape.pools) if (!remembering[pool]!.isConfirmed) return
    shape.failedLimit.carryOver(this.#number, changesFor(shape, remembering))
  }

  /** Of two slices that come and go, one may leave the other a better device: what failed of them is forgotten. */
  #rememberingOf({ accelerators }: Shape): readonly NodePool[] | undefined {
    return accelerators === 0 ? undefined : this.#remembering
  }

  /** The bins of a shape that no failure has ruled out. */
  #pushBinsThatMayFit(shape: Shape, onto: (Shape | Bin)[]): void {
    const failedMs = shape.failedLimit.inPass(this.#number)
    for (const bin of shape.bins.items) if (bin.timeLimitMs < failedMs) onto.push(bin)
  }

  /** After a failure: whether all of the shape has failed, as is often so when the shortest limit has. */
  #isRuledOut(shape: Shape): boolean {
    if (!this.#mayFit(shape)) return true
    const { backlog } = this.#context
    const shortest = backlog.binOf(shape, backlog.shortestLimitMs(shape))
    if (this.#poolFor(backlog.first(shortest), shortest) !== NONE) return false
    this.#noteFailure(shortest)
    return true
  }

  /** Whether a shape is worth a look: it fits in what is free, and no failure has ruled out all of it. */
  #mayFit(shape: Shape): boolean {
    const failedMs = shape.failedLimit.inPass(this.#number)
    if (failedMs !== Number.POSITIVE_INFINITY && this.#context.backlog.shortestLimitMs(shape) >= failedMs) return false
    return this.#fitsSomewhere(shape)
  }

  #mayFitBin({ shape, timeLimitMs }: Bin): boolean {
    return timeLimitMs < shape.failedLimit.inPass(this.#number) && this.#fitsSomewhere(shape)
  }

  #fitsSomewhere(shape: Shape): boolean {
    const { pools, power } = this.#context
    for (const pool of shape.pools) {
      if (pools[pool]!.fitsNow(shape) && (power?.fits(pool, shape) ?? true)) return true
    }
    return false
  }

  /** The pool in which a job may start now, in the order in which they are tried; NONE if there is none. */
  #poolFor(slot: number, { shape, timeLimitMs }: Bin): number {
    for (const index of shape.tried) {
      const pool = this.#context.pools[index]!
      if (this.#closed[index] !== 0 || !this.#isOpen(shape, index)) continue
      const limitMs = limitInMs(shape, index, timeLimitMs)
      if (!this.#hasWatts(index, shape, limitMs)) continue
      if (pool.admits(slot, shape, limitMs, this.#context)) return index
    }
    return NONE
  }

  #isOpen({ lane }: Shape, index: number): boolean {
    return !this.#owedOnly || this.#context.targets!.isOwed(lane, index, this.#nowMs)
  }

  /** Whether a job may have its watts now, where there is a cap. Promises of other pools have theirs first. */
  #hasWatts(index: number, shape: Shape, limitMs: number): boolean {
    const { pools, power } = this.#context
    if (power === undefined || !power.isBinding) return true
    if (!power.fits(index, shape) || !pools[index]!.fitsNow(shape)) return false
    power.settle(this.#context)
    return power.admits(index, shape, this.#nowMs + limitMs)
  }

  #tryStart(slot: number, bin: Bin): boolean {
    const index = this.#poolFor(slot, bin)
    if (index === NONE) return false
    const pool = this.#context.pools[index]!
    const hadPromise = !pool.counted && pool.promiseOf(slot) !== undefined
    if (!pool.counted) {
      pool.voidBroken(slot, bin.shape, limitInMs(bin.shape, index, bin.timeLimitMs), this.#context)
    }
    this.#isOver = this.#context.ranksEachStart
    const { power } = this.#context
    const isPassing = pool.hasPromises || (power?.owesPromises ?? false)
    this.#context.start(slot, index, hadPromise ? 'reservation' : isPassing ? 'backfill' : 'turn')
    power?.voidLost('turn', this.#context)
    return true
  }
}

const hasJobs = (turn: Shape | Bin): boolean =>
  (turn.kind === 'shape' ? turn.bins.first : turn.classes.first) !== undefined

/** After a failure: the shortest time limit with which a shape fails for the same reasons. */
function failsFromMs(shape: Shape, timeLimitMs: number, pools: readonly NodePool[]): number {
  let fromMs = 0
  for (const index of shape.pools) {
    const pool = pools[index]!
    if (pool.fitsNow(shape)) fromMs = Math.max(fromMs, pool.failsFromMs(timeLimitMs))
  }
  return fromMs
}

/** Changes so far in a shape's pools that may let it start. */
function changesFor({ accelerators, pools: accepted }: Shape, pools: readonly NodePool[]): number {
  let changes = 0
  for (const index of accepted) changes += pools[index]!.lastChangeFor(accelerators)
  return changes
}
