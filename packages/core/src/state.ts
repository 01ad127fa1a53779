// Everything a center is at one moment. `center.ts` changes it, fact by fact; `views.ts`, `explain.ts` and `savepoint.ts`
// read it. Indices inside it (backlog heaps, free-node sets) follow from the rest and are rebuilt, never stored.

import { Backlog } from './backlog.ts'
import type { CenterConfig } from './config.ts'
import { poolOrderOf } from './device-rule.ts'
import { ExactSums } from './exact-sum.ts'
import { Jobs } from './jobs.ts'
import { LimitHeap } from './limit-heap.ts'
import type { Pool } from './pass.ts'
import { ROUND_MS } from './policy.ts'
import { isCounted } from './pool-config.ts'
import { CountedPool } from './pools/counted-pool.ts'
import { NodePool } from './pools/node-pool.ts'
import { ClaimsBook } from './shares/claims.ts'
import { FairTree, ShareTree } from './shares/fair-tree.ts'
import type { ShareRule } from './shares/share-rule.ts'
import { shareRuleOf } from './shares/share-rules.ts'
import { TargetBook } from './shares/targets.ts'
import { DecayedUsage } from './shares/usage.ts'
import { SitePower } from './site-power.ts'

export interface State {
  readonly config: CenterConfig
  readonly jobs: Jobs
  readonly backlog: Backlog
  readonly limits: LimitHeap
  readonly pools: readonly Pool[]
  readonly running: Int32Array
  readonly shareTree: ShareTree
  /** For showing; who is next is `shareRule`'s to say. */
  readonly fairTree: FairTree
  readonly shareRule: ShareRule
  readonly claims: ClaimsBook
  /** null where the policy takes no targets. */
  readonly targets: TargetBook | null
  /** Where the policy says what nodes draw. */
  readonly power: SitePower | undefined
  /** Decayed accelerator-seconds, or what the policy bills instead: for ranking. */
  usage: DecayedUsage
  /** Exact accelerator-microseconds of attempts that have ended, for charging. */
  charged: ExactSums
  nowMs: number
  /** When the fair-share order was last computed; -1 before the first time. */
  rankedMs: number
  nextSequence: number
}

/** Whether waiting jobs keep places (`place-pass.ts`): everybody is promised a start, and counting is enough everywhere. */
const keepsPlaces = ({ policy, pools }: CenterConfig): boolean =>
  policy.backfill !== 'none' && policy.reservationDepth === 'all' && pools.every(isCounted)

export function createState(config: CenterConfig): State {
  const { policy } = config
  const jobs = new Jobs()
  const hasLanes = policy.order === 'fairshare'
  const poolOrder = poolOrderOf(
    policy.devices ?? { rule: 'preferred' },
    config.pools.map(({ name }) => name),
  )
  const takesTargets = hasLanes && policy.shares?.rule === 'targets'
  const associations = config.associations.length
  const backlog = new Backlog(jobs, associations, hasLanes, keepsPlaces(config), poolOrder, takesTargets)
  const roundMs = policy.roundMs ?? ROUND_MS
  const targets = takesTargets ? new TargetBook(associations, config.pools.length, roundMs) : null
  const depth = policy.reservationDepth === 'all' ? Number.POSITIVE_INFINITY : policy.reservationDepth
  const shareTree = ShareTree.of(config.accounts, config.associations)
  const pools = config.pools.map((pool) =>
    isCounted(pool)
      ? new CountedPool(pool, depth)
      : new NodePool(pool, jobs, backlog.shapes, depth, policy.rerankMs, policy.placement),
  )
  return {
    config,
    jobs,
    backlog,
    limits: new LimitHeap(jobs),
    pools,
    running: new Int32Array(config.pools.length),
    shareTree,
    fairTree: new FairTree(shareTree, policy.fairTree),
    shareRule: shareRuleOf(policy.shares ?? { rule: 'fair-tree' }, shareTree, policy),
    claims: new ClaimsBook(config, shareTree, targets?.lagMs),
    targets,
    power:
      policy.power &&
      new SitePower(
        config,
        pools.filter((pool) => !pool.counted),
        (slot, other) => backlog.compareTurns(slot, other),
      ),
    usage: DecayedUsage.create(config.associations.length, policy.halfLifeMs, policy.decay),
    charged: ExactSums.create(config.associations.length),
    nowMs: 0,
    rankedMs: -1,
    nextSequence: 1,
  }
}
