// What is done to a trace before it is used. A transformation is a value, and a list of them is applied in its order, so that a study
// can say what it did and in which order.

import {
  alternatives,
  partitionName,
  queueName,
  type Trace,
  type TraceJobs,
  type TraceNames,
  userName,
} from './trace.ts'
import { inOrder } from './trace-rows.ts'

export type Transformation =
  /** Jobs submitted in [from, until), seconds since the first submission. */
  | { readonly kind: 'cut'; readonly fromS: number; readonly untilS: number }
  | { readonly kind: 'users'; readonly users: readonly string[] }
  | { readonly kind: 'first'; readonly jobs: number }
  /** Jobs come `factor` times as fast: what lies between submissions is divided by it. Runs stay as long as they are. */
  | { readonly kind: 'load'; readonly factor: number }
  /** The whole log comes again every so many seconds since its first submission, until so many are over. Numbers go on from 1. */
  | { readonly kind: 'repeat'; readonly everyS: number; readonly untilS: number }
  /** A processor of the log is so much of an accelerator; a job has whole ones. What it took of each node is forgotten. */
  | { readonly kind: 'sizes'; readonly factor: number }
  /** Jobs of a partition or queue go to another, such as a pool of the center they are to run on. */
  | { readonly kind: 'map'; readonly to: ReadonlyMap<string, string> }
  /** Numbers from 1 in order of submission. */
  | { readonly kind: 'renumber' }

export const transformed = (trace: Trace, transformations: readonly Transformation[]): Trace =>
  transformations.reduce(applied, trace)

function applied(trace: Trace, transformation: Transformation): Trace {
  const { jobs, names } = trace
  switch (transformation.kind) {
    case 'cut': {
      const { fromS, untilS } = transformation
      const firstS = jobs.submitS[0] ?? 0
      return selected(trace, (i) => jobs.submitS[i]! - firstS >= fromS && jobs.submitS[i]! - firstS < untilS)
    }
    case 'users': {
      const wanted = new Set(transformation.users)
      // By name, or by the bare number that a log without names has.
      return selected(trace, (i) => wanted.has(userName(names, jobs.user[i]!)) || wanted.has(`${jobs.user[i]}`))
    }
    case 'first':
      return selected(trace, (i) => i < transformation.jobs)
    case 'load': {
      const firstS = jobs.submitS[0] ?? 0
      const submitS = jobs.submitS.map((atS) => firstS + Math.floor((atS - firstS) / transformation.factor))
      return { ...trace, jobs: { ...jobs, submitS } }
    }
    case 'repeat':
      return repeated(trace, transformation)
    case 'sizes':
      return resized(trace, transformation.factor)
    case 'map':
      return mapped(trace, transformation.to)
    case 'renumber':
      return renumbered(trace)
    default: {
      const never: never = transformation
      return never
    }
  }
}

function selected(trace: Trace, isWanted: (index: number) => boolean): Trace {
  const kept = Int32Array.from(trace.jobs.job, (_, i) => i).filter(isWanted)
  const jobs = inOrder(trace.jobs, kept)
  let overran = 0
  for (let i = 0; i < jobs.count; i++) if (jobs.runS[i]! > jobs.estimateS[i]!) overran++
  const ids = trace.ids === null ? null : Array.from(kept, (i) => trace.ids![i]!)
  return { ...trace, jobs, ids, overran }
}

function repeated(trace: Trace, { everyS, untilS }: { readonly everyS: number; readonly untilS: number }): Trace {
  const { jobs, ids } = renumbered(trace)
  const firstS = jobs.submitS[0] ?? 0
  const spanS = (jobs.submitS.at(-1) ?? 0) - firstS
  if (!(everyS > spanS)) throw new RangeError(`a log of ${spanS} s cannot come again every ${everyS} s`)
  const taken: number[] = []
  for (let round = 0; jobs.count > 0 && round * everyS < untilS; round++) {
    for (let i = 0; i < jobs.count && jobs.submitS[i]! - firstS + round * everyS < untilS; i++) taken.push(i)
  }
  const again = inOrder(jobs, Int32Array.from(taken))
  const roundOf = (place: number): number => Math.floor(place / jobs.count)
  const { rest } = again
  return {
    ...trace,
    ids: ids === null ? null : taken.map((i) => ids[i]!),
    jobs: {
      ...again,
      job: again.job.map((_, place) => place + 1),
      submitS: again.submitS.map((atS, place) => atS + roundOf(place) * everyS),
      rest: rest && {
        ...rest,
        precedingJob: rest.precedingJob.map((job, place) => (job < 0 ? job : job + roundOf(place) * jobs.count)),
      },
    },
  }
}

function resized(trace: Trace, factor: number): Trace {
  if (factor === 1) return trace
  const processors = trace.jobs.processors.map((size) => Math.max(1, Math.ceil(size * factor)))
  return { ...trace, unit: 'accelerators', jobs: { ...trace.jobs, processors, shape: null } }
}

/** Names by which a job may be mapped: of its partition, then of its queue. */
const labelsOf = (jobs: TraceJobs, names: TraceNames, i: number): readonly string[] => [
  ...(jobs.partition[i]! < 0 ? [] : alternatives(partitionName(names, jobs.partition[i]!))),
  ...(jobs.queue[i]! < 0 ? [] : alternatives(queueName(names, jobs.queue[i]!))),
]

/** Every partition and queue that jobs of the trace are in, in order of appearance. */
export function queuesOf({ jobs, names }: Pick<Trace, 'jobs' | 'names'>): ReadonlySet<string> {
  const known = new Set<string>()
  const found = new Set<string>()
  for (let i = 0; i < jobs.count; i++) {
    const key = `${jobs.partition[i]} ${jobs.queue[i]}`
    if (known.has(key)) continue
    known.add(key)
    for (const label of labelsOf(jobs, names, i)) found.add(label)
  }
  return found
}

/** The mapped ones become partitions; a job that may be in several, some of which are mapped, may be in those alone. */
function mapped(trace: Trace, to: ReadonlyMap<string, string>): Trace {
  const { jobs, names } = trace
  const partitions = new Map(names.partitions)
  const numberOf = new Map([...partitions].map(([number, name]) => [name, number]))
  let last = 0
  for (const number of partitions.keys()) last = Math.max(last, number)
  for (let i = 0; i < jobs.count; i++) last = Math.max(last, jobs.partition[i]!)
  const partition = jobs.partition.slice()
  for (let i = 0; i < jobs.count; i++) {
    const targets = labelsOf(jobs, names, i).flatMap((label) => to.get(label) ?? [])
    if (targets.length === 0) continue
    const name = [...new Set(targets)].join('|')
    let number = numberOf.get(name)
    if (number === undefined) {
      number = ++last
      numberOf.set(name, number)
      partitions.set(number, name)
    }
    partition[i] = number
  }
  return { ...trace, jobs: { ...jobs, partition }, names: { ...names, partitions } }
}

function renumbered(trace: Trace): Trace {
  const { jobs } = trace
  const numbers = new Map<number, number>()
  for (let i = 0; i < jobs.count; i++) numbers.set(jobs.job[i]!, i + 1)
  const { rest } = jobs
  return {
    ...trace,
    jobs: {
      ...jobs,
      job: Float64Array.from(jobs.job, (_, i) => i + 1),
      rest: rest === null ? null : { ...rest, precedingJob: rest.precedingJob.map((job) => numbers.get(job) ?? -1) },
    },
  }
}
