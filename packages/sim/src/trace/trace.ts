// What a job log comes to, whatever its format: jobs as flat columns, the facts of its header, and an account of every line that
// made no job. The fields are those of the Standard Workload Format, the one format that all simulators read.

/** Formats by the name that people type. */
export const traceFormats = ['swf', 'sacct', 'philly', 'openb', 'helios', 'acme'] as const
export type TraceFormat = (typeof traceFormats)[number]

/** What a size of one means: a processor, or in the logs of GPU clusters an accelerator. */
export type SizeUnit = 'processors' | 'accelerators'

/** Why a line was left out, in the order in which the reasons are tried. The last is met only where the jobs are given a center. */
const rejectionReasons = [
  /** A field is not a number, or is one beyond all time, or the line is not text at all. */
  'not-a-number',
  /** Not 18 fields: most often the last line of a truncated download. */
  'not-18-fields',
  /** Not as many fields as the line of column names has. */
  'wrong-number-of-fields',
  /** A quotation mark that is never closed, or stands where none may. */
  'broken-quotes',
  /** Longer than any line of a log could be. */
  'line-too-long',
  /** Not a date with a time of day, nor seconds. */
  'not-a-time',
  /** Job numbers are positive integers; of logs with names, that there is one. */
  'bad-job-number',
  /** Neither requested nor allocated. Of a GPU cluster: no accelerators, as on jobs that use only its CPUs. */
  'no-processors',
  'larger-than-machine',
  /** Among them jobs that never ran. */
  'no-run-time',
  'negative-submit',
  'no-estimate',
  /** An earlier line that was kept has the same number. */
  'duplicate-job',
  /** No pool that the job may run in has nodes as large, or as many. */
  'fits-no-pool',
] as const
export type RejectionReason = (typeof rejectionReasons)[number]

export interface Rejection {
  readonly reason: RejectionReason
  readonly count: number
  /** 1-based, at most ten of them. */
  readonly firstLines: readonly number[]
}

/** One entry a job, in order of submission. Whole seconds, as logs have them (fractions are dropped); -1 where the log does not say. */
export interface TraceJobs {
  readonly count: number
  readonly job: Float64Array
  /** Where it stands in the file, from 1. */
  readonly line: Float64Array
  readonly submitS: Float64Array
  /** As logged, so possibly longer than the estimate. */
  readonly runS: Float64Array
  readonly estimateS: Float64Array
  /** In the unit of the trace. A slice of an accelerator counts as one. */
  readonly processors: Float64Array
  readonly user: Float64Array
  readonly group: Float64Array
  readonly queue: Float64Array
  readonly partition: Float64Array
  /** How it ended: 1 completed, 0 failed, 5 cancelled (SWF, field 11). */
  readonly status: Float64Array
  /** What it took of each node, where logs of that format tell. */
  readonly shape: JobShapes | null
  /** What scheduling does not need; read only on request. */
  readonly rest: SwfRest | null
}

/** -1 where the log does not say. */
interface JobShapes {
  readonly nodes: Float64Array
  /** Per node, thousandths of a core. */
  readonly cpuMilli: Float64Array
  readonly memoryMib: Float64Array
  /** Thousandths of one accelerator, where the job takes less than one. */
  readonly sliceMilli: Float64Array
}

/** The remaining fields of the Standard Workload Format, by their numbers there. */
interface SwfRest {
  /** 3 */
  readonly waitS: Float64Array
  /** 5 */
  readonly allocated: Float64Array
  /** 6 */
  readonly cpuUsedS: Float64Array
  /** 7, per processor */
  readonly memoryUsedKb: Float64Array
  /** 8 */
  readonly requested: Float64Array
  /** 10, per processor */
  readonly memoryRequestedKb: Float64Array
  /** 14 */
  readonly executable: Float64Array
  /** 17 */
  readonly precedingJob: Float64Array
  /** 18 */
  readonly thinkS: Float64Array
}

/** Names behind the numbers of a column. Logs in the Standard Workload Format mostly have none. */
export interface TraceNames {
  readonly users: ReadonlyMap<number, string>
  readonly groups: ReadonlyMap<number, string>
  readonly queues: ReadonlyMap<number, string>
  readonly partitions: ReadonlyMap<number, string>
}

export interface Trace {
  readonly format: TraceFormat
  readonly unit: SizeUnit
  /** Header directives by name; of a repeated one, the first. */
  readonly header: ReadonlyMap<string, string>
  /** The header as it stands, remarks and repeated directives with it. */
  readonly headerLines: readonly string[]
  /** Size of the machine: as asked for, else MaxProcs, else MaxNodes; null if nobody says. */
  readonly processors: number | null
  readonly jobs: TraceJobs
  readonly names: TraceNames
  /** What the log calls each job, where those are no numbers; `jobs.job` then has the place in the file. */
  readonly ids: readonly string[] | null
  /** Unix time of second 0, null where the log does not say. */
  readonly startUnixS: number | null
  /** All lines but blank ones, header ones and those with column names. */
  readonly lines: number
  /** Lines about a part of a job (Slurm's steps), which are no jobs and no mistakes. */
  readonly steps: number
  readonly rejections: readonly Rejection[]
  readonly rejected: number
  /** Lines whose submit time is before that of a line above them: they were sorted in. */
  readonly outOfOrder: number
  /** Jobs whose run is longer than their estimate. */
  readonly overran: number
  /** The last line, where it breaks off in the middle, without its newline: so does most likely the file. */
  readonly cutOffAtLine: number | null
  /** No line had an estimate, so run times stand in for them. */
  readonly estimated: boolean
}

export interface TraceOptions {
  /** Overrides the size that the header states; null: whatever the size, nothing is too large. */
  readonly processors?: number | null
  /** What to count. Default: accelerators in logs of GPU clusters and wherever a Slurm log has any, else processors. */
  readonly unit?: SizeUnit
  /** Read the fields that scheduling does not need as well, to write them back. */
  readonly everyField?: boolean
}

export interface Directive {
  readonly name: string
  readonly value: string
}

/** `; MaxProcs: 128` is a directive; other header lines are remarks. */
export function directiveIn(headerLine: string): Directive | null {
  const colon = headerLine.indexOf(':')
  if (colon < 0) return null
  let from = 0
  while (from < colon && '; \t'.includes(headerLine[from]!)) from++
  const name = headerLine.slice(from, colon).trim()
  return name === '' ? null : { name, value: headerLine.slice(colon + 1).trim() }
}

/** A file that is no log at all, such as a picture, or a table without a column that has to be there. The message says what is wrong. */
export class UnreadableTrace extends Error {}

/** What people call one who has only a number. */
export const userName = (names: TraceNames, user: number): string => names.users.get(user) ?? `user${user}`
export const groupName = (names: TraceNames, group: number): string => names.groups.get(group) ?? `group${group}`
export const queueName = (names: TraceNames, queue: number): string => names.queues.get(queue) ?? `${queue}`
export const partitionName = (names: TraceNames, partition: number): string =>
  names.partitions.get(partition) ?? `${partition}`

/** Names that a partition or a queue stands for: `V100M16|V100M32` accepts either. */
export const alternatives = (label: string): readonly string[] => label.split(/[|,]/).filter((name) => name !== '')

const LINES_SHOWN = 10

/** Counts the lines that are left out, by reason. */
export class RejectionTally {
  readonly #counts = new Map<RejectionReason, { count: number; firstLines: number[] }>()
  total = 0

  add(reason: RejectionReason, line: number): void {
    this.total++
    const entry = this.#counts.get(reason)
    if (entry === undefined) this.#counts.set(reason, { count: 1, firstLines: [line] })
    else {
      entry.count++
      if (entry.firstLines.length < LINES_SHOWN) entry.firstLines.push(line)
    }
  }

  list(): Rejection[] {
    return rejectionReasons.flatMap((reason) => {
      const entry = this.#counts.get(reason)
      return entry === undefined ? [] : [{ reason, ...entry }]
    })
  }
}
