import { createHmac, generateKeyPairSync, sign as signBytes } from 'node:crypto'
import { type Client, createClient, type ReceivedEvent } from '@dure/client'
import { IssuerFile } from '@dure/contract'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type LocalIssuer, startIssuer } from './testing/local-issuer.ts'
import { openScene, type Scene, START_MS } from './testing/scene.ts'
import { issuerTokens } from './tokens.ts'

const AUDIENCE = 'dure-center'
const nowMs = START_MS
const nowS = nowMs / 1000

let issuer: LocalIssuer
let scene: Scene
const warnings: string[] = []

beforeAll(async () => {
  issuer = await startIssuer()
})
afterAll(() => issuer.close())
beforeEach(() => openWith({}))
afterEach(() => scene.close())

const fileOf = (more: Partial<IssuerFile> = {}): IssuerFile =>
  IssuerFile.parse({
    issuer: issuer.name,
    audience: AUDIENCE,
    jwks: issuer.jwksUrl,
    user: 'preferred_username',
    roles: [
      { claim: 'realm.roles', has: 'dure-root', role: 'administrator' },
      { claim: 'groups', has: 'operators', role: 'operator' },
      { claim: 'groups', has: 'audit', role: 'auditor' },
    ],
    default_role: 'researcher',
    ...more,
  })

async function openWith(more: Partial<IssuerFile>, ages: { keysAgeMs?: number; askAgainMs?: number } = {}) {
  warnings.length = 0
  const tokens = issuerTokens(fileOf(more), { nowMs: () => nowMs, warn: (_, what) => warnings.push(what), ...ages })
  scene = await openScene({ tokens, wallMs: () => nowMs })
}

const claims = (more: object = {}) => ({
  iss: issuer.name,
  aud: AUDIENCE,
  sub: '7f0c',
  iat: nowS - 10,
  exp: nowS + 300,
  preferred_username: 'ada',
  ...more,
})
const me = (token: string) => scene.ask(token, '/v1/me')
const code = async (token: string) => {
  const { status, body } = await me(token)
  return [status, body.code]
}

describe('a token of the issuer', () => {
  it('is as good as a key of its user', async () => {
    const answer = await me(await issuer.sign(claims()))
    expect([answer.status, answer.body]).toEqual([
      200,
      { user: 'ada', role: 'researcher', accounts: ['lab'], jobs_pending: 0, jobs_running: 0 },
    ])
    const submitted = await scene.ask(await issuer.sign(claims()), { url: '/v1/jobs', payload: {} })
    expect(submitted.status).toBe(202)
  })

  it('may name several audiences, ours among them', async () => {
    expect((await me(await issuer.sign(claims({ aud: ['elsewhere', AUDIENCE] })))).status).toBe(200)
  })

  it.each<[string, object, string]>([
    ['in a list of groups', { groups: ['users', 'operators'] }, 'operator'],
    ['in a claim within a claim', { realm: { roles: ['dure-root'] }, groups: ['audit'] }, 'administrator'],
    ['as the only text', { groups: 'audit' }, 'auditor'],
    ['by another name than its own', { groups: ['operator', 'administrators'], role: 'administrator' }, 'researcher'],
    ['as a part of a text', { groups: 'not-operators, operators' }, 'researcher'],
  ])('gives the role that the file reads %s', async (_, more, role) => {
    expect((await me(await issuer.sign(claims(more)))).body.role).toBe(role)
  })

  it('lets nobody in who has no role, where the file gives none by default', async () => {
    await scene.close()
    await openWith({ default_role: undefined })
    expect(await code(await issuer.sign(claims()))).toEqual([403, 'ERR_NO_ROLE'])
    expect((await me(await issuer.sign(claims({ groups: ['audit'] })))).status).toBe(200)
  })

  it('speaks for the accounts it names, where the file reads them, and never for others of somebody else', async () => {
    await scene.close()
    await openWith({ accounts: { claim: 'groups', prefix: 'dure/' } })
    const mina = await issuer.sign(
      claims({ preferred_username: 'mina', groups: ['dure/firm', 'dure/elsewhere', 'lab'] }),
    )
    expect((await me(mina)).body.accounts).toEqual(['firm'])
    const charged = await scene.ask(mina, { url: '/v1/jobs', payload: {} })
    const refused = await scene.ask(mina, { url: '/v1/jobs', payload: { account: 'lab' } })
    expect([charged.status, refused.status, refused.body.code]).toEqual([202, 422, 'ERR_UNKNOWN_ACCOUNT'])
    const other = await issuer.sign(claims({ preferred_username: 'mina', groups: ['dure/lab'] }))
    expect((await scene.ask(other, `/v1/jobs/${charged.body.id}`)).status).toBe(404)
    expect((await scene.ask(mina, `/v1/jobs/${charged.body.id}`)).body.account).toBe('firm')
    const ada = await issuer.sign(claims({ groups: ['dure/firm'] }))
    expect((await me(ada)).body.accounts).toEqual([])
    expect((await scene.ask(ada, { url: '/v1/jobs', payload: {} })).body.code).toBe('ERR_UNKNOWN_ACCOUNT')
  })

  it('hears of the accounts it names and of no others, beside a reader who is the same and hears of all', async () => {
    await scene.close()
    await openWith({ accounts: { claim: 'groups', prefix: 'dure/' } })
    const url = await scene.server.listen({ port: 0, host: '127.0.0.1' })
    const mina = await scene.keyFor('mina')
    const token = await issuer.sign(claims({ preferred_username: 'mina', groups: ['dure/firm'] }))
    const over = new AbortController()
    // Whoever hears of all is told first.
    const [ofAll, ofFirm] = [mina, token].map((key) =>
      createClient({ url, key }).followEvents({ after: scene.model.revision, only: 'commit', signal: over.signal }),
    )
    const heard = async (events: ReturnType<Client['followEvents']> | undefined) => {
      const { value } = (await events!.next()) as { value: ReceivedEvent | undefined }
      return value?.event === 'commit' ? value.data.changes.map((change) => 'account' in change && change.account) : []
    }
    const first = heard(ofAll)
    const firstOfFirm = heard(ofFirm)
    await expect
      .poll(() => scene.server.inject('/metrics').then(({ payload }) => payload))
      .toMatch(/dure_sse_clients 2\b/)
    await scene.ask(mina, { url: '/v1/jobs', payload: { account: 'lab' } })
    await scene.takeUp(START_MS + 1, 1)
    expect(new Set(await first)).toEqual(new Set(['lab']))
    await scene.ask(mina, { url: '/v1/jobs', payload: { account: 'firm' } })
    await scene.takeUp(START_MS + 2, 1)
    expect(new Set(await firstOfFirm)).toEqual(new Set(['firm']))
    over.abort()
  })

  it('opens no session, which would outlive it', async () => {
    const token = await issuer.sign(claims())
    const { status, body } = await scene.ask(token, { method: 'POST', url: '/v1/sign-in-links' })
    expect([status, body.code]).toEqual([403, 'ERR_KEY_NEEDED'])
  })
})

describe('a token is refused', () => {
  it.each<[string, object, string]>([
    ['after its end', { exp: nowS - 31 }, 'ERR_TOKEN_EXPIRED'],
    ['before its beginning', { nbf: nowS + 31 }, 'ERR_BAD_TOKEN'],
    ['that was issued in the future', { iat: nowS + 31 }, 'ERR_BAD_TOKEN'],
    ['that was issued too long ago', { iat: nowS - 43_231, exp: nowS + 86_400 }, 'ERR_TOKEN_EXPIRED'],
    ['without an end', { exp: undefined }, 'ERR_BAD_TOKEN'],
    ['without a beginning', { iat: undefined }, 'ERR_BAD_TOKEN'],
    ['of another issuer', { iss: 'https://elsewhere.example' }, 'ERR_BAD_TOKEN'],
    ['for another audience', { aud: 'another-service' }, 'ERR_BAD_TOKEN'],
    ['without an audience', { aud: undefined }, 'ERR_BAD_TOKEN'],
    ['without a user', { preferred_username: undefined }, 'ERR_BAD_TOKEN'],
    ['for a user whose name is none', { preferred_username: 'ada" or "1' }, 'ERR_BAD_TOKEN'],
    ['for a user who is a list', { preferred_username: ['ada'] }, 'ERR_BAD_TOKEN'],
  ])('%s', async (_, more, expected) => {
    const answer = await me(await issuer.sign(claims(more)))
    expect([answer.status, answer.body.code]).toEqual([401, expected])
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="dure", error="invalid_token"')
  })

  it.each<[string, object]>([
    ['after its end', { exp: nowS - 29 }],
    ['before its beginning', { nbf: nowS + 29 }],
  ])('not %s by as much as clocks may be apart', async (_, more) => {
    expect((await me(await issuer.sign(claims(more)))).status).toBe(200)
  })

  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const pem = (): string => {
    // What somebody would take for a shared secret who lets the token choose how it is checked.
    const { n = '', e = '' } = issuer.publicKey()
    return `${n}.${e}`
  }
  it.each<[string, (body: string) => string]>([
    ['unsigned', (body) => `${part({ alg: 'none' })}.${body}.`],
    ['unsigned with a signature', (body) => `${part({ alg: 'none' })}.${body}.AAAA`],
    [
      'signed with the public key as a secret',
      (body) => {
        const head = `${part({ alg: 'HS256', kid: issuer.publicKey().kid })}.${body}`
        return `${head}.${createHmac('sha256', pem()).update(head).digest('base64url')}`
      },
    ],
    [
      'signed with a key that it brings along',
      (body) => {
        const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
        const head = `${part({ alg: 'RS256', kid: issuer.publicKey().kid, jwk: publicKey.export({ format: 'jwk' }), jku: 'http://127.0.0.1:1/' })}.${body}`
        return `${head}.${signBytes('sha256', Buffer.from(head), privateKey).toString('base64url')}`
      },
    ],
    [
      'with a head that asks for more than we know',
      (body) => `${part({ alg: 'RS256', kid: issuer.publicKey().kid, crit: ['exp'] })}.${body}.AAAA`,
    ],
    ['with a head that is no object', (body) => `${Buffer.from('[]').toString('base64url')}.${body}.AAAA`],
  ])('%s', async (_, forge) => {
    const token = forge(part(claims({ groups: ['operators'] })))
    expect([401, (await me(token)).body.code]).toEqual([401, token.endsWith('.') ? 'ERR_BAD_KEY' : 'ERR_BAD_TOKEN'])
  })

  it('a thousand times over, whatever is changed in one that is good', async () => {
    const good = await issuer.sign(claims())
    const [head = '', body = '', signature = ''] = good.split('.')
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const accepted: string[] = []
    for (let i = 0; i < 1000; i += 1) {
      const parts = [head, body, signature]
      const which = i % 3
      const text = parts[which]!
      // The last letter carries bits that mean nothing: a change there is none.
      const at = (i * 7919) % (text.length - 1)
      const letter = letters[(letters.indexOf(text[at]!) + 1 + (i % 63)) % 64]!
      parts[which] = text.slice(0, at) + letter + text.slice(at + 1)
      if ((await me(parts.join('.'))).status !== 401) accepted.push(parts.join('.'))
    }
    expect(accepted).toEqual([])
    expect((await me(good)).status).toBe(200)
  })

  it('without saying again what was sent', async () => {
    const answer = await me(await issuer.sign(claims({ aud: 'a-secret-audience' })))
    expect(answer.body.detail).toBe('토큰이 거부되었습니다: aud 값이 여기에서 기대하는 값이 아닙니다.')
    expect(answer.text).not.toContain('a-secret-audience')
  })
})

describe('the keys of the issuer', () => {
  it('are fetched once for many tokens, and again when one is signed with a key that is new', async () => {
    await scene.close()
    await openWith({}, { askAgainMs: 0 })
    const before = issuer.asked
    const old = await issuer.sign(claims())
    for (let i = 0; i < 20; i += 1) expect((await me(old)).status).toBe(200)
    expect(issuer.asked - before).toBe(1)
    await issuer.rotate({ keeping: true })
    expect((await me(await issuer.sign(claims()))).status).toBe(200)
    expect((await me(old)).status).toBe(200)
    expect(issuer.asked - before).toBe(2)
  })

  it('count no more once they are off its list, as soon as that is read anew', async () => {
    await scene.close()
    await openWith({}, { askAgainMs: 0, keysAgeMs: 0 })
    const old = await issuer.sign(claims())
    expect((await me(old)).status).toBe(200)
    await issuer.rotate({ keeping: false })
    await vi.waitFor(async () => expect(await code(old)).toEqual([401, 'ERR_BAD_TOKEN']))
  })

  it('are not asked for again and again by tokens of unknown keys', async () => {
    await me(await issuer.sign(claims()))
    const before = issuer.asked
    const stranger = await startIssuer()
    for (let i = 0; i < 20; i += 1) {
      await stranger.rotate({ keeping: false })
      expect(await code(await stranger.sign(claims()))).toEqual([401, 'ERR_BAD_TOKEN'])
    }
    await stranger.close()
    expect(issuer.asked).toBe(before)
  })

  it('are kept while it does not answer; without any the token has to wait, and says so', async () => {
    await scene.close()
    await openWith({}, { keysAgeMs: 0 })
    const token = await issuer.sign(claims())
    expect((await me(token)).status).toBe(200)
    issuer.fallSilent()
    for (let i = 0; i < 3; i += 1) expect((await me(token)).status).toBe(200)
    await vi.waitFor(() => expect(warnings).toContain('the keys of the issuer were not renewed; the old ones are kept'))

    await scene.close()
    await openWith({})
    const before = issuer.asked
    for (let i = 0; i < 3; i += 1) {
      const answer = await me(token)
      expect([answer.status, answer.body.code, answer.headers['retry-after']]).toEqual([
        503,
        'ERR_ISSUER_UNAVAILABLE',
        '5',
      ])
    }
    // One attempt, and then none for a while.
    expect(issuer.asked - before).toBe(1)
    expect((await me(await scene.keyFor('ada'))).status).toBe(200)
    issuer.answer()
  })
})
