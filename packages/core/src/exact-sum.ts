// Exact sums of products that outgrow a double: accelerator-thousandths × milliseconds pass 2^53 within a day on a large
// machine, and what is charged must add up to the last unit. Each sum is two doubles, value = high·2^48 + low, and every
// step below stays under 2^53, where doubles are exact integers. BigInt appears only where somebody reads a value.

/** Factors are integers from 0 to 2^48: as milliseconds, nine thousand years. */
const FACTOR_MAX = 0x1_0000_0000_0000
const LIMB = 0x1_0000_0000_0000
const HALF_LIMB = 0x100_0000

/** What `ExactSums` is stored as: the two limbs of every sum. */
export interface SavedSums {
  readonly low: Float64Array
  readonly high: Float64Array
}

/** A column of exact sums, each below 2^101. */
export class ExactSums {
  #low: Float64Array
  #high: Float64Array
  #size: number

  private constructor(low: Float64Array, high: Float64Array) {
    this.#low = low
    this.#high = high
    this.#size = low.length
  }

  /** `size` sums, all zero. */
  static create(size: number): ExactSums {
    return new ExactSums(new Float64Array(size), new Float64Array(size))
  }

  static restore(saved: SavedSums): ExactSums {
    if (saved.low.length !== saved.high.length) {
      throw new RangeError(`saved sums: ${saved.low.length} low limbs but ${saved.high.length} high ones`)
    }
    return new ExactSums(saved.low.slice(), saved.high.slice())
  }

  get size(): number {
    return this.#size
  }

  /** Makes room for `size` sums; new ones are zero, none is lost. */
  grow(size: number): void {
    if (size <= this.#size) return
    if (size > this.#low.length) {
      const capacity = Math.max(size, this.#low.length * 2)
      this.#low = lengthened(this.#low, capacity)
      this.#high = lengthened(this.#high, capacity)
    }
    this.#size = size
  }

  /** Adds a·b, exactly. a and b are integers from 0 to 2^48. */
  addProduct(index: number, a: number, b: number): void {
    if (!(index >= 0 && index < this.#size)) throw new RangeError(`no sum ${index}: there are ${this.#size}`)
    if (!isFactor(a) || !isFactor(b))
      throw new RangeError(`cannot add ${a} × ${b}: factors are integers from 0 to 2^48`)
    const product = a * b
    if (product <= Number.MAX_SAFE_INTEGER) {
      const carry = Math.floor(product / LIMB)
      this.#add(index, carry, product - carry * LIMB)
      return
    }
    // Schoolbook multiplication with digits of 24 bits: each partial product is below 2^49.
    const aHigh = Math.floor(a / HALF_LIMB)
    const aLow = a - aHigh * HALF_LIMB
    const bHigh = Math.floor(b / HALF_LIMB)
    const bLow = b - bHigh * HALF_LIMB
    const cross = aHigh * bLow + aLow * bHigh
    const crossHigh = Math.floor(cross / HALF_LIMB)
    this.#add(index, aHigh * bHigh + crossHigh, (cross - crossHigh * HALF_LIMB) * HALF_LIMB)
    this.#add(index, 0, aLow * bLow)
  }

  /** The sum as it is. */
  value(index: number): bigint {
    if (!(index >= 0 && index < this.#size)) throw new RangeError(`no sum ${index}: there are ${this.#size}`)
    return BigInt(this.#high[index] as number) * BigInt(LIMB) + BigInt(this.#low[index] as number)
  }

  save(): SavedSums {
    return { low: this.#low.slice(0, this.#size), high: this.#high.slice(0, this.#size) }
  }

  /** `low` is below 2^48, as is what is stored, so at most one is carried. */
  #add(index: number, high: number, low: number): void {
    let sum = (this.#low[index] as number) + low
    let carried = (this.#high[index] as number) + high
    if (sum >= LIMB) {
      sum -= LIMB
      carried += 1
    }
    if (carried > Number.MAX_SAFE_INTEGER) throw new RangeError(`sum ${index} has passed 2^101`)
    this.#low[index] = sum
    this.#high[index] = carried
  }
}

const isFactor = (x: number): boolean => x >= 0 && x <= FACTOR_MAX && Math.floor(x) === x

/** The column with room for `length` entries; new ones are zero. */
export function lengthened(column: Float64Array, length: number): Float64Array {
  const longer = new Float64Array(length)
  longer.set(column)
  return longer
}
