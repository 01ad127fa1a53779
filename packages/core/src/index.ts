export type { AccountConfig, AssociationConfig, Shares } from './account-config.ts'
export { AssertionError } from './assert.ts'
export { Center, type CenterListener } from './center.ts'
export type {
  Command,
  HoldBy,
  JobRequest,
  NamedTarget,
  NodeState,
  Outcome,
  RefusalCode,
  SubmitCommand,
} from './command.ts'
export type { CenterConfig } from './config.ts'
export { entryOf } from './entry.ts'
export { exp2, exp2Neg, LN2, ln } from './exponential.ts'
export type { EndState, Fact, FactType, NodePlacement, PlacedRequest, StartCause, UnreserveCause } from './fact.ts'
export { decodeFacts, FactLog } from './fact-codec.ts'
export { type JobState, type LiveState, transitions } from './job-states.ts'
export type { Round } from './place-pass.ts'
export {
  conservative,
  type DeviceRule,
  easy,
  easySjbf,
  fairshare,
  fcfs,
  greedy,
  type PlacementRule,
  type Policy,
  type PoolPower,
  type PowerPolicy,
  policies,
  ROUND_MS,
} from './policy.ts'
export {
  type AcceleratorKind,
  type CountedPoolConfig,
  isCounted,
  type NodePoolConfig,
  type NodeShape,
  type PoolConfig,
  WHOLE_ACCELERATOR_MILLI,
} from './pool-config.ts'
export { Fragmentation } from './pools/fragmentation.ts'
export type { WaitReason, WaitReasonCode } from './reason.ts'
export { type BilledAllocation, type Billing, billedUnits, weightedUnits } from './shares/billing.ts'
export { nodeSeconds, pastUsage } from './shares/binned-usage.ts'
export { classicFairShare, classicShares } from './shares/classic-fair-share.ts'
export { demandCappedShares, fairnessError } from './shares/demand-capped.ts'
export { Division } from './shares/division.ts'
export { deservedSlots, realPriority } from './shares/effective-priority.ts'
export {
  type FairTreeMode,
  type FairTreeOptions,
  type FairTreeRow,
  fairTreeOfFile,
  type ShareAccountNode,
  type ShareNode,
  ShareTree,
  type ShareUserNode,
  shareEntriesOfFile,
} from './shares/fair-tree.ts'
export { fill } from './shares/filling.ts'
export { type GroupQuota, groupQuotas } from './shares/group-quotas.ts'
export { type HoldingsConfig, holdingsRule } from './shares/holdings-rule.ts'
export { matchOrder } from './shares/match-order.ts'
export {
  ageFactor,
  fluxPriority,
  fluxWeights,
  jobSizeFactor,
  type MultifactorFactors,
  type MultifactorWeights,
  multifactorPriority,
  normalizedFactor,
} from './shares/priority.ts'
export { type QuotaLimits, QuotaTree, weightedShare } from './shares/quota-tree.ts'
export { entryPenalty, sampledUsage, samplingWeight, weightedUsage } from './shares/sampled-usage.ts'
export type { ShareRuleConfig } from './shares/share-rules.ts'
export type { Target } from './shares/targets.ts'
export { partsOfTree } from './shares/tree-parts.ts'
export { DecayedUsage, type UsageDecay } from './shares/usage.ts'
export { atSpeedMs, limitInMs, REFERENCE_SPEED_MILLE, speedMilleIn } from './speed.ts'
export type { DemandView, JobView, NodeView, PoolView, PowerView, ShareView } from './views.ts'
