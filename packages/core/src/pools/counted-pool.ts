// A pool of interchangeable processors: only their number counts, as on the machines of the Standard Workload Format.
//
// Promises live for one pass and are worked out anew in the next, from the running jobs' time limits. With one promise per
// pool (EASY) two numbers tell all: the shadow time, when the first blocked job can start, and the extra processors that
// will be free beside it then (Mu'alem and Feitelson 2001). With more, a profile of free processors over time is kept.

import { assert } from '../assert.ts'
import type { Shape } from '../backlog.ts'
import type { CountedPoolConfig } from '../config.ts'
import { grown } from '../jobs.ts'

export class CountedPool {
  readonly counted = true
  readonly config: CountedPoolConfig
  free: number
  /** Whether processors came free since the last pass. */
  released = false

  // Running jobs in order of the moment their time limit ends.
  #endMs = new Float64Array(64)
  #units = new Int32Array(64)
  #running = 0

  // Promises of this pass.
  readonly #depth: number
  #nowMs = 0
  readonly #blocked: { shape: Shape; timeLimitMs: number }[] = []
  #settled = 0
  #shadowMs = 0
  #extra = 0
  #profile: Profile | undefined

  constructor(config: CountedPoolConfig, reservationDepth: number) {
    this.config = config
    this.free = config.processors
    this.#depth = reservationDepth
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
    this.#blocked.length = 0
    this.#settled = 0
    this.#profile = undefined
  }

  /** Forgets the pass: its promises bind nothing that happens later. */
  endPass(): void {
    this.beginPass(this.#nowMs)
  }

  /** How many more blocked jobs may be promised a start in this pass. */
  get promisesLeft(): number {
    return this.#depth - this.#blocked.length
  }

  get hasPromises(): boolean {
    return this.#blocked.length > 0
  }

  promise(_slot: number, shape: Shape, timeLimitMs: number): void {
    this.#blocked.push({ shape, timeLimitMs })
  }

  /** Whether a job may start now: it fits, and delays no promise. */
  admits(_slot: number, shape: Shape, timeLimitMs: number): boolean {
    const { units } = shape
    if (units > this.free) return false
    if (this.#blocked.length === 0) return true
    this.#settle()
    if (this.#profile !== undefined) return this.#profile.lowest(this.#nowMs, this.#nowMs + timeLimitMs) >= units
    return this.#nowMs + timeLimitMs <= this.#shadowMs || units <= this.#extra
  }

  /** When the last job that was promised a start in this pass can have it, if all run to their limits. */
  get lastPromiseMs(): number {
    this.#settle()
    return this.#profile?.lastPromiseMs ?? this.#shadowMs
  }

  take(units: number, nowMs: number, endMs: number): void {
    this.free -= units
    assert(this.free >= 0, `pool ${this.config.name} is not over-allocated`)
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
    if (this.#settled === 0) return
    if (this.#profile !== undefined) this.#profile.take(nowMs, endMs, units)
    else if (endMs > this.#shadowMs) this.#extra -= units
  }

  release(units: number, endMs: number): void {
    this.free += units
    this.released = true
    assert(this.free <= this.config.processors, `pool ${this.config.name} frees no more than it has`)
    let at = this.#after(endMs) - 1
    while (this.#units[at] !== units) at-- // like ends with like size are interchangeable
    assert(this.#endMs[at] === endMs, 'what is released was taken')
    this.#running--
    this.#endMs.copyWithin(at, at + 1, this.#running + 1)
    this.#units.copyWithin(at, at + 1, this.#running + 1)
  }

  assertInvariants(): void {
    let busy = 0
    for (let i = 0; i < this.#running; i++) {
      busy += this.#units[i]!
      assert(i === 0 || this.#endMs[i - 1]! <= this.#endMs[i]!, 'running jobs are in order of their ends')
    }
    assert(busy + this.free === this.config.processors, `pool ${this.config.name} adds up`)
  }

  /** Works out the promises that are still open. Left until a job wants to pass the blocked ones, as often none does. */
  #settle(): void {
    if (this.#settled === this.#blocked.length) return
    if (this.#depth === 1) this.#settleShadow(this.#blocked[0]!.shape.units)
    else {
      this.#profile ??= new Profile(this.#nowMs, this.free, this.#endMs, this.#units, this.#running)
      for (const { shape, timeLimitMs } of this.#blocked.slice(this.#settled))
        this.#profile.promise(shape.units, timeLimitMs)
    }
    this.#settled = this.#blocked.length
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

/** Free processors over time, as steps: `free[i]` holds from `timesMs[i]` until the next. */
class Profile {
  readonly #timesMs: number[] = []
  readonly #free: number[] = []
  lastPromiseMs: number | undefined

  constructor(nowMs: number, free: number, endMs: Float64Array, units: Int32Array, running: number) {
    this.#timesMs.push(nowMs)
    this.#free.push(free)
    for (let i = 0; i < running; i++) {
      const last = this.#timesMs.length - 1
      const freed = this.#free[last]! + units[i]!
      if (this.#timesMs[last] === endMs[i]) this.#free[last] = freed
      else {
        this.#timesMs.push(endMs[i]!)
        this.#free.push(freed)
      }
    }
  }

  /** The least that is free at any moment of [fromMs, toMs). */
  lowest(fromMs: number, toMs: number): number {
    let least = Number.POSITIVE_INFINITY
    for (let i = this.#stepAt(fromMs); i < this.#timesMs.length && this.#timesMs[i]! < toMs; i++) {
      least = Math.min(least, this.#free[i]!)
    }
    return least
  }

  /** Keeps the earliest place of that length. */
  promise(units: number, lengthMs: number): void {
    const startMs = this.#timesMs.find((timeMs) => this.lowest(timeMs, timeMs + lengthMs) >= units)
    assert(startMs !== undefined, 'a blocked job fits once all running jobs and promises have ended')
    this.take(startMs, startMs + lengthMs, units)
    this.lastPromiseMs = startMs
  }

  take(fromMs: number, toMs: number, units: number): void {
    const first = this.#cut(fromMs)
    const end = this.#cut(toMs)
    for (let i = first; i < end; i++) {
      this.#free[i]! -= units
      assert(this.#free[i]! >= 0, 'no promise takes what is not there')
    }
  }

  /** Makes a step begin at this moment and says which. */
  #cut(atMs: number): number {
    const step = this.#stepAt(atMs)
    if (this.#timesMs[step] === atMs) return step
    this.#timesMs.splice(step + 1, 0, atMs)
    this.#free.splice(step + 1, 0, this.#free[step]!)
    return step + 1
  }

  /** The step in force at a moment. */
  #stepAt(atMs: number): number {
    let low = 0
    let high = this.#timesMs.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#timesMs[middle]! <= atMs) low = middle
      else high = middle - 1
    }
    return low
  }
}
