// Logs that are tables: a line of column names, then a line a job. A format says which columns it needs and what a line of them comes
// to; the rest is the same for all: columns in any order, names to numbers, lines that are no job counted by reason.

import { SeparatedLines } from './separated-lines.ts'
import {
  type RejectionReason,
  RejectionTally,
  type Trace,
  type TraceFormat,
  type TraceOptions,
  UnreadableTrace,
} from './trace.ts'
import { CELLS, cell, NUMBER_MAX, TraceRows, traceOf } from './trace-rows.ts'

/** A cell of the line at hand by column name; empty where the table lacks that column. */
export type CellNamed = (column: string) => string

/** What a format makes of a line. Everything is unknown until it is set: -1, and empty names. */
export interface Draft {
  readonly cells: Float64Array
  /** What the log calls the job. */
  id: string
  user: string
  group: string
  queue: string
  partition: string
}

export interface TableFormat {
  readonly name: Exclude<TraceFormat, 'swf'>
  readonly separator: ',' | '|'
  /** Column names are compared without their case. */
  readonly isKnownBy: (has: (column: string) => boolean) => boolean
  /** Columns without which there is no job, each with those that may stand for it. */
  readonly needs: readonly (readonly string[])[]
  /** What to do where one of them is missing. */
  readonly advice: string
  /** Whether the log has names of its own for jobs. */
  readonly hasIds: boolean
  /** Whether it is the log of a GPU cluster, in which jobs without GPUs are strangers. */
  readonly countsAccelerators: boolean
  /** Whether its moments are Unix times. */
  readonly unixTimes: boolean
  /** Fills the draft. `step`: the line is about a part of a job. */
  readonly read: (at: CellNamed, draft: Draft) => RejectionReason | 'step' | null
}

/** Takes a table in pieces of any size; `end` gives the trace. */
export class TableReader {
  readonly #format: TableFormat
  readonly #options: TraceOptions
  readonly #lines: SeparatedLines
  readonly #tally = new RejectionTally()
  readonly #rows: TraceRows
  readonly #ids: string[] = []
  readonly #users = new NameTable()
  readonly #groups = new NameTable()
  readonly #queues = new NameTable()
  readonly #partitions = new NameTable()
  readonly #draft: Draft = { cells: new Float64Array(CELLS), id: '', user: '', group: '', queue: '', partition: '' }
  readonly #columns = new Map<string, number>()
  #width = 0
  #current: readonly string[] = []
  readonly #at: CellNamed
  #lineCount = 0
  #steps = 0
  /** The last line, if it had too few cells. */
  #shortLine = 0

  constructor(format: TableFormat, options: TraceOptions = {}) {
    this.#format = format
    this.#options = options
    this.#rows = new TraceRows(true, options.everyField ?? false)
    this.#at = (column) => this.#current[this.#columns.get(column) ?? -1] ?? ''
    this.#lines = new SeparatedLines({
      separator: format.separator,
      quotes: format.separator === ',',
      record: (cells, line) => this.#record(cells, line),
      broken: (reason, line) => {
        this.#lineCount++
        this.#shortLine = 0
        this.#tally.add(reason, line)
      },
    })
  }

  push(bytes: Uint8Array): void {
    this.#lines.push(bytes)
  }

  /** @throws {UnreadableTrace} where a column is missing */
  end(): Trace {
    const lacksEnd = this.#lines.end()
    return traceOf(
      {
        format: this.#format.name,
        unit: this.#format.countsAccelerators ? 'accelerators' : null,
        rows: this.#rows,
        tally: this.#tally,
        lines: this.#lineCount,
        steps: this.#steps,
        headerLines: [],
        names: {
          users: this.#users.names(),
          groups: this.#groups.names(),
          queues: this.#queues.names(),
          partitions: this.#partitions.names(),
        },
        ids: this.#format.hasIds ? this.#ids : null,
        unixTimes: this.#format.unixTimes,
        cutOffAtLine: lacksEnd && this.#shortLine > 0 ? this.#shortLine : null,
      },
      this.#options,
    )
  }

  #record(cells: readonly string[], line: number): void {
    if (this.#width === 0) {
      this.#head(cells)
      return
    }
    this.#lineCount++
    this.#shortLine = cells.length < this.#width ? line : 0
    if (cells.length !== this.#width) {
      this.#tally.add('wrong-number-of-fields', line)
      return
    }
    const draft = this.#draft
    draft.cells.fill(-1)
    draft.id = draft.user = draft.group = draft.queue = draft.partition = ''
    this.#current = cells
    const reason = this.#format.read(this.#at, draft)
    if (reason === 'step') this.#steps++
    else if (reason !== null) this.#tally.add(reason, line)
    else if (!draft.cells.every(isWithinBounds)) this.#tally.add('not-a-number', line)
    else this.#keep(line)
  }

  #keep(line: number): void {
    const { cells, id, user, group, queue, partition } = this.#draft
    cells[cell.job] = this.#format.hasIds && id === '' ? 0 : this.#rows.count + 1
    cells[cell.user] = this.#users.numberOf(user)
    cells[cell.group] = this.#groups.numberOf(group)
    cells[cell.queue] = this.#queues.numberOf(queue)
    cells[cell.partition] = this.#partitions.numberOf(partition)
    this.#rows.add(cells, line)
    if (this.#format.hasIds) this.#ids.push(apart(id))
  }

  #head(cells: readonly string[]): void {
    this.#width = cells.length
    for (const [i, text] of cells.entries()) {
      const name = text.trim().toLowerCase()
      if (!this.#columns.has(name)) this.#columns.set(name, i)
    }
    const { name, needs, advice } = this.#format
    const missing = needs.filter((columns) => !columns.some((column) => this.#columns.has(column)))
    if (missing.length === 0) return
    const list = missing.map((columns) => columns.join(' or ')).join(', ')
    throw new UnreadableTrace(`as a log of format ${name} it lacks the column ${list}: ${advice}`)
  }
}

const isWithinBounds = (value: number): boolean => value >= -1 && value <= NUMBER_MAX

/** Numbers for names, from 1 in order of appearance; -1 for an empty one. */
class NameTable {
  readonly #numbers = new Map<string, number>()

  numberOf(name: string): number {
    if (name === '') return -1
    let number = this.#numbers.get(name)
    if (number === undefined) {
      number = this.#numbers.size + 1
      this.#numbers.set(apart(name), number)
    }
    return number
  }

  names(): ReadonlyMap<number, string> {
    const names = new Map([[-1, 'unknown']])
    for (const [name, number] of this.#numbers) names.set(number, name)
    return names
  }
}

/** From this length on engines keep a piece of a text as a view of the whole. */
const VIEW_LENGTH = 13

/** The text in memory of its own. As a view it would keep the chunk of the file alive that it was cut from. */
const apart = (text: string): string => (text.length < VIEW_LENGTH ? text : text.split('').join(''))
