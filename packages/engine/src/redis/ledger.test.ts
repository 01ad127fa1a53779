// What only the ledger on Redis can suffer: bits that flip at rest, replies that never come, memory that runs out.

import { setTimeout as pause } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Ports } from '../ports.ts'
import { type PrivateRedis, startPrivateRedis, startProxy } from '../testing/index.ts'
import { raiseEpoch } from '../testing/world.ts'
import type { RedisSettings } from './connect.ts'
import { redisPorts } from './index.ts'

const body = (revision: number): Uint8Array => new TextEncoder().encode(`body of revision ${revision}`)
const entry = (epoch: number, revision: number) => ({ epoch, revision, nonce: `n${revision}`, body: body(revision) })

let server: PrivateRedis
let raw: Redis

beforeAll(async () => {
  server = await startPrivateRedis()
  raw = new Redis(server.url)
  raw.on('error', () => {})
})

afterAll(async () => {
  raw.disconnect()
  await server.stop()
})

async function withLedger(
  length: number,
  test: (ports: Ports, settings: RedisSettings, epoch: number) => Promise<void>,
) {
  const settings = server.settings()
  const ports = await redisPorts(settings, 'test')
  try {
    const epoch = await raiseEpoch(ports)
    for (let revision = 1; revision <= length; revision += 1) await ports.ledger.append(entry(epoch, revision))
    await test(ports, settings, epoch)
  } finally {
    await ports.close()
  }
}

/** Writes the stream anew with one value changed, which is what a flipped bit in the append-only file comes to. */
async function falsify(key: string, revision: number, field: string, change: (value: Buffer) => Buffer): Promise<void> {
  const entries = await raw.xrangeBuffer(key, '-', '+')
  await raw.del(key)
  for (const [id, fields] of entries) {
    const changed = fields.map((value, i) =>
      id.toString() === `${revision}-0` && i % 2 === 1 && fields[i - 1]!.toString() === field ? change(value) : value,
    )
    await raw.xadd(key, id, ...changed)
  }
}

const flipBit = (value: Buffer): Buffer => {
  const flipped = Buffer.from(value)
  flipped[flipped.length - 1]! ^= 1
  return flipped
}

describe('a ledger that was damaged at rest', () => {
  it.each(['body', 'nonce', 'epoch', 'prev', 'sha'])('is refused when a bit of `%s` has flipped', (field) =>
    withLedger(5, async (_, settings) => {
      await falsify(`${settings.prefix}ledger`, 3, field, flipBit)
      const { ledger, close } = await redisPorts(settings, 'reader')
      await expect(ledger.read(1, 10)).rejects.toMatchObject({ name: 'LedgerBroken', revision: 3 })
      await expect(ledger.read(3, 1)).rejects.toMatchObject({ name: 'LedgerBroken', revision: 3 })
      const follower = ledger.follow(1, new AbortController().signal)[Symbol.asyncIterator]()
      await expect(follower.next()).rejects.toMatchObject({ name: 'LedgerBroken', revision: 3 })
      expect(await ledger.read(4, 10)).toHaveLength(2)
      await close()
    }),
  )

  it('is refused when an entry is missing, and is not taken for a trimmed one', () =>
    withLedger(5, async (ports, settings) => {
      await raw.xdel(`${settings.prefix}ledger`, '3-0')
      await expect(ports.ledger.read(1, 10)).rejects.toMatchObject({ name: 'LedgerBroken', revision: 3 })
      await expect(ports.ledger.read(3, 10)).rejects.toMatchObject({ name: 'LedgerBroken', revision: 3 })
    }))

  it('is refused when an entry was exchanged for one that is sound in itself', () =>
    withLedger(3, async (_, settings) => {
      await withLedger(0, async (other, otherSettings, epoch) => {
        for (const revision of [1, 2, 3]) await other.ledger.append({ ...entry(epoch, revision), nonce: 'other' })
        const [[, fields]] = (await raw.xrangeBuffer(`${otherSettings.prefix}ledger`, '2-0', '2-0')) as [
          [Buffer, Buffer[]],
        ]
        const others = new Map<string, Buffer>()
        for (let i = 0; i < fields.length; i += 2) others.set(fields[i]!.toString(), fields[i + 1]!)
        for (const [field, value] of others) await falsify(`${settings.prefix}ledger`, 2, field, () => value)
      })
      const { ledger, close } = await redisPorts(settings, 'reader')
      expect(await ledger.read(2, 1)).toHaveLength(1)
      // The one before it has been read: now it shows.
      await ledger.read(1, 1)
      await expect(ledger.read(2, 1)).rejects.toMatchObject({ name: 'LedgerBroken', revision: 2 })
      await close()
    }))

  it('is refused in a version that this program does not know', () =>
    withLedger(1, async (ports, settings) => {
      await falsify(`${settings.prefix}ledger`, 1, 'v', () => Buffer.from('2'))
      await expect(ports.ledger.read(1, 10)).rejects.toThrow('version 2 is unknown')
    }))

  it('is not written on by a leader that knows another history', () =>
    withLedger(2, async (ports, settings, epoch) => {
      await falsify(`${settings.prefix}ledger`, 2, 'sha', flipBit)
      expect(await ports.ledger.append(entry(epoch, 3))).toEqual({ kind: 'conflict', revision: 2 })
    }))
})

describe('an append in bad weather', () => {
  it('that was carried out without an answer is reported as unknown, and found by its nonce', () =>
    withLedger(1, async (sound, settings, epoch) => {
      const proxy = await startProxy(server.port)
      const ports = await redisPorts({ ...settings, url: `redis://127.0.0.1:${proxy.port}` }, 'behind-proxy')
      await ports.ledger.read(1, 1)
      proxy.swallowReplies()
      const appending = ports.ledger.append(entry(epoch, 2))
      appending.catch(() => {})
      await expect.poll(async () => (await sound.ledger.tail())?.revision).toBe(2)
      proxy.cut()
      await expect(appending).rejects.toMatchObject({ name: 'StoreError', outcome: 'unknown' })
      const [found] = await sound.ledger.read(2, 1)
      expect(found?.nonce).toBe('n2')

      // Back on its feet, the same leader may as well send it again.
      await expect
        .poll(() => ports.ledger.append(entry(epoch, 2)).catch(() => undefined))
        .toMatchObject({ kind: 'appended' })
      expect((await sound.ledger.tail())?.revision).toBe(2)
      await ports.close()
      await proxy.stop()
    }))

  it('that Redis has no memory for is refused, changes nothing, and succeeds later', () =>
    withLedger(1, async (ports, _, epoch) => {
      await raw.config('SET', 'maxmemory', '1')
      try {
        await expect(ports.ledger.append(entry(epoch, 2))).rejects.toMatchObject({
          name: 'StoreError',
          outcome: 'none',
        })
      } finally {
        await raw.config('SET', 'maxmemory', '0')
      }
      expect((await ports.ledger.tail())?.revision).toBe(1)
      expect(await ports.ledger.append(entry(epoch, 2))).toMatchObject({ kind: 'appended' })
    }))

  it('fails at once while there is no Redis, and what was appended before is there afterwards', () =>
    withLedger(3, async (ports, _, epoch) => {
      await server.kill()
      const startMs = performance.now()
      await expect(ports.ledger.append(entry(epoch, 4))).rejects.toMatchObject({ name: 'StoreError' })
      expect(performance.now() - startMs).toBeLessThan(1000)
      await server.restart()
      await expect
        .poll(async () => (await ports.ledger.tail().catch(() => undefined))?.revision, { timeout: 5000 })
        .toBe(3)
      expect(await ports.ledger.append(entry(epoch, 4))).toMatchObject({ kind: 'appended' })
    }))
})

it('a follower sees every entry once across a crash of Redis', () =>
  withLedger(3, async (ports, _, epoch) => {
    const enough = new AbortController()
    const seen: number[] = []
    const following = (async () => {
      for await (const entries of ports.ledger.follow(1, enough.signal)) {
        seen.push(...entries.map(({ revision }) => revision))
        if (seen.at(-1) === 6) enough.abort()
      }
    })()
    await expect.poll(() => seen).toEqual([1, 2, 3])
    await server.kill()
    await server.restart()
    await expect
      .poll(() => ports.ledger.append(entry(epoch, 4)).catch(() => undefined), { timeout: 5000 })
      .toMatchObject({
        kind: 'appended',
      })
    for (const revision of [5, 6]) await ports.ledger.append(entry(epoch, revision))
    await following
    expect(seen).toEqual([1, 2, 3, 4, 5, 6])
  }))

it('a follower that is not wanted any more ends though Redis is away', () =>
  withLedger(3, async (ports) => {
    const over = new AbortController()
    const seen: number[] = []
    const following = (async () => {
      for await (const entries of ports.ledger.follow(1, over.signal))
        seen.push(...entries.map(({ revision }) => revision))
    })()
    await expect.poll(() => seen).toEqual([1, 2, 3])
    await server.kill()
    try {
      // A command that is refused shows that the connections have noticed, and the read waits for a reconnection.
      await expect(ports.ledger.tail()).rejects.toThrow('could not read the end')
      over.abort()
      await expect(Promise.race([following.then(() => 'ended'), pause(5_000, 'hangs')])).resolves.toBe('ended')
    } finally {
      await server.restart()
    }
  }))

it('keeps nothing of what a follower has read, for as long as it follows', () =>
  withLedger(1, async (ports, _, epoch) => {
    const over = new AbortController()
    const follower = ports.ledger.follow(1, over.signal)[Symbol.asyncIterator]()
    const read: WeakRef<object>[] = []
    for (let revision = 2; revision <= 20; revision += 1) {
      read.push(new WeakRef((await follower.next()).value as object))
      await ports.ledger.append(entry(epoch, revision))
    }
    // What is weakly held lives at least until this turn of the event loop is over.
    await pause(0)
    setFlagsFromString('--expose-gc')
    runInNewContext('gc')()
    // The last ones may still be at hand; all but those are gone.
    expect(read.slice(0, 15).filter((some) => some.deref() !== undefined)).toEqual([])
    over.abort()
    await follower.return?.()
  }))
