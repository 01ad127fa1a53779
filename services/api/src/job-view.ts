// Jobs as the HTTP interface shows them.

import { type Explain, type Job, nodeId, readLabel, summarize, wordRefusal, wordWaitReason } from '@dure/contract'
import {
  type CenterConfig,
  isCounted,
  type NodePlacement,
  REFERENCE_SPEED_MILLE,
  type SubmitCommand,
  speedMilleIn,
  WHOLE_ACCELERATOR_MILLI,
} from '@dure/core'
import type { JobRecord, ReadModel } from '@dure/engine'

/** Up to this many waiting jobs every reason in a list is worked out; beyond it a list says what costs nothing to know. */
const EXPLAINED_PENDING_MAX = 500

interface Moment {
  readonly config: CenterConfig
  /** Center time now. */
  readonly nowMs: number
  readonly revision: number
}

const shownState = (state: JobRecord['state']): Job['state'] => (state === 'HELD' ? 'PENDING' : state)

const devicesIn = (mask: number): number[] => {
  const devices: number[] = []
  for (let device = 0; device < 32; device++) if ((mask >>> device) & 1) devices.push(device)
  return devices
}

const placedNodes = (placement: readonly NodePlacement[], pool: string) =>
  placement.map(({ node, devices }) => ({ node: nodeId(pool, node), devices: devicesIn(devices) }))

export function jobView(record: JobRecord, reason: string | null, { config, nowMs, revision }: Moment): Job {
  const { request, startedMs, submittedMs, endedMs } = record
  const label = readLabel(record.label)
  const pool = record.pool === null ? null : config.pools[record.pool]!
  // A job that ended unstarted has waited until its end.
  const waitedUntilMs = startedMs ?? endedMs ?? nowMs
  return {
    id: record.id,
    name: label?.name ?? 'job',
    state: shownState(record.state),
    held_by: record.heldBy,
    reason,
    account: record.account,
    user: record.user,
    ...requestView(request, config),
    pool: pool?.name ?? null,
    speed: request === null || record.pool === null ? null : speedMilleIn(request, record.pool) / REFERENCE_SPEED_MILLE,
    time_limit_ms: record.timeLimitMs ?? 0,
    run_time_ms: label?.run_time_ms ?? null,
    comment: label?.comment ?? null,
    submitted_at_ms: submittedMs,
    started_at_ms: startedMs,
    ended_at_ms: endedMs,
    wait_ms: Math.max(0, Math.floor(waitedUntilMs - submittedMs)),
    attempt: record.attempt,
    exit_code: record.exitCode,
    start_cause: record.cause,
    promised_start_at_ms: record.promisedMs === null ? null : Math.ceil(record.promisedMs),
    placement: pool === null ? [] : placedNodes(record.placement, pool.name),
    revision,
  }
}

function requestView(request: JobRecord['request'], config: CenterConfig) {
  if (request === null) {
    return {
      pools: [],
      speeds: null,
      accelerator: null,
      nodes: 0,
      accelerators_per_node: 0,
      accelerators: 0,
      cpus_per_node: null,
      memory_mib_per_node: null,
    }
  }
  const pools = request.pools.map((index) => config.pools[index]!)
  const counted = pools.every(isCounted)
  const acceleratorsPerNode = request.acceleratorsMilli / WHOLE_ACCELERATOR_MILLI
  return {
    pools: pools.map(({ name }) => name),
    speeds: request.speedsMille?.map((speedMille) => speedMille / REFERENCE_SPEED_MILLE) ?? null,
    accelerator: pools[0]?.kind ?? null,
    nodes: request.nodes,
    accelerators_per_node: acceleratorsPerNode,
    accelerators: request.nodes * acceleratorsPerNode,
    cpus_per_node: counted ? null : request.cpuMilli / 1000,
    memory_mib_per_node: counted ? null : request.memoryMib,
  }
}

/** A job that is durably queued but that no commit has taken up yet. */
export function acceptedJobView(command: Omit<SubmitCommand, 'type'>, { config, revision }: Moment): Job {
  const label = readLabel(command.label)
  const { pools, ...sizes } = command.request
  const indices = pools
    .map((name) => config.pools.findIndex((pool) => pool.name === name))
    .filter((index) => index >= 0)
  return {
    id: command.job,
    name: label?.name ?? 'job',
    state: 'accepted',
    held_by: command.held,
    reason: null,
    account: command.account,
    user: command.user,
    ...requestView({ ...sizes, pools: indices }, config),
    pool: null,
    speed: null,
    time_limit_ms: command.timeLimitMs,
    run_time_ms: label?.run_time_ms ?? null,
    comment: label?.comment ?? null,
    submitted_at_ms: null,
    started_at_ms: null,
    ended_at_ms: null,
    wait_ms: null,
    attempt: 0,
    exit_code: null,
    start_cause: null,
    promised_start_at_ms: null,
    placement: [],
    revision,
  }
}

/** squeue's REASON of a job, as far as it is cheap to know; exact for one job, or while few wait. */
export function reasonOf(record: JobRecord, model: ReadModel, isOneOfMany: boolean): string | null {
  if (record.refusal !== null) return record.refusal
  if (record.state === 'HELD') return record.heldBy === 'admin' ? 'JobHeldAdmin' : 'JobHeldUser'
  if (record.state !== 'PENDING' || model.center === undefined) return null
  if (isOneOfMany && model.center.pendingCount > EXPLAINED_PENDING_MAX) {
    // As Slurm shows it: who is promised a place waits for resources, the others for their turn.
    return record.promisedMs === null ? 'Priority' : 'Resources'
  }
  return model.center.explain(record.id)?.[0]?.code ?? null
}

export function explainView(record: JobRecord, model: ReadModel): Explain {
  const atMs = model.center?.nowMs ?? model.atMs
  const worded =
    record.refusal === null
      ? (model.center?.explain(record.id) ?? []).map((reason) => wordWaitReason(reason, atMs))
      : [wordRefusal(record.refusal, { account: record.account, user: record.user })]
  const state = shownState(record.state)
  return {
    job: record.id,
    state,
    revision: model.revision,
    at_ms: atMs,
    summary: summarize(state, worded),
    reasons: worded.map((reason) => ({ ...reason, numbers: { ...reason.numbers } })),
  }
}

export const explainAccepted = (job: number, model: ReadModel): Explain => ({
  job,
  state: 'accepted',
  revision: model.revision,
  at_ms: model.atMs,
  summary: summarize('accepted', []),
  reasons: [],
})
