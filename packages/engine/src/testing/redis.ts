// A Redis of one's own for a test file: a real server on a free loopback port, data in a directory of its own, gone with
// the test.

import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { connectPrompt, type RedisSettings } from '../redis/connect.ts'

export interface PrivateRedis {
  readonly url: string
  readonly port: number
  /** Where its append-only file is. */
  readonly directory: string
  /** Of the server that runs, or ran last. */
  readonly pid: number
  readonly isRunning: boolean
  /** The same server, under keys nobody else uses. */
  settings(): RedisSettings
  /** Ends the server at once, as a crash would. The data stays. */
  kill(): Promise<void>
  /** Starts it again on the same port and data. */
  restart(): Promise<void>
  /** Ends the server and removes its data. */
  stop(): Promise<void>
}

export interface PrivateRedisOptions {
  readonly appendfsync?: 'always' | 'everysec' | 'no'
  /** Further arguments of redis-server. */
  readonly args?: readonly string[]
  /** A directory with data to begin with, which goes with the server as its own would. */
  readonly directory?: string
  /** A command that becomes redis-server, in the same process: one that watches it, or limits it. */
  readonly launcher?: readonly string[]
}

export async function startPrivateRedis(options: PrivateRedisOptions = {}): Promise<PrivateRedis> {
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'dure-redis-')))
  const port = await freePort()
  const url = `redis://127.0.0.1:${port}`
  const args = [
    ...['--port', `${port}`, '--bind', '127.0.0.1', '--dir', directory, '--save', '', '--loglevel', 'warning'],
    ...['--appendonly', 'yes', '--appendfsync', options.appendfsync ?? 'always', '--maxmemory-policy', 'noeviction'],
    ...(options.args ?? []),
  ]
  const command = [...(options.launcher ?? []), 'redis-server', ...args]
  let server = await launch(url, command)
  return {
    url,
    port,
    directory,
    get pid() {
      return server.pid!
    },
    get isRunning() {
      return isRunning(server)
    },
    settings: () => ({ url, prefix: `test-${randomUUID()}:` }),
    kill: () => end(server),
    restart: async () => {
      server = await launch(url, command)
    },
    stop: async () => {
      await end(server)
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function launch(url: string, [program = '', ...args]: readonly string[]): Promise<ChildProcess> {
  const server = spawn(program, args, { stdio: 'ignore' })
  // The server must not outlive the tests, however they end.
  const killWithUs = () => server.kill('SIGKILL')
  process.once('exit', killWithUs)
  server.once('exit', () => process.removeListener('exit', killWithUs))

  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (!isRunning(server)) throw new Error(`redis-server ended with ${server.exitCode}: ${program} ${args.join(' ')}`)
    try {
      const redis = await connectPrompt({ url, prefix: '' }, 'launch')
      redis.disconnect()
      return server
    } catch {
      await pause(25)
    }
  }
  server.kill('SIGKILL')
  throw new Error(`redis-server did not answer at ${url}`)
}

const isRunning = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode === null && signalCode === null

async function end(server: ChildProcess): Promise<void> {
  if (!isRunning(server)) return
  const ended = once(server, 'exit')
  server.kill('SIGKILL')
  await ended
}

/** A port of loopback that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer()
  probe.listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return address.port
}
