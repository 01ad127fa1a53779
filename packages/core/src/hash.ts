// A fast 128-bit hash of a stream of 32-bit words: MurmurHash3 x86_128 (Austin Appleby, public domain algorithm), seed 0.
// It names what happened (`facts_hash`) and what is (`stateHash`); it is no protection against a forger,
// for that the ledger chains SHA-256. The result does not depend on how the stream was cut into updates.

const C1 = 0x239b961b
const C2 = 0xab0e9789 | 0
const C3 = 0x38b34ae5
const C4 = 0xa1e38b93 | 0

const rotl = (x: number, r: number): number => (x << r) | (x >>> (32 - r))

const finalMix = (value: number): number => {
  let h = value
  h ^= h >>> 16
  h = Math.imul(h, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  return h ^ (h >>> 16)
}

const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0')

/** Words of state a hash in progress is made of: four lanes, the words not yet in a block, and the length. */
export const WORD_HASH_STATE_WORDS = 10

export class WordHash {
  #h1 = 0
  #h2 = 0
  #h3 = 0
  #h4 = 0
  readonly #tail = new Int32Array(4)
  #tailWords = 0
  #words = 0

  /** Adds `words[from..to)`. */
  update(words: Int32Array, from: number, to: number): void {
    this.#words += to - from
    let at = from
    if (this.#tailWords > 0) {
      while (this.#tailWords < 4 && at < to) this.#tail[this.#tailWords++] = words[at++]!
      if (this.#tailWords < 4) return
      this.#blocks(this.#tail, 0, 4)
      this.#tailWords = 0
    }
    const whole = at + ((to - at) & ~3)
    this.#blocks(words, at, whole)
    for (at = whole; at < to; at++) this.#tail[this.#tailWords++] = words[at]!
  }

  /** 32 hex digits over all words so far. More may follow. */
  digest(): string {
    let h1 = this.#h1
    let h2 = this.#h2
    let h3 = this.#h3
    let h4 = this.#h4
    // The stream is whole words, so the tail has 0, 4, 8 or 12 bytes.
    if (this.#tailWords > 2) h3 ^= Math.imul(rotl(Math.imul(this.#tail[2]!, C3), 17), C4)
    if (this.#tailWords > 1) h2 ^= Math.imul(rotl(Math.imul(this.#tail[1]!, C2), 16), C3)
    if (this.#tailWords > 0) h1 ^= Math.imul(rotl(Math.imul(this.#tail[0]!, C1), 15), C2)
    const bytes = this.#words * 4
    h1 ^= bytes
    h2 ^= bytes
    h3 ^= bytes
    h4 ^= bytes
    h1 = (h1 + h2 + h3 + h4) | 0
    h2 = (h2 + h1) | 0
    h3 = (h3 + h1) | 0
    h4 = (h4 + h1) | 0
    h1 = finalMix(h1)
    h2 = finalMix(h2)
    h3 = finalMix(h3)
    h4 = finalMix(h4)
    h1 = (h1 + h2 + h3 + h4) | 0
    h2 = (h2 + h1) | 0
    h3 = (h3 + h1) | 0
    h4 = (h4 + h1) | 0
    return hex(h1) + hex(h2) + hex(h3) + hex(h4)
  }

  /** The state as `WORD_HASH_STATE_WORDS` words, so that a hash can be continued after a restart. */
  save(): Int32Array {
    return Int32Array.of(
      this.#h1,
      this.#h2,
      this.#h3,
      this.#h4,
      ...this.#tail.map((word, i) => (i < this.#tailWords ? word : 0)),
      (this.#words % 0x1_0000_0000) | 0,
      Math.floor(this.#words / 0x1_0000_0000),
    )
  }

  static restore(state: Int32Array): WordHash {
    const hash = new WordHash()
    hash.#h1 = state[0]!
    hash.#h2 = state[1]!
    hash.#h3 = state[2]!
    hash.#h4 = state[3]!
    hash.#tail.set(state.subarray(4, 8))
    hash.#words = (state[8]! >>> 0) + state[9]! * 0x1_0000_0000
    hash.#tailWords = hash.#words % 4
    return hash
  }

  #blocks(words: Int32Array, from: number, to: number): void {
    let h1 = this.#h1
    let h2 = this.#h2
    let h3 = this.#h3
    let h4 = this.#h4
    for (let at = from; at < to; at += 4) {
      h1 ^= Math.imul(rotl(Math.imul(words[at]!, C1), 15), C2)
      h1 = (Math.imul((rotl(h1, 19) + h2) | 0, 5) + 0x561ccd1b) | 0
      h2 ^= Math.imul(rotl(Math.imul(words[at + 1]!, C2), 16), C3)
      h2 = (Math.imul((rotl(h2, 17) + h3) | 0, 5) + 0x0bcaa747) | 0
      h3 ^= Math.imul(rotl(Math.imul(words[at + 2]!, C3), 17), C4)
      h3 = (Math.imul((rotl(h3, 15) + h4) | 0, 5) + 0x96cd1c35) | 0
      h4 ^= Math.imul(rotl(Math.imul(words[at + 3]!, C4), 18), C1)
      h4 = (Math.imul((rotl(h4, 13) + h1) | 0, 5) + 0x32ac3b17) | 0
    }
    this.#h1 = h1
    this.#h2 = h2
    this.#h3 = h3
    this.#h4 = h4
  }
}
