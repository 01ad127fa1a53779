// Everything that goes wrong while a request is answered ends here, as problem+json with a code of the registry.

import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import {
  type Bilingual,
  type ErrorCode,
  errors,
  type Finding,
  findingsOf,
  type Language,
  PROBLEM_MEDIA_TYPE,
  preferredLanguage,
  problemOf,
} from '@dure/contract'
import { StoreError } from '@dure/engine'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'

interface TroubleOptions {
  readonly detail?: Bilingual
  readonly findings?: (language: Language) => readonly Finding[]
  /** Seconds after which to try again. */
  readonly retryAfterS?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly cause?: unknown
}

/** An answer of 4xx or 5xx, thrown wherever it turns out. */
export class Trouble extends Error {
  readonly code: ErrorCode
  readonly options: TroubleOptions

  constructor(code: ErrorCode, options: TroubleOptions = {}) {
    super(options.detail?.en ?? errors[code].title.en, { cause: options.cause })
    this.name = 'Trouble'
    this.code = code
    this.options = options
  }
}

/** A request that does not fit its schema: what is wrong, and where. */
export class InvalidInput extends Error {
  readonly statusCode = 400
  readonly issues: readonly z.core.$ZodIssue[]
  readonly input: unknown
  readonly fields: readonly string[]

  constructor(issues: readonly z.core.$ZodIssue[], input: unknown, fields: readonly string[]) {
    super('the request does not fit its schema')
    this.issues = issues
    this.input = input
    this.fields = fields
  }
}

/** Checks and converts what comes in by the route's zod schema. */
export const validatorCompiler =
  ({ schema }: { schema: z.ZodType }) =>
  (input: unknown): { value: unknown } | { error: InvalidInput } => {
    const read = schema.safeParse(input)
    if (read.success) return { value: read.data }
    const fields = schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
    return { error: new InvalidInput(read.error.issues, input, fields) }
  }

/** Codes of Fastify's own complaints about a request. */
const fastifyCodes: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'ERR_BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'ERR_MEDIA_TYPE',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'ERR_BODY_NOT_JSON',
  FST_ERR_CTP_INVALID_JSON_BODY: 'ERR_BODY_NOT_JSON',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'ERR_BODY_NOT_JSON',
  FST_ERR_BAD_URL: 'ERR_ROUTE_NOT_FOUND',
  FST_ERR_MAX_PARAM_LENGTH: 'ERR_ROUTE_NOT_FOUND',
}

function troubleOf(error: FastifyError | Error): Trouble {
  if (error instanceof Trouble) return error
  if (error instanceof InvalidInput) {
    const { issues, input, fields } = error
    const where = (error as Partial<FastifyError>).validationContext
    return new Trouble('ERR_INVALID_REQUEST', {
      findings: (language) =>
        findingsOf(issues, input, fields, language).map((finding) =>
          where === 'querystring' ? { ...finding, pointer: `?${finding.pointer.slice(1)}` } : finding,
        ),
    })
  }
  if (error instanceof StoreError) return new Trouble('ERR_STORE_UNAVAILABLE', { retryAfterS: 1, cause: error })
  const { code, statusCode } = error as Partial<FastifyError>
  const known = code === undefined ? undefined : fastifyCodes[code]
  if (known !== undefined) return new Trouble(known, { cause: error })
  // secure-json-parse reports a poisoned body, and JSON.parse a broken one, as plain errors with a status.
  if (statusCode === 400) return new Trouble('ERR_BODY_NOT_JSON', { cause: error })
  return new Trouble('ERR_INTERNAL', { cause: error })
}

export function sendTrouble(error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const trouble = troubleOf(error)
  const { code, options } = trouble
  const { status } = errors[code]
  if (code === 'ERR_INTERNAL') request.log.error({ err: error }, 'unexpected error')
  else if (code === 'ERR_STORE_UNAVAILABLE') request.log.warn({ err: error }, 'the store does not answer')
  const language = preferredLanguage(request.headers['accept-language'])
  const problem = problemOf(code, language, {
    detail: options.detail?.[language],
    findings: options.findings?.(language),
    instance: request.url.split('?', 1)[0],
    requestId: request.id,
  })
  reply.headers({
    'content-language': language,
    vary: 'accept-language',
    'x-request-id': request.id,
    'cache-control': 'no-store',
    ...options.headers,
  })
  if (options.retryAfterS !== undefined) reply.header('retry-after', options.retryAfterS)
  if (status === 401 && !reply.hasHeader('www-authenticate')) {
    const reason = code === 'ERR_NO_KEY' ? '' : ', error="invalid_token"'
    reply.header('www-authenticate', `Bearer realm="dure"${reason}`)
  }
  // As text, so that no response schema of the route applies to it.
  return reply
    .code(status ?? 500)
    .type(PROBLEM_MEDIA_TYPE)
    .serializer((text: string) => text)
    .send(JSON.stringify(problem))
}

/** What the parser of Node says of bytes that never became a request. */
const parserCodes: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'ERR_HEADERS_TOO_LARGE',
  ERR_HTTP_REQUEST_TIMEOUT: 'ERR_TOO_SLOW',
}

/** Answers bytes that are no request, and closes the connection: nobody can say where the next request would begin. */
export function refuseBytes(error: NodeJS.ErrnoException, socket: Duplex): void {
  // Somebody who has left hears no answer.
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const code = parserCodes[error.code ?? ''] ?? 'ERR_NOT_HTTP'
  const problem = problemOf(code, 'ko')
  const body = JSON.stringify(problem)
  socket.end(
    [
      `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
      `content-type: ${PROBLEM_MEDIA_TYPE}`,
      `content-length: ${Buffer.byteLength(body)}`,
      'x-content-type-options: nosniff',
      'connection: close',
      '',
      body,
    ].join('\r\n'),
  )
}

/** Answers 404, or 405 where another method would have found something. */
export function answerUnknownRoutes(app: FastifyInstance): void {
  const routes: { readonly method: string; readonly pattern: RegExp }[] = []
  app.addHook('onRoute', ({ method, url }) => {
    const escaped = url.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&')
    const pattern = new RegExp(`^${escaped.replaceAll(/:[^/]+/g, '[^/]+').replaceAll('*', '.*')}$`)
    for (const one of [method].flat()) routes.push({ method: one, pattern })
  })
  app.setNotFoundHandler((request, reply) => {
    const [path = ''] = request.url.split('?', 1)
    const allowed = [...new Set(routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method))]
    if (allowed.length === 0) return sendTrouble(new Trouble('ERR_ROUTE_NOT_FOUND'), request, reply)
    const allow = allowed.sort().join(', ')
    return sendTrouble(
      new Trouble('ERR_METHOD_NOT_ALLOWED', {
        headers: { allow },
        detail: {
          ko: `${path} 주소에서는 ${allow} 메서드를 쓸 수 있습니다.`,
          en: `${path} answers to ${allow}.`,
        },
      }),
      request,
      reply,
    )
  })
}
