// A set of node numbers that is walked in ascending order: three levels of bits, each telling which words below have any.
// 32,768 nodes take three words of summary, so finding the next node costs a few operations however sparse the set is.
// The order is by node number, not by history, so that two centers in the same state choose the same nodes.

const lowestBit = (word: number): number => 31 - Math.clz32(word & -word)

export class NodeSet {
  readonly #bits: Int32Array
  readonly #filled: Int32Array
  readonly #filledAbove: Int32Array
  size = 0

  constructor(nodes: number) {
    const words = Math.max(1, Math.ceil(nodes / 32))
    const summary = Math.ceil(words / 32)
    this.#bits = new Int32Array(words)
    this.#filled = new Int32Array(summary)
    this.#filledAbove = new Int32Array(Math.ceil(summary / 32))
  }

  has(node: number): boolean {
    return (this.#bits[node >> 5]! & (1 << (node & 31))) !== 0
  }

  /** `node` must not be in the set. */
  add(node: number): void {
    const word = node >> 5
    this.#bits[word]! |= 1 << (node & 31)
    this.#filled[word >> 5]! |= 1 << (word & 31)
    this.#filledAbove[word >> 10]! |= 1 << ((word >> 5) & 31)
    this.size++
  }

  /** `node` must be in the set. */
  delete(node: number): void {
    const word = node >> 5
    const bits = this.#bits[word]! & ~(1 << (node & 31))
    this.#bits[word] = bits
    this.size--
    if (bits !== 0) return
    const filled = this.#filled[word >> 5]! & ~(1 << (word & 31))
    this.#filled[word >> 5] = filled
    if (filled === 0) this.#filledAbove[word >> 10]! &= ~(1 << ((word >> 5) & 31))
  }

  /** The smallest member ≥ `from`, or -1. */
  next(from: number): number {
    let word = from >> 5
    if (word >= this.#bits.length) return -1
    const here = this.#bits[word]! & (-1 << (from & 31))
    if (here !== 0) return (word << 5) + lowestBit(here)
    word = nextFilled(this.#filled, this.#filledAbove, word + 1)
    return word < 0 ? -1 : (word << 5) + lowestBit(this.#bits[word]!)
  }
}

/** The first filled word ≥ `from`, or -1. */
function nextFilled(filled: Int32Array, filledAbove: Int32Array, from: number): number {
  let group = from >> 5
  if (group >= filled.length) return -1
  const here = filled[group]! & (-1 << (from & 31))
  if (here !== 0) return (group << 5) + lowestBit(here)
  group++
  for (let above = group >> 5; above < filledAbove.length; above++) {
    const groups = filledAbove[above]! & (above === group >> 5 ? -1 << (group & 31) : -1)
    if (groups === 0) continue
    group = (above << 5) + lowestBit(groups)
    return (group << 5) + lowestBit(filled[group]!)
  }
  return -1
}
