// Non-negative whole numbers below 2^53 to small integers, in flat arrays: open addressing with linear probing, and
// deletion by shifting back, so that no tombstones pile up while a million jobs come and go. Never iterated.

const EMPTY = -1

/** Spreads both halves of the key over 32 bits. */
const slotHash = (key: number): number => {
  const low = key | 0
  const high = (key / 0x1_0000_0000) | 0
  let h = Math.imul(low ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1)
  h ^= h >>> 15
  return Math.imul(h, 0xc2b2ae35) ^ (h >>> 13)
}

export class IdTable {
  #keys: Float64Array
  #values: Int32Array
  #mask: number
  size = 0

  /** `capacity`: how many entries there is room for at first, times two; a power of two. */
  constructor(capacity = 64) {
    this.#keys = new Float64Array(capacity).fill(EMPTY)
    this.#values = new Int32Array(capacity)
    this.#mask = capacity - 1
  }

  /** The value of `key`, or -1. */
  get(key: number): number {
    const keys = this.#keys
    let at = slotHash(key) & this.#mask
    for (;;) {
      const found = keys[at]!
      if (found === EMPTY) return -1 // first, so that what can be no key is not found either
      if (found === key) return this.#values[at]!
      at = (at + 1) & this.#mask
    }
  }

  /** Adds or replaces. `value` must not be negative. */
  set(key: number, value: number): void {
    if (this.size * 2 >= this.#mask) this.#grow()
    let at = slotHash(key) & this.#mask
    while (this.#keys[at] !== EMPTY && this.#keys[at] !== key) at = (at + 1) & this.#mask
    if (this.#keys[at] === EMPTY) this.size++
    this.#keys[at] = key
    this.#values[at] = value
  }

  /** `key` must be there. */
  delete(key: number): void {
    const keys = this.#keys
    const mask = this.#mask
    let hole = slotHash(key) & mask
    while (keys[hole] !== key) hole = (hole + 1) & mask
    for (let at = (hole + 1) & mask; keys[at] !== EMPTY; at = (at + 1) & mask) {
      const home = slotHash(keys[at]!) & mask
      // An entry may move back into the hole unless its home lies after the hole on the way here.
      if (((at - home) & mask) < ((at - hole) & mask)) continue
      keys[hole] = keys[at]!
      this.#values[hole] = this.#values[at]!
      hole = at
    }
    keys[hole] = EMPTY
    this.size--
  }

  #grow(): void {
    const keys = this.#keys
    const values = this.#values
    const capacity = keys.length * 2
    this.#keys = new Float64Array(capacity).fill(EMPTY)
    this.#values = new Int32Array(capacity)
    this.#mask = capacity - 1
    this.size = 0
    for (let i = 0; i < keys.length; i++) if (keys[i] !== EMPTY) this.set(keys[i]!, values[i]!)
  }
}
