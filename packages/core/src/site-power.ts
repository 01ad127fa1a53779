// What the whole center draws, and the cap on it. Watts are one more thing that jobs share, across all pools: nodes in service draw
// their idle watts, each accelerator in use adds its own, and no start takes the sum over the cap. Whoever adds nothing is kept by no cap.
//
// A blocked job must not starve while smaller ones take every watt that comes free, so what EASY does with processors is done with
// watts (Mu'alem and Feitelson 2001): a promise on nodes has its watts with it, from its start on. It is made for the moment at which
// both are there if all limits are used up, and whoever would pass must leave them: be over by then, or be content with what is left
// beside them. Promises of a pass are entered in turn order over all pools; those of jobs that are later in turn bind nobody.
//
// A cap that all nodes at full load keep below binds nobody, and costs nothing; a center whose policy says no watts has none of this. Where
// it binds, a start and an end cost O(running), a promise O((running + promises) × promises).
// Sums are whole milliwatts, as thousandths of an accelerator times its watts are: they add up whatever the order.

import { assert } from './assert.ts'
import type { Shape } from './backlog.ts'
import type { CenterConfig } from './config.ts'
import { entryOf } from './entry.ts'
import type { UnreserveCause } from './fact.ts'
import { grown } from './jobs.ts'
import { isCounted } from './pool-config.ts'
import type { NodePool, NodePromise, PromiseListener, WattsForecast } from './pools/node-pool.ts'

/** Watts that a promised job will have, beside those that were promised before it. */
interface Booking {
  readonly atMs: number
  readonly endMs: number
  readonly mw: number
  /** What is left at `atMs`, all that runs then and all bookings taken off. */
  slackMw: number
}

const MW_PER_W = 1000

export class SitePower {
  /** Whether watts may have come free since the last pass. */
  released = false
  readonly #pools: readonly NodePool[]
  readonly #forecasts: readonly WattsForecast[]
  readonly #byTurn: (slot: number, other: number) => number
  /** Milliwatts of an idle node, and of a thousandth of an accelerator in use, by pool. */
  readonly #idleMw: Float64Array
  readonly #busyMw: Float64Array
  /** With all nodes in service and all accelerators in use. */
  readonly #mostMw: number
  #capMw = Number.POSITIVE_INFINITY
  /** Of nodes that are not down, and of all that runs on them besides. */
  #idleDrawMw = 0
  #drawMw = 0

  // Running jobs in order of the moment their time limit ends.
  #endMs = new Float64Array(64)
  #runningMw = new Float64Array(64)
  #running = 0

  // Of one pass: pools of the blocked jobs that are owed a promise, in turn order; the first of them have their watts booked.
  #nowMs = 0
  readonly #owed: number[] = []
  readonly #bookings: Booking[] = []

  /** `pools`: those of `config`, all of nodes. */
  constructor(
    { pools, policy }: CenterConfig,
    nodePools: readonly NodePool[],
    byTurn: (slot: number, other: number) => number,
  ) {
    const { power } = policy
    assert(power !== undefined, 'watts are counted where the policy says them')
    this.#pools = nodePools
    this.#byTurn = byTurn
    this.#forecasts = nodePools.map((_, pool) => ({
      keeps: (promise) => this.#keeps(pool, promise),
      earliestMs: (shape, fromMs, forMs) => this.#earliestMs(this.#mwOf(pool, shape), fromMs, forMs),
    }))
    const drawing = pools.map(({ name }) => entryOf(power.pools, name))
    this.#idleMw = Float64Array.from(drawing, (one) => (one?.idleWPerNode ?? 0) * MW_PER_W)
    this.#busyMw = Float64Array.from(drawing, (one) => one?.busyWPerAccelerator ?? 0)
    let busyMw = 0
    pools.forEach((pool, index) => {
      assert(!isCounted(pool), 'counted pools draw no power')
      this.#idleDrawMw += pool.nodes * this.#idleMw[index]!
      busyMw += pool.nodes * pool.perNode.accelerators * MW_PER_W * this.#busyMw[index]!
    })
    this.#drawMw = this.#idleDrawMw
    this.#mostMw = this.#drawMw + busyMw
    this.#capMw = milliwatts(power.capW)
  }

  /** Whether the cap could ever keep a job from starting. */
  get isBinding(): boolean {
    return this.#capMw < this.#mostMw
  }

  /** null: no cap. */
  get capW(): number | null {
    return this.#capMw === Number.POSITIVE_INFINITY ? null : this.#capMw / MW_PER_W
  }

  get drawW(): number {
    return this.#drawMw / MW_PER_W
  }

  get idleDrawW(): number {
    return this.#idleDrawMw / MW_PER_W
  }

  /** What a job adds to the draw in a pool. */
  neededW(pool: number, shape: Shape): number {
    return this.#mwOf(pool, shape) / MW_PER_W
  }

  /** What runs goes on, even above a new cap. */
  setCap(capW: number | null): void {
    this.#capMw = milliwatts(capW)
  }

  /** Watts came free: others may start, or be promised an earlier start, in any pool. */
  release(): void {
    this.released = true
    for (const pool of this.#pools) pool.releasedSincePromise = true
  }

  /** The same, if there is a cap that anybody could have waited for. */
  letPass(): void {
    if (this.isBinding) this.release()
  }

  start(pool: number, shape: Shape, endMs: number): void {
    const mw = this.#mwOf(pool, shape)
    this.#drawMw += mw
    if (this.#running === this.#endMs.length) {
      this.#endMs = grown(this.#endMs)
      this.#runningMw = grown(this.#runningMw)
    }
    const at = this.#after(endMs)
    this.#endMs.copyWithin(at + 1, at, this.#running)
    this.#runningMw.copyWithin(at + 1, at, this.#running)
    this.#endMs[at] = endMs
    this.#runningMw[at] = mw
    this.#running++
    for (const booking of this.#bookings) if (endMs > booking.atMs) booking.slackMw -= mw
  }

  /** A job ends that might have run until `endMs`. */
  stop(pool: number, shape: Shape, endMs: number): void {
    const mw = this.#mwOf(pool, shape)
    this.#drawMw -= mw
    let at = this.#after(endMs) - 1
    while (this.#runningMw[at] !== mw) at-- // like ends with like draws are interchangeable
    assert(this.#endMs[at] === endMs, 'what stops drawing power drew it')
    this.#running--
    this.#endMs.copyWithin(at, at + 1, this.#running + 1)
    this.#runningMw.copyWithin(at, at + 1, this.#running + 1)
    this.letPass()
  }

  /** A node goes down, or is no longer. One that comes back draws its watts even if that takes the center over the cap. */
  nodeIsDown(pool: number, isDown: boolean): void {
    const mw = this.#idleMw[pool]! * (isDown ? -1 : 1)
    this.#idleDrawMw += mw
    this.#drawMw += mw
    if (isDown) this.letPass()
    else if (this.isBinding) this.released = true // promises of any pool may be void for it, which lets others pass there
  }

  /** Promises aside: whether a job may start now. */
  fits(pool: number, shape: Shape): boolean {
    const mw = this.#mwOf(pool, shape)
    return mw === 0 || !this.isBinding || this.#drawMw + mw <= this.#capMw
  }

  /** Whether a job could start under the cap if nothing else ran. */
  couldEverFit(pool: number, shape: Shape): boolean {
    const mw = this.#mwOf(pool, shape)
    return mw === 0 || !this.isBinding || this.#idleDrawMw + mw <= this.#capMw
  }

  beginPass(nowMs: number): void {
    this.#nowMs = nowMs
    this.#owed.length = 0
    this.#bookings.length = 0
  }

  /** The next job in turn is blocked, and owed a promise in a pool, which has been told so. */
  owe(pool: number): void {
    if (this.isBinding) this.#owed.push(pool)
  }

  get owesPromises(): boolean {
    return this.#owed.length > 0
  }

  /** Makes or confirms, in turn order, the promises that are owed, and books their watts. Left until a job could pass them. */
  settle(told: PromiseListener): void {
    while (this.#bookings.length < this.#owed.length) {
      const pool = this.#owed[this.#bookings.length]!
      const promise = this.#pools[pool]!.settleNext(told, this.#forecasts[pool])
      this.book(pool, promise)
      if (promise.madeMs === this.#nowMs) this.voidLost('turn', told)
    }
  }

  /** Promises that stand and are not booked in this pass lose what others have taken meanwhile: those that lack their watts are void. */
  voidLost(cause: UnreserveCause, told: Pick<PromiseListener, 'voided'>): void {
    if (!this.isBinding) return
    const booked = this.#bookings.length
    for (const { pool, promise } of this.#standing()) {
      if (this.#keeps(pool, promise)) {
        this.book(pool, promise)
        continue
      }
      told.voided(promise, cause)
      this.#pools[pool]!.unpromise(promise)
    }
    while (this.#bookings.length > booked) this.#unbook()
  }

  /** A promise has its watts from its start on, or from now if that has passed. */
  book(pool: number, { shape, startMs, endMs: madeForMs }: NodePromise): void {
    const atMs = Math.max(startMs, this.#nowMs)
    const endMs = madeForMs + (atMs - startMs)
    const mw = this.#mwOf(pool, shape)
    const slackMw = this.#freeMwAt(atMs) - this.#bookedMwAt(atMs) - mw
    for (const booking of this.#bookings) if (booking.atMs >= atMs && booking.atMs < endMs) booking.slackMw -= mw
    this.#bookings.push({ atMs, endMs, mw, slackMw })
  }

  /** Whether a job that fits leaves all that is booked its watts. */
  admits(pool: number, shape: Shape, endMs: number): boolean {
    const mw = this.#mwOf(pool, shape)
    return mw === 0 || this.#bookings.every((booking) => endMs <= booking.atMs || mw <= booking.slackMw)
  }

  /** `runs`: what runs, with its pool. */
  assertInvariants(runs: readonly { readonly pool: number; readonly shape: Shape }[]): void {
    const runningMw = runs.reduce((sum, { pool, shape }) => sum + this.#mwOf(pool, shape), 0)
    const idleDrawMw = this.#pools.reduce((sum, pool, index) => sum + pool.nodesNotDown * this.#idleMw[index]!, 0)
    assert(idleDrawMw === this.#idleDrawMw, 'nodes that are not down draw their idle watts')
    assert(idleDrawMw + runningMw === this.#drawMw, 'the draw of the center adds up')
    let sumMw = 0
    for (let i = 0; i < this.#running; i++) {
      sumMw += this.#runningMw[i]!
      assert(i === 0 || this.#endMs[i - 1]! <= this.#endMs[i]!, 'what draws power is in order of its ends')
    }
    assert(sumMw === runningMw, 'all that runs draws power')
  }

  /** In turn order. */
  #standing(): { readonly pool: number; readonly promise: NodePromise }[] {
    const standing = this.#pools.flatMap((of, pool) => of.unsettled.map((promise) => ({ pool, promise })))
    return standing.sort((a, b) => this.#byTurn(a.promise.slot, b.promise.slot))
  }

  #unbook(): void {
    const last = this.#bookings.pop()!
    for (const booking of this.#bookings) {
      if (booking.atMs >= last.atMs && booking.atMs < last.endMs) booking.slackMw += last.mw
    }
  }

  #mwOf(pool: number, { totalMilli }: Shape): number {
    return totalMilli * this.#busyMw[pool]!
  }

  /** Whether a promise that stands has its watts still: a lower cap, a node that came back or an earlier turn may have taken them. */
  #keeps(pool: number, { shape, startMs, endMs }: NodePromise): boolean {
    const mw = this.#mwOf(pool, shape)
    if (mw === 0) return true
    const atMs = Math.max(startMs, this.#nowMs)
    return this.#freeMwAt(atMs) - this.#bookedMwAt(atMs) >= mw && this.#leaves(mw, atMs, atMs + endMs - startMs)
  }

  /** The first moment from `fromMs` on from which so many watts can be had for so long, all limits used up. */
  #earliestMs(mw: number, fromMs: number, forMs: number): number {
    if (mw === 0) return fromMs
    let freeMw = this.#capMw - this.#drawMw
    let atMs = fromMs
    for (let i = 0; ; ) {
      for (; i < this.#running && this.#endMs[i]! <= atMs; i++) freeMw += this.#runningMw[i]!
      if (freeMw - this.#bookedMwAt(atMs) >= mw && this.#leaves(mw, atMs, atMs + forMs)) return atMs
      let nextMs = i < this.#running ? this.#endMs[i]! : Number.POSITIVE_INFINITY
      for (const { endMs } of this.#bookings) if (endMs > atMs) nextMs = Math.min(nextMs, endMs)
      assert(nextMs < Number.POSITIVE_INFINITY, 'what the cap lets run has its watts once everything has ended')
      atMs = nextMs
    }
  }

  /** Whether those that are booked to start later than `fromMs` and before `toMs` can spare so many watts. */
  #leaves(mw: number, fromMs: number, toMs: number): boolean {
    return this.#bookings.every(({ atMs, slackMw }) => atMs <= fromMs || atMs >= toMs || slackMw >= mw)
  }

  /** Under the cap at a moment, all limits used up, bookings aside. */
  #freeMwAt(atMs: number): number {
    let freeMw = this.#capMw - this.#drawMw
    for (let i = 0; i < this.#running && this.#endMs[i]! <= atMs; i++) freeMw += this.#runningMw[i]!
    return freeMw
  }

  #bookedMwAt(momentMs: number): number {
    let bookedMw = 0
    for (const { atMs, endMs, mw } of this.#bookings) if (atMs <= momentMs && momentMs < endMs) bookedMw += mw
    return bookedMw
  }

  /** Where the first end after `endMs` stands. */
  #after(endMs: number): number {
    let low = 0
    let high = this.#running
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#endMs[middle]! <= endMs) low = middle + 1
      else high = middle
    }
    return low
  }
}

const milliwatts = (capW: number | null): number => (capW === null ? Number.POSITIVE_INFINITY : capW * MW_PER_W)
