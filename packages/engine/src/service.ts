// The beginning and the end of a service process, the same for all of them: settings from the environment, a Redis that can
// be trusted, work until somebody asks it to stop, an exit code that tells the supervisor whether trying again makes sense.

import { readFileSync } from 'node:fs'
import { exitCodes, readSettings, type Settings } from '@dure/contract'
import type { Logger } from './logger.ts'
import { checkRedis, type RedisDurability, type RedisSettings, RedisUnfit } from './redis/connect.ts'

export interface ServiceContext {
  readonly settings: Settings
  readonly redis: RedisSettings
  readonly durability: RedisDurability
  readonly logger: Logger
  /** Aborts when the service is to stop in order. */
  readonly signal: AbortSignal
  /** Tells the supervisor that the service can be used. */
  readonly ready: (details?: object) => void
}

/** What nobody but the operator can mend: the service says it in one sentence and exits with 78. */
export class BadConfiguration extends Error {
  override readonly name = 'BadConfiguration'
}

/** How long a service may take to stop in order. */
const STOP_MS_MAX = 10_000

/** Runs a service until SIGTERM, SIGINT or the end of its supervisor; then exits. */
export async function runService(
  makeLogger: (level: Settings['logLevel']) => Logger,
  serve: (context: ServiceContext) => Promise<void>,
): Promise<never> {
  const read = readSettings(process.env)
  if (!read.ok) refuse(read.findings.map(({ detail }) => detail).join('; '))
  const { settings } = read
  const logger = makeLogger(settings.logLevel)
  const stopping = new AbortController()
  const stop = (): void => {
    stopping.abort()
    setTimeout(() => process.exit(exitCodes.failed), STOP_MS_MAX).unref()
  }
  for (const event of ['SIGTERM', 'SIGINT', 'disconnect'] as const) process.once(event, stop)
  try {
    const redis = redisSettingsOf(settings)
    const durability = await checkRedis(redis)
    const ready = (details: object = {}): void => {
      process.send?.({ ready: true, ...details })
    }
    await serve({ settings, redis, durability, logger, signal: stopping.signal, ready })
  } catch (error) {
    // Away is not unfit: it may be back in a moment, and a supervisor that is told 78 would not try again.
    if (error instanceof RedisUnfit && error.code === 'ERR_REDIS_UNREACHABLE')
      refuse(error.message, exitCodes.unavailable)
    if (error instanceof RedisUnfit || error instanceof BadConfiguration) refuse(error.message)
    logger.error({ err: error }, 'stopping: this should not have happened')
    process.exit(exitCodes.failed)
  }
  process.exit(exitCodes.ok)
}

/** Throws `BadConfiguration` where a certificate cannot be read, or would not be used. */
export function redisSettingsOf(
  settings: Pick<Settings, 'redisUrl' | 'redisPrefix' | 'redisCertificates'>,
): RedisSettings {
  const { redisUrl: url, redisPrefix, redisCertificates: files } = settings
  const read = (variable: string, file: string): string => {
    if (!url.startsWith('rediss:')) {
      throw new BadConfiguration(`${variable} is for TLS only: give DURE_REDIS_URL as rediss://…, or leave it out.`)
    }
    try {
      return readFileSync(file, 'utf8')
    } catch (cause) {
      const why = (cause as Error).message
      throw new BadConfiguration(`${variable}: ${file} cannot be read (${why}).`, { cause })
    }
  }
  const tls = {
    ...(files.ca !== undefined && { ca: read('DURE_REDIS_CA_FILE', files.ca) }),
    ...(files.cert !== undefined && { cert: read('DURE_REDIS_CERT_FILE', files.cert) }),
    ...(files.key !== undefined && { key: read('DURE_REDIS_KEY_FILE', files.key) }),
  }
  return { url, prefix: `${redisPrefix}:`, ...(Object.keys(tls).length > 0 && { tls }) }
}

function refuse(sentence: string, exitCode: number = exitCodes.badConfiguration): never {
  process.stderr.write(`${sentence}\n`)
  process.exit(exitCode)
}
