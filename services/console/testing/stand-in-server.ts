// The stand-in center behind HTTP, as the page meets the API: the same routes, the same strict policy for what a page may
// load and run, cookies left out. Whatever it answers has passed the contract's schema first.

import { createReadStream, existsSync, statSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import {
  type CommitEvent,
  type ErrorCode,
  Explain,
  errors,
  events,
  type Finding,
  findingsOf,
  Job,
  JobAccepted,
  JobActAccepted,
  JobList,
  JobListQuery,
  Me,
  Overview,
  PROBLEM_MEDIA_TYPE,
  preferredLanguage,
  problemOf,
  type Role,
  SubmitJob,
} from '@dure/contract'
import type { z } from 'zod'
import { type StandInCenter, standInCenter } from './stand-in-center.ts'

/** As strict as the API's own: nothing inline, nothing from elsewhere, no code from strings. */
const CONTENT_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
  "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}

const COMMITS_KEPT = 200

const WARM_UP_MINUTES = 150

/** Whom everybody is signed in as. */
const USER = 'univ-a-1'

export interface StandInServer {
  readonly url: string
  readonly center: StandInCenter
  /** Moves the center on and tells everyone who listens. */
  readonly tick: (times?: number) => void
  /** Breaks every event stream, as a restart of the server does; they come back by themselves. */
  readonly dropStreams: () => void
  /** Streams opened so far, with where each asked to go on from. */
  readonly streamsFrom: readonly number[]
  /** Streams that listen now. */
  readonly listeners: () => number
  /** From now on older commits are forgotten: a stream that asks for them gets a `reset`. */
  readonly forget: () => void
  role: Role
  signedIn: boolean
  /** While it is on, the connection of a submit breaks after the job was taken. */
  losesAnswers: boolean
  readonly close: () => Promise<void>
}

/** @param folder where the built page is */
export async function standInServer(folder: string, port = 0): Promise<StandInServer> {
  const center = standInCenter()
  // Long enough for the center to have filled up and for a queue to stand.
  for (let minute = 0; minute < WARM_UP_MINUTES; minute++) center.tick()
  const streams = new Set<ServerResponse>()
  const streamsFrom: number[] = []
  const kept: CommitEvent[] = []
  const jobOfKey = new Map<string, number>()

  const languageOf = (request: IncomingMessage) => preferredLanguage(request.headers['accept-language'])

  function answer<Schema extends z.ZodType>(
    response: ServerResponse,
    status: number,
    schema: Schema,
    value: z.input<Schema>,
  ): void {
    response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
    response.end(JSON.stringify(schema.parse(value)))
  }

  function refuse(
    request: IncomingMessage,
    response: ServerResponse,
    code: ErrorCode,
    details: { detail?: string; findings?: readonly Finding[] } = {},
  ): void {
    response.writeHead(errors[code].status ?? 500, { 'Content-Type': PROBLEM_MEDIA_TYPE })
    response.end(JSON.stringify(problemOf(code, languageOf(request), details)))
  }

  const frame = (event: string, data: unknown, id?: number): string =>
    `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`

  function listen(request: IncomingMessage, response: ServerResponse, url: URL): void {
    const after = Number(request.headers['last-event-id'] ?? url.searchParams.get('after') ?? center.revision())
    streamsFrom.push(after)
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
    response.write('retry: 100\n\n')
    const oldest = kept[0]?.revision ?? center.revision() + 1
    if (after + 1 < oldest && after < center.revision()) {
      response.write(frame('reset', events.reset.parse({ revision: center.revision(), snapshot: '/v1/overview' })))
    } else {
      for (const commit of kept) if (commit.revision > after) response.write(frame('commit', commit, commit.revision))
    }
    response.write(frame('overview', events.overview.parse(center.overview())))
    streams.add(response)
    response.on('close', () => streams.delete(response))
  }

  async function submit(request: IncomingMessage, response: ServerResponse) {
    let text = ''
    for await (const chunk of request) text += chunk
    const body: unknown = JSON.parse(text)
    const language = languageOf(request)
    const read = SubmitJob.safeParse(body)
    if (!read.success) {
      const findings = findingsOf(read.error.issues, body, Object.keys(SubmitJob.shape), language)
      return refuse(request, response, 'ERR_INVALID_REQUEST', { findings })
    }
    const admitted = center.admit(read.data, read.data.user ?? USER)
    if (admitted.kind === 'refused') {
      const { code, pointer, detail } = admitted
      const findings = [{ pointer, code, detail: detail[language] }]
      return refuse(request, response, code, { detail: detail[language], findings })
    }
    const key = String(request.headers['idempotency-key'])
    const id = jobOfKey.get(key) ?? center.submit(admitted)
    jobOfKey.set(key, id)
    if (server.losesAnswers) {
      response.destroy()
      return
    }
    const self = `/v1/jobs/${id}`
    answer(response, 202, JobAccepted, { id, state: 'accepted', links: { self, explain: `${self}/explain` } })
  }

  function list(request: IncomingMessage, response: ServerResponse, url: URL) {
    const read = JobListQuery.safeParse(Object.fromEntries(url.searchParams))
    if (!read.success) return refuse(request, response, 'ERR_INVALID_REQUEST')
    const { state, user, pool, limit, cursor } = read.data
    const matching = center
      .jobs()
      .filter(
        (job) =>
          (state === undefined || state.includes(job.state)) &&
          (user === undefined || job.user === user) &&
          (pool === undefined || (job.pool === null ? job.pools.includes(pool) : job.pool === pool)) &&
          (cursor === undefined || job.id < Number(cursor)),
      )
    const items = matching.slice(0, limit)
    const next_cursor = matching.length > limit ? String(items.at(-1)?.id) : null
    answer(response, 200, JobList, { items: [...items], next_cursor })
  }

  function ofJob(request: IncomingMessage, response: ServerResponse, id: number, part: string | undefined) {
    const job = center.job(id)
    if (job === undefined) return refuse(request, response, 'ERR_JOB_NOT_FOUND')
    if (request.method === 'GET' && part === undefined) return answer(response, 200, Job, job)
    if (request.method === 'GET' && part === 'explain') return answer(response, 200, Explain, center.explain(id))
    const act = request.method === 'DELETE' ? 'cancel' : part
    if (act !== 'cancel' && act !== 'hold' && act !== 'release') return refuse(request, response, 'ERR_ROUTE_NOT_FOUND')
    if (job.ended_at_ms !== null) return refuse(request, response, 'ERR_JOB_ENDED')
    center.act(id, act)
    answer(response, 202, JobActAccepted, { id, act, command: `c${id}` })
  }

  function file(request: IncomingMessage, response: ServerResponse, path: string) {
    const found = join(folder, normalize(path === '/' ? '/index.html' : path))
    if (!found.startsWith(folder) || !existsSync(found) || !statSync(found).isFile()) {
      return refuse(request, response, 'ERR_ROUTE_NOT_FOUND')
    }
    response.writeHead(200, {
      'Content-Type': mediaTypes[extname(found)] ?? 'application/octet-stream',
      'Content-Security-Policy': CONTENT_POLICY,
      'X-Content-Type-Options': 'nosniff',
    })
    createReadStream(found).pipe(response)
  }

  async function route(request: IncomingMessage, response: ServerResponse) {
    const url = new URL(request.url ?? '/', 'http://stand-in')
    if (!url.pathname.startsWith('/v1/')) return file(request, response, url.pathname)
    if (!server.signedIn) return refuse(request, response, 'ERR_NO_KEY')
    const [, , what, id, part] = url.pathname.split('/')
    if (what === 'me') {
      return answer(response, 200, Me, {
        user: USER,
        role: server.role,
        accounts: center.accountsOf(USER),
        jobs_pending: 0,
        jobs_running: 0,
      })
    }
    if (what === 'overview') return answer(response, 200, Overview, center.overview())
    if (what === 'events') return listen(request, response, url)
    if (what === 'jobs' && id !== undefined) return ofJob(request, response, Number(id), part)
    if (what === 'jobs') return request.method === 'POST' ? submit(request, response) : list(request, response, url)
    return refuse(request, response, 'ERR_ROUTE_NOT_FOUND')
  }

  const http = createServer((request, response) => {
    route(request, response).catch((error: unknown) => {
      console.error(error)
      response.destroy()
    })
  })
  await new Promise<void>((listening) => http.listen(port, '127.0.0.1', listening))

  const server: StandInServer = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    center,
    tick(times = 1) {
      for (let time = 0; time < times; time++) {
        const commit = events.commit.parse(center.tick())
        kept.push(commit)
        if (kept.length > COMMITS_KEPT) kept.shift()
        for (const stream of streams) stream.write(frame('commit', commit, commit.revision))
      }
      const overview = frame('overview', events.overview.parse(center.overview()))
      for (const stream of streams) stream.write(overview)
    },
    dropStreams() {
      for (const stream of streams) stream.destroy()
    },
    streamsFrom,
    listeners: () => streams.size,
    forget() {
      kept.length = 0
    },
    role: 'administrator',
    signedIn: true,
    losesAnswers: false,
    close: () =>
      new Promise((closed) => {
        http.close(() => closed())
        http.closeAllConnections()
      }),
  }
  return server
}
