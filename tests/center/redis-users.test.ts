// The services as the users that docker-compose.yml gives them on Redis (infra/docker/redis-users.conf): each does its work, none may do
// another's, and nothing that anybody could sign in with stands in what they write to their logs.

import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, createClient } from '@dure/client'
import { connectPrompt, openRedisLedger } from '@dure/engine'
import { type PrivateRedis, startPrivateRedis } from '@dure/engine/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ServiceProcess, startService } from './service-process.ts'
import { until } from './started-center.ts'

const names = ['scheduler', 'executor', 'studies', 'api'] as const
type Name = (typeof names)[number]

const center = `name: small
pools:
  - { name: h100, kind: gpu, model: h100, nodes: 4, accelerators_per_node: 8, cpus_per_node: 64, memory_per_node: 1TiB }
accounts: [{ name: lab, users: [ada, ben] }]
`
const scenario = {
  name: 'tiny',
  date: '2030-01-07',
  days: 1,
  pools: [
    {
      name: 'h100',
      model: 'H100',
      nodes: 2,
      accelerators_per_node: 8,
      cpus_per_node: 96,
      memory_per_node: '2TiB',
      assumed: true,
    },
  ],
  accounts: [{ name: 'univ', users: ['kim'] }],
  demand: { load: 0.5 },
  study: { sweep: [{ field: 'demand.load', values: [0.4] }], seeds: 1 },
}

const passwords = Object.fromEntries(names.map((name) => [name, randomBytes(24).toString('base64url')])) as Record<
  Name,
  string
>
const secrets: string[] = Object.values(passwords)

let redis: PrivateRedis
let folder: string
let issuer: Server
let url: string
let root: Client
let token: string
const services = new Map<Name, ServiceProcess>()

const urlOf = (name: Name): string => `redis://${name}:${passwords[name]}@127.0.0.1:${redis.port}`

/** The rules of each user, as ACL SETUSER takes them. */
function rulesOfUsers(): Map<string, string[]> {
  const text = readFileSync(new URL('../../infra/docker/redis-users.conf', import.meta.url), 'utf8')
  const lines = text
    .split('\n')
    .filter((line) => line.startsWith('user '))
    .map((line) =>
      line.replace(/\{(\w+)\}/, (_, name: Name) => createHash('sha256').update(passwords[name]).digest('hex')),
    )
  return new Map(
    lines.map((line) => {
      const [, name = '', ...rules] = line.match(/\([^)]*\)|\S+/g) ?? []
      return [name, rules]
    }),
  )
}

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

async function startIssuer(): Promise<void> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const keys = [{ ...publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'RS256', use: 'sig' }]
  issuer = createServer((_, response) => void response.end(JSON.stringify({ keys })))
  issuer.listen(0, '127.0.0.1')
  await once(issuer, 'listening')
  const at = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}`
  await writeFile(
    join(folder, 'issuer.yaml'),
    `issuer: ${at}\naudience: dure\njwks: ${at}/keys\ndefault_role: researcher\n`,
  )
  const nowS = Math.floor(Date.now() / 1000)
  const head = `${base64url({ alg: 'RS256', kid: 'k' })}.${base64url({ iss: at, aud: 'dure', sub: 'ben', iat: nowS, exp: nowS + 600 })}`
  token = `${head}.${sign('sha256', Buffer.from(head), privateKey).toString('base64url')}`
  secrets.push(token)
}

beforeAll(async () => {
  redis = await startPrivateRedis()
  folder = await mkdtemp(join(tmpdir(), 'dure-users-'))
  await writeFile(join(folder, 'center.yaml'), center)
  await startIssuer()
  const admin = await connectPrompt({ url: redis.url, prefix: '' }, 'admin')
  for (const [user, rules] of rulesOfUsers())
    if (user !== 'default') await admin.call('ACL', 'SETUSER', user, 'reset', ...rules)
  admin.disconnect()
  for (const name of names) {
    const service = startService(name, {
      DURE_REDIS_URL: urlOf(name),
      DURE_DATA: join(folder, name),
      DURE_SEGMENTS: join(folder, 'ledger'),
      DURE_PRESET: join(folder, 'center.yaml'),
      DURE_ISSUER_FILE: join(folder, 'issuer.yaml'),
      DURE_SPEED: '3600',
      DURE_PORT: '0',
      DURE_LOG_LEVEL: 'trace',
    })
    services.set(name, service)
  }
  const [, , , ready] = await Promise.all(names.map((name) => services.get(name)?.ready))
  url = String(ready?.url)
  secrets.push(new URL(String(ready?.sign_in_url)).searchParams.get('code')!)
  const key = (await readFile(join(folder, 'api', 'admin.key'), 'utf8')).trim()
  secrets.push(key)
  root = createClient({ url, key })
})

afterAll(async () => {
  await Promise.all([...services.values()].map((service) => service.kill()))
  issuer?.closeAllConnections()
  issuer?.close()
  await redis?.stop()
  await rm(folder, { recursive: true, force: true })
})

it('all of the center works with what each service may do, and nothing it tries is refused', async () => {
  const { id } = await root.submitJob({ user: 'ada', time_limit_ms: 3_600_000, run_time_ms: 60_000 })
  await until('the job to run and end', async () => (await root.getJob(id)).state === 'COMPLETED')
  await root.drainNode('h100-1', 'to see')
  await until('the node to be drained', async () => (await root.listNodes({ state: 'drain' })).items.length === 1)
  const study = await root.createStudy({ scenario })
  await until('the study to end', async () => (await root.getStudy(study.id)).state === 'completed')

  const created = await root.createKey({ user: 'ada', role: 'researcher' })
  const rotated = await root.rotateKey(created.id, 0)
  const link = await root.createSignInLink()
  const signedIn = await fetch(link.url)
  const session = signedIn.headers.get('set-cookie')!.split(';')[0]!.split('=')[1]!
  await root.revokeKey(rotated.id)
  secrets.push(created.key, rotated.key, session, new URL(link.url).searchParams.get('code')!)
  const me = (headers: Record<string, string>) => fetch(`${url}/v1/me`, { headers })
  const statuses = [
    await me({ cookie: `dure_session=${session}` }),
    await me({ authorization: `Bearer ${token}` }),
    await me({ authorization: `Bearer ${rotated.key}` }),
    await me({ authorization: `Basic ${created.key}` }),
    await fetch(`${url}/v1/nothing?key=${created.key}`, { headers: { authorization: `Bearer ${token}x` } }),
    await fetch(`${url}/queues/api/queues`, { headers: { cookie: `dure_session=${session}` } }),
  ].map(({ status }) => status)
  expect(statuses).toEqual([200, 200, 401, 401, 404, 200])
  expect((await root.listAudit()).items.map(({ act }) => act)).toEqual([
    'key-revoked',
    'key-rotated',
    'key-made',
    'node-drained',
  ])

  // More than a leader comes to move in so short a time.
  const asLeader = await openRedisLedger({ url: urlOf('scheduler'), prefix: 'dure:' }, 'scheduler-segments')
  expect(await asLeader.ledger.extent()).toMatchObject({ firstRevision: 1 })
  expect(await asLeader.ledger.trim(5)).toBe(false)
  asLeader.close()

  const admin = await connectPrompt({ url: redis.url, prefix: '' }, 'admin')
  const refused = (await admin.call('ACL', 'LOG')) as unknown[]
  expect(refused).toEqual([])
  admin.disconnect()
})

describe('a service may not', () => {
  it.each<[Name, string, string[]]>([
    ...names.flatMap((name): [Name, string, string[]][] => [
      [name, 'delete everything', ['FLUSHALL']],
      [name, 'list what there is', ['KEYS', '*']],
      [name, 'change the configuration', ['CONFIG', 'SET', 'appendonly', 'no']],
      [name, 'become somebody else', ['ACL', 'SETUSER', name, '+@all', '~*']],
      [name, 'write beside the center', ['SET', 'other:key', '1']],
      [name, 'look at what others send', ['MONITOR']],
      [name, 'stop the server', ['SHUTDOWN']],
    ]),
    ['executor', 'read keys', ['HGETALL', 'dure:access:keys']],
    ['scheduler', 'read keys', ['HGETALL', 'dure:access:keys']],
    ['studies', 'read the ledger', ['XRANGE', 'dure:ledger', '-', '+']],
    ['executor', 'write the ledger', ['XADD', 'dure:ledger', '*', 'a', 'b']],
    ['api', 'write the ledger', ['XADD', 'dure:ledger', '*', 'a', 'b']],
    ['api', 'trim the ledger', ['XTRIM', 'dure:ledger', 'MAXLEN', '1']],
    ['api', 'take the lease', ['SET', 'dure:lease', 'me']],
    ['api', 'take from the audit trail', ['XDEL', 'dure:audit', '1-0']],
    ['api', 'delete the audit trail', ['DEL', 'dure:audit']],
    ['scheduler', 'write the audit trail', ['XADD', 'dure:audit', '*', 'entry', '{}']],
  ])('%s: %s', async (name, _, [command = '', ...args]) => {
    const connection = await connectPrompt({ url: urlOf(name), prefix: '' }, 'try')
    await expect(connection.call(command, ...args)).rejects.toThrow(/NOPERM/)
    connection.disconnect()
  })
})

it('nothing that lets anybody in stands in what the services have written', () => {
  const written = names.map((name) => services.get(name)?.output() ?? '').join('\n')
  // They have said enough for something to have slipped in.
  expect(written).toContain('"key revoked"')
  expect(written.length).toBeGreaterThan(2000)
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThan(16)
    const tail = secret.slice(-24)
    expect([tail.slice(0, 4), written.includes(tail)]).toEqual([tail.slice(0, 4), false])
  }
})
