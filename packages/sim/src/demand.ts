// What a center is asked to run: jobs as flat columns in order of submission. Traces and the workload model both end up
// here, so that there is one loop to simulate either.

import type { CenterConfig, JobRequest } from '@dure/core'
import { WHOLE_ACCELERATOR_MILLI } from '@dure/core'
import type { Submission } from './model/submission.ts'

export interface Demand {
  readonly count: number
  /** Numbers that people know the jobs by: positive, all different. */
  readonly job: Float64Array
  /** Never falls. */
  readonly submitMs: Float64Array
  /** At least 1; how long the job runs if nobody stops it. Past its limit, the center does. */
  readonly runMs: Float64Array
  readonly limitMs: Float64Array
  /** What the job ends with if it is not stopped; 0 is success. */
  readonly exitCode: Int32Array
  /** Its owner cancels a job that still waits so long after its submission; Infinity: never. Absent: nobody does. */
  readonly cancelMs?: Float64Array
  /** 1: its owner ends the run after `runMs`; it does not end by itself. Absent: all end by themselves. */
  readonly stopped?: Uint8Array
  /** The job writes a checkpoint whenever it has computed for so long, wherever it runs; Infinity: never. Absent: none does. */
  readonly checkpointMs?: Float64Array
  /** Writing one takes so long, and beginning anew from one so long, besides `runMs`. Where `checkpointMs` is, these are. */
  readonly writeMs?: Float64Array
  readonly restartMs?: Float64Array
  /** Index into `CenterConfig.associations`. */
  readonly association: Int32Array
  /** Index into `requests`: few shapes, many jobs. */
  readonly request: Int32Array
  readonly requests: readonly JobRequest[]
}

/** Columns of zeros, to be filled. */
export function emptyDemand(count: number, requests: readonly JobRequest[]): Demand {
  return {
    count,
    job: new Float64Array(count),
    submitMs: new Float64Array(count),
    runMs: new Float64Array(count),
    limitMs: new Float64Array(count),
    exitCode: new Int32Array(count),
    association: new Int32Array(count),
    request: new Int32Array(count),
    requests,
  }
}

/**
 * Several demands on one center as one, in order of time; at the same time in the order of the list. A job is numbered by its place in its
 * own demand and by that demand's place in the list, so that no demand moves the jobs of another, nor their numbers. Requests are kept.
 */
export function mergedDemand(demands: readonly Demand[]): Demand {
  if (demands.length === 1) return demands[0]!
  const count = demands.reduce((sum, demand) => sum + demand.count, 0)
  const firstRequest = demands.map((_, d) =>
    demands.slice(0, d).reduce((sum, { requests }) => sum + requests.length, 0),
  )
  const all = emptyDemand(
    count,
    demands.flatMap(({ requests }) => requests),
  )
  const filled = <Column extends Float64Array | Uint8Array>(column: Column, value: number): Column => {
    column.fill(value)
    return column
  }
  const has = (name: keyof Demand): boolean => demands.some((demand) => demand[name] !== undefined)
  const merged: Demand = {
    ...all,
    ...(has('cancelMs') && { cancelMs: filled(new Float64Array(count), Infinity) }),
    ...(has('stopped') && { stopped: new Uint8Array(count) }),
    ...(has('checkpointMs') && {
      checkpointMs: filled(new Float64Array(count), Infinity),
      writeMs: new Float64Array(count),
      restartMs: new Float64Array(count),
    }),
  }
  const plain = ['submitMs', 'runMs', 'limitMs', 'exitCode', 'association'] as const
  const optional = ['cancelMs', 'stopped', 'checkpointMs', 'writeMs', 'restartMs'] as const
  const next = demands.map(() => 0)
  for (let to = 0; to < count; to++) {
    let first = -1
    let firstMs = Infinity
    for (const [d, { submitMs, count: jobs }] of demands.entries()) {
      const i = next[d]!
      if (i === jobs || (first >= 0 && submitMs[i]! >= firstMs)) continue
      first = d
      firstMs = submitMs[i]!
    }
    const from = demands[first]!
    const i = next[first]!++
    merged.job[to] = demands.length * i + first + 1
    merged.request[to] = firstRequest[first]! + from.request[i]!
    for (const name of plain) merged[name][to] = from[name][i]!
    for (const name of optional) {
      const column = from[name]
      if (column !== undefined) merged[name]![to] = column[i]!
    }
  }
  return merged
}

/** Accelerators (processors, in a counted pool) that a request takes in all. */
export const width = (request: JobRequest): number =>
  (request.nodes * request.acceleratorsMilli) / WHOLE_ACCELERATOR_MILLI

/** Cells of a submission while nobody knows how many there are. */
const cells = [
  'submit',
  'run',
  'limit',
  'exit',
  'patience',
  'stopped',
  'association',
  'request',
  'checkpoint',
  'write',
  'restart',
] as const
const BLOCK_JOBS = 16_384

/**
 * The submissions before `untilMs`, numbered from 1 in order. They must come in order of time, from associations of `config`. None of
 * them is kept: there may be millions.
 */
export function demandOf(config: CenterConfig, submissions: Iterable<Submission>, untilMs: number): Demand {
  const associationOf = associationsByName(config)
  const requests: JobRequest[] = []
  const requestOf = new Map<JobRequest, number>()
  const blocks: Float64Array[] = []
  let count = 0
  let anyGivesUp = false
  let anyIsStopped = false
  let anyWrites = false
  for (const submission of submissions) {
    const { atMs, account, user, request, timeLimitMs, runTimeMs, exitCode, patienceMs, stopped, checkpoint } =
      submission
    if (atMs >= untilMs) break
    const association = associationOf.get(account)?.get(user)
    if (association === undefined) throw new Error(`${user} of ${account} is no association of center ${config.name}`)
    let shape = requestOf.get(request)
    if (shape === undefined) {
      shape = requests.push(request) - 1
      requestOf.set(request, shape)
    }
    anyGivesUp ||= patienceMs < Infinity
    anyIsStopped ||= stopped
    anyWrites ||= checkpoint !== null
    if (count % BLOCK_JOBS === 0) blocks.push(new Float64Array(BLOCK_JOBS * cells.length))
    const block = blocks.at(-1)!
    let at = (count++ % BLOCK_JOBS) * cells.length
    block[at++] = atMs
    block[at++] = runTimeMs
    block[at++] = timeLimitMs
    block[at++] = exitCode
    block[at++] = patienceMs
    block[at++] = Number(stopped)
    block[at++] = association
    block[at++] = shape
    block[at++] = checkpoint?.everyMs ?? Infinity
    block[at++] = checkpoint?.writeMs ?? 0
    block[at++] = checkpoint?.restartMs ?? 0
  }
  const filled = <Column extends Float64Array | Int32Array | Uint8Array>(
    column: Column,
    cell: (typeof cells)[number],
  ): Column => {
    const offset = cells.indexOf(cell)
    for (let i = 0; i < count; i++) {
      column[i] = blocks[Math.floor(i / BLOCK_JOBS)]![(i % BLOCK_JOBS) * cells.length + offset]!
    }
    return column
  }
  return {
    count,
    job: Float64Array.from({ length: count }, (_, i) => i + 1),
    submitMs: filled(new Float64Array(count), 'submit'),
    runMs: filled(new Float64Array(count), 'run'),
    limitMs: filled(new Float64Array(count), 'limit'),
    exitCode: filled(new Int32Array(count), 'exit'),
    ...(anyGivesUp && { cancelMs: filled(new Float64Array(count), 'patience') }),
    ...(anyIsStopped && { stopped: filled(new Uint8Array(count), 'stopped') }),
    ...(anyWrites && {
      checkpointMs: filled(new Float64Array(count), 'checkpoint'),
      writeMs: filled(new Float64Array(count), 'write'),
      restartMs: filled(new Float64Array(count), 'restart'),
    }),
    association: filled(new Int32Array(count), 'association'),
    request: filled(new Int32Array(count), 'request'),
    requests,
  }
}

/** Indices of the associations, by account and user. */
function associationsByName({ associations }: CenterConfig): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const byAccount = new Map<string, Map<string, number>>()
  associations.forEach(({ account, user }, i) => {
    const users = byAccount.get(account) ?? new Map<string, number>()
    byAccount.set(account, users.set(user, i))
  })
  return byAccount
}
