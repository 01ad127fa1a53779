// When the nodes of a center are in service, as plain data: what is bought and given away, what breaks, what is planned. What becomes
// of it under a seed is in `happenings.ts`.

import type { TimeLaw } from '../model/time-law.ts'

export interface ServicePlan {
  /** Nodes of which no stay is told are there all the time; of which some are, only in these. */
  readonly stays: readonly NodeStay[]
  readonly faults: readonly FaultLaw[]
  readonly outages: readonly Outage[]
  readonly powerCaps: readonly PowerCap[]
}

/** Neighbouring nodes of a pool. */
export interface NodeRange {
  readonly pool: string
  readonly firstNode: number
  readonly nodes: number
}

/** From their arrival until they are taken away; null: from before the beginning, until after the end. */
export interface NodeStay extends NodeRange {
  readonly fromMs: number | null
  readonly untilMs: number | null
}

/** What fails at random, and how long it stays so: a node, a switch with the nodes on it, a whole cluster. */
export interface FaultLaw {
  /** Names its stream of random numbers too: no two laws have the same. */
  readonly name: string
  readonly pool: string
  /** Nodes that fail at once: the pool is divided into such units by node number, of which the last may be smaller. */
  readonly nodesTogether: number
  /** Failures of one unit in a day without one, in the mean. */
  readonly perUnitDay: number
  readonly repairS: TimeLaw
}

/** Planned work: its nodes take no new jobs for `drainMs` before it begins, and are down until it ends. */
export interface Outage extends NodeRange {
  readonly fromMs: number
  readonly untilMs: number
  readonly drainMs: number
}

/** From this moment on no start takes the center over so many watts; null: no cap. */
export interface PowerCap {
  readonly atMs: number
  readonly capW: number | null
}
