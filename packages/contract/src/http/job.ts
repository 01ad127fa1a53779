// Jobs as people hand them in and see them: the body of a submit, and what is answered about it.

import { z } from 'zod'
import { AcceleratorKind, AtMs, Count, JobId, Ms, Name, PageQuery, pageOf, Revision, Sentence } from './primitive.ts'

const DAY_MS = 86_400_000

/** Sizes beyond these are slips of the keyboard on any center this is built for (50,000 accelerators, 300,000 as the aim). */
export const jobLimits = {
  nodesMax: 65_536,
  acceleratorsPerNodeMax: 16,
  cpusPerNodeMax: 4_096,
  memoryMibPerNodeMax: 64 * 1024 * 1024,
  timeLimitMsMin: 1_000,
  timeLimitMsMax: 366 * DAY_MS,
  speedMin: 0.001,
  speedMax: 1_000,
} as const

export const DEFAULT_TIME_LIMIT_MS = 3_600_000

const runLengthMs = z.int().min(0).max(jobLimits.timeLimitMsMax)

/**
 * A job, as it is submitted: a gang of `nodes` nodes that start together or not at all.
 *
 * Where it may run: `pools` names the candidates (default: all), `accelerator` and `model` narrow them down; with none of
 * the three it is any GPU pool. `speeds` says how fast it runs in each of them. What it takes of a node: whole accelerators, and unless said otherwise the same part of the
 * node's CPUs and memory as of its accelerators.
 */
export const SubmitJob = z.strictObject({
  name: z.string().trim().min(1).max(128).default('job').meta({ description: 'What you call it.' }),
  account: Name.optional().meta({
    description: 'Who is charged. Default: the only account of the user; with several it must be named.',
  }),
  user: Name.optional().meta({
    description: 'Whose job it is. Default: the user of the key. Another user only with an administrator key.',
  }),
  pools: z.array(Name).min(1).max(64).optional().meta({ description: 'Pools it may run in, the preferred first.' }),
  speeds: z.array(z.number().min(jobLimits.speedMin).max(jobLimits.speedMax)).min(1).max(64).optional().meta({
    description:
      'How fast it runs in each of `pools`, beside the speed that its times are written for: [1, 0.3]. Three digits count. Default: the same everywhere.',
  }),
  accelerator: AcceleratorKind.optional().meta({ description: 'All pools of this kind.' }),
  model: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .meta({ description: 'All pools of this accelerator model, such as H200.' }),
  nodes: z.int().min(1).max(jobLimits.nodesMax).default(1).meta({ description: 'Nodes that start together.' }),
  accelerators_per_node: z
    .int()
    .min(1)
    .max(jobLimits.acceleratorsPerNodeMax)
    .default(1)
    .meta({ description: 'Whole accelerators on each node.' }),
  cpus_per_node: z.int().min(1).max(jobLimits.cpusPerNodeMax).optional().meta({
    description: 'CPU cores on each node. Default: the same part of the node as of its accelerators.',
  }),
  memory_mib_per_node: z.int().min(1).max(jobLimits.memoryMibPerNodeMax).optional().meta({
    description: 'Memory on each node in MiB. Default: the same part of the node as of its accelerators.',
  }),
  time_limit_ms: z
    .int()
    .min(jobLimits.timeLimitMsMin)
    .max(jobLimits.timeLimitMsMax)
    .default(DEFAULT_TIME_LIMIT_MS)
    .meta({ description: 'Ends as TIMEOUT after this. A truthful limit starts sooner.' }),
  hold: z.boolean().default(false).meta({ description: 'Wait until released.' }),
  run_time_ms: runLengthMs.optional().meta({
    description: 'How long the simulated run really takes. Default: half the time limit.',
  }),
  exit_code: z.int().min(0).max(255).default(0).meta({ description: 'How the simulated run ends; not 0 is FAILED.' }),
  comment: z.string().max(1_000).optional(),
})
/** A submit with every default filled in. */
export type SubmitJob = z.output<typeof SubmitJob>
/** A submit as it is sent: what has a default may be left out. */
export type SubmitJobBody = z.input<typeof SubmitJob>

/**
 * Slurm's states. `accepted` is ours and lower-case because it is no state of the center yet: the submit is durably queued
 * and will get this id, but no commit has taken it up. A held job is PENDING with `held_by`, as in squeue.
 */
export const JobState = z.enum([
  'accepted',
  'PENDING',
  'RUNNING',
  'COMPLETED',
  'FAILED',
  'CANCELLED',
  'TIMEOUT',
  'NODE_FAIL',
])
export type JobState = z.output<typeof JobState>

export const StartCause = z.enum(['turn', 'backfill', 'reservation'])
export const HoldBy = z.enum(['user', 'admin'])

/** One node of a running or ended job; `devices` are numbers of accelerators on that node, empty in a counted pool. */
export const PlacedNode = z.object({ node: z.string(), devices: z.array(Count) })

/**
 * What is known of a job at `revision`. Null means "not yet" or "does not apply": `accepted` jobs know only their request,
 * jobs that never ran have no pool, placement or start.
 */
export const Job = z.object({
  id: JobId,
  name: z.string(),
  state: JobState,
  held_by: HoldBy.nullable(),
  /** squeue's REASON: the first binding reason where it is cheap to know, the refusal code of a FAILED submit, else null. */
  reason: z.string().nullable(),
  account: z.string(),
  user: z.string(),
  /** Pools it may run in, the preferred first. */
  pools: z.array(z.string()),
  /** How fast it runs in each of `pools`; null where it is the same everywhere. */
  speeds: z.array(z.number().min(0)).nullable(),
  accelerator: z.enum(['gpu', 'npu', 'pim', 'cpu']).nullable(),
  /** The pool it runs or ran in. */
  pool: z.string().nullable(),
  /** How fast it runs or ran there: `time_limit_ms` and `run_time_ms` are written for 1. */
  speed: z.number().min(0).nullable(),
  nodes: Count,
  accelerators_per_node: z.number().min(0),
  accelerators: z.number().min(0),
  cpus_per_node: z.number().min(0).nullable(),
  memory_mib_per_node: Count.nullable(),
  time_limit_ms: Ms,
  /** How long the simulated run takes; null where nobody may know it. */
  run_time_ms: Ms.nullable(),
  comment: z.string().nullable(),
  submitted_at_ms: AtMs.nullable(),
  started_at_ms: AtMs.nullable(),
  ended_at_ms: AtMs.nullable(),
  /** Start − submit, or center time now − submit while it waits. */
  wait_ms: Ms.nullable(),
  /** 0 before the first start; a requeue after a node failure starts attempt 2. */
  attempt: Count,
  exit_code: z.int().nullable(),
  start_cause: StartCause.nullable(),
  /** Promised latest start of a blocked job, where it holds a reservation. */
  promised_start_at_ms: AtMs.nullable(),
  placement: z.array(PlacedNode),
  revision: Revision,
})
export type Job = z.output<typeof Job>

export const JobList = pageOf(Job)
export type JobList = z.output<typeof JobList>

const stateList = z
  .string()
  .transform((text) => text.split(',').map((state) => (state === 'accepted' ? state : state.toUpperCase())))
  .pipe(z.array(JobState).min(1))
  .meta({ description: 'One or more states, separated by commas.', example: 'PENDING,RUNNING' })

/** `GET /v1/jobs`: newest first. A researcher sees the jobs of the accounts the key's user belongs to. */
export const JobListQuery = PageQuery.extend({
  state: stateList.optional(),
  user: Name.optional(),
  account: Name.optional(),
  pool: Name.optional(),
})
export type JobListQuery = z.output<typeof JobListQuery>

/** `POST /v1/jobs` → 202: durably queued under this id. `links.self` answers from now on. */
export const JobAccepted = z.object({
  id: JobId,
  state: z.literal('accepted'),
  links: z.object({ self: z.string(), explain: z.string() }),
})
export type JobAccepted = z.output<typeof JobAccepted>

/** Answer to a cancel, hold or release → 202: queued as a command; the job's state follows with the next commit. */
export const JobActAccepted = z.object({ id: JobId, act: z.enum(['cancel', 'hold', 'release']), command: z.string() })
export type JobActAccepted = z.output<typeof JobActAccepted>

/** One binding reason: the code, the sentence with its numbers, and what would help. */
export const ExplainedReason = z.object({
  code: z.string(),
  sentence: Sentence,
  way_out: Sentence,
  numbers: z.record(z.string(), z.union([z.number(), z.string()])),
})

/** Why a job waits, at a stated revision. `reasons` is empty for a job that does not wait; `summary` says so then. */
export const Explain = z.object({
  job: JobId,
  state: JobState,
  revision: Revision,
  at_ms: AtMs,
  summary: Sentence,
  reasons: z.array(ExplainedReason),
})
export type Explain = z.output<typeof Explain>
