// Which intake sequence numbers the ledger has consumed: nearly all up to a point, and a few beyond it. Kept as runs of
// consecutive numbers, so that a million commands cost a few numbers.

export class SequenceSet {
  /** First and last of each run, ascending. */
  readonly #runs: { first: number; last: number }[]

  constructor(runs: readonly (readonly [first: number, last: number])[] = []) {
    this.#runs = runs.map(([first, last]) => ({ first, last }))
  }

  has(number: number): boolean {
    const run = this.#runs[this.#at(number)]
    return run !== undefined && number >= run.first
  }

  add(number: number): void {
    const at = this.#at(number)
    const run = this.#runs[at]
    if (run !== undefined && number >= run.first) return
    const before = this.#runs[at - 1]
    const joinsBefore = before !== undefined && before.last === number - 1
    const joinsAfter = run !== undefined && run.first === number + 1
    if (joinsBefore && joinsAfter) {
      before.last = run.last
      this.#runs.splice(at, 1)
    } else if (joinsBefore) before.last = number
    else if (joinsAfter) run.first = number
    else this.#runs.splice(at, 0, { first: number, last: number })
  }

  /** 0: none is in it. */
  get greatest(): number {
    return this.#runs.at(-1)?.last ?? 0
  }

  runs(): [first: number, last: number][] {
    return this.#runs.map(({ first, last }) => [first, last])
  }

  /** The first run that ends at `number` or after. */
  #at(number: number): number {
    let low = 0
    let high = this.#runs.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#runs[middle]!.last < number) low = middle + 1
      else high = middle
    }
    return low
  }
}
