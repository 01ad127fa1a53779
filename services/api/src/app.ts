// The API put together from its parts; nothing here opens a socket. What it needs of the world is handed in.

import { hash, randomUUID } from 'node:crypto'
import type { Follower, Ports, ReadModel } from '@dure/engine'
import cookie from '@fastify/cookie'
import type { Queue } from 'bullmq'
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify'
import { serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Logger } from 'pino'
import { acceptedJobs } from './accepted-jobs.ts'
import { type GuardedRoute, guardRoutes } from './access.ts'
import { limitAnswers } from './answer-limit.ts'
import type { AuditTrail } from './audit-trail.ts'
import { serveConsole } from './console-files.ts'
import { describeRoutes, serveDocs } from './docs.ts'
import { eventStreams } from './event-stream.ts'
import type { KeyRing } from './keys.ts'
import { apiMetrics } from './metrics.ts'
import { centerGlance } from './overview.ts'
import { protectBrowsers, refuseForeignHosts } from './protection.ts'
import { pulse as createPulse } from './pulse.ts'
import { serveQueueBoard } from './queue-board.ts'
import type { Release } from './release.ts'
import type { RequestCounts } from './request-counts.ts'
import { requestRates } from './request-rates.ts'
import { roomFor } from './room.ts'
import { auditRoutes } from './routes/audit.ts'
import { centerRoutes } from './routes/center.ts'
import { eventRoutes } from './routes/events.ts'
import { jobRoutes } from './routes/jobs.ts'
import { keyRoutes } from './routes/keys.ts'
import { type ServiceRouteOptions, serviceRoutes } from './routes/service.ts'
import { signInRoutes } from './routes/sign-in.ts'
import { studyRoutes } from './routes/studies.ts'
import { refuseUndeclaredInput } from './strict-input.ts'
import { openStudyDesk } from './study-desk.ts'
import { submissions as createSubmissions } from './submission.ts'
import type { Tokens } from './tokens.ts'
import { answerUnknownRoutes, refuseBytes, sendTrouble, validatorCompiler } from './trouble.ts'

const BODY_BYTES_MAX = 64 * 1024
const SHARES_AGE_MS_MAX = 250
const TOO_MANY_REQUESTS = 429

export interface AppOptions {
  readonly ports: Pick<Ports, 'intake' | 'commands' | 'clock' | 'ledger' | 'runs' | 'studies'>
  readonly model: ReadModel
  readonly follower: Pick<Follower, 'isCaughtUp' | 'caughtUp'>
  readonly keys: KeyRing
  /** Of an issuer that signs tokens beside our keys. */
  readonly tokens?: Tokens | undefined
  readonly audit: AuditTrail
  readonly logger: Logger
  readonly release: Release
  readonly durability: ServiceRouteOptions['durability']
  readonly keptEntries?: ServiceRouteOptions['keptEntries']
  readonly probe: ServiceRouteOptions['probe']
  /** Part of the memory it may use that the store uses. */
  readonly askFullness: () => Promise<number>
  /** Requests a second of one key; 0: any number. */
  readonly keyRate: number
  /** Where API processes count together. */
  readonly requestCounts: RequestCounts
  /** Names besides loopback under which the service may be addressed. */
  readonly hosts: readonly string[]
  readonly consoleDirectory: string
  /** What Bull Board shows; without queues there is no board. */
  readonly queues: readonly Queue[]
  readonly sharesAgeMsMax?: number
  /** Wall time since 1970. */
  readonly wallMs?: () => number
}

export interface App {
  readonly server: FastifyInstance
  /** Every route with whom it is for. */
  readonly routes: readonly GuardedRoute[]
  /** From now on what is to be known of the store, and of other API processes, is asked again and again. */
  start(): void
}

export async function createApp(options: AppOptions): Promise<App> {
  const { ports, model, follower, keys, audit, logger, release } = options
  const server = Fastify({
    loggerInstance: logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: ({ headers }) => requestId(headers['x-request-id']),
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: 15_000,
    connectionTimeout: 30_000,
    keepAliveTimeout: 10_000,
    maxRequestsPerSocket: 0,
    http: { headersTimeout: 10_000, connectionsCheckingInterval: 5000 },
    routerOptions: { maxParamLength: 200 },
    clientErrorHandler: refuseBytes,
    frameworkErrors: (error, request, reply) => {
      sendTrouble(error, request, reply)
    },
  })
  server.setValidatorCompiler(validatorCompiler as never)
  server.setSerializerCompiler(serializerCompiler)
  server.setErrorHandler((error, request, reply) => sendTrouble(error as Error, request, reply))
  // Fastify reads plain text by itself; nothing here takes any.
  server.removeContentTypeParser('text/plain')
  server.decorateRequest('jobId', null)

  // The parts that know the center.
  const pulse = createPulse({ ports, model, askFullness: options.askFullness })
  const accepted = acceptedJobs(ports.intake, model, (error) =>
    logger.warn({ err: error }, 'accepted jobs were not let go'),
  )
  const room = roomFor(pulse, accepted)
  const submissions = createSubmissions({
    ports,
    model,
    room,
    accepted,
    warn: (error, what) => logger.warn({ err: error }, what),
  })
  const glance = centerGlance({
    model,
    pulse,
    accepted: () => accepted.size,
    sharesAgeMsMax: options.sharesAgeMsMax ?? SHARES_AGE_MS_MAX,
  })
  const rates = requestRates({
    perSecond: options.keyRate,
    counts: options.requestCounts,
    nowMs: () => performance.now(),
    failed: (error) => logger.warn({ err: error }, 'other API processes were not told of requests'),
  })
  const streams = eventStreams(model)
  const metrics = apiMetrics({ model, pulse, glance, accepted, streams, release })
  void follower.caughtUp
    .then(() => accepted.recover())
    .catch((error) =>
      logger.warn({ err: error }, 'jobs accepted before the start are not in lists until they are committed'),
    )

  // What holds for every request.
  server.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    done()
  })
  limitAnswers(server)
  refuseForeignHosts(server, options.hosts)
  await protectBrowsers(server)
  await server.register(cookie)
  const routes = guardRoutes(server, { keys, tokens: options.tokens, rates, room })
  answerUnknownRoutes(server)
  tagAnswers(server)
  server.addHook('onResponse', (request, reply, done) => {
    const seconds = reply.elapsedTime / 1000
    const route = request.routeOptions.url ?? 'unknown'
    metrics.observeRequest(request.method, route, reply.statusCode, seconds)
    // Of a flood every line would be the same; how many there were is counted.
    const level = reply.statusCode === TOO_MANY_REQUESTS ? 'debug' : 'info'
    request.log[level](
      {
        method: request.method,
        // Without its query: a sign-in code stands there.
        path: request.url.split('?', 1)[0],
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime * 10) / 10,
        ...(request.caller !== null && { user: request.caller.user }),
        ...(request.jobId !== null && { jobId: request.jobId }),
      },
      'answered',
    )
    done()
  })
  server.addHook('preClose', async () => {
    streams.close()
  })
  server.addHook('onClose', async () => {
    pulse.stop()
    rates.stop()
  })

  // The routes.
  refuseUndeclaredInput(server)
  await describeRoutes(server, release.version)
  const api = server.withTypeProvider<ZodTypeProvider>()
  jobRoutes(api, { model, pulse, accepted, submissions, metrics, audit })
  centerRoutes(api, { model, glance, submissions, audit })
  eventRoutes(api, { model, glance, streams, keys })
  keyRoutes(api, keys, audit)
  studyRoutes(api, {
    studies: ports.studies,
    intake: ports.intake,
    desk: openStudyDesk(),
    audit,
    nowMs: options.wallMs ?? Date.now,
  })
  signInRoutes(api, keys)
  auditRoutes(api, audit)
  serviceRoutes(api, {
    model,
    pulse,
    metrics,
    release,
    isCaughtUp: () => follower.isCaughtUp,
    keptEntries: options.keptEntries,
    runs: ports.runs,
    durability: options.durability,
    probe: options.probe,
  })
  await serveDocs(server)
  if (options.queues.length > 0) await serveQueueBoard(server, options.queues)
  await serveConsole(server, options.consoleDirectory)
  await pulse.refresh()
  return {
    server,
    routes,
    start: () => {
      pulse.start()
      rates.start()
    },
  }
}

/** A caller's own id, where it is one that cannot spoil a log line; else a new one. */
function requestId(given: string | string[] | undefined): string {
  return typeof given === 'string' && /^[\w.-]{8,64}$/.test(given) ? given : randomUUID()
}

/** Lists say what they are a version of; who has that version already need not get it again. */
function tagAnswers(server: FastifyInstance): void {
  server.addHook('onRoute', (route) => {
    if (route.config?.tagged === true) route.onSend = [route.onSend ?? [], tagAnswer].flat()
  })
}

async function tagAnswer(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> {
  if (reply.statusCode !== 200 || typeof payload !== 'string') return payload
  const etag = `W/"${hash('sha1', payload, 'base64url')}"`
  // What one caller sees another may not.
  reply.headers({ etag, 'cache-control': 'private, no-cache', vary: 'authorization, cookie' })
  const known = request.headers['if-none-match']?.split(',').map((tag) => tag.trim()) ?? []
  if (!known.includes(etag) && !known.includes('*')) return payload
  reply.code(304).removeHeader('content-type')
  reply.removeHeader('content-length')
  return ''
}
