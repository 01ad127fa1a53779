// What a center consists of when it starts: pools of like nodes, a tree of accounts, and a policy.
// Plain data; whoever hands it over has checked its form (`@dure/contract`), `assertConfig` checks its sense.

/** One whole accelerator, the unit of a node's and a request's `acceleratorsMilli`. */
export const WHOLE_ACCELERATOR_MILLI = 1000

export type AcceleratorKind = 'gpu' | 'npu' | 'pim'

/** What one node has. Integers: CPU in thousandths of a core, memory in MiB, accelerators in whole devices. */
export interface NodeShape {
  readonly cpuMilli: number
  readonly memoryMib: number
  readonly accelerators: number
}

/** A set of like nodes that are scheduled together. */
export interface NodePoolConfig {
  readonly name: string
  readonly kind: AcceleratorKind
  /** Model in the accelerator catalogue, such as `H100`. */
  readonly model: string
  readonly nodes: number
  readonly perNode: NodeShape
}

/** Interchangeable processors where counting is enough: the machine of a Standard Workload Format log. */
export interface CountedPoolConfig {
  readonly name: string
  readonly kind: 'cpu'
  readonly processors: number
}

export type PoolConfig = NodePoolConfig | CountedPoolConfig

/** `parent` splices an entry's children into its nearest ancestor that has shares of its own (Slurm `FairShare=parent`). */
export type Shares = number | 'parent'

/** A node of the share tree. `parent: null` stands directly under the root. Listed parents first. */
export interface AccountConfig {
  readonly name: string
  readonly parent: string | null
  readonly shares: Shares
}

/** A user in an account: the leaf of the share tree that jobs are charged to. */
export interface AssociationConfig {
  readonly account: string
  readonly user: string
  readonly shares: Shares
}

/**
 * How the center decides. A policy is a value; a new policy is a new field with a default.
 * - `order`: who is next. `submit` is first come first served; `fairshare` is Fair Tree rank, then submission.
 * - `backfill`: who may pass a blocked job. `none`: nobody (per pool); `turn`: in turn order; `shortest`: by time limit, ties in turn order.
 * - `reservationDepth`: how many blocked jobs per pool hold a promised start that backfill must not delay
 *   (0 greedy, 1 EASY, k hybrid, `all` conservative).
 */
export interface Policy {
  readonly name: string
  readonly order: 'submit' | 'fairshare'
  readonly backfill: 'none' | 'turn' | 'shortest'
  readonly reservationDepth: number | 'all'
  /** `slurm` compares doubles and never merges tied accounts; `exact` compares integers and merges (Flux, and Slurm's documentation). */
  readonly fairTree: 'slurm' | 'exact'
  /** Usage halves in this time. */
  readonly halfLifeMs: number
  /** Fair-share order is recomputed at most this often (Slurm's PriorityCalcPeriod), when a job could start. */
  readonly rerankMs: number
  /** Whether a job whose node failed goes back to the queue (Slurm `JobRequeue`). */
  readonly requeueOnNodeFail: boolean
}

export interface CenterConfig {
  readonly name: string
  readonly pools: readonly PoolConfig[]
  readonly accounts: readonly AccountConfig[]
  readonly associations: readonly AssociationConfig[]
  readonly policy: Policy
}

const DAY_MS = 86_400_000

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

/** Policies by the name people type. */
export const policies: readonly Policy[] = [fairshare, fcfs, greedy, easy, easySjbf, conservative]

export const isCounted = (pool: PoolConfig): pool is CountedPoolConfig => pool.kind === 'cpu'
