// What a center is asked to run: jobs as flat columns in order of submission. Traces and the workload model both end up
// here, so that there is one loop to simulate either.

import type { CenterConfig, JobRequest, Policy } from '@dure/core'
import { WHOLE_ACCELERATOR_MILLI } from '@dure/core'
import type { SwfJobs } from './trace/swf.ts'
import type { Submission } from './workload.ts'

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
  /** Index into `CenterConfig.associations`. */
  readonly association: Int32Array
  /** Index into `requests`: few shapes, many jobs. */
  readonly request: Int32Array
  readonly requests: readonly JobRequest[]
}

function emptyDemand(count: number, requests: readonly JobRequest[]): Demand {
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

const PROCESSORS_POOL = 'processors'

/**
 * A center of `processors` interchangeable processors with the jobs of a log to run on it. Every group of the log is an account
 * and every user in a group an association, one share each, in order of first appearance: a log says who, not who is owed what.
 */
export function swfCenter(
  jobs: SwfJobs,
  processors: number,
  policy: Policy,
): { readonly config: CenterConfig; readonly demand: Demand } {
  const accounts = new Map<number, string>()
  const associations: { account: string; user: string; shares: number }[] = []
  const associationOf = new Map<string, number>()
  const requests: JobRequest[] = []
  const requestOf = new Map<number, number>()
  const demand = emptyDemand(jobs.count, requests)
  for (let i = 0; i < jobs.count; i++) {
    const group = jobs.group[i]!
    const user = jobs.user[i]!
    const key = `${group} ${user}`
    let association = associationOf.get(key)
    if (association === undefined) {
      let account = accounts.get(group)
      if (account === undefined) {
        account = `group${group}`
        accounts.set(group, account)
      }
      association = associations.push({ account, user: `user${user}`, shares: 1 }) - 1
      associationOf.set(key, association)
    }
    const size = jobs.processors[i]!
    let request = requestOf.get(size)
    if (request === undefined) {
      request = requests.push(processorsRequest(size)) - 1
      requestOf.set(size, request)
    }
    demand.job[i] = jobs.job[i]!
    demand.submitMs[i] = 1000 * jobs.submitS[i]!
    demand.runMs[i] = 1000 * jobs.runS[i]!
    demand.limitMs[i] = 1000 * jobs.estimateS[i]!
    demand.association[i] = association
    demand.request[i] = request
  }
  const config: CenterConfig = {
    name: 'log',
    pools: [{ name: PROCESSORS_POOL, kind: 'cpu', processors }],
    accounts: [...accounts.values()].map((name) => ({ name, parent: null, shares: 1 })),
    associations,
    policy,
  }
  return { config, demand }
}

const processorsRequest = (size: number): JobRequest => ({
  pools: [PROCESSORS_POOL],
  nodes: 1,
  acceleratorsMilli: size * WHOLE_ACCELERATOR_MILLI,
  cpuMilli: 0,
  memoryMib: 0,
})

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
  const demand = emptyDemand(taken.length, requests)
  taken.forEach(({ atMs, account, user, request, timeLimitMs, runTimeMs, exitCode }, i) => {
    const association = associationOf.get(JSON.stringify([account, user]))
    if (association === undefined) throw new Error(`${user} of ${account} is no association of center ${config.name}`)
    demand.job[i] = i + 1
    demand.submitMs[i] = atMs
    demand.runMs[i] = runTimeMs
    demand.limitMs[i] = timeLimitMs
    demand.exitCode[i] = exitCode
    demand.association[i] = association
    demand.request[i] = requestOf.get(request)!
  })
  return demand
}
