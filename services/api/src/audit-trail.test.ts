import { connectPrompt, type RedisSettings, StoreError } from '@dure/engine'
import { type PrivateRedis, startPrivateRedis } from '@dure/engine/testing'
import type { FastifyRequest } from 'fastify'
import type { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { redisAudit } from './audit-trail.ts'
import { openScene, type Scene, START_MS } from './testing/scene.ts'

describe('the audit trail', () => {
  let scene: Scene
  beforeEach(async () => {
    scene = await openScene({ wallMs: () => START_MS })
  })
  afterEach(() => scene.close())

  it('has who did what to whom, why, and the command by which the ledger says what came of it', async () => {
    const [root, olga, ada] = await Promise.all([
      scene.keyFor('root', 'administrator'),
      scene.keyFor('olga', 'operator'),
      scene.keyFor('ada'),
    ])
    const job = (await scene.ask(ada, { url: '/v1/jobs', payload: {} })).body.id
    await scene.takeUp(START_MS, 1)
    const drained = await scene.ask(olga, { url: '/v1/nodes/h100-2/drain', payload: { reason: 'a fan is loud' } })
    await scene.ask(olga, { method: 'DELETE', url: `/v1/jobs/${job}` })
    const made = await scene.ask(root, { url: '/v1/keys', payload: { user: 'cho', role: 'planner', note: 'for CI' } })
    await scene.ask(root, { method: 'POST', url: `/v1/keys/${made.body.id}/rotate`, payload: { overlap_ms: 60_000 } })
    await scene.ask(root, {
      method: 'DELETE',
      url: `/v1/keys/${made.body.id}`,
      headers: { 'x-request-id': 'req-00000001' },
    })

    const auditor = await scene.keyFor('aud', 'auditor')
    const { body } = await scene.ask(auditor, '/v1/audit')
    expect([body.next_cursor, body.broken_at]).toEqual([null, null])
    const told = body.items.map(
      ({ seq, user, role, act, target, detail, reason, command }: Record<string, unknown>) => [
        seq,
        user,
        role,
        act,
        target,
        detail,
        reason,
        command,
      ],
    )
    expect(told).toEqual([
      [5, 'root', 'administrator', 'key-revoked', made.body.id, null, null, null],
      [4, 'root', 'administrator', 'key-rotated', made.body.id, 'overlap 60 s', null, null],
      [3, 'root', 'administrator', 'key-made', 'cho as planner', null, 'for CI', null],
      [2, 'olga', 'operator', 'job-cancelled', String(job), 'job of ada', null, expect.stringMatching(/^c\d+$/)],
      [1, 'olga', 'operator', 'node-drained', 'h100-2', null, 'a fan is loud', drained.body.command],
    ])
    expect(body.items[0]).toMatchObject({ at_ms: START_MS, via: 'key', request_id: 'req-00000001' })
    expect(body.items[1].key).toBe(body.items[0].key)
  })

  it('says nothing of what people do with their own', async () => {
    const ada = await scene.keyFor('ada')
    const { id } = (await scene.ask(ada, { url: '/v1/jobs', payload: {} })).body
    await scene.takeUp(START_MS, 1)
    await scene.ask(ada, { method: 'DELETE', url: `/v1/jobs/${id}` })
    expect((await scene.ask(await scene.keyFor('aud', 'auditor'), '/v1/audit')).body.items).toEqual([])
  })

  it('comes in pages', async () => {
    const root = await scene.keyFor('root', 'administrator')
    for (let i = 0; i < 5; i += 1) await scene.ask(root, { method: 'POST', url: `/v1/nodes/h100-${i % 4}/drain` })
    const seqs: number[][] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const { body } = await scene.ask(root, `/v1/audit?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`)
      seqs.push(body.items.map(({ seq }: { seq: number }) => seq))
      cursor = body.next_cursor
    }
    expect(seqs).toEqual([[5, 4], [3, 2], [1]])
  })

  it('comes first: what cannot be written there is not done', async () => {
    await scene.close()
    const none = async () => {
      throw new StoreError('none', 'write the audit trail', 'Redis is full')
    }
    scene = await openScene({ audit: { note: none, page: none } })
    const root = await scene.keyFor('root', 'administrator')
    const { stored } = await scene.keys.create({ user: 'ada', role: 'researcher' })
    for (const request of [
      { method: 'POST', url: '/v1/nodes/h100-1/drain' },
      { url: '/v1/keys', payload: { user: 'x', role: 'researcher' } },
      { method: 'DELETE', url: `/v1/keys/${stored.id}` },
    ] as const) {
      expect((await scene.ask(root, request)).body.code).toBe('ERR_STORE_UNAVAILABLE')
    }
    expect(scene.queued).toEqual([])
    // Both may have been made in one millisecond.
    const keys = (await scene.keys.list()).map(({ stored }) => [stored.user, stored.revokedAtMs])
    expect(keys.sort()).toEqual([
      ['ada', null],
      ['root', null],
    ])
  })
})

describe('the audit trail on Redis', () => {
  let server: PrivateRedis
  let settings: RedisSettings
  let redis: Redis
  beforeAll(async () => {
    server = await startPrivateRedis()
  })
  afterAll(() => server.stop())
  beforeEach(async () => {
    settings = server.settings()
    redis = await connectPrompt(settings, 'test')
  })
  afterEach(() => redis.disconnect())

  const request = (user: string) =>
    ({ id: `request-${user}`, caller: { user, role: 'operator', keyId: 'k', via: 'key' } }) as unknown as FastifyRequest
  const open = () => redisAudit(redis, settings, () => START_MS)

  it('keeps every entry of writers that meet, each sealed with the one before', async () => {
    const writers = Array.from({ length: 8 }, open)
    await Promise.all(
      writers.flatMap((audit, i) =>
        Array.from({ length: 5 }, (_, j) => audit.note(request(`u${i}`), { act: 'node-drained', target: `h100-${j}` })),
      ),
    )
    const { entries, brokenAt } = await open().page(100, undefined)
    expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: 40 }, (_, i) => 40 - i))
    expect(new Set(entries.map(({ user, target }) => `${user} ${target}`)).size).toBe(40)
    expect(brokenAt).toBeNull()
  })

  it.each<[string, (key: string, fields: string[][]) => Promise<unknown>, number]>([
    [
      'changed',
      async (key, fields) => {
        await redis.del(key)
        for (const [i, [, json = '']] of fields.entries())
          await redis.xadd(key, `${i + 1}-0`, 'entry', i === 1 ? json.replace('"u1"', '"u9"') : json)
      },
      2,
    ],
    ['left out', (key) => redis.xdel(key, '2-0'), 3],
  ])('says which entry was %s', async (_, tamper, brokenAt) => {
    const audit = open()
    for (let i = 0; i < 4; i += 1) await audit.note(request(`u${i}`), { act: 'node-drained', target: 'h100-1' })
    const key = `${settings.prefix}audit`
    const before = await redis.xrange(key, '-', '+')
    await tamper(
      key,
      before.map(([, fields]) => fields),
    )
    expect((await audit.page(100, undefined)).brokenAt).toBe(brokenAt)
    expect((await audit.page(1, undefined)).brokenAt).toBeNull()
  })
})
