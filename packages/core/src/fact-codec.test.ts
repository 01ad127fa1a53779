import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { at, center, job, nodes, play } from '../testing/told.ts'
import { Center } from './center.ts'
import type { Command, HoldBy, NodeState, RefusalCode } from './command.ts'
import type { EndState, Fact, FactType, StartCause, UnreserveCause } from './fact.ts'
import { decodeFacts, FactLog } from './fact-codec.ts'
import { WordHash } from './hash.ts'
import { easy } from './policy.ts'

const u32 = fc.oneof(fc.nat({ max: 20 }), fc.integer({ min: 0, max: 0xffff_ffff }))
const moment = fc.maxSafeNat()
const jobId = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })
const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constant(''), fc.constant('두레'))

/** Every field of every kind of fact. */
const factFields: { readonly [T in FactType]: fc.Arbitrary<Omit<Extract<Fact, { type: T }>, 'type' | 'atMs'>> } = {
  configured: fc.record({ config: fc.constantFrom(center({ gpu: 2 }), center({ ㄱpool: nodes(3) }, easy)) }),
  submitted: fc.record({
    job: jobId,
    association: u32,
    request: fc
      .record({
        pools: fc.array(u32, { maxLength: 4 }),
        hasSpeeds: fc.boolean(),
        speeds: fc.array(u32, { minLength: 4, maxLength: 4 }),
        nodes: u32,
        acceleratorsMilli: u32,
        cpuMilli: u32,
        memoryMib: u32,
      })
      .map(({ hasSpeeds, speeds, ...request }) => ({
        ...request,
        ...(hasSpeeds && { speedsMille: speeds.slice(0, request.pools.length) }),
      })),
    timeLimitMs: moment,
    held: fc.constantFrom<HoldBy | null>(null, 'user', 'admin'),
    label: text,
  }),
  refused: fc.record({
    job: jobId,
    account: text,
    user: text,
    reason: fc.constantFrom<RefusalCode>('InvalidAccount', 'InvalidPool', 'BadConstraints', 'BadRequest'),
    label: text,
  }),
  held: fc.record({ job: jobId, by: fc.constantFrom<HoldBy>('user', 'admin') }),
  released: fc.record({ job: jobId }),
  started: fc.record({
    job: jobId,
    attempt: u32,
    pool: u32,
    cause: fc.constantFrom<StartCause>('turn', 'backfill', 'reservation'),
    placement: fc.array(fc.record({ node: fc.nat(), devices: fc.nat() }), { maxLength: 5 }),
  }),
  ended: fc.record({
    job: jobId,
    attempt: u32,
    state: fc.constantFrom<EndState>('COMPLETED', 'FAILED', 'CANCELLED', 'TIMEOUT', 'NODE_FAIL'),
    exitCode: fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }),
  }),
  requeued: fc.record({ job: jobId, attempt: u32, cause: fc.constant('NODE_FAIL') }),
  reserved: fc.record({ job: jobId, pool: u32, startMs: moment, nodes: fc.array(fc.nat(), { maxLength: 5 }) }),
  unreserved: fc.record({ job: jobId, cause: fc.constantFrom<UnreserveCause>('turn', 'node', 'power') }),
  node: fc.record({ pool: u32, node: u32, to: fc.constantFrom<NodeState>('up', 'drain', 'down') }),
  ranked: fc.record({}),
  rejected: fc.record({ command: text, reason: text }),
  targeted: fc.record({
    targets: fc.array(fc.record({ association: u32, pool: u32, acceleratorsMilli: u32 }), { maxLength: 5 }),
  }),
  'power-capped': fc.record({ capW: fc.option(fc.maxSafeNat()) }),
}

const facts: fc.Arbitrary<Fact[]> = fc.array(
  fc.oneof(
    ...Object.entries(factFields).map(([type, fields]) =>
      fc.tuple(moment, fields as fc.Arbitrary<object>).map(([atMs, rest]) => ({ type, atMs, ...rest }) as Fact),
    ),
  ),
  { maxLength: 30 },
)

function write(log: FactLog, fact: Fact) {
  const { atMs } = fact
  switch (fact.type) {
    case 'configured':
      return log.configured(atMs, fact.config)
    case 'submitted':
      return log.submitted(atMs, fact.job, fact.association, fact.request, fact.timeLimitMs, fact.held, fact.label)
    case 'refused':
      return log.refused(atMs, fact.job, fact.account, fact.user, fact.reason, fact.label)
    case 'held':
      return log.held(atMs, fact.job, fact.by)
    case 'released':
      return log.released(atMs, fact.job)
    case 'started': {
      const nodesOf = Int32Array.from(fact.placement, ({ node }) => node)
      const devices = Int32Array.from(fact.placement, (part) => part.devices)
      return log.started(atMs, fact.job, fact.attempt, fact.pool, fact.cause, nodesOf, devices, nodesOf.length)
    }
    case 'ended':
      return log.ended(atMs, fact.job, fact.attempt, fact.state, fact.exitCode)
    case 'requeued':
      return log.requeued(atMs, fact.job, fact.attempt)
    case 'reserved':
      return log.reserved(atMs, fact.job, fact.pool, fact.startMs, Int32Array.from(fact.nodes))
    case 'unreserved':
      return log.unreserved(atMs, fact.job, fact.cause)
    case 'node':
      return log.node(atMs, fact.pool, fact.node, fact.to)
    case 'ranked':
      return log.ranked(atMs)
    case 'rejected':
      return log.rejected(atMs, fact.command, fact.reason)
    case 'targeted':
      return log.targeted(atMs, fact.targets)
    case 'power-capped':
      return log.powerCapped(atMs, fact.capW)
  }
}

function encode(some: readonly Fact[]): Uint8Array {
  const log = new FactLog({ keep: true })
  for (const fact of some) write(log, fact)
  return log.drain()
}

describe('the bytes of facts', () => {
  it('are read as what was written', () => {
    fc.assert(
      fc.property(facts, (some) => {
        expect([...decodeFacts(encode(some))]).toEqual(some)
      }),
      { numRuns: 500, seed: 3 },
    )
  })

  it('are the same however they were drained, and so is their hash', () => {
    fc.assert(
      fc.property(fc.array(facts, { maxLength: 5 }), (batches) => {
        const pieces = new FactLog({ keep: true })
        const bytes = batches.map((batch) => {
          for (const fact of batch) write(pieces, fact)
          return pieces.drain()
        })
        const whole = new FactLog({ keep: true })
        const hashedOnly = new FactLog({ keep: false })
        for (const fact of batches.flat()) {
          write(whole, fact)
          write(hashedOnly, fact)
          hashedOnly.hash() // looking changes nothing
        }
        expect(pieces.hash()).toBe(whole.hash())
        expect(hashedOnly.hash()).toBe(whole.hash())
        expect(whole.count).toBe(batches.flat().length)
        expect(Buffer.concat(bytes).equals(whole.drain())).toBe(true)
        expect(whole.drain()).toHaveLength(0)
      }),
      { numRuns: 100, seed: 4 },
    )
  })

  it('outlast a buffer, wherever its end falls', () => {
    // Empty labels and long ones, so that every alignment of a fact to the buffer's end comes up.
    const request = { pools: [0], nodes: 1, acceleratorsMilli: 1000, cpuMilli: 0, memoryMib: 0 }
    for (let shift = 0; shift < 40; shift++) {
      const log = new FactLog({ keep: true })
      log.rejected(0, 'c', 'x'.repeat(4 * shift))
      for (let id = 1; id <= 2000; id++) log.submitted(0, id, 0, request, 1000, null, '')
      const read = [...decodeFacts(log.drain())]
      expect(read).toHaveLength(2001)
      expect(read.at(-1)).toMatchObject({ type: 'submitted', job: 2000, label: '' })
    }
  })

  it('are refused where they are cut', () => {
    fc.assert(
      fc.property(facts, fc.nat(), (some, at) => {
        const bytes = encode(some)
        const cut = at % (bytes.length + 1)
        const rest = bytes.slice(0, cut)
        const ends = some.map((_, i) => encode(some.slice(0, i + 1)).length)
        if (cut === 0 || ends.includes(cut)) expect([...decodeFacts(rest)]).toHaveLength(ends.indexOf(cut) + 1)
        else expect(() => [...decodeFacts(rest)]).toThrow(RangeError)
      }),
      { numRuns: 300, seed: 5 },
    )
  })

  it('are refused, or are other facts, where they are garbage', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (garbage) => {
        let read: Fact[]
        try {
          read = [...decodeFacts(garbage)]
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError)
          return
        }
        expect(Buffer.from(encode(read)).equals(garbage)).toBe(true)
      }),
      { numRuns: 2000, seed: 6 },
    )
    // One byte of real facts changed: read as something, or refused with a RangeError and nothing else.
    fc.assert(
      fc.property(facts, fc.nat(), fc.integer({ min: 1, max: 255 }), (some, at, flip) => {
        const bytes = encode(some)
        if (bytes.length === 0) return
        bytes[at % bytes.length]! ^= flip
        try {
          for (const { type } of decodeFacts(bytes)) expect(factFields).toHaveProperty(type)
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError)
        }
      }),
      { numRuns: 2000, seed: 7 },
    )
  })

  it.each<[string, number[]]>([
    ['no such kind of fact', [0 | (3 << 8), 0, 0]],
    ['no such kind of fact', [255 | (3 << 8), 0, 0]],
    ['a length that is not its own', [12 | (4 << 8), 0, 0, 0]],
    ['a job held by nobody', [4 | (6 << 8), 0, 0, 0, 0, 0]],
    ['a job held by somebody unheard of', [4 | (6 << 8), 0, 0, 0, 0, 3]],
    ['a text longer than the bytes', [13 | (5 << 8), 0, 0, 0xffff_ffff, 0]],
    ['more pools than words', [2 | (20 << 8), 0, 0, 0, 0, 0, 0xffff_fff0, 0]],
  ])('are refused: %s', (_, words) => {
    const bytes = new Uint8Array(Uint32Array.from(words).buffer)
    expect(() => [...decodeFacts(bytes)]).toThrow(RangeError)
  })

  it('are refused where they are no whole words, or a text is no UTF-8', () => {
    expect(() => [...decodeFacts(new Uint8Array(7))]).toThrow(RangeError)
    const bytes = encode([{ type: 'rejected', atMs: 0, command: 'abcd', reason: '' }])
    bytes[16] = 0xff
    expect(() => [...decodeFacts(bytes)]).toThrow(RangeError)
  })

  it('read well from a view into other bytes', () => {
    const bytes = encode([{ type: 'ranked', atMs: 5 }])
    const around = Buffer.alloc(bytes.length + 8, 0xee)
    around.set(bytes, 3)
    expect([...decodeFacts(around.subarray(3, 3 + bytes.length))]).toEqual([{ type: 'ranked', atMs: 5 }])
  })
})

describe('what the facts of a center have room for', () => {
  it('is all that a request may ask', () => {
    // A counted pool does not look at memory, but its facts carry it.
    for (const [cpuMilli, memoryMib] of [
      [0, 0xffff_ffff],
      [0xffff_ffff, 0],
      [0, 0x1_0000_0005],
      [0x1_0000_0005, 0],
    ] as const) {
      const config = center({ cpu: { kind: 'cpu', processors: 4 } })
      const log = new FactLog({ keep: true })
      const asked = Center.create(config, log, 0)
      const request = { pools: ['cpu'], nodes: 1, acceleratorsMilli: 1000, cpuMilli, memoryMib }
      const submit: Command = {
        type: 'submit',
        job: 1,
        account: 'lab',
        user: 'kim',
        request,
        timeLimitMs: 1,
        held: null,
        label: '',
      }
      const outcome = asked.apply(submit, 0)
      const last = [...decodeFacts(log.drain())].at(-1)!
      if (Math.max(cpuMilli, memoryMib) > 0xffff_ffff)
        expect(outcome).toEqual({ kind: 'refused', reason: 'BadRequest' })
      else expect(last).toMatchObject({ type: 'submitted', request: { cpuMilli, memoryMib } })
    }
  })
})

// ---- the format for ever

/** A second encoder, from the description in `fact-codec.ts` and `words.ts`: bytes one by one. */
class Bytes {
  readonly #bytes: number[] = []

  u32(...values: number[]): this {
    for (const value of values) for (let shift = 0; shift < 32; shift += 8) this.#bytes.push((value >>> shift) & 0xff)
    return this
  }

  f64(...values: number[]): this {
    for (const value of values) {
      const view = new DataView(new ArrayBuffer(8))
      view.setFloat64(0, value, true)
      for (let i = 0; i < 8; i++) this.#bytes.push(view.getUint8(i))
    }
    return this
  }

  text(value: string): this {
    const utf8 = [...Buffer.from(value, 'utf8')]
    this.u32(utf8.length)
    this.#bytes.push(...utf8)
    while (this.#bytes.length % 4 !== 0) this.#bytes.push(0)
    return this
  }

  words(): number[] {
    const view = new DataView(Uint8Array.from(this.#bytes).buffer)
    return Array.from({ length: this.#bytes.length / 4 }, (_, i) => view.getUint32(4 * i, true))
  }
}

/** A fact: its kind and length, its moment, its fields. */
function wordsOfFact(kind: number, atMs: number, fields: (bytes: Bytes) => Bytes = (bytes) => bytes): number[] {
  const rest = fields(new Bytes().f64(atMs)).words()
  return [kind + 256 * (rest.length + 1), ...rest]
}

function hashOf(words: readonly number[]): string {
  const hash = new WordHash()
  hash.update(Int32Array.from(words), 0, words.length)
  return hash.digest()
}

it('a submit with speeds is another kind of fact, which has them behind the pools', () => {
  const request = {
    pools: [2, 0],
    speedsMille: [1000, 250],
    nodes: 3,
    acceleratorsMilli: 2000,
    cpuMilli: 8,
    memoryMib: 16,
  }
  const fact: Fact = {
    type: 'submitted',
    atMs: 5,
    job: 7,
    association: 1,
    request,
    timeLimitMs: 60,
    held: null,
    label: 'a',
  }
  const bytes = encode([fact])
  expect([...new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)]).toEqual(
    wordsOfFact(14, 5, (to) => to.f64(7).u32(1, 2, 2, 0, 1000, 250, 3, 2000, 8, 16).f64(60).u32(0).text('a')),
  )
})

it('targets are one fact, three words each', () => {
  const targets = [
    { association: 1, pool: 0, acceleratorsMilli: 500 },
    { association: 2, pool: 3, acceleratorsMilli: 70_000 },
  ]
  const bytes = encode([{ type: 'targeted', atMs: 5, targets }])
  expect([...new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)]).toEqual(
    wordsOfFact(15, 5, (to) => to.u32(2, 1, 0, 500, 2, 3, 70_000)),
  )
})

describe('one small history', () => {
  const minute = 60_000
  const policy = { ...easy, name: 'pinned', order: 'fairshare' as const, halfLifeMs: 0 }
  const config = center({ gpu: nodes(3, { accelerators: 2 }) }, policy)
  const configText =
    '{"name":"a center","pools":[{"kind":"gpu","model":"H100","nodes":3,' +
    '"perNode":{"cpuMilli":64000,"memoryMib":65536,"accelerators":2},"name":"gpu"}],' +
    '"accounts":[{"name":"lab","parent":null,"shares":1}],' +
    '"associations":[{"account":"lab","user":"kim","shares":1}],' +
    '"policy":{"name":"pinned","order":"fairshare","backfill":"turn","reservationDepth":1,"fairTree":"exact",' +
    '"halfLifeMs":0,"rerankMs":300000,"requeueOnNodeFail":true}}'
  const story = [
    job('두레').wide(2).devices(2).cores(8).memory(1024).for('1h'),
    job('wide').wide(3).devices(2).for('1h'),
    job('slice').slice(250).for('10m'),
    job('held').held('admin'),
    job('not-his').by('lab/lee'),
    at('2m').node(0, 'down'),
    at('2m').release('held', 'admin'),
    at('3m').finish('slice', 1, -9),
    at('3m').cancel('held'),
    at('4m').hold('wide'),
    at('4m').node(0, 'drain'),
  ]
  const submitted = (id: number, sizes: number[], limit: number, held: number, label: string): number[] =>
    wordsOfFact(2, 0, (bytes) =>
      bytes
        .f64(id)
        .u32(0, 1, 0, ...sizes)
        .f64(limit)
        .u32(held)
        .text(label),
    )
  const factWords = [
    wordsOfFact(1, 0, (bytes) => bytes.text(configText)),
    submitted(1, [2, 2000, 8000, 1024], 60 * minute, 0, '두레'),
    submitted(2, [3, 2000, 0, 0], 60 * minute, 0, 'wide'),
    submitted(3, [1, 250, 0, 0], 10 * minute, 0, 'slice'),
    submitted(4, [1, 1000, 0, 0], 60 * minute, 2, 'held'),
    wordsOfFact(3, 0, (bytes) => bytes.f64(5).text('lab').text('lee').text('InvalidAccount').text('not-his')),
    wordsOfFact(12, 0), // ranked
    // In turn, both devices of nodes 0 and 1.
    wordsOfFact(6, 0, (bytes) => bytes.f64(1).u32(1, 0, 0, 2, 0, 3, 1, 3)),
    wordsOfFact(9, 0, (bytes) =>
      bytes
        .f64(2)
        .u32(0)
        .f64(60 * minute)
        .u32(3, 0, 1, 2),
    ),
    // By backfill, the lower device of node 2.
    wordsOfFact(6, 0, (bytes) => bytes.f64(3).u32(1, 0, 1, 1, 2, 1)),
    wordsOfFact(10, 2 * minute, (bytes) => bytes.f64(2).u32(1)),
    wordsOfFact(11, 2 * minute, (bytes) => bytes.u32(0, 0, 2)),
    wordsOfFact(8, 2 * minute, (bytes) => bytes.f64(1).u32(1)),
    wordsOfFact(5, 2 * minute, (bytes) => bytes.f64(4)),
    // First again, it waits for the slice on node 2, and `held` would be in its way on either node.
    wordsOfFact(9, 2 * minute, (bytes) =>
      bytes
        .f64(1)
        .u32(0)
        .f64(10 * minute)
        .u32(2, 1, 2),
    ),
    wordsOfFact(7, 3 * minute, (bytes) => bytes.f64(3).u32(1, 1, 0x1_0000_0000 - 9)),
    wordsOfFact(7, 3 * minute, (bytes) => bytes.f64(4).u32(0, 2, 0)),
    wordsOfFact(6, 3 * minute, (bytes) => bytes.f64(1).u32(2, 0, 2, 2, 1, 3, 2, 3)),
    wordsOfFact(4, 4 * minute, (bytes) => bytes.f64(2).u32(1)),
    wordsOfFact(11, 4 * minute, (bytes) => bytes.u32(0, 0, 1)),
  ].flat()

  /** The state it ends in, from the layout in `savepoint.ts`. */
  const stateWords = new Bytes()
    .u32(3) // version
    .text(configText)
    .f64(4 * minute, 0, 5) // now, ranked, next sequence
    .u32(0) // rank of the one association
    // 4 accelerators; 4.25 × 120 s + 0.25 × 60 s until 3m; charged 4000 × 120 000 + 250 × 180 000.
    .f64(4000, 525, 3 * minute, 525_000_000, 0)
    .u32(1, 0, 1) // one node out: 0, drained
    .u32(2) // jobs
    .f64(1, 1)
    .u32(0, 1, 0, 0, 2, 2000, 8000, 1024) // the one pool, no speeds
    .f64(60 * minute, 0)
    .u32(2, 0, 2) // running, held by nobody, second attempt
    .f64(3 * minute)
    .u32(0, 1, 3, 2, 3)
    .f64(2, 2)
    .u32(0, 1, 0, 0, 3, 2000, 0, 0)
    .f64(60 * minute, 0)
    .u32(1, 1, 0) // held, by its user, never run
    .u32(1, 0) // something came free since the last promise; none stands
    .u32(0, 0) // nothing for a pass to look at: no pool, no arrivals
    .words()

  const lived = play(config, story, 4 * minute)

  it('is encoded as the format says', () => {
    const bytes = encode(lived.facts)
    expect([...new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)]).toEqual(factWords)
  })

  it('ends in the state that the layout says', () => {
    const saved = lived.center.save()
    const words = [...new Uint32Array(saved.buffer, saved.byteOffset, saved.length / 4)]
    expect(words.slice(2 + 10)).toEqual(stateWords)
    expect(words.slice(0, 2)).toEqual(new Bytes().f64(20).words()) // facts so far
  })

  it('has these hashes for ever', () => {
    const factsHash = '6a5c32138433ad0b9f994bd9cf7b3f5d'
    const stateHash = '8b0dda6949b3dc598cb910df6464ef9f'
    expect([hashOf(factWords), hashOf(stateWords)]).toEqual([factsHash, stateHash])
    const log = new FactLog({ keep: false })
    for (const fact of lived.facts) write(log, fact)
    expect([log.hash(), lived.center.stateHash()]).toEqual([factsHash, stateHash])
  })
})
