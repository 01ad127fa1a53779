// Lines of cells with a separator between them, from chunks of bytes: comma-separated values with the quotes of RFC 4180, or
// plainly divided lines in which a quotation mark is a character like any other (Slurm's `-P`). Every record comes with the line it
// begins on; what is broken costs its own line and nothing after it. Memory is that of one record. Why this is no library:
// `decisions/003-own-separated-lines.md`.

import type { RejectionReason } from './trace.ts'

export interface SeparatedOptions {
  readonly separator: string
  /** A cell may stand in quotation marks, and hold separators and line ends then. */
  readonly quotes: boolean
  readonly record: (cells: readonly string[], line: number) => void
  readonly broken: (reason: RejectionReason, line: number) => void
}

/** Characters. A file without line ends must not be read into memory as one line, nor one with a quotation mark too many. */
const RECORD_MAX = 65_536

export class SeparatedLines {
  readonly #options: SeparatedOptions
  readonly #decoder = new TextDecoder()
  /** What is left of the chunks so far: the beginning of a record. */
  #rest = ''
  #line = 1
  /** Within a line that is too long, up to its end. */
  #isSkipping = false

  constructor(options: SeparatedOptions) {
    this.#options = options
  }

  push(bytes: Uint8Array): void {
    this.#take(this.#decoder.decode(bytes, { stream: true }), false)
  }

  /** @returns whether the last line lacks its end */
  end(): boolean {
    this.#take(this.#decoder.decode(), false)
    const lacksEnd = this.#rest !== ''
    this.#take('\n', true)
    return lacksEnd
  }

  #take(more: string, isLast: boolean): void {
    const { separator, quotes, record, broken } = this.#options
    let text = this.#rest + more
    let at = 0
    if (this.#isSkipping) {
      at = text.indexOf('\n') + 1
      if (at === 0) text = ''
      else {
        this.#isSkipping = false
        this.#line++
      }
    }
    for (let end = text.indexOf('\n', at); end >= 0; end = text.indexOf('\n', at)) {
      const line = text.slice(at, text[end - 1] === '\r' ? end - 1 : end)
      let next = end + 1
      let lines = 1
      if (line.length > RECORD_MAX) broken('line-too-long', this.#line)
      else if (!quotes || !line.includes('"')) {
        if (line.trim() !== '') record(line.split(separator), this.#line)
      } else {
        const quoted = quotedRecord(text, at, separator)
        // The closing mark may be in the next chunk.
        if (quoted.kind === 'open' && !isLast && text.length - at <= RECORD_MAX) break
        if (quoted.kind === 'record') {
          next = quoted.next
          lines = quoted.lines
          record(quoted.cells, this.#line)
        } else broken('broken-quotes', this.#line)
      }
      this.#line += lines
      at = next
    }
    this.#rest = text.slice(at)
    if (this.#rest.length <= RECORD_MAX || this.#rest.includes('\n')) return
    broken('line-too-long', this.#line)
    this.#rest = ''
    this.#isSkipping = true
  }
}

type QuotedRecord =
  | { readonly kind: 'record'; readonly cells: readonly string[]; readonly next: number; readonly lines: number }
  /** The text ends before the record does. */
  | { readonly kind: 'open' }
  | { readonly kind: 'broken' }

/** The record at `from`, some of whose cells are in quotation marks; a mark within them is written twice. */
function quotedRecord(text: string, from: number, separator: string): QuotedRecord {
  const cells: string[] = []
  let lines = 1
  for (let at = from; ; ) {
    let cell = ''
    let end: number
    if (text[at] === '"') {
      let part = at + 1
      for (;;) {
        end = text.indexOf('"', part)
        if (end < 0 || end - from > RECORD_MAX) return { kind: end < 0 ? 'open' : 'broken' }
        cell += text.slice(part, end)
        if (text[end + 1] !== '"') break
        cell += '"'
        part = end + 2
      }
      end++
      for (let i = cell.indexOf('\n'); i >= 0; i = cell.indexOf('\n', i + 1)) lines++
      if (text[end] === '\r' && text[end + 1] !== undefined) end++
      if (text[end] === undefined || (text[end] === '\r' && text[end + 1] === undefined)) return { kind: 'open' }
      if (text[end] !== separator && text[end] !== '\n') return { kind: 'broken' }
    } else {
      const newline = text.indexOf('\n', at)
      if (newline < 0) return { kind: 'open' }
      const next = text.indexOf(separator, at)
      end = next >= 0 && next < newline ? next : newline
      cell = text.slice(at, end === newline && text[end - 1] === '\r' ? end - 1 : end)
    }
    cells.push(cell)
    if (text[end] === '\n') return { kind: 'record', cells, next: end + 1, lines }
    at = end + 1
  }
}
