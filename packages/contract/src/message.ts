// What commands are called, and what a ledger entry holds. Internal to a center, so names follow the core's
// (camelCase); each carries a version, because messages and ledgers outlive the process that wrote them.

import { z } from 'zod'
import { CommandSchema } from './command-schema.ts'

/** The id of an API command is its place in the intake sequence, which for a submit is the job's id too. */
export const commandIdOf = (seq: number): string => `c${seq}`

/** A finish is the same command however often it is reported. */
export const finishIdOf = (job: number, attempt: number): string => `f${job}.${attempt}`

/** One instant of a commit: commands in order, then a pass if `scheduled`. */
export const LedgerStep = z.strictObject({
  atMs: z.int().min(0),
  commands: z.array(z.strictObject({ id: z.string(), command: CommandSchema })),
  scheduled: z.boolean(),
})
export type LedgerStep = z.output<typeof LedgerStep>

/**
 * The readable part of a ledger entry; the facts lie beside it in their binary form. Epoch, nonce and checksum are fields of
 * the stream entry, because the store checks them without opening the body.
 * - `lease`: a leader took over; nothing else happened.
 * - `commit`: replaying the steps gives the facts.
 */
export const LedgerHead = z.discriminatedUnion('type', [
  z.strictObject({ v: z.literal(1), type: z.literal('lease'), atMs: z.int().min(0), owner: z.string() }),
  z.strictObject({
    v: z.literal(1),
    type: z.literal('commit'),
    /** Center time of the last step. */
    atMs: z.int().min(0),
    steps: z.array(LedgerStep),
    /** Ids of commands consumed without effect: repeats of commands committed before. */
    repeated: z.array(z.string()),
    factCount: z.int().min(0),
    /** Over every fact since the ledger began. */
    factsHash: z.string().regex(/^[0-9a-f]{32}$/),
  }),
])
export type LedgerHead = z.output<typeof LedgerHead>

export interface LedgerEntry {
  readonly head: LedgerHead
  /** As `FactLog.drain` gave them; empty in a `lease` entry. */
  readonly facts: Uint8Array
}

/** Ids of the commands an entry settled, whether or not they had an effect. */
export function* consumedIds(head: LedgerHead): Generator<string> {
  if (head.type !== 'commit') return
  for (const step of head.steps) for (const { id } of step.commands) yield id
  yield* head.repeated
}

const PREFIX_BYTES = 4
const ALIGNMENT_BYTES = 8

/** Body of a stream entry: length of the head (uint32, little-endian), the head as JSON padded to a word, then the facts. */
export function encodeLedgerEntry({ head, facts }: LedgerEntry): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(head))
  const padding = -(PREFIX_BYTES + json.length) & (ALIGNMENT_BYTES - 1)
  const headBytes = json.length + padding
  const body = new Uint8Array(PREFIX_BYTES + headBytes + facts.length).fill(
    0x20,
    PREFIX_BYTES,
    PREFIX_BYTES + headBytes,
  )
  new DataView(body.buffer).setUint32(0, headBytes, true)
  body.set(json, PREFIX_BYTES)
  body.set(facts, PREFIX_BYTES + headBytes)
  return body
}

/**
 * Reads a body back. The facts are copied, because views over words need them aligned and a network buffer is not.
 * @throws {Error} when the body is not one; the store's checksum has passed by then, so that is a version we do not know.
 */
export function decodeLedgerEntry(body: Uint8Array): LedgerEntry {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  const headBytes = body.length < PREFIX_BYTES ? Number.POSITIVE_INFINITY : view.getUint32(0, true)
  const end = PREFIX_BYTES + headBytes
  if (end > body.length) {
    throw new Error(`a ledger entry of ${body.length} bytes is cut off: its head alone says ${headBytes}`)
  }
  const head = LedgerHead.parse(JSON.parse(new TextDecoder().decode(body.subarray(PREFIX_BYTES, end))))
  return { head, facts: body.slice(end) }
}
