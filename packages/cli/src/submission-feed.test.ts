import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createClient } from '@dure/client'
import { type Job, problemOf } from '@dure/contract'
import { afterEach, describe, expect, it } from 'vitest'
import { type DueJob, type FeedOptions, feed } from './submission-feed.ts'

interface Asked {
  readonly name: string
  readonly key: string
}

type Answer = 'accepted' | 'busy' | 'refused' | 'denied'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** What a center shows of a job that waits, or runs. */
const shown = (id: number, state: Job['state']): Job => ({
  id,
  name: `job-${id}`,
  state,
  held_by: null,
  reason: null,
  account: 'lab',
  user: 'kim',
  pools: ['h100'],
  speeds: null,
  accelerator: 'gpu',
  pool: null,
  speed: null,
  nodes: 1,
  accelerators_per_node: 1,
  accelerators: 1,
  cpus_per_node: 1,
  memory_mib_per_node: 1,
  time_limit_ms: 60_000,
  run_time_ms: null,
  comment: null,
  submitted_at_ms: 0,
  started_at_ms: null,
  ended_at_ms: null,
  wait_ms: null,
  attempt: 0,
  exit_code: null,
  start_cause: null,
  promised_start_at_ms: null,
  placement: [],
  revision: 1,
})

/**
 * A listener that answers submits as it is told to, and numbers jobs by their key as a center does. Jobs with an even number in
 * their name run, the others wait.
 */
async function center(answer: (asked: Asked, nth: number) => Answer) {
  const asked: Asked[] = []
  const cancelled: string[] = []
  const names = new Map<number, string>()
  const ids = new Map<string, number>()
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    if (request.method !== 'POST') {
      const id = Number(request.url!.split('/').at(-1))
      const name = names.get(id)!
      if (request.method === 'DELETE') cancelled.push(name)
      const given = request.method === 'GET' ? shown(id, /[02468]$/.test(name) ? 'RUNNING' : 'PENDING') : null
      response
        .writeHead(given === null ? 202 : 200, { 'content-type': 'application/json' })
        .end(JSON.stringify(given ?? { id, act: 'cancel', command: 'c' }))
      return
    }
    const one = { name: JSON.parse(body).name as string, key: String(request.headers['idempotency-key']) }
    asked.push(one)
    const say = (status: number, value: unknown, headers: Record<string, string> = {}): void => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value))
    }
    switch (answer(one, asked.filter(({ name }) => name === one.name).length)) {
      case 'accepted': {
        const id = ids.get(one.key) ?? ids.size + 1
        ids.set(one.key, id)
        names.set(id, one.name)
        return say(202, { id, state: 'accepted', links: { self: '', explain: '' } })
      }
      case 'busy':
        return say(503, { ...problemOf('ERR_BUSY', 'en'), status: 503 }, { 'retry-after': '0' })
      case 'refused':
        return say(422, problemOf('ERR_UNKNOWN_POOL', 'en'))
      case 'denied':
        return say(403, problemOf('ERR_ROLE', 'en'))
    }
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { asked, cancelled, ids, client: createClient({ url: `http://127.0.0.1:${port}` }) }
}

const jobs = (count: number, everyMs: number): DueJob[] =>
  Array.from({ length: count }, (_, i) => ({ afterMs: i * everyMs, body: { name: `job-${i}` } }))

function options(
  client: FeedOptions['center'],
  given: Partial<FeedOptions> = {},
): FeedOptions & { ids: number[]; codes: string[] } {
  const ids: number[] = []
  const codes: string[] = []
  return {
    center: client,
    speed: 1000,
    signal: new AbortController().signal,
    accepted: (id) => void ids.push(id),
    refused: ({ problem }) => void codes.push(problem.code),
    ids,
    codes,
    ...given,
  }
}

describe('a feed', () => {
  it('hands in every job once, and not before its time on the center’s clock', async () => {
    const { client, asked } = await center(() => 'accepted')
    const told = options(client)
    const beganMs = performance.now()
    await feed(jobs(40, 5000), told)
    // The last is due after 195 center seconds: 195 ms here.
    expect(performance.now() - beganMs).toBeGreaterThanOrEqual(195)
    expect(asked.map(({ name }) => name).sort()).toEqual(
      jobs(40, 0)
        .map(({ body }) => String(body.name))
        .sort(),
    )
    expect(new Set(told.ids).size).toBe(40)
  })

  it('offers a job again under its own key while the center is busy', async () => {
    const { client, asked, ids } = await center((_, nth) => (nth < 3 ? 'busy' : 'accepted'))
    let delays = 0
    const told = options(client, { delayed: () => void delays++ })
    await feed(jobs(5, 0), told)
    expect(asked).toHaveLength(15)
    expect(delays).toBe(10)
    expect(ids.size).toBe(5)
    for (const name of new Set(asked.map((one) => one.name))) {
      expect(new Set(asked.filter((one) => one.name === name).map(({ key }) => key)).size).toBe(1)
    }
    expect(new Set(asked.map(({ key }) => key)).size).toBe(5)
  })

  it('goes on behind a job that the center will never take', async () => {
    const { client } = await center(({ name }) => (name === 'job-1' ? 'refused' : 'accepted'))
    const told = options(client)
    await feed(jobs(4, 0), told)
    expect(told.ids).toHaveLength(3)
    expect(told.codes).toEqual(['ERR_UNKNOWN_POOL'])
  })

  it('gives up where every job would be turned away', async () => {
    const { client, asked } = await center(() => 'denied')
    await expect(feed(jobs(1000, 1000), options(client))).rejects.toMatchObject({ problem: { code: 'ERR_ROLE' } })
    expect(asked.length).toBeLessThan(1000)
  })

  it('cancels what still waits when its owner has lost patience, and nothing that runs', async () => {
    const { client, cancelled, ids } = await center(() => 'accepted')
    // Owners are looked after when the next job comes: the last one does long after their minute is over.
    const asked: DueJob[] = [
      ...jobs(6, 0).map((job) => ({ ...job, patienceMs: 60_000 })),
      ...jobs(8, 0)
        .slice(6)
        .map((job) => ({ ...job, patienceMs: 1e9 })),
      ...jobs(10, 0).slice(8),
      { afterMs: 1_000_000, body: { name: 'job-10' } },
    ]
    await feed(asked, options(client))
    expect(ids.size).toBe(11)
    expect(cancelled.sort()).toEqual(['job-1', 'job-3', 'job-5'])
  })

  it('stops when it is told to, though the next job is a year away', async () => {
    const { client } = await center(() => 'accepted')
    const stop = new AbortController()
    const told = options(client, { signal: stop.signal, accepted: () => stop.abort() })
    await feed(jobs(2, 365 * 86_400_000), told)
    expect(stop.signal.aborted).toBe(true)
  })
})
