// Nodes grouped by what is left on them, for rules that choose by a value of that (`placement.ts`). On a large machine most
// nodes are in few states (idle, full, half), and a cost is a matter of the state and the shape alone: it is worked out once
// for all nodes of a state, and kept while any node is in it.
//
// A change of a node costs O(devices); a choice O(states) where the shape has been seen, and a trial per state where not.

import type { Shape } from '../backlog.ts'
import { NodeSet } from './node-set.ts'
import { type NodeValue, placing } from './placement.ts'

interface State {
  readonly key: string
  /** Ascending: which device has how much is no matter of the cost. */
  readonly leftMilli: Int32Array
  readonly cpuMilli: number
  readonly memoryMib: number
  readonly nodes: NodeSet
  /** By index of the shape; Infinity where it does not fit. */
  readonly costs: Map<number, number>
  /** Where it stands in the list. */
  at: number
}

export class NodeStates {
  readonly #nodes: number
  readonly #value: NodeValue
  readonly #states: State[] = []
  readonly #byKey = new Map<string, State>()
  readonly #stateOf: (State | undefined)[]
  /** Of one choice: the cost in each state. */
  #costs = new Float64Array(16)

  constructor(nodes: number, value: NodeValue) {
    this.#nodes = nodes
    this.#value = value
    this.#stateOf = new Array(nodes)
  }

  /** Enters a node with what is left on its devices `left[from..to)` and of the rest. It must not be there. */
  add(node: number, left: Int32Array, from: number, to: number, cpuMilli: number, memoryMib: number): void {
    const leftMilli = left.slice(from, to).sort()
    const key = `${leftMilli.join()}/${cpuMilli}/${memoryMib}`
    const state = this.#byKey.get(key) ?? this.#newState(key, leftMilli, cpuMilli, memoryMib)
    state.nodes.add(node)
    this.#stateOf[node] = state
  }

  /** The node must be there. */
  delete(node: number): void {
    const state = this.#stateOf[node]!
    this.#stateOf[node] = undefined
    state.nodes.delete(node)
    if (state.nodes.size > 0) return
    this.#byKey.delete(state.key)
    const last = this.#states.pop()!
    if (last === state) return
    this.#states[state.at] = last
    last.at = state.at
  }

  /** Visits the nodes that can take a part of a shape, those of the least cost first, then by number, until `visit` returns false. */
  visitByCost(shape: Shape, visit: (node: number) => boolean): void {
    if (this.#costs.length < this.#states.length) this.#costs = new Float64Array(2 * this.#states.length)
    for (let at = 0; at < this.#states.length; at++) this.#costs[at] = this.#cost(this.#states[at]!, shape)
    for (let cost = this.#nextCost(Number.NEGATIVE_INFINITY); cost < Number.POSITIVE_INFINITY; ) {
      if (!this.#visitTied(cost, visit)) return
      cost = this.#nextCost(cost)
    }
  }

  /** The least cost above another; Infinity where there is none. */
  #nextCost(above: number): number {
    let least = Number.POSITIVE_INFINITY
    for (let at = 0; at < this.#states.length; at++) {
      const cost = this.#costs[at]!
      if (cost > above && cost < least) least = cost
    }
    return least
  }

  /** Visits the nodes of all states of a cost by number; false once `visit` has had enough. */
  #visitTied(cost: number, visit: (node: number) => boolean): boolean {
    const tied = this.#states.filter((_, at) => this.#costs[at] === cost)
    const next = tied.map(({ nodes }) => nodes.next(0))
    for (;;) {
      let first = 0
      for (let i = 1; i < next.length; i++)
        if (next[i]! >= 0 && (next[first]! < 0 || next[i]! < next[first]!)) first = i
      const node = next[first]!
      if (node < 0) return true
      if (!visit(node)) return false
      next[first] = tied[first]!.nodes.next(node + 1)
    }
  }

  #cost(state: State, shape: Shape): number {
    const known = state.costs.get(shape.index)
    if (known !== undefined) return known
    const { leftMilli, cpuMilli, memoryMib } = state
    const cost = placing(this.#value, leftMilli, cpuMilli, memoryMib, shape)?.cost ?? Number.POSITIVE_INFINITY
    state.costs.set(shape.index, cost)
    return cost
  }

  #newState(key: string, leftMilli: Int32Array, cpuMilli: number, memoryMib: number): State {
    const nodes = new NodeSet(this.#nodes)
    const state = { key, leftMilli, cpuMilli, memoryMib, nodes, costs: new Map(), at: this.#states.length }
    this.#states.push(state)
    this.#byKey.set(key, state)
    return state
  }
}
