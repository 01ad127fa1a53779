// Decayed usage: how much each association has used lately, for ranking only (what is charged is exact, `exact-sum.ts`).
// Usage halves every half-life while running jobs add to it, which has a closed form, so nothing ticks: a value is stored
// with its moment and its rate, and read at any later moment in O(1).
//
//   u(t) = u0 · 2^(−Δ/H) + R · (H / ln 2) · (1 − 2^(−Δ/H)),   Δ = t − t0
//
// u in accelerator-seconds, R in accelerators, H the half-life. Without decay, u(t) = u0 + R · Δ.
// Rates are kept in thousandths of an accelerator: integers, so that a thousand starts and ends bring a rate back to exactly 0.

import { lengthened } from '../exact-sum.ts'
import { exp2Neg, LN2, oneMinusExp2Neg } from '../exponential.ts'

/** Thousandths of an accelerator × milliseconds in an accelerator-second. */
const MILLI_MS_PER_ACCELERATOR_S = 1_000_000

/** What `DecayedUsage` is stored as: one entry an association in each column. */
export interface SavedUsage {
  readonly halfLifeMs: number
  /** Accelerators in thousandths that are running. */
  readonly rateMilli: Float64Array
  /** Usage at `sinceMs`, in accelerator-seconds. */
  readonly usedAcceleratorS: Float64Array
  readonly sinceMs: Float64Array
}

/** Decayed usage per association. A half-life of 0 or Infinity means that usage does not decay. */
export class DecayedUsage {
  readonly halfLifeMs: number
  #rateMilli: Float64Array
  #used: Float64Array
  #sinceMs: Float64Array
  #size: number

  private constructor(saved: SavedUsage) {
    this.halfLifeMs = saved.halfLifeMs
    this.#rateMilli = saved.rateMilli.slice()
    this.#used = saved.usedAcceleratorS.slice()
    this.#sinceMs = saved.sinceMs.slice()
    this.#size = saved.rateMilli.length
  }

  /** `size` associations that have used nothing and run nothing. */
  static create(size: number, halfLifeMs: number): DecayedUsage {
    if (!(halfLifeMs >= 0))
      throw new RangeError(`half-life ${halfLifeMs} ms: must be 0 or more (0 or Infinity: no decay)`)
    const zeros = new Float64Array(size)
    return new DecayedUsage({ halfLifeMs, rateMilli: zeros, usedAcceleratorS: zeros, sinceMs: zeros })
  }

  static restore(saved: SavedUsage): DecayedUsage {
    if (saved.rateMilli.length !== saved.usedAcceleratorS.length || saved.rateMilli.length !== saved.sinceMs.length) {
      throw new RangeError('saved usage: its columns differ in length')
    }
    return new DecayedUsage(saved)
  }

  get size(): number {
    return this.#size
  }

  /** Makes room for `size` associations; new ones have used nothing. */
  grow(size: number): void {
    if (size <= this.#size) return
    if (size > this.#used.length) {
      const capacity = Math.max(size, this.#used.length * 2)
      this.#rateMilli = lengthened(this.#rateMilli, capacity)
      this.#used = lengthened(this.#used, capacity)
      this.#sinceMs = lengthened(this.#sinceMs, capacity)
    }
    this.#size = size
  }

  /** Accelerators in thousandths that the association is running. */
  rateMilli(index: number): number {
    return this.#rateMilli[index] as number
  }

  /** From `atMs` on the association runs `rateMilli` thousandths of an accelerator. Time does not go back. */
  setRate(index: number, rateMilli: number, atMs: number): void {
    this.#used[index] = this.at(index, atMs)
    this.#sinceMs[index] = atMs
    this.#rateMilli[index] = rateMilli
  }

  /** Sets the usage of an association as it was at `atMs`: what it brings along from elsewhere. Its rate stays. */
  setUsed(index: number, usedAcceleratorS: number, atMs: number): void {
    this.#used[index] = usedAcceleratorS
    this.#sinceMs[index] = atMs
  }

  /** Decayed usage in accelerator-seconds at `atMs`, which is not before the last change. */
  at(index: number, atMs: number): number {
    if (!(index >= 0 && index < this.#size)) throw new RangeError(`no association ${index}: there are ${this.#size}`)
    const used = this.#used[index] as number
    const rateMilli = this.#rateMilli[index] as number
    if (used === 0 && rateMilli === 0) return 0
    const elapsedMs = atMs - (this.#sinceMs[index] as number)
    if (elapsedMs === 0) return used
    if (!(elapsedMs > 0)) throw new RangeError(`usage ${index} asked for ${-elapsedMs} ms before its last change`)
    if (this.halfLifeMs === 0 || this.halfLifeMs === Infinity) {
      return used + (rateMilli * elapsedMs) / MILLI_MS_PER_ACCELERATOR_S
    }
    const halfLives = elapsedMs / this.halfLifeMs
    const kept = used === 0 ? 0 : used * exp2Neg(halfLives)
    if (rateMilli === 0) return kept
    const meanLifeMs = this.halfLifeMs / LN2
    return kept + (rateMilli * (meanLifeMs * oneMinusExp2Neg(halfLives))) / MILLI_MS_PER_ACCELERATOR_S
  }

  /** `at` for every association. `out` has room for `size`. */
  allAt(atMs: number, out: Float64Array): void {
    for (let index = 0; index < this.#size; index++) out[index] = this.at(index, atMs)
  }

  save(): SavedUsage {
    return {
      halfLifeMs: this.halfLifeMs,
      rateMilli: this.#rateMilli.slice(0, this.#size),
      usedAcceleratorS: this.#used.slice(0, this.#size),
      sinceMs: this.#sinceMs.slice(0, this.#size),
    }
  }
}

/**
 * What Slurm keeps of a unit of usage after `elapsedS` whole seconds (`priority_multifactor.c`): its factor per second is
 * 1 − 0.693 / half-life, so that a little more than half is left after a half-life. For comparison with Slurm only.
 */
export function slurmDecayFactor(halfLifeS: number, elapsedS: number): number {
  // biome-ignore lint/suspicious/noApproximativeNumericConstant: three digits of ln 2 are what Slurm has, and the point of this function.
  let power = halfLifeS === 0 ? 1 : 1 - 0.693 / halfLifeS
  let factor = 1
  for (let n = elapsedS; n > 0; n = Math.floor(n / 2)) {
    if (n % 2 === 1) factor *= power
    power *= power
  }
  return Math.max(2.2250738585072014e-308, factor)
}
