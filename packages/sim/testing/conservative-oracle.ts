// Conservative backfilling, written as plainly as can be and apart from `core`: every job holds an interval of time, and a hole is
// found by trying each moment at which something ends. Something to compare with where there are no reference schedules.

import type { PassPer } from '../src/simulate.ts'
import type { TraceJobs } from '../src/trace/trace.ts'

interface Job {
  readonly job: number
  readonly submit: number
  readonly run: number
  readonly estimate: number
  readonly size: number
  /** What it holds of the future: [place, until). */
  place: number
  until: number
  isStarted: boolean
}

/** Start second by job number. */
export function conservativeStarts(jobs: TraceJobs, processors: number, passPer: PassPer): Map<number, number> {
  const all: Job[] = Array.from({ length: jobs.count }, (_, i) => ({
    job: jobs.job[i]!,
    submit: jobs.submitS[i]!,
    run: Math.min(jobs.runS[i]!, jobs.estimateS[i]!),
    estimate: jobs.estimateS[i]!,
    size: jobs.processors[i]!,
    place: Infinity,
    until: Infinity,
    isStarted: false,
  }))
  const arriving = all.slice()
  const terminations: { readonly at: number; readonly job: Job }[] = [] // in the order in which they were scheduled
  let known: Job[] = [] // submitted and not yet over, in order of submission

  const takeEarliest = (job: Job, now: number): void => {
    const others = known.filter((other) => other !== job)
    const freeAt = (at: number): number =>
      others.reduce((free, { place, until, size }) => (place <= at && at < until ? free - size : free), processors)
    const fitsFrom = (start: number): boolean =>
      [start, ...others.map(({ place }) => place).filter((at) => at > start && at < start + job.estimate)].every(
        (at) => freeAt(at) >= job.size,
      )
    const moments = [now, ...others.map(({ until }) => until).filter((at) => at > now)].sort((a, b) => a - b)
    job.place = moments.find(fitsFrom)!
    job.until = job.place + job.estimate
  }
  const round = (now: number): void => {
    for (const job of known) if (!job.isStarted) takeEarliest(job, now)
  }
  const start = (now: number): void => {
    for (const job of known) {
      if (job.isStarted || job.place !== now) continue
      job.isStarted = true
      terminations.push({ at: now + job.run, job })
    }
  }
  const submit = (job: Job, now: number): void => {
    known.push(job)
    takeEarliest(job, now)
  }
  const cutTail = (job: Job, now: number): void => {
    job.until = now
    known = known.filter((other) => other !== job)
  }

  while (arriving.length > 0 || known.length > 0) {
    const places = known.filter(({ isStarted }) => !isStarted).map(({ place }) => place)
    const now = Math.min(arriving[0]?.submit ?? Infinity, ...terminations.map(({ at }) => at), ...places)
    const ending = terminations.filter(({ at }) => at === now).map(({ job }) => job)
    terminations.splice(0, terminations.length, ...terminations.filter(({ at }) => at !== now))
    const newcomers = arriving.filter((job) => job.submit === now)
    arriving.splice(0, newcomers.length)
    if (passPer === 'instant') {
      for (const job of ending) cutTail(job, now)
      if (ending.length > 0) round(now)
      for (const job of newcomers) submit(job, now)
    } else {
      for (const job of newcomers) submit(job, now)
      for (const job of ending) {
        cutTail(job, now)
        round(now)
      }
    }
    start(now)
  }
  return new Map(all.map(({ job, place }) => [job, place]))
}
