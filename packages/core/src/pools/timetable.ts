// Free processors over time, as steps: how many are free from one moment until the next, if every running job uses up its
// limit and every promise is kept. Flat arrays without two like neighbours, so that the same holdings always look the same.
// Finding and changing cost O(steps); there are at most two steps a holding.

import { assert } from '../assert.ts'
import { grown } from '../jobs.ts'

export class Timetable {
  /** Step i holds from `#fromMs[i]` until the next; the last one for ever. */
  #fromMs = new Float64Array(64)
  #free = new Int32Array(64)
  #steps = 1

  constructor(processors: number) {
    this.#fromMs[0] = Number.NEGATIVE_INFINITY
    this.#free[0] = processors
  }

  copy(): Timetable {
    const other = new Timetable(0)
    other.#fromMs = this.#fromMs.slice()
    other.#free = this.#free.slice()
    other.#steps = this.#steps
    return other
  }

  /** Drops what lies before a moment. */
  forgetBefore(nowMs: number): void {
    const step = this.#stepAt(nowMs)
    if (step === 0) return
    this.#fromMs.copyWithin(0, step, this.#steps)
    this.#free.copyWithin(0, step, this.#steps)
    this.#steps -= step
  }

  /** The least that is free at any moment of [fromMs, toMs). */
  leastFree(fromMs: number, toMs: number): number {
    let least = Number.POSITIVE_INFINITY
    for (let step = this.#stepAt(fromMs); step < this.#steps && this.#fromMs[step]! < toMs; step++) {
      if (this.#free[step]! < least) least = this.#free[step]!
    }
    return least
  }

  /** The first moment from `nowMs` on at which so many processors are free for so long. */
  earliestHole(nowMs: number, units: number, lengthMs: number): number {
    let startMs = nowMs
    for (let step = this.#stepAt(nowMs); step < this.#steps; step++) {
      const untilMs = step + 1 < this.#steps ? this.#fromMs[step + 1]! : Number.POSITIVE_INFINITY
      if (this.#free[step]! < units) startMs = untilMs
      else if (untilMs - startMs >= lengthMs) return startMs
    }
    assert(false, 'a job fits once everything else is over')
    return startMs
  }

  /** Something holds `units` processors in [fromMs, toMs). */
  take(fromMs: number, toMs: number, units: number): void {
    this.#change(fromMs, toMs, -units)
  }

  /** It holds them no longer. */
  giveBack(fromMs: number, toMs: number, units: number): void {
    this.#change(fromMs, toMs, units)
  }

  #change(givenFromMs: number, toMs: number, units: number): void {
    const fromMs = Math.max(givenFromMs, this.#fromMs[0]!) // what lies before is forgotten
    if (fromMs >= toMs) return
    const first = this.#cut(fromMs)
    const end = this.#cut(toMs)
    for (let step = first; step < end; step++) {
      this.#free[step]! += units
      assert(this.#free[step]! >= 0, 'no promise takes what is not there')
    }
    this.#join(end)
    this.#join(first)
  }

  /** Makes a step begin at this moment and says which. */
  #cut(atMs: number): number {
    const step = this.#stepAt(atMs)
    if (this.#fromMs[step] === atMs) return step
    if (this.#steps === this.#fromMs.length) {
      this.#fromMs = grown(this.#fromMs)
      this.#free = grown(this.#free)
    }
    this.#fromMs.copyWithin(step + 2, step + 1, this.#steps)
    this.#free.copyWithin(step + 2, step + 1, this.#steps)
    this.#steps++
    this.#fromMs[step + 1] = atMs
    this.#free[step + 1] = this.#free[step]!
    return step + 1
  }

  /** Makes one step of two neighbours that are alike. */
  #join(step: number): void {
    if (step === 0 || this.#free[step] !== this.#free[step - 1]) return
    this.#fromMs.copyWithin(step, step + 1, this.#steps)
    this.#free.copyWithin(step, step + 1, this.#steps)
    this.#steps--
  }

  /** The step in force at a moment; the first one for what lies before all of them. */
  #stepAt(atMs: number): number {
    let low = 0
    let high = this.#steps - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#fromMs[middle]! <= atMs) low = middle
      else high = middle - 1
    }
    return low
  }
}
