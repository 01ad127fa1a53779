// From well-formed lines to jobs, the same for every format: which lines are kept, in which order, with which numbers.
// What depends on the whole log (the size of the machine, whether anybody gave an estimate, what is counted) is judged here, at the
// end, since a log is read once and may be a stream.
//
// - Processors are those requested, else those allocated; neither, or either beyond the machine or four million: rejected.
// - Run time not above zero, or submit time below zero: rejected.
// - The estimate is the requested time; not above zero: rejected, unless no line of the log has one, and then it is the run time.
// - A run of more years than there is history is no number, unless its estimate cuts it.
// - A run past its estimate is kept as logged: the center stops the job at its limit, which cuts the run to the estimate.
// - Order is by submit time, then by place in the file.
// Rejected lines are counted by the first of these reasons that applies, with the numbers of the first few.

import { WHOLE_ACCELERATOR_MILLI } from '@dure/core'
import {
  directiveIn,
  type RejectionReason,
  type RejectionTally,
  type SizeUnit,
  type Trace,
  type TraceFormat,
  type TraceJobs,
  type TraceNames,
  type TraceOptions,
} from './trace.ts'

/** Cells of a row: the 18 fields of the Standard Workload Format in their order, then what other formats add. */
export const cell = {
  job: 0,
  submit: 1,
  wait: 2,
  run: 3,
  allocated: 4,
  cpuUsed: 5,
  memoryUsed: 6,
  requested: 7,
  estimate: 8,
  memoryRequested: 9,
  status: 10,
  user: 11,
  group: 12,
  executable: 13,
  queue: 14,
  partition: 15,
  precedingJob: 16,
  think: 17,
  /** In all, where the log counts them besides processors. */
  accelerators: 18,
  nodes: 19,
  cpuMilli: 20,
  memoryMib: 21,
  sliceMilli: 22,
} as const

export const SWF_FIELDS = 18
export const CELLS = 23

/** About 285,000 years in seconds. In milliseconds it is still an exact integer. */
export const NUMBER_MAX = 9_000_000_000_000

/** Nearly 9,000 years: of a longer run the work could not be summed exactly, which takes milliseconds up to 2^48. */
const RUN_MAX_S = 281_474_976_710

/** Of a larger size the thousandths no longer fit the 32 bits in which a center counts them, and it would refuse the job. */
const SIZE_MAX = Math.floor(0xffff_ffff / WHOLE_ACCELERATOR_MILLI)

/** What a simulation needs of a log without shapes. */
const SCHEDULING: readonly number[] = [
  cell.job,
  cell.submit,
  cell.run,
  cell.allocated,
  cell.requested,
  cell.estimate,
  cell.user,
  cell.group,
  cell.queue,
  cell.partition,
  cell.status,
]
const SWF_REST: readonly number[] = [
  cell.wait,
  cell.cpuUsed,
  cell.memoryUsed,
  cell.memoryRequested,
  cell.executable,
  cell.precedingJob,
  cell.think,
]
const SHAPE: readonly number[] = [cell.accelerators, cell.nodes, cell.cpuMilli, cell.memoryMib, cell.sliceMilli]

const BLOCK_ROWS = 16_384

/** The cells that matter of each well-formed line, and its line number. Grows block by block, so that nothing is copied. */
export class TraceRows {
  count = 0
  readonly hasShapes: boolean
  readonly hasRest: boolean
  readonly #kept: Int32Array
  readonly #columnOf: Int32Array
  readonly #stride: number
  readonly #blocks: Float64Array[] = []
  #block = new Float64Array(0)
  #at = 0

  constructor(hasShapes: boolean, hasRest: boolean) {
    this.hasShapes = hasShapes
    this.hasRest = hasRest
    this.#kept = Int32Array.from([...SCHEDULING, ...(hasRest ? SWF_REST : []), ...(hasShapes ? SHAPE : [])])
    this.#columnOf = Int32Array.from({ length: CELLS }, (_, one) => this.#kept.indexOf(one))
    this.#stride = this.#kept.length + 1
  }

  add(cells: Float64Array, line: number): void {
    if (this.#at === this.#block.length) {
      this.#block = new Float64Array(BLOCK_ROWS * this.#stride)
      this.#blocks.push(this.#block)
      this.#at = 0
    }
    const block = this.#block
    const kept = this.#kept
    let at = this.#at
    for (let i = 0; i < kept.length; i++) block[at++] = cells[kept[i]!]!
    block[at++] = line
    this.#at = at
    this.count++
  }

  at(row: number, one: number): number {
    return this.#blocks[Math.floor(row / BLOCK_ROWS)]![(row % BLOCK_ROWS) * this.#stride + this.#columnOf[one]!]!
  }

  line(row: number): number {
    return this.#blocks[Math.floor(row / BLOCK_ROWS)]![(row % BLOCK_ROWS) * this.#stride + this.#stride - 1]!
  }

  /** A cell of all the rows in `kept`, in their order; -1 throughout where that cell is not read. */
  column(kept: Int32Array, one: number): Float64Array {
    const column = new Float64Array(kept.length)
    if (this.#columnOf[one]! < 0) return column.fill(-1)
    for (let i = 0; i < kept.length; i++) column[i] = this.at(kept[i]!, one)
    return column
  }
}

/** What a reader has found by the end of a log. */
export interface Reading {
  readonly format: TraceFormat
  /** What this format counts; null: accelerators where the log has any, else processors. */
  readonly unit: SizeUnit | null
  readonly rows: TraceRows
  readonly tally: RejectionTally
  readonly lines: number
  readonly steps: number
  readonly headerLines: readonly string[]
  readonly names: TraceNames
  /** What the log calls the job of each row; null where that is the number in the row. */
  readonly ids: readonly string[] | null
  /** Submit times are Unix times, and the first kept one becomes second 0. */
  readonly unixTimes: boolean
  readonly cutOffAtLine: number | null
}

export function traceOf(reading: Reading, options: TraceOptions): Trace {
  const { format, rows, tally, headerLines, names, lines, steps } = reading
  const header = new Map<string, string>()
  for (const line of headerLines) {
    const directive = directiveIn(line)
    if (directive !== null && !header.has(directive.name)) header.set(directive.name, directive.value)
  }
  const asked = options.processors
  const stated = asked === undefined ? sizeOf(header) : asked
  const unit = options.unit ?? reading.unit ?? unitOf(rows)
  const sizes = unit === 'accelerators' && rows.hasShapes ? [cell.accelerators, cell.accelerators] : SWF_SIZES
  const estimated = !hasPositive(rows, cell.estimate)
  const isNew = reading.ids === null ? firstOfNumber(rows) : firstOfName(reading.ids)
  const kept = judge(rows, { sizes, machine: Math.min(stated ?? SIZE_MAX, SIZE_MAX), estimated, isNew }, tally)
  // A log's own names are the numbers only where all of them are numbers: 17 and 17_3 must not both be job 17.
  const keptIds = reading.ids === null ? null : Array.from(kept, (row) => reading.ids![row]!)
  const areNumbers = keptIds?.every(isJobNumber) ?? false

  const jobs = columnsOf(rows, kept, sizes, estimated)
  let overran = 0
  for (let i = 0; i < jobs.count; i++) if (jobs.runS[i]! > jobs.estimateS[i]!) overran++
  if (areNumbers) for (let i = 0; i < jobs.count; i++) jobs.job[i] = Number(keptIds![i])
  const { outOfOrder, order } = bySubmit(jobs)
  const sorted = order === null ? jobs : inOrder(jobs, order)
  const headerStart = Number(header.get('UnixStartTime'))
  let startUnixS = headerStart > 0 ? headerStart : null
  if (reading.unixTimes && sorted.count > 0) {
    startUnixS = sorted.submitS[0]!
    for (let i = 0; i < sorted.count; i++) sorted.submitS[i]! -= startUnixS
  }
  return {
    format,
    unit,
    header,
    headerLines,
    processors: stated,
    jobs: sorted,
    names,
    ids: keptIds === null || areNumbers ? null : order === null ? keptIds : Array.from(order, (i) => keptIds[i]!),
    startUnixS,
    lines,
    steps,
    rejections: tally.list(),
    rejected: tally.total,
    outOfOrder,
    overran,
    cutOffAtLine: reading.cutOffAtLine,
    estimated: estimated && sorted.count > 0,
  }
}

/** MaxProcs, else MaxNodes. Archive headers often put a remark after the number. */
function sizeOf(header: ReadonlyMap<string, string>): number | null {
  for (const name of ['MaxProcs', 'MaxNodes']) {
    const size = Number.parseInt(header.get(name) ?? '', 10)
    if (size > 0) return size
  }
  return null
}

const unitOf = (rows: TraceRows): SizeUnit =>
  rows.hasShapes && hasPositive(rows, cell.accelerators) ? 'accelerators' : 'processors'

function hasPositive(rows: TraceRows, one: number): boolean {
  for (let row = 0; row < rows.count; row++) if (rows.at(row, one) > 0) return true
  return false
}

/** Cells that tell how large a job is: what was requested, and what was allocated. */
const SWF_SIZES: readonly number[] = [cell.requested, cell.allocated]

interface Rules {
  readonly sizes: readonly number[]
  readonly machine: number
  readonly estimated: boolean
  /** Whether no row that was kept before has this job's number; to be asked once of each row that would be kept. */
  readonly isNew: (row: number) => boolean
}

/** Which rows become jobs. */
function judge(rows: TraceRows, { sizes, machine, estimated, isNew }: Rules, tally: RejectionTally): Int32Array {
  const kept = new Int32Array(rows.count)
  const [requestedCell, allocatedCell] = [sizes[0]!, sizes[1]!]
  let count = 0
  for (let row = 0; row < rows.count; row++) {
    const requested = rows.at(row, requestedCell)
    const allocated = rows.at(row, allocatedCell)
    const run = rows.at(row, cell.run)
    const estimate = estimated ? run : rows.at(row, cell.estimate)
    let reason: RejectionReason | null = null
    if (rows.at(row, cell.job) < 1) reason = 'bad-job-number'
    else if (requested <= 0 && allocated <= 0) reason = 'no-processors'
    else if (requested > machine || allocated > machine) reason = 'larger-than-machine'
    else if (run <= 0) reason = 'no-run-time'
    else if (rows.at(row, cell.submit) < 0) reason = 'negative-submit'
    else if (estimate <= 0) reason = 'no-estimate'
    else if (Math.min(run, estimate) > RUN_MAX_S) reason = 'not-a-number'
    else if (!isNew(row)) reason = 'duplicate-job'
    if (reason === null) kept[count++] = row
    else tally.add(reason, rows.line(row))
  }
  return kept.subarray(0, count)
}

const isJobNumber = (id: string): boolean => /^[1-9]\d{0,11}$/.test(id)

function firstOfName(ids: readonly string[]): (row: number) => boolean {
  const seen = new Set<string>()
  return (row) => seen.size < seen.add(ids[row]!).size
}

/** Nearly every log counts upwards, so a set is made only for one that does not. */
function firstOfNumber(rows: TraceRows): (row: number) => boolean {
  let last = 0
  let seen: Set<number> | null = null
  const risen: number[] = []
  return (row) => {
    const job = rows.at(row, cell.job)
    if (seen === null) {
      if (job > last) {
        risen.push(job)
        last = job
        return true
      }
      seen = new Set(risen)
      risen.length = 0
    }
    return seen.size < seen.add(job).size
  }
}

function columnsOf(rows: TraceRows, kept: Int32Array, sizes: readonly number[], estimated: boolean): TraceJobs {
  const take = (one: number): Float64Array => rows.column(kept, one)
  const processors = take(sizes[0]!)
  for (let i = 0; i < kept.length; i++) if (processors[i]! <= 0) processors[i] = rows.at(kept[i]!, sizes[1]!)
  const line = new Float64Array(kept.length)
  for (let i = 0; i < kept.length; i++) line[i] = rows.line(kept[i]!)
  return {
    count: kept.length,
    job: take(cell.job),
    line,
    submitS: take(cell.submit),
    runS: take(cell.run),
    estimateS: take(estimated ? cell.run : cell.estimate),
    processors,
    user: take(cell.user),
    group: take(cell.group),
    queue: take(cell.queue),
    partition: take(cell.partition),
    status: take(cell.status),
    shape: rows.hasShapes
      ? {
          nodes: take(cell.nodes),
          cpuMilli: take(cell.cpuMilli),
          memoryMib: take(cell.memoryMib),
          sliceMilli: take(cell.sliceMilli),
        }
      : null,
    rest: rows.hasRest
      ? {
          waitS: take(cell.wait),
          allocated: take(sizes[1]!),
          cpuUsedS: take(cell.cpuUsed),
          memoryUsedKb: take(cell.memoryUsed),
          requested: take(sizes[0]!),
          memoryRequestedKb: take(cell.memoryRequested),
          executable: take(cell.executable),
          precedingJob: take(cell.precedingJob),
          thinkS: take(cell.think),
        }
      : null,
  }
}

/** How many jobs stand below one submitted later, and the order that puts them right: equal times by place. Null: it is right. */
function bySubmit({ count, submitS }: TraceJobs): { outOfOrder: number; order: Int32Array | null } {
  let outOfOrder = 0
  let latest = 0
  for (let i = 0; i < count; i++) {
    const submit = submitS[i]!
    if (submit < latest) outOfOrder++
    else latest = submit
  }
  if (outOfOrder === 0) return { outOfOrder, order: null }
  const order = Int32Array.from({ length: count }, (_, i) => i).sort((a, b) => submitS[a]! - submitS[b]! || a - b)
  return { outOfOrder, order }
}

/** The jobs at `order`, in that order. */
export function inOrder(jobs: TraceJobs, order: Int32Array): TraceJobs {
  const take = (column: Float64Array): Float64Array => Float64Array.from(order, (i) => column[i]!)
  const { count: _, shape, rest, ...columns } = jobs
  return {
    count: order.length,
    ...mapped(columns, take),
    shape: shape === null ? null : mapped(shape, take),
    rest: rest === null ? null : mapped(rest, take),
  }
}

function mapped<T extends Readonly<Record<keyof T, Float64Array>>>(
  columns: T,
  take: (column: Float64Array) => Float64Array,
): T {
  return Object.fromEntries(
    Object.entries<Float64Array>(columns).map(([name, column]) => [name, take(column)]),
  ) as unknown as T
}
