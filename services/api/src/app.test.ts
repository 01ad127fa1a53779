import { errorCodes, Livez, Problem, Readyz, Version } from '@dure/contract'
import { createMemoryStore, memoryPorts, StoreError } from '@dure/engine'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openScene, type Scene, START_MS } from './testing/scene.ts'

let scene: Scene
beforeEach(async () => {
  scene = await openScene()
})
afterEach(() => scene.close())

describe('a request that makes no sense', () => {
  const json = { 'content-type': 'application/json' }
  it.each<[string, object, number, string]>([
    ['an unknown address', { url: '/v2/jobs' }, 404, 'ERR_ROUTE_NOT_FOUND'],
    ['an address with a broken escape', { url: '/v1/jobs/%zz' }, 404, 'ERR_ROUTE_NOT_FOUND'],
    ['another method', { method: 'PATCH', url: '/v1/jobs/1' }, 405, 'ERR_METHOD_NOT_ALLOWED'],
    ['a body that is too large', { payload: { comment: 'x'.repeat(70_000) } }, 413, 'ERR_BODY_TOO_LARGE'],
    [
      'a form',
      { payload: 'nodes=2', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      415,
      'ERR_MEDIA_TYPE',
    ],
    ['plain text', { payload: 'nodes: 2', headers: { 'content-type': 'text/plain' } }, 415, 'ERR_MEDIA_TYPE'],
    ['broken JSON', { payload: '{"nodes": 2', headers: json }, 400, 'ERR_BODY_NOT_JSON'],
    ['an empty body', { payload: '', headers: json }, 400, 'ERR_BODY_NOT_JSON'],
    [
      'a poisoned prototype',
      { payload: '{"__proto__": {"role": "administrator"}}', headers: json },
      400,
      'ERR_BODY_NOT_JSON',
    ],
    ['a list', { payload: [] }, 400, 'ERR_INVALID_REQUEST'],
    ['a number that is none', { url: '/v1/jobs/abc' }, 400, 'ERR_INVALID_REQUEST'],
  ])('%s is answered with a problem that says what to do', async (_, request, status, code) => {
    const answer = await scene.ask(await scene.keyFor('ada'), { url: '/v1/jobs', ...request })
    expect([answer.status, answer.body?.code]).toEqual([status, code])
    expect(answer.headers['content-type']).toContain('application/problem+json')
    expect(errorCodes).toContain(Problem.parse(answer.body).code)
    expect(answer.body.what_to_do).not.toBe('')
    expect(answer.body.request_id).toBe(answer.headers['x-request-id'])
    expect(answer.text).not.toContain('node_modules')
  })

  it('names the methods there are', async () => {
    const answer = await scene.ask(await scene.keyFor('ada'), { method: 'PUT', url: '/v1/jobs/7' })
    expect(answer.headers.allow).toBe('DELETE, GET, HEAD')
  })

  it('keeps the id its sender gave it, unless that could spoil a log', async () => {
    const given = async (id: string) =>
      (await scene.ask(null, { url: '/livez', headers: { 'x-request-id': id } })).headers['x-request-id']
    expect(await given('trace-0001')).toBe('trace-0001')
    expect(await given('a"} {"b')).not.toBe('a"} {"b')
  })
})

describe('trouble with the store', () => {
  it('is answered 503 with a time to try again, and nothing was accepted', async () => {
    scene.ports.intake.reserve = async () => {
      throw new StoreError('unknown', 'reserve a sequence number', 'Connection is closed.')
    }
    const answer = await scene.ask(await scene.keyFor('ada'), { url: '/v1/jobs', payload: {} })
    expect([answer.status, answer.body.code, answer.headers['retry-after']]).toEqual([
      503,
      'ERR_STORE_UNAVAILABLE',
      '1',
    ])
    expect(answer.text).not.toContain('Connection')
  })

  it('and a mistake of ours are told apart, and ours keeps its details to the log', async () => {
    scene.ports.intake.reserve = async () => {
      throw new TypeError('secret detail')
    }
    const answer = await scene.ask(await scene.keyFor('ada'), { url: '/v1/jobs', payload: {} })
    expect([answer.status, answer.body.code]).toEqual([500, 'ERR_INTERNAL'])
    expect(answer.text).not.toContain('secret detail')
  })
})

describe('readiness', () => {
  const failing = (body: Readyz): string[] => body.checks.filter(({ ok }) => !ok).map(({ name }) => name)

  it('takes a leader, a ledger that is read, a store that is written and executors that take runs', async () => {
    const without = await scene.ask(null, '/readyz')
    expect([without.status, failing(Readyz.parse(without.body))]).toEqual([503, ['leader']])
    await scene.ports.clock.publish({ epoch: 1, atMs: START_MS, speed: 60 })
    const ready = await scene.ask(null, '/readyz')
    expect([ready.status, ready.body.status, ready.body.durability, ready.body.revision]).toEqual([
      200,
      'ready',
      'memory-only',
      2,
    ])

    await scene.ports.runs.dispatch('npu', [{ job: 1, attempt: 1, dueMs: 1, detail: null }])
    expect(failing((await scene.ask(null, '/readyz')).body)).toEqual(['executors'])
  })

  it('tells where entries of the ledger stay in the store that should be in segments, and is ready all the same', async () => {
    await scene.close()
    const store = createMemoryStore(() => performance.now())
    const ports = memoryPorts(store)
    scene = await openScene({ makePorts: async () => ports, keptEntries: 100 })
    await ports.clock.publish({ epoch: 1, atMs: START_MS, speed: 60 })
    const { extent } = ports.ledger
    const ledgerCheck = async (entries: number) => {
      Object.assign(ports.ledger, {
        extent: async () => ({ ...(await extent())!, firstRevision: 3 - entries }),
      })
      const { status, body } = await scene.ask(null, '/readyz')
      return [status, Readyz.parse(body).checks.find(({ name }) => name === 'ledger')?.detail]
    }
    expect(await ledgerCheck(20_100)).toEqual([200, null])
    expect(await ledgerCheck(20_101)).toEqual([
      200,
      expect.stringMatching(/^20101 entries are in Redis, most of which should be in segments: the scheduler's log/),
    ])
    expect((await scene.ask(null, '/metrics')).text).toContain('\ndure_ledger_entries 20101\n')
  })

  it('fails where the store takes no writes, in words', async () => {
    await scene.close()
    scene = await openScene({
      probe: async () => {
        throw new StoreError('unknown', 'write to Redis', 'READONLY')
      },
    })
    const { body } = await scene.ask(null, '/readyz')
    expect(body.checks[0]).toEqual({
      name: 'redis',
      ok: false,
      detail: expect.stringContaining('could not write to Redis: READONLY'),
    })
  })

  it('is not there before the center is configured', async () => {
    const empty = await openScene({ config: null })
    const { status, body } = await empty.ask(null, '/readyz')
    expect([status, failing(body)]).toEqual([503, ['leader', 'ledger']])
    expect((await empty.ask(await empty.keyFor('ada'), '/v1/overview')).body.code).toBe('ERR_CATCHING_UP')
    await empty.close()
  })

  it('is something else than being alive', async () => {
    expect(Livez.parse((await scene.ask(null, '/livez')).body)).toEqual({ status: 'ok' })
    expect(Version.parse((await scene.ask(null, '/version')).body)).toEqual({
      name: 'dure',
      version: '0.0.0',
      node: process.version,
      commit: null,
    })
  })
})

describe('metrics', () => {
  const value = (text: string, series: string): number => {
    const line = text.split('\n').find((one) => one.startsWith(`${series} `))
    return Number(line?.slice(series.length + 1) ?? Number.NaN)
  }

  it('tell what the read model tells, without a user or a job in any label', async () => {
    const ada = await scene.keyFor('ada')
    for (let i = 0; i < 6; i++) await scene.ask(ada, { url: '/v1/jobs', payload: { accelerators_per_node: 8 } })
    await scene.takeUp(START_MS, 6)
    await scene.takeUp(START_MS + 30_000, 0, [{ type: 'finish', job: 1, attempt: 1, exitCode: 0 }])
    await scene.ask(ada, { url: '/v1/jobs', payload: {} })
    const { text, headers } = await scene.ask(null, '/metrics')
    expect(headers['content-type']).toContain('text/plain')
    expect(value(text, 'dure_jobs{state="RUNNING"}')).toBe(4)
    expect(value(text, 'dure_jobs{state="PENDING"}')).toBe(1)
    expect(value(text, 'dure_jobs{state="accepted"}')).toBe(1)
    expect(value(text, 'dure_pool_accelerators{pool="h100",kind="gpu",state="busy"}')).toBe(32)
    expect(value(text, 'dure_job_transitions_total{to="RUNNING"}')).toBe(5)
    expect(value(text, 'dure_job_transitions_total{to="COMPLETED"}')).toBe(1)
    expect(value(text, 'dure_job_wait_seconds_count{pool="h100"}')).toBe(5)
    expect(value(text, 'dure_job_wait_seconds_sum{pool="h100"}')).toBe(30) // the fifth started when the first ended
    expect(value(text, 'dure_job_run_seconds_sum{pool="h100"}')).toBe(30)
    expect(value(text, 'dure_pool_capacity_flops{pool="h100",format="fp64"}')).toBeCloseTo(32 * 66.9e12, -9)
    expect(value(text, 'http_server_request_duration_seconds_count{method="POST",route="/v1/jobs",status="202"}')).toBe(
      7,
    )
    expect(text).not.toMatch(/ada|user=|job="/)
  })
})
