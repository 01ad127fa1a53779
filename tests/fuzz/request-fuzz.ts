// Requests by the hundred thousand on a real API: a process of its own on a real Redis, whose queue is taken up as it fills. Nothing may
// be answered with 5xx, end the process, stop it from answering others, or make it grow without end.

import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ApiProcess, startApi } from '@dure/api/testing'
import { createClient } from '@dure/client'
import { errorCodes, PROBLEM_MEDIA_TYPE, Problem, Role, readCenterFile } from '@dure/contract'
import type { Command } from '@dure/core'
import { redisPorts } from '@dure/engine'
import { handLedCenter, startPrivateRedis } from '@dure/engine/testing'
import fc from 'fast-check'
import { dice } from './mutation.ts'
import type { FuzzFailure } from './parser-fuzz.ts'
import { type FuzzedRequest, garbage, type OpenApi, requestsOf } from './requests.ts'

const START_MS = 1_800_000_000_000
const CONCURRENT = 8
/** One of so many is bytes that are almost HTTP. */
const GARBAGE_ONE_IN = 5
/** Drawn at a time. */
const BATCH = 500
/** A connection that is answered nothing is given up after this; most such garbage is a request that has not ended. */
const SILENT_MS = 300
const ANSWER_MS_MAX = 30_000
const GROWTH_MIB_MAX = 512
const FAILURES_MAX = 20

const center = `name: small
pools:
  - { name: h100, kind: gpu, model: h100, nodes: 4, accelerators_per_node: 8, cpus_per_node: 64, memory_per_node: 1TiB }
accounts:
  - { name: lab, shares: 3, users: [ada, ben] }
  - { name: firm, shares: 1, users: [cho] }
`

export interface RequestFuzz {
  readonly requests: number
  /** Of them, sent as bytes. */
  readonly garbage: number
  /** How many were answered with what; 0: the connection was closed without an answer. */
  readonly statuses: Readonly<Record<number, number>>
  readonly slowestMs: number
  readonly growthMib: number
  readonly failures: readonly FuzzFailure[]
}

/** @param untilMs of `performance.now()`, at which it stops with what it has done */
export async function fuzzRequests(
  requests: number,
  seed: number,
  untilMs = Number.POSITIVE_INFINITY,
): Promise<RequestFuzz> {
  const server = await startPrivateRedis({ appendfsync: 'everysec' })
  const redis = server.settings()
  const dataDirectory = await mkdtemp(join(tmpdir(), 'dure-fuzz-'))
  const ports = await redisPorts(redis, 'fuzz')
  let api: ApiProcess | undefined
  let heartbeat: NodeJS.Timeout | undefined
  try {
    const config = readCenterFile(center)
    if (!config.ok) throw new Error('the center to fuzz is not valid')
    const leader = await handLedCenter(ports, config.config, START_MS)
    let atMs = START_MS
    const consumption = await ports.commands.consume({
      epoch: 1,
      concurrency: 1000,
      handler: async (batch) => {
        atMs += 1000
        const commands = batch.map(({ id, command }) => ({ id, command: command as Command }))
        await leader.commit(atMs, commands)
        // What has been taken up is over at once, or the center would hold all of it.
        const jobs = commands.flatMap(({ command }) => (command.type === 'submit' ? [command.job] : []))
        await leader.commit(
          atMs,
          jobs.map((job) => ({ id: `x${job}`, command: { type: 'cancel', job } })),
        )
        for (const received of batch) received.settle()
      },
    })
    // A leader that leads says so, or the API is not ready.
    const publish = () => ports.clock.publish({ epoch: 1, atMs, speed: 60 }).catch(() => {})
    await publish()
    heartbeat = setInterval(publish, 500)
    const started = await startApi({
      redis,
      dataDirectory,
      environment: { DURE_LOG_LEVEL: 'warn', DURE_KEY_RATE: '0' },
    })
    if (!('url' in started)) throw new Error(`the API ended with ${started.exitCode}:\n${started.output}`)
    api = started
    const found = await fuzz(api, requests, seed, untilMs)
    await consumption?.stop()
    return found
  } finally {
    clearInterval(heartbeat)
    await api?.kill()
    await ports.close()
    await server.stop()
    await rm(dataDirectory, { recursive: true, force: true })
  }
}

async function fuzz(api: ApiProcess, requests: number, seed: number, untilMs: number): Promise<RequestFuzz> {
  const { url, administratorKey } = api
  const root = createClient({ url, key: administratorKey })
  const keys = await Promise.all(Role.options.map((role) => root.createKey({ user: 'ada', role })))
  const tokens = [
    ...keys.map(({ key }) => key),
    administratorKey,
    null,
    'dure_x',
    'a.b.c',
    `dure_${'a'.repeat(12)}_${'b'.repeat(43)}`,
  ]
  // What would let the fuzz lock itself out is asked for by nobody.
  const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as OpenApi
  const arbitrary = requestsOf({ paths }, tokens)
  const at = dice(seed)
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENT })
  const { port } = new URL(url)
  const failures: FuzzFailure[] = []
  const statuses: Record<number, number> = {}
  let garbageSent = 0
  let slowestMs = 0
  let sent = 0
  let warmMib: number | undefined

  const note = (status: number, ms: number): void => {
    statuses[status] = (statuses[status] ?? 0) + 1
    slowestMs = Math.max(slowestMs, ms)
  }

  async function one(drawn: FuzzedRequest): Promise<void> {
    const startMs = performance.now()
    const complain = (what: string): void =>
      void failures.push({ where: 'request', what, input: JSON.stringify(drawn).slice(0, 600) })
    try {
      const answer = await ask(url, agent, drawn)
      note(answer.status, performance.now() - startMs)
      // On a machine with other work the API may say that it cannot keep up; it says so before it falls over.
      if (answer.status === 503 && answer.text.includes('"ERR_BUSY"')) return
      if (answer.status >= 500) complain(`${answer.status}: ${answer.text.slice(0, 500)}`)
      else if (answer.status >= 400) {
        const problem = answer.type.startsWith(PROBLEM_MEDIA_TYPE)
          ? Problem.safeParse(JSON.parse(answer.text))
          : undefined
        if (!problem?.success || !errorCodes.includes(problem.data.code as never))
          complain(`no problem: ${answer.text.slice(0, 300)}`)
      }
    } catch (error) {
      complain(`was not answered: ${(error as Error).message}`)
    }
  }

  async function raw(): Promise<void> {
    garbageSent += 1
    const bytes = garbage(administratorKey, at)
    const startMs = performance.now()
    const text = await exchange(Number(port), bytes)
    const answered = [...text.matchAll(/^HTTP\/1\.[01] (\d{3})/gm)].map(([, status]) => Number(status))
    note(answered[0] ?? 0, performance.now() - startMs)
    if (answered.some((status) => status >= 500 && status !== 505)) {
      failures.push({ where: 'bytes', what: text.slice(0, 500), input: JSON.stringify(bytes).slice(0, 600) })
    }
  }

  while (sent < requests && failures.length < FAILURES_MAX && performance.now() < untilMs) {
    const batch = fc.sample(arbitrary, { numRuns: Math.min(BATCH, requests - sent), seed: seed + sent })
    let next = 0
    const worker = async (): Promise<void> => {
      while (next < batch.length && failures.length < FAILURES_MAX) {
        const drawn = batch[next++]!
        if (at.oneIn(GARBAGE_ONE_IN)) await raw()
        else await one(drawn)
      }
    }
    await Promise.all(Array.from({ length: CONCURRENT }, worker))
    sent += batch.length
    const health = await fetch(`${url}/livez`).catch((error: Error) => error)
    if (health instanceof Error || health.status !== 200) {
      failures.push({ where: 'API', what: `does not answer any more: ${api.output().slice(-2000)}`, input: '' })
      break
    }
    if (sent >= Math.min(requests / 10, 5000)) warmMib ??= await residentMib(url)
  }
  const growthMib = Math.max(0, (await residentMib(url).catch(() => 0)) - (warmMib ?? 0))
  if (growthMib > GROWTH_MIB_MAX) failures.push({ where: 'API', what: `grew by ${growthMib} MiB`, input: '' })
  const unexpected = api
    .output()
    .split('\n')
    .filter((line) => line.includes('unexpected error'))
  for (const line of unexpected.slice(0, 3)) failures.push({ where: 'log', what: line.slice(0, 1500), input: '' })
  agent.destroy()
  return { requests: sent, garbage: garbageSent, statuses, slowestMs, growthMib, failures }
}

interface Answer {
  readonly status: number
  readonly type: string
  text: string
}

function ask(url: string, agent: Agent, { method, path, headers, body }: FuzzedRequest): Promise<Answer> {
  return new Promise<Answer>((resolve, reject) => {
    const sent = httpRequest(url + path, { method, agent, headers, timeout: ANSWER_MS_MAX }, (response) => {
      const answer = { status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '', text: '' }
      if (answer.type.startsWith('text/event-stream')) {
        resolve(answer)
        sent.destroy()
        return
      }
      response.setEncoding('utf8')
      response.on('data', (text) => (answer.text += text))
      response.on('end', () => resolve(answer))
      response.on('error', reject)
    })
    sent.on('timeout', () => sent.destroy(new Error(`silent for ${ANSWER_MS_MAX} ms`)))
    sent.on('error', (error) => {
      // The server may close an idle connection just as it is used again: no answer to this request.
      if (sent.reusedSocket) ask(url, new Agent(), { method, path, headers, body }).then(resolve, reject)
      else reject(error)
    })
    sent.end(body)
  })
}

/** What comes back before it is silent, or closed. */
function exchange(port: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    let text = ''
    socket.setTimeout(SILENT_MS, () => socket.destroy())
    socket.setEncoding('latin1')
    socket.on('data', (data) => (text += data))
    socket.on('error', () => {})
    socket.on('close', () => resolve(text))
    socket.end(Buffer.from(bytes, 'latin1'))
  })
}

async function residentMib(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const bytes = Number(/^process_resident_memory_bytes (\S+)/m.exec(text)?.[1])
  return Math.round(bytes / 1024 / 1024)
}
