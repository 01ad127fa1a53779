// The API as a process: connections, the port, and an orderly end.

import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { readIssuerFile, type Settings } from '@dure/contract'
import {
  BadConfiguration,
  bullPrefix,
  connectPrompt,
  createReadModel,
  fileSegments,
  followLedger,
  memoryFullness,
  type RedisDurability,
  redisPorts,
  runService,
  StoreError,
  savedCenter,
  wholeLedger,
} from '@dure/engine'
import { Queue } from 'bullmq'
import type { FastifyInstance } from 'fastify'
import { type Logger, pino } from 'pino'
import { administratorKey } from './administrator-key.ts'
import { createApp } from './app.ts'
import { redisAudit } from './audit-trail.ts'
import { redisCredentials } from './credential-store.ts'
import { keyRing } from './keys.ts'
import { readRelease } from './release.ts'
import { redisCounts } from './request-counts.ts'
import { signInUrl } from './routes/sign-in.ts'
import { issuerTokens, type Tokens } from './tokens.ts'

const QUEUES = ['commands', 'runs-gpu', 'runs-npu', 'runs-pim', 'studies']

// Fastify's logger is the service's own, which `runService` makes first.
let logger: Logger

await runService(
  (level) => {
    logger = pino({
      name: 'api',
      level,
      redact: ['*.authorization', '*.cookie', '*.headers.authorization', '*.headers.cookie'],
    })
    return logger
  },
  async ({ settings, redis: redisSettings, durability, signal, ready }) => {
    const ports = await redisPorts(redisSettings, 'api')
    const redis = await connectPrompt(redisSettings, 'api-access')
    const keys = keyRing(redisCredentials(redis, redisSettings), Date.now)
    const tokens = settings.issuerFile === undefined ? undefined : await issuerOf(settings.issuerFile)
    const administrator = await administratorKey(settings.dataDirectory, keys)
    const model = createReadModel({ nowMs: () => performance.now() })
    const savepoint = () => savedCenter(ports.savepoints)
    const { ledger } = ports
    const { segmentsDirectory } = settings
    const follower = await followLedger({
      ledger,
      model,
      savepoint,
      ...(segmentsDirectory !== undefined && { earlier: wholeLedger(ledger, fileSegments(segmentsDirectory)) }),
      troubled: (err, what) => logger.warn({ err }, what),
    })
    const prefix = bullPrefix(redisSettings)
    const queues = QUEUES.map((name) => new Queue(name, { connection: redis, prefix, skipWaitingForReady: true }))
    for (const queue of queues) queue.on('error', () => {})

    const { server, start } = await createApp({
      ports,
      model,
      follower,
      keys,
      tokens,
      audit: redisAudit(redis, redisSettings, Date.now),
      logger,
      release: readRelease(process.env),
      durability: durabilityOf(durability.appendfsync),
      ...(segmentsDirectory !== undefined && { keptEntries: settings.keptEntries }),
      probe: async () => {
        try {
          await redis.set(`${redisSettings.prefix}probe`, process.pid, 'PX', 60_000)
        } catch (cause) {
          throw new StoreError('unknown', 'write to Redis', cause)
        }
      },
      askFullness: () => memoryFullness(redis),
      keyRate: settings.keyRate,
      requestCounts: redisCounts(redis, redisSettings),
      hosts: [settings.host, ...settings.allowedHosts],
      consoleDirectory: fileURLToPath(new URL('../../console/dist/', import.meta.url)),
      queues,
    })
    start()
    const stopAsked = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    // Nobody is told half of what there is: the address answers once the ledger has been read.
    await Promise.race([follower.caughtUp, stopAsked])
    await listen(server, settings)
    const url = addressOf(server, settings)
    const { code } = await keys.signInCode(administrator)
    ready({ url, sign_in_url: signInUrl(url, code) })
    logger.info({ at: url, appendfsync: durability.appendfsync }, 'answering')

    try {
      await Promise.race([stopAsked, follower.done])
    } finally {
      await server.close()
      await follower.stop()
      await Promise.allSettled(queues.map((queue) => queue.close()))
      keys.close()
      await ports.close()
      redis.disconnect()
    }
  },
)

async function issuerOf(file: string): Promise<Tokens> {
  const text = await readFile(file, 'utf8').catch((cause: Error) => {
    throw new BadConfiguration(`The issuer file ${file} cannot be read (${cause.message}): correct DURE_ISSUER_FILE.`, {
      cause,
    })
  })
  const read = readIssuerFile(text)
  if (!read.ok) {
    const findings = read.findings.map(({ line, detail }) => `line ${line}: ${detail}`).join(' ')
    throw new BadConfiguration(`The issuer file ${file} is not valid. ${findings}`)
  }
  return issuerTokens(read.issuer, { nowMs: Date.now, warn: (err, what) => logger.warn({ err }, what) })
}

async function listen(server: FastifyInstance, { host, port }: Settings): Promise<void> {
  try {
    await server.listen({ host, port })
  } catch (error) {
    const sentence = {
      EADDRINUSE: `Port ${port} on ${host} is taken: set DURE_PORT to another one, or to 0 for any free one.`,
      EACCES: `Port ${port} may not be opened by this user: set DURE_PORT to one above 1023.`,
      EADDRNOTAVAIL: `This machine has no address ${host}: correct DURE_HOST.`,
      ENOTFOUND: `There is no host ${host}: correct DURE_HOST.`,
    }[(error as NodeJS.ErrnoException).code ?? '']
    throw sentence === undefined ? error : new BadConfiguration(sentence, { cause: error })
  }
}

function addressOf(server: FastifyInstance, { host }: Settings): string {
  const address = server.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const isEverywhere = host === '0.0.0.0' || host === '::'
  const name = isEverywhere ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${port}`
}

function durabilityOf(appendfsync: RedisDurability['appendfsync']) {
  switch (appendfsync) {
    case 'always':
      return 'fsync-always'
    case 'everysec':
      return 'fsync-everysec'
    case 'no':
      return 'memory-only'
    case 'unknown':
      return null
  }
}
