import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createClient } from '@dure/client'
import { type Ports, redisPorts } from '@dure/engine'
import { handLedCenter, type PrivateRedis, startPrivateRedis } from '@dure/engine/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type ApiProcess, startApi } from './testing/api-process.ts'
import type { Flooded } from './testing/flooding-process.ts'
import { START_MS, smallCenter } from './testing/scene.ts'

const PER_SECOND = 20
const BURST = 10 * PER_SECOND
const ROUNDS = 3

let server: PrivateRedis
let dataDirectory: string
let ports: Ports
const running: ApiProcess[] = []
const flooders: ChildProcess[] = []

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
  for (const flooder of flooders) flooder.kill('SIGKILL')
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

/** Submits at a rate of its choice; resolves with what became of `count` of them. */
function flooder(api: ApiProcess, key: string, perSecond: number): (count: number) => Promise<Flooded> {
  const module = fileURLToPath(new URL('./testing/flooding-process.ts', import.meta.url))
  const child = fork(module, [api.url, key, String(perSecond)])
  flooders.push(child)
  return async (count) => {
    const told = once(child, 'message')
    child.send(count)
    const [flooded] = await told
    return flooded
  }
}

/** The sum of what several were told. */
function added(all: readonly Flooded[]): Flooded {
  const sum = (of: keyof Flooded) => all.reduce((total, one) => total + one[of], 0)
  return { letIn: sum('letIn'), refused: sum('refused'), other: sum('other') }
}

const p99 = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.ceil(0.99 * values.length) - 1]!

it('a key that asks fifty times as often as it may is refused, and others wait hardly longer for it', async () => {
  const [api] = running
  const ada = createClient({ url: api!.url, key: await keyOf('ada') })
  const flood = flooder(api!, await keyOf('cho'), 50 * PER_SECOND)

  /** Milliseconds that each of Ada's submits takes, at half the rate she may make, until `isOver`. */
  async function submitting(isOver: (sent: number) => boolean): Promise<number[]> {
    const times: Promise<number>[] = []
    while (!isOver(times.length)) {
      const beganMs = performance.now()
      times.push(ada.submitJob({}).then(() => performance.now() - beganMs))
      await pause(2000 / PER_SECOND)
    }
    return Promise.all(times)
  }

  await submitting((sent) => sent === 3)
  const quiet: number[] = []
  const beside: number[] = []
  const told: Flooded[] = []
  const beganMs = performance.now()
  for (let round = 0; round < ROUNDS; round++) {
    quiet.push(...(await submitting((sent) => sent === 10)))
    let isOver = false
    const flooding = flood(700).finally(() => {
      isOver = true
    })
    beside.push(...(await submitting(() => isOver)))
    told.push(await flooding)
  }
  const seconds = (performance.now() - beganMs) / 1000
  const { letIn, refused, other } = added(told)
  expect([letIn + refused, other]).toEqual([ROUNDS * 700, 0])
  expect(letIn).toBeLessThanOrEqual(BURST + PER_SECOND * seconds + 1)
  // Half as much again; what both processes take from a machine of two cores is not the API's to give.
  expect(p99(beside)).toBeLessThan(1.5 * p99(quiet) + 100)
})

it('has one rate with all API processes together', async () => {
  const key = await keyOf('ben')
  const floods = running.map((api) => flooder(api, key, 10 * PER_SECOND))
  // What may come at once is used up, in both.
  await Promise.all(floods.map((flood) => flood(BURST + 100)))
  const beganMs = performance.now()
  const { letIn, other } = added(await Promise.all(floods.map((flood) => flood(400))))
  const seconds = (performance.now() - beganMs) / 1000
  expect(other).toBe(0)
  // Twice as many would come in, did they not tell each other; they do so four times a second.
  expect(letIn).toBeLessThan(1.5 * PER_SECOND * seconds)
})
