import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Ledger, Ports } from '../ports.ts'
import { inWorld, type MakeWorld, raiseEpoch } from './world.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

async function appendMany(ledger: Ledger, epoch: number, from: number, to: number): Promise<void> {
  for (let revision = from; revision <= to; revision += 1) {
    const outcome = await ledger.append({ epoch, revision, nonce: `n${revision}`, body: bytes(`body ${revision}`) })
    expect(outcome.kind).toBe('appended')
  }
}

async function saveAt({ savepoints }: Ports, revision: number): Promise<void> {
  await savepoints.store({ revision, sha: 'any', bytes: new Uint8Array(1) })
}

/** What every ledger promises, whatever it is made of. */
export function ledgerContract(name: string, makeWorld: MakeWorld): void {
  describe(`ledger: ${name}`, () => {
    it('is empty at first', () =>
      inWorld(makeWorld, async (world) => {
        const { ledger } = await world.connect()
        expect(await ledger.tail()).toBeUndefined()
        expect(await ledger.read(1, 10)).toEqual([])
      }))

    it('gives back every byte it was given, chained by SHA-256', () =>
      inWorld(makeWorld, async (world) => {
        const ports = await world.connect()
        const epoch = await raiseEpoch(ports)
        const bodies = [
          Uint8Array.from({ length: 256 }, (_, i) => i),
          new Uint8Array(0),
          new Uint8Array(65_536).fill(255),
        ]
        let previous = '0'.repeat(64)
        for (const [i, body] of bodies.entries()) {
          const sha = createHash('sha256')
            .update(Buffer.concat([Buffer.from(`${previous}\n${i + 1} ${epoch} nonce-${i}\n`), body]))
            .digest('hex')
          const outcome = await ports.ledger.append({ epoch, revision: i + 1, nonce: `nonce-${i}`, body })
          expect(outcome).toEqual({ kind: 'appended', sha })
          previous = sha
        }
        const read = await (await world.connect()).ledger.read(1, 10)
        expect(read.map((entry) => [...entry.body])).toEqual(bodies.map((body) => [...body]))
        expect(read.map(({ revision, epoch, nonce }) => ({ revision, epoch, nonce }))).toEqual(
          bodies.map((_, i) => ({ revision: i + 1, epoch, nonce: `nonce-${i}` })),
        )
        expect(read.at(-1)?.sha).toBe(previous)
      }))

    it.each([
      ['the same revision again', 2],
      ['a gap', 4],
      ['the first revision', 1],
    ])('refuses %s', (_, revision) =>
      inWorld(makeWorld, async (world) => {
        const ports = await world.connect()
        const epoch = await raiseEpoch(ports)
        await appendMany(ports.ledger, epoch, 1, 2)
        const outcome = await ports.ledger.append({ epoch, revision, nonce: 'other', body: bytes('other') })
        expect(outcome).toEqual({ kind: 'conflict', revision: 2 })
        expect((await ports.ledger.read(1, 10)).map(({ nonce }) => nonce)).toEqual(['n1', 'n2'])
      }),
    )

    it('refuses a leader whose epoch has passed, and writes nothing', () =>
      inWorld(makeWorld, async (world) => {
        const former = await world.connect()
        const epoch = await raiseEpoch(former)
        await appendMany(former.ledger, epoch, 1, 1)
        const newer = await raiseEpoch(await world.connect())
        const outcome = await former.ledger.append({ epoch, revision: 2, nonce: 'late', body: bytes('late') })
        expect(outcome).toEqual({ kind: 'fenced', epoch: newer })
        expect((await former.ledger.tail())?.revision).toBe(1)
      }))

    it('answers the very same append as it did the first time, and keeps one entry', () =>
      inWorld(makeWorld, async (world) => {
        const ports = await world.connect()
        const epoch = await raiseEpoch(ports)
        const entry = { epoch, revision: 1, nonce: 'once', body: bytes('once') }
        const first = await ports.ledger.append(entry)
        expect(await ports.ledger.append(entry)).toEqual(first)
        expect(await ports.ledger.read(1, 10)).toHaveLength(1)
      }))

    it('lets one of many racing writers win each revision', () =>
      inWorld(makeWorld, async (world) => {
        const writers = await Promise.all([world.connect(), world.connect(), world.connect()])
        const epoch = await raiseEpoch(writers[0]!)
        for (let revision = 1; revision <= 20; revision += 1) {
          const outcomes = await Promise.all(
            writers.map(({ ledger }, i) => ledger.append({ epoch, revision, nonce: `w${i}`, body: bytes(`${i}`) })),
          )
          const winner = outcomes.findIndex(({ kind }) => kind === 'appended')
          expect(outcomes.filter(({ kind }) => kind === 'conflict')).toHaveLength(2)
          expect((await writers[0]!.ledger.tail())?.nonce).toBe(`w${winner}`)
        }
      }))

    it('reads a window, and nothing past the end', () =>
      inWorld(makeWorld, async (world) => {
        const ports = await world.connect()
        await appendMany(ports.ledger, await raiseEpoch(ports), 1, 7)
        expect((await ports.ledger.read(3, 2)).map(({ revision }) => revision)).toEqual([3, 4])
        expect((await ports.ledger.read(6, 100)).map(({ revision }) => revision)).toEqual([6, 7])
        expect(await ports.ledger.read(8, 100)).toEqual([])
      }))

    it('is followed from any revision, without a gap or a repeat, until the follower has enough', () =>
      inWorld(makeWorld, async (world) => {
        const ports = await world.connect()
        const reader = await world.connect()
        const epoch = await raiseEpoch(ports)
        await appendMany(ports.ledger, epoch, 1, 300)

        const enough = new AbortController()
        const seen: number[] = []
        const following = (async () => {
          for await (const entries of reader.ledger.follow(5, enough.signal)) {
            seen.push(...entries.map(({ revision }) => revision))
            if (seen.at(-1) === 320) enough.abort()
          }
        })()
        await appendMany(ports.ledger, epoch, 301, 320)
        await following
        expect(seen).toEqual(Array.from({ length: 316 }, (_, i) => i + 5))
      }))

    it('ends a follower that waits for the next entry when its signal aborts', () =>
      inWorld(makeWorld, async (world) => {
        const { ledger } = await world.connect()
        const enough = new AbortController()
        const next = ledger.follow(1, enough.signal)[Symbol.asyncIterator]().next()
        enough.abort()
        expect((await next).done).toBe(true)
      }))

    it('tells a reader of trimmed entries where it begins now, and goes on', () =>
      inWorld(makeWorld, async (world) => {
        const ports = await world.connect()
        const epoch = await raiseEpoch(ports)
        await appendMany(ports.ledger, epoch, 1, 6)
        await saveAt(ports, 6)
        expect(await ports.ledger.trim(4)).toBe(true)
        expect((await ports.ledger.read(4, 10)).map(({ revision }) => revision)).toEqual([4, 5, 6])
        await expect(ports.ledger.read(3, 10)).rejects.toMatchObject({ name: 'LedgerTrimmed', firstRevision: 4 })
        const follower = ports.ledger.follow(2, new AbortController().signal)[Symbol.asyncIterator]()
        await expect(follower.next()).rejects.toMatchObject({ name: 'LedgerTrimmed', firstRevision: 4 })

        expect(await ports.ledger.trim(100)).toBe(false)
        expect(await ports.ledger.trim(6)).toBe(true)
        expect((await ports.ledger.tail())?.revision).toBe(6)
        await appendMany((await world.connect()).ledger, epoch, 7, 7)
      }))

    it('keeps what a new leader would read, whoever trims and whatever for', () =>
      inWorld(makeWorld, async (world) => {
        const ports = await world.connect()
        await appendMany(ports.ledger, await raiseEpoch(ports), 1, 6)
        const firstRevision = async () => (await (await world.connect()).ledger.extent())?.firstRevision
        expect([await ports.ledger.trim(5), await firstRevision()]).toEqual([false, 1])
        await saveAt(ports, 3)
        expect([await ports.ledger.trim(5), await firstRevision()]).toEqual([false, 1])
        expect([await ports.ledger.trim(3), await firstRevision()]).toEqual([true, 3])
        expect([await ports.ledger.trim(2), await firstRevision()]).toEqual([true, 3])
        await saveAt(await world.connect(), 5)
        expect([await ports.ledger.trim(5), await firstRevision()]).toEqual([true, 5])
      }))

    it('tells how far it reaches, and roughly how much it takes up', () =>
      inWorld(makeWorld, async (world) => {
        const ports = await world.connect()
        expect(await ports.ledger.extent()).toBeUndefined()
        const epoch = await raiseEpoch(ports)
        const body = new Uint8Array(10_000).fill(7)
        for (let revision = 1; revision <= 5; revision++) {
          await ports.ledger.append({ epoch, revision, nonce: `n${revision}`, body })
        }
        await saveAt(ports, 5)
        const whole = await ports.ledger.extent()
        expect(whole).toMatchObject({ firstRevision: 1, lastRevision: 5 })
        expect(whole!.bytes).toBeGreaterThanOrEqual(50_000)
        expect(whole!.bytes).toBeLessThan(100_000)
        await ports.ledger.trim(4)
        expect(await ports.ledger.extent()).toMatchObject({ firstRevision: 4, lastRevision: 5 })
      }))
  })
}
