import { once } from 'node:events'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, createClient } from '@dure/client'
import { finishIdOf, writeLabel } from '@dure/contract'
import type { Command } from '@dure/core'
import {
  Archive,
  fileSegments,
  type Ports,
  type ReceivedCommand,
  type RedisSettings,
  redisPorts,
  Term,
} from '@dure/engine'
import { freePort, handLedCenter, type PrivateRedis, startPrivateRedis, startProxy } from '@dure/engine/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type ApiEnding, type ApiProcess, startApi } from './testing/api-process.ts'
import { START_MS, smallCenter } from './testing/scene.ts'

let server: PrivateRedis
let redis: RedisSettings
let dataDirectory: string
let ports: Ports
const running: ApiProcess[] = []

beforeAll(async () => {
  server = await startPrivateRedis()
})
afterAll(() => server.stop())

beforeEach(async () => {
  redis = server.settings()
  dataDirectory = await mkdtemp(join(tmpdir(), 'dure-api-'))
  ports = await redisPorts(redis, 'test')
})
afterEach(async () => {
  await Promise.all(running.splice(0).map((api) => api.kill()))
  await ports.close()
  await rm(dataDirectory, { recursive: true, force: true })
})

async function start(environment?: Readonly<Record<string, string>>): Promise<{ api: ApiProcess; root: Client }> {
  const api = await startApi({ redis, dataDirectory, ...(environment !== undefined && { environment }) })
  if (!('url' in api)) throw new Error(`the API ended with ${api.exitCode}:\n${api.output}`)
  running.push(api)
  return { api, root: createClient({ url: api.url, key: api.administratorKey }) }
}

async function startInVain(environment: Readonly<Record<string, string>>): Promise<ApiEnding> {
  const ending = await startApi({ redis, dataDirectory, environment })
  if ('url' in ending) {
    running.push(ending)
    throw new Error('the API started')
  }
  return ending
}

/** What lies in the queue of commands, taken out by its one consumer. */
async function queuedCommands(atLeast: number): Promise<ReceivedCommand[]> {
  const received: ReceivedCommand[] = []
  const consumption = await ports.commands.consume({
    epoch: 1,
    concurrency: 1000,
    handler: async (batch) => void received.push(...batch),
  })
  await vi.waitFor(() => expect(received.length).toBeGreaterThanOrEqual(atLeast), 10_000)
  for (const command of received) command.settle()
  await consumption?.stop()
  return received
}

const JOBS = 20

/** A leader whose jobs have all ended, and who has moved what it could to segments. */
async function leadAndTrim(folder: string): Promise<void> {
  const lease = await ports.lease.acquire('leader', 60_000)
  if (lease.kind !== 'acquired') throw new Error('somebody else leads')
  let wallMs = 0
  const options = { owner: 'leader', genesis: smallCenter, genesisMs: START_MS, speed: 1, poisonous: new Set<string>() }
  const term = await Term.begin(ports, { ...options, monotonicMs: () => wallMs }, lease.epoch)
  const take = async (id: string, command: Command): Promise<void> => {
    term.receive([{ id, command, deliveries: 1, settle: () => {} }])
    await term.step()
  }
  for (let job = 1; job <= JOBS; job++) {
    await take(`c${job}`, {
      type: 'submit',
      job,
      account: 'lab',
      user: 'ada',
      request: { pools: ['h100'], nodes: 1, acceleratorsMilli: 1_000, cpuMilli: 1_000, memoryMib: 1_024 },
      timeLimitMs: 60_000,
      held: null,
      label: writeLabel({ name: `job ${job}`, run_time_ms: 1_000, exit_code: 0 }),
    })
    wallMs += 1_000
    await take(finishIdOf(job, 1), { type: 'finish', job, attempt: 1, exitCode: 0 })
  }
  await term.savepoint()
  const archive = new Archive({
    ledger: ports.ledger,
    segments: fileSegments(folder),
    keptEntries: 5,
    segmentEntries: 8,
  })
  while (await archive.move(term.storedRevision));
  await ports.lease.release(lease.epoch)
}

/** What a reader that has seen `revision` is told first, an event each. */
async function eventsAfter({ url, administratorKey }: ApiProcess, revision: number): Promise<string[]> {
  const over = new AbortController()
  const response = await fetch(`${url}/v1/events`, {
    headers: { authorization: `Bearer ${administratorKey}`, 'last-event-id': `${revision}` },
    signal: over.signal,
  })
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  while (!text.includes('event: overview')) text += (await reader.read()).value
  over.abort()
  return text.split('\n\n')
}

describe('the API on a real Redis', () => {
  it('whose ledger was trimmed starts at a savepoint, remembers who ended before, and starts readers of long ago over', async () => {
    await leadAndTrim(join(dataDirectory, 'ledger'))
    const extent = (await ports.ledger.extent())!
    expect(extent.firstRevision).toBeGreaterThan(20)

    const { api, root } = await start({ DURE_SEGMENTS: join(dataDirectory, 'ledger') })
    const { items } = await root.listJobs({ limit: 100 })
    expect(items.map(({ id, name, state }) => [id, name, state])).toEqual(
      Array.from({ length: JOBS }, (_, i) => [JOBS - i, `job ${JOBS - i}`, 'COMPLETED']),
    )
    expect((await eventsAfter(api, 3)).filter((event) => event.startsWith('event: reset'))).toEqual([
      `event: reset\nid: ${extent.lastRevision}\ndata: {"revision":${extent.lastRevision},"snapshot":"/v1/overview"}`,
    ])
    expect((await root.getOverview()).revision).toBe(extent.lastRevision)
    expect((await eventsAfter(api, extent.lastRevision)).join()).not.toContain('event: reset')
  })

  it('puts a submit into `commands` once, however often it is sent, and keeps it over a crash', async () => {
    await handLedCenter(ports, smallCenter, START_MS)
    const first = await start()
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => first.root.submitJob({ user: 'ada', name: 'once' }, 'the-same-key')),
    )
    expect(new Set(answers.map(({ id }) => id))).toEqual(new Set([1]))
    expect((await first.root.submitJob({ user: 'ben' })).id).toBe(2)
    await first.api.kill()

    const second = await start()
    expect((await second.root.submitJob({ user: 'ada', name: 'once' }, 'the-same-key')).id).toBe(1)
    expect(await second.root.getJob(1)).toMatchObject({ state: 'accepted', name: 'once', user: 'ada' })
    await vi.waitFor(async () => {
      const { items } = await second.root.listJobs({ state: ['accepted'] })
      expect(items.map(({ id }) => id)).toEqual([2, 1])
    })
    const commands = await queuedCommands(2)
    expect(commands.map(({ id, seq, command }) => [id, seq, (command as { name?: string; job: number }).job])).toEqual([
      ['c1', 1, 1],
      ['c2', 2, 2],
    ])
  })

  it('that dies between numbering a group of submits and queueing it leaves their numbers to whoever sends them again', async () => {
    await handLedCenter(ports, smallCenter, START_MS)
    const proxy = await startProxy(server.port)
    try {
      const there = redis
      redis = { ...redis, url: `redis://127.0.0.1:${proxy.port}` }
      const first = await start()
      redis = there
      // The scripts are known to Redis by now.
      await first.root.submitJob({ user: 'ada' }, 'before')
      proxy.swallowReplies()
      const keys = Array.from({ length: 20 }, (_, i) => `k-${i}`)
      const cutShort = keys.map((key) => first.root.submitJob({ user: 'ada', name: key }, key).catch(() => 'cut short'))
      await vi.waitFor(async () => expect(await ports.intake.last()).toBe(21), 10_000)
      await first.api.kill()
      expect(new Set(await Promise.all(cutShort))).toEqual(new Set(['cut short']))
      expect((await ports.commands.backlog()).waiting).toBe(1)

      const second = await start()
      // One of them cannot be taken in at all; those in its group can.
      const impossible = second.root
        .submitJob({ user: 'ada', nodes: 5 }, 'impossible')
        .catch((error) => error.problem.code)
      const again = await Promise.all(keys.map((key) => second.root.submitJob({ user: 'ada', name: key }, key)))
      expect(await impossible).toBe('ERR_IMPOSSIBLE_REQUEST')
      const numbers = again.map(({ id }) => id)
      expect(numbers.toSorted((a, b) => a - b)).toEqual(keys.map((_, i) => i + 2))
      expect((await second.root.submitJob({ user: 'ada' })).id).toBe(22)
      const queued = await queuedCommands(22)
      expect(queued.map(({ id }) => id).sort()).toEqual(Array.from({ length: 22 }, (_, i) => `c${i + 1}`).sort())
      const named = (id: string) => (queued.find((one) => one.id === id)!.command as { label: string }).label
      for (const [i, key] of keys.entries()) expect(named(`c${numbers[i]}`)).toContain(`"${key}"`)
    } finally {
      await proxy.stop()
    }
  })

  it('has one administrator key that others cannot read, and a link that signs in once', async () => {
    const { api, root } = await start()
    expect((await stat(join(dataDirectory, 'admin.key'))).mode & 0o777).toBe(0o600)
    expect(await root.getMe()).toMatchObject({ user: 'admin', role: 'administrator' })
    const signedIn = await fetch(api.signInUrl, { redirect: 'manual' })
    expect([signedIn.status, (await fetch(api.signInUrl)).status]).toEqual([200, 401])
    const cookie = signedIn.headers.get('set-cookie')!.split(';')[0]!
    expect((await fetch(`${api.url}/v1/me`, { headers: { cookie } })).status).toBe(200)

    // The session and the key are those of the store, not of the process.
    expect(await api.stop()).toBe(0)
    const again = await start()
    expect(again.api.administratorKey).toBe(api.administratorKey)
    expect((await fetch(`${again.api.url}/v1/me`, { headers: { cookie } })).status).toBe(200)
    expect(await again.root.listKeys()).toMatchObject({ items: [{ user: 'admin' }] })
    for (const secret of [
      api.administratorKey,
      new URL(api.signInUrl).searchParams.get('code')!,
      cookie.split('=')[1]!,
    ]) {
      expect(api.output() + again.api.output()).not.toContain(secret)
    }
  })

  it('makes a new key where the store does not know the one in the file', async () => {
    await writeFile(join(dataDirectory, 'admin.key'), `dure_${'a'.repeat(12)}_${'b'.repeat(43)}\n`)
    const { root } = await start()
    expect((await root.getMe()).role).toBe('administrator')
  })

  it('says so while Redis is away, and goes on when it is back', async () => {
    const leader = await handLedCenter(ports, smallCenter, START_MS)
    const { root } = await start()
    await server.kill()
    await expect(root.submitJob({ user: 'ada' })).rejects.toMatchObject({
      isPassing: true,
      problem: { code: 'ERR_STORE_UNAVAILABLE' },
    })
    const readyz = await root.getReadyz()
    expect(readyz.checks.find(({ name }) => name === 'redis')?.ok).toBe(false)
    await server.restart()
    await vi.waitFor(
      async () => expect((await root.submitJob({ user: 'ada' }, 'through')).id).toBeGreaterThan(0),
      40_000,
    )
    // The ledger is followed again from where it was.
    await leader.commit(START_MS + 1, [{ id: 'n', command: { type: 'node', pool: 'rngd', node: 0, to: 'drain' } }])
    await vi.waitFor(async () => expect((await root.listNodes({ state: 'drain' })).items).toHaveLength(1), 40_000)
  })

  it('shows the queues to administrators, and lets nobody change them there', async () => {
    await handLedCenter(ports, smallCenter, START_MS)
    const { api, root } = await start()
    await root.submitJob({ user: 'ada' })
    const board = (path: string, key: string, method = 'GET') =>
      fetch(`${api.url}/queues${path}`, { method, headers: { authorization: `Bearer ${key}` } })
    const queues = await board('/api/queues', api.administratorKey)
    expect(queues.status).toBe(200)
    const { queues: shown } = (await queues.json()) as {
      queues: { name: string; counts: { waiting: number }; readOnlyMode: boolean }[]
    }
    expect(shown.map(({ name, readOnlyMode }) => [name, readOnlyMode])).toEqual([
      ['commands', true],
      ['runs-gpu', true],
      ['runs-npu', true],
      ['runs-pim', true],
      ['studies', true],
    ])
    expect(shown[0]?.counts.waiting).toBe(1)
    expect((await board('/', api.administratorKey)).headers.get('content-type')).toContain('text/html')
    expect((await board('/api/queues/commands/pause', api.administratorKey, 'PUT')).status).toBe(405)
    const { key } = await root.createKey({ user: 'ada', role: 'operator' })
    expect((await board('/api/queues', key)).status).toBe(403)
    expect((await fetch(`${api.url}/queues/api/queues`)).status).toBe(401)
  })

  it('ends in order when asked, with streams open', async () => {
    await handLedCenter(ports, smallCenter, START_MS)
    const { api } = await start()
    const stream = await fetch(`${api.url}/v1/events`, { headers: { authorization: `Bearer ${api.administratorKey}` } })
    const text = stream.text()
    expect(await api.stop()).toBe(0)
    expect(await text).toContain('event: overview')
  })
})

describe('the API that cannot start', () => {
  it('says that no Redis answers, and not that trying again is of no use', async () => {
    const { exitCode, output } = await startInVain({ DURE_REDIS_URL: `redis://127.0.0.1:${await freePort()}` })
    expect(exitCode).toBe(69)
    expect(output).toContain('No Redis answers at redis://127.0.0.1:')
  })

  it('names a taken port', async () => {
    const holder = createServer().listen(0, '127.0.0.1')
    await once(holder, 'listening')
    const { port } = holder.address() as { port: number }
    const { exitCode, output } = await startInVain({ DURE_PORT: String(port) })
    expect(exitCode).toBe(78)
    expect(output).toContain(`Port ${port} on 127.0.0.1 is taken`)
    holder.close()
  })

  it('names a directory it cannot use', async () => {
    const file = join(dataDirectory, 'file')
    await writeFile(file, '')
    const { exitCode, output } = await startInVain({ DURE_DATA: join(file, 'data') })
    expect(exitCode).toBe(78)
    expect(output).toContain('set DURE_DATA to another directory')
  })

  it('names a host that is not here', async () => {
    const { exitCode, output } = await startInVain({ DURE_HOST: '203.0.113.7' })
    expect(exitCode).toBe(78)
    expect(output).toContain('This machine has no address 203.0.113.7')
  })
})
