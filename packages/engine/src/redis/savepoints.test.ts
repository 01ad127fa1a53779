// What only the Redis store of savepoints has to show: that it is written in parts, and what becomes of them.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LedgerBroken } from '../ports.ts'
import { type PrivateRedis, startPrivateRedis } from '../testing/redis.ts'
import { connectPrompt, type RedisSettings } from './connect.ts'
import { redisSavepoints } from './savepoints.ts'

let server: PrivateRedis
beforeAll(async () => {
  server = await startPrivateRedis()
})
afterAll(() => server.stop())

const MIB = 1024 * 1024
const savepoint = (revision: number, bytes: number) => ({
  revision,
  sha: String(revision).padStart(64, '0'),
  bytes: new Uint8Array(bytes).map((_, i) => (i * 31 + revision) % 251),
})

const open = async () => {
  const settings: RedisSettings = server.settings()
  const redis = await connectPrompt(settings, 'savepoints')
  return { settings, redis, savepoints: redisSavepoints(redis, settings) }
}

describe('savepoints on Redis', () => {
  it('comes back whole from many parts, and leaves only those of the newest', async () => {
    const { settings, redis, savepoints } = await open()
    await savepoints.store(savepoint(5, 3 * MIB + 17))
    await savepoints.store(savepoint(9, 2 * MIB))
    await savepoints.store(savepoint(7, MIB))
    const found = await savepoints.newest()
    expect(found?.revision).toBe(9)
    expect(Buffer.compare(found!.bytes, savepoint(9, 2 * MIB).bytes)).toBe(0)
    const lists = await redis.keys(`${settings.prefix}savepoint:*`)
    expect(lists).toHaveLength(1)
    expect(await redis.ttl(lists[0]!)).toBe(-1)
    redis.disconnect()
  })

  it('lets other commands in between while a large one is stored', async () => {
    const { redis, savepoints, settings } = await open()
    const other = await connectPrompt(settings, 'other')
    let isStored = false
    const storing = savepoints.store(savepoint(1, 64 * MIB)).then(() => (isStored = true))
    let pings = 0
    while (!isStored) {
      await other.ping()
      if (!isStored) pings++
    }
    await storing
    expect(pings).toBeGreaterThan(64)
    redis.disconnect()
    other.disconnect()
  })

  it('is refused as broken when a part has changed', async () => {
    const { settings, redis, savepoints } = await open()
    await savepoints.store(savepoint(3, 2 * MIB))
    const [parts] = await redis.keys(`${settings.prefix}savepoint:*`)
    await redis.lset(parts!, 1, Buffer.alloc(512 * 1024))
    await expect(savepoints.newest()).rejects.toBeInstanceOf(LedgerBroken)
    redis.disconnect()
  })
})
