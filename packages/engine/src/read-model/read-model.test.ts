import { type CenterConfig, type Command, fairshare } from '@dure/core'
import { describe, expect, it } from 'vitest'
import { createMemoryStore, memoryPorts } from '../memory/index.ts'
import { type HandLedCenter, handLedCenter } from '../testing/hand-led-center.ts'
import { followLedger } from './follower.ts'
import { createReadModel, type ReadModel, type ReadModelOptions } from './read-model.ts'

const START_MS = 1_000_000
const HOUR_MS = 3_600_000

const config: CenterConfig = {
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
    { name: 'lab', parent: null, shares: 1 },
    { name: 'firm', parent: null, shares: 1 },
  ],
  associations: [
    { account: 'lab', user: 'ada', shares: 1 },
    { account: 'lab', user: 'ben', shares: 1 },
    { account: 'firm', user: 'cho', shares: 1 },
  ],
  policy: { ...fairshare, power: { capW: null, pools: { h100: { idleWPerNode: 3060, busyWPerAccelerator: 893 } } } },
}

interface SubmitOptions {
  readonly account?: string
  readonly user?: string
  readonly nodes?: number
  readonly pool?: string
  readonly held?: 'user' | 'admin' | null
  readonly timeLimitMs?: number
}

function submit(job: number, options: SubmitOptions = {}): { id: string; command: Command } {
  const { account = 'lab', user = 'ada', nodes = 1, pool = 'h100', held = null, timeLimitMs = HOUR_MS } = options
  const accelerators = pool === 'h100' ? 8 : 4
  return {
    id: `c${job}`,
    command: {
      type: 'submit',
      job,
      account,
      user,
      request: { pools: [pool], nodes, acceleratorsMilli: accelerators * 1000, cpuMilli: 0, memoryMib: 0 },
      timeLimitMs,
      held,
      label: JSON.stringify({ name: `job-${job}`, run_time_ms: 1000, exit_code: 0 }),
    },
  }
}

const finish = (job: number, attempt = 1, exitCode = 0) => ({
  id: `f${job}.${attempt}`,
  command: { type: 'finish', job, attempt, exitCode } as const,
})

interface Scene {
  readonly leader: HandLedCenter
  readonly model: ReadModel
  readonly commit: HandLedCenter['commit']
}

/** A center led by hand and a read model that follows it; `commit` resolves once the model has folded the commit. */
async function inScene(test: (scene: Scene) => Promise<void>, options: Partial<ReadModelOptions> = {}): Promise<void> {
  const ports = memoryPorts(createMemoryStore(() => performance.now()))
  const leader = await handLedCenter(ports, config, START_MS)
  const model = createReadModel({ nowMs: () => performance.now(), ...options })
  const follower = await followLedger({ ledger: ports.ledger, model })
  const commit: HandLedCenter['commit'] = async (atMs, commands, scheduled) => {
    const outcomes = await leader.commit(atMs, commands, scheduled)
    expect(await Promise.race([model.atRevision(leader.revision, 5_000), follower.done])).toBe(true)
    return outcomes
  }
  try {
    await follower.caughtUp
    await test({ leader, model, commit })
  } finally {
    await follower.stop()
  }
  await follower.done
}

describe('the read model', () => {
  it('has the very state of the center that wrote the ledger', () =>
    inScene(async ({ leader, model, commit }) => {
      await commit(START_MS, [
        submit(1, { nodes: 3 }),
        submit(2, { nodes: 3 }),
        submit(3, { user: 'ben', nodes: 1, timeLimitMs: 60_000 }),
      ])
      await commit(START_MS + 1_000, [
        submit(4, { account: 'firm', user: 'cho', held: 'user' }),
        { id: 'n1', command: { type: 'node', pool: 'rngd', node: 1, to: 'drain' } },
      ])
      await commit(START_MS + 2_000, [finish(1)])
      expect(model.center!.stateHash()).toBe(leader.center.stateHash())
      expect(model.center!.shares()).toEqual(leader.center.shares())
      expect(model.center!.pools()).toEqual(leader.center.pools())
      for (const job of [2, 3, 4]) expect(model.center!.explain(job)).toEqual(leader.center.explain(job))
      expect(model.leader).toEqual({ owner: 'by-hand', epoch: 1 })
      expect(model.nodesOut.get(1)).toEqual(new Map([[1, 'drain']]))
      expect([model.atMs, model.revision]).toEqual([START_MS + 2_000, leader.revision])
    }))

  it('tells of a power cap', () =>
    inScene(async ({ model, commit }) => {
      const told: unknown[] = []
      model.subscribe(({ changes }) => told.push(...changes))
      await commit(START_MS, [{ id: 'p1', command: { type: 'power-cap', capW: 20_000 } }])
      expect(model.center!.power()).toEqual({ capW: 20_000, drawW: 12_240, idleW: 12_240 })
      await commit(START_MS + 1, [{ id: 'p2', command: { type: 'power-cap', capW: null } }])
      expect(told).toEqual([
        { type: 'power-capped', cap_w: 20_000 },
        { type: 'power-capped', cap_w: null },
      ])
    }))

  it('knows every job from submit to end, and after', () =>
    inScene(async ({ model, commit }) => {
      await commit(START_MS, [
        submit(7, { nodes: 3 }),
        submit(8, { account: 'firm', user: 'cho', nodes: 4 }),
        submit(9, { user: 'ben', timeLimitMs: 2 * HOUR_MS }),
      ])
      expect(model.jobs.get(7)).toMatchObject({
        state: 'RUNNING',
        startedMs: START_MS,
        attempt: 1,
        pool: 0,
        cause: 'turn',
      })
      expect(model.jobs.get(7)?.placement.map(({ node, devices }) => [node, devices])).toEqual(
        [0, 1, 2].map((node) => [node, 255]),
      )
      expect(model.jobs.get(8)).toMatchObject({ state: 'PENDING', promisedMs: START_MS + HOUR_MS, startedMs: null })
      expect(model.jobs.oldestPending?.id).toBe(8)
      expect(model.jobs.countsOf('firm', 'cho')).toEqual({ pending: 1, held: 0, running: 0 })

      await commit(START_MS + 5_000, [finish(7, 1, 3)])
      expect(model.jobs.get(7)).toMatchObject({ state: 'FAILED', exitCode: 3, endedMs: START_MS + 5_000 })
      expect(model.jobs.get(8)).toMatchObject({ state: 'RUNNING', promisedMs: null, startedMs: START_MS + 5_000 })
      expect([...model.jobs.latestStarts()].map(({ id }) => id)).toEqual([8, 7])

      // Time limits end jobs in the next pass.
      await commit(START_MS + 5_000 + HOUR_MS, [])
      expect(model.jobs.get(8)).toMatchObject({ state: 'TIMEOUT', exitCode: null })
      expect(model.jobs.totals).toMatchObject({ submitted: 3, started: 3, failed: 1, timedOut: 1 })
    }))

  it('shows a failed node as a new attempt at the old place', () =>
    inScene(async ({ model, commit }) => {
      await commit(START_MS, [submit(1)])
      const node = model.jobs.get(1)!.placement[0]!.node
      await commit(START_MS + 10, [{ id: 'n1', command: { type: 'node', pool: 'h100', node, to: 'down' } }], false)
      expect(model.jobs.get(1)).toMatchObject({
        state: 'PENDING',
        attempt: 1,
        startedMs: null,
        pool: null,
        placement: [],
      })
      await commit(START_MS + 20, [])
      expect(model.jobs.get(1)).toMatchObject({ state: 'RUNNING', attempt: 2, startedMs: START_MS + 20 })
      expect(model.jobs.get(1)!.placement[0]!.node).not.toBe(node)
      await commit(START_MS + 30, [{ id: 'n2', command: { type: 'node', pool: 'h100', node, to: 'up' } }])
      expect(model.nodesOut.get(0)?.size).toBe(0)
    }))

  it('keeps a refused submit as FAILED with its reason', () =>
    inScene(async ({ model, commit }) => {
      await commit(START_MS, [submit(1, { user: 'nobody' })])
      expect(model.jobs.get(1)).toMatchObject({
        state: 'FAILED',
        refusal: 'InvalidAccount',
        request: null,
        endedMs: START_MS,
      })
      expect(model.jobs.totals).toMatchObject({ submitted: 0, refused: 1, failed: 0 })
      expect(model.jobs.list({ states: ['FAILED'] }, 10).map(({ id }) => id)).toEqual([1])
    }))

  it('lists newest first, by state, user, account and pool, page by page', () =>
    inScene(async ({ model, commit }) => {
      const users = [
        { account: 'lab', user: 'ada' },
        { account: 'lab', user: 'ben' },
        { account: 'firm', user: 'cho' },
      ]
      await commit(
        START_MS,
        Array.from({ length: 30 }, (_, i) => submit(i + 1, { ...users[i % 3]!, pool: i % 2 === 0 ? 'h100' : 'rngd' })),
      )
      const ids = (filter: Parameters<ReadModel['jobs']['list']>[0], limit = 100, before?: number) =>
        model.jobs.list(filter, limit, before).map(({ id }) => id)
      const descending = Array.from({ length: 30 }, (_, i) => 30 - i)
      expect(ids({})).toEqual(descending)
      expect(ids({}, 4)).toEqual([30, 29, 28, 27])
      expect(ids({}, 4, 27)).toEqual([26, 25, 24, 23])
      expect(ids({ user: 'ben' })).toEqual(descending.filter((id) => id % 3 === 2))
      expect(ids({ account: 'firm' })).toEqual(descending.filter((id) => id % 3 === 0))
      expect(ids({ visibleAccounts: new Set(['firm', 'none']) })).toEqual(descending.filter((id) => id % 3 === 0))
      expect(ids({ pool: 1 })).toEqual(descending.filter((id) => id % 2 === 0))
      const running = ids({ states: ['RUNNING'] })
      expect(running).toHaveLength(6) // 4 nodes of h100 and 2 of rngd, a whole node each
      expect(ids({ states: ['PENDING'] })).toEqual(descending.filter((id) => !running.includes(id)))
      expect(ids({ states: ['PENDING', 'RUNNING'], user: 'ada' })).toEqual(descending.filter((id) => id % 3 === 1))
      expect(ids({ user: 'ada', account: 'firm' })).toEqual([])
      expect(ids({ user: 'unknown' })).toEqual([])
    }))

  it('forgets the jobs that ended first when there are too many, and never a live one', () =>
    inScene(
      async ({ model, commit }) => {
        await commit(START_MS, [submit(1, { nodes: 4 }), submit(2, { held: 'user' })])
        for (let job = 10; job < 20; job++)
          await commit(
            START_MS + job,
            [submit(job, { account: 'firm', user: 'cho', pool: 'rngd', nodes: 2 }), finish(job)],
            true,
          )
        for (let job = 10; job < 20; job++) await commit(START_MS + 100 + job, [finish(job)])
        expect(model.jobs.list({}, 100).map(({ id }) => id)).toEqual([19, 18, 17, 2, 1])
        expect(model.jobs.list({ user: 'cho' }, 100).map(({ id }) => id)).toEqual([19, 18, 17])
        expect(model.jobs.get(10)).toBeUndefined()
        expect(model.jobs.count('COMPLETED')).toBe(3)
      },
      { endedMax: 3 },
    ))

  it('tells each commit once, in order, and replays what came after a revision', () =>
    inScene(
      async ({ leader, model, commit }) => {
        const heard: number[] = []
        const unsubscribe = model.subscribe(({ revision }) => heard.push(revision))
        await commit(START_MS, [submit(1), submit(2)])
        await commit(START_MS + 1, [], false)
        await commit(START_MS + 2, [
          finish(1),
          { id: 'x', command: { type: 'reject', command: 'x', reason: 'unreadable' } },
        ])
        unsubscribe()
        const last = leader.revision
        expect(heard).toEqual([last - 2, last - 1, last])
        // The empty commit has nothing that people see.
        expect(model.recent.after(last - 3)?.map(({ revision }) => revision)).toEqual([last - 2, last])
        expect(model.recent.after(last)).toEqual([])
        expect(model.recent.after(last - 1)).toEqual([
          {
            revision: last,
            at_ms: START_MS + 2,
            changes: [
              {
                type: 'job',
                job: 1,
                state: 'COMPLETED',
                account: 'lab',
                user: 'ada',
                pool: 'h100',
                attempt: 1,
                held_by: null,
                start_cause: 'turn',
                reason: null,
              },
              { type: 'rejected', command: 'x', reason: 'unreadable' },
            ],
          },
        ])
        for (let job = 3; job < 8; job++) await commit(START_MS + job, [submit(job)])
        expect(model.recent.after(last - 3)).toBeUndefined()
        expect(model.recent.after(leader.revision - 2)).toHaveLength(2)
      },
      { commitsMax: 4 },
    ))

  it('answers whoever waits for a revision or a job, and gives up in time', () =>
    inScene(async ({ leader, model, commit }) => {
      const job = model.jobKnown(5, 5_000)
      const revision = model.atRevision(leader.revision + 2, 5_000)
      await commit(START_MS, [submit(5)])
      expect(await job).toBe(true)
      await commit(START_MS, [])
      expect(await revision).toBe(true)
      expect(await model.jobKnown(6, 1)).toBe(false)
      expect(await model.atRevision(leader.revision + 1, 1)).toBe(false)
    }))

  it('counts what happens now for its rates, not what it reads back', async () => {
    const ports = memoryPorts(createMemoryStore(() => performance.now()))
    const leader = await handLedCenter(ports, config, START_MS)
    await leader.commit(START_MS, [submit(1), submit(2)])
    const model = createReadModel({ nowMs: () => performance.now() })
    const follower = await followLedger({ ledger: ports.ledger, model })
    await follower.caughtUp
    expect(model.jobs.totals).toMatchObject({ submitted: 2, started: 2 })
    await leader.commit(START_MS + 1, [submit(3), finish(1)])
    await model.atRevision(leader.revision, 5_000)
    const { submitted, started, ended } = model.rates
    expect([submitted.perMinute(), started.perMinute(), ended.perMinute()]).toEqual([1, 1, 1])
    await follower.stop()
  })

  it('goes on from a savepoint where the first entries are gone', async () => {
    const ports = memoryPorts(createMemoryStore(() => performance.now()))
    const leader = await handLedCenter(ports, config, START_MS)
    await leader.commit(START_MS, [
      submit(1),
      submit(2, { held: 'admin' }),
      { id: 'n', command: { type: 'node', pool: 'h100', node: 3, to: 'down' } },
    ])
    const saved = { revision: leader.revision, center: leader.center.save() }
    await leader.commit(START_MS + 1, [finish(1), submit(3)])
    await ports.savepoints.store({ revision: saved.revision, sha: 'any', bytes: saved.center })
    await ports.ledger.trim(saved.revision)
    const model = createReadModel({ nowMs: () => performance.now() })
    const follower = await followLedger({ ledger: ports.ledger, model, savepoint: async () => saved })
    await follower.caughtUp
    expect(model.center!.stateHash()).toBe(leader.center.stateHash())
    expect(model.jobs.list({}, 10).map(({ id, state }) => [id, state])).toEqual([
      [3, 'RUNNING'],
      [2, 'HELD'],
      [1, 'COMPLETED'],
    ])
    expect(model.nodesOut.get(0)).toEqual(new Map([[3, 'down']]))
    await follower.stop()

    const hopeless = await followLedger({ ledger: ports.ledger, model: createReadModel({ nowMs: () => 0 }) })
    await expect(hopeless.done).rejects.toThrow('was trimmed')
  })

  it('refuses a ledger whose facts are not those that were decided', async () => {
    const ports = memoryPorts(createMemoryStore(() => performance.now()))
    const leader = await handLedCenter(ports, config, START_MS)
    await leader.commit(START_MS, [submit(1)])
    const entries = await ports.ledger.read(1, 10)
    const model = createReadModel({ nowMs: () => 0 })
    const forged = entries.map((entry) => ({ ...entry, body: entry.body.slice() }))
    // The last word of the last fact: a device mask, or a node of the placement.
    const body = forged.at(-1)!.body
    body[body.length - 4]! ^= 1
    for (const entry of forged.slice(0, -1)) model.fold(entry)
    expect(() => model.fold(forged.at(-1)!)).toThrow()
  })
})

it('folds at least 50,000 facts a second', async () => {
  const ports = memoryPorts(createMemoryStore(() => performance.now()))
  const leader = await handLedCenter(ports, config, START_MS)
  const COMMITS = 100
  const JOBS = 120
  for (let commit = 0; commit < COMMITS; commit++) {
    const first = commit * JOBS + 1
    const commands = Array.from({ length: JOBS }, (_, i) =>
      submit(first + i, { user: i % 2 === 0 ? 'ada' : 'ben', timeLimitMs: 60_000 }),
    )
    const done = leader.center.running().map(({ job }) => finish(job))
    await leader.commit(START_MS + commit * 1000, [...done, ...commands])
  }
  // What waits is cancelled, so that a job makes three facts or so, as in a busy center.
  const waiting = leader.center.pending(1e9)
  for (let i = 0; i < waiting.length; i += 200) {
    await leader.commit(
      START_MS + 1e6,
      waiting.slice(i, i + 200).map(({ job }) => ({ id: `x${job}`, command: { type: 'cancel', job } })),
      false,
    )
  }
  const entries = await ports.ledger.read(1, 1e6)
  // The best of three, in time of this process's own: what else the machine is doing is not what is measured.
  let seconds = Number.POSITIVE_INFINITY
  let facts = 0
  for (let round = 0; round < 3; round++) {
    const model = createReadModel({ nowMs: () => performance.now() })
    const before = process.threadCpuUsage()
    for (const entry of entries) model.fold(entry)
    const { user, system } = process.threadCpuUsage(before)
    seconds = Math.min(seconds, (user + system) / 1e6)
    const { submitted, started, completed, cancelled } = model.jobs.totals
    facts = submitted + started + completed + cancelled
  }
  expect(facts).toBeGreaterThan(20_000)
  expect(facts / seconds).toBeGreaterThan(50_000)
})
