// Connections to Redis, one for each way of using it, and the checks that a Redis can be trusted with a ledger at all.

import { Redis, type RedisOptions } from 'ioredis'
import { LedgerBroken, LedgerTrimmed, StoreError } from '../ports.ts'

export interface RedisSettings {
  /** `redis://[user:password@]host:port[/db]` or `rediss://…` */
  readonly url: string
  /** Before every key; `dure:` unless a test or a second center shares the server. Ends with a colon. */
  readonly prefix: string
  /** For a `rediss://` address, in PEM: who may have signed the server's certificate, and what this service shows of itself. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string }
}

const tlsOf = ({ tls }: RedisSettings) => (tls === undefined ? {} : { tls })

/** Longest pause between two attempts to reconnect: a Redis that is back is noticed within this time. */
const RETRY_DELAY_MS_MAX = 2000

/**
 * A silent socket is a dead one after this time. It must exceed the longest blocking read (BullMQ's 5 s), which on a
 * healthy connection ends with an empty reply.
 */
const SOCKET_SILENT_MS_MAX = 8000

const retryDelayMs = (attempt: number): number => Math.min(50 * attempt, RETRY_DELAY_MS_MAX)

/**
 * For commands that answer at once. Fails fast: while Redis is away every command is refused on the spot, and a command
 * that was under way is reported rather than silently sent again, because only its caller knows whether that is safe.
 */
const prompt = {
  retryStrategy: retryDelayMs,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  // Zero, because only then are the commands of a lost connection rejected when it is lost: with more they would wait for
  // reconnections, and having outlived one would neither be sent again nor rejected until they time out.
  maxRetriesPerRequest: 0,
  commandTimeout: 5000,
  socketTimeout: SOCKET_SILENT_MS_MAX,
  connectTimeout: 2000,
} satisfies RedisOptions

/** For blocking reads and BullMQ workers, which wait an outage out: commands are kept and sent again. */
const patient = {
  retryStrategy: retryDelayMs,
  maxRetriesPerRequest: null,
  socketTimeout: SOCKET_SILENT_MS_MAX,
  connectTimeout: 2000,
} satisfies RedisOptions

/** A connection that fails fast, ready for use. Throws `StoreError` when there is no Redis within two seconds. */
export async function connectPrompt(settings: RedisSettings, name: string): Promise<Redis> {
  const redis = new Redis(settings.url, {
    ...prompt,
    ...tlsOf(settings),
    connectionName: `dure-${name}`,
    lazyConnect: true,
  })
  // Without a listener a lost connection would end the process; each command reports the loss to its own caller anyway.
  redis.on('error', () => {})
  try {
    await redis.connect()
  } catch (cause) {
    redis.disconnect()
    throw new StoreError('none', `connect to Redis at ${withoutPassword(settings.url)}`, cause)
  }
  return redis
}

/** A connection that waits outages out. It connects in the background. */
export function connectPatient(
  settings: RedisSettings,
  name: string,
  options: Pick<RedisOptions, 'autoResubscribe'> = {},
): Redis {
  const redis = new Redis(settings.url, { ...patient, ...options, ...tlsOf(settings), connectionName: `dure-${name}` })
  redis.on('error', () => {})
  return redis
}

/** Runs `act`, turning Redis's troubles into a `StoreError`. `doing` completes "could not …". What a ledger says stays as it is. */
export async function withStoreErrors<T>(doing: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (cause) {
    if (cause instanceof LedgerBroken || cause instanceof LedgerTrimmed) throw cause
    throw toStoreError(doing, cause)
  }
}

/** Redis has answered that it will not. */
const isRefusal = (error: unknown): boolean => error instanceof Error && error.name === 'ReplyError'

/**
 * Redis refusing a command, and ioredis refusing to send one, change nothing: each of our scripts makes its first write
 * the one that can be refused. Everything else (closed, timed out, retries used up) may have been carried out.
 */
function toStoreError(doing: string, cause: unknown): StoreError {
  if (cause instanceof StoreError) return cause
  const refused = isRefusal(cause) || (cause instanceof Error && cause.message.includes("isn't writeable"))
  return new StoreError(refused ? 'none' : 'unknown', doing, cause)
}

// ── What a Redis must be ────────────────────────────────────────────────────────────────────────────────────────────

export type RedisUnfitCode =
  | 'ERR_REDIS_UNREACHABLE'
  | 'ERR_REDIS_TOO_OLD'
  | 'ERR_REDIS_EVICTS'
  | 'ERR_REDIS_NOT_DURABLE'

/** This Redis must not hold a center. A service says the sentence and exits with 78. */
export class RedisUnfit extends Error {
  readonly code: RedisUnfitCode

  constructor(code: RedisUnfitCode, sentence: string, cause?: unknown) {
    super(sentence, { cause })
    this.name = 'RedisUnfit'
    this.code = code
  }
}

export interface RedisDurability {
  readonly version: string
  /** What a 202 is worth: `always` survives a power cut, `everysec` may lose its last second or two, `no` what the kernel holds. */
  readonly appendfsync: 'always' | 'everysec' | 'no' | 'unknown'
}

const VERSION_MIN = [6, 2] as const

/** Refuses, with one sentence, a Redis that would lose or evict accepted jobs; tells how durable the others are. */
export async function checkRedis(settings: RedisSettings): Promise<RedisDurability> {
  let redis: Redis
  try {
    redis = await connectPrompt(settings, 'check')
  } catch (cause) {
    throw new RedisUnfit(
      'ERR_REDIS_UNREACHABLE',
      `No Redis answers at ${withoutPassword(settings.url)}: start one there, or correct the address and password.`,
      cause,
    )
  }
  try {
    const info = parseInfo(await redis.info())
    const version = info.get('redis_version') ?? '0'
    const [major = 0, minor = 0] = version.split('.').map(Number)
    if (major < VERSION_MIN[0] || (major === VERSION_MIN[0] && minor < VERSION_MIN[1])) {
      throw new RedisUnfit(
        'ERR_REDIS_TOO_OLD',
        `Redis ${version} is too old: ${VERSION_MIN.join('.')} or newer is needed.`,
      )
    }
    const policy = info.get('maxmemory_policy') ?? 'unknown'
    if (policy !== 'noeviction') {
      throw new RedisUnfit(
        'ERR_REDIS_EVICTS',
        `Redis drops keys when memory is short (maxmemory-policy ${policy}), accepted jobs among them: set maxmemory-policy to noeviction.`,
      )
    }
    if (info.get('aof_enabled') !== '1') {
      throw new RedisUnfit(
        'ERR_REDIS_NOT_DURABLE',
        'Redis keeps no append-only file, so that a restart would lose accepted jobs: set appendonly to yes.',
      )
    }
    if (info.get('aof_last_write_status') === 'err') {
      throw new RedisUnfit(
        'ERR_REDIS_NOT_DURABLE',
        'Redis cannot write its append-only file: free space on its disk, or correct the permissions of its directory.',
      )
    }
    return { version, appendfsync: await fsyncPolicy(redis) }
  } finally {
    redis.disconnect()
  }
}

/** Part of the memory it may use that Redis uses; 0 where it has no limit. Throws `StoreError`. */
export async function memoryFullness(redis: Redis): Promise<number> {
  const info = parseInfo(await withStoreErrors('ask how full the memory is', () => redis.info('memory')))
  const [used, most] = [Number(info.get('used_memory')), Number(info.get('maxmemory'))]
  return most > 0 ? used / most : 0
}

async function fsyncPolicy(redis: Redis): Promise<RedisDurability['appendfsync']> {
  try {
    const reply = (await redis.config('GET', 'appendfsync')) as string[]
    const policy = reply[1]
    return policy === 'always' || policy === 'everysec' || policy === 'no' ? policy : 'unknown'
  } catch (error) {
    if (!isRefusal(error)) throw error
    // A hosted Redis may forbid CONFIG. Not knowing is reported as such, and is no reason to refuse.
    return 'unknown'
  }
}

/** Names this run of a server that may forget its last answers when it starts again; empty: it writes each to disk before. */
export async function forgetfulRun(redis: Redis): Promise<string> {
  if ((await fsyncPolicy(redis)) === 'always') return ''
  return parseInfo(await redis.info('server')).get('run_id') ?? 'unknown'
}

function parseInfo(info: string): Map<string, string> {
  const fields = new Map<string, string>()
  for (const line of info.split('\r\n')) {
    const colon = line.indexOf(':')
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1))
  }
  return fields
}

function withoutPassword(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//')
}
