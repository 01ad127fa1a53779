// Running jobs by the moment their time limit ends: a binary heap of slots whose places stand in the jobs' `place` column,
// so that a job that ends early is taken out at once.

import { grown, type Jobs, NONE } from './jobs.ts'

export class LimitHeap {
  readonly #jobs: Jobs
  #slots = new Int32Array(256)
  #endMs = new Float64Array(256)
  size = 0

  constructor(jobs: Jobs) {
    this.#jobs = jobs
  }

  /** The earliest end of a time limit, Infinity where nothing runs. */
  get nextMs(): number {
    return this.size === 0 ? Number.POSITIVE_INFINITY : this.#endMs[0]!
  }

  /** The slot whose limit ends first; of several the first submitted. */
  get first(): number {
    return this.#slots[0]!
  }

  add(slot: number, endMs: number): void {
    if (this.size === this.#slots.length) {
      this.#slots = grown(this.#slots)
      this.#endMs = grown(this.#endMs)
    }
    this.#up(this.size++, slot, endMs)
  }

  delete(slot: number): void {
    const at = this.#jobs.place[slot]!
    this.#jobs.place[slot] = NONE
    const last = --this.size
    if (at === last) return
    const moved = this.#slots[last]!
    const endMs = this.#endMs[last]!
    this.#down(this.#up(at, moved, endMs), moved, endMs)
  }

  /** Slots by end of limit, then by submission. */
  inOrder(): number[] {
    const end = (slot: number): number => this.#endMs[this.#jobs.place[slot]!]!
    return [...this.#slots.subarray(0, this.size)].sort(
      (a, b) => end(a) - end(b) || this.#jobs.sequence[a]! - this.#jobs.sequence[b]!,
    )
  }

  #isBefore(slot: number, endMs: number, at: number): boolean {
    const other = this.#endMs[at]!
    return endMs < other || (endMs === other && this.#jobs.sequence[slot]! < this.#jobs.sequence[this.#slots[at]!]!)
  }

  #put(at: number, slot: number, endMs: number): void {
    this.#slots[at] = slot
    this.#endMs[at] = endMs
    this.#jobs.place[slot] = at
  }

  #up(from: number, slot: number, endMs: number): number {
    let at = from
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.#isBefore(slot, endMs, parent)) break
      this.#put(at, this.#slots[parent]!, this.#endMs[parent]!)
      at = parent
    }
    this.#put(at, slot, endMs)
    return at
  }

  #down(from: number, slot: number, endMs: number): void {
    let at = from
    for (;;) {
      let child = 2 * at + 1
      if (child >= this.size) break
      if (child + 1 < this.size && this.#isBefore(this.#slots[child + 1]!, this.#endMs[child + 1]!, child)) child++
      if (this.#isBefore(slot, endMs, child)) break
      this.#put(at, this.#slots[child]!, this.#endMs[child]!)
      at = child
    }
    this.#put(at, slot, endMs)
  }
}
