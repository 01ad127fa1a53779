import { readFileSync } from 'node:fs'
import { Role } from '@dure/contract'
import Fastify from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { declareAccess, guardRoutes, SESSION_COOKIE } from './access.ts'
import { memoryCredentials } from './credential-store.ts'
import { keyRing } from './keys.ts'
import { memoryCounts } from './request-counts.ts'
import { requestRates } from './request-rates.ts'
import { expectedAccess } from './testing/expected-access.ts'
import { openScene, type Scene } from './testing/scene.ts'

const DAY_MS = 86_400_000

let scene: Scene
let wallMs = 1_800_000_000_000
beforeEach(async () => {
  scene = await openScene({ wallMs: () => wallMs })
})
afterEach(() => scene.close())

describe('a route', () => {
  it('that does not say whom it is for is refused where it is registered, in a plugin, too', async () => {
    const app = Fastify()
    const keys = keyRing(memoryCredentials(Date.now), Date.now)
    const rates = requestRates({ perSecond: 0, counts: memoryCounts(), nowMs: () => 0, failed: () => {} })
    const routes = guardRoutes(app, { keys, rates, room: { assertForRequest: () => {} } })
    expect(() => app.get('/forgotten', async () => 'secret')).toThrow('GET /forgotten does not say whom it is for')
    await app.register(async (scope) => {
      declareAccess(scope, ['auditor'])
      scope.get('/declared', async () => 'all of it')
      await scope.register(async (inner) => void inner.get('/within', async () => 'all of it'))
    })
    expect(routes.filter(({ method }) => method === 'GET')).toEqual([
      { method: 'GET', url: '/declared', access: ['auditor'] },
      { method: 'GET', url: '/within', access: ['auditor'] },
    ])
    await expect(app.register(async (scope) => void scope.get('/beside', async () => 'secret'))).rejects.toThrow(
      'GET /beside does not say whom it is for',
    )
  })

  it.each(expectedAccess)('$method $url is for its roles and nobody else', async ({ method, url, roles }) => {
    const path = url.replace('{id}', url.includes('/nodes/') ? 'h100-99' : '99')
    const request = { method, url: path, ...(method === 'POST' && { payload: { nodes: -1 } }) }
    const anonymous = await scene.ask(null, request)
    if (roles === 'public') {
      expect([200, 503]).toContain(anonymous.status)
      return
    }
    expect([anonymous.status, anonymous.body.code]).toEqual([401, 'ERR_NO_KEY'])
    expect(anonymous.headers['www-authenticate']).toBe('Bearer realm="dure"')
    // A stream does not end by itself, so that only those it is not for can be tried this way: nobody.
    if (url === '/v1/events') return
    for (const role of Role.options) {
      const { status } = await scene.ask(await scene.keyFor('ada', role), request)
      expect([role, status === 403]).toEqual([role, !roles.includes(role)])
      expect([role, status]).not.toEqual([role, 401])
    }
  })

  it('of the interface is in this table and in the OpenAPI document', async () => {
    const { body } = await scene.ask(null, '/openapi.json')
    const documented = Object.entries<object>(body.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    )
    expect(documented.sort()).toEqual(expectedAccess.map(({ method, url }) => `${method} ${url}`).sort())
  })
})

it('the table in the README is this one', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const rows = readme
    .split('<!-- end of access')[0]!
    .split('\n')
    .filter((line) => line.startsWith('| `'))
  const cells = rows.map((row) =>
    row
      .split('|')
      .map((cell) => cell.trim())
      .slice(1, -1),
  )
  expect(cells).toEqual(
    expectedAccess.map(({ method, url, roles }) => [
      `\`${method} ${url}\``,
      ...Role.options.map((role) => (roles === 'public' ? 'public' : roles.includes(role) ? 'yes' : '')),
    ]),
  )
})

describe('a key', () => {
  it.each([
    ['no scheme', (key: string) => key],
    ['another scheme', (key: string) => `Basic ${key}`],
    ['a changed secret', (key: string) => `Bearer ${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`],
    [
      'another id',
      (key: string) =>
        `Bearer ${key.replace(/^dure_./, (start) => `${start.slice(0, -1)}${start.endsWith('a') ? 'b' : 'a'}`)}`,
    ],
    ['nothing', () => 'Bearer '],
    ['a very long one', () => `Bearer dure_${'a'.repeat(5000)}`],
  ])('with %s is refused', async (_, spoil) => {
    const authorization = spoil(await scene.keyFor('ada'))
    const answer = await scene.ask(null, { url: '/v1/me', headers: { authorization } })
    expect([answer.status, answer.body.code]).toEqual([401, 'ERR_BAD_KEY'])
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="dure", error="invalid_token"')
  })

  it('never stands in the store', async () => {
    const key = await scene.keyFor('ada')
    const secret = key.split('_').slice(2).join('_')
    expect(JSON.stringify(await scene.credentials.keys())).not.toContain(secret)
  })

  it('is made, listed, used and revoked by administrators', async () => {
    const root = await scene.keyFor('root', 'administrator')
    const expires = wallMs + DAY_MS
    const made = await scene.ask(root, {
      url: '/v1/keys',
      payload: { user: 'cho', role: 'researcher', note: 'laptop', expires_at_ms: expires },
    })
    expect([made.status, made.headers['cache-control']]).toEqual([201, 'no-store'])
    const { id, key } = made.body
    expect((await scene.ask(key, '/v1/me')).body).toEqual({
      user: 'cho',
      role: 'researcher',
      accounts: ['firm'],
      jobs_pending: 0,
      jobs_running: 0,
    })
    expect((await scene.ask(key, '/v1/me')).headers['cache-control']).toBe('no-store')
    const listed = (await scene.ask(root, '/v1/keys')).body.items.find((one: { id: string }) => one.id === id)
    expect(listed).toEqual({
      id,
      user: 'cho',
      role: 'researcher',
      note: 'laptop',
      created_at_ms: wallMs,
      expires_at_ms: expires,
      revoked_at_ms: null,
      last_used_at_ms: wallMs,
      replaces: null,
    })

    wallMs += 1000
    expect((await scene.ask(root, { method: 'DELETE', url: `/v1/keys/${id}` })).body.revoked_at_ms).toBe(wallMs)
    const refused = await scene.ask(key, '/v1/me')
    expect([refused.status, refused.body.code]).toEqual([401, 'ERR_KEY_EXPIRED'])
    const unknown = await scene.ask(root, { method: 'DELETE', url: '/v1/keys/nobody' })
    expect([unknown.status, unknown.body.code]).toEqual([404, 'ERR_KEY_NOT_FOUND'])
  })

  it('is rotated: both are good for the overlap, then only the new one, which ends when the old one would have', async () => {
    const root = await scene.keyFor('root', 'administrator')
    const old = await scene.keys.create({
      user: 'cho',
      role: 'planner',
      note: 'ci',
      expires_at_ms: wallMs + 90 * DAY_MS,
    })
    const url = `/v1/keys/${old.stored.id}/rotate`
    const made = await scene.ask(root, { url, payload: { overlap_ms: 2 * DAY_MS } })
    expect([made.status, made.headers['cache-control']]).toEqual([201, 'no-store'])
    expect(made.body).toMatchObject({
      user: 'cho',
      role: 'planner',
      note: 'ci',
      expires_at_ms: wallMs + 90 * DAY_MS,
      replaces: old.stored.id,
    })
    const codes = async () => [
      (await scene.ask(old.key, '/v1/me')).body.code ?? 'good',
      (await scene.ask(made.body.key, '/v1/me')).body.code ?? 'good',
    ]
    wallMs += 2 * DAY_MS - 1
    expect(await codes()).toEqual(['good', 'good'])
    wallMs += 1
    expect(await codes()).toEqual(['ERR_KEY_EXPIRED', 'good'])
    const again = await scene.ask(root, { url, payload: {} })
    expect([again.status, again.body.code]).toEqual([409, 'ERR_KEY_ENDED'])
    wallMs += 88 * DAY_MS
    expect(await codes()).toEqual(['ERR_KEY_EXPIRED', 'ERR_KEY_EXPIRED'])
  })

  it('is rotated at once where its secret is known to others, and for a day where nothing is said', async () => {
    const root = await scene.keyFor('root', 'administrator')
    const [lost, old] = [
      await scene.keys.create({ user: 'cho', role: 'planner' }),
      await scene.keys.create({ user: 'cho', role: 'planner' }),
    ]
    await scene.ask(root, { url: `/v1/keys/${lost.stored.id}/rotate`, payload: { overlap_ms: 0 } })
    await scene.ask(root, { method: 'POST', url: `/v1/keys/${old.stored.id}/rotate` })
    expect((await scene.ask(lost.key, '/v1/me')).body.code).toBe('ERR_KEY_EXPIRED')
    wallMs += DAY_MS - 1
    expect((await scene.ask(old.key, '/v1/me')).status).toBe(200)
  })

  it('that is revoked while it is rotated stays revoked', async () => {
    const { stored } = await scene.keys.create({ user: 'cho', role: 'planner' })
    await scene.keys.revoke(stored.id)
    // Read before the other administrator was there.
    await scene.keys.rotate(stored, DAY_MS)
    expect((await scene.credentials.key(stored.id))?.revokedAtMs).toBe(wallMs)
  })

  it('is made once, however often the same request comes with its Idempotency-Key, and shown once', async () => {
    const root = await scene.keyFor('root', 'administrator')
    const create = (payload: object) =>
      scene.ask(root, { url: '/v1/keys', payload, headers: { 'idempotency-key': 'k-1', 'accept-language': 'en' } })
    const answers = await Promise.all(Array.from({ length: 5 }, () => create({ user: 'cho', role: 'researcher' })))
    const [made] = answers.filter(({ status }) => status === 201)
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(4)
    const again = await create({ user: 'cho', role: 'researcher' })
    expect([again.status, again.body.code, again.body.detail]).toEqual([
      409,
      'ERR_KEY_SHOWN',
      `It made the key ${made!.body.id}.`,
    ])
    expect(again.text).not.toContain(made!.body.key.split('_').slice(2).join('_'))
    expect((await create({ user: 'cho', role: 'planner' })).body.code).toBe('ERR_IDEMPOTENCY_MISMATCH')
    const ofCho = (await scene.ask(root, '/v1/keys')).body.items.filter((key: { user: string }) => key.user === 'cho')
    expect(ofCho).toHaveLength(1)
  })

  it('ends at its time', async () => {
    const { key } = await scene.keys.create({ user: 'ada', role: 'researcher', expires_at_ms: wallMs + 1000 })
    expect((await scene.ask(key, '/v1/me')).status).toBe(200)
    wallMs += 1000
    expect((await scene.ask(key, '/v1/me')).body.code).toBe('ERR_KEY_EXPIRED')
  })
})

describe('a browser', () => {
  async function signIn(): Promise<string> {
    const root = await scene.keyFor('ada')
    const { status, body } = await scene.ask(root, { method: 'POST', url: '/v1/sign-in-links' })
    expect([status, body.expires_at_ms]).toEqual([201, wallMs + 600_000])
    const link = new URL(body.url)
    expect(link.origin).toBe('http://localhost')
    const page = await scene.ask(null, { url: `${link.pathname}${link.search}`, headers: { accept: 'text/html' } })
    expect(page.status).toBe(200)
    const set = String(page.headers['set-cookie'])
    expect(set).toContain('HttpOnly')
    expect(set).toContain('SameSite=Strict')
    expect(set).toContain('Path=/')
    const again = await scene.ask(null, `${link.pathname}${link.search}`)
    expect([again.status, again.body.code]).toEqual([401, 'ERR_SIGN_IN_LINK'])
    return set.split(';')[0]!
  }

  it('is signed in once by a link, until it signs out', async () => {
    const session = await signIn()
    expect((await scene.ask(null, { url: '/v1/me', headers: { cookie: session } })).body).toMatchObject({ user: 'ada' })
    const origin = { cookie: session, origin: 'http://localhost' }
    expect((await scene.ask(null, { method: 'POST', url: '/v1/sign-out', headers: origin })).status).toBe(204)
    expect((await scene.ask(null, { url: '/v1/me', headers: { cookie: session } })).body.code).toBe('ERR_NO_KEY')
  })

  it('is signed out when its key is revoked, and after half a day', async () => {
    const session = await signIn()
    const [{ id } = { id: '' }] = await scene.credentials.keys()
    const later = await signIn()
    await scene.keys.revoke(id)
    expect((await scene.ask(null, { url: '/v1/me', headers: { cookie: session } })).status).toBe(401)
    wallMs += DAY_MS / 2
    expect((await scene.ask(null, { url: '/v1/me', headers: { cookie: later } })).status).toBe(401)
  })

  it.each([
    ['no Origin', {}],
    ['another site', { origin: 'https://evil.example' }],
    ['another port', { origin: 'http://localhost:9' }],
    ['an opaque one', { origin: 'null' }],
  ])('changes nothing by cookie from %s', async (_, headers) => {
    const cookie = await signIn()
    const refused = await scene.ask(null, { url: '/v1/jobs', payload: {}, headers: { cookie, ...headers } })
    expect([refused.status, refused.body.code]).toEqual([403, 'ERR_FOREIGN_ORIGIN'])
    const taken = await scene.ask(null, {
      url: '/v1/jobs',
      payload: {},
      headers: { cookie, origin: 'http://localhost' },
    })
    expect(taken.status).toBe(202)
  })

  it.each(['evil.example', 'localhost.evil.example', '192.168.0.7'])('that calls us %j is refused', async (host) => {
    const answer = await scene.ask(null, { url: '/livez', headers: { host } })
    expect([answer.status, answer.body.code]).toEqual([400, 'ERR_HOST_NOT_ALLOWED'])
  })

  it.each(['localhost:8080', '127.0.0.1', '[::1]:8080', 'DURE.example'])('may call us %j', async (host) => {
    expect((await scene.ask(null, { url: '/livez', headers: { host } })).status).toBe(200)
  })

  it('is told what a page may load: nothing from elsewhere, no script in the page', async () => {
    const { headers } = await scene.ask(null, '/')
    const policy = String(headers['content-security-policy'])
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self';")
    expect(policy).not.toContain('unsafe')
    expect(headers['x-content-type-options']).toBe('nosniff')
    const docs = await scene.ask(null, '/docs/')
    expect(docs.text).not.toMatch(/(src|href)="https?:/)
    expect(String(docs.headers['content-security-policy'])).toMatch(/script-src 'self' 'sha256-[\w+/]{43}='/)
  })
})

// Sign-in codes are found by their hash alone.
it('knows no session by the cookie’s name alone', async () => {
  const answer = await scene.ask(null, { url: '/v1/me', headers: { cookie: `${SESSION_COOKIE}=anything` } })
  expect([answer.status, answer.body.code]).toEqual([401, 'ERR_NO_KEY'])
})
