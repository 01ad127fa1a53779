// What only a registry on Redis can suffer: a clock that somebody sets.

import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type PrivateRedis, startPrivateRedis } from '../testing/index.ts'
import { redisPorts } from './index.ts'

const HOUR_MS = 3_600_000

let server: PrivateRedis

beforeAll(async () => {
  server = await startPrivateRedis()
})

afterAll(() => server.stop())

it('lets the runs of a dead executor be adopted soon, though the clock of the store was set back after its last heartbeat', async () => {
  const settings = server.settings()
  const ports = await redisPorts(settings, 'test')
  const raw = new Redis(settings.url)
  await ports.registry.record('dead', [{ job: 1, attempt: 1, dueMs: 500, detail: null }])
  // What setting the clock back comes to: the heartbeat is an hour ahead.
  const executors = `${settings.prefix}runs:executors`
  await raw.zadd(executors, Number(await raw.zscore(executors, 'dead')) + HOUR_MS, 'dead')
  expect(await ports.registry.adopt('heir', 200)).toBe(0)
  await vi.waitFor(async () => expect(await ports.registry.adopt('heir', 200)).toBe(1), { timeout: 5_000 })
  raw.disconnect()
  await ports.close()
})
