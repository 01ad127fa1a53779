// A center as the commands see it: paths of the API, answers checked against the contract, refusals thrown.

import { randomUUID } from 'node:crypto'
import { type Language, Problem } from '@dure/contract'
import { type CenterAddress, findCenter } from './center-address.ts'
import type { ServerOptions } from './common-options.ts'
import { Failure, Refused } from './failure.ts'

interface Schema<T> {
  safeParse(value: unknown): { readonly success: true; readonly data: T } | { readonly success: false }
}

export type Query = Readonly<Record<string, string | number | undefined>>

export interface Center extends CenterAddress {
  get<T>(path: string, schema: Schema<T>, query?: Query): Promise<T>
  /** `idempotencyKey`: give the same one again to repeat a request without doing it twice. */
  post<T>(path: string, schema: Schema<T>, body?: unknown, idempotencyKey?: string): Promise<T>
  remove<T>(path: string, schema: Schema<T>): Promise<T>
  /** A body that comes bit by bit. */
  stream(
    path: string,
    query: Query,
    signal: AbortSignal,
  ): Promise<{ readonly body: ReadableStream<Uint8Array<ArrayBuffer>> }>
}

export function openCenter(options: ServerOptions, language: Language): Center {
  const address = findCenter(options, process.env, process.cwd())
  /** @throws {Failure | Refused} unless the center answered with success */
  const send = async (path: string, init: RequestInit): Promise<Response> => {
    const headers = {
      'accept-language': language,
      ...(address.key !== null && { authorization: `Bearer ${address.key}` }),
      ...(init.headers as Record<string, string> | undefined),
    }
    const response = await reached(address.url, () => fetch(address.url + path, { ...init, headers }))
    if (!response.ok) throw refusal(response, await response.json().catch(() => undefined), address.url)
    return response
  }
  const request = async <T>(path: string, schema: Schema<T>, init: RequestInit): Promise<T> => {
    const response = await send(path, init)
    const read = schema.safeParse(await response.json().catch(() => undefined))
    if (read.success) return read.data
    const detail = `answered ${response.status} with a body that is not known here`
    throw new Failure('ERR_BAD_ANSWER', { where: address.url + path, detail })
  }
  return {
    ...address,
    get: (path, schema, query = {}) => request(path + queryOf(query), schema, {}),
    post: (path, schema, body, idempotencyKey = randomUUID()) =>
      request(path, schema, {
        method: 'POST',
        body: JSON.stringify(body ?? {}),
        headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
      }),
    remove: (path, schema) => request(path, schema, { method: 'DELETE' }),
    stream: async (path, query, signal) => {
      const response = await send(path + queryOf(query), { signal, headers: { accept: 'text/event-stream' } })
      const { body } = response
      if (body === null)
        throw new Failure('ERR_BAD_ANSWER', { where: address.url + path, detail: 'answered without a body' })
      return { body }
    },
  }
}

function queryOf(query: Query): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value))
  return parameters.size === 0 ? '' : `?${parameters}`
}

async function reached(url: string, send: () => Promise<Response>): Promise<Response> {
  try {
    return await send()
  } catch (error) {
    const { cause } = error as { readonly cause?: { readonly code?: string; readonly message?: string } }
    const detail = cause?.code ?? cause?.message ?? (error as Error).message
    throw new Failure('ERR_UNREACHABLE', { where: url, detail: `no answer (${detail})`, cause: error })
  }
}

function refusal(response: Response, body: unknown, url: string): Refused {
  const afterS = Number(response.headers.get('retry-after') ?? Number.NaN)
  const retryAfterMs = Number.isFinite(afterS) ? 1000 * afterS : null
  const read = Problem.safeParse(body)
  if (read.success) return new Refused(response.status, read.data, retryAfterMs)
  const problem: Problem = {
    type: 'about:blank',
    title: response.statusText || `HTTP ${response.status}`,
    status: response.status,
    detail: `${url} answered ${response.status} ${response.statusText}`.trim(),
    code: `HTTP_${response.status}`,
    what_to_do: 'Check that the address is a Dure center, and whether something stands between you and it.',
  }
  return new Refused(response.status, problem, retryAfterMs)
}

interface Page<Item> {
  readonly items: readonly Item[]
  readonly next_cursor: string | null
}

/** Largest page the API gives. */
const PAGE_MAX = 200

/** The first `limit` items of a list, over as many pages as it takes; the other fields are those of the last page. */
export async function getPages<Item, List extends Page<Item>>(
  center: Center,
  path: string,
  schema: Schema<List>,
  query: Query,
  limit = Number.POSITIVE_INFINITY,
): Promise<List & { readonly items: Item[] }> {
  const items: Item[] = []
  let cursor: string | undefined
  for (;;) {
    const page = await center.get(path, schema, { ...query, cursor, limit: Math.min(PAGE_MAX, limit - items.length) })
    items.push(...page.items)
    if (page.next_cursor === null || items.length >= limit) return { ...page, items }
    cursor = page.next_cursor
  }
}
