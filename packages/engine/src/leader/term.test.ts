// One leader's term at the moments where effects could be lost, doubled or early, on virtual time.

import { consumedIds, decodeLedgerEntry, finishIdOf, writeLabel } from '@dure/contract'
import { Center, type CenterConfig, type Command, decodeFacts, easy, type Fact, FactLog } from '@dure/core'
import { describe, expect, it, vi } from 'vitest'
import { createMemoryStore, type MemoryStore, memoryPorts } from '../memory/index.ts'
import { type AppendOutcome, type Ports, type ReceivedCommand, type Run, StoreError } from '../ports.ts'
import { savedCenter } from '../read-model/follower.ts'
import { PoisonousCommand, Term } from './term.ts'

const config: CenterConfig = {
  name: 'term',
  pools: [
    {
      name: 'gpu',
      kind: 'gpu',
      model: 'H100',
      nodes: 2,
      perNode: { cpuMilli: 64_000, memoryMib: 65_536, accelerators: 8 },
    },
  ],
  accounts: [{ name: 'a', parent: null, shares: 1 }],
  associations: [{ account: 'a', user: 'u', shares: 1 }],
  policy: easy,
}

const submit = (job: number, runMs: number, timeLimitMs = runMs, label?: string): Command => ({
  type: 'submit',
  job,
  account: 'a',
  user: 'u',
  request: { pools: ['gpu'], nodes: 1, acceleratorsMilli: 1000, cpuMilli: 1000, memoryMib: 1024 },
  timeLimitMs,
  held: null,
  label: label ?? writeLabel({ name: `job ${job}`, run_time_ms: runMs, exit_code: 0 }),
})

const finish = (job: number, attempt = 1): Command => ({ type: 'finish', job, attempt, exitCode: 0 })

interface Scene {
  readonly store: MemoryStore
  readonly ports: Ports
  readonly term: Term
  readonly clock: { wallMs: number }
  /** Ids of the commands that were settled, in order. */
  readonly settled: string[]
  /** Hands commands to the term as a consumption would; those without an id of their own are the API's. */
  take(...commands: readonly (Command | readonly [id: string, command: unknown])[]): void
  facts(): Promise<Fact[]>
}

async function scene(change: (ports: Ports) => Partial<Ports> = () => ({})): Promise<Scene> {
  const clock = { wallMs: 0 }
  const store = createMemoryStore(() => clock.wallMs)
  const inMemory = memoryPorts(store)
  const ports = { ...inMemory, ...change(inMemory) }
  const term = await begin(ports, clock)
  const settled: string[] = []
  let sequence = 0
  return {
    store,
    ports,
    term,
    clock,
    settled,
    take: (...commands) => {
      term.receive(
        commands.map((one): ReceivedCommand => {
          const [id, command] = Array.isArray(one) ? one : idOf(one as Command)
          return { id, command, deliveries: 1, settle: () => void settled.push(id) }
        }),
      )
    },
    facts: async () =>
      (await inMemory.ledger.read(1, 10_000)).flatMap(({ body }) => [...decodeFacts(decodeLedgerEntry(body).facts)]),
  }

  function idOf(command: Command): [string, Command] {
    if (command.type === 'finish') return [finishIdOf(command.job, command.attempt), command]
    sequence = command.type === 'submit' ? command.job : sequence + 1
    return [`c${sequence}`, command]
  }
}

async function begin(
  ports: Ports,
  clock: { readonly wallMs: number },
  blame: { readonly poisonous: Set<string>; readonly suspects: Set<string> } = {
    poisonous: new Set(),
    suspects: new Set(),
  },
): Promise<Term> {
  const lease = await ports.lease.acquire('one', 3_600_000)
  if (lease.kind !== 'acquired') throw new Error('the lease is free')
  await ports.lease.release(lease.epoch)
  const options = { owner: 'one', genesis: config, genesisMs: 0, speed: 1, monotonicMs: () => clock.wallMs, ...blame }
  return Term.begin(ports, options, lease.epoch)
}

const ends = (facts: readonly Fact[]) =>
  facts.flatMap((fact) => (fact.type === 'ended' ? [{ job: fact.job, state: fact.state, atMs: fact.atMs }] : []))

const stateOf = ({ term }: Scene, job: number): string | undefined => term.center.job(job)?.state

describe('finishes', () => {
  it('one that is reported twice ahead of its moment comes at its moment', async () => {
    const here = await scene()
    here.take(submit(1, 100_000))
    await here.term.step()
    here.take(finish(1))
    here.take(finish(1))
    here.clock.wallMs = 50_000
    await here.term.step()
    expect(stateOf(here, 1)).toBe('RUNNING')
    here.clock.wallMs = 100_000
    await here.term.step()
    expect(ends(await here.facts())).toEqual([{ job: 1, state: 'COMPLETED', atMs: 100_000 }])
    expect(here.settled).toEqual(['c1', 'f1.1', 'f1.1'])
  })

  it('one that is missing holds its whole instant back: a time limit there does not come before it', async () => {
    const here = await scene()
    here.take(submit(1, 100_000, 200_000), submit(2, 100_000, 100_000))
    await here.term.step()
    here.take(finish(1))
    here.clock.wallMs = 150_000
    await here.term.step()
    expect([stateOf(here, 1), stateOf(here, 2)]).toEqual(['RUNNING', 'RUNNING'])
    expect(here.term.nowMs()).toBe(99_999)
    here.take(finish(2))
    await here.term.step()
    expect(ends(await here.facts())).toEqual([
      { job: 1, state: 'COMPLETED', atMs: 100_000 },
      { job: 2, state: 'COMPLETED', atMs: 100_000 },
    ])
    expect(here.term.nowMs()).toBe(150_000)
  })

  it('those of later moments do not keep the one that time waits for from coming', async () => {
    const here = await scene()
    here.take(submit(1, 100_000), submit(2, 200_000), submit(3, 200_000), submit(4, 200_000))
    await here.term.step()
    const consumption = await here.ports.commands.consume({
      epoch: here.term.epoch,
      concurrency: 2,
      handler: async (batch) => here.term.receive(batch),
    })
    for (const job of [2, 3, 4, 1]) await here.ports.commands.send({ id: finishIdOf(job, 1), command: finish(job) })
    here.clock.wallMs = 150_000
    await vi.waitFor(async () => {
      await here.term.step()
      expect(stateOf(here, 1)).toBeUndefined()
    })
    await consumption!.stop()
  })

  it('one that its leader had taken in and not committed is made again for the next leader', async () => {
    const here = await scene()
    here.take(submit(1, 100_000))
    await here.term.step()
    const told: Run[] = []
    const consumption = await here.ports.runs.consume('gpu', 1, async (runs) => void told.push(...runs))
    await vi.waitFor(() => expect(told).toHaveLength(1))
    here.take(finish(1))
    const successor = await begin(here.ports, here.clock)
    await successor.reconcile()
    await vi.waitFor(() => expect(told).toHaveLength(2))
    await consumption.stop()
  })

  it('one that waits for its moment when its node fails ends nothing, and the next attempt runs its full time', async () => {
    const here = await scene()
    here.take(submit(1, 100_000, 200_000))
    await here.term.step()
    here.take(finish(1))
    here.clock.wallMs = 40_000
    const node = here.term.center.job(1)!.placement[0]!.node
    here.take({ type: 'node', pool: 'gpu', node, to: 'down' })
    while (await here.term.step());
    expect(here.term.center.job(1)).toMatchObject({ state: 'RUNNING', attempt: 2, startedMs: 40_000 })
    here.take(finish(1, 2))
    here.clock.wallMs = 500_000
    await here.term.step()
    expect(ends(await here.facts())).toEqual([{ job: 1, state: 'COMPLETED', atMs: 140_000 }])
  })

  it('one whose label nobody can read ends at its time limit, without holding time back', async () => {
    const here = await scene()
    here.take(submit(1, 1000, 60_000, 'not what we write'))
    await here.term.step()
    here.clock.wallMs = 90_000
    await here.term.step()
    expect(ends(await here.facts())).toEqual([{ job: 1, state: 'TIMEOUT', atMs: 60_000 }])
  })

  it('readers are not told of a moment before what is due by then is committed', async () => {
    const here = await scene()
    here.take(submit(1, 100_000), submit(2, 110_000))
    await here.term.step()
    here.take(finish(1))
    here.clock.wallMs = 150_000
    expect(here.term.toldMs()).toBe(100_000)
    await here.term.step()
    expect(here.term.toldMs()).toBe(109_999)
  })
})

describe('commands', () => {
  it('more than fit one entry come in several, each once and in order', async () => {
    const here = await scene()
    const acts = Array.from(
      { length: 10_000 },
      (_, i) => [`c${i + 1}`, { type: 'reject', command: 'x', reason: 'to have some' }] as const,
    )
    here.take(...acts)
    let entries = 0
    while (await here.term.step()) entries++
    expect(entries).toBeGreaterThan(1)
    expect(here.settled).toEqual(acts.map(([id]) => id))
  })

  it('an act that overtook its submit waits for it, and no longer than half a minute where nothing else happens', async () => {
    const here = await scene()
    here.take(['c2', { type: 'cancel', job: 1 }], ['c4', { type: 'cancel', job: 3 }])
    await here.term.step()
    expect(here.settled).toEqual([])
    here.take(submit(1, 1000))
    await here.term.step()
    expect(here.settled).toEqual(['c1', 'c2'])
    expect(ends(await here.facts())).toMatchObject([{ job: 1, state: 'CANCELLED' }])

    expect(here.term.idleMs()).toBe(30_000)
    here.clock.wallMs += here.term.idleMs()
    await here.term.step()
    expect(here.settled).toEqual(['c1', 'c2', 'c4'])
  })

  it('of several before a pass that breaks the center, the guilty one is found and rejected, the others are carried out', async () => {
    const here = await scene()
    const pass = Center.prototype.schedule
    vi.spyOn(Center.prototype, 'schedule').mockImplementation(function (this: Center, atMs) {
      if (this.job(3) !== undefined) throw new Error('an invariant does not hold')
      pass.call(this, atMs)
    })
    try {
      const blame = { poisonous: new Set<string>(), suspects: new Set<string>() }
      let terms = 0
      for (;;) {
        terms++
        const term = await begin(here.ports, here.clock, blame)
        const commands = [1, 2, 3, 4].map((job) => ({ id: `c${job}`, command: submit(job, 1000), deliveries: terms }))
        term.receive(commands.map((command) => ({ ...command, settle: () => {} })))
        try {
          while (await term.step());
          break
        } catch (error) {
          expect(error).toBeInstanceOf(PoisonousCommand)
          expect(terms).toBeLessThan(4)
        }
      }
    } finally {
      vi.restoreAllMocks()
    }
    const facts = await here.facts()
    expect(facts.flatMap((fact) => (fact.type === 'submitted' ? [fact.job] : []))).toEqual([1, 2, 4])
    expect(facts.flatMap((fact) => (fact.type === 'rejected' ? [fact.command] : []))).toEqual(['c3'])
  })
})

describe('commands that came again and again', () => {
  const again = (deliveries: number) => (job: number) => ({
    id: `c${job}`,
    command: submit(job, 1000),
    deliveries,
    settle: () => {},
  })
  const rejections = (facts: readonly Fact[]) =>
    facts.flatMap((fact) => (fact.type === 'rejected' ? [fact.command] : []))

  it('come in a commit of their own, so that what ends a process ends no other command', async () => {
    const here = await scene()
    here.term.receive([...[1, 2].map(again(1)), ...[3, 4].map(again(20)), ...[5, 6].map(again(1))])
    const before = here.term.revision
    while (await here.term.step());
    const entries = await here.ports.ledger.read(before + 1, 100)
    const ids = entries.map(({ body }) => [...consumedIds(decodeLedgerEntry(body).head)])
    expect(ids).toEqual([['c1', 'c2'], ['c3'], ['c4'], ['c5', 'c6']])
    expect(rejections(await here.facts())).toEqual([])
  })

  it('too often: the first is what ended the leaders before, and the innocent behind it are carried out', async () => {
    const here = await scene()
    here.term.receive([1, 2, 3].map(again(51)))
    while (await here.term.step());
    expect(rejections(await here.facts())).toEqual(['c1'])
    expect([2, 3].map((job) => here.term.center.job(job)?.state)).toEqual(['RUNNING', 'RUNNING'])
  })
})

describe('what follows from commits', () => {
  it('nothing follows from one that is not known to be in the ledger', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    let isHeld = false
    const here = await scene(({ ledger }) => ({
      ledger: {
        ...ledger,
        append: async (entry): Promise<AppendOutcome> => {
          if (isHeld) await promise
          return ledger.append(entry)
        },
      },
    }))
    here.take(submit(1, 100_000))
    isHeld = true
    const stepping = here.term.step()
    const reconciling = here.term.reconcile()
    await new Promise((turned) => setImmediate(turned))
    expect(await here.ports.runs.backlog('gpu')).toEqual({ waiting: 0, active: 0 })
    resolve()
    await Promise.all([stepping, reconciling])
    expect((await here.ports.runs.backlog('gpu')).waiting).toBeGreaterThan(0)
  })

  it('a commit that was refused leaves nothing to be told', async () => {
    let isFenced = false
    const here = await scene(({ ledger }) => ({
      ledger: {
        ...ledger,
        append: async (entry) => (isFenced ? { kind: 'fenced', epoch: 99 } : ledger.append(entry)),
      },
    }))
    here.take(submit(1, 100_000))
    isFenced = true
    await expect(here.term.step()).rejects.toThrow('fenced')
    await here.term.reconcile()
    expect(await here.ports.runs.backlog('gpu')).toEqual({ waiting: 0, active: 0 })
  })

  it('runs that nobody takes are told of once, however long there is no executor', async () => {
    const here = await scene()
    here.take(submit(1, 100_000))
    await here.term.step()
    for (let i = 0; i < 5; i++) await here.term.reconcile()
    expect(await here.ports.runs.backlog('gpu')).toEqual({ waiting: 1, active: 0 })
  })

  it('runs that were lost are told of again, but not those whose finish has been reported', async () => {
    const here = await scene()
    here.take(submit(1, 100_000), submit(2, 100_000))
    await here.term.step()
    const told: Run[] = []
    const consumption = await here.ports.runs.consume('gpu', 1, async (runs) => void told.push(...runs))
    await vi.waitFor(() => expect(told).toHaveLength(2))
    here.take(finish(2))
    await vi.waitFor(async () => expect(await here.ports.runs.backlog('gpu')).toEqual({ waiting: 0, active: 0 }))
    await here.term.reconcile()
    await vi.waitFor(() => expect(told.map(({ job }) => job)).toEqual([1, 2, 1]))
    await consumption.stop()
  })

  it('a leader of the past forgets no run that its successor has started', async () => {
    const here = await scene()
    const successor = await begin(here.ports, here.clock)
    successor.receive([{ id: 'c1', command: submit(1, 100_000), deliveries: 1, settle: () => {} }])
    await successor.step()
    await here.ports.registry.record('x', [{ job: 1, attempt: 1, dueMs: 100_000, detail: null }])
    await here.term.reconcile()
    expect(await here.ports.registry.all()).toHaveLength(1)
  })
})

describe('savepoints', () => {
  const committing = async (here: Scene, entries: number) => {
    for (let i = 0; i < entries; i++) {
      here.take([`c${here.settled.length + 1}`, { type: 'reject', command: 'x', reason: 'to have an entry' }])
      await here.term.step()
    }
  }

  it('one that cannot be stored ends no term, and is tried again with a later revision', async () => {
    let stores = 0
    const here = await scene(({ savepoints }) => ({
      savepoints: {
        ...savepoints,
        store: (savepoint) => {
          stores++
          return stores === 1
            ? Promise.reject(new StoreError('unknown', 'store it', 'timeout'))
            : savepoints.store(savepoint)
        },
      },
    }))
    await committing(here, 8_100)
    expect(stores).toBe(2)
    await vi.waitFor(async () => expect((await here.ports.savepoints.newest())?.revision).toBeGreaterThan(4_100))
  })

  it('storing one holds up no commit', async () => {
    let isStoring = false
    const here = await scene(({ savepoints }) => ({
      savepoints: {
        ...savepoints,
        store: () => {
          isStoring = true
          return new Promise(() => {})
        },
      },
    }))
    await committing(here, 4_100)
    expect(isStoring).toBe(true)
    expect(here.term.revision).toBeGreaterThan(4_100)
  })

  it('leaders that each live for a short time leave one all the same', async () => {
    const here = await scene()
    await committing(here, 3_000)
    const successor = await begin(here.ports, here.clock)
    for (let i = 0; i < 1_100; i++) {
      const command = { type: 'reject', command: 'x', reason: 'to have an entry' }
      successor.receive([{ id: `c${3_001 + i}`, command, deliveries: 1, settle: () => {} }])
      await successor.step()
    }
    await vi.waitFor(async () => expect(await here.ports.savepoints.newest()).toBeDefined())
  })

  it('readers find the center in it', async () => {
    const here = await scene()
    here.take(submit(1, 100_000), submit(2, 50_000))
    await here.term.step()
    await here.term.savepoint()
    const saved = await savedCenter(here.ports.savepoints)
    expect(saved?.revision).toBe(here.term.revision)
    const center = Center.restore(saved!.center, new FactLog({ keep: false }))
    expect(center.stateHash()).toBe(here.term.center.stateHash())
  })

  it('one of another history is passed over where the ledger is whole', async () => {
    const here = await scene()
    await committing(here, 3)
    here.store.savepoint = { revision: 2, sha: 'f'.repeat(64), bytes: new Uint8Array(8) }
    const successor = await begin(here.ports, here.clock)
    expect(successor.center.stateHash()).toBe(here.term.center.stateHash())
  })

  it('a ledger that ends before its savepoint has lost entries, and is refused', async () => {
    const here = await scene()
    await committing(here, 5)
    here.term.end()
    await here.term.savepoint()
    const { ledger } = here.ports
    const last = here.term.revision
    const cut = {
      ...ledger,
      read: async (from: number, count: number) => (await ledger.read(from, count)).slice(0, last - from),
    }
    await expect(begin({ ...here.ports, ledger: cut }, here.clock)).rejects.toThrow(
      `ledger entry ${last} is broken: it is missing`,
    )
  })

  it('a new leader lets no number be given out again that the ledger has', async () => {
    const here = await scene()
    await committing(here, 5)
    here.term.end()
    here.store.intake = 3
    await begin(here.ports, here.clock)
    expect(await here.ports.intake.reserve({})).toEqual({ kind: 'reserved', seq: 6 })
  })
})

it('what could not be told of a commit is told again without another commit', async () => {
  const told: number[][] = []
  const here = await scene(({ runs }) => ({
    runs: {
      ...runs,
      dispatch: async (_, some) => {
        told.push(some.map(({ job }) => job))
        if (told.length === 1) throw new StoreError('none', 'dispatch it', 'out of memory')
      },
    },
  }))
  here.take(submit(1, 100_000))
  await here.term.step()
  const { revision } = here.term
  expect(here.term.idleMs()).toBeLessThan(1_000)
  await here.term.step()
  expect(told).toEqual([[1], [1]])
  expect(here.term.revision).toBe(revision)
  expect(here.term.idleMs()).toBeGreaterThan(1_000)
})
