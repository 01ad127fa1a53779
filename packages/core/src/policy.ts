// How a center decides: a value of fields with defaults, and the values that have names.

import type { Billing } from './shares/billing.ts'
import type { ShareRuleConfig } from './shares/share-rules.ts'
import type { UsageDecay } from './shares/usage.ts'

/** A kind of work that is expected on the pools, as it asks of one node. */
export interface ExpectedTask {
  /** Thousandths of an accelerator: under 1000 on one device, else whole devices; 0 for work that needs none. */
  readonly acceleratorsMilli: number
  readonly cpuMilli: number
  readonly memoryMib?: number
  /** Nodes of one such job; each of them is a task. 1 where absent. */
  readonly nodes?: number
  /** Pools it may use, by name; any where absent. */
  readonly pools?: readonly string[]
  /** How often such jobs come, as a whole number beside those of the others. */
  readonly popularity: number
}

/**
 * Which of the nodes that could take a job get it; ties go to the lower node number. A slice takes, of the devices that are
 * equal to the rule, the one with the least left, then the lowest-numbered.
 * - `tightest`: those with the fewest devices wholly free; for a slice first those with the least left on a device in use.
 * - `best-fit`: those with the least left afterwards, CPU and accelerators counted as parts of a whole node.
 * - `least-fragmentation`: those where what is of no use to the expected work grows least (`pools/fragmentation.ts`), counted
 *   in steps of `stepMilli` thousandths of an accelerator, 40 where absent. Within a step the lower number fills up first.
 */
export type PlacementRule =
  | { readonly rule: 'tightest' }
  | { readonly rule: 'best-fit' }
  | { readonly rule: 'least-fragmentation'; readonly workload: readonly ExpectedTask[]; readonly stepMilli?: number }

/** What the nodes of a pool draw, in whole watts. */
export interface PoolPower {
  /** A node that is not down, whatever runs on it. */
  readonly idleWPerNode: number
  /** What one accelerator in use adds. */
  readonly busyWPerAccelerator: number
}

/** In a center whose pools are all of nodes: what counts of their watts, and the cap that no start takes the sum over. */
export interface PowerPolicy {
  /** null: none until a command sets one. */
  readonly capW: number | null
  /** By name; a pool that is not named draws nothing that counts. */
  readonly pools: Readonly<Record<string, PoolPower>>
}

/**
 * Which of the pools that a job accepts is tried first; what is equal to the rule goes by the job's own order.
 * - `preferred`: the job's order.
 * - `fastest`: where it runs fastest.
 * - `most-good`: where its speed, divided by what the pool is worth, is greatest. `worthMille` says by pool name what the expected
 *   work gains there on the average, 1000 where a pool is not named: a pool on which others gain much is left to them.
 */
export type DeviceRule =
  | { readonly rule: 'preferred' }
  | { readonly rule: 'fastest' }
  | { readonly rule: 'most-good'; readonly worthMille: Readonly<Record<string, number>> }

/**
 * How the center decides. A policy is a value; a new policy is a new field with a default.
 * - `order`: who is next. `submit` is first come first served; `fairshare` is the rank that `shares` gives, then submission.
 * - `backfill`: who may pass a blocked job. `none`: nobody (per pool); `turn`: in turn order; `shortest`: by time limit, ties in turn order.
 * - `reservationDepth`: how many blocked jobs per pool hold a promised start that backfill must not delay
 *   (0 greedy, 1 EASY, k hybrid, `all` conservative).
 */
export interface Policy {
  readonly name: string
  readonly order: 'submit' | 'fairshare'
  readonly backfill: 'none' | 'turn' | 'shortest'
  readonly reservationDepth: number | 'all'
  /** Whose turn it is under `fairshare`: Fair Tree where absent. */
  readonly shares?: ShareRuleConfig
  /** What ties mean in Fair Tree: `slurm` compares doubles and never merges tied accounts; `exact` compares integers and merges (Flux, and Slurm's documentation). */
  readonly fairTree: 'slurm' | 'exact'
  /** Usage halves in this time. */
  readonly halfLifeMs: number
  /** How: exactly where absent, or as Slurm does. */
  readonly decay?: UsageDecay
  /** What usage is counted in: accelerators where absent. */
  readonly billing?: Billing
  /**
   * Fair-share order is recomputed at most this often (Slurm's PriorityCalcPeriod), when a job could start. A rule that goes by what
   * people hold is asked at every start.
   */
  readonly rerankMs: number
  /** Whether a job whose node failed goes back to the queue (Slurm `JobRequeue`). */
  readonly requeueOnNodeFail: boolean
  /** Which nodes a job gets; the tightest where absent. */
  readonly placement?: PlacementRule
  /** Which pool a job gets where it accepts several; the job's order where absent. */
  readonly devices?: DeviceRule
  /** Under the share rule `targets`: how often targets are solved for anew, and how soon what one is behind is made up for; an hour where absent. */
  readonly roundMs?: number
  /** What computers may draw together; where absent nobody counts watts. */
  readonly power?: PowerPolicy
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** A round where a policy says nothing of it. */
export const ROUND_MS = HOUR_MS

/** Fair Tree with EASY backfill: the default. */
export const fairshare: Policy = {
  name: 'fairshare',
  order: 'fairshare',
  backfill: 'turn',
  reservationDepth: 1,
  fairTree: 'exact',
  halfLifeMs: 7 * DAY_MS,
  rerankMs: 300_000,
  requeueOnNodeFail: true,
}

export const fcfs: Policy = { ...fairshare, name: 'fcfs', order: 'submit', backfill: 'none', reservationDepth: 0 }
export const greedy: Policy = { ...fcfs, name: 'greedy', backfill: 'turn' }
export const easy: Policy = { ...greedy, name: 'easy', reservationDepth: 1 }
export const easySjbf: Policy = { ...easy, name: 'easy-sjbf', backfill: 'shortest' }
export const conservative: Policy = { ...easy, name: 'conservative', reservationDepth: 'all' }

/** EASY backfill in the order of another share rule. */
const sharedBy = (shares: ShareRuleConfig): Policy => ({ ...fairshare, name: shares.rule, shares })

/** Gavel's max-min shares of unlike devices, in rounds: whoever runs the center solves for targets and hands them in. */
const maxMin: Policy = { ...fairshare, name: 'max-min', shares: { rule: 'targets' }, roundMs: ROUND_MS }

/** Policies by the name people type. */
export const policies: readonly Policy[] = [
  fairshare,
  fcfs,
  greedy,
  easy,
  easySjbf,
  conservative,
  sharedBy({ rule: 'classic' }),
  sharedBy({ rule: 'admission' }),
  sharedBy({ rule: 'effective-priority' }),
  sharedBy({ rule: 'drf' }),
  sharedBy({ rule: 'hdrf' }),
  sharedBy({ rule: 'borrowing' }),
  sharedBy({ rule: 'division' }),
  sharedBy({ rule: 'demand-capped' }),
  maxMin,
]
