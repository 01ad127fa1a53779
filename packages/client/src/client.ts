// The HTTP interface as functions. Answers are checked against the contract's schemas before anybody sees them; whatever
// else happens is a `ClientError`. Nothing is sent twice by itself: whoever repeats a submit gives it the same key.

import {
  AccountList,
  type AccountListQuery,
  AuditList,
  CreatedKey,
  type CreateKey,
  type CreateStudy,
  Explain,
  Job,
  JobAccepted,
  JobActAccepted,
  JobList,
  type JobListQuery,
  Key,
  KeyList,
  type Language,
  Me,
  NodeActionAccepted,
  NodeList,
  type NodeListQuery,
  Overview,
  PoolList,
  PowerCapAccepted,
  Problem,
  Readyz,
  SignInLink,
  StudyList,
  StudyResults,
  StudyView,
  type SubmitJobBody,
  Version,
} from '@dure/contract'
import type { z } from 'zod'
import { ClientError, clientError } from './client-error.ts'
import { type FollowOptions, followEvents, type ReceivedEvent } from './events.ts'

export interface ClientOptions {
  /** Where the center answers, without a slash at the end. */
  readonly url: string
  /** Undefined where none is needed: public addresses, or a browser's session. */
  readonly key?: string | undefined
  /** Of problems. */
  readonly language?: Language
}

/** How many items, from where on; every list takes both. */
export interface PageOptions {
  readonly limit?: number | undefined
  readonly cursor?: string | undefined
}

/** A query as it is written here: lists stay lists, and what has a default may be left out. */
type Filter<Query> = PageOptions & {
  readonly [Name in Exclude<keyof Query, keyof PageOptions>]?: Query[Name] | undefined
}

export interface Client {
  /** `idempotencyKey`: give the same one again to repeat a submit without a second job. Default: a new one. */
  submitJob(job: SubmitJobBody, idempotencyKey?: string): Promise<JobAccepted>
  listJobs(filter?: Filter<JobListQuery>): Promise<JobList>
  getJob(job: number): Promise<Job>
  explainJob(job: number): Promise<Explain>
  cancelJob(job: number): Promise<JobActAccepted>
  holdJob(job: number): Promise<JobActAccepted>
  releaseJob(job: number): Promise<JobActAccepted>

  getOverview(): Promise<Overview>
  listPools(page?: PageOptions): Promise<PoolList>
  listNodes(filter?: Filter<NodeListQuery>): Promise<NodeList>
  drainNode(node: string, reason?: string): Promise<NodeActionAccepted>
  resumeNode(node: string, reason?: string): Promise<NodeActionAccepted>
  /** In whole watts; null lifts the cap. */
  capPower(capW: number | null, reason?: string): Promise<PowerCapAccepted>
  listAccounts(filter?: Filter<AccountListQuery>): Promise<AccountList>

  /** Equal questions are one study, so that asking again finds it, or lets it go on. */
  createStudy(question: CreateStudy): Promise<StudyView>
  listStudies(page?: PageOptions): Promise<StudyList>
  getStudy(id: string): Promise<StudyView>
  cancelStudy(id: string): Promise<StudyView>
  getStudyResults(id: string): Promise<z.output<typeof StudyResults>>

  /** Follows the center until the signal; a connection that breaks is taken up again behind the last event. */
  followEvents(options: FollowOptions): AsyncGenerator<ReceivedEvent>

  getMe(): Promise<Me>
  createKey(key: CreateKey): Promise<CreatedKey>
  listKeys(page?: PageOptions): Promise<KeyList>
  /** A new key in its place; both are good for the overlap, a day where nothing is said. */
  rotateKey(id: string, overlapMs?: number): Promise<CreatedKey>
  revokeKey(id: string): Promise<Key>
  listAudit(page?: PageOptions): Promise<AuditList>
  /** An address that signs a browser in as the holder of this key, once. */
  createSignInLink(): Promise<SignInLink>

  getVersion(): Promise<Version>
  /** Ready or not: both are answers. */
  getReadyz(): Promise<Readyz>
}

type Query = Readonly<Record<string, string | number | readonly string[] | undefined>>

interface Request {
  readonly method?: 'GET' | 'POST' | 'DELETE'
  readonly query?: Query
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  /** Statuses besides 2xx that carry an answer. */
  readonly alsoGood?: readonly number[]
}

export function createClient({ url, key, language = 'en' }: ClientOptions): Client {
  async function send(path: string, request: Request): Promise<Response> {
    const { method = 'GET', query = {}, body, headers, signal, alsoGood = [] } = request
    let response: Response
    try {
      response = await fetch(`${url}${path}${queryText(query)}`, {
        method,
        headers: {
          'accept-language': language,
          ...(key !== undefined && { authorization: `Bearer ${key}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(signal !== undefined && { signal }),
      })
    } catch (error) {
      if (signal?.aborted) throw error
      const { cause } = error as { readonly cause?: { readonly code?: string; readonly message?: string } }
      const why = cause?.code ?? cause?.message ?? (error as Error).message
      throw clientError('ERR_UNREACHABLE', language, `${url}: ${why}.`, error)
    }
    if (response.ok || alsoGood.includes(response.status)) return response
    throw await refusal(response, `${url}${path}`)
  }

  async function ask<Schema extends z.ZodType>(path: string, schema: Schema, request: Request = {}) {
    const response = await send(path, request)
    const read = schema.safeParse(await response.json().catch(() => undefined))
    if (read.success) return read.data as z.output<Schema>
    const where = read.error.issues[0]?.path.join('.') ?? ''
    throw clientError(
      'ERR_BAD_ANSWER',
      language,
      `${url}${path} (${response.status}${where === '' ? '' : `, ${where}`}).`,
    )
  }

  const newKey = (): Record<string, string> => ({ 'idempotency-key': crypto.randomUUID() })
  const job = (id: number): string => `/v1/jobs/${id}`
  const study = (id: string): string => `/v1/studies/${encodeURIComponent(id)}`
  const node = (id: string, act: string): string => `/v1/nodes/${encodeURIComponent(id)}/${act}`
  const post = (body: unknown, headers?: Record<string, string>): Request => ({
    method: 'POST',
    body,
    ...(headers !== undefined && { headers }),
  })

  return {
    submitJob: (body, idempotencyKey) =>
      ask(
        '/v1/jobs',
        JobAccepted,
        post(body, idempotencyKey === undefined ? newKey() : { 'idempotency-key': idempotencyKey }),
      ),
    listJobs: (filter = {}) => ask('/v1/jobs', JobList, { query: { ...filter } }),
    getJob: (id) => ask(job(id), Job),
    explainJob: (id) => ask(`${job(id)}/explain`, Explain),
    cancelJob: (id) => ask(job(id), JobActAccepted, { method: 'DELETE' }),
    holdJob: (id) => ask(`${job(id)}/hold`, JobActAccepted, post({})),
    releaseJob: (id) => ask(`${job(id)}/release`, JobActAccepted, post({})),

    getOverview: () => ask('/v1/overview', Overview),
    listPools: (page = {}) => ask('/v1/pools', PoolList, { query: { ...page } }),
    listNodes: (filter = {}) => ask('/v1/nodes', NodeList, { query: { ...filter } }),
    drainNode: (id, reason) => ask(node(id, 'drain'), NodeActionAccepted, post({ reason })),
    resumeNode: (id, reason) => ask(node(id, 'resume'), NodeActionAccepted, post({ reason })),
    capPower: (capW, reason) => ask('/v1/power-cap', PowerCapAccepted, post({ cap_w: capW, reason })),
    listAccounts: (filter = {}) => ask('/v1/accounts', AccountList, { query: { ...filter } }),

    createStudy: (question) => ask('/v1/studies', StudyView, post(question, newKey())),
    listStudies: (page = {}) => ask('/v1/studies', StudyList, { query: { ...page } }),
    getStudy: (id) => ask(study(id), StudyView),
    cancelStudy: (id) => ask(study(id), StudyView, { method: 'DELETE' }),
    getStudyResults: (id) => ask(`${study(id)}/results`, StudyResults),

    followEvents: (options) =>
      followEvents(
        (query, signal) => send('/v1/events', { query, signal, headers: { accept: 'text/event-stream' } }),
        options,
      ),

    getMe: () => ask('/v1/me', Me),
    createKey: (wanted) => ask('/v1/keys', CreatedKey, post(wanted, newKey())),
    listKeys: (page = {}) => ask('/v1/keys', KeyList, { query: { ...page } }),
    revokeKey: (id) => ask(`/v1/keys/${encodeURIComponent(id)}`, Key, { method: 'DELETE' }),
    rotateKey: (id, overlapMs) =>
      ask(
        `/v1/keys/${encodeURIComponent(id)}/rotate`,
        CreatedKey,
        post(overlapMs === undefined ? {} : { overlap_ms: overlapMs }),
      ),
    listAudit: (page = {}) => ask('/v1/audit', AuditList, { query: { ...page } }),
    createSignInLink: () => ask('/v1/sign-in-links', SignInLink, { method: 'POST' }),

    getVersion: () => ask('/version', Version),
    getReadyz: () => ask('/readyz', Readyz, { alsoGood: [503] }),
  }
}

/** Every item of a list, page after page. `list` is a list function of a client with its filter filled in. */
export async function* everyItem<Item>(
  list: (page: PageOptions) => Promise<{ readonly items: readonly Item[]; readonly next_cursor: string | null }>,
): AsyncGenerator<Item> {
  let cursor: string | null | undefined
  while (cursor !== null) {
    const page = await list({ limit: 200, cursor })
    yield* page.items
    cursor = page.next_cursor
  }
}

function queryText(query: Query): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(name, typeof value === 'object' ? value.join(',') : String(value))
  }
  return parameters.size === 0 ? '' : `?${parameters}`
}

async function refusal(response: Response, address: string): Promise<ClientError> {
  const afterS = Number(response.headers.get('retry-after') ?? Number.NaN)
  const retryAfterMs = Number.isFinite(afterS) ? 1000 * afterS : null
  const read = Problem.safeParse(await response.json().catch(() => undefined))
  if (read.success) return new ClientError(read.data, retryAfterMs)
  // A proxy's own page, for example.
  const status = `${response.status} ${response.statusText}`.trim()
  const problem: Problem = {
    type: 'about:blank',
    title: status,
    status: response.status,
    detail: `${address} answered ${status}.`,
    code: `HTTP_${response.status}`,
    what_to_do: 'Check that the address is a Dure center, and what stands between you and it.',
  }
  return new ClientError(problem, retryAfterMs)
}
