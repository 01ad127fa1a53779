// kill -9 of the scheduler, again and again, while jobs come in and run: no accepted job is lost, none runs twice to effect,
// and what the ledger says is what the allocator decides.

import { admissionOf, commandIdOf, decodeLedgerEntry, SubmitJob } from '@dure/contract'
import { loadPreset } from '@dure/contract/presets'
import { decodeFacts, type Fact } from '@dure/core'
import { audit, type Ports, redisPorts } from '@dure/engine'
import { type PrivateRedis, startPrivateRedis } from '@dure/engine/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type ServiceProcess, startService } from './service-process.ts'

const JOBS = 600
const KILLS = 5

let redis: PrivateRedis
let ports: Ports
let environment: Record<string, string>
const services: ServiceProcess[] = []

beforeAll(async () => {
  redis = await startPrivateRedis()
  const settings = redis.settings()
  ports = await redisPorts(settings, 'test')
  environment = {
    DURE_REDIS_URL: settings.url,
    DURE_REDIS_PREFIX: settings.prefix.slice(0, -1),
    DURE_SPEED: '600',
    DURE_LOG_LEVEL: 'warn',
  }
})

afterAll(async () => {
  await Promise.all(services.map((service) => service.kill()))
  await ports.close()
  await redis.stop()
})

function start(name: 'executor' | 'scheduler'): ServiceProcess {
  const service = startService(name, environment)
  services.push(service)
  return service
}

/** Follows the ledger until `isEnough`, from its beginning. */
async function factsUntil(isEnough: (facts: readonly Fact[]) => boolean): Promise<Fact[]> {
  const facts: Fact[] = []
  const giveUp = AbortSignal.timeout(90_000)
  for await (const entries of ports.ledger.follow(1, giveUp)) {
    for (const entry of entries) facts.push(...decodeFacts(decodeLedgerEntry(entry.body).facts))
    if (isEnough(facts)) return facts
  }
  const last = services.map((service) => service.output().slice(-2000)).join('\n')
  throw new Error(`gave up after ${facts.length} facts; the services said:\n${last}`)
}

const jobsIn = (facts: readonly Fact[], type: Fact['type']): number[] =>
  facts.flatMap((fact) => (fact.type === type && 'job' in fact ? [fact.job] : []))

it('loses no accepted job and gives none its effect twice', async () => {
  start('executor')
  let scheduler = start('scheduler')
  await scheduler.ready
  const { config } = loadPreset('baseline-2024')
  const admit = admissionOf(config)
  const accepted = new Set<number>()
  const submit = async (index: number): Promise<void> => {
    const { user } = config.associations[index % config.associations.length]!
    const nodes = index % 7 === 0 ? 1 + (index % 40) : 1
    const body = {
      nodes,
      accelerators_per_node: 8,
      time_limit_ms: 3_600_000,
      run_time_ms: 60_000 + (index % 11) * 120_000,
    }
    const admission = admit(SubmitJob.parse(body), user)
    if (admission.kind !== 'admitted') throw new Error(admission.detail.en)
    const reserved = await ports.intake.reserve({})
    if (reserved.kind !== 'reserved') throw new Error(`not reserved: ${reserved.kind}`)
    const { seq } = reserved
    await ports.commands.send({
      id: commandIdOf(seq),
      seq,
      command: { type: 'submit', job: seq, ...admission.command },
    })
    accepted.add(seq)
  }
  for (let kill = 0; kill < KILLS; kill++) {
    const from = (JOBS / KILLS) * kill
    for (let index = from; index < from + JOBS / KILLS; index++) await submit(index)
    // In the middle of things: some of these jobs have started, others are on their way.
    await factsUntil((facts) => jobsIn(facts, 'started').length > from / 2)
    await scheduler.kill()
    scheduler = start('scheduler')
  }
  const facts = await factsUntil((all) => jobsIn(all, 'ended').length >= JOBS)

  expect(accepted.size).toBe(JOBS)
  expect(new Set(jobsIn(facts, 'submitted'))).toEqual(accepted)
  for (const type of ['submitted', 'started', 'ended'] as const) {
    const jobs = jobsIn(facts, type)
    expect(new Set(jobs).size, `${type} once a job`).toBe(jobs.length)
  }
  expect(jobsIn(facts, 'ended').toSorted((a, b) => a - b)).toEqual([...accepted].toSorted((a, b) => a - b))
  for (const fact of facts) if (fact.type === 'ended') expect(fact.state).toBe('COMPLETED')
  // Deciding the ledger anew asserts the invariants at every change, and finds the same facts.
  expect((await audit(ports.ledger)).facts).toBe(facts.length)
})
