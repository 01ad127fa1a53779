// Nodes indexed by what is left on their devices: how many are wholly free, and how much remains on those partly used.
// "Are there k nodes with a free accelerators?" is one look; "which is the tightest?" a few. CPU and memory are not
// indexed: the caller checks them on the nodes it is given.

import { NodeSet } from './node-set.ts'

export class FreeNodes {
  readonly #accelerators: number
  readonly #nodes: number
  /** By number of wholly free devices. */
  readonly #byFree: readonly NodeSet[]
  /** How many nodes have at least so many wholly free devices. */
  readonly #withAtLeast: Int32Array
  /** By thousandths left on a partly used device; made when first needed. */
  readonly #byRest: (NodeSet | undefined)[] = []

  constructor(nodes: number, accelerators: number) {
    this.#nodes = nodes
    this.#accelerators = accelerators
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

  /** Nodes with at least `free` wholly free devices: the tightest first, then by number. Stops when `visit` says true. */
  findWhole(free: number, visit: (node: number) => boolean): boolean {
    for (let left = free; left <= this.#accelerators; left++) {
      const nodes = this.#byFree[left]!
      if (nodes.size === 0) continue
      for (let node = nodes.next(0); node >= 0; node = nodes.next(node + 1)) if (visit(node)) return true
    }
    return false
  }

  /** Nodes with a partly used device that has at least `milli` left: the tightest first, then by number. */
  findRest(milli: number, visit: (node: number, rest: number) => boolean): boolean {
    for (let rest = milli; rest < this.#byRest.length; rest++) {
      const nodes = this.#byRest[rest]
      if (nodes === undefined) continue
      for (let node = nodes.next(0); node >= 0; node = nodes.next(node + 1)) if (visit(node, rest)) return true
    }
    return false
  }
}
