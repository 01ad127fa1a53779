// What a center shows of itself: readable copies, made when asked for.

import type { Shares } from './account-config.ts'
import type { Shape } from './backlog.ts'
import { type HoldBy, holders, type NodeState } from './command.ts'
import type { NodePlacement, PlacedRequest } from './fact.ts'
import { HELD, type LiveState, liveStates, RUNNING } from './job-states.ts'
import type { AcceleratorKind } from './pool-config.ts'
import { speedMilleIn } from './speed.ts'
import type { State } from './state.ts'

/** A live job. Jobs that have ended are known to whoever folds the facts. */
export interface JobView {
  readonly job: number
  /** Index into `CenterConfig.associations`. */
  readonly association: number
  readonly account: string
  readonly user: string
  readonly state: LiveState
  readonly heldBy: HoldBy | null
  readonly submittedMs: number
  readonly startedMs: number | null
  /** Attempts started so far. */
  readonly attempt: number
  /** Index of the pool it runs in. */
  readonly pool: number | null
  /** How fast it runs there, in thousandths of the speed that `timeLimitMs` is written for. */
  readonly speedMille: number | null
  readonly placement: readonly NodePlacement[]
  readonly request: PlacedRequest
  readonly timeLimitMs: number
}

export interface PoolView {
  readonly name: string
  readonly kind: AcceleratorKind | 'cpu'
  readonly model: string | null
  /** 0 in a pool of interchangeable processors, whose `accelerators` are processors. */
  readonly nodes: number
  readonly nodesOut: number
  readonly acceleratorsPerNode: number
  readonly accelerators: number
  readonly acceleratorsFree: number
  /** Idle on nodes that are drained or down. */
  readonly acceleratorsOut: number
  readonly running: number
  /** Jobs that wait and would accept this pool. */
  readonly pending: number
}

/** What the center draws: running jobs and idle nodes, in watts. */
export interface PowerView {
  /** null: no cap. */
  readonly capW: number | null
  readonly drawW: number
  /** Of it, what nodes draw with nothing on them. */
  readonly idleW: number
}

export interface NodeView {
  readonly node: number
  readonly state: NodeState
  readonly accelerators: number
  readonly acceleratorsBusyMilli: number
  /** Ids of the jobs on it, by submission. */
  readonly jobs: readonly number[]
}

/** A row of the share tree: accounts in the order of the configuration, each followed by its users. */
export interface ShareView {
  readonly account: string
  /** null in the row of an account. */
  readonly user: string | null
  readonly parent: string | null
  readonly shares: Shares
  /** Infinity where nothing has been used; NaN for an account with shares `parent`. */
  readonly levelFairShare: number
  /** Rank divided by the number of users; null in the row of an account. */
  readonly fairShare: number | null
  /** Decayed. */
  readonly usageAcceleratorS: number
  /** Accelerator-microseconds of attempts that have ended: exact, and never decays. */
  readonly chargedAcceleratorUs: bigint
  readonly runningMilli: number
  readonly pendingJobs: number
}

/** What one association asks for by one request: jobs that wait, held ones aside, and jobs that run. */
export interface DemandView {
  /** Index into `CenterConfig.associations`. */
  readonly association: number
  readonly request: PlacedRequest
  readonly pending: number
  readonly running: number
}

/** In the order of the first job of each. */
export function demandViews({ jobs, backlog }: State): DemandView[] {
  const rows = new Map<string, { -readonly [K in keyof DemandView]: DemandView[K] }>()
  for (const slot of jobs.inSequence()) {
    if (jobs.state[slot] === HELD) continue
    const association = jobs.association[slot]!
    const key = `${association} ${jobs.shape[slot]!}`
    const request = requestOf(backlog.shapes[jobs.shape[slot]!]!)
    const row = rows.get(key) ?? { association, request, pending: 0, running: 0 }
    if (jobs.state[slot] === RUNNING) row.running++
    else row.pending++
    rows.set(key, row)
  }
  return [...rows.values()]
}

/** A request as its submit said it. */
const requestOf = ({ pools, speedsMille, nodes, acceleratorsMilli, cpuMilli, memoryMib }: Shape): PlacedRequest => ({
  pools,
  ...(speedsMille && { speedsMille }),
  ...{ nodes, acceleratorsMilli, cpuMilli, memoryMib },
})

export function jobView({ jobs, backlog, config, pools }: State, slot: number): JobView {
  const isRunning = jobs.state[slot] === RUNNING
  const shape = backlog.shapes[jobs.shape[slot]!]!
  const association = jobs.association[slot]!
  const { account, user } = config.associations[association]!
  const placement: NodePlacement[] = []
  const pool = isRunning ? pools[jobs.pool[slot]!]! : undefined
  if (pool !== undefined && !pool.counted) pool.forEachGrant(slot, (node, devices) => placement.push({ node, devices }))
  return {
    job: jobs.id[slot]!,
    association,
    account,
    user,
    state: liveStates[jobs.state[slot]!]!,
    heldBy: holders[jobs.heldBy[slot]!]!,
    submittedMs: jobs.submittedMs[slot]!,
    startedMs: isRunning ? jobs.startedMs[slot]! : null,
    attempt: jobs.attempt[slot]!,
    pool: isRunning ? jobs.pool[slot]! : null,
    speedMille: isRunning ? speedMilleIn(shape, jobs.pool[slot]!) : null,
    placement,
    request: requestOf(shape),
    timeLimitMs: jobs.timeLimitMs[slot]!,
  }
}

export function poolViews({ pools, backlog, running }: State): PoolView[] {
  return pools.map((pool, index) => {
    const waiting = backlog.partitions.filter((partition) => partition.pools.includes(index))
    return {
      name: pool.config.name,
      kind: pool.config.kind,
      model: pool.counted ? null : pool.config.model,
      nodes: pool.counted ? 0 : pool.config.nodes,
      nodesOut: pool.counted ? 0 : pool.nodesOutOfService,
      acceleratorsPerNode: pool.counted ? 0 : pool.config.perNode.accelerators,
      accelerators: pool.capacity,
      acceleratorsFree: pool.free,
      acceleratorsOut: pool.counted ? 0 : pool.idleOutOfService,
      running: running[index]!,
      pending: waiting.reduce((sum, { pending }) => sum + pending, 0),
    }
  })
}

export function nodeViews({ pools, jobs }: State, index: number): NodeView[] {
  const pool = pools[index]
  if (pool === undefined || pool.counted) return []
  return Array.from({ length: pool.config.nodes }, (_, node) => ({
    node,
    state: pool.state(node),
    accelerators: pool.config.perNode.accelerators,
    acceleratorsBusyMilli: pool.busyMilli(node),
    jobs: pool.jobsOn(node).map((slot) => jobs.id[slot]!),
  }))
}

export function shareViews(state: State): ShareView[] {
  const { config, shareTree, fairTree, usage, charged, jobs } = state
  const users = config.associations.length
  const used = new Float64Array(users)
  usage.allAt(state.nowMs, used)
  fairTree.rank(used, new Int32Array(users))
  const pendingJobs = new Int32Array(users)
  for (const slot of jobs.inSequence()) if (jobs.state[slot] !== RUNNING) pendingJobs[jobs.association[slot]!]!++

  const userRow = (index: number): ShareView => {
    const { account, user, shares } = config.associations[index]!
    return {
      account,
      user,
      parent: account,
      shares,
      levelFairShare: fairTree.level(shareTree.entryOfUser[index]!),
      fairShare: fairTree.factor(index),
      usageAcceleratorS: used[index]!,
      chargedAcceleratorUs: charged.value(index),
      runningMilli: usage.rateMilli(index),
      pendingJobs: pendingJobs[index]!,
    }
  }
  // An account's row sums up its users and its accounts; children are listed after their parents.
  const totals = new Map<string, { -readonly [K in keyof ShareView]: ShareView[K] }>()
  config.accounts.forEach(({ name, parent, shares }, index) => {
    const levelFairShare = fairTree.level(shareTree.entryOfAccount(index))
    const sums = { usageAcceleratorS: 0, chargedAcceleratorUs: 0n, runningMilli: 0, pendingJobs: 0 }
    totals.set(name, { account: name, user: null, parent, shares, levelFairShare, fairShare: null, ...sums })
  })
  const rowsOf = new Map<string, ShareView[]>()
  config.associations.forEach(({ account }, index) => {
    const row = userRow(index)
    rowsOf.set(account, [...(rowsOf.get(account) ?? []), row])
    for (
      let above = totals.get(account);
      above !== undefined;
      above = above.parent === null ? undefined : totals.get(above.parent)
    ) {
      above.usageAcceleratorS += row.usageAcceleratorS
      above.chargedAcceleratorUs += row.chargedAcceleratorUs
      above.runningMilli += row.runningMilli
      above.pendingJobs += row.pendingJobs
    }
  })
  return config.accounts.flatMap(({ name }) => [totals.get(name)!, ...(rowsOf.get(name) ?? [])])
}
