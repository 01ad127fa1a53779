export { AssertionError } from './assert.ts'
export { Center, type CenterListener } from './center.ts'
export type {
  Command,
  HoldBy,
  JobRequest,
  NodeState,
  Outcome,
  RefusalCode,
  SubmitCommand,
} from './command.ts'
export {
  type AcceleratorKind,
  type AccountConfig,
  type AssociationConfig,
  type CenterConfig,
  type CountedPoolConfig,
  conservative,
  easy,
  easySjbf,
  fairshare,
  fcfs,
  greedy,
  isCounted,
  type NodePoolConfig,
  type NodeShape,
  type Policy,
  type PoolConfig,
  policies,
  type Shares,
  WHOLE_ACCELERATOR_MILLI,
} from './config.ts'
export { exp2, exp2Neg, LN2, ln } from './exponential.ts'
export type { EndState, Fact, FactType, NodePlacement, PlacedRequest, StartCause, UnreserveCause } from './fact.ts'
export { decodeFacts, FactLog } from './fact-codec.ts'
export { type JobState, type LiveState, transitions } from './job-states.ts'
export type { WaitReason, WaitReasonCode } from './reason.ts'
export {
  type FairTreeMode,
  type FairTreeOptions,
  type FairTreeRow,
  fairTreeOfFile,
  type ShareAccountNode,
  type ShareNode,
  type ShareUserNode,
} from './shares/fair-tree.ts'
export type { JobView, NodeView, PoolView, ShareView } from './views.ts'
