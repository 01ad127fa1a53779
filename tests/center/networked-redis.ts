// A Redis on a host of its own, which others reach over the network: with the configuration of docker-compose.yml, a password for who
// keeps it, and for the services a user who may do what a center needs and nothing else (infra/README.md).

import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { connectPrompt, type RedisSettings } from '@dure/engine'
import type { Host } from './hosts.ts'
import { until } from './started-center.ts'

const configuration = fileURLToPath(new URL('../../infra/docker/redis.conf', import.meta.url))
const PORT = 6379
const USER = 'dure'

export interface NetworkedRedis {
  /** As the services know it. */
  readonly settings: RedisSettings
  /** The same, by the same user, for who sits on this machine and not in its network. */
  readonly here: RedisSettings
  /** `redis-cli` as somebody types it on another host. */
  readonly cli: readonly string[]
  /** Who is connected: the name of the connection, and the address it comes from. */
  clients(): Promise<readonly { readonly name: string; readonly address: string }[]>
  stop(): Promise<void>
}

export async function startNetworkedRedis({ address, on }: Host, directory: string): Promise<NetworkedRedis> {
  const prefix = 'hosts:'
  const [password, keepersPassword] = [newPassword(), newPassword()]
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const socket = join(directory, 'redis.sock')
  const file = join(directory, 'redis.conf')
  const lines = [
    readFileSync(configuration, 'utf8').replace('dir /data', `dir ${directory}`),
    `requirepass ${keepersPassword}`,
    `user ${USER} on >${password} ~${prefix}* resetchannels &${prefix}* +@all -@admin -@dangerous +info +config|get`,
    `unixsocket ${socket}`,
    'unixsocketperm 700',
    '',
  ]
  writeFileSync(file, lines.join('\n'), { mode: 0o600 })
  const [program, ...args] = [...on, 'redis-server', file]
  const server = spawn(program!, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (text) => (said += text))
  const kill = (): void => void server.kill('SIGKILL')
  process.once('exit', kill)
  const exited = once(server, 'exit')
  exited.then(() => process.removeListener('exit', kill))

  const here = { url: `${socket}?username=${USER}&password=${password}`, prefix }
  await until('Redis to answer', async () => {
    if (server.exitCode !== null) throw new Error(`redis-server ended with ${server.exitCode}:\n${said}`)
    const redis = await connectPrompt(here, 'launch').catch(() => undefined)
    redis?.disconnect()
    return redis !== undefined
  })
  const keeper = await connectPrompt({ url: `${socket}?password=${keepersPassword}`, prefix }, 'keeper')
  return {
    settings: { url: `redis://${USER}:${password}@${address}:${PORT}`, prefix },
    here,
    cli: ['redis-cli', '-h', address, '-p', `${PORT}`],
    clients: async () =>
      String(await keeper.client('LIST'))
        .trim()
        .split('\n')
        .map((line) => ({
          name: /\bname=(\S*)/.exec(line)?.[1] ?? '',
          address: /\baddr=(\S+):\d+/.exec(line)?.[1] ?? '',
        })),
    stop: async () => {
      keeper.disconnect()
      kill()
      await exited
    },
  }
}

const newPassword = (): string => randomBytes(24).toString('hex')
