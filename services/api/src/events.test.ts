import { once } from 'node:events'
import { connect } from 'node:net'
import { type Client, ClientError, createClient, type ReceivedEvent } from '@dure/client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openScene, type Scene, START_MS } from './testing/scene.ts'

let scene: Scene
let url: string
const opened: AbortController[] = []

beforeEach(async () => {
  scene = await openScene()
  url = await scene.server.listen({ port: 0, host: '127.0.0.1' })
})
afterEach(async () => {
  for (const abort of opened.splice(0)) abort.abort()
  await scene.close()
})

async function clientOf(user: string, role: 'researcher' | 'administrator' = 'researcher'): Promise<Client> {
  return createClient({ url, key: await scene.keyFor(user, role) })
}

interface Listening {
  next(event: ReceivedEvent['event']): Promise<ReceivedEvent>
}

function listen(client: Client, options: { after?: number; only?: 'commit' | 'overview' } = {}): Listening {
  const abort = new AbortController()
  opened.push(abort)
  const events = client.followEvents({ ...options, signal: abort.signal })
  return {
    next: async (wanted) => {
      for await (const event of { [Symbol.asyncIterator]: () => ({ next: () => events.next() }) }) {
        if (event.event === wanted) return event
      }
      throw new Error('the stream ended')
    },
  }
}

describe('the event stream', () => {
  it('begins with the center at a glance and tells every commit as it is folded', async () => {
    const ada = await clientOf('ada')
    const stream = listen(ada)
    expect((await stream.next('overview')).data).toMatchObject({ center: 'small', revision: scene.model.revision })
    await ada.submitJob({ accelerators_per_node: 8 })
    await scene.takeUp(START_MS, 1)
    const commit = await stream.next('commit')
    expect(commit).toMatchObject({ revision: scene.model.revision, data: { at_ms: START_MS } })
    expect(commit.event === 'commit' && commit.data.changes).toMatchObject([
      { type: 'job', job: 1, state: 'PENDING' },
      { type: 'job', job: 1, state: 'RUNNING', pool: 'h100', start_cause: 'turn' },
    ])
  })

  it('gives a reader that comes back exactly what it missed', async () => {
    const ada = await clientOf('ada')
    const before = scene.model.revision
    for (let i = 0; i < 4; i++) {
      await ada.submitJob({})
      await scene.takeUp(START_MS + i, 1)
    }
    const missed = listen(ada, { after: before + 1, only: 'commit' })
    const revisions = [await missed.next('commit'), await missed.next('commit'), await missed.next('commit')]
    expect(revisions.map(({ revision }) => revision)).toEqual([before + 2, before + 3, before + 4])
  })

  it.each([
    ['from another ledger', 1_000_000],
    ['older than what is kept', 0],
  ])('starts a reader over whose revision is %s', async (_, after) => {
    if (after === 0) scene.model.recent.after = () => undefined
    const reset = await listen(await clientOf('ada'), { after }).next('reset')
    expect(reset.data).toEqual({ revision: scene.model.revision, snapshot: '/v1/overview' })
  })

  it('resumes by Last-Event-ID before anything else, and refuses one that is none', async () => {
    const key = await scene.keyFor('ada')
    const get = (id: string) =>
      fetch(`${url}/v1/events?after=999999`, { headers: { authorization: `Bearer ${key}`, 'last-event-id': id } })
    const refused = await get('yesterday')
    expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([400, 'ERR_EVENT_ID'])
    const resumed = await get(String(scene.model.revision))
    expect([
      resumed.status,
      resumed.headers.get('content-type'),
      resumed.headers.get('x-accel-buffering'),
      resumed.headers.get('cache-control'),
    ]).toEqual([200, 'text/event-stream; charset=utf-8', 'no', 'no-store'])
    const reader = resumed.body!.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    while (!text.includes('event: overview')) text += (await reader.read()).value
    expect(text.startsWith('retry: 2000\n\n')).toBe(true)
    expect(text).not.toContain('event: reset')
    await reader.cancel()
  })

  it('tells nobody of other people’s jobs', async () => {
    const cho = await clientOf('cho')
    const stream = listen(cho, { after: scene.model.revision, only: 'commit' })
    await (await clientOf('ada')).submitJob({})
    await scene.takeUp(START_MS, 1)
    await cho.submitJob({})
    await scene.takeUp(START_MS + 1, 1)
    const commit = await stream.next('commit')
    expect(commit.revision).toBe(scene.model.revision)
    expect(
      commit.event === 'commit' &&
        commit.data.changes.every((change) => change.type === 'job' && change.user === 'cho'),
    ).toBe(true)
  })

  it('is taken up again by the client where the connection broke, without a gap', async () => {
    const ada = await clientOf('ada')
    // A proxy that can be cut: the server behind it stays.
    const { createServer } = await import('node:net')
    const sockets = new Set<import('node:net').Socket>()
    const proxy = createServer((incoming) => {
      const outgoing = connect(Number(new URL(url).port), '127.0.0.1')
      for (const socket of [incoming, outgoing]) {
        sockets.add(socket)
        socket.on('error', () => {})
      }
      incoming.pipe(outgoing).pipe(incoming)
    })
    proxy.listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    const { port } = proxy.address() as { port: number }
    const through = createClient({ url: `http://127.0.0.1:${port}`, key: await scene.keyFor('ada') })
    const stream = listen(through, { after: scene.model.revision, only: 'commit' })
    const told: (number | null)[] = []
    for (let i = 0; i < 3; i++) {
      await ada.submitJob({})
      await scene.takeUp(START_MS + i, 1)
      told.push((await stream.next('commit')).revision)
      for (const socket of sockets) socket.destroy()
      sockets.clear()
    }
    const last = scene.model.revision
    expect(told).toEqual([last - 2, last - 1, last])
    proxy.close()
  })

  it('is refused for good without a key, and client errors carry the exit code', async () => {
    const stranger = createClient({ url })
    const error = await listen(stranger)
      .next('overview')
      .catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(ClientError)
    expect(error).toMatchObject({ exitCode: 77, isPassing: false, problem: { code: 'ERR_NO_KEY' } })
  })

  it('has a limit for each key', async () => {
    const key = await scene.keyFor('ada')
    const abort = new AbortController()
    opened.push(abort)
    const open = () => fetch(`${url}/v1/events`, { headers: { authorization: `Bearer ${key}` }, signal: abort.signal })
    const answers = []
    for (let i = 0; i < 33; i++) answers.push(await open())
    expect(answers.map(({ status }) => status)).toEqual([...Array.from({ length: 32 }, () => 200), 429])
    expect(answers[32]!.headers.get('retry-after')).toBe('10')
  })
})

describe('the client', () => {
  it('tells an address where nobody answers from a center that refuses', async () => {
    const nobody = createClient({ url: 'http://127.0.0.1:9', key: 'none' })
    await expect(nobody.getMe()).rejects.toMatchObject({
      exitCode: 69,
      isPassing: true,
      problem: { code: 'ERR_UNREACHABLE' },
    })
    const ada = await clientOf('ada')
    await expect(ada.getJob(12)).rejects.toMatchObject({ exitCode: 4, problem: { code: 'ERR_JOB_NOT_FOUND' } })
    await expect(ada.submitJob({ nodes: 100 })).rejects.toMatchObject({ exitCode: 1, problem: { status: 422 } })
    await expect(ada.drainNode('h100-0')).rejects.toMatchObject({ exitCode: 77 })
    const nonsense = createClient({ url: `${url}/docs`, key: 'none' })
    await expect(nonsense.getVersion()).rejects.toBeInstanceOf(ClientError)
  })

  it('sends a key with every submit, and a repeat under the same key is the same job', async () => {
    const ada = await clientOf('ada')
    expect((await ada.submitJob({})).id).toBe(1)
    expect((await ada.submitJob({})).id).toBe(2)
    expect((await ada.submitJob({ name: 'x' }, 'key-1')).id).toBe(3)
    expect((await ada.submitJob({ name: 'x' }, 'key-1')).id).toBe(3)
  })

  it('speaks every verb of the interface', async () => {
    const root = await clientOf('root', 'administrator')
    const { id } = await root.submitJob({ user: 'ada', hold: true })
    await scene.takeUp(START_MS, 1)
    expect((await root.listJobs({ state: ['PENDING'], limit: 1 })).items.map((job) => job.id)).toEqual([id])
    expect((await root.explainJob(id)).reasons[0]?.code).toBe('JobHeldUser')
    expect((await root.releaseJob(id)).act).toBe('release')
    expect((await root.holdJob(id)).act).toBe('hold')
    expect((await root.cancelJob(id)).act).toBe('cancel')
    expect((await root.drainNode('rngd-1', 'fan')).to).toBe('drain')
    expect((await root.resumeNode('rngd-1')).to).toBe('up')
    expect((await root.listPools()).items).toHaveLength(2)
    expect((await root.listNodes({ pool: 'rngd' })).items).toHaveLength(2)
    expect((await root.listAccounts({ user: 'cho' })).items).toHaveLength(1)
    expect((await root.getOverview()).center).toBe('small')
    expect((await root.getMe()).role).toBe('administrator')
    const made = await root.createKey({ user: 'ben', role: 'planner' })
    expect((await createClient({ url, key: made.key }).getMe()).user).toBe('ben')
    expect((await root.listKeys()).items.map((key) => key.id)).toContain(made.id)
    expect((await root.revokeKey(made.id)).revoked_at_ms).not.toBeNull()
    expect((await root.createSignInLink()).url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/sign-in\?code=/)
    expect((await root.getVersion()).name).toBe('dure')
    expect((await root.getReadyz()).status).toBe('not-ready')
  })
})
