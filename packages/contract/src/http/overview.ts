// The center at a glance: what the console's first page and a wall display show, folded from the same facts as everything else.

import { z } from 'zod'
import { Power } from './center.ts'
import { StartCause } from './job.ts'
import { AtMs, Count, JobId, Ms, Revision } from './primitive.ts'

/** Capacity is never a bare "exaflops": each number format has its own. Dense peaks. */
export const Exaflops = z.object({
  fp64: z.number().min(0),
  bf16: z.number().min(0),
  fp8: z.number().min(0),
  /** BF16 dense ÷ 989.4 TFLOPS. */
  h100_equivalents: z.number().min(0),
  /** FP64 ÷ 66.9 TFLOPS. */
  h100_equivalents_fp64: z.number().min(0),
  /** Accelerators whose peak in some of these formats nobody has published; they count as 0 there. */
  accelerators_unknown: Count,
})
export type Exaflops = z.output<typeof Exaflops>

export const PoolGlance = z.object({
  name: z.string(),
  kind: z.enum(['gpu', 'npu', 'pim', 'cpu']),
  model: z.string().nullable(),
  jobs_pending: Count,
  jobs_running: Count,
  accelerators: Count,
  accelerators_busy: z.number().min(0),
  accelerators_out: z.number().min(0),
  utilization: z.number().min(0).max(1),
})

/** A start and why it happened then. */
export const LatestStart = z.object({
  job: JobId,
  name: z.string(),
  account: z.string(),
  user: z.string(),
  pool: z.string(),
  nodes: Count,
  accelerators: z.number().min(0),
  cause: StartCause,
  wait_ms: Ms,
  started_at_ms: AtMs,
})

export const ShareGlance = z.object({
  account: z.string(),
  share_of_center: z.number().min(0).max(1),
  usage_of_center: z.number().min(0).max(1),
  jobs_running: Count,
  jobs_pending: Count,
})

export const Overview = z.object({
  center: z.string(),
  policy: z.string(),
  revision: Revision,
  /** Center time of the revision. */
  at_ms: AtMs,
  speed: z.number().positive(),
  queue: z.object({
    accepted: Count,
    pending: Count,
    held: Count,
    running: Count,
    /** The longest wait among PENDING jobs that nobody holds; null when nothing waits. */
    oldest_wait_ms: Ms.nullable(),
    oldest_job: JobId.nullable(),
  }),
  totals: z.object({
    submitted: Count,
    started: Count,
    completed: Count,
    failed: Count,
    cancelled: Count,
    timed_out: Count,
    node_failed: Count,
    refused: Count,
  }),
  /** Per minute of wall time, over the last minute. */
  rates: z.object({
    submitted_per_min: z.number().min(0),
    started_per_min: z.number().min(0),
    ended_per_min: z.number().min(0),
  }),
  pools: z.array(PoolGlance),
  utilization: z.number().min(0).max(1),
  /** Where the policy says what nodes draw. */
  power: Power.optional(),
  /** Peak of everything in service or not. */
  capacity: Exaflops,
  /** Peak of what runs jobs now. */
  delivered: Exaflops,
  top_accounts: z.array(ShareGlance),
  latest_starts: z.array(LatestStart),
  leader: z.object({
    /** Null while nobody leads; center time stands still then. */
    owner: z.string().nullable(),
    epoch: Count,
    /** Center time ÷ speed that the last commit is behind, in wall time. */
    lag_ms: Ms,
    /** Revisions the answering process has yet to fold. */
    revisions_behind: Count,
  }),
})
export type Overview = z.output<typeof Overview>
