// First come first served, EASY and EASY with the shortest first, written as plainly as can be and apart from `core`:
// lists, no indices, a look at everything every time. Something to compare with on machines without the reference schedules.

import type { PassPer } from '../src/simulate.ts'
import type { TraceJobs } from '../src/trace/trace.ts'

export type OraclePolicy = 'fcfs' | 'easy' | 'easy-sjbf'

interface Job {
  readonly job: number
  readonly submit: number
  readonly run: number
  readonly estimate: number
  readonly size: number
  start: number
}

/** Start second by job number. */
export function oracleStarts(
  jobs: TraceJobs,
  processors: number,
  policy: OraclePolicy,
  passPer: PassPer,
): Map<number, number> {
  const arriving: Job[] = Array.from({ length: jobs.count }, (_, i) => ({
    job: jobs.job[i]!,
    submit: jobs.submitS[i]!,
    run: Math.min(jobs.runS[i]!, jobs.estimateS[i]!),
    estimate: jobs.estimateS[i]!,
    size: jobs.processors[i]!,
    start: -1,
  }))
  const all = arriving.slice()
  let queue: Job[] = []
  let running: Job[] = [] // in order of start
  let freed = new Set<Job>() // gave its processors back, though its termination is still to be dealt with

  const free = (): number => running.reduce((left, job) => left - (freed.has(job) ? 0 : job.size), processors)
  const begin = (job: Job, now: number): void => {
    job.start = now
    running.push(job)
    queue = queue.filter((other) => other !== job)
  }
  const pass = (now: number): void => {
    while (queue[0] !== undefined && queue[0].size <= free()) begin(queue[0], now)
    const head = queue[0]
    if (head === undefined || policy === 'fcfs') return
    const releases = running
      .filter((job) => !freed.has(job))
      .sort((a, b) => a.start + a.estimate - b.start - b.estimate)
    let available = free()
    let shadow = now
    for (const job of releases) {
      if (available >= head.size && job.start + job.estimate > shadow) break
      available += job.size
      shadow = job.start + job.estimate
    }
    let extra = available - head.size
    const candidates = queue.slice(1)
    if (policy === 'easy-sjbf') candidates.sort((a, b) => a.estimate - b.estimate)
    for (const job of candidates) {
      if (job.size > free()) continue
      const endsInTime = now + job.estimate <= shadow
      if (!endsInTime && job.size > extra) continue
      if (!endsInTime) extra -= job.size
      begin(job, now)
    }
  }

  while (arriving.length > 0 || running.length > 0) {
    const now = Math.min(arriving[0]?.submit ?? Infinity, ...running.map((job) => job.start + job.run))
    const ending = running.filter((job) => job.start + job.run === now)
    const newcomers = arriving.filter((job) => job.submit === now)
    arriving.splice(0, newcomers.length)
    if (passPer === 'instant') {
      running = running.filter((job) => !ending.includes(job))
      queue.push(...newcomers)
      pass(now)
      continue
    }
    freed = new Set(ending.filter((job) => job.run === job.estimate))
    for (const job of newcomers) {
      queue.push(job)
      if (job.size <= free()) pass(now)
    }
    for (const job of ending) {
      running = running.filter((other) => other !== job)
      freed.delete(job)
      pass(now)
    }
  }
  return new Map(all.map(({ job, start }) => [job, start]))
}
