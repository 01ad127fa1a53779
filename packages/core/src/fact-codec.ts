// The canonical bytes of facts. One fact is a head word (type in the low 8 bits, length in words above),
// the moment as a double, then its fields in the order written here. The facts hash is over these words, so this
// encoding never changes: a new kind of fact takes a new number, and old numbers stay readable for ever.

import { type HoldBy, holders, type NodeState, nodeStates, type RefusalCode } from './command.ts'
import type { CenterConfig } from './config.ts'
import type { EndState, Fact, FactType, NodePlacement, PlacedRequest, StartCause, UnreserveCause } from './fact.ts'
import { WordHash } from './hash.ts'
import type { Target } from './shares/targets.ts'
import { WordReader, WordWriter } from './words.ts'

const factNumber = {
  configured: 1,
  submitted: 2,
  refused: 3,
  held: 4,
  released: 5,
  started: 6,
  ended: 7,
  requeued: 8,
  reserved: 9,
  unreserved: 10,
  node: 11,
  ranked: 12,
  rejected: 13,
  targeted: 15,
  'power-capped': 16,
} as const satisfies Record<FactType, number>

/** A `submitted` that says how fast the job runs in each of its pools. */
const SUBMITTED_WITH_SPEEDS = 14

const factTypes = Object.entries(factNumber).reduce<FactType[]>((types, [type, number]) => {
  types[number] = type as FactType
  return types
}, [])
factTypes[SUBMITTED_WITH_SPEEDS] = 'submitted'

// Positions are the wire numbers: append only.
const startCauses: readonly StartCause[] = ['turn', 'backfill', 'reservation']
const endStates: readonly EndState[] = ['COMPLETED', 'FAILED', 'CANCELLED', 'TIMEOUT', 'NODE_FAIL']
const unreserveCauses: readonly UnreserveCause[] = ['turn', 'node', 'power']

/** In place of watts: there is no cap. */
const NO_CAP = -1

const decode = <T>(table: readonly T[], index: number): T => {
  if (index >= table.length) throw new RangeError(`unknown code ${index} in a fact`)
  return table[index]!
}

/** A log that is only hashed is folded into the hash at this size. */
const FOLD_WORDS = 16_384

/**
 * Where a center writes its facts: their bytes, until the host drains them, and the running hash over all of them.
 * One method a fact, so that writing one makes no object.
 */
export class FactLog {
  readonly #out = new WordWriter(FOLD_WORDS + 1024)
  readonly #keep: boolean
  #hash = new WordHash()
  #head = 0
  #hashed = 0
  #count = 0

  /** `keep`: bytes are held until `drain`; otherwise they only go into the hash. */
  constructor(options: { readonly keep: boolean }) {
    this.#keep = options.keep
  }

  /** Facts written so far, before and after any restart. */
  get count(): number {
    return this.#count
  }

  /** 32 hex digits over every fact so far: `facts_hash`. */
  hash(): string {
    this.#foldIn()
    return this.#hash.digest()
  }

  /** The bytes of the facts written since the last drain. */
  drain(): Uint8Array {
    this.#foldIn()
    const bytes = this.#out.toBytes()
    this.#reset()
    return bytes
  }

  /** Count and hash state, to be continued by `restore`. */
  save(out: WordWriter): void {
    this.#foldIn()
    out.f64(this.#count)
    for (const word of this.#hash.save()) out.u32(word)
  }

  /** Continues the count and the hash of a saved log. */
  restore(saved: WordReader): void {
    if (this.#count > 0) throw new Error('a fact log is restored before anything is written to it')
    this.#count = saved.f64()
    this.#hash = WordHash.restore(Int32Array.from({ length: 10 }, () => saved.u32() | 0))
  }

  configured(atMs: number, config: CenterConfig): void {
    this.#begin(factNumber.configured, atMs)
    this.#out.text(JSON.stringify(config))
    this.#end()
  }

  submitted(
    atMs: number,
    job: number,
    association: number,
    request: PlacedRequest,
    timeLimitMs: number,
    held: HoldBy | null,
    label: string,
  ): void {
    const { pools, speedsMille } = request
    this.#begin(speedsMille === undefined ? factNumber.submitted : SUBMITTED_WITH_SPEEDS, atMs)
    const out = this.#out
    out.f64(job)
    out.u32(association)
    out.u32(pools.length)
    for (let i = 0; i < pools.length; i++) out.u32(pools[i]!)
    if (speedsMille !== undefined) for (let i = 0; i < pools.length; i++) out.u32(speedsMille[i]!)
    out.u32(request.nodes)
    out.u32(request.acceleratorsMilli)
    out.u32(request.cpuMilli)
    out.u32(request.memoryMib)
    out.f64(timeLimitMs)
    out.u32(holders.indexOf(held))
    out.text(label)
    this.#end()
  }

  refused(atMs: number, job: number, account: string, user: string, reason: RefusalCode, label: string): void {
    this.#begin(factNumber.refused, atMs)
    this.#out.f64(job)
    this.#out.text(account)
    this.#out.text(user)
    this.#out.text(reason)
    this.#out.text(label)
    this.#end()
  }

  held(atMs: number, job: number, by: HoldBy): void {
    this.#begin(factNumber.held, atMs)
    this.#out.f64(job)
    this.#out.u32(holders.indexOf(by))
    this.#end()
  }

  released(atMs: number, job: number): void {
    this.#begin(factNumber.released, atMs)
    this.#out.f64(job)
    this.#end()
  }

  /** `nodes` and `devices` hold the placement's first `width` entries. */
  started(
    atMs: number,
    job: number,
    attempt: number,
    pool: number,
    cause: StartCause,
    nodes: Int32Array,
    devices: Int32Array,
    width: number,
  ): void {
    this.#begin(factNumber.started, atMs)
    const out = this.#out
    out.f64(job)
    out.u32(attempt)
    out.u32(pool)
    out.u32(startCauses.indexOf(cause))
    out.u32(width)
    for (let i = 0; i < width; i++) {
      out.u32(nodes[i]!)
      out.u32(devices[i]!)
    }
    this.#end()
  }

  ended(atMs: number, job: number, attempt: number, state: EndState, exitCode: number): void {
    this.#begin(factNumber.ended, atMs)
    this.#out.f64(job)
    this.#out.u32(attempt)
    this.#out.u32(endStates.indexOf(state))
    this.#out.u32(exitCode)
    this.#end()
  }

  requeued(atMs: number, job: number, attempt: number): void {
    this.#begin(factNumber.requeued, atMs)
    this.#out.f64(job)
    this.#out.u32(attempt)
    this.#end()
  }

  reserved(atMs: number, job: number, pool: number, startMs: number, nodes: Int32Array): void {
    this.#begin(factNumber.reserved, atMs)
    const out = this.#out
    out.f64(job)
    out.u32(pool)
    out.f64(startMs)
    out.u32(nodes.length)
    for (let i = 0; i < nodes.length; i++) out.u32(nodes[i]!)
    this.#end()
  }

  unreserved(atMs: number, job: number, cause: UnreserveCause): void {
    this.#begin(factNumber.unreserved, atMs)
    this.#out.f64(job)
    this.#out.u32(unreserveCauses.indexOf(cause))
    this.#end()
  }

  node(atMs: number, pool: number, node: number, to: NodeState): void {
    this.#begin(factNumber.node, atMs)
    this.#out.u32(pool)
    this.#out.u32(node)
    this.#out.u32(nodeStates.indexOf(to))
    this.#end()
  }

  ranked(atMs: number): void {
    this.#begin(factNumber.ranked, atMs)
    this.#end()
  }

  targeted(atMs: number, targets: readonly Target[]): void {
    this.#begin(factNumber.targeted, atMs)
    this.#out.u32(targets.length)
    for (const { association, pool, acceleratorsMilli } of targets) {
      this.#out.u32(association)
      this.#out.u32(pool)
      this.#out.u32(acceleratorsMilli)
    }
    this.#end()
  }

  rejected(atMs: number, command: string, reason: string): void {
    this.#begin(factNumber.rejected, atMs)
    this.#out.text(command)
    this.#out.text(reason)
    this.#end()
  }

  powerCapped(atMs: number, capW: number | null): void {
    this.#begin(factNumber['power-capped'], atMs)
    this.#out.f64(capW ?? NO_CAP)
    this.#end()
  }

  #begin(type: number, atMs: number): void {
    this.#head = this.#out.length
    this.#out.u32(type)
    this.#out.f64(atMs)
  }

  #end(): void {
    const out = this.#out
    out.words[this.#head]! |= (out.length - this.#head) << 8
    this.#count++
    if (!this.#keep && out.length >= FOLD_WORDS) {
      this.#foldIn()
      this.#reset()
    }
  }

  #foldIn(): void {
    this.#hash.update(this.#out.words, this.#hashed, this.#out.length)
    this.#hashed = this.#out.length
  }

  #reset(): void {
    this.#out.length = 0
    this.#hashed = 0
  }
}

/** The facts in `bytes`, in order. Throws a `RangeError` on anything that is no whole fact. */
export function* decodeFacts(bytes: Uint8Array): Generator<Fact> {
  const reader = new WordReader(bytes)
  while (!reader.done) {
    const start = reader.at
    const head = reader.u32()
    const number = head & 0xff
    const fact = decodeFact(reader, decode(factTypes, number), number === SUBMITTED_WITH_SPEEDS)
    if (reader.at !== start + (head >>> 8)) throw new RangeError(`a ${fact.type} fact has the wrong length`)
    yield fact
  }
}

function parseConfig(text: string): CenterConfig {
  try {
    return JSON.parse(text) as CenterConfig
  } catch (cause) {
    throw new RangeError('the configuration in a fact is not JSON', { cause })
  }
}

function decodeHolder(index: number): HoldBy {
  const holder = decode(holders, index)
  if (holder === null) throw new RangeError('a job is held by somebody')
  return holder
}

function decodeFact(reader: WordReader, type: FactType, hasSpeeds: boolean): Fact {
  const atMs = reader.f64()
  switch (type) {
    case 'configured':
      return { type, atMs, config: parseConfig(reader.text()) }
    case 'submitted': {
      const job = reader.f64()
      const association = reader.u32()
      const pools = Array.from({ length: reader.count(1) }, () => reader.u32())
      const request = {
        pools,
        ...(hasSpeeds && { speedsMille: pools.map(() => reader.u32()) }),
        nodes: reader.u32(),
        acceleratorsMilli: reader.u32(),
        cpuMilli: reader.u32(),
        memoryMib: reader.u32(),
      }
      const timeLimitMs = reader.f64()
      return {
        type,
        atMs,
        job,
        association,
        request,
        timeLimitMs,
        held: decode(holders, reader.u32()),
        label: reader.text(),
      }
    }
    case 'refused':
      return {
        type,
        atMs,
        job: reader.f64(),
        account: reader.text(),
        user: reader.text(),
        reason: reader.text() as RefusalCode,
        label: reader.text(),
      }
    case 'held':
      return { type, atMs, job: reader.f64(), by: decodeHolder(reader.u32()) }
    case 'released':
      return { type, atMs, job: reader.f64() }
    case 'started': {
      const job = reader.f64()
      const attempt = reader.u32()
      const pool = reader.u32()
      const cause = decode(startCauses, reader.u32())
      const placement: NodePlacement[] = Array.from({ length: reader.count(2) }, () => ({
        node: reader.u32(),
        devices: reader.u32(),
      }))
      return { type, atMs, job, attempt, pool, cause, placement }
    }
    case 'ended':
      return {
        type,
        atMs,
        job: reader.f64(),
        attempt: reader.u32(),
        state: decode(endStates, reader.u32()),
        exitCode: reader.u32() | 0,
      }
    case 'requeued':
      return { type, atMs, job: reader.f64(), attempt: reader.u32(), cause: 'NODE_FAIL' }
    case 'reserved':
      return {
        type,
        atMs,
        job: reader.f64(),
        pool: reader.u32(),
        startMs: reader.f64(),
        nodes: Array.from({ length: reader.count(1) }, () => reader.u32()),
      }
    case 'unreserved':
      return { type, atMs, job: reader.f64(), cause: decode(unreserveCauses, reader.u32()) }
    case 'node':
      return { type, atMs, pool: reader.u32(), node: reader.u32(), to: decode(nodeStates, reader.u32()) }
    case 'ranked':
      return { type, atMs }
    case 'rejected':
      return { type, atMs, command: reader.text(), reason: reader.text() }
    case 'targeted': {
      const targets = Array.from({ length: reader.count(3) }, () => ({
        association: reader.u32(),
        pool: reader.u32(),
        acceleratorsMilli: reader.u32(),
      }))
      return { type, atMs, targets }
    }
    case 'power-capped': {
      const capW = reader.f64()
      return { type, atMs, capW: capW === NO_CAP ? null : capW }
    }
    default: {
      const never: never = type
      throw new RangeError(`unknown fact ${never}`)
    }
  }
}
