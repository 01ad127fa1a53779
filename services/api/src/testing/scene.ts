// An API in front of a center that a test leads by hand: real read model, real keys, real routes, over whatever ports the
// test brings. What the API queues is taken up when the test says so.

import { setTimeout as pause } from 'node:timers/promises'
import type { Role } from '@dure/contract'
import { type CenterConfig, type Command, fairshare } from '@dure/core'
import {
  createMemoryStore,
  createReadModel,
  type Follower,
  followLedger,
  memoryPorts,
  type Ports,
  type ReadModel,
  type ReceivedCommand,
} from '@dure/engine'
import { type HandLedCenter, handLedCenter } from '@dure/engine/testing'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { pino } from 'pino'
import type { GuardedRoute } from '../access.ts'
import { type AppOptions, createApp } from '../app.ts'
import { memoryAudit } from '../audit-trail.ts'
import { type CredentialStore, memoryCredentials } from '../credential-store.ts'
import { type KeyRing, keyRing } from '../keys.ts'
import { memoryCounts } from '../request-counts.ts'

export const START_MS = 1_800_000_000_000

/** Two kinds of pool, two tenants; `mina` belongs to both. */
export const smallCenter: CenterConfig = {
  name: 'small',
  pools: [
    {
      name: 'h100',
      kind: 'gpu',
      model: 'H100',
      nodes: 4,
      perNode: { cpuMilli: 64_000, memoryMib: 65_536, accelerators: 8 },
    },
    {
      name: 'rngd',
      kind: 'npu',
      model: 'RNGD',
      nodes: 2,
      perNode: { cpuMilli: 32_000, memoryMib: 32_768, accelerators: 4 },
    },
  ],
  accounts: [
    { name: 'lab', parent: null, shares: 3 },
    { name: 'firm', parent: null, shares: 1 },
  ],
  associations: [
    { account: 'lab', user: 'ada', shares: 1 },
    { account: 'lab', user: 'ben', shares: 1 },
    { account: 'firm', user: 'cho', shares: 1 },
    { account: 'lab', user: 'mina', shares: 1 },
    { account: 'firm', user: 'mina', shares: 1 },
  ],
  policy: fairshare,
}

export interface Scene {
  readonly server: FastifyInstance
  readonly routes: readonly GuardedRoute[]
  readonly ports: Ports
  readonly model: ReadModel
  readonly follower: Follower
  readonly keys: KeyRing
  readonly credentials: CredentialStore
  readonly leader: HandLedCenter
  /** Commands that the API has queued and nobody has taken up. */
  readonly queued: readonly ReceivedCommand[]
  /** A key for a user in a role. */
  keyFor(user: string, role?: Role): Promise<string>
  /** Sends a request with a key; a body makes it a POST. */
  ask(key: string | null, request: InjectOptions | string): Promise<Answer>
  /** Waits until so many commands are queued, then commits all of them and what else is given; resolves once it is folded. */
  takeUp(atMs: number, atLeast?: number, further?: readonly Command[]): Promise<void>
  close(): Promise<void>
}

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
  readonly body: any
}

export interface SceneOptions extends Partial<AppOptions> {
  readonly makePorts?: () => Promise<Ports>
  readonly config?: CenterConfig | null
  readonly wallMs?: () => number
}

export async function openScene(options: SceneOptions = {}): Promise<Scene> {
  const { makePorts, config = smallCenter, wallMs = Date.now, ...appOptions } = options
  const store = createMemoryStore(() => performance.now())
  const ports = makePorts === undefined ? memoryPorts(store) : await makePorts()
  // Without a configuration the ledger stays empty.
  const leader = config === null ? undefined : await handLedCenter(ports, config, START_MS)
  const model = createReadModel({ nowMs: () => performance.now() })
  const follower = await followLedger({ ledger: ports.ledger, model })
  if (config !== null) await follower.caughtUp
  const credentials = memoryCredentials(wallMs)
  const keys = keyRing(credentials, wallMs)
  const { server, routes } = await createApp({
    ports,
    model,
    follower,
    keys,
    audit: memoryAudit(wallMs),
    logger: pino({ level: 'silent' }),
    release: { version: '0.0.0', commit: null },
    durability: 'memory-only',
    probe: async () => {},
    askFullness: async () => 0,
    keyRate: 0,
    requestCounts: memoryCounts(),
    hosts: ['dure.example'],
    consoleDirectory: '/nonexistent',
    queues: [],
    sharesAgeMsMax: 0,
    wallMs,
    ...appOptions,
  })

  const queued: ReceivedCommand[] = []
  const consumption =
    leader === undefined
      ? undefined
      : await ports.commands.consume({
          epoch: 1,
          concurrency: 10_000,
          handler: async (batch) => void queued.push(...batch),
        })

  return {
    server,
    routes,
    ports,
    model,
    follower,
    keys,
    credentials,
    get leader() {
      if (leader === undefined) throw new Error('nobody leads this center')
      return leader
    },
    queued,
    keyFor: async (user, role = 'researcher') => (await keys.create({ user, role })).key,
    ask: async (key, request) => {
      const given = typeof request === 'string' ? { url: request } : request
      const response = await server.inject({
        ...given,
        method: given.method ?? (given.payload === undefined ? 'GET' : 'POST'),
        headers: { host: 'localhost', ...(key !== null && { authorization: `Bearer ${key}` }), ...given.headers },
      })
      const isJson = String(response.headers['content-type']).includes('json') && response.payload !== ''
      return {
        status: response.statusCode,
        headers: response.headers,
        text: response.payload,
        body: isJson ? JSON.parse(response.payload) : undefined,
      }
    },
    takeUp: async (atMs, atLeast = 0, further = []) => {
      for (const deadline = performance.now() + 5000; queued.length < atLeast; ) {
        if (performance.now() > deadline) throw new Error(`${queued.length} commands are queued, not ${atLeast}`)
        await pause(2)
      }
      const batch = queued.splice(0).sort((a, b) => (a.seq ?? 0) - (b.seq ?? 0))
      const commands = batch.map(({ id, command }) => ({ id, command: command as Command }))
      await leader!.commit(atMs, [...further.map((command, i) => ({ id: `x${atMs}.${i}`, command })), ...commands])
      for (const received of batch) received.settle()
      if (!(await model.atRevision(leader!.revision, 5000))) throw new Error('the commit was not folded in time')
    },
    close: async () => {
      await consumption?.stop()
      await server.close()
      await follower.stop()
      await ports.close()
    },
  }
}
