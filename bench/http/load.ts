// Load on an address of this machine: as many requests as it takes at a time, which says how many a second; or at a rate that
// it does not choose, which says how long each takes.
//
// The first is autocannon's. The second is not: at a rate autocannon sends each second's requests in one burst at its
// beginning, and corrects latencies for an interval of a millisecond whatever the rate is (autocannon 9.0.0). Here each
// request has its own moment, keeps it whatever happens to those before, and is timed from that moment on.

import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import autocannon from 'autocannon'

export interface Asked {
  readonly url: string
  readonly method?: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Every answer must have it. */
  readonly status: number
}

export const CONNECTIONS = 64
/** Only to end what hangs. */
const TIMEOUT_S = 60
/** More than are ever under way at a rate that is kept. */
const SOCKETS_MAX = 512

interface LoadOptions {
  /** Sends an Idempotency-Key, a new one each time. */
  readonly freshKey?: boolean
  /** Under way at any time. */
  readonly connections?: number
}

/** Requests a second, as many as the address takes. */
export async function requestsPerSecond(asked: Asked, count: number, options: LoadOptions = {}): Promise<number> {
  const { freshKey = false, connections = CONNECTIONS } = options
  const { url, method = 'GET', headers = {}, body, status } = asked
  let sent = 0
  const run = `${process.pid}-${performance.now()}`
  let good = 0
  let lastMs = 0
  const beganMs = performance.now()
  const { errors, timeouts } = await new Promise<autocannon.Result>((resolve, reject) => {
    const load = autocannon(
      {
        url,
        connections: Math.min(connections, count),
        amount: count,
        timeout: TIMEOUT_S,
        method,
        headers,
        ...(body !== undefined && { body }),
        ...(freshKey && {
          requests: [
            {
              setupRequest: (one) => ({ ...one, headers: { ...one.headers, 'idempotency-key': `${run}-${sent++}` } }),
            },
          ],
        }),
      },
      (error, result) => (error ? reject(error) : resolve(result)),
    )
    // It looks only once a second whether it is done.
    load.on('response', (_, answered: number) => {
      if (answered === status) good++
      lastMs = performance.now()
    })
  })
  if (good !== count)
    throw new Error(
      `${method} ${url}: ${good} of ${count} answers were ${status}; ${errors} errors, ${timeouts} of them for want of an answer`,
    )
  return (1000 * count) / (lastMs - beganMs)
}

/** Milliseconds from the moment each request was due until its answer was read to the end. */
export async function latenciesAt(perSecond: number, asked: Asked, count: number): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: SOCKETS_MAX })
  try {
    const beganMs = performance.now()
    const answers: Promise<number>[] = []
    for (let i = 0; i < count; i++) {
      const dueMs = beganMs + (1000 * i) / perSecond
      const waitMs = dueMs - performance.now()
      if (waitMs > 1) await pause(waitMs)
      answers.push(answered(agent, asked, dueMs))
    }
    return await Promise.all(answers)
  } finally {
    agent.destroy()
  }
}

async function answered(agent: Agent, { url, method = 'GET', headers = {}, body, status }: Asked, dueMs: number) {
  const asking = request(url, { method, agent, headers })
  asking.end(body)
  const [response] = await once(asking, 'response')
  response.resume()
  await once(response, 'end')
  if (response.statusCode !== status) throw new Error(`${method} ${url} was answered ${response.statusCode}`)
  return performance.now() - dueMs
}
