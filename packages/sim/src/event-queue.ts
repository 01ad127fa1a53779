// What is due next on virtual time. A binary heap on flat arrays, ordered by time, then rank (what kind of event goes
// first within an instant), then order of insertion: equal events leave in the order they came, which a plain heap
// does not promise and a reproducible simulation needs. O(log n) a push or pop, nothing allocated but to grow.

const CAPACITY_FIRST = 1024
/** Rank and sequence share one double: ranks 0–255 above sequences up to 2^45. */
const SEQUENCES = 35_184_372_088_832

export class EventQueue {
  #times = new Float64Array(CAPACITY_FIRST)
  #orders = new Float64Array(CAPACITY_FIRST)
  #values = new Int32Array(CAPACITY_FIRST)
  #sequence = 0
  #length = 0

  get length(): number {
    return this.#length
  }

  /** Time of the next event, Infinity if there is none. */
  nextMs(): number {
    return this.#length === 0 ? Infinity : this.#times[0]!
  }

  /** Value of the next event, which stays. */
  peek(): number {
    if (this.#length === 0) throw new Error('peek into an empty event queue')
    return this.#values[0]!
  }

  /** Values are what the caller wants back, such as the index of a job; ranks are small integers, the lowest first. */
  push(timeMs: number, rank: number, value: number): void {
    if (this.#length === this.#times.length) this.#grow()
    const times = this.#times
    const orders = this.#orders
    const values = this.#values
    const order = rank * SEQUENCES + this.#sequence++
    let hole = this.#length++
    while (hole > 0) {
      const parent = (hole - 1) >> 1
      const parentMs = times[parent]!
      if (parentMs < timeMs || (parentMs === timeMs && orders[parent]! < order)) break
      times[hole] = parentMs
      orders[hole] = orders[parent]!
      values[hole] = values[parent]!
      hole = parent
    }
    times[hole] = timeMs
    orders[hole] = order
    values[hole] = value
  }

  /** Removes the next event and returns its value. */
  pop(): number {
    if (this.#length === 0) throw new Error('pop of an empty event queue')
    const times = this.#times
    const orders = this.#orders
    const values = this.#values
    const top = values[0]!
    const last = --this.#length
    const timeMs = times[last]!
    const order = orders[last]!
    let hole = 0
    for (let child = 1; child < last; child = 2 * hole + 1) {
      const right = child + 1
      if (right < last) {
        const leftMs = times[child]!
        const rightMs = times[right]!
        if (rightMs < leftMs || (rightMs === leftMs && orders[right]! < orders[child]!)) child = right
      }
      const childMs = times[child]!
      if (timeMs < childMs || (timeMs === childMs && order < orders[child]!)) break
      times[hole] = childMs
      orders[hole] = orders[child]!
      values[hole] = values[child]!
      hole = child
    }
    times[hole] = timeMs
    orders[hole] = order
    values[hole] = values[last]!
    return top
  }

  #grow(): void {
    const capacity = 2 * this.#times.length
    const times = new Float64Array(capacity)
    times.set(this.#times)
    const orders = new Float64Array(capacity)
    orders.set(this.#orders)
    const values = new Int32Array(capacity)
    values.set(this.#values)
    this.#times = times
    this.#orders = orders
    this.#values = values
  }
}
