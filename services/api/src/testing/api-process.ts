// The API as it really runs: a process of its own on a real Redis.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { RedisSettings } from '@dure/engine'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))

export interface ApiProcess {
  readonly pid: number
  readonly url: string
  readonly signInUrl: string
  /** What `admin.key` holds. */
  readonly administratorKey: string
  /** Everything written so far. */
  output(): string
  /** Asks it to end; the exit code. */
  stop(): Promise<number | null>
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>
}

export interface ApiEnding {
  readonly exitCode: number | null
  readonly output: string
}

interface Surroundings {
  readonly redis: RedisSettings
  readonly dataDirectory: string
  readonly environment?: Readonly<Record<string, string>>
}

/** Resolves when it is ready, or when it has ended without ever being so. */
export async function startApi({
  redis,
  dataDirectory,
  environment = {},
}: Surroundings): Promise<ApiProcess | ApiEnding> {
  const child = fork(main, {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      ...process.env,
      DURE_REDIS_URL: redis.url,
      DURE_REDIS_PREFIX: redis.prefix.slice(0, -1),
      DURE_DATA: dataDirectory,
      DURE_PORT: '0',
      ...environment,
    },
  })
  // It must not outlive the tests, however they end.
  const killWithUs = () => child.kill('SIGKILL')
  process.once('exit', killWithUs)
  child.once('exit', () => process.removeListener('exit', killWithUs))

  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (output += String(text)))
  const ready = new Promise<{ url: string; sign_in_url: string }>((resolve) => {
    child.once('message', (message) => resolve(message as { url: string; sign_in_url: string }))
  })
  const exited = once(child, 'close') as Promise<[number | null]>
  const first = await Promise.race([ready, exited.then(([exitCode]) => ({ exitCode, output }))])
  if ('exitCode' in first) return first
  return {
    pid: child.pid!,
    url: first.url,
    signInUrl: first.sign_in_url,
    administratorKey: readFileSync(join(dataDirectory, 'admin.key'), 'utf8').trim(),
    output: () => output,
    stop: () => end(child, exited, 'SIGTERM'),
    kill: async () => void (await end(child, exited, 'SIGKILL')),
  }
}

async function end(
  child: ChildProcess,
  exited: Promise<[number | null]>,
  signal: NodeJS.Signals,
): Promise<number | null> {
  child.kill(signal)
  return (await exited)[0]
}
