// A whole center as processes: a leader and a stand-by, two executors, the API, and a Redis of their own. Each may be ended,
// paused or cut off from Redis by itself.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { connectPrompt, type Ports, type RedisSettings, redisPorts } from '@dure/engine'
import {
  freePort,
  type Proxy as Network,
  type PrivateRedis,
  type PrivateRedisOptions,
  startPrivateRedis,
  startProxy,
} from '@dure/engine/testing'
import type { Door } from '../client/center-client.ts'
import { LedgerWatch } from '../ledger/ledger-watch.ts'
import { Role, type ServiceName } from './role.ts'

export interface ChaosCenterOptions {
  readonly redis?: PrivateRedisOptions
  /** Every process reaches Redis through a proxy of its own. */
  readonly withProxies?: boolean
  /** Loaded into services: how a broken build is made. */
  readonly preloads?: Partial<Record<ServiceName, readonly URL[]>>
  /** Of the keys, where Redis begins with data. */
  readonly prefix?: string
  /** One of each instead of two. */
  readonly isSingle?: boolean
  /** Name of a preset, or path of a center file; a small center where absent. */
  readonly preset?: string
  /** Center seconds a second. */
  readonly speed?: number
  /** Further settings of every service. */
  readonly env?: Readonly<Record<string, string>>
}

const SPEED = 60

const centerFile = fileURLToPath(new URL('./small.yaml', import.meta.url))
const instrumented = new URL('../doubles/instrumented.ts', import.meta.url)

export class ChaosCenter {
  readonly redis: PrivateRedis
  readonly settings: RedisSettings
  /** The harness's own way to Redis, which no fault is put on. */
  readonly ports: Ports
  readonly roles: ReadonlyMap<string, Role>
  readonly door: Door
  readonly watch: LedgerWatch
  readonly #proxies: ReadonlyMap<string, Network>
  readonly #dataDirectory: string

  private constructor(
    redis: PrivateRedis,
    settings: RedisSettings,
    ports: Ports,
    roles: ReadonlyMap<string, Role>,
    proxies: ReadonlyMap<string, Network>,
    door: Door,
    dataDirectory: string,
  ) {
    this.redis = redis
    this.settings = settings
    this.ports = ports
    this.roles = roles
    this.#proxies = proxies
    this.door = door
    this.#dataDirectory = dataDirectory
    this.watch = new LedgerWatch(ports.ledger)
  }

  static async start(options: ChaosCenterOptions = {}): Promise<ChaosCenter> {
    const redis = await startPrivateRedis(options.redis)
    const settings = { ...redis.settings(), ...(options.prefix !== undefined && { prefix: options.prefix }) }
    const ports = await redisPorts(settings, 'chaos')
    const dataDirectory = mkdtempSync(join(tmpdir(), 'dure-chaos-'))
    const port = await freePort()
    const roles = new Map<string, Role>()
    const proxies = new Map<string, Network>()
    const names: [ServiceName, string][] = [
      ['scheduler', 'scheduler-1'],
      ['executor', 'executor-1'],
      ['api', 'api'],
      ...(options.isSingle
        ? []
        : ([
            ['scheduler', 'scheduler-2'],
            ['executor', 'executor-2'],
          ] as const)),
    ] as [ServiceName, string][]
    for (const [service, name] of names) {
      if (options.withProxies) proxies.set(name, await startProxy(redis.port))
      const url = options.withProxies ? `redis://127.0.0.1:${proxies.get(name)!.port}` : redis.url
      const env = {
        DURE_REDIS_URL: url,
        DURE_REDIS_PREFIX: settings.prefix.slice(0, -1),
        DURE_PRESET: options.preset ?? centerFile,
        DURE_SPEED: `${options.speed ?? SPEED}`,
        DURE_LOG_LEVEL: 'warn',
        DURE_DATA: dataDirectory,
        DURE_PORT: `${port}`,
        ...options.env,
        // Services are started again and again: what was compiled once need not be compiled anew.
        NODE_COMPILE_CACHE: join(tmpdir(), 'dure-chaos-compiled'),
      }
      // A point is passed by whoever calls the service's ports, as broken as they may be.
      const preloads = [...(options.preloads?.[service] ?? []), instrumented]
      roles.set(name, new Role({ service, name, env, preloads }))
    }
    const door = { url: `http://127.0.0.1:${port}`, key: '' }
    const center = new ChaosCenter(redis, settings, ports, roles, proxies, door, dataDirectory)
    try {
      await Promise.all([...roles.values()].map((role) => center.#firstStart(role)))
    } catch (error) {
      await center.stop()
      throw error
    }
    door.key = readFileSync(join(dataDirectory, 'admin.key'), 'utf8').trim()
    return center
  }

  async #firstStart(role: Role): Promise<void> {
    const failed = async (): Promise<never> => {
      while (role.accidents.length === 0) await pause(50)
      throw new Error(`${role.accidents.join('; ')}\n${role.output()}`)
    }
    await Promise.race([role.start(), failed()])
    if (role.name === 'api' && !(await this.watch.until(() => this.watch.revision >= 2, 20_000)))
      throw new Error(`nobody leads: ${[...this.roles.values()].map((one) => one.output()).join('\n')}`)
  }

  role(name: string): Role {
    const role = this.roles.get(name)
    if (role === undefined) throw new Error(`there is no ${name} in this center`)
    return role
  }

  proxy(name: string): Network {
    const proxy = this.#proxies.get(name)
    if (proxy === undefined) throw new Error(`${name} reaches Redis without a proxy`)
    return proxy
  }

  get executors(): Role[] {
    return [...this.roles.values()].filter(({ name }) => name.startsWith('executor'))
  }

  /** The scheduler that holds the lease. Waits until one does. */
  async leader(): Promise<Role> {
    for (const untilMs = performance.now() + 20_000; performance.now() < untilMs; await pause(50)) {
      const lease = await this.redisDo((redis) => redis.get(`${this.settings.prefix}lease`)).catch(() => null)
      for (const role of this.roles.values()) if (lease?.includes(`-${role.pid}-`)) return role
    }
    throw new Error('nobody has held the lease for 20 s')
  }

  /** Something that no port does, on a connection of its own. */
  async redisDo<T>(act: (redis: Awaited<ReturnType<typeof connectPrompt>>) => Promise<T>): Promise<T> {
    const redis = await connectPrompt(this.settings, 'chaos-fault')
    try {
      return await act(redis)
    } finally {
      redis.disconnect()
    }
  }

  get accidents(): string[] {
    return [...this.roles.values()].flatMap(({ accidents }) => accidents)
  }

  async stop(): Promise<void> {
    for (const role of this.roles.values()) role.goOn()
    await Promise.all([...this.roles.values()].map((role) => role.remove()))
    await this.watch.stop()
    await this.ports.close()
    await Promise.all([...this.#proxies.values()].map((proxy) => proxy.stop()))
    await this.redis.stop()
    rmSync(this.#dataDirectory, { recursive: true, force: true })
  }
}
