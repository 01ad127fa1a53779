// One study over BullMQ with three worker processes: row by row what one machine comes to alone, also where one of the three is killed in
// the middle of a unit.

import type { ResultRow, ScenarioFile } from '@dure/contract'
import { type Ports, redisPorts } from '@dure/engine'
import { type PrivateRedis, startPrivateRedis } from '@dure/engine/testing'
import { inOrder, nextUnits, type Study, studyId, studyOf } from '@dure/study'
import { runLocally } from '@dure/study/local'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type ServiceProcess, startService } from './service-process.ts'

const WORKERS = 3

/** Sixteen nodes for six days: a unit takes a moment, so that somebody is always in the middle of one. */
const scenario: ScenarioFile = {
  name: 'small',
  date: '2030-01-07',
  days: 6,
  warmup_days: 1,
  pools: [
    {
      name: 'h100',
      model: 'H100',
      nodes: 16,
      accelerators_per_node: 8,
      cpus_per_node: 96,
      memory_per_node: '2TiB',
      assumed: true,
    },
  ],
  accounts: [{ name: 'univ', users: ['kim', 'lee', 'park'] }],
  demand: { load: 0.8 },
}
const asked = (study: NonNullable<ScenarioFile['study']>): Study => {
  const read = studyOf({ ...scenario, study })
  if (!read.ok) throw new Error(read.findings.map(({ detail }) => detail).join('; '))
  return read.study
}

let redis: PrivateRedis
let ports: Ports
let environment: Record<string, string>
const workers: ServiceProcess[] = []

beforeAll(async () => {
  redis = await startPrivateRedis()
  const settings = redis.settings()
  ports = await redisPorts(settings, 'test')
  environment = {
    DURE_REDIS_URL: settings.url,
    DURE_REDIS_PREFIX: settings.prefix.slice(0, -1),
    DURE_LOG_LEVEL: 'warn',
  }
  for (let i = 0; i < WORKERS; i++) workers.push(startService('studies', environment))
  await Promise.all(workers.map(({ ready }) => ready))
})

afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.kill()))
  await ports.close()
  await redis.stop()
})

/** All columns but the one that depends on the machine. */
const decided = (rows: readonly ResultRow[]) => rows.map(({ sim_jobs_per_second: _, ...row }) => row)

async function alone(study: Study): Promise<ResultRow[]> {
  const signal = new AbortController().signal
  return inOrder(study, await runLocally({ study, rows: [], threads: 2, onRow() {}, signal }))
}

async function begin(study: Study): Promise<string> {
  const id = studyId(study)
  await ports.studies.begin({ id, study, askedBy: 'kim', askedAtMs: 1 })
  await ports.studies.dispatch(id, nextUnits(study, []))
  return id
}

async function completed(study: Study, id: string): Promise<ResultRow[]> {
  const said = () => workers.map((worker) => worker.output().slice(-1000)).join('\n')
  await vi.waitFor(
    async () => expect([(await ports.studies.find(id))?.state, said()]).toEqual(['completed', expect.anything()]),
    { timeout: 100_000, interval: 100 },
  )
  return inOrder(study, (await ports.studies.rows(id)) as ResultRow[])
}

it('solves over three processes what one machine solves alone', async () => {
  const study = asked({ solve: { knob: 'capacity_ef', from: 0.003, to: 0.03, promise: 'jobs>=500' }, seeds: 2 })
  const rows = await completed(study, await begin(study))
  expect(decided(rows)).toEqual(decided(await alone(study)))
})

it('comes to the same where one of them is killed in the middle', async () => {
  const loads = Array.from({ length: 12 }, (_, i) => 0.3 + i / 10)
  const study = asked({ sweep: [{ field: 'demand.load', values: loads }], policies: ['easy', 'fairshare'], seeds: 1 })
  const id = await begin(study)
  await vi.waitFor(async () => expect((await ports.studies.find(id))!.rows).toBeGreaterThan(2), {
    timeout: 60_000,
    interval: 20,
  })
  // Each has at least one unit in its hands as long as any wait.
  const { waiting, active } = await ports.studies.backlog()
  expect([waiting > 0, active >= WORKERS]).toEqual([true, true])
  await workers[0]!.kill()
  const rows = await completed(study, id)
  expect(decided(rows)).toEqual(decided(await alone(study)))
})
