// What associations used since somebody last asked, exactly: accelerator-milliseconds are whole numbers well below 2^53.

export class UsedSince {
  readonly #held: Float64Array
  readonly #sinceMs: Float64Array
  readonly #used: Float64Array

  constructor(associations: number, atMs: number) {
    this.#held = new Float64Array(associations)
    this.#sinceMs = new Float64Array(associations).fill(atMs)
    this.#used = new Float64Array(associations)
  }

  /** From now on the association holds so many accelerators more, or fewer. */
  change(association: number, accelerators: number, atMs: number): void {
    this.#advance(association, atMs)
    this.#held[association]! += accelerators
  }

  /** By association, since this was last asked. */
  take(atMs: number): Float64Array {
    for (let association = 0; association < this.#used.length; association++) this.#advance(association, atMs)
    const used = this.#used.slice()
    this.#used.fill(0)
    return used
  }

  #advance(association: number, atMs: number): void {
    this.#used[association]! += this.#held[association]! * (atMs - this.#sinceMs[association]!)
    this.#sinceMs[association] = atMs
  }
}
