// Reads a job log in any of the formats, by its own first bytes where nobody says which it is.

import { acme, helios } from './helios.ts'
import { openb } from './openb.ts'
import { philly } from './philly.ts'
import { sacct } from './sacct.ts'
import { SwfReader } from './swf.ts'
import { type TableFormat, TableReader } from './table-reader.ts'
import { type Trace, type TraceFormat, type TraceOptions, traceFormats, UnreadableTrace } from './trace.ts'

const tables: readonly TableFormat[] = [sacct, philly, openb, helios, acme]

/** Bytes looked at to tell the format: enough for a long header. */
const HEAD_BYTES = 65_536

/**
 * Reads a log that arrives in chunks, such as a file stream. An empty one is a trace without lines.
 * @param format default: by content
 * @throws {UnreadableTrace} where it is no log of a format that is known
 */
export async function readTrace(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  format?: TraceFormat,
  options: TraceOptions = {},
): Promise<Trace> {
  const opening = new Opening(format, options)
  for await (const chunk of chunks) opening.push(chunk)
  return opening.reader().end()
}

/** Holds back the first bytes until they suffice to tell the format. */
class Opening {
  readonly #format: TraceFormat | undefined
  readonly #options: TraceOptions
  #head: Uint8Array[] = []
  #bytes = 0
  #reader: SwfReader | TableReader | null = null

  constructor(format: TraceFormat | undefined, options: TraceOptions) {
    this.#format = format
    this.#options = options
  }

  push(chunk: Uint8Array): void {
    if (this.#reader !== null) {
      this.#reader.push(chunk)
      return
    }
    // A copy: whoever reads a file may use the same memory for the next chunk.
    this.#head.push(chunk.slice())
    this.#bytes += chunk.length
    if (this.#bytes >= HEAD_BYTES) this.reader()
  }

  reader(): SwfReader | TableReader {
    if (this.#reader !== null) return this.#reader
    const head = withoutMark(joined(this.#head, this.#bytes))
    this.#head = []
    const format = formatOf(head.subarray(0, HEAD_BYTES), this.#format)
    const table = tables.find(({ name }) => name === format)
    this.#reader = table === undefined ? new SwfReader(this.#options) : new TableReader(table, this.#options)
    this.#reader.push(head)
    return this.#reader
  }
}

function joined(chunks: readonly Uint8Array[], bytes: number): Uint8Array {
  const whole = new Uint8Array(bytes)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf] as const

/** Some editors put a mark before the text, which is neither a header line nor a number. */
const withoutMark = (head: Uint8Array): Uint8Array =>
  BYTE_ORDER_MARK.every((byte, i) => head[i] === byte) ? head.subarray(BYTE_ORDER_MARK.length) : head

/** In text hardly a byte is a control character; in anything packed or pictured one in ten is. */
const CONTROLS_MAX = 0.02

const SWF_LINE = /^\s*(?:;|-?\d+(?:\.\d+)?(?:\s+-?\d+(?:\.\d+)?){17}\s*$)/

function formatOf(head: Uint8Array, asked: TraceFormat | undefined): TraceFormat {
  let controls = 0
  for (const byte of head) if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 13) controls++
  if (controls > CONTROLS_MAX * head.length)
    throw new UnreadableTrace('it is a binary file: give a job log, which is text, gzipped or not')
  if (asked !== undefined) return asked
  const lines = new TextDecoder().decode(head).split('\n')
  const first = lines.find((line) => line.trim() !== '') ?? ''
  for (const { name, separator, isKnownBy } of tables) {
    const names = first.split(separator).map((cell) => cell.trim().replaceAll('"', '').toLowerCase())
    if (names.length > 1 && isKnownBy((column) => names.includes(column))) return name
  }
  // Its first lines may be broken; a file without any line is as good as an empty log of this format.
  if (first === '' || lines.some((line) => SWF_LINE.test(line)) || /^[\s\d.-]*$/.test(first)) return 'swf'
  throw new UnreadableTrace(
    `its first line is that of no format known (${traceFormats.join(', ')}): give --format if it is one of them`,
  )
}
