// Reads a Standard Workload Format log (Feitelson's Parallel Workloads Archive; 18 numbers a line, header lines begin
// with `;`) from chunks of bytes into flat columns. One pass over the bytes by hand, since a million lines are ordinary
// and splitting strings would cost more than simulating them; memory grows with the jobs kept, not with the file.
//
// What becomes of a line follows one rule, so that schedules can be compared with other simulators job by job:
// - processors are those requested, else those allocated; neither, or either beyond the machine: rejected;
// - run time not above zero, or submit time below zero: rejected;
// - the estimate is the requested time; not above zero: rejected, unless no line of the log has one, and then it is the run time;
// - a run past its estimate is kept as logged: the center stops the job at its limit, which cuts the run to the estimate;
// - order is by submit time, then by place in the file.
// Rejected lines are counted by the first of these reasons that applies, with the numbers of the first few.
//
// It does not open files, decompress, or judge whether a log with nothing left is worth a run: its callers do.

/** Why a line was left out, in the order in which the reasons are tried. */
export type RejectionReason =
  /** A field is not a number, or is one beyond `NUMBER_MAX`, or the line is not text at all. */
  | 'not-a-number'
  /** Not 18 fields: most often the last line of a truncated download. */
  | 'not-18-fields'
  /** Job numbers are positive integers. */
  | 'bad-job-number'
  | 'no-processors'
  | 'larger-than-machine'
  | 'no-run-time'
  | 'negative-submit'
  | 'no-estimate'
  /** An earlier line that was kept has the same number. */
  | 'duplicate-job'

export interface Rejection {
  readonly reason: RejectionReason
  readonly count: number
  /** 1-based, at most ten of them. */
  readonly firstLines: readonly number[]
}

/** One entry a job, in order of submission. Whole seconds, as logs have them (fractions are dropped); -1 where the log does not say. */
export interface SwfJobs {
  readonly count: number
  readonly job: Float64Array
  readonly submitS: Float64Array
  /** As logged, so possibly longer than the estimate. */
  readonly runS: Float64Array
  readonly estimateS: Float64Array
  readonly processors: Float64Array
  readonly user: Float64Array
  readonly group: Float64Array
  readonly queue: Float64Array
  readonly partition: Float64Array
}

export interface SwfTrace {
  /** Header directives by name; of a repeated one, the first. */
  readonly header: ReadonlyMap<string, string>
  /** Size of the machine: as asked for, else MaxProcs, else MaxNodes; null if nobody says. */
  readonly processors: number | null
  readonly jobs: SwfJobs
  /** All lines but blank and header ones. */
  readonly lines: number
  readonly rejections: readonly Rejection[]
  readonly rejected: number
  /** Lines whose submit time is before that of a line above them: they were sorted in. */
  readonly outOfOrder: number
  /** Jobs whose run is longer than their estimate. */
  readonly overran: number
  /** No line had an estimate, so run times stand in for them. */
  readonly estimated: boolean
}

export interface SwfOptions {
  /** Overrides the size that the header states. */
  readonly processors?: number
}

const LINES_SHOWN = 10

const FIELDS = 18
const REASONS: readonly RejectionReason[] = [
  'not-a-number',
  'not-18-fields',
  'bad-job-number',
  'no-processors',
  'larger-than-machine',
  'no-run-time',
  'negative-submit',
  'no-estimate',
  'duplicate-job',
]

// Fields of a line, counted from 0.
const JOB = 0
const SUBMIT = 1
const RUN = 3
const ALLOCATED = 4
const REQUESTED = 7
const ESTIMATE = 8
const USER = 11
const GROUP = 12
const QUEUE = 14
const PARTITION = 15

const TAB = 9
const NEWLINE = 10
const RETURN = 13
const SPACE = 32
const MINUS = 45
const POINT = 46
const ZERO = 48
const NINE = 57
const SEMICOLON = 59

/** Longer header lines are kept to this many bytes: a binary file may have a `;` and no newline for a gigabyte. */
const HEADER_BYTES = 4096

// Where the reader is within a line.
const LINE_START = 0
const BETWEEN = 1
const SIGN = 2
const WHOLE = 3
const FRACTION = 4
const HEADER = 5
const BROKEN = 6

/** About 285,000 years in seconds. In milliseconds it is still an exact integer. */
const NUMBER_MAX = 9_000_000_000_000

/** Takes a log in pieces of any size; `end` gives the trace. For a whole log at hand, `parseSwf`; for a stream, `readSwf`. */
export class SwfReader {
  readonly #options: SwfOptions
  readonly #header = new Map<string, string>()
  readonly #rejections = new Rejections()
  #state = LINE_START
  #line = 1
  #lines = 0
  // The number being read, the fields of the line so far, and the header line so far.
  #value = 0
  #negative = false
  #fieldCount = 0
  readonly #fields = new Float64Array(FIELDS)
  #headerBytes: number[] = []
  // One row a line that is well formed. What depends on the whole log (machine size, estimates) is judged at the end.
  readonly #rows = new Rows()
  #estimates = 0

  constructor(options: SwfOptions = {}) {
    this.#options = options
  }

  push(bytes: Uint8Array): void {
    // Locals, because the engine keeps them in registers and fields of `this` it does not.
    let state = this.#state
    let value = this.#value
    let negative = this.#negative
    const fields = this.#fields
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i]!
      if (byte >= ZERO && byte <= NINE) {
        if (state === WHOLE) value = value * 10 + (byte - ZERO)
        else if (state === LINE_START || state === BETWEEN) {
          value = byte - ZERO
          negative = false
          state = WHOLE
        } else if (state === SIGN) {
          value = byte - ZERO
          state = WHOLE
        } else if (state === HEADER) this.#collect(byte)
        // Seconds are whole here, so digits of a fraction are passed over.
        continue
      }
      if (state === HEADER) {
        if (byte !== NEWLINE) {
          this.#collect(byte)
          continue
        }
        this.#endHeader()
        this.#line++
        state = LINE_START
        continue
      }
      if (byte === SPACE || byte === TAB || byte === RETURN || byte === NEWLINE) {
        if (state === WHOLE || state === FRACTION) {
          // 0 - value and not -value: there is no minus zero in a log.
          if (this.#fieldCount < FIELDS) fields[this.#fieldCount] = negative ? 0 - value : value
          this.#fieldCount++
          state = value > NUMBER_MAX ? BROKEN : BETWEEN
        } else if (state === SIGN) state = BROKEN
        if (byte === NEWLINE) {
          if (state !== LINE_START) this.#endLine(state === BROKEN)
          this.#line++
          state = LINE_START
        }
        continue
      }
      if (byte === MINUS && (state === LINE_START || state === BETWEEN)) {
        value = 0
        negative = true
        state = SIGN
      } else if (byte === POINT && state === WHOLE) state = FRACTION
      else if (byte === SEMICOLON && state === LINE_START) state = HEADER
      else state = BROKEN
    }
    this.#state = state
    this.#value = value
    this.#negative = negative
  }

  /** Ends the log, whose last line may lack its newline. The reader is done after this. */
  end(): SwfTrace {
    this.push(new Uint8Array([NEWLINE]))
    const processors = this.#options.processors ?? sizeOf(this.#header)
    const kept = this.#judge(processors ?? Infinity)
    const { jobs, overran } = columns(this.#rows, kept, this.#estimates === 0)
    return {
      header: this.#header,
      processors,
      jobs,
      lines: this.#lines,
      rejections: this.#rejections.list(),
      rejected: this.#rejections.total,
      outOfOrder: sortBySubmit(jobs),
      overran,
      estimated: this.#estimates === 0 && jobs.count > 0,
    }
  }

  #collect(byte: number): void {
    if (this.#headerBytes.length < HEADER_BYTES) this.#headerBytes.push(byte)
  }

  #endHeader(): void {
    const text = new TextDecoder().decode(Uint8Array.from(this.#headerBytes))
    this.#headerBytes = []
    const colon = text.indexOf(':')
    if (colon < 0) return
    const name = text
      .slice(0, colon)
      .replace(/^[;\s]+/, '')
      .trim()
    if (name !== '' && !this.#header.has(name)) this.#header.set(name, text.slice(colon + 1).trim())
  }

  #endLine(broken: boolean): void {
    const count = this.#fieldCount
    this.#fieldCount = 0
    if (count === 0 && !broken) return // only spaces
    this.#lines++
    if (broken) this.#rejections.add('not-a-number', this.#line)
    else if (count !== FIELDS) this.#rejections.add('not-18-fields', this.#line)
    else {
      if (this.#fields[ESTIMATE]! > 0) this.#estimates++
      this.#rows.add(this.#fields, this.#line)
    }
  }

  /** Which rows become jobs. */
  #judge(machine: number): Int32Array {
    const rows = this.#rows
    const kept = new Int32Array(rows.count)
    const numbers = new JobNumbers()
    const needsEstimate = this.#estimates > 0
    let count = 0
    for (let row = 0; row < rows.count; row++) {
      const job = rows.at(row, JOB)
      const requested = rows.at(row, REQUESTED)
      const allocated = rows.at(row, ALLOCATED)
      let reason: RejectionReason | null = null
      if (job < 1) reason = 'bad-job-number'
      else if (requested <= 0 && allocated <= 0) reason = 'no-processors'
      else if (requested > machine || allocated > machine) reason = 'larger-than-machine'
      else if (rows.at(row, RUN) <= 0) reason = 'no-run-time'
      else if (rows.at(row, SUBMIT) < 0) reason = 'negative-submit'
      else if (needsEstimate && rows.at(row, ESTIMATE) <= 0) reason = 'no-estimate'
      else if (!numbers.add(job)) reason = 'duplicate-job'
      if (reason === null) kept[count++] = row
      else this.#rejections.add(reason, rows.line(row))
    }
    return kept.subarray(0, count)
  }
}

/** Reads a log that arrives in chunks, such as a file stream. */
export async function readSwf(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: SwfOptions = {},
): Promise<SwfTrace> {
  const reader = new SwfReader(options)
  for await (const chunk of chunks) reader.push(chunk)
  return reader.end()
}

/** Reads a log that is in memory as a whole. */
export function parseSwf(bytes: Uint8Array, options: SwfOptions = {}): SwfTrace {
  const reader = new SwfReader(options)
  reader.push(bytes)
  return reader.end()
}

/** MaxProcs, else MaxNodes. Archive headers often put a remark after the number. */
function sizeOf(header: ReadonlyMap<string, string>): number | null {
  for (const name of ['MaxProcs', 'MaxNodes']) {
    const size = Number.parseInt(header.get(name) ?? '', 10)
    if (size > 0) return size
  }
  return null
}

class Rejections {
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
    return REASONS.flatMap((reason) => {
      const entry = this.#counts.get(reason)
      return entry === undefined ? [] : [{ reason, ...entry }]
    })
  }
}

/** Tells whether a job number is new. Nearly every log counts upwards, so the set is made only for one that does not. */
class JobNumbers {
  #rising: number[] | null = []
  #last = 0
  #seen: Set<number> | null = null

  add(job: number): boolean {
    if (this.#rising !== null) {
      if (job > this.#last) {
        this.#rising.push(job)
        this.#last = job
        return true
      }
      this.#seen = new Set(this.#rising)
      this.#rising = null
    }
    const seen = this.#seen as Set<number>
    if (seen.has(job)) return false
    seen.add(job)
    return true
  }
}

const KEPT_FIELDS = [JOB, SUBMIT, RUN, ALLOCATED, REQUESTED, ESTIMATE, USER, GROUP, QUEUE, PARTITION]
const STRIDE = KEPT_FIELDS.length + 1
const COLUMN_OF_FIELD = Int32Array.from({ length: FIELDS }, (_, field) => KEPT_FIELDS.indexOf(field))

/** The fields that matter of each well-formed line, and its line number, row after row. */
class Rows {
  count = 0
  #cells = new Float64Array(1024 * STRIDE)

  add(fields: Float64Array, line: number): void {
    const start = this.count * STRIDE
    if (start === this.#cells.length) {
      const cells = new Float64Array(2 * start)
      cells.set(this.#cells)
      this.#cells = cells
    }
    for (let column = 0; column < KEPT_FIELDS.length; column++) {
      this.#cells[start + column] = fields[KEPT_FIELDS[column]!]!
    }
    this.#cells[start + STRIDE - 1] = line
    this.count++
  }

  at(row: number, field: number): number {
    return this.#cells[row * STRIDE + COLUMN_OF_FIELD[field]!]!
  }

  line(row: number): number {
    return this.#cells[row * STRIDE + STRIDE - 1]!
  }
}

function columns(rows: Rows, kept: Int32Array, runIsEstimate: boolean): { jobs: SwfJobs; overran: number } {
  const count = kept.length
  const jobs: SwfJobs = {
    count,
    job: new Float64Array(count),
    submitS: new Float64Array(count),
    runS: new Float64Array(count),
    estimateS: new Float64Array(count),
    processors: new Float64Array(count),
    user: new Float64Array(count),
    group: new Float64Array(count),
    queue: new Float64Array(count),
    partition: new Float64Array(count),
  }
  let overran = 0
  for (let i = 0; i < count; i++) {
    const row = kept[i]!
    const run = rows.at(row, RUN)
    const estimate = runIsEstimate ? run : rows.at(row, ESTIMATE)
    const requested = rows.at(row, REQUESTED)
    if (run > estimate) overran++
    jobs.job[i] = rows.at(row, JOB)
    jobs.submitS[i] = rows.at(row, SUBMIT)
    jobs.runS[i] = run
    jobs.estimateS[i] = estimate
    jobs.processors[i] = requested > 0 ? requested : rows.at(row, ALLOCATED)
    jobs.user[i] = rows.at(row, USER)
    jobs.group[i] = rows.at(row, GROUP)
    jobs.queue[i] = rows.at(row, QUEUE)
    jobs.partition[i] = rows.at(row, PARTITION)
  }
  return { jobs, overran }
}

/** Sorts in place, keeping the order of equal times; returns how many jobs stood below a later one. */
function sortBySubmit(jobs: SwfJobs): number {
  const { count, submitS } = jobs
  let outOfOrder = 0
  let latest = 0
  for (let i = 0; i < count; i++) {
    const submit = submitS[i]!
    if (submit < latest) outOfOrder++
    else latest = submit
  }
  if (outOfOrder === 0) return 0
  const order = Int32Array.from({ length: count }, (_, i) => i).sort((a, b) => submitS[a]! - submitS[b]! || a - b)
  for (const column of Object.values(jobs)) {
    if (typeof column === 'number') continue
    const before = column.slice()
    for (let i = 0; i < count; i++) column[i] = before[order[i]!]!
  }
  return outOfOrder
}
