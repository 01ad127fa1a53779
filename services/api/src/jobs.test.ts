import { Explain, Job, JobAccepted, JobList } from '@dure/contract'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openScene, type Scene, START_MS } from './testing/scene.ts'

const HOUR_MS = 3_600_000

let scene: Scene
beforeEach(async () => {
  scene = await openScene()
})
afterEach(() => scene.close())

const submit = (key: string, payload: object, headers: Record<string, string> = {}) =>
  scene.ask(key, { url: '/v1/jobs', payload, headers })

describe('a submit', () => {
  it('is answered with its number once it is queued, and seen at once', async () => {
    const ada = await scene.keyFor('ada')
    const { status, headers, body } = await submit(ada, {
      name: 'train',
      nodes: 2,
      accelerators_per_node: 4,
      comment: '가',
    })
    expect(status).toBe(202)
    expect(JobAccepted.parse(body)).toEqual({
      id: 1,
      state: 'accepted',
      links: { self: '/v1/jobs/1', explain: '/v1/jobs/1/explain' },
    })
    expect(headers.location).toBe('/v1/jobs/1')

    const accepted = await scene.ask(ada, '/v1/jobs/1')
    expect(Job.parse(accepted.body)).toMatchObject({
      id: 1,
      name: 'train',
      state: 'accepted',
      account: 'lab',
      user: 'ada',
      pools: ['h100'],
      nodes: 2,
      accelerators: 8,
      cpus_per_node: 32, // half of the accelerators, so half of the node
      memory_mib_per_node: 32_768,
      comment: '가',
      submitted_at_ms: null,
    })
    expect((await scene.ask(ada, '/v1/jobs')).body.items.map((job: Job) => [job.id, job.state])).toEqual([
      [1, 'accepted'],
    ])
    expect((await scene.ask(ada, '/v1/jobs/1/explain')).body).toMatchObject({ state: 'accepted', reasons: [] })
    expect((await scene.ask(ada, '/v1/overview')).body.queue.accepted).toBe(1)

    await scene.takeUp(START_MS + 1000, 1)
    expect((await scene.ask(ada, '/v1/jobs/1')).body).toMatchObject({
      state: 'RUNNING',
      pool: 'h100',
      submitted_at_ms: START_MS + 1000,
      started_at_ms: START_MS + 1000,
      wait_ms: 0,
      attempt: 1,
      start_cause: 'turn',
      placement: [
        { node: 'h100-0', devices: [0, 1, 2, 3] },
        { node: 'h100-1', devices: [0, 1, 2, 3] },
      ],
    })
    expect((await scene.ask(ada, '/v1/overview')).body.queue).toMatchObject({ accepted: 0, running: 1 })
  })

  it('is shown with how fast it runs in each pool it accepts, and in the one it is in', async () => {
    const ada = await scene.keyFor('ada')
    await submit(ada, { pools: ['h100', 'rngd'], speeds: [1, 0.3], time_limit_ms: HOUR_MS })
    await submit(ada, { pools: ['h100'], time_limit_ms: HOUR_MS })
    expect((await scene.ask(ada, '/v1/jobs/1')).body).toMatchObject({
      pools: ['h100', 'rngd'],
      speeds: [1, 0.3],
      speed: null,
    })
    await scene.takeUp(START_MS + 1000, 2)
    expect((await scene.ask(ada, '/v1/jobs/1')).body).toMatchObject({ pool: 'h100', speeds: [1, 0.3], speed: 1 })
    expect((await scene.ask(ada, '/v1/jobs/2')).body).toMatchObject({ speeds: null, speed: 1 })
    const wrong = await submit(ada, { pools: ['h100', 'rngd'], speeds: [1] })
    expect(wrong.status).toBe(422)
  })

  it('with the same key gives the same job, however often and however much at once', async () => {
    const ada = await scene.keyFor('ada')
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => submit(ada, { name: 'once' }, { 'idempotency-key': 'k-1' })),
    )
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.id}`))).toEqual(new Set(['202 1']))
    expect(answers.filter(({ headers }) => headers['idempotent-replayed'] === 'true')).toHaveLength(99)
    await scene.takeUp(START_MS, 1)
    const later = await submit(ada, { name: 'once' }, { 'idempotency-key': 'k-1' })
    expect([later.status, later.body.id, later.headers['idempotent-replayed']]).toEqual([202, 1, 'true'])
    expect(await scene.ports.intake.last()).toBe(1)
    expect(scene.leader.center.liveCount).toBe(1)

    const other = await submit(ada, { name: 'twice' }, { 'idempotency-key': 'k-1' })
    expect([other.status, other.body.code]).toEqual([422, 'ERR_IDEMPOTENCY_MISMATCH'])
    // Another person's key of the same name is another key.
    expect((await submit(await scene.keyFor('ben'), { name: 'once' }, { 'idempotency-key': 'k-1' })).body.id).toBe(2)
    const spaced = await submit(ada, {}, { 'idempotency-key': 'with space' })
    expect([spaced.status, spaced.body.code]).toEqual([400, 'ERR_INVALID_IDEMPOTENCY_KEY'])
  })

  it('cut short after its number was given goes on under that number', async () => {
    const ada = await scene.keyFor('ada')
    const { commands } = scene.ports
    const send = commands.send
    commands.send = async () => {
      commands.send = send
      throw new Error('the connection broke')
    }
    expect((await submit(ada, {}, { 'idempotency-key': 'k' })).status).toBe(500)
    const again = await submit(ada, {}, { 'idempotency-key': 'k' })
    expect([again.status, again.body.id]).toEqual([202, 1])
    await scene.takeUp(START_MS, 1)
    expect((await scene.ask(ada, '/v1/jobs/1')).body.state).toBe('RUNNING')
  })

  it.each<[string, object, number, string, string]>([
    ['a pool nobody has', { pools: ['h200'] }, 422, 'ERR_UNKNOWN_POOL', '/pools/0'],
    ['an account of others', { account: 'firm' }, 422, 'ERR_UNKNOWN_ACCOUNT', '/account'],
    ['a gang larger than any pool', { nodes: 5 }, 422, 'ERR_IMPOSSIBLE_REQUEST', '/nodes'],
    [
      'more accelerators than a node has',
      { accelerators_per_node: 16 },
      422,
      'ERR_IMPOSSIBLE_REQUEST',
      '/accelerators_per_node',
    ],
    ['an unknown field', { priority: 9 }, 400, 'ERR_INVALID_REQUEST', '/priority'],
    ['a negative size', { nodes: -1 }, 400, 'ERR_INVALID_REQUEST', '/nodes'],
    ['an absurd size', { nodes: 1e12 }, 400, 'ERR_INVALID_REQUEST', '/nodes'],
  ])('refuses %s and says where', async (_, payload, status, code, pointer) => {
    const answer = await submit(await scene.keyFor('ada'), payload)
    expect([answer.status, answer.body.code]).toEqual([status, code])
    expect(answer.headers['content-type']).toContain('application/problem+json')
    expect(answer.body.errors[0].pointer).toBe(pointer)
    expect(answer.body.request_id).toBe(answer.headers['x-request-id'])
    expect(await scene.ports.intake.last()).toBe(0)
  })

  it('speaks the language asked for', async () => {
    const ada = await scene.keyFor('ada')
    const korean = await submit(ada, { nodes: -1 }, { 'accept-language': 'ko' })
    const english = await submit(ada, { nodes: -1 }, { 'accept-language': 'en-GB,en;q=0.9' })
    expect(korean.body.errors[0].detail).toBe('`nodes` 값은 1 이상이어야 합니다 (받은 값: -1).')
    expect(english.body.errors[0].detail).toBe('`nodes` must be at least 1, but is -1.')
    expect([korean.headers['content-language'], english.headers['content-language']]).toEqual(['ko', 'en'])
  })

  it('must name the account where the user has several, and is for others only by an administrator', async () => {
    const several = await submit(await scene.keyFor('mina'), {})
    expect([several.status, several.body.code]).toEqual([422, 'ERR_ACCOUNT_REQUIRED'])
    const foreign = await submit(await scene.keyFor('ada'), { user: 'ben' })
    expect([foreign.status, foreign.body.code]).toEqual([403, 'ERR_ROLE'])
    const byOperator = await submit(await scene.keyFor('op', 'operator'), { user: 'ben' })
    expect(byOperator.status).toBe(403)
    const byAdministrator = await submit(await scene.keyFor('root', 'administrator'), { user: 'ben' })
    expect(byAdministrator.status).toBe(202)
    expect((await scene.ask(await scene.keyFor('ben'), '/v1/jobs/1')).body).toMatchObject({
      user: 'ben',
      account: 'lab',
    })
  })

  it('waits for a center that is not configured yet', async () => {
    const empty = await openScene({ config: null })
    const answer = await empty.ask(await empty.keyFor('ada'), { url: '/v1/jobs', payload: {} })
    expect([answer.status, answer.body.code, answer.headers['retry-after']]).toEqual([503, 'ERR_CATCHING_UP', '1'])
    await empty.close()
  })
})

describe('a waiting job', () => {
  /** Job 1 runs on three nodes for an hour; job 2 needs all four; job 3 would fit, but for two hours. */
  async function crowd(): Promise<{ ada: string; ben: string }> {
    const [ada, ben] = [await scene.keyFor('ada'), await scene.keyFor('ben')]
    await submit(ada, { nodes: 3, accelerators_per_node: 8, time_limit_ms: HOUR_MS })
    await submit(ada, { nodes: 4, accelerators_per_node: 8, time_limit_ms: HOUR_MS })
    await submit(ben, { nodes: 1, accelerators_per_node: 8, time_limit_ms: 2 * HOUR_MS })
    await scene.takeUp(START_MS, 3)
    return { ada, ben }
  }

  it('is explained with the numbers of the revision it is asked at', async () => {
    const { ada, ben } = await crowd()
    const two = Explain.parse((await scene.ask(ada, '/v1/jobs/2/explain')).body)
    expect(two).toMatchObject({ job: 2, state: 'PENDING', revision: scene.model.revision, at_ms: START_MS })
    expect(two.reasons[0]).toMatchObject({
      code: 'Resources',
      numbers: { pool: 'h100', nodes_needed: 4, nodes_free: 1 },
    })
    const three = Explain.parse((await scene.ask(ben, '/v1/jobs/3/explain')).body)
    expect(three.reasons.map(({ code }) => code)).toContain('Reservation')
    expect(three.reasons.find(({ code }) => code === 'Reservation')?.numbers).toMatchObject({
      job: 2,
      start_at_ms: START_MS + HOUR_MS,
    })
    expect((await scene.ask(ada, '/v1/jobs/2')).body).toMatchObject({
      reason: 'Resources',
      promised_start_at_ms: START_MS + HOUR_MS,
    })
    expect((await scene.ask(ada, '/v1/jobs/1/explain')).body).toMatchObject({ state: 'RUNNING', reasons: [] })
  })

  it('is held, released and cancelled by its owner', async () => {
    const { ada, ben } = await crowd()
    const held = await scene.ask(ben, { url: '/v1/jobs/3/hold', payload: {} })
    expect([held.status, held.body]).toEqual([202, { id: 3, act: 'hold', command: 'c4' }])
    await scene.takeUp(START_MS + 1, 1)
    expect((await scene.ask(ben, '/v1/jobs/3')).body).toMatchObject({
      state: 'PENDING',
      held_by: 'user',
      reason: 'JobHeldUser',
    })
    // A held job is PENDING to whoever lists.
    const pending: JobList = (await scene.ask(ben, '/v1/jobs?state=pending')).body
    expect(pending.items.map(({ id }) => id)).toEqual([3, 2])
    expect((await scene.ask(ben, { method: 'POST', url: '/v1/jobs/3/release' })).status).toBe(202)
    await scene.takeUp(START_MS + 2, 1)
    expect((await scene.ask(ben, '/v1/jobs/3')).body.held_by).toBeNull()

    expect((await scene.ask(ada, { method: 'DELETE', url: '/v1/jobs/2' })).body).toMatchObject({ id: 2, act: 'cancel' })
    await scene.takeUp(START_MS + 3, 1)
    expect((await scene.ask(ada, '/v1/jobs/2')).body).toMatchObject({ state: 'CANCELLED', ended_at_ms: START_MS + 3 })
    const again = await scene.ask(ada, { method: 'DELETE', url: '/v1/jobs/2' })
    expect([again.status, again.body.code]).toEqual([409, 'ERR_JOB_ENDED'])
    const running = await scene.ask(ada, { method: 'POST', url: '/v1/jobs/1/hold' })
    expect([running.status, running.body.code]).toEqual([409, 'ERR_JOB_RUNNING'])
  })

  it('stays held where an operator holds it', async () => {
    const { ben } = await crowd()
    const operator = await scene.keyFor('op', 'operator')
    await scene.ask(operator, { method: 'POST', url: '/v1/jobs/3/hold' })
    await scene.takeUp(START_MS + 1, 1)
    const refused = await scene.ask(ben, { method: 'POST', url: '/v1/jobs/3/release' })
    expect([refused.status, refused.body.code]).toEqual([409, 'ERR_HELD_BY_OPERATOR'])
    await scene.ask(operator, { method: 'POST', url: '/v1/jobs/3/release' })
    await scene.takeUp(START_MS + 2, 1)
    expect((await scene.ask(ben, '/v1/jobs/3')).body.held_by).toBeNull()
  })

  it('can be cancelled before it is taken up', async () => {
    const ada = await scene.keyFor('ada')
    await submit(ada, {})
    expect((await scene.ask(ada, { method: 'DELETE', url: '/v1/jobs/1' })).status).toBe(202)
    await scene.takeUp(START_MS, 2)
    expect((await scene.ask(ada, '/v1/jobs/1')).body.state).toBe('CANCELLED')
  })
})

describe('other people’s jobs', () => {
  it('are not there, whatever is asked of them', async () => {
    await submit(await scene.keyFor('ada'), {})
    const cho = await scene.keyFor('cho')
    const look = async () => {
      for (const request of [
        { url: '/v1/jobs/1' },
        { url: '/v1/jobs/1/explain' },
        { method: 'DELETE' as const, url: '/v1/jobs/1' },
        { method: 'POST' as const, url: '/v1/jobs/1/hold' },
        { method: 'POST' as const, url: '/v1/jobs/1/release' },
      ]) {
        const answer = await scene.ask(cho, request)
        expect([request.url, answer.status, answer.body.code]).toEqual([request.url, 404, 'ERR_JOB_NOT_FOUND'])
        // The same words as for a number nobody has.
        const nobody = await scene.ask(cho, { ...request, url: request.url.replace('/1', '/9') })
        expect(nobody.body.detail).toBe(answer.body.detail.replace('1', '9'))
      }
      expect((await scene.ask(cho, '/v1/jobs')).body.items).toEqual([])
      expect((await scene.ask(cho, '/v1/jobs?user=ada')).body.items).toEqual([])
    }
    await look()
    await scene.takeUp(START_MS, 1)
    await look()
    expect((await scene.ask(cho, '/v1/overview')).body.latest_starts).toEqual([])
    expect((await scene.ask(cho, '/v1/nodes?pool=h100')).body.items[0]).toMatchObject({
      accelerators_busy: 1,
      jobs: [],
    })
  })

  it('of the same account are seen, and changed by nobody but their owner and operators', async () => {
    await submit(await scene.keyFor('ada'), {})
    await scene.takeUp(START_MS, 1)
    for (const [user, role, seen, cancelled] of [
      ['ben', 'researcher', 200, 403],
      ['mina', 'planner', 200, 403],
      ['cho', 'planner', 404, 404],
      ['eye', 'auditor', 200, 403],
      ['op', 'operator', 200, 202],
    ] as const) {
      const key = await scene.keyFor(user, role)
      expect([user, (await scene.ask(key, '/v1/jobs/1')).status]).toEqual([user, seen])
      expect([user, (await scene.ask(key, { method: 'DELETE', url: '/v1/jobs/1' })).status]).toEqual([user, cancelled])
    }
  })
})

describe('the list of jobs', () => {
  it('comes page by page, newest first, with what is accepted on top', async () => {
    const ada = await scene.keyFor('ada')
    for (let i = 0; i < 7; i++) await submit(ada, { name: `job-${i}` })
    await scene.takeUp(START_MS, 7)
    for (let i = 0; i < 3; i++) await submit(ada, { name: `late-${i}`, accelerator: 'npu' })
    const pages: number[][] = []
    let url: string | null = '/v1/jobs?limit=4'
    while (url !== null) {
      const { body, headers } = await scene.ask(ada, url)
      const page = JobList.parse(body)
      pages.push(page.items.map(({ id }) => id))
      url = page.next_cursor === null ? null : `/v1/jobs?limit=4&cursor=${page.next_cursor}`
      if (url !== null) expect(headers.link).toBe(`<${url}>; rel="next"`)
    }
    expect(pages).toEqual([
      [10, 9, 8, 7],
      [6, 5, 4, 3],
      [2, 1],
    ])
    const ids = async (query: string) =>
      (await scene.ask(ada, `/v1/jobs?${query}`)).body.items.map((job: Job) => job.id)
    expect(await ids('state=accepted')).toEqual([10, 9, 8])
    expect(await ids('state=accepted,running&limit=5')).toEqual([10, 9, 8, 7, 6])
    expect(await ids('pool=rngd')).toEqual([10, 9, 8])
    expect(await ids('pool=nowhere')).toEqual([])
    expect(await ids('account=firm')).toEqual([])
  })

  it.each([
    ['cursor=nonsense', 'ERR_INVALID_CURSOR', undefined],
    ['limit=500', 'ERR_INVALID_REQUEST', '?limit'],
    ['state=SLEEPING', 'ERR_INVALID_REQUEST', '?state/0'],
    ['sort=id', 'ERR_INVALID_REQUEST', '?sort'],
  ])('refuses ?%s', async (query, code, pointer) => {
    const answer = await scene.ask(await scene.keyFor('ada'), `/v1/jobs?${query}`)
    expect([answer.status, answer.body.code, answer.body.errors?.[0].pointer]).toEqual([400, code, pointer])
  })

  it('is not sent again to whoever has it', async () => {
    const ada = await scene.keyFor('ada')
    await submit(ada, {})
    await scene.takeUp(START_MS, 1)
    const first = await scene.ask(ada, '/v1/jobs')
    const same = await scene.ask(ada, { url: '/v1/jobs', headers: { 'if-none-match': String(first.headers.etag) } })
    expect([first.status, same.status, same.text]).toEqual([200, 304, ''])
    await submit(ada, {})
    const changed = await scene.ask(ada, { url: '/v1/jobs', headers: { 'if-none-match': String(first.headers.etag) } })
    expect([changed.status, changed.body.items.length]).toEqual([200, 2])
  })
})

it('shows a refused submit as FAILED with the reason in words', async () => {
  const ada = await scene.keyFor('ada')
  // Accepted under a configuration that knew the user; the center that takes it up does not.
  await scene.takeUp(START_MS, 0, [
    {
      type: 'submit',
      job: 77,
      account: 'lab',
      user: 'gone',
      request: { pools: ['h100'], nodes: 1, acceleratorsMilli: 1000, cpuMilli: 0, memoryMib: 0 },
      timeLimitMs: 1000,
      held: null,
      label: 'not JSON',
    },
  ])
  expect((await scene.ask(ada, '/v1/jobs/77')).body).toMatchObject({
    state: 'FAILED',
    reason: 'InvalidAccount',
    name: 'job',
    pools: [],
  })
  const { reasons } = Explain.parse((await scene.ask(ada, '/v1/jobs/77/explain')).body)
  expect(reasons[0]).toMatchObject({
    code: 'InvalidAccount',
    sentence: { en: 'User gone does not belong to account lab.' },
  })
})
