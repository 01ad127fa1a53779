// The best few of many, without sorting the many.

/** The k smallest of what is offered, by value and then by number: a heap with the worst of them on top. */
export class KBest {
  readonly numbers: number[] = []
  readonly #values: number[] = []
  readonly #k: number

  constructor(k: number) {
    this.#k = k
  }

  /** Value of the worst of the k. */
  get worst(): number {
    return this.#values[0]!
  }

  offer(value: number, number: number): void {
    if (this.numbers.length < this.#k) {
      this.#values.push(value)
      this.numbers.push(number)
      this.#up(this.numbers.length - 1)
    } else if (value < this.#values[0]! || (value === this.#values[0] && number < this.numbers[0]!)) {
      this.#values[0] = value
      this.numbers[0] = number
      this.#down()
    }
  }

  #isWorse(a: number, b: number): boolean {
    const [values, numbers] = [this.#values, this.numbers]
    return values[a]! > values[b]! || (values[a] === values[b] && numbers[a]! > numbers[b]!)
  }

  #up(from: number): void {
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >> 1
      if (!this.#isWorse(at, parent)) return
      this.#swap(at, parent)
      at = parent
    }
  }

  #down(): void {
    for (let at = 0; ; ) {
      let child = 2 * at + 1
      if (child >= this.numbers.length) return
      if (child + 1 < this.numbers.length && this.#isWorse(child + 1, child)) child++
      if (!this.#isWorse(child, at)) return
      this.#swap(at, child)
      at = child
    }
  }

  #swap(a: number, b: number): void {
    const [value, number] = [this.#values[a]!, this.numbers[a]!]
    this.#values[a] = this.#values[b]!
    this.numbers[a] = this.numbers[b]!
    this.#values[b] = value
    this.numbers[b] = number
  }
}
