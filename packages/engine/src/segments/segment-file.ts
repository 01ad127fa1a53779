// What a segment is as a file. Its name is its place in the chain: first and last revision, then the links at both ends. Its content
// is one line of JSON, and the entries as the stream had them, compressed:
//
//   {"v":1,"first":1,"last":4096,"entries":4096,"before":"0000…","after":"9f86…","bytes":918273,"sha256":"2c26…"}
//   gzip of, for each entry, two lengths (uint32, little-endian), the JSON of its fields, and its body
//
// Equal entries make equal files. Nothing of a file is believed before its checksum is found to be right.

import { createHash } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { verifyChain } from '../ledger-chain.ts'
import { LedgerBroken, type LedgerEntry, type Segment } from '../ports.ts'
import { segmentOf } from './segment-chain.ts'

const VERSION = 1
const LENGTHS_BYTES = 8
/** A leader writes segments, and has other work that must not wait. */
const ENTRIES_PER_TURN = 64

interface SegmentHeader {
  readonly v: number
  readonly first: number
  readonly last: number
  readonly entries: number
  /** `sha` of the entry before the first, and of the last. */
  readonly before: string
  readonly after: string
  /** Of what follows the header, compressed. */
  readonly bytes: number
  readonly sha256: string
}

type EntryFields = Omit<LedgerEntry, 'body'>

const REVISION_DIGITS = 12
const padded = (revision: number): string => String(revision).padStart(REVISION_DIGITS, '0')

export const fileNameOf = ({ firstRevision, lastRevision, before, after }: Segment): string =>
  `${padded(firstRevision)}-${padded(lastRevision)}-${before}-${after}.segment`

/** Undefined for the name of something else. */
export function segmentNamed(fileName: string): Segment | undefined {
  const [, first, last, before, after] =
    /^(\d{12,})-(\d{12,})-([0-9a-f]{16})-([0-9a-f]{16})\.segment$/.exec(fileName) ?? []
  if (before === undefined || after === undefined) return undefined
  return { firstRevision: Number(first), lastRevision: Number(last), before, after }
}

/** Not empty. */
export async function encodeSegment(entries: readonly LedgerEntry[]): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for (let from = 0; from < entries.length; from += ENTRIES_PER_TURN) {
    parts.push(...entries.slice(from, from + ENTRIES_PER_TURN).flatMap(encodeEntry))
    await turn()
  }
  const body = await promisify(gzip)(Buffer.concat(parts))
  const [first, last] = [entries[0]!, entries.at(-1)!]
  const header: SegmentHeader = {
    v: VERSION,
    first: first.revision,
    last: last.revision,
    entries: entries.length,
    before: first.previousSha,
    after: last.sha,
    bytes: body.length,
    sha256: sha256(body),
  }
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), body])
}

/** Entries of `file`, verified to be those of `segment`. Throws `LedgerBroken`. */
export async function decodeSegment(
  content: Uint8Array,
  segment: Segment,
  file: string,
): Promise<readonly LedgerEntry[]> {
  const broken = (what: string): LedgerBroken =>
    new LedgerBroken(
      segment.firstRevision,
      `its segment ${file} ${what}`,
      'Put a copy of that file back from a backup: its entries are nowhere else.',
    )
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.length)
  const headerEnd = bytes.indexOf('\n')
  const header = headerIn(bytes.subarray(0, Math.max(0, headerEnd)))
  if (header === undefined) throw broken('does not begin as one')
  if (header.v !== VERSION)
    throw broken(`has version ${header.v}, which is unknown to this program, which may be too old`)
  const body = bytes.subarray(headerEnd + 1)
  if (body.length !== header.bytes)
    throw broken(`has ${body.length} bytes after its first line instead of ${header.bytes}`)
  if (sha256(body) !== header.sha256) throw broken('does not match its checksum')
  const entries = decodeEntries(await promisify(gunzip)(body))
  if (entries.length !== header.entries) throw broken(`has ${entries.length} entries instead of ${header.entries}`)
  if (!isChained(entries, header)) throw broken('has entries that do not follow from each other')
  if (fileNameOf(segmentOf(entries)) !== fileNameOf(segment)) throw broken('has the entries of another one')
  return entries
}

function isChained(entries: readonly LedgerEntry[], { first, before, after }: SegmentHeader): boolean {
  try {
    return verifyChain(entries, { revision: first - 1, sha: before })?.sha === after
  } catch (error) {
    if (!(error instanceof LedgerBroken)) throw error
    return false
  }
}

function headerIn(line: Uint8Array): SegmentHeader | undefined {
  try {
    return (JSON.parse(Buffer.from(line).toString()) as SegmentHeader | null) ?? undefined
  } catch {
    return undefined
  }
}

function encodeEntry({ body, ...fields }: LedgerEntry): Uint8Array[] {
  const json = Buffer.from(JSON.stringify(fields satisfies EntryFields))
  const lengths = Buffer.alloc(LENGTHS_BYTES)
  lengths.writeUInt32LE(json.length, 0)
  lengths.writeUInt32LE(body.length, 4)
  return [lengths, json, body]
}

function decodeEntries(bytes: Buffer): LedgerEntry[] {
  const entries: LedgerEntry[] = []
  for (let at = 0; at < bytes.length; ) {
    const jsonAt = at + LENGTHS_BYTES
    const bodyAt = jsonAt + bytes.readUInt32LE(at)
    at = bodyAt + bytes.readUInt32LE(at + 4)
    const fields = JSON.parse(bytes.toString('utf8', jsonAt, bodyAt)) as EntryFields
    entries.push({ ...fields, body: new Uint8Array(bytes.subarray(bodyAt, at)) })
  }
  return entries
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
