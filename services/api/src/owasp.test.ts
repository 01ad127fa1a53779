// The OWASP API Security Top 10 (2023), row by row: what this interface promises of each risk. What a row says of tokens, keys and
// browsers in detail is in the tests beside their sources.

import { once } from 'node:events'
import { createServer } from 'node:net'
import { type AuditedAct, Livez, Role, readScenario } from '@dure/contract'
import { scenarioText } from '@dure/contract/scenarios'
import { studyOf } from '@dure/study'
import Fastify, { type InjectOptions } from 'fastify'
import { serializerCompiler } from 'fastify-type-provider-zod'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { answers } from './openapi.ts'
import { expectedAccess, undocumented } from './testing/expected-access.ts'
import { startIssuer } from './testing/local-issuer.ts'
import { openScene, type Scene, START_MS } from './testing/scene.ts'
import { issuerTokens } from './tokens.ts'
import { validatorCompiler } from './trouble.ts'

const HOUR_MS = 3_600_000
const SECRET_NAME = 'secret-plan-of-cho'

let scene: Scene
beforeEach(async () => {
  scene = await openScene({ wallMs: () => START_MS })
})
afterEach(() => scene.close())

interface Documented {
  readonly paths: Record<string, Record<string, Operation>>
}
interface Operation {
  readonly parameters?: readonly { in: string; name: string; schema: JsonSchema }[]
  readonly requestBody?: { content: { 'application/json': { schema: JsonSchema } } }
  readonly responses: Record<string, { content?: Record<string, { schema: JsonSchema }> }>
}
interface JsonSchema {
  readonly type?: string | string[]
  readonly properties?: Record<string, JsonSchema>
  readonly additionalProperties?: boolean | JsonSchema
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly format?: string
}

const document = async (): Promise<Documented> => (await scene.ask(null, '/openapi.json')).body

/** Of one user each that `ada` of the lab may be, or may have nothing to do with. */
interface Belongings {
  readonly job: number
  readonly key: string
  readonly study: string
}

/** A job that runs, a key and a study of one user. */
async function belongingsOf(user: string, name: string): Promise<Belongings> {
  const { stored, key } = await scene.keys.create({ user, role: 'researcher' })
  const { body } = await scene.ask(key, { url: '/v1/jobs', payload: { name, comment: name } })
  await scene.takeUp(START_MS, 1)
  const study = `s${Buffer.from(user.padEnd(16, '-')).toString('hex')}`
  await scene.ports.studies.begin({ id: study, askedBy: user, askedAtMs: START_MS, study: tinyStudy })
  return { job: body.id, key: stored.id, study }
}

const tinyScenario = {
  name: 'tiny',
  date: '2030-01-07',
  days: 2,
  pools: [
    {
      name: 'h100',
      model: 'H100',
      nodes: 8,
      accelerators_per_node: 8,
      cpus_per_node: 96,
      memory_per_node: '2TiB',
      assumed: true,
    },
  ],
  accounts: [{ name: 'univ', users: ['kim'] }],
  demand: { load: 0.8 },
  study: { sweep: [{ field: 'demand.load', values: [0.4] }], seeds: 1 },
}
const tinyStudy = (() => {
  const read = readScenario(scenarioText('tiny', JSON.stringify(tinyScenario)))
  const study = read.ok ? studyOf(read.scenario) : read
  if (!('study' in study)) throw new Error(JSON.stringify(study))
  return study.study
})()

const goodBodies: Readonly<Record<string, object>> = {
  'POST /v1/jobs': {},
  'POST /v1/power-cap': { cap_w: null },
  // Whoever may ask is told what is wrong with it, before a thread begins to look.
  'POST /v1/studies': { scenario: '' },
  'POST /v1/keys': { user: 'dan', role: 'researcher' },
}

function requestOf(method: string, url: string, { job, key, study }: Belongings): InjectOptions {
  const id = url.includes('/jobs/') ? job : url.includes('/keys/') ? key : url.includes('/studies/') ? study : 'h100-1'
  const payload = goodBodies[`${method} ${url}`]
  return {
    method: method as 'GET',
    url: url.replace('{id}', String(id)),
    ...(payload !== undefined && { payload }),
  }
}

describe('API1 broken object level authorization', () => {
  // A stream has no end; what it tells whom is in events.test.ts.
  const routes = expectedAccess.filter(({ roles, url }) => roles !== 'public' && url !== '/v1/events')
  const isAboutOne = (kind: string, url: string): boolean => url.startsWith(`/v1/${kind}/{id}`)

  /** By what the roles are for, and by nothing that the API says of itself. */
  function expected(method: string, url: string, role: Role, whose: 'own' | 'other'): number | 'allowed' {
    const access = expectedAccess.find((one) => one.method === method && one.url === url)
    if (!access?.roles.includes(role)) return 403
    const isTenant = role === 'researcher' || role === 'planner'
    if (whose === 'own' || !isTenant) return 'allowed'
    if (isAboutOne('jobs', url)) return 404
    // Planners see each other's studies, and end only their own.
    return isAboutOne('studies', url) && method === 'DELETE' ? 403 : 'allowed'
  }

  it.each(Role.options)('the whole matrix of routes and belongings, as a %s', async (role) => {
    const belongings = { own: await belongingsOf('ada', 'own'), other: await belongingsOf('cho', SECRET_NAME) }
    const seen: Record<string, number | 'allowed'> = {}
    const wanted: typeof seen = {}
    for (const { method, url } of routes) {
      for (const whose of ['own', 'other'] as const) {
        // Each with a key of its own: the matrix revokes some.
        const key = await scene.keyFor('ada', role)
        const answer = await scene.ask(key, requestOf(method, url, belongings[whose]))
        const name = `${method} ${url} ${whose}`
        const isRefused = [401, 403, 404].includes(answer.status)
        expect([name, answer.status < 500]).toEqual([name, true])
        seen[name] = isRefused ? answer.status : 'allowed'
        wanted[name] = expected(method, url, role, whose)
        if (role === 'researcher' || role === 'planner') expect([name, answer.text]).not.toContain(SECRET_NAME)
        if (wanted[name] === 404) expect(answer.body.code).toBe('ERR_JOB_NOT_FOUND')
      }
    }
    expect(seen).toEqual(wanted)
    expect(Object.keys(seen)).toHaveLength(2 * routes.length)
  })

  it('what is not there and what is somebody else’s are told apart by nothing', async () => {
    const { job } = await belongingsOf('cho', SECRET_NAME)
    const ada = await scene.keyFor('ada')
    const answerTo = async (id: number) => {
      const { status, body } = await scene.ask(ada, `/v1/jobs/${id}`)
      return { status, ...body, instance: null, request_id: null, detail: body.detail.replace(String(id), 'N') }
    }
    expect(await answerTo(job)).toEqual(await answerTo(999_999))
  })
})

describe('API2 broken authentication', () => {
  it('takes none of a thousand keys that nobody has made', async () => {
    const { key, stored } = await scene.keys.create({ user: 'ada', role: 'administrator' })
    const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_'
    let accepted = 0
    for (let i = 0; i < 1000; i += 1) {
      const at = key.length - 1 - (i % 43)
      const letter = letters[(letters.indexOf(key[at]!) + 1 + (i % 63)) % 64]
      const forged = key.slice(0, at) + letter + key.slice(at + 1)
      if ((await scene.keys.recognize(forged)).kind === 'caller') accepted += 1
    }
    expect(accepted).toBe(0)
    expect((await scene.keys.recognize(`dure_${stored.id}_${'A'.repeat(43)}`)).kind).toBe('unknown')
    expect((await scene.keys.recognize(key)).kind).toBe('caller')
  })

  it('tells by its time nothing of how much of a key was right', async () => {
    const { key } = await scene.keys.create({ user: 'ada', role: 'researcher' })
    const [first, last] = [key.lastIndexOf('_') + 1, key.length - 1]
    const wrongAt = (at: number) => key.slice(0, at) + (key[at] === 'A' ? 'B' : 'A') + key.slice(at + 1)
    const forged = [wrongAt(first), wrongAt(last)]
    async function welchT(): Promise<number> {
      const times: [number[], number[]] = [[], []]
      for (let i = 0; i < 4000; i += 1) {
        const startMs = performance.now()
        await scene.keys.recognize(forged[i % 2]!)
        times[i % 2 === 0 ? 0 : 1].push(performance.now() - startMs)
      }
      // Without the slowest tenth: the machine has other work.
      const [a, b] = times.map((all) => all.toSorted((x, y) => x - y).slice(0, all.length * 0.9))
      const mean = (all: number[]) => all.reduce((sum, x) => sum + x, 0) / all.length
      const spread = (all: number[]) => all.reduce((sum, x) => sum + (x - mean(all)) ** 2, 0) / all.length / all.length
      return Math.abs(mean(a!) - mean(b!)) / Math.sqrt(spread(a!) + spread(b!))
    }
    await welchT()
    const ts = [await welchT(), await welchT(), await welchT()]
    expect(Math.min(...ts)).toBeLessThan(3)
  })
})

describe('API3 broken object property level authorization', () => {
  const sneaky: readonly (readonly [string, unknown])[] = [
    ['role', 'administrator'],
    ['priority', 1_000_000],
    ['tenantId', 'lab'],
    ['id', 1],
    ['state', 'RUNNING'],
    ['constructor', {}],
  ]

  it('takes no field that a route does not name, in a body or in a query', async () => {
    const belongings = await belongingsOf('ada', 'own')
    const root = await scene.keyFor('root', 'administrator')
    const taken: string[] = []
    const { paths } = await document()
    for (const { method, url, roles } of expectedAccess) {
      if (roles === 'public' || url === '/v1/events') continue
      const { parameters = [], requestBody } = paths[url]![method.toLowerCase()]!
      const own = requestBody?.content['application/json'].schema
      for (const [field, value] of sneaky) {
        const request = requestOf(method, url, belongings)
        // Jobs are asked for by their state.
        if (!parameters.some(({ name }) => name === field)) {
          const asked = await scene.ask(root, { ...request, url: `${request.url}?${field}=${String(value)}` })
          if (asked.status !== 400) taken.push(`${method} ${url}?${field}: ${asked.status}`)
        }
        if (method === 'GET') continue
        // A key has a role, which is what it is about.
        if (Object.hasOwn(own?.properties ?? {}, field)) continue
        const sent = await scene.ask(root, { ...request, payload: { ...(request.payload as object), [field]: value } })
        if (sent.status !== 400) taken.push(`${method} ${url} ${field}: ${sent.status}`)
      }
    }
    expect(taken).toEqual([])
  })

  it('gives out nothing that an answer’s schema does not name', async () => {
    const app = Fastify()
    app.setValidatorCompiler(validatorCompiler as never)
    app.setSerializerCompiler(serializerCompiler)
    app.get('/', { schema: { response: answers(200, Livez.extend({ items: z.array(Livez) })) } }, async () => {
      const one = { status: 'ok', secretHash: 'abc' }
      return { ...one, items: [one] }
    })
    expect((await app.inject('/')).json()).toEqual({ status: 'ok', items: [{ status: 'ok' }] })
    await app.close()
  })

  it('has a schema for every JSON answer, and its objects are closed', async () => {
    const open: string[] = []
    const isClosed = (schema: JsonSchema, path: string): void => {
      if (schema.properties !== undefined && schema.additionalProperties !== false) open.push(path)
      for (const [name, inner] of Object.entries(schema.properties ?? {})) isClosed(inner, `${path}.${name}`)
      if (schema.items !== undefined) isClosed(schema.items, `${path}[]`)
      for (const inner of [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) isClosed(inner, path)
    }
    const without: string[] = []
    for (const [url, methods] of Object.entries((await document()).paths)) {
      for (const [method, { responses }] of Object.entries(methods)) {
        const good = Object.entries(responses).filter(([status]) => /^2/.test(status))
        const schemas = good.flatMap(([, { content }]) => Object.values(content ?? {}).map(({ schema }) => schema))
        if (schemas.length === 0) without.push(`${method.toUpperCase()} ${url}`)
        for (const schema of schemas) isClosed(schema, `${method.toUpperCase()} ${url}`)
      }
    }
    // Rows of results have a column for each field that a study turns, and numbers only in them.
    expect(open).toEqual(['GET /v1/studies/{id}/results[]'])
    // A stream of events, an empty answer, and a page.
    expect(without.sort()).toEqual(['GET /v1/events', 'GET /v1/studies/{id}/report', 'POST /v1/sign-out'])
  })
})

describe('API4 unrestricted resource consumption', () => {
  it.each<[string, InjectOptions, number]>([
    ['a body over 64 KiB', { payload: { comment: 'x'.repeat(70_000) } }, 413],
    [
      'a deep body',
      { payload: `${'['.repeat(20_000)}${']'.repeat(20_000)}`, headers: { 'content-type': 'application/json' } },
      400,
    ],
    [
      'a body of many fields',
      { payload: Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`f${i}`, 1])) },
      400,
    ],
    ['a page of more than 200', { method: 'GET', url: '/v1/jobs?limit=201' }, 400],
    [
      'a list of more pools than there may be',
      { payload: { pools: Array.from({ length: 65 }, (_, i) => `p${i}`) } },
      400,
    ],
    ['a long id', { method: 'GET', url: `/v1/jobs/${'1'.repeat(500)}` }, 404],
  ])('refuses %s, in a second and in few words', async (_, request, status) => {
    const startMs = performance.now()
    const answer = await scene.ask(await scene.keyFor('ada'), { url: '/v1/jobs', ...request })
    expect(answer.status).toBe(status)
    expect(performance.now() - startMs).toBeLessThan(1000)
    expect(answer.text.length).toBeLessThan(20_000)
  })

  it('refuses long headers, and a body that does not say how long it is', async () => {
    const url = await scene.server.listen({ port: 0, host: '127.0.0.1' })
    const authorization = `Bearer ${await scene.keyFor('ada')}`
    const long = await fetch(`${url}/v1/me`, { headers: { authorization, 'x-long': 'x'.repeat(20_000) } })
    expect([long.status, ((await long.json()) as { code: string }).code]).toEqual([431, 'ERR_HEADERS_TOO_LARGE'])
    const endless = new ReadableStream({ pull: (stream) => stream.enqueue(new Uint8Array(8192).fill(32)) })
    const sent = fetch(`${url}/v1/jobs`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: endless,
      duplex: 'half',
    } as RequestInit)
    expect(
      await sent.then(
        ({ status }) => status,
        () => 'cut off',
      ),
    ).toSatisfy((end) => end === 413 || end === 'cut off')
  })

  it('waits for nobody for ever', () => {
    const { server } = scene.server
    expect({
      headersMs: server.headersTimeout,
      requestMs: server.requestTimeout,
      idleMs: server.keepAliveTimeout,
      bodyBytes: scene.server.initialConfig.bodyLimit,
    }).toEqual({ headersMs: 10_000, requestMs: 15_000, idleMs: 10_000, bodyBytes: 65_536 })
  })
})

describe('API5 broken function level authorization', () => {
  it('has every route in a list with its roles, and none that is not in the list written by hand', () => {
    const registered = scene.routes
      .filter(({ method }) => method !== 'HEAD' && method !== 'OPTIONS')
      .map(({ method, url, access }) => [`${method} ${url.replaceAll(/:(\w+)/g, '{$1}')}`, access])
    const byHand = [
      ...expectedAccess.map(({ method, url, roles }) => [`${method} ${url}`, roles]),
      ...Object.entries(undocumented),
    ]
    expect(Object.fromEntries(registered)).toEqual(Object.fromEntries(byHand))
  })

  it('does nothing by another way of writing the same address or method', async () => {
    const ada = await scene.keyFor('ada')
    const { stored } = await scene.keys.create({ user: 'cho', role: 'researcher' })
    for (const request of [
      { method: 'DELETE', url: `//v1/keys/${stored.id}` },
      { method: 'DELETE', url: `/v1/keys/${stored.id}/` },
      { method: 'DELETE', url: `/V1/KEYS/${stored.id}` },
      { method: 'DELETE', url: `/v1/./keys/${stored.id}` },
      { method: 'DELETE', url: `/v1/%6beys/${stored.id}` },
      { method: 'GET', url: `/v1/keys/${stored.id}`, headers: { 'x-http-method-override': 'DELETE' } },
      { method: 'POST', url: `/v1/keys/${stored.id}?_method=DELETE` },
    ] as const) {
      expect([request.url, (await scene.ask(ada, request)).status]).toSatisfy(([, status]: [string, number]) =>
        [403, 404, 405].includes(status),
      )
    }
    expect((await scene.keys.find(stored.id))?.revokedAtMs).toBeNull()
  })

  it('leaves what was refused out of the audit trail’s acts, and undone', async () => {
    const ada = await scene.keyFor('ada', 'planner')
    for (const url of ['/v1/nodes/h100-1/drain', '/v1/power-cap', '/v1/keys'])
      expect((await scene.ask(ada, { url, payload: {} })).status).toBe(403)
    const audit = (await scene.ask(await scene.keyFor('aud', 'auditor'), '/v1/audit')).body
    expect(audit.items.map(({ act }: { act: AuditedAct }) => act)).toEqual([])
    expect(scene.queued).toEqual([])
  })
})

describe('API6 unrestricted access to sensitive business flows', () => {
  it('nobody buys a better turn by cutting a job to pieces', async () => {
    const [ada, cho] = [await scene.keyFor('ada'), await scene.keyFor('cho')]
    await scene.ask(ada, { url: '/v1/jobs', payload: { accelerators_per_node: 8, time_limit_ms: HOUR_MS } })
    for (let i = 0; i < 8; i += 1)
      await scene.ask(cho, { url: '/v1/jobs', payload: { accelerators_per_node: 1, time_limit_ms: HOUR_MS } })
    await scene.takeUp(START_MS, 9)
    const ends = Array.from({ length: 9 }, (_, i) => ({ type: 'finish', job: i + 1, attempt: 1, exitCode: 0 }) as const)
    await scene.takeUp(START_MS + HOUR_MS / 2, 0, ends)
    const { body } = await scene.ask(ada, '/v1/accounts')
    const charged = (user: string) =>
      body.items.find((row: { user: string | null }) => row.user === user).charged_accelerator_ms
    // Eight accelerators for half an hour, either way.
    expect([charged('ada'), charged('cho')]).toEqual([String(4 * HOUR_MS), String(4 * HOUR_MS)])
  })

  it('nobody names their own priority', async () => {
    const { paths } = await document()
    const body = paths['/v1/jobs']?.post?.requestBody?.content['application/json'].schema
    expect(Object.keys(body?.properties ?? {}).filter((name) => /prio|rank|weight|qos|nice/i.test(name))).toEqual([])
  })
})

describe('API7 server side request forgery', () => {
  it('has no field that takes an address', async () => {
    const found: string[] = []
    const look = (schema: JsonSchema | undefined, path: string): void => {
      if (schema === undefined) return
      if (schema.format === 'uri' || schema.format === 'url') found.push(path)
      for (const [name, inner] of Object.entries(schema.properties ?? {})) {
        if (/ur[il]|href|callback|webhook|host|endpoint/i.test(name)) found.push(`${path}.${name}`)
        look(inner, `${path}.${name}`)
      }
      look(schema.items, `${path}[]`)
      for (const inner of [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) look(inner, path)
    }
    for (const [url, methods] of Object.entries((await document()).paths)) {
      for (const { requestBody, parameters = [] } of Object.values(methods)) {
        look(requestBody?.content['application/json'].schema, url)
        for (const { name, schema } of parameters) look({ properties: { [name]: schema } }, url)
      }
    }
    expect(found).toEqual([])
  })

  it('asks nobody on behalf of a scenario or a token, and reads no file for them', async () => {
    let visits = 0
    const trap = createServer((socket) => {
      visits += 1
      socket.destroy()
    })
    trap.listen(0, '127.0.0.1')
    await once(trap, 'listening')
    const { port } = trap.address() as { port: number }
    const addresses = [
      `http://127.0.0.1:${port}/plan.yaml`,
      `http://[::ffff:127.0.0.1]:${port}/`,
      'http://169.254.169.254/latest/meta-data/',
      '/etc/passwd',
      '../../../../../../etc/passwd',
      'file:///etc/passwd',
    ]
    const planner = await scene.keyFor('ada', 'planner')
    const payload = { scenario: { name: 'x', extends: addresses }, compared: [addresses[0]] }
    const { status, text } = await scene.ask(planner, { url: '/v1/studies', payload })
    expect(status).toBe(400)
    expect(text).not.toContain('root:')
    const issuer = await startIssuer()
    const head = Buffer.from(
      JSON.stringify({
        alg: 'RS256',
        kid: 'key-1',
        jku: `http://127.0.0.1:${port}/`,
        x5u: `http://127.0.0.1:${port}/`,
      }),
    )
    const tokens = issuerTokens(
      {
        issuer: issuer.name,
        audience: 'dure',
        jwks: issuer.jwksUrl,
        algorithms: ['RS256'],
        user: 'sub',
        roles: [],
        clock_tolerance_s: 0,
        age_max_s: 60,
      },
      { nowMs: () => START_MS, warn: () => {} },
    )
    await expect(tokens.recognize(`${head.toString('base64url')}.e30.AAAA`)).rejects.toMatchObject({
      code: 'ERR_BAD_TOKEN',
    })
    await issuer.close()
    expect(visits).toBe(0)
    trap.close()
  })
})

describe('API8 security misconfiguration', () => {
  it('answers with the same protecting headers everywhere, and names nothing of what runs here', async () => {
    for (const url of ['/', '/livez', '/v1/me', '/docs/', '/nothing']) {
      const { headers } = await scene.ask(null, { url, headers: { origin: 'https://evil.example' } })
      expect([url, headers]).toEqual([
        url,
        expect.objectContaining({
          'content-security-policy': expect.stringMatching(/^default-src 'none'; .*frame-ancestors 'none'/),
          'cross-origin-opener-policy': 'same-origin',
          'cross-origin-resource-policy': 'same-origin',
          'referrer-policy': 'no-referrer',
          'x-content-type-options': 'nosniff',
          'x-frame-options': 'SAMEORIGIN',
        }),
      ])
      const names = Object.keys(headers)
      expect(names.filter((name) => /^(access-control-|server$|x-powered-by)/.test(name))).toEqual([])
    }
  })

  it('lets the console load what is its own and nothing else', async () => {
    const policy = String((await scene.ask(null, '/')).headers['content-security-policy'])
    const directives = Object.fromEntries(
      policy.split('; ').map((one) => [one.split(' ', 1)[0], one.slice(one.indexOf(' ') + 1)]),
    )
    expect(directives).toEqual({
      'default-src': "'none'",
      'base-uri': "'none'",
      'form-action': "'self'",
      'frame-ancestors': "'none'",
      'connect-src': "'self'",
      'font-src': "'self' data:",
      'img-src': "'self' data:",
      'manifest-src': "'self'",
      'script-src': "'self'",
      'style-src': "'self'",
    })
  })

  it('shows nobody where in the code something went wrong', async () => {
    const ada = await scene.keyFor('ada')
    scene.ports.intake.reserve = async () => {
      throw new TypeError('cannot read properties of undefined')
    }
    for (const request of [
      { url: '/v1/jobs', payload: {} },
      { url: '/v1/jobs', payload: '{', headers: { 'content-type': 'application/json' } },
      { url: '/v1/jobs/%zz' },
      { url: '/v1/jobs?cursor=AAAA' },
      { url: '/v1/events', headers: { 'last-event-id': '-1' } },
    ] satisfies InjectOptions[]) {
      const { text, status } = await scene.ask(ada, request)
      expect(status).toBeGreaterThanOrEqual(400)
      expect(text).not.toMatch(/\bat .+:\d+:\d+|node_modules|\.ts\b|TypeError|cannot read/)
    }
  })
})

describe('API9 improper inventory management', () => {
  it('documents every route of the interface, and no other', async () => {
    const documented = Object.entries((await document()).paths).flatMap(([url, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${url}`),
    )
    const registered = scene.routes
      .filter(({ method }) => method !== 'HEAD' && method !== 'OPTIONS')
      .map(({ method, url }) => `${method} ${url.replaceAll(/:(\w+)/g, '{$1}')}`)
      .filter((name) => !Object.hasOwn(undocumented, name))
    expect([...new Set(registered)].sort()).toEqual(documented.sort())
  })

  it('says of each what it is called and what it is for', async () => {
    for (const methods of Object.values((await document()).paths)) {
      for (const operation of Object.values(methods)) {
        expect(operation).toMatchObject({ operationId: expect.any(String), summary: expect.any(String) })
      }
    }
  })
})

describe('API10 unsafe consumption of APIs', () => {
  it.each<[string, () => Response | Promise<Response>]>([
    ['is far too long', () => new Response(`{"keys":[${' '.repeat(1024 * 1024)}]}`)],
    ['is no JSON', () => new Response('<html>')],
    ['has no keys', () => new Response('{"keys":"all"}')],
    ['sends us elsewhere', () => Response.redirect('http://127.0.0.1:1/', 302)],
    ['is an error', () => new Response('{"keys":[]}', { status: 500 })],
  ])('takes no keys from an issuer whose answer %s', async (_, respond) => {
    const { createServer: createHttpServer } = await import('node:http')
    const server = createHttpServer(async (_request, response) => {
      const answer = await respond()
      response.writeHead(answer.status, Object.fromEntries(answer.headers))
      response.end(await answer.text())
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const issuer = await startIssuer()
    const tokens = issuerTokens(
      {
        issuer: issuer.name,
        audience: 'dure',
        jwks: `http://127.0.0.1:${port}/`,
        algorithms: ['RS256'],
        user: 'sub',
        roles: [],
        default_role: 'administrator',
        clock_tolerance_s: 0,
        age_max_s: 60,
      },
      { nowMs: () => START_MS, warn: () => {} },
    )
    const nowS = START_MS / 1000
    const token = await issuer.sign({ iss: issuer.name, aud: 'dure', sub: 'ada', iat: nowS, exp: nowS + 60 })
    await expect(tokens.recognize(token)).rejects.toMatchObject({ code: 'ERR_ISSUER_UNAVAILABLE' })
    await issuer.close()
    server.close()
  })
})
