// Inputs by the hundred thousand for everything that reads what others have written: each is read, or refused in the way that was
// promised, in little time and memory.

import { dice } from './mutation.ts'
import { type FuzzedParser, parsers } from './parsers.ts'

/** An input of at most 100 KB that takes longer than this, three times in a row, is one to bring a service down with. */
const SLOW_MS = 1000
/** Over what the process had when it had warmed up. */
const GROWTH_MIB_MAX = 256
const FAILURES_MAX = 20
const MIB = 1024 * 1024

export interface FuzzFailure {
  readonly where: string
  readonly what: string
  /** As a JSON string, so that it can be typed in again. */
  readonly input: string
}

export interface ParserFuzz {
  readonly inputs: number
  /** Inputs and the slowest of them, by parser. */
  readonly parsers: readonly { readonly name: string; readonly inputs: number; readonly slowestMs: number }[]
  readonly growthMib: number
  readonly failures: readonly FuzzFailure[]
}

/** @param untilMs of `performance.now()`, at which it stops with what it has done */
export async function fuzzParsers(
  inputs: number,
  seed: number,
  untilMs = Number.POSITIVE_INFINITY,
): Promise<ParserFuzz> {
  const at = dice(seed)
  const wheel = parsers.flatMap((parser) => Array.from({ length: parser.weight }, () => parser))
  const tallies = new Map(parsers.map((parser) => [parser, { inputs: 0, slowestMs: 0 }]))
  const failures: FuzzFailure[] = []
  const warmAfter = Math.min(inputs / 10, 20_000)
  let warmMib = 0

  for (let done = 0; done < inputs && failures.length < FAILURES_MAX && performance.now() < untilMs; done += 1) {
    if (done === Math.ceil(warmAfter)) warmMib = residentMib()
    const parser = at.pick(wheel)
    const input = parser.draw(at)
    const tally = tallies.get(parser)!
    tally.inputs += 1
    let { what, ms } = await read(parser, input)
    // The machine has other work: only an input that is slow each time is slow.
    for (let again = 0; ms > SLOW_MS && again < 2; again += 1) ms = Math.min(ms, (await read(parser, input)).ms)
    tally.slowestMs = Math.max(tally.slowestMs, ms)
    if (ms > SLOW_MS) what ??= `took ${Math.round(ms)} ms`
    if (what !== undefined) failures.push({ where: parser.name, what, input: shown(input) })
  }
  const growthMib = Math.max(0, residentMib() - warmMib)
  if (growthMib > GROWTH_MIB_MAX) failures.push({ where: 'memory', what: `grew by ${growthMib} MiB`, input: '' })
  return {
    inputs: [...tallies.values()].reduce((sum, tally) => sum + tally.inputs, 0),
    parsers: [...tallies].map(([{ name }, tally]) => ({ name, ...tally })),
    growthMib,
    failures,
  }
}

async function read(parser: FuzzedParser, input: string | Uint8Array): Promise<{ what?: string; ms: number }> {
  const startMs = performance.now()
  try {
    const answer = parser.read(input)
    if (answer instanceof Promise) await answer
    return { ms: performance.now() - startMs }
  } catch (error) {
    const ms = performance.now() - startMs
    if (parser.promises?.(error) && !isBreakdown(error)) return { ms }
    return { what: error instanceof Error ? (error.stack ?? error.message) : `threw ${String(error)}`, ms }
  }
}

/** What no parser may promise: it ran out of stack or asked for more memory than there is. */
const isBreakdown = (error: unknown): boolean =>
  error instanceof RangeError && /call stack|array length|string length|buffer|allocation/i.test(error.message)

const residentMib = (): number => Math.round(process.memoryUsage.rss() / MIB)

const shown = (input: string | Uint8Array): string =>
  JSON.stringify(typeof input === 'string' ? input : Buffer.from(input).toString('latin1')).slice(0, 2000)
