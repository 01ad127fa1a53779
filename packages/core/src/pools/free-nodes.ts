// Nodes indexed by what is left on their devices: how many are wholly free, and how much remains on those partly used.
// "Are there k nodes with a free accelerators?" is one look; "which is the tightest?" a few. CPU and memory are not
// indexed: the caller checks them on the nodes it is given.

import { NodeSet } from './node-set.ts'

export class FreeNodes {
  readonly #nodes: number
  /** By number of wholly free devices. */
  readonly #byFree: readonly NodeSet[]
  /** How many nodes have at least so many wholly free devices. */
  readonly #withAtLeast: Int32Array
  /** By thousandths left on a partly used device; made when first needed. */
  readonly #byRest: (NodeSet | undefined)[] = []

  constructor(nodes: number, accelerators: number) {
    this.#nodes = nodes
    this.#byFree = Array.from({ length: accelerators + 1 }, () => new NodeSet(nodes))
    this.#withAtLeast = new Int32Array(accelerators + 1)
  }

  /** How many nodes have at least `free` wholly free devices. */
  count(free: number): number {
    return this.#withAtLeast[free]!
  }

  /** `rests`: what is left on each partly used device; `undefined` where there is none. */
  add(node: number, free: number, rests: readonly number[] | undefined): void {
    this.#byFree[free]!.add(node)
    for (let i = 0; i <= free; i++) this.#withAtLeast[i]!++
    if (rests === undefined) return
    for (const rest of rests) {
      this.#byRest[rest] ??= new NodeSet(this.#nodes)
      if (!this.#byRest[rest].has(node)) this.#byRest[rest].add(node)
    }
  }

  delete(node: number, free: number, rests: readonly number[] | undefined): void {
    this.#byFree[free]!.delete(node)
    for (let i = 0; i <= free; i++) this.#withAtLeast[i]!--
    if (rests === undefined) return
    for (const rest of rests) if (this.#byRest[rest]!.has(node)) this.#byRest[rest]!.delete(node)
  }

  /** The nodes with exactly `free` wholly free devices. */
  withFree(free: number): NodeSet {
    return this.#byFree[free]!
  }

  /** The nodes with a partly used device that has exactly `milli` left. */
  withRest(milli: number): NodeSet | undefined {
    return this.#byRest[milli]
  }

  /** One more than the largest rest any device has had. */
  get restEnd(): number {
    return this.#byRest.length
  }
}
