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
  /** The job writes a checkpoint whenever it has computed for so long; Infinity: never. Absent: none does. */
  readonly checkpointMs?: Float64Array
  /** Writing one takes so long, and beginning anew from one so long. Where `checkpointMs` is, these are. */
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

/** Accelerators (processors, in a counted pool) that a request takes in all. */
export const width = (request: JobRequest): number =>
  (request.nodes * request.acceleratorsMilli) / WHOLE_ACCELERATOR_MILLI

/** The submissions before `untilMs`, numbered from 1 in order. They must come in order of time, from associations of `config`. */
export function demandOf(config: CenterConfig, submissions: Iterable<Submission>, untilMs: number): Demand {
  const associationOf = new Map(config.associations.map(({ account, user }, i) => [JSON.stringify([account, user]), i]))
  const requests: JobRequest[] = []
  const requestOf = new Map<JobRequest, number>()
  const taken: Submission[] = []
  for (const submission of submissions) {
    if (submission.atMs >= untilMs) break
    taken.push(submission)
    if (!requestOf.has(submission.request)) requestOf.set(submission.request, requests.push(submission.request) - 1)
  }
  const demand = {
    ...emptyDemand(taken.length, requests),
    ...(taken.some(({ patienceMs }) => patienceMs < Infinity) && { cancelMs: new Float64Array(taken.length) }),
    ...(taken.some(({ stopped }) => stopped) && { stopped: new Uint8Array(taken.length) }),
  }
  taken.forEach(({ atMs, account, user, request, timeLimitMs, runTimeMs, exitCode, patienceMs, stopped }, i) => {
    const association = associationOf.get(JSON.stringify([account, user]))
    if (association === undefined) throw new Error(`${user} of ${account} is no association of center ${config.name}`)
    demand.job[i] = i + 1
    demand.submitMs[i] = atMs
    demand.runMs[i] = runTimeMs
    demand.limitMs[i] = timeLimitMs
    demand.exitCode[i] = exitCode
    if (demand.cancelMs !== undefined) demand.cancelMs[i] = patienceMs
    if (demand.stopped !== undefined) demand.stopped[i] = stopped ? 1 : 0
    demand.association[i] = association
    demand.request[i] = requestOf.get(request)!
  })
  return demand
}
