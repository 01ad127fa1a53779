// From what is planned and what may fail to what happens, as commands in order of time. Several causes may hold a node down at
// once: each is counted, and the node is up when none is left. What changes nothing is not commanded.
// Cost: O(changes log changes), where a failure of a switch changes each node behind it.

import { type CenterConfig, isCounted, type NodeState } from '@dure/core'
import type { Happening } from '../simulate.ts'
import { type Downtime, failures } from './faults.ts'
import type { NodeRange, PowerCap, ServicePlan } from './service-plan.ts'

/** What bears on a node: that it is somewhere, that it is down, that it takes no new jobs. */
const PRESENCE = 0
const DOWN = 1
const DRAIN = 2

interface Change {
  readonly atMs: number
  readonly pool: number
  readonly node: number
  readonly cause: typeof PRESENCE | typeof DOWN | typeof DRAIN
  readonly by: 1 | 0 | -1
}

interface Span {
  readonly seed: number
  readonly fromMs: number
  readonly untilMs: number
}

/**
 * What happens to a center of `config` from one moment until before another. Everything is in order at the first one, but what the
 * plan says is not there yet. Equal arguments give equal happenings.
 */
export function happeningsOf(config: CenterConfig, plan: ServicePlan, span: Span): Happening[] {
  assertPlan(config, plan)
  const { fromMs, untilMs } = span
  const poolIndex = new Map(config.pools.map(({ name }, index) => [name, index]))
  const nodesOf = config.pools.map((pool) => (isCounted(pool) ? 0 : pool.nodes))
  const counts = nodesOf.map((nodes) => [new Int32Array(nodes), new Int32Array(nodes), new Int32Array(nodes)] as const)
  // A node without a stay is there as if it had one that never ends.
  for (const [presence] of counts) presence.fill(1)
  const changes: Change[] = []
  const change = (
    { pool, firstNode, nodes }: NodeRange,
    cause: Change['cause'],
    atMs: number,
    by: Change['by'],
  ): void => {
    if (atMs >= untilMs) return
    for (let node = firstNode; node < firstNode + nodes; node++) {
      changes.push({ atMs: Math.max(atMs, fromMs), pool: poolIndex.get(pool)!, node, cause, by })
    }
  }
  const during = (range: Downtime, cause: Change['cause']): void => {
    change(range, cause, range.fromMs, 1)
    change(range, cause, range.untilMs, -1)
  }

  for (const stay of plan.stays) {
    counts[poolIndex.get(stay.pool)!]![PRESENCE].fill(0, stay.firstNode, stay.firstNode + stay.nodes)
    // Even of nodes that stay outside of the span it has to be told, at its beginning, that they are not there.
    change(stay, PRESENCE, fromMs, 0)
    during({ ...stay, fromMs: stay.fromMs ?? fromMs, untilMs: stay.untilMs ?? untilMs }, PRESENCE)
  }
  for (const outage of plan.outages) {
    during(outage, DOWN)
    if (outage.drainMs > 0) during({ ...outage, fromMs: outage.fromMs - outage.drainMs, untilMs: outage.fromMs }, DRAIN)
  }
  for (const law of plan.faults) {
    for (const failure of failures(law, nodesOf[poolIndex.get(law.pool)!]!, span)) during(failure, DOWN)
  }
  changes.sort((a, b) => a.atMs - b.atMs || a.pool - b.pool || a.node - b.node)

  const happenings: Happening[] = []
  const told = nodesOf.map((nodes) => new Array<NodeState>(nodes).fill('up'))
  changes.forEach(({ atMs, pool, node, cause, by }, i) => {
    const count = counts[pool]!
    count[cause]![node]! += by
    const after = changes[i + 1]
    if (after !== undefined && after.atMs === atMs && after.pool === pool && after.node === node) return
    const to = count[PRESENCE][node] === 0 || count[DOWN][node]! > 0 ? 'down' : count[DRAIN][node]! > 0 ? 'drain' : 'up'
    if (told[pool]![node] === to) return
    told[pool]![node] = to
    happenings.push({ atMs, command: { type: 'node', pool: config.pools[pool]!.name, node, to } })
  })
  return inOrder(happenings, capsWithin(plan.powerCaps, span))
}

/** The caps of a span, the one that holds at its beginning first. */
function capsWithin(caps: readonly PowerCap[], { fromMs, untilMs }: Span): Happening[] {
  const sorted = caps.toSorted((a, b) => a.atMs - b.atMs)
  const first = sorted.findLastIndex(({ atMs }) => atMs <= fromMs)
  return sorted
    .slice(Math.max(0, first))
    .filter(({ atMs }) => atMs < untilMs)
    .map(({ atMs, capW }) => ({ atMs: Math.max(atMs, fromMs), command: { type: 'power-cap', capW } }))
}

/** Two sequences as one; at the same time what happens to nodes comes first. */
const inOrder = (nodes: readonly Happening[], caps: readonly Happening[]): Happening[] =>
  [...nodes, ...caps].sort((a, b) => a.atMs - b.atMs)

function assertPlan(config: CenterConfig, { stays, faults, outages, powerCaps }: ServicePlan): void {
  if (powerCaps.length > 0 && config.policy.power === undefined) {
    throw new RangeError(`the policy of center ${config.name} does not say what nodes draw: a power cap needs to know`)
  }
  const nodesOf = (name: string): number => {
    const pool = config.pools.find((one) => one.name === name)
    if (pool === undefined || isCounted(pool))
      throw new RangeError(`center ${config.name} has no pool of nodes ${name}`)
    return pool.nodes
  }
  for (const { pool, firstNode, nodes } of [...stays, ...outages]) {
    const has = nodesOf(pool)
    const last = firstNode + nodes - 1
    if (!(Number.isInteger(firstNode) && Number.isInteger(last) && firstNode >= 0 && firstNode <= last && last < has)) {
      throw new RangeError(`pool ${pool} has nodes 0 to ${has - 1}, not ${firstNode} to ${last}`)
    }
  }
  for (const { pool, fromMs, untilMs } of [...stays, ...outages]) {
    if (fromMs !== null && untilMs !== null && !(fromMs < untilMs)) {
      throw new RangeError(`pool ${pool}: what begins at ${fromMs} ms does not end at ${untilMs} ms`)
    }
  }
  faults.forEach(({ name, pool, nodesTogether, perUnitDay }, i) => {
    nodesOf(pool)
    if (!(Number.isInteger(nodesTogether) && nodesTogether > 0)) {
      throw new RangeError(`faults ${name}: ${nodesTogether} is no number of nodes that fail together`)
    }
    if (!(perUnitDay >= 0 && perUnitDay < Infinity)) throw new RangeError(`faults ${name}: ${perUnitDay} is no rate`)
    if (faults.findIndex((other) => other.name === name) < i)
      throw new RangeError(`two laws of faults are named ${name}`)
  })
}
