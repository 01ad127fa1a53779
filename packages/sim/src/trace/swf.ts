// Reads a Standard Workload Format log (Feitelson's Parallel Workloads Archive; 18 numbers a line, header lines begin
// with `;`) from chunks of bytes. One pass over the bytes by hand, since a million lines are ordinary and splitting strings
// would cost more than simulating them; memory grows with the jobs kept, not with the file.
//
// Which lines become jobs is one rule for all formats (`trace-rows.ts`), so that schedules can be compared with other simulators job
// by job. It does not open files, decompress, or judge whether a log with nothing left is worth a run: its callers do.

import {
  directiveIn,
  type RejectionReason,
  RejectionTally,
  type Trace,
  type TraceNames,
  type TraceOptions,
} from './trace.ts'
import { CELLS, NUMBER_MAX, SWF_FIELDS, TraceRows, traceOf } from './trace-rows.ts'

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

/** Nor is more header than this kept, which is that of a hundred thousand users with their names. */
const HEADER_CHARACTERS_MAX = 16 * 1024 * 1024

/** Takes a log in pieces of any size; `end` gives the trace. For a whole log at hand, `parseSwf`; for a stream, `readTrace`. */
export class SwfReader {
  readonly #options: TraceOptions
  readonly #headerLines: string[] = []
  #headerCharacters = 0
  readonly #rejections = new RejectionTally()
  #state = LINE_START
  #line = 1
  #lines = 0
  // The number being read, the fields of the line so far, and the header line so far.
  #value = 0
  #negative = false
  #fieldCount = 0
  readonly #fields = new Float64Array(CELLS)
  #headerBytes: number[] = []
  readonly #rows: TraceRows

  constructor(options: TraceOptions = {}) {
    this.#options = options
    this.#rows = new TraceRows(false, options.everyField ?? false)
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
          if (this.#fieldCount < SWF_FIELDS) fields[this.#fieldCount] = negative ? 0 - value : value
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
  end(): Trace {
    const lastFields = this.#fieldCount + (this.#state === WHOLE || this.#state === FRACTION ? 1 : 0)
    const isCutOff = lastFields > 0 && lastFields < SWF_FIELDS && this.#state !== BROKEN
    this.push(new Uint8Array([NEWLINE]))
    return traceOf(
      {
        format: 'swf',
        unit: 'processors',
        rows: this.#rows,
        tally: this.#rejections,
        lines: this.#lines,
        steps: 0,
        headerLines: this.#headerLines,
        names: namesIn(this.#headerLines),
        ids: null,
        unixTimes: false,
        cutOffAtLine: isCutOff ? this.#line - 1 : null,
      },
      this.#options,
    )
  }

  #collect(byte: number): void {
    if (this.#headerBytes.length < HEADER_BYTES) this.#headerBytes.push(byte)
  }

  #endHeader(): void {
    const text = new TextDecoder().decode(Uint8Array.from(this.#headerBytes))
    this.#headerBytes = []
    this.#headerCharacters += text.length
    if (this.#headerCharacters <= HEADER_CHARACTERS_MAX) this.#headerLines.push(`;${text.trimEnd()}`)
  }

  #endLine(broken: boolean): void {
    const count = this.#fieldCount
    this.#fieldCount = 0
    if (count === 0 && !broken) return // only spaces
    this.#lines++
    const reason: RejectionReason | null = broken ? 'not-a-number' : count === SWF_FIELDS ? null : 'not-18-fields'
    if (reason === null) this.#rows.add(this.#fields, this.#line)
    else this.#rejections.add(reason, this.#line)
  }
}

/** Reads a log that is in memory as a whole. */
export function parseSwf(bytes: Uint8Array, options: TraceOptions = {}): Trace {
  const reader = new SwfReader(options)
  reader.push(bytes)
  return reader.end()
}

/** `Queue: 3 night (remarks)` names a number, and so do `Partition`, `User` and `Group`, of which the last two are an addition of ours. */
function namesIn(headerLines: readonly string[]): TraceNames {
  const directives = headerLines.flatMap((line) => directiveIn(line) ?? [])
  const named = (directive: string): Map<number, string> => {
    const names = new Map<number, string>()
    for (const { name, value } of directives) {
      const [, number, text] = (name === directive && /^(\d{1,9})[\s:]+(\S+)/.exec(value)) || []
      if (number !== undefined && text !== undefined) names.set(Number(number), text)
    }
    return names
  }
  return { users: named('User'), groups: named('Group'), queues: named('Queue'), partitions: named('Partition') }
}
