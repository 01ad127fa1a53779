// Requests that fit what the API says of itself, or almost; and bytes on its port that are almost HTTP.

import fc from 'fast-check'
import { type Dice, mutated } from './mutation.ts'

export interface FuzzedRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

interface JsonSchema {
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
}

interface Operation {
  readonly parameters?: readonly { readonly in: string; readonly name: string; readonly schema: JsonSchema }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>> }
}

export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

/** What fits nowhere, or just so. */
const junk: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, true, -1, 0, 1e308, 2 ** 53, 0.5, '', ' ', [], {}, [[]], 'h100', 'lab', 'ada', '작업'),
  fc.constantFrom('\u0000', '__proto__', '../..', "' or 1=1 --", '\u202e', '=1+1', '1e3', 'http://127.0.0.1:1/'),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.integer(),
  fc.double(),
  fc.object({ maxDepth: 3, maxKeys: 4 }),
  fc.string({ maxLength: 3 }).map((text) => text.repeat(2000)),
)

/** Values of a schema; one in ten is something else. */
function valueFor(schema: JsonSchema, depth = 0): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 9, arbitrary: fitting(schema, depth) }, { weight: 1, arbitrary: junk })
}

function fitting(schema: JsonSchema, depth: number): fc.Arbitrary<unknown> {
  const choices = schema.anyOf ?? schema.oneOf
  if (choices !== undefined) return fc.oneof(...choices.map((choice) => valueFor(choice, depth)))
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
  if (schema.const !== undefined) return fc.constant(schema.const)
  const type = typeof schema.type === 'string' ? schema.type : schema.type?.[0]
  const [min, max] = [Math.max(schema.minimum ?? 0, -(2 ** 31)), Math.min(schema.maximum ?? 100, 2 ** 31 - 1)]
  switch (type) {
    case 'object': {
      if (schema.properties === undefined || depth > 4) return fc.object({ maxDepth: 2, maxKeys: 4 })
      const fields = Object.entries(schema.properties).map(
        ([name, inner]) => [name, valueFor(inner, depth + 1)] as const,
      )
      return fc.record(Object.fromEntries(fields), { requiredKeys: [...(schema.required ?? [])] })
    }
    case 'array':
      return fc.array(valueFor(schema.items ?? {}, depth + 1), { maxLength: 5 })
    case 'integer':
      return fc.integer({ min: Math.ceil(min), max: Math.max(Math.ceil(min), Math.floor(max)) })
    case 'number':
      return fc.double({ min, max: Math.max(min, max), noNaN: true })
    case 'boolean':
      return fc.boolean()
    case 'string':
      return fc.oneof(
        fc.constantFrom('ada', 'lab', 'h100', 'h100-1', 'PENDING', 'up', '1'),
        fc.string({ maxLength: Math.min(schema.maxLength ?? 20, 200) }),
      )
    default:
      return junk
  }
}

/** Ids that are there, that are not, and that are none. */
const ids: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 50 }).map(String) },
  {
    weight: 3,
    arbitrary: fc.constantFrom('h100-0', 'h100-3', 'h100-99', `s${'0'.repeat(32)}`, '0', '-1', '1e3', '%00'),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }).map(encodeURIComponentSafely) },
)

function encodeURIComponentSafely(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}

const headers: fc.Arbitrary<Record<string, string>> = fc.record(
  {
    'idempotency-key': fc.oneof(fc.constantFrom('a', 'b', 'c d', ''), fc.string({ maxLength: 150 }).map(asHeader)),
    'accept-language': fc.constantFrom('ko', 'en', 'fr;q=0.1,*', ';;;', 'en;q=x'),
    'if-none-match': fc.constantFrom('*', 'W/"x"', '"'),
    'last-event-id': fc.constantFrom('0', '1', '-1', '99999999999999999999', 'x'),
    'content-type': fc.constantFrom('application/json', 'application/json; charset=utf-16', 'text/plain', 'a/b;c', 'x'),
    origin: fc.constantFrom('null', 'http://evil.example', 'x'),
    cookie: fc.constantFrom('dure_session=x', 'dure_session=', ';;=', `a=${'b'.repeat(2000)}`),
    'x-request-id': fc.string({ maxLength: 70 }).map(asHeader),
  },
  { requiredKeys: [] },
)

function asHeader(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?')
}

/** Requests for every operation there is; `tokens` are credentials of every kind, good and bad. */
export function requestsOf({ paths }: OpenApi, tokens: readonly (string | null)[]): fc.Arbitrary<FuzzedRequest> {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  )
  return fc.oneof(
    ...operations.map(({ path, method, operation }) => {
      const schema = operation.requestBody?.content['application/json']?.schema
      const queries = (operation.parameters ?? []).filter((parameter) => parameter.in === 'query')
      const query = fc.record(
        Object.fromEntries(queries.map(({ name, schema: one }) => [name, valueFor(one).map(asText)])),
        { requiredKeys: [] },
      )
      const body =
        schema === undefined ? fc.constant(undefined) : valueFor(schema).map((value) => JSON.stringify(value))
      const arbitrary = fc
        .record({
          id: ids,
          query,
          body,
          headers,
          token: fc.constantFrom(...tokens),
          cut: fc.integer({ min: 0, max: 60 }),
        })
        .map((drawn): FuzzedRequest => {
          const asked = new URLSearchParams(drawn.query as Record<string, string>).toString()
          // Now and then the body ends in the middle.
          const sent = drawn.cut === 0 ? drawn.body?.slice(0, 20) : drawn.body
          return {
            method,
            path: `${path.replace('{id}', drawn.id)}${asked === '' ? '' : `?${asked}`}`,
            headers: {
              ...(sent !== undefined && {
                'content-type': 'application/json',
                'content-length': String(Buffer.byteLength(sent)),
              }),
              ...drawn.headers,
              ...(drawn.token !== null && { authorization: `Bearer ${drawn.token}` }),
            },
            body: sent,
          }
        })
      // Whether a study can be asked is found out in a thread of its own, which costs what a hundred others do.
      return { weight: method === 'POST' && path === '/v1/studies' ? 1 : 20, arbitrary }
    }),
  )
}

const asText = (value: unknown): string =>
  typeof value === 'string' ? value.toWellFormed() : (JSON.stringify(value) ?? '')

/** Almost HTTP: what a client with a mistake, a scanner or a smuggler sends. */
export function garbage(token: string, at: Dice): string {
  const good = [
    `GET /v1/me HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n\r\n`,
    `POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{"nodes":1}`,
    `POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n{"nodes":1}\r\n0\r\n\r\n`,
    `POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /queues HTTP/1.1\r\n\r\n`,
    'GET / HTTP/1.0\r\n\r\nGET /livez HTTP/1.1\r\nHost: a\r\n\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n',
    `GET /v1/events HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nAuthorization: Bearer ${token}\r\n\r\n`,
    'CONNECT 127.0.0.1:6379 HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n\r\n',
    '\u0016\u0003\u0001\u0002\u0000\u0001\u0000',
  ]
  return mutated(good, at)
}
