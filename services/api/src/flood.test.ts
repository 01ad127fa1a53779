import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createClient } from '@dure/client'
import { type Ports, redisPorts } from '@dure/engine'
import { handLedCenter, type PrivateRedis, startPrivateRedis } from '@dure/engine/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type ApiProcess, startApi } from './testing/api-process.ts'
import { added, type Flooder, startFlooder } from './testing/flooder.ts'
import { START_MS, smallCenter } from './testing/scene.ts'

const PER_SECOND = 20
const BURST = 10 * PER_SECOND

let server: PrivateRedis
let dataDirectory: string
let ports: Ports
const running: ApiProcess[] = []
const flooders: Flooder[] = []

beforeAll(async () => {
  server = await startPrivateRedis()
  dataDirectory = await mkdtemp(join(tmpdir(), 'dure-flood-'))
  const redis = server.settings()
  ports = await redisPorts(redis, 'test')
  await handLedCenter(ports, smallCenter, START_MS)
  for (let i = 0; i < 2; i++) {
    const api = await startApi({ redis, dataDirectory, environment: { DURE_KEY_RATE: String(PER_SECOND) } })
    if (!('url' in api)) throw new Error(`the API ended with ${api.exitCode}:\n${api.output}`)
    running.push(api)
  }
}, 120_000)
afterAll(async () => {
  for (const flooder of flooders) flooder.stop()
  await Promise.all(running.map((api) => api.kill()))
  await ports.close()
  await server.stop()
  await rm(dataDirectory, { recursive: true, force: true })
})

async function keyOf(user: string): Promise<string> {
  const [api] = running
  const root = createClient({ url: api!.url, key: api!.administratorKey })
  return (await root.createKey({ user, role: 'researcher' })).key
}

function flooder(api: ApiProcess, key: string, perSecond: number): Flooder {
  const one = startFlooder(api.url, key, perSecond)
  flooders.push(one)
  return one
}

it('a key that asks fifty times as often as it may gets what it may, and is the only one that is refused', async () => {
  const [api] = running
  const ada = createClient({ url: api!.url, key: await keyOf('ada') })
  const cho = flooder(api!, await keyOf('cho'), 50 * PER_SECOND)
  const beganMs = performance.now()
  let isOver = false
  const flooding = cho.flood(1500).finally(() => {
    isOver = true
  })
  // At half the rate that Ada may have. How long she waits is what the bench `flood` measures.
  const submitted: Promise<unknown>[] = []
  while (!isOver) {
    submitted.push(ada.submitJob({}))
    await pause(2000 / PER_SECOND)
  }
  await Promise.all(submitted)
  const { letIn, refused, other } = await flooding
  const seconds = (performance.now() - beganMs) / 1000
  expect([letIn + refused, other]).toEqual([1500, 0])
  expect(letIn).toBeGreaterThanOrEqual(BURST)
  expect(letIn).toBeLessThanOrEqual(BURST + PER_SECOND * seconds + 1)
  expect((await ports.intake.last()) - submitted.length).toBe(letIn)
})

it('has one rate with all API processes together', async () => {
  const key = await keyOf('ben')
  const floods = running.map((api) => flooder(api, key, 10 * PER_SECOND))
  // What may come at once is used up, in both.
  await Promise.all(floods.map(({ flood }) => flood(BURST + 100)))
  const beganMs = performance.now()
  const { letIn, other } = added(await Promise.all(floods.map(({ flood }) => flood(400))))
  const seconds = (performance.now() - beganMs) / 1000
  expect(other).toBe(0)
  // Twice as many would come in, did they not tell each other; they do so four times a second.
  expect(letIn).toBeLessThan(1.5 * PER_SECOND * seconds)
})
