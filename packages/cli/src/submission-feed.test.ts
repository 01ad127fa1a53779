import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createClient } from '@dure/client'
import { problemOf } from '@dure/contract'
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

/** A listener that answers submits as it is told to, and numbers jobs by their key as a center does. */
async function center(answer: (asked: Asked, nth: number) => Answer) {
  const asked: Asked[] = []
  const ids = new Map<string, number>()
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const one = { name: JSON.parse(body).name as string, key: String(request.headers['idempotency-key']) }
    asked.push(one)
    const say = (status: number, value: unknown, headers: Record<string, string> = {}): void => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value))
    }
    switch (answer(one, asked.filter(({ name }) => name === one.name).length)) {
      case 'accepted': {
        const id = ids.get(one.key) ?? ids.size + 1
        ids.set(one.key, id)
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
  return { asked, ids, client: createClient({ url: `http://127.0.0.1:${port}` }) }
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

  it('stops when it is told to, though the next job is a year away', async () => {
    const { client } = await center(() => 'accepted')
    const stop = new AbortController()
    const told = options(client, { signal: stop.signal, accepted: () => stop.abort() })
    await feed(jobs(2, 365 * 86_400_000), told)
    expect(stop.signal.aborted).toBe(true)
  })
})
