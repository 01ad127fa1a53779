// A Redis in cluster mode refuses whatever touches keys of two slots. Under a prefix with a hash tag all keys of a center are in one
// slot: so a center for each group of pools, on one of many nodes, needs nothing new of Redis (decisions/012).

import { commandIdOf, decodeLedgerEntry, writeLabel } from '@dure/contract'
import { type CenterConfig, decodeFacts, easy } from '@dure/core'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { execute } from '../executor.ts'
import { audit } from '../leader/audit.ts'
import { lead } from '../leader/lead.ts'
import { type PrivateRedis, startPrivateRedis } from '../testing/redis.ts'
import { connectPrompt, type RedisSettings } from './connect.ts'
import { redisPorts } from './index.ts'

const config: CenterConfig = {
  name: 'group',
  pools: [
    {
      name: 'gpu',
      kind: 'gpu',
      model: 'H100',
      nodes: 1,
      perNode: { cpuMilli: 64_000, memoryMib: 65_536, accelerators: 8 },
    },
  ],
  accounts: [{ name: 'a', parent: null, shares: 1 }],
  associations: [{ account: 'a', user: 'u', shares: 1 }],
  policy: easy,
}

let server: PrivateRedis
beforeAll(async () => {
  server = await startPrivateRedis({ args: ['--cluster-enabled', 'yes'] })
  const redis = await connectPrompt(server.settings(), 'slots')
  await redis.call('CLUSTER', 'ADDSLOTSRANGE', 0, 16_383)
  const isUp = async () => expect(await redis.call('CLUSTER', 'INFO')).toContain('cluster_state:ok')
  await vi.waitFor(isUp, { timeout: 20_000, interval: 20 })
  redis.disconnect()
})
afterAll(() => server.stop())

/** Which scripts touch what is in each port; every port is used. */
it('carries a job from submit to completion, and a study to its rows', async () => {
  const { url, prefix } = server.settings()
  const settings: RedisSettings = { url, prefix: `{${prefix.slice(0, -1)}}:` }
  const ports = await redisPorts(settings, 'test')
  const over = new AbortController()
  const common = {
    monotonicMs: () => performance.now(),
    logger: { info: () => {}, warn: () => {}, error: () => {} },
  }
  const leading = lead(
    ports,
    { ...common, owner: 'leader', genesis: config, genesisMs: 0, speed: 100, leaseTtlMs: 5_000, concurrency: 16 },
    over.signal,
  )
  const executors = ['first', 'second'].map((owner) =>
    execute(ports, { ...common, owner, kinds: ['gpu'], concurrency: 4, silentMsMax: 10_000 }, over.signal),
  )
  const idempotency = { scope: 'u', key: 'k', bodyHash: 'h' }
  const reserved = await ports.intake.reserve({ idempotency, accepted: { name: 'far' } })
  expect(reserved).toEqual({ kind: 'reserved', seq: 1 })
  await ports.commands.send({
    id: commandIdOf(1),
    seq: 1,
    command: {
      type: 'submit',
      job: 1,
      account: 'a',
      user: 'u',
      request: { pools: ['gpu'], nodes: 1, acceleratorsMilli: 1000, cpuMilli: 1000, memoryMib: 1024 },
      timeLimitMs: 3_600_000,
      held: null,
      label: writeLabel({ name: 'far', run_time_ms: 60_000, exit_code: 0 }),
    },
  })
  await ports.intake.settle('u', 'k', { id: 1 })
  expect(await ports.intake.reserve({ idempotency })).toEqual({ kind: 'replay', seq: 1, response: { id: 1 } })
  await ended(ports.ledger)
  await ports.intake.folded([1])
  expect((await ports.clock.read())?.epoch).toBe(1)

  await ports.studies.begin({ id: 's1', study: {}, askedBy: 'u', askedAtMs: 0 })
  await ports.studies.dispatch('s1', [{ id: 'p1' }])
  const studying = await ports.studies.consume(1, async ({ study, piece, settle }) => {
    await ports.studies.addRow(study, piece.id, { row: piece.id })
    await ports.studies.end(study, 'completed')
    settle()
  })
  await vi.waitFor(async () => expect((await ports.studies.find('s1'))?.state).toBe('completed'), { timeout: 20_000 })
  expect(await ports.studies.rows('s1')).toEqual([{ row: 'p1' }])
  await studying.stop()

  over.abort()
  await Promise.all([leading, ...executors])
  // Kept by the leader as it stopped.
  expect((await ports.savepoints.newest())?.revision).toBe((await ports.ledger.tail())?.revision)
  // Configured, submitted, started, ended.
  expect((await audit(ports.ledger)).facts).toBe(4)
  await ports.close()
})

it('is refused where the keys have no tag', async () => {
  const ports = await redisPorts(server.settings(), 'test')
  await expect(ports.lease.acquire('somebody', 1_000)).rejects.toMatchObject({
    cause: { message: expect.stringContaining('same slot') },
  })
  await ports.close()
})

async function ended(ledger: Pick<Awaited<ReturnType<typeof redisPorts>>['ledger'], 'follow'>): Promise<void> {
  for await (const entries of ledger.follow(1, AbortSignal.timeout(30_000))) {
    const facts = entries.flatMap(({ body }) => [...decodeFacts(decodeLedgerEntry(body).facts)])
    if (facts.some(({ type }) => type === 'ended')) return
  }
  throw new Error('the job never ended')
}
