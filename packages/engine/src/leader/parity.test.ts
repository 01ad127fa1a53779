// The same history through the simulator's loop and through the live center's, on one virtual clock: the facts must be the
// same, byte for byte. This is what holds the two loops together.

import { finishIdOf, writeLabel } from '@dure/contract'
import { Center, type CenterConfig, type Command, easy, FactLog, fairshare, type Policy } from '@dure/core'
import { describe, expect, it } from 'vitest'
import { createMemoryStore, memoryPorts } from '../memory/index.ts'
import type { Ports, ReceivedCommand } from '../ports.ts'
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

/** A small, seeded history with gangs, three pools, three users, early ends, overruns and cancels. */
function history(): PlannedJob[] {
  let state = SEED
  const draw = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  let atMs = 0
  return Array.from({ length: 600 }, (_, i) => {
    atMs += draw(40) * 1000
    const runMs = (1 + draw(600)) * 1000
    const timeLimitMs = Math.max(1000, runMs + (draw(5) - 1) * 60_000)
    const nodes = draw(4) === 0 ? 1 + draw(6) : 1
    const accelerators = nodes > 1 ? 8 : 1 + draw(8)
    const pools = [['gpu'], ['npu'], ['gpu', 'npu']][draw(3)]!
    const user = `u${draw(3)}`
    const request = {
      pools,
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

/** Straight through the core: finishes due, then submits, then one pass, instant by instant. */
function simulated(policy: Policy, jobs: readonly PlannedJob[]): { hash: string } {
  const log = new FactLog({ keep: false })
  const due: { atMs: number; job: number; attempt: number }[] = []
  const center = Center.create(config(policy), log, 0, {
    started: (job, attempt, atMs) => {
      const planned = jobs[job - 1]!
      if (planned.runMs <= planned.command.timeLimitMs) due.push({ atMs: atMs + planned.runMs, job, attempt })
    },
    ended: () => {},
    requeued: () => {},
  })
  let next = 0
  for (;;) {
    const nextDueMs = due.reduce((least, { atMs }) => Math.min(least, atMs), Number.POSITIVE_INFINITY)
    const atMs = Math.min(nextDueMs, center.nextLimitMs(), jobs[next]?.atMs ?? Number.POSITIVE_INFINITY)
    if (atMs === Number.POSITIVE_INFINITY) break
    for (const { job, attempt } of due.filter((one) => one.atMs === atMs)) {
      center.apply({ type: 'finish', job, attempt, exitCode: exitCodeOf(jobs[job - 1]!) }, atMs)
    }
    due.splice(0, due.length, ...due.filter((one) => one.atMs !== atMs))
    for (; jobs[next]?.atMs === atMs; next++) center.apply(jobs[next]!.command, atMs)
    center.schedule(atMs)
  }
  return { hash: log.hash() }
}

/** Through a leader's term over the memory adapters, on a virtual wall clock. */
async function live(policy: Policy, jobs: readonly PlannedJob[]): Promise<{ term: Term; ports: Ports }> {
  let wallMs = 0
  const store = createMemoryStore(() => wallMs)
  const ports = memoryPorts(store)
  const lease = await ports.lease.acquire('parity', 1e12)
  if (lease.kind !== 'acquired') throw new Error('the lease is free')
  const options = {
    owner: 'parity',
    genesis: config(policy),
    speed: 1,
    monotonicMs: () => wallMs,
    poisonous: new Set<string>(),
  }
  const term = await Term.begin(ports, options, lease.epoch)
  const received = (id: string, command: Command): ReceivedCommand => ({ id, command, deliveries: 1, settle: () => {} })
  // An executor that reports every finish as soon as it hears of the run.
  const reported = new Set<string>()
  const report = (): void => {
    for (const { job, attempt } of term.center.running()) {
      const planned = jobs[job - 1]!
      const id = finishIdOf(job, attempt)
      if (planned.runMs > planned.command.timeLimitMs || reported.has(id)) continue
      reported.add(id)
      term.receive([received(id, { type: 'finish', job, attempt, exitCode: exitCodeOf(planned) })])
    }
  }
  let next = 0
  while (next < jobs.length || term.center.liveCount > 0) {
    const submitInMs = next < jobs.length ? jobs[next]!.atMs - wallMs : Number.POSITIVE_INFINITY
    wallMs += Math.min(submitInMs, term.idleMs())
    while (jobs[next]?.atMs === wallMs) {
      const { id, command } = jobs[next++]!
      term.receive([received(`c${id}`, command)])
    }
    await term.step()
    report()
  }
  return { term, ports }
}

const listener = { started: () => {}, ended: () => {}, requeued: () => {} }

describe.each([easy, fairshare, { ...fairshare, name: 'hybrid', reservationDepth: 3 }])('under $name', (policy) => {
  it('the live loop writes the same facts as the simulator', async () => {
    const jobs = history()
    const { term } = await live(policy, jobs)
    expect(term.factsHash).toBe(simulated(policy, jobs).hash)
  })

  it('its ledger folds to the same state, and its commands lead to the same facts', async () => {
    const { term, ports } = await live(policy, history())
    const recovered = await recover(ports.ledger, ports.savepoints, listener)
    expect(recovered.folded!.center.stateHash()).toBe(term.center.stateHash())
    expect(await audit(ports.ledger)).toMatchObject({
      revision: term.revision,
      factsHash: term.factsHash,
      stateHash: term.center.stateHash(),
    })
  })

  it('a leader that begins at a savepoint knows what one knows that has read everything', async () => {
    const jobs = history()
    const { term, ports } = await live(policy, jobs.slice(0, 300))
    await term.savepoint()
    const fromSavepoint = await recover(ports.ledger, ports.savepoints, listener)
    const fromBeginning = await recover(
      ports.ledger,
      { store: async () => {}, newest: async () => undefined },
      listener,
    )
    expect(fromSavepoint.folded!.center.stateHash()).toBe(fromBeginning.folded!.center.stateHash())
    expect(fromSavepoint.folded!.log.hash()).toBe(fromBeginning.folded!.log.hash())
    expect(fromSavepoint.consumed.runs()).toEqual(fromBeginning.consumed.runs())
    expect([...fromSavepoint.plans]).toEqual([...fromBeginning.plans])
  })
})
