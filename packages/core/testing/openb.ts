// The table by which placements are compared in "Beware of Fragmentation" (Weng et al., USENIX ATC 2023): pods of a real
// cluster arrive in random order, never leave, and a pod that fits nowhere is turned away. What part of the accelerators is
// in use when so much has been asked for? A pool places the pods here as it places jobs in a center.
//
// The cluster has nodes of fifteen kinds and a pool has like ones: what a node lacks beside the largest is taken from it before
// the first pod comes. Neither rule sees the difference. Pods without accelerators, which a center does not take, are slices of
// nothing here.

import { Backlog, type Shape } from '../src/backlog.ts'
import { Jobs } from '../src/jobs.ts'
import type { ExpectedTask, PlacementRule } from '../src/policy.ts'
import { NodePool } from '../src/pools/node-pool.ts'

interface Node {
  readonly cpuMilli: number
  readonly memoryMib: number
  readonly accelerators: number
}

interface Pod {
  readonly cpuMilli: number
  readonly memoryMib: number
  /** On one device where under 1000. */
  readonly acceleratorsMilli: number
}

/** Where pods go: true if there was room. */
type Cluster = (pod: Pod) => boolean

/** Draws an integer from 0 to below a bound. */
export type Draw = (bound: number) => number

/** A cluster whose pods are placed by a pool under a rule. Nodes are numbered in the order given. */
export function pooled(nodes: readonly Node[], placement: PlacementRule): Cluster {
  const perNode: Node = {
    cpuMilli: Math.max(...nodes.map(({ cpuMilli }) => cpuMilli)),
    memoryMib: Math.max(...nodes.map(({ memoryMib }) => memoryMib)),
    accelerators: Math.max(...nodes.map(({ accelerators }) => accelerators)),
  }
  const jobs = new Jobs()
  const backlog = new Backlog(jobs, 1, false, false)
  const config = { name: 'openb', kind: 'gpu', model: 'any', nodes: nodes.length, perNode } as const
  const pool = new NodePool(config, jobs, backlog.shapes, 0, 1, placement)
  const nobody = { made: () => {}, voided: () => {} }
  const jobOf = ({ cpuMilli, memoryMib, acceleratorsMilli }: Pod): [number, Shape] => {
    const shape = backlog.intern([0], 1, acceleratorsMilli, cpuMilli, memoryMib)
    const slot = jobs.add(jobs.count + 1)
    jobs.shape[slot] = shape.index
    return [slot, shape]
  }
  for (const [node, { cpuMilli, memoryMib, accelerators }] of nodes.entries()) {
    const lacking = {
      cpuMilli: perNode.cpuMilli - cpuMilli,
      memoryMib: perNode.memoryMib - memoryMib,
      acceleratorsMilli: (perNode.accelerators - accelerators) * 1000,
    }
    const [slot, shape] = jobOf(lacking)
    pool.chosenNodes[0] = node
    pool.chosenDevices[0] = (1 << perNode.accelerators) - (1 << accelerators)
    pool.take(slot, shape, 1)
  }
  return (pod) => {
    const [slot, shape] = jobOf(pod)
    const fits = pool.admits(slot, shape, 1, nobody)
    if (fits) pool.take(slot, shape, 1)
    return fits
  }
}

/** A cluster whose pods go to any node with room, and there to any device: nothing of a pool is in it. */
export function atRandom(nodes: readonly Node[], draw: Draw): Cluster {
  const rests = nodes.map(({ cpuMilli, memoryMib, accelerators }) => ({
    cpuMilli,
    memoryMib,
    devices: Array.from({ length: accelerators }, () => 1000),
  }))
  return ({ cpuMilli, memoryMib, acceleratorsMilli }) => {
    const each = Math.min(acceleratorsMilli, 1000)
    const needed = each === 0 ? 0 : acceleratorsMilli / each
    const open = rests.filter(
      (rest) =>
        rest.cpuMilli >= cpuMilli &&
        rest.memoryMib >= memoryMib &&
        rest.devices.filter((left) => left >= each).length >= needed,
    )
    const rest = open[draw(Math.max(1, open.length))]
    if (rest === undefined) return false
    rest.cpuMilli -= cpuMilli
    rest.memoryMib -= memoryMib
    for (let taken = 0; taken < needed; taken++) {
      const fitting = rest.devices.flatMap((left, device) => (left >= each ? [device] : []))
      rest.devices[fitting[draw(fitting.length)]!]! -= each
    }
    return true
  }
}

/** Pods in random order, and after them any of them again until `ratio` times the accelerators have been asked for. */
export function arrivals(pods: readonly Pod[], nodes: readonly Node[], ratio: number, draw: Draw): Pod[] {
  const arriving = shuffled(pods, draw)
  let asked = sumMilli(pods)
  for (;;) {
    const pod = pods[draw(pods.length)]!
    if (asked + Math.min(1000, pod.acceleratorsMilli) > ratio * capacityMilli(nodes)) return arriving
    arriving.push(pod)
    asked += pod.acceleratorsMilli
  }
}

/** By whole percent of the accelerators asked for so far: the mean percentage in use. */
export function allocation(cluster: Cluster, arriving: readonly Pod[], nodes: readonly Node[]): Map<number, number> {
  const capacity = capacityMilli(nodes)
  const inUse = new Map<number, number[]>()
  let asked = 0
  let used = 0
  for (const pod of arriving) {
    asked += pod.acceleratorsMilli
    if (cluster(pod)) used += pod.acceleratorsMilli
    const percent = Math.round((100 * asked) / capacity)
    const values = inUse.get(percent) ?? []
    values.push((100 * used) / capacity)
    inUse.set(percent, values)
  }
  return new Map([...inUse].map(([percent, values]) => [percent, mean(values)]))
}

/** The kinds of pod that are most frequent, until they make up 95 % of all: what the published runs expect. */
export function typical(pods: readonly Pod[]): ExpectedTask[] {
  const counts = new Map<string, number>()
  for (const { cpuMilli, acceleratorsMilli } of pods) {
    const key = `${cpuMilli} ${acceleratorsMilli}`
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  const kinds = [...counts]
    .map(([key, popularity]) => {
      const [cpuMilli, acceleratorsMilli] = key.split(' ').map(Number)
      return { cpuMilli: cpuMilli!, acceleratorsMilli: acceleratorsMilli!, popularity }
    })
    .sort((a, b) => b.popularity - a.popularity || b.cpuMilli - a.cpuMilli || b.acceleratorsMilli - a.acceleratorsMilli)
  let counted = 0
  return kinds.filter(({ popularity }) => {
    const isNeeded = counted < 0.95 * pods.length
    counted += popularity
    return isNeeded
  })
}

export function shuffled<T>(all: readonly T[], draw: Draw): T[] {
  const order = [...all]
  for (let i = order.length - 1; i > 0; i--) {
    const j = draw(i + 1)
    const other = order[j]!
    order[j] = order[i]!
    order[i] = other
  }
  return order
}

export const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

const sumMilli = (pods: readonly Pod[]): number => pods.reduce((sum, pod) => sum + pod.acceleratorsMilli, 0)
const capacityMilli = (nodes: readonly Node[]): number =>
  nodes.reduce((sum, { accelerators }) => sum + accelerators * 1000, 0)
