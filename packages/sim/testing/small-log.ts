// Logs small enough to write into a test.

import { parseSwf } from '../src/trace/swf.ts'
import type { TraceJobs } from '../src/trace/trace.ts'

/** Numbers of a job as people write schedules down. The estimate is the run time where it is left out. */
export type Row = readonly [job: number, submitS: number, runS: number, processors: number, estimateS?: number]

export function smallLog(rows: readonly Row[], users: (row: number) => number = () => 1): TraceJobs {
  const lines = rows.map(([job, submit, run, size, estimate = run], i) => {
    return `${job} ${submit} -1 ${run} ${size} -1 -1 ${size} ${estimate} -1 1 ${users(i)} 1 -1 -1 -1 -1 -1`
  })
  const { jobs, rejections } = parseSwf(new TextEncoder().encode(lines.join('\n')))
  if (rejections.length > 0) throw new Error(`the log of a test is sound: ${JSON.stringify(rejections)}`)
  return jobs
}
