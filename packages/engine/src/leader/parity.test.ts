// The same history through the simulator's loop and through the live center's, on one virtual clock: the facts must be the
// same, byte for byte. This is what holds the two loops together.

import { finishIdOf, writeLabel } from '@dure/contract'
import { type CenterConfig, type Command, easy, fairshare, type Policy, policies } from '@dure/core'
import { type Demand, simulate, solverFor } from '@dure/sim'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMemoryStore, memoryPorts } from '../memory/index.ts'
import type { Ports } from '../ports.ts'
import { redisPorts } from '../redis/index.ts'
import { type PrivateRedis, startPrivateRedis } from '../testing/redis.ts'
import { audit } from './audit.ts'
import { recover } from './recovery.ts'
import { Term } from './term.ts'

interface PlannedJob {
  readonly id: number
  readonly atMs: number
  readonly runMs: number
  readonly command: Extract<Command, { type: 'submit' }>
}

const SEED = 20_261_123

/** A small, seeded history with gangs, two pools at unlike speeds, three users, early ends, overruns and cancels. */
function history(): PlannedJob[] {
  let state = SEED
  const draw = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  let atMs = 0
  return Array.from({ length: 600 }, (_, i) => {
    if (i > 0) atMs += draw(40) * 1000 // the center is configured when the first job comes
    const runMs = (1 + draw(600)) * 1000
    const timeLimitMs = Math.max(1000, runMs + (draw(5) - 1) * 60_000)
    const nodes = draw(4) === 0 ? 1 + draw(6) : 1
    const accelerators = nodes > 1 ? 8 : 1 + draw(8)
    const pools = [['gpu'], ['npu'], ['gpu', 'npu']][draw(3)]!
    const user = `u${draw(3)}`
    const request = {
      pools,
      // Where it can choose, it is slower in the second.
      ...(pools.length > 1 && { speedsMille: [1000, 350] }),
      nodes,
      acceleratorsMilli: accelerators * 1000,
      cpuMilli: accelerators * 1000,
      memoryMib: 1024,
    }
    const label = writeLabel({ name: `job ${i}`, run_time_ms: runMs, exit_code: draw(5) === 0 ? 1 : 0 })
    const command = { type: 'submit', job: i + 1, account: 'a', user, request, timeLimitMs, held: null, label } as const
    return { id: i + 1, atMs, runMs, command }
  })
}

const config = (policy: Policy): CenterConfig => ({
  name: 'parity',
  pools: [
    {
      name: 'gpu',
      kind: 'gpu',
      model: 'H100',
      nodes: 8,
      perNode: { cpuMilli: 64_000, memoryMib: 65_536, accelerators: 8 },
    },
    {
      name: 'npu',
      kind: 'npu',
      model: 'RNGD',
      nodes: 4,
      perNode: { cpuMilli: 32_000, memoryMib: 65_536, accelerators: 8 },
    },
  ],
  accounts: [{ name: 'a', parent: null, shares: 1 }],
  associations: [0, 1, 2].map((i) => ({ account: 'a', user: `u${i}`, shares: i + 1 })),
  policy,
})

const exitCodeOf = (job: PlannedJob): number => (JSON.parse(job.command.label) as { exit_code: number }).exit_code

/** The facts hash of the simulator. */
async function simulated(policy: Policy, jobs: readonly PlannedJob[]): Promise<string> {
  const center = config(policy)
  const demand: Demand = {
    count: jobs.length,
    job: Float64Array.from(jobs, ({ id }) => id),
    submitMs: Float64Array.from(jobs, ({ atMs }) => atMs),
    runMs: Float64Array.from(jobs, ({ runMs }) => runMs),
    limitMs: Float64Array.from(jobs, ({ command }) => command.timeLimitMs),
    exitCode: Int32Array.from(jobs, exitCodeOf),
    association: Int32Array.from(jobs, ({ command }) =>
      center.associations.findIndex(({ user }) => user === command.user),
    ),
    request: Int32Array.from(jobs, (_, index) => index),
    requests: jobs.map(({ command }) => command.request),
  }
  const solver = await solverFor(center)
  return simulate(center, demand, { label: (index) => jobs[index]!.command.label, ...solver }).factsHash
}

/**
 * Through a leader's term, with commands and runs travelling through the ports as in the live center. Wall time is virtual:
 * it moves on only when everything that was sent has arrived.
 */
async function live(policy: Policy, jobs: readonly PlannedJob[], { ports, clock }: Live): Promise<Term> {
  const lease = await ports.lease.acquire('parity', 3_600_000)
  if (lease.kind !== 'acquired') throw new Error('the lease is free')
  const monotonicMs = (): number => clock.wallMs
  const options = {
    owner: 'parity',
    genesis: config(policy),
    genesisMs: 0,
    speed: 1,
    monotonicMs,
    poisonous: new Set<string>(),
    suspects: new Set<string>(),
  }
  const term = await Term.begin(ports, options, lease.epoch)
  const arrived = new Arrivals()
  const consumptions = [
    await ports.commands.consume({
      epoch: lease.epoch,
      concurrency: 64,
      handler: async (batch) => {
        term.receive(batch)
        arrived.count(batch.length)
      },
    }),
    // Node agents that report every finish as soon as they hear of the run.
    ...(await Promise.all(
      (['gpu', 'npu'] as const).map((kind) =>
        ports.runs.consume(kind, 4, async (runs) => {
          const ending = runs.filter(({ detail }) => !(detail as { outlasts: boolean }).outlasts)
          arrived.expect(ending.length)
          arrived.count(runs.length)
          if (ending.length === 0) return
          await ports.commands.sendMany(
            ending.map(({ job, attempt, detail }) => {
              const { exitCode } = detail as { exitCode: number }
              return { id: finishIdOf(job, attempt), command: { type: 'finish', job, attempt, exitCode } }
            }),
          )
        }),
      ),
    )),
  ]
  let next = 0
  while (next < jobs.length || term.center.liveCount > 0) {
    const submitInMs = next < jobs.length ? jobs[next]!.atMs - clock.wallMs : Number.POSITIVE_INFINITY
    clock.wallMs += Math.min(submitInMs, term.idleMs())
    const due: PlannedJob[] = []
    while (jobs[next]?.atMs === clock.wallMs) due.push(jobs[next++]!)
    if (due.length > 0) {
      arrived.expect(due.length)
      await ports.commands.sendMany(due.map(({ id, command }) => ({ id: `c${id}`, seq: id, command })))
      await arrived.all()
    }
    const running = new Set(term.center.running().map(({ job, attempt }) => finishIdOf(job, attempt)))
    await term.step()
    const started = term.center.running().filter(({ job, attempt }) => !running.has(finishIdOf(job, attempt)))
    arrived.expect(started.length)
    await arrived.all()
  }
  await Promise.all(consumptions.map((consumption) => consumption?.stop()))
  return term
}

/** Counts what is on its way. */
class Arrivals {
  #expected = 0
  #counted = 0
  #wake: (() => void) | undefined

  expect(more: number): void {
    this.#expected += more
  }

  count(more: number): void {
    this.#counted += more
    this.#wake?.()
  }

  async all(): Promise<void> {
    while (this.#counted < this.#expected) await new Promise<void>((resolve) => (this.#wake = resolve))
  }
}

interface Live {
  readonly ports: Ports
  readonly clock: { wallMs: number }
}

function inMemory(): Live {
  const clock = { wallMs: 0 }
  return { ports: memoryPorts(createMemoryStore(() => clock.wallMs)), clock }
}

const inRedis = async (): Promise<Live> => ({
  ports: await redisPorts(redis.settings(), 'parity'),
  clock: { wallMs: 0 },
})

let redis: PrivateRedis
beforeAll(async () => {
  redis = await startPrivateRedis()
})
afterAll(() => redis.stop())

const listener = { started: () => {}, ended: () => {}, requeued: () => {} }

const maxMin = policies.find(({ name }) => name === 'max-min')!

describe.each([easy, fairshare, { ...fairshare, name: 'hybrid', reservationDepth: 3 }, maxMin])(
  'under $name',
  (policy) => {
    it('the live loop writes the same facts as the simulator', async () => {
      const jobs = history()
      const term = await live(policy, jobs, inMemory())
      expect(term.factsHash).toBe(await simulated(policy, jobs))
    })

    it('so it does over Redis, and leaves a ledger that says the same', async () => {
      const jobs = history().slice(0, 200)
      const { ports, clock } = await inRedis()
      const term = await live(policy, jobs, { ports, clock })
      expect(term.factsHash).toBe(await simulated(policy, jobs))
      expect(await audit(ports.ledger)).toMatchObject({
        revision: term.revision,
        factsHash: term.factsHash,
        stateHash: term.center.stateHash(),
      })
      await ports.close()
    })

    it('its ledger folds to the same state, and its commands lead to the same facts', async () => {
      const world = inMemory()
      const term = await live(policy, history(), world)
      const { ledger, savepoints } = world.ports
      const recovered = await recover(ledger, savepoints, listener)
      expect(recovered.folded!.center.stateHash()).toBe(term.center.stateHash())
      expect(await audit(ledger)).toMatchObject({
        revision: term.revision,
        factsHash: term.factsHash,
        stateHash: term.center.stateHash(),
      })
    })

    it('a leader that begins at a savepoint knows what one knows that has read everything', async () => {
      const world = inMemory()
      const term = await live(policy, history().slice(0, 300), world)
      await term.savepoint()
      const { ledger, savepoints } = world.ports
      const fromSavepoint = await recover(ledger, savepoints, listener)
      const fromBeginning = await recover(ledger, { store: async () => {}, newest: async () => undefined }, listener)
      expect(fromSavepoint.folded!.center.stateHash()).toBe(fromBeginning.folded!.center.stateHash())
      expect(fromSavepoint.folded!.log.hash()).toBe(fromBeginning.folded!.log.hash())
      expect(fromSavepoint.consumed.runs()).toEqual(fromBeginning.consumed.runs())
      expect([...fromSavepoint.plans]).toEqual([...fromBeginning.plans])
    })
  },
)
