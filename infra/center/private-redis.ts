// The center's own Redis: on loopback, behind a password nobody has to know, with every commit synced to disk before
// it is acknowledged.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { totalmem } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { connectPatient, connectPrompt } from '@dure/engine'
import type { DataFolder } from './data-folder.ts'
import { logFile } from './log-file.ts'
import type { PartSpec } from './part.ts'
import { probePort } from './port.ts'

const keeper = fileURLToPath(new URL('./redis-keeper.sh', import.meta.url))

/** How long Redis outlives a supervisor that was killed; the services stop within this time (tether.mjs). */
const GRACE_SECONDS = 9

const MIB = 1024 * 1024
const MEMORY_MIB_MIN = 256
const MEMORY_MIB_MAX = 8192

export interface PrivateRedis {
  readonly url: string
  readonly spec: PartSpec
}

/**
 * Writes the configuration of a Redis that keeps its data in `folder`, for a port that is free now and a new password.
 * A Redis that a killed center left behind there is shut down first: two on the same files would destroy them.
 */
export async function privateRedis(program: string, folder: DataFolder): Promise<PrivateRedis> {
  await shutDownPredecessor(folder)

  const port = await probePort('127.0.0.1', 0)
  const password = randomBytes(24).toString('base64url')
  const url = `redis://:${password}@127.0.0.1:${port}`
  const data = join(folder.path, 'redis')
  mkdirSync(data, { recursive: true, mode: 0o700 })
  folder.write('redis/redis.conf', redisConfiguration({ port, password, data, memoryMib: memoryMib() }))
  folder.write('redis.json', JSON.stringify({ url }))

  const log = logFile(folder.logs, 'redis')
  return {
    url,
    spec: {
      name: 'redis',
      log: log.path,
      lastWords: log.lastWords,
      spawn: () =>
        log.append((descriptor) => {
          const child = spawn('/bin/sh', [keeper, String(GRACE_SECONDS), program, join(data, 'redis.conf')], {
            stdio: ['pipe', descriptor, descriptor],
            detached: true,
          })
          // Writing `stop` to a keeper that has just ended is no news: its end is.
          child.stdin?.on('error', () => {})
          return child
        }),
      async ready() {
        const redis = connectPatient({ url, prefix: '' }, 'supervisor')
        try {
          // A large append-only file takes a while to load; until then Redis answers LOADING.
          while ((await redis.ping().catch(() => '')) !== 'PONG') await sleep(20)
        } finally {
          redis.disconnect()
        }
        return {}
      },
      askToStop: (child) => child.stdin?.end('stop\n'),
      kill: (child) => child.kill('SIGTERM'),
    },
  }
}

interface RedisConfiguration {
  readonly port: number
  readonly password: string
  /** Folder of the append-only file. */
  readonly data: string
  readonly memoryMib: number
}

/** Each line that differs from the server's default is there for the ledger's sake. */
function redisConfiguration({ port, password, data, memoryMib }: RedisConfiguration): string {
  return `# Written at each start of the center.
bind 127.0.0.1
port ${port}
protected-mode yes
requirepass ${password}
rename-command FLUSHALL ""
rename-command FLUSHDB ""

dir ${JSON.stringify(data)}
daemonize no
# Every acknowledged write is on the disk.
appendonly yes
appendfsync always
no-appendfsync-on-rewrite no
aof-use-rdb-preamble yes
# A power cut may tear the last write; it was never acknowledged, so the file is good without it.
aof-load-truncated yes
save ""

# Full means refusing new work, never forgetting old work.
maxmemory ${memoryMib}mb
maxmemory-policy noeviction
`
}

/** Half of what this machine or container has, within reason. */
function memoryMib(): number {
  const limitBytes = process.constrainedMemory() || Number.POSITIVE_INFINITY
  const halfMib = Math.floor(Math.min(limitBytes, totalmem()) / 2 / MIB)
  return Math.min(MEMORY_MIB_MAX, Math.max(MEMORY_MIB_MIN, halfMib))
}

/** Its password is the proof that it is ours: nobody else's Redis is ever touched. */
async function shutDownPredecessor(folder: DataFolder): Promise<void> {
  const noted = folder.read('redis.json')
  if (noted === undefined) return
  const { url } = JSON.parse(noted) as { url: string }
  const redis = await connectPrompt({ url, prefix: '' }, 'successor').catch(() => undefined)
  if (!redis) return
  // The only answer to SHUTDOWN is that the connection closes, with the end of the server's process.
  await redis.shutdown('NOSAVE').catch(() => {})
  redis.disconnect()
}
