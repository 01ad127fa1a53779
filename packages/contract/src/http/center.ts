// What the center consists of and who has used how much of it: pools, nodes, accounts and shares.

import { z } from 'zod'
import { AtMs, BigCount, Count, Name, PageQuery, pageOf, Revision } from './primitive.ts'

/** A pool of like nodes; in a pool of interchangeable processors (`cpu`) a "node" is one processor. */
export const Pool = z.object({
  name: z.string(),
  kind: z.enum(['gpu', 'npu', 'pim', 'cpu']),
  model: z.string().nullable(),
  nodes: Count,
  /** Up and taking jobs. */
  nodes_up: Count,
  nodes_drained: Count,
  nodes_down: Count,
  accelerators_per_node: Count,
  cpus_per_node: z.number().min(0).nullable(),
  memory_mib_per_node: Count.nullable(),
  accelerators: Count,
  accelerators_busy: z.number().min(0),
  accelerators_free: z.number().min(0),
  /** Neither busy nor free: idle on drained or failed nodes. */
  accelerators_out: z.number().min(0),
  jobs_running: Count,
  /** Waiting jobs that may run here; a job that accepts two pools counts in both. */
  jobs_pending: Count,
  /** Busy ÷ (all − out), 0 when nothing is in service. */
  utilization: z.number().min(0).max(1),
})
export type Pool = z.output<typeof Pool>

/** What the computers of all pools draw together. What the site needs besides (PUE) is not in it. */
export const Power = z.object({
  /** No start takes the draw over it; null: no cap. */
  cap_w: z.number().min(0).nullable(),
  draw_w: z.number().min(0),
  /** Of it, what nodes draw with nothing on them. */
  idle_w: z.number().min(0),
})
export type Power = z.output<typeof Power>

/** `power`: where the policy says what nodes draw. */
export const PoolList = pageOf(Pool).extend({ revision: Revision, at_ms: AtMs, power: Power.optional() })
export type PoolList = z.output<typeof PoolList>

export const NodeState = z.enum(['up', 'drain', 'down'])

export const Node = z.object({
  id: z.string(),
  pool: z.string(),
  /** Number within the pool, from 0. */
  index: Count,
  state: NodeState,
  /** sinfo's word for it: IDLE, MIXED, ALLOCATED, DRAINING, DRAINED or DOWN. */
  slurm_state: z.enum(['IDLE', 'MIXED', 'ALLOCATED', 'DRAINING', 'DRAINED', 'DOWN']),
  accelerators: Count,
  accelerators_busy: z.number().min(0),
  jobs: z.array(z.int()),
})
export type Node = z.output<typeof Node>
export const NodeList = pageOf(Node)
export type NodeList = z.output<typeof NodeList>
export const NodeListQuery = PageQuery.extend({ pool: Name.optional(), state: NodeState.optional() })
export type NodeListQuery = z.output<typeof NodeListQuery>

/** A node's id is its pool and its number in it, `h100-17`. */
export const nodeId = (pool: string, index: number): string => `${pool}-${index}`

/** The pool and number that `nodeId` made an id of, or null where it never made such an id. */
export function readNodeId(id: string): { pool: string; index: number } | null {
  const found = /^(.+)-(0|[1-9]\d{0,8})$/.exec(id)
  return found?.[1] === undefined ? null : { pool: found[1], index: Number(found[2]) }
}

export const NodeParams = z.strictObject({ id: z.string().min(3).max(80) })
/** Body of drain and resume. The reason goes to the audit log, so it is asked for where nodes leave service. */
export const NodeAction = z.strictObject({ reason: z.string().trim().min(1).max(500).optional() })
export type NodeAction = z.output<typeof NodeAction>
export const NodeActionAccepted = z.object({ id: z.string(), to: NodeState, command: z.string() })
export type NodeActionAccepted = z.output<typeof NodeActionAccepted>

/** In whole watts; null lifts the cap. The reason goes to the log, as with nodes. */
export const PowerCap = z.strictObject({ cap_w: z.int().min(0).max(1e12).nullable(), ...NodeAction.shape })
export type PowerCap = z.output<typeof PowerCap>
export const PowerCapAccepted = z.object({ cap_w: z.number().min(0).nullable(), command: z.string() })
export type PowerCapAccepted = z.output<typeof PowerCapAccepted>

/**
 * A row of the share tree, depth first, parents before children. `user` is null in an account's row.
 * `level_fs` is "inf" for an entry that used nothing (or a `parent` user) and null for a `parent` account.
 */
export const ShareRow = z.object({
  account: z.string(),
  user: z.string().nullable(),
  parent: z.string().nullable(),
  depth: Count,
  shares: z.union([z.number().min(0), z.literal('parent')]),
  /** Part of the whole center this entry is promised, as the product of its parts of siblings. */
  share_of_center: z.number().min(0).max(1).nullable(),
  /** Part of the center's decayed usage that is this entry's. */
  usage_of_center: z.number().min(0).max(1),
  level_fs: z.union([z.number().min(0), z.literal('inf')]).nullable(),
  /** Fair Tree rank ÷ users, 1 = next; null in an account's row. */
  fair_share: z.number().min(0).max(1).nullable(),
  /** Decayed usage in accelerator-seconds: what ranks. */
  usage_accelerator_s: z.number().min(0),
  /** Exact usage that never decays: what adds up. A decimal string, because it outgrows doubles. */
  charged_accelerator_ms: BigCount,
  jobs_running: Count,
  jobs_pending: Count,
})
export type ShareRow = z.output<typeof ShareRow>
export const AccountList = pageOf(ShareRow).extend({ revision: Revision, at_ms: AtMs })
export type AccountList = z.output<typeof AccountList>
export const AccountListQuery = PageQuery.extend({ account: Name.optional(), user: Name.optional() })
export type AccountListQuery = z.output<typeof AccountListQuery>
