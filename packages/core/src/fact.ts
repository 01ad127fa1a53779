// What has happened. Facts are the only way a center's state changes, and all that anybody else needs to know of it:
// read models, the ledger and the facts hash fold nothing else. Their binary form is in `fact-codec.ts`.

import type { HoldBy, NodeState, RefusalCode } from './command.ts'
import type { CenterConfig } from './config.ts'
import type { Target } from './shares/targets.ts'

/** Why a job started when it did. `turn`: next in order; `backfill`: passed a blocked job without delaying it; `reservation`: its promised place came. */
export type StartCause = 'turn' | 'backfill' | 'reservation'

export type UnreserveCause = 'turn' | 'node' | 'power'

/** Terminal states with Slurm's names. */
export type EndState = 'COMPLETED' | 'FAILED' | 'CANCELLED' | 'TIMEOUT' | 'NODE_FAIL'

/** Accelerators of one node that a job holds: bit i of `devices` is device i. */
export interface NodePlacement {
  readonly node: number
  readonly devices: number
}

/** The request with pools by index into `CenterConfig.pools`. */
export interface PlacedRequest {
  readonly pools: readonly number[]
  /** In the order of `pools`; absent where the submit said nothing of speeds. */
  readonly speedsMille?: readonly number[] | undefined
  readonly nodes: number
  readonly acceleratorsMilli: number
  readonly cpuMilli: number
  readonly memoryMib: number
}

export type Fact = { readonly atMs: number } & (
  | { readonly type: 'configured'; readonly config: CenterConfig }
  | {
      readonly type: 'submitted'
      readonly job: number
      /** Index into `CenterConfig.associations`. */
      readonly association: number
      readonly request: PlacedRequest
      readonly timeLimitMs: number
      readonly held: HoldBy | null
      readonly label: string
    }
  /** The submit is FAILED from the start and is charged nothing. */
  | {
      readonly type: 'refused'
      readonly job: number
      readonly account: string
      readonly user: string
      readonly reason: RefusalCode
      readonly label: string
    }
  | { readonly type: 'held'; readonly job: number; readonly by: HoldBy }
  | { readonly type: 'released'; readonly job: number }
  /** In a pool of nodes `placement` has one entry a node, by node number; in a counted pool it is empty. `attempt` counts from 1. */
  | {
      readonly type: 'started'
      readonly job: number
      readonly attempt: number
      readonly pool: number
      readonly cause: StartCause
      readonly placement: readonly NodePlacement[]
    }
  /** `attempt` is 0 for a job that never ran. */
  | {
      readonly type: 'ended'
      readonly job: number
      readonly attempt: number
      readonly state: EndState
      readonly exitCode: number
    }
  /** The attempt ended with its node; the job is PENDING again at its old place. */
  | { readonly type: 'requeued'; readonly job: number; readonly attempt: number; readonly cause: 'NODE_FAIL' }
  /** A blocked job was promised these nodes at `startMs`; an earlier promise of the same job is void. */
  | {
      readonly type: 'reserved'
      readonly job: number
      readonly pool: number
      readonly startMs: number
      readonly nodes: readonly number[]
    }
  /**
   * The promise is void because another job is next, or its time was missed (`turn`), or a node left (`node`), or it would not have
   * its watts under the power cap (`power`). A start, an end or a hold voids one unsaid.
   */
  | { readonly type: 'unreserved'; readonly job: number; readonly cause: UnreserveCause }
  | { readonly type: 'node'; readonly pool: number; readonly node: number; readonly to: NodeState }
  /** The fair-share order was computed anew from the usage at this moment. */
  | { readonly type: 'ranked' }
  /** Targets in the place of all others, by association, then pool. */
  | { readonly type: 'targeted'; readonly targets: readonly Target[] }
  | { readonly type: 'rejected'; readonly command: string; readonly reason: string }
  /** From now on no start takes the center over so many watts; null: no cap. */
  | { readonly type: 'power-capped'; readonly capW: number | null }
)

export type FactType = Fact['type']
