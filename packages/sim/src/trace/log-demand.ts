// A part of a log as demand on a center that is not its own: its days are those that are simulated, its users are users of the center, and
// its jobs run where their kind of work does, as fast as it does there.

import { type CenterConfig, REFERENCE_SPEED_MILLE } from '@dure/core'
import type { Demand } from '../demand.ts'
import type { KindSpeed } from '../model/demand-group.ts'
import type { Rejection, Trace, TraceJobs } from './trace.ts'
import { traceCenter } from './trace-center.ts'
import { type Transformation, transformed } from './transformation.ts'

export interface LogUse {
  readonly config: CenterConfig
  /** Indices of associations. Users of the log become these in order of their first job, and begin anew where there are more. */
  readonly users: readonly number[]
  /** Where its jobs may run; run times and limits of the log are those at the speed of a thousand. */
  readonly speeds: readonly Pick<KindSpeed, 'pool' | 'mille'>[]
  /** So long after its first submission it is center time 0. */
  readonly offsetS: number
  /** Center time that it is to last for. */
  readonly lastsS: number
  /** Jobs come so many times as fast. */
  readonly rate: number
  /** Where it is over, it begins anew. */
  readonly repeats: boolean
  readonly acceleratorsPerProcessor: number
  /** Its partitions and queues by the pools that their jobs go to. */
  readonly pools: ReadonlyMap<string, string>
}

export interface LogDemand {
  readonly demand: Demand
  /** Jobs of those days that no pool could ever run: they are not in the demand. */
  readonly rejections: readonly Rejection[]
  readonly rejected: number
}

const DAY_S = 86_400

/** From its first submission to the end of the day of its last, in days since the first: after so long it may begin anew at the same hour. */
export function logLengthS({ jobs: { submitS } }: Pick<Trace, 'jobs'>): number {
  const spanS = (submitS.at(-1) ?? 0) - (submitS[0] ?? 0)
  return DAY_S * (Math.floor(spanS / DAY_S) + 1)
}

/** Accelerators that it keeps busy in the mean of its length, where nobody waits. */
export function logAccelerators(trace: Trace, acceleratorsPerProcessor: number): number {
  const { jobs } = transformed(trace, [{ kind: 'sizes', factor: acceleratorsPerProcessor }])
  let workS = 0
  for (let i = 0; i < jobs.count; i++) workS += Math.min(jobs.runS[i]!, jobs.estimateS[i]!) * jobs.processors[i]!
  return workS / logLengthS(trace)
}

export function logDemand(trace: Trace, use: LogUse): LogDemand {
  const { config, users, speeds, offsetS, lastsS, rate, repeats, pools } = use
  const fromS = Math.floor(offsetS / rate)
  const again: readonly Transformation[] = repeats
    ? [{ kind: 'repeat', everyS: logLengthS(trace), untilS: offsetS + rate * (lastsS + 1) }]
    : []
  const taken = transformed(trace, [
    { kind: 'sizes', factor: use.acceleratorsPerProcessor },
    ...again,
    { kind: 'load', factor: rate },
    { kind: 'cut', fromS, untilS: fromS + lastsS },
    { kind: 'map', to: pools },
  ])
  const milleOf = new Map(speeds.map(({ pool, mille }) => [pool, mille]))
  const machine = {
    ...config,
    pools: config.pools.filter(({ name }) => milleOf.has(name)),
    accounts: [],
    associations: [],
  }
  const { demand, jobs, rejections, rejected } = traceCenter(taken, { kind: 'center', config: machine }, config.policy)
  const startMs = 1000 * ((trace.jobs.submitS[0] ?? 0) + fromS)
  return {
    demand: {
      ...demand,
      submitMs: demand.submitMs.map((atMs) => atMs - startMs),
      association: associationsFor(jobs, taken.jobs, users),
      requests: demand.requests.map((request) => {
        const speedsMille = request.pools.map((pool) => milleOf.get(pool)!)
        return speedsMille.every((mille) => mille === REFERENCE_SPEED_MILLE) ? request : { ...request, speedsMille }
      }),
    },
    rejections,
    rejected,
  }
}

/** Whoever is in the log counts, also where no job of theirs fits: how large the pools are makes nobody another user. */
function associationsFor(jobs: TraceJobs, all: TraceJobs, users: readonly number[]): Int32Array {
  const ownerOf = ({ group, user }: TraceJobs, i: number): string => `${group[i]} ${user[i]}`
  const placeOf = new Map<string, number>()
  for (let i = 0; i < all.count; i++) {
    const owner = ownerOf(all, i)
    if (!placeOf.has(owner)) placeOf.set(owner, placeOf.size)
  }
  return Int32Array.from({ length: jobs.count }, (_, i) => users[placeOf.get(ownerOf(jobs, i))! % users.length]!)
}
