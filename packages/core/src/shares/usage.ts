// Decayed usage: how much each association has used lately, for ranking only (what is charged is exact, `exact-sum.ts`).
// Usage halves every half-life while running jobs add to it, which has a closed form, so nothing ticks: a value is stored
// with its moment and its rate, and read at any later moment in O(1).
//
//   u(t) = u0 · 2^(−Δ/H) + R · (H / ln 2) · (1 − 2^(−Δ/H)),   Δ = t − t0
//
// u in accelerator-seconds, R in accelerators, H the half-life. Without decay, u(t) = u0 + R · Δ.
// Slurm's decay has the same form with another half-life, and is a value of `UsageDecay`.
// What is counted is up to the host: accelerators, or any other unit of which a job takes so many at a time, such as billing units.
// Rates are kept in thousandths of an accelerator: integers, so that a thousand starts and ends bring a rate back to exactly 0.

import { lengthened } from '../exact-sum.ts'
import { exp2Neg, LN2, ln, oneMinusExp2Neg } from '../exponential.ts'

/** Thousandths of an accelerator × milliseconds in an accelerator-second. */
const MILLI_MS_PER_ACCELERATOR_S = 1_000_000

/**
 * How usage decays. `half-life`: half is left after each half-life. `slurm`: as Slurm's priority/multifactor has it, a factor of
 * 1 − 0.693 / half-life each second, which leaves a little more than half: 0.500073 after seven days.
 */
export type UsageDecay = 'half-life' | 'slurm'

/** What `DecayedUsage` is stored as: one entry an association in each column. */
export interface SavedUsage {
  readonly halfLifeMs: number
  /** `half-life` where absent. */
  readonly decay?: UsageDecay
  /** Accelerators in thousandths that are running. */
  readonly rateMilli: Float64Array
  /** Usage at `sinceMs`, in accelerator-seconds. */
  readonly usedAcceleratorS: Float64Array
  readonly sinceMs: Float64Array
}

/** Decayed usage per association. A half-life of 0 or Infinity means that usage does not decay. */
export class DecayedUsage {
  readonly halfLifeMs: number
  readonly decay: UsageDecay
  /** In which half is left, whatever the decay is called. */
  readonly #halvedMs: number
  #rateMilli: Float64Array
  #used: Float64Array
  #sinceMs: Float64Array
  #size: number

  private constructor(saved: SavedUsage) {
    this.halfLifeMs = saved.halfLifeMs
    this.decay = saved.decay ?? 'half-life'
    this.#halvedMs = this.decay === 'slurm' ? slurmHalvedMs(saved.halfLifeMs) : saved.halfLifeMs
    this.#rateMilli = saved.rateMilli.slice()
    this.#used = saved.usedAcceleratorS.slice()
    this.#sinceMs = saved.sinceMs.slice()
    this.#size = saved.rateMilli.length
  }

  /** `size` associations that have used nothing and run nothing. */
  static create(size: number, halfLifeMs: number, decay: UsageDecay = 'half-life'): DecayedUsage {
    if (!(halfLifeMs >= 0))
      throw new RangeError(`half-life ${halfLifeMs} ms: must be 0 or more (0 or Infinity: no decay)`)
    const zeros = new Float64Array(size)
    return new DecayedUsage({ halfLifeMs, decay, rateMilli: zeros, usedAcceleratorS: zeros, sinceMs: zeros })
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
    const halvedMs = this.#halvedMs
    if (halvedMs === 0 || halvedMs === Infinity) {
      return used + (rateMilli * elapsedMs) / MILLI_MS_PER_ACCELERATOR_S
    }
    const halfLives = elapsedMs / halvedMs
    const kept = used === 0 ? 0 : used * exp2Neg(halfLives)
    if (rateMilli === 0) return kept
    const meanLifeMs = halvedMs / LN2
    return kept + (rateMilli * (meanLifeMs * oneMinusExp2Neg(halfLives))) / MILLI_MS_PER_ACCELERATOR_S
  }

  /** `at` for every association. `out` has room for `size`. */
  allAt(atMs: number, out: Float64Array): void {
    for (let index = 0; index < this.#size; index++) out[index] = this.at(index, atMs)
  }

  save(): SavedUsage {
    return {
      halfLifeMs: this.halfLifeMs,
      decay: this.decay,
      rateMilli: this.#rateMilli.slice(0, this.#size),
      usedAcceleratorS: this.#used.slice(0, this.#size),
      sinceMs: this.#sinceMs.slice(0, this.#size),
    }
  }
}

// biome-ignore lint/suspicious/noApproximativeNumericConstant: three digits of ln 2 are what Slurm has, and why its decay is another.
const SLURM_LN2 = 0.693

/**
 * The time in which Slurm's decay halves usage: d^t = 2^(−t / T) for T = ln 2 / −ln d. Its factor d a second is a double there too, and
 * is taken as it is rounded. Slurm takes usage in slices of `PriorityCalcPeriod` and counts each as used when the slice began; here
 * it accrues all the time, which comes to half a slice's decay more (0.017 % for five minutes of seven days).
 */
function slurmHalvedMs(halfLifeMs: number): number {
  if (halfLifeMs === 0 || halfLifeMs === Infinity) return halfLifeMs
  const keptPerS = 1 - SLURM_LN2 / (halfLifeMs / 1000)
  if (!(keptPerS > 0)) throw new RangeError(`half-life ${halfLifeMs} ms: Slurm's decay needs a second or more`)
  const lostPerS = -ln(keptPerS)
  return lostPerS > 0 ? (1000 * LN2) / lostPerS : Infinity
}
