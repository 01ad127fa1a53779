// A pool of interchangeable processors: only their number counts, as on the machines of the Standard Workload Format.
//
// With one promise per pool (EASY) two numbers tell all: the shadow time, when the first blocked job can start, and the extra
// processors that will be free beside it then (Mu'alem and Feitelson 2001). They are worked out anew in each pass. With more, a
// timetable of free processors is kept. There a few promises live for one pass as well; where everybody is promised a start
// (conservative backfilling) each waiting job keeps its place from pass to pass (`place-pass.ts`).

import { assert, broken } from '../assert.ts'
import type { Shape } from '../backlog.ts'
import { grown } from '../jobs.ts'
import type { CountedPoolConfig } from '../pool-config.ts'
import { Timetable } from './timetable.ts'

/** Processors that a waiting job keeps for itself, in [startMs, endMs). */
export interface Place {
  readonly slot: number
  readonly startMs: number
  readonly endMs: number
  readonly units: number
}

/** `limitMs` is a job's time limit at the speed it has here. */
export class CountedPool {
  readonly counted = true
  readonly config: CountedPoolConfig
  free: number
  /** Whether processors came free since the last pass. */
  released = false

  /** Where everybody is promised a start: the places kept, in no order. */
  readonly places: Place[] = []
  readonly #timetable: Timetable | undefined

  // Without a timetable: running jobs in order of the moment their time limit ends.
  #endMs = new Float64Array(64)
  #units = new Int32Array(64)
  #running = 0

  // Promises of this pass.
  readonly #depth: number
  #nowMs = 0
  #blocked = 0
  readonly #blockedShapes: Shape[] = []
  readonly #blockedLimitsMs: number[] = []
  readonly #promised: { startMs: number; endMs: number; units: number }[] = []
  #settled = 0
  #shadowMs = 0
  #extra = 0

  constructor(config: CountedPoolConfig, reservationDepth: number) {
    this.config = config
    this.free = config.processors
    this.#depth = reservationDepth
    if (reservationDepth > 1) this.#timetable = new Timetable(config.processors)
  }

  get capacity(): number {
    return this.config.processors
  }

  get hasFree(): boolean {
    return this.free > 0
  }

  couldEverFit(shape: Shape): boolean {
    return shape.units <= this.config.processors
  }

  /** Whether a job could start if nothing else ran. */
  fitsInService(shape: Shape): boolean {
    return this.couldEverFit(shape)
  }

  /** Promises aside. */
  fitsNow(shape: Shape): boolean {
    return shape.units <= this.free
  }

  beginPass(nowMs: number): void {
    this.#nowMs = nowMs
    this.#timetable?.forgetBefore(nowMs)
  }

  /** Forgets the promises of the pass, which bind nothing that happens later; places are kept. */
  endPass(): void {
    this.#blocked = 0
    this.#settled = 0
    if (this.#timetable === undefined) return
    for (const { startMs, endMs, units } of this.#promised) this.#timetable.giveBack(startMs, endMs, units)
    this.#promised.length = 0
  }

  /** How many more blocked jobs may be promised a start in this pass. */
  get promisesLeft(): number {
    return this.#depth - this.#blocked
  }

  get hasPromises(): boolean {
    return this.#blocked > 0
  }

  promise(_slot: number, shape: Shape, limitMs: number): void {
    this.#blockedShapes[this.#blocked] = shape
    this.#blockedLimitsMs[this.#blocked] = limitMs
    this.#blocked++
  }

  /** Whether a job may start now: it fits, and delays no promise. */
  admits(_slot: number, shape: Shape, limitMs: number): boolean {
    const { units } = shape
    if (units > this.free) return false
    if (this.#blocked === 0 && this.places.length === 0) return true
    this.#settle()
    if (this.#timetable !== undefined) {
      return this.#timetable.leastFree(this.#nowMs, this.#nowMs + limitMs) >= units
    }
    return this.#nowMs + limitMs <= this.#shadowMs || units <= this.#extra
  }

  /** When the last job that was promised a start in this pass can have it, if all run to their limits. */
  get lastPromiseMs(): number {
    this.#settle()
    return this.#promised.at(-1)?.startMs ?? this.#shadowMs
  }

  /** The earliest place for a job that would be kept beside all others. */
  earliestStart(shape: Shape, limitMs: number): number {
    assert(this.#timetable !== undefined, 'places are kept in a timetable')
    return this.#timetable.earliestHole(this.#nowMs, shape.units, limitMs)
  }

  keep(place: Place): void {
    assert(this.#timetable !== undefined, 'places are kept in a timetable')
    this.#timetable.take(place.startMs, place.endMs, place.units)
    this.places.push(place)
  }

  /** Gives up a place. */
  unkeep(place: Place): void {
    const at = this.places.indexOf(place)
    assert(at >= 0, 'what is given up was kept')
    this.places.splice(at, 1)
    this.#timetable?.giveBack(place.startMs, place.endMs, place.units)
  }

  /** When the first of the places comes; Infinity where none is kept. O(places). */
  get nextPlaceMs(): number {
    return this.places.reduce((nextMs, { startMs }) => Math.min(nextMs, startMs), Number.POSITIVE_INFINITY)
  }

  /**
   * The first of these places, in the order given, that keeps a job from starting now although it would fit; `idle`: if nothing
   * else ran.
   */
  placeInTheWay(inTurn: readonly Place[], units: number, limitMs: number, idle: boolean): Place | undefined {
    assert(this.#timetable !== undefined, 'places are kept in a timetable')
    const timetable = idle ? new Timetable(this.config.processors) : this.#timetable.copy()
    if (!idle) for (const { startMs, endMs, units: kept } of this.places) timetable.giveBack(startMs, endMs, kept)
    return inTurn.find(({ startMs, endMs, units: kept }) => {
      timetable.take(startMs, endMs, kept)
      return timetable.leastFree(this.#nowMs, this.#nowMs + limitMs) < units
    })
  }

  placeOf(slot: number): Place | undefined {
    return this.places.find((place) => place.slot === slot)
  }

  take(units: number, nowMs: number, endMs: number): void {
    this.free -= units
    if (this.free < 0) broken(`pool ${this.config.name} is not over-allocated`)
    if (this.#timetable !== undefined) {
      this.#timetable.take(nowMs, endMs, units)
      return
    }
    if (this.#running === this.#endMs.length) {
      this.#endMs = grown(this.#endMs)
      this.#units = grown(this.#units)
    }
    const at = this.#after(endMs)
    this.#endMs.copyWithin(at + 1, at, this.#running)
    this.#units.copyWithin(at + 1, at, this.#running)
    this.#endMs[at] = endMs
    this.#units[at] = units
    this.#running++
    if (this.#settled > 0 && endMs > this.#shadowMs) this.#extra -= units
  }

  /** A job ends at `nowMs` that might have run until `endMs`. */
  release(units: number, nowMs: number, endMs: number): void {
    this.free += units
    this.released = true
    if (this.free > this.config.processors) broken(`pool ${this.config.name} frees no more than it has`)
    if (this.#timetable !== undefined) {
      this.#timetable.giveBack(nowMs, endMs, units)
      return
    }
    let at = this.#after(endMs) - 1
    while (this.#units[at] !== units) at-- // like ends with like size are interchangeable
    assert(this.#endMs[at] === endMs, 'what is released was taken')
    this.#running--
    this.#endMs.copyWithin(at, at + 1, this.#running + 1)
    this.#units.copyWithin(at, at + 1, this.#running + 1)
  }

  assertInvariants(nowMs: number): void {
    if (this.#timetable !== undefined) {
      // The timetable never overbooks; a place whose time has come is not free any more, though its job has yet to start.
      assert(this.#timetable.leastFree(nowMs, nowMs + 1) <= this.free, 'the timetable knows what runs')
      return
    }
    let busy = 0
    for (let i = 0; i < this.#running; i++) {
      busy += this.#units[i]!
      assert(i === 0 || this.#endMs[i - 1]! <= this.#endMs[i]!, 'running jobs are in order of their ends')
    }
    assert(busy + this.free === this.config.processors, `pool ${this.config.name} adds up`)
  }

  /** Works out the promises that are still open. Left until a job wants to pass the blocked ones, as often none does. */
  #settle(): void {
    if (this.#settled === this.#blocked) return
    if (this.#timetable === undefined) this.#settleShadow(this.#blockedShapes[0]!.units)
    else for (let i = this.#settled; i < this.#blocked; i++) this.#promise(this.#timetable, i)
    this.#settled = this.#blocked
  }

  #promise(timetable: Timetable, i: number): void {
    const { units } = this.#blockedShapes[i]!
    const startMs = timetable.earliestHole(this.#nowMs, units, this.#blockedLimitsMs[i]!)
    const endMs = startMs + this.#blockedLimitsMs[i]!
    timetable.take(startMs, endMs, units)
    this.#promised.push({ startMs, endMs, units })
  }

  #settleShadow(units: number): void {
    let free = this.free
    let i = 0
    let shadowMs = this.#nowMs
    while (free < units) {
      assert(i < this.#running, 'a blocked job fits once all running jobs have ended')
      shadowMs = this.#endMs[i]!
      // What ends in the same instant is counted together.
      for (; i < this.#running && this.#endMs[i] === shadowMs; i++) free += this.#units[i]!
    }
    this.#shadowMs = shadowMs
    this.#extra = free - units
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
