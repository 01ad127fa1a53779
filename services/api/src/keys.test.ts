// Keys over several API processes: each has its own connections, and hears what the others do.

import { connectPrompt, type RedisSettings } from '@dure/engine'
import { type PrivateRedis, startPrivateRedis, startProxy } from '@dure/engine/testing'
import type { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { redisCredentials } from './credential-store.ts'
import { type KeyRing, keyRing } from './keys.ts'

let server: PrivateRedis
let settings: RedisSettings
const open: { readonly redis: Redis; readonly keys: KeyRing }[] = []

beforeAll(async () => {
  server = await startPrivateRedis()
})
afterAll(() => server.stop())
beforeEach(() => {
  settings = server.settings()
})
afterEach(() => {
  for (const { redis, keys } of open.splice(0)) {
    keys.close()
    redis.disconnect()
  }
})

/** What one API process has; time stands still, so that nothing it trusts grows too old. */
async function replica(hearing = settings): Promise<{ keys: KeyRing; lookups: () => number }> {
  const redis = await connectPrompt(settings, 'test')
  const lookUp = vi.spyOn(redis, 'hget')
  const store = redisCredentials(redis, settings)
  const keys = keyRing({ ...store, watch: redisCredentials(redis, hearing).watch }, () => 1_800_000_000_000)
  open.push({ redis, keys })
  return { keys, lookups: () => lookUp.mock.calls.length }
}

/** Recognizes a key until it is trusted without a look into the store. */
async function trust({ keys, lookups }: Awaited<ReturnType<typeof replica>>, key: string): Promise<void> {
  await vi.waitFor(async () => {
    const before = lookups()
    expect((await keys.recognize(key)).kind).toBe('caller')
    expect(lookups()).toBe(before)
  })
}

it('a key that is revoked in one process is refused in all of them', async () => {
  const [first, second, third] = await Promise.all([replica(), replica(), replica()])
  const { key, stored } = await first.keys.create({ user: 'ada', role: 'researcher' })
  for (const one of [first, second, third]) await trust(one, key)
  const ended = vi.fn()
  third.keys.whenRevoked(stored.id, ended)

  await first.keys.revoke(stored.id)
  expect((await first.keys.recognize(key)).kind).toBe('expired')
  const startMs = performance.now()
  for (const { keys } of [second, third])
    await vi.waitFor(async () => expect((await keys.recognize(key)).kind).toBe('expired'), { interval: 1 })
  await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce())
  // Far less than the five seconds for which it was trusted.
  expect(performance.now() - startMs).toBeLessThan(1000)
})

it.each(['cut', 'freeze'] as const)(
  'a process that cannot hear (%s) trusts nothing it has found before',
  async (how) => {
    const proxy = await startProxy(server.port)
    const [first, second] = await Promise.all([
      replica(),
      replica({ ...settings, url: `redis://127.0.0.1:${proxy.port}` }),
    ])
    const { key, stored } = await first.keys.create({ user: 'ada', role: 'researcher' })
    await trust(second, key)
    const ended = vi.fn()
    second.keys.whenRevoked(stored.id, ended)
    proxy[how]()
    await vi.waitFor(
      async () => {
        const before = second.lookups()
        await second.keys.recognize(key)
        expect(second.lookups()).toBeGreaterThan(before)
      },
      { timeout: 4000 },
    )
    await first.keys.revoke(stored.id)
    expect((await second.keys.recognize(key)).kind).toBe('expired')
    // What it missed it finds out about when it hears again.
    proxy.cut()
    await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce(), { timeout: 20_000 })
    await proxy.stop()
  },
)

it('a rotation is heard of, too', async () => {
  const [first, second] = await Promise.all([replica(), replica()])
  const { key, stored } = await first.keys.create({ user: 'ada', role: 'researcher' })
  await trust(second, key)
  const rotated = await first.keys.rotate(stored, 0)
  await vi.waitFor(async () => expect((await second.keys.recognize(key)).kind).toBe('expired'), { interval: 1 })
  expect(await second.keys.recognize(rotated!.key)).toMatchObject({ kind: 'caller', caller: { user: 'ada' } })
})
