import { Redis } from 'ioredis'
import { expect, it } from 'vitest'
import { startPrivateRedis } from '../testing/index.ts'
import { redisPorts } from './index.ts'

const HOUR_MS = 3_600_000

it('records of requests and accepted jobs live as long as promised, through a crash, and then go', async () => {
  const server = await startPrivateRedis()
  const settings = server.settings()
  const ports = await redisPorts(settings, 'test')
  const raw = new Redis(server.url)
  raw.on('error', () => {})
  try {
    const idempotency = { scope: 'kim POST /v1/jobs', key: 'a:b\n두', bodyHash: 'h' }
    await ports.intake.reserve({ idempotency, accepted: { account: 'univ-a' } })
    await server.kill()
    await server.restart()
    await expect
      .poll(() => ports.intake.accepted(1).catch(() => undefined), { timeout: 5000 })
      .toEqual({ account: 'univ-a' })

    const [record] = await raw.keys(`${settings.prefix}idempotency:*`)
    expect((await raw.pttl(record!)) / HOUR_MS).toBeCloseTo(24, 1)
    await ports.intake.settle(idempotency.scope, idempotency.key, { status: 202 })
    expect((await raw.pttl(record!)) / HOUR_MS).toBeCloseTo(24, 1)

    expect(await raw.pttl(`${settings.prefix}reserved:1`)).toBeGreaterThan(24 * HOUR_MS)
    await ports.intake.folded([1])
    expect(await raw.pttl(`${settings.prefix}reserved:1`)).toBeLessThanOrEqual(60_000)
    expect(await ports.intake.reserve({ idempotency })).toEqual({ kind: 'replay', seq: 1, response: { status: 202 } })
  } finally {
    raw.disconnect()
    await ports.close()
    await server.stop()
  }
})

it('numbers requests that come together in few round trips, and lets one that cannot be stored fail alone', async () => {
  const server = await startPrivateRedis()
  const ports = await redisPorts(server.settings(), 'test')
  const raw = new Redis(server.url)
  const scripts = async (): Promise<number> =>
    Number(/cmdstat_evalsha:calls=(\d+)/.exec(await raw.info('commandstats'))?.[1] ?? 0)
  try {
    expect(await ports.intake.reserve({})).toEqual({ kind: 'reserved', seq: 1 })
    const before = await scripts()
    const circle: { self?: unknown } = {}
    circle.self = circle
    const outcomes = await Promise.allSettled(
      Array.from({ length: 100 }, (_, i) => ports.intake.reserve({ accepted: i === 50 ? circle : { i } })),
    )
    expect(await scripts()).toBe(before + 1)
    expect(outcomes.flatMap(({ status }, i) => (status === 'rejected' ? [i] : []))).toEqual([50])
    expect(await ports.intake.last()).toBe(100)
    expect(await Promise.all([51, 52].map(ports.intake.accepted))).toEqual([{ i: 49 }, { i: 51 }])
  } finally {
    raw.disconnect()
    await ports.close()
    await server.stop()
  }
})
