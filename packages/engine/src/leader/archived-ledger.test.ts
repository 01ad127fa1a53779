// A leader whose older entries move to segments, and those who read its ledger afterwards.

import { readLabel, writeLabel } from '@dure/contract'
import { type CenterConfig, easy } from '@dure/core'
import { describe, expect, it, vi } from 'vitest'
import { createMemoryStore, type MemoryStore, memoryPorts } from '../memory/index.ts'
import { memoryLedger } from '../memory/ledger.ts'
import { memorySegments } from '../memory/segments.ts'
import { machineTimers } from '../pause.ts'
import { LedgerBroken, type Segments, StoreError } from '../ports.ts'
import { followLedger, savedCenter } from '../read-model/follower.ts'
import { createReadModel, type ReadModel } from '../read-model/read-model.ts'
import { wholeLedger } from '../whole-ledger.ts'
import { Archive } from './archive.ts'
import { audit } from './audit.ts'
import { lead } from './lead.ts'
import type { Term } from './term.ts'

const genesis: CenterConfig = {
  name: 'archived',
  pools: [
    {
      name: 'gpu',
      kind: 'gpu',
      model: 'H100',
      nodes: 1,
      perNode: { cpuMilli: 8_000, memoryMib: 8_192, accelerators: 8 },
    },
  ],
  accounts: [{ name: 'a', parent: null, shares: 1 }],
  associations: [{ account: 'a', user: 'u', shares: 1 }],
  policy: easy,
}

/** Pauses are this many times as short. */
const HASTE = 100

interface Leading {
  readonly warnings: string[]
  term(): Promise<Term>
  /** Submits a job, and waits for the commit. */
  submit(job: number): Promise<void>
  stop(): Promise<void>
}

function leading(store: MemoryStore, segments: Segments): Leading {
  const ports = memoryPorts(store)
  const stopping = new AbortController()
  const begun = Promise.withResolvers<Term>()
  const warnings: string[] = []
  const done = lead(
    ports,
    {
      owner: 'one',
      genesis,
      genesisMs: 0,
      speed: 1,
      leaseTtlMs: 60_000,
      concurrency: 8,
      monotonicMs: () => performance.now(),
      timers: { after: (ms, act) => machineTimers.after(ms / HASTE, act) },
      logger: { info: () => {}, warn: (_, what) => void warnings.push(what), error: () => {} },
      onTerm: begun.resolve,
      savepointEntries: 6,
      archive: new Archive({ ledger: memoryLedger(store), segments, keptEntries: 4, segmentEntries: 5 }),
    },
    stopping.signal,
  )
  return {
    warnings,
    term: () => begun.promise,
    submit: async (job) => {
      const command = {
        type: 'submit',
        job,
        account: 'a',
        user: 'u',
        request: { pools: ['gpu'], nodes: 1, acceleratorsMilli: 1_000, cpuMilli: 100, memoryMib: 64 },
        timeLimitMs: 3_600_000,
        held: null,
        label: writeLabel({ name: `job ${job}`, run_time_ms: 3_600_000, exit_code: 0 }),
      }
      await ports.commands.send({ id: `c${job}`, seq: job, command })
      const term = await begun.promise
      await vi.waitFor(() => expect(term.center.job(job)).toBeDefined(), { timeout: 5_000, interval: 1 })
    },
    stop: async () => {
      stopping.abort()
      await done
    },
  }
}

/** What is known to who begins to read now; `segments`: those at hand. */
async function readFrom(store: MemoryStore, segments?: Segments): Promise<{ model: ReadModel; warnings: string[] }> {
  const { ledger, savepoints } = memoryPorts(store)
  const model = createReadModel({ nowMs: () => 0 })
  const warnings: string[] = []
  const follower = await followLedger({
    ledger,
    model,
    savepoint: () => savedCenter(savepoints),
    ...(segments !== undefined && { earlier: wholeLedger(ledger, segments) }),
    troubled: (_, what) => void warnings.push(what),
  })
  await follower.caughtUp
  await follower.stop()
  return { model, warnings }
}

const namesIn = ({ jobs }: ReadModel): string[] => jobs.list({}, 1e6).map(({ label }) => readLabel(label)?.name ?? '')

const firstOf = (store: MemoryStore): number => store.ledger[0]!.revision

describe('a leader that moves entries to segments', () => {
  it('leaves a ledger that is audited, and led on from, as if all of it were in the stream', async () => {
    const store = createMemoryStore(() => performance.now())
    const segments = memorySegments(store)
    const first = leading(store, segments)
    let jobs = 0
    while (jobs < 24 || firstOf(store) <= 10) await first.submit(++jobs)
    await first.stop()
    expect(first.warnings).toEqual([])
    const { factsHash, revision, center } = await first.term()
    const stateHash = center.stateHash()

    const { ledger, savepoints } = memoryPorts(store)
    const audited = await audit(wholeLedger(ledger, segments))
    expect(audited).toMatchObject({ fromRevision: 1, revision, factsHash, stateHash })
    await expect(audit(ledger)).rejects.toMatchObject({ name: 'LedgerTrimmed', firstRevision: firstOf(store) })
    // The savepoint of the end has nothing after it; one before that has.
    const saved = store.savepoint!
    expect(await audit(ledger, savepoints)).toEqual({ ...audited, fromRevision: saved.revision + 1 })
    await expect(audit(ledger, { newest: async () => ({ ...saved, sha: 'f'.repeat(64) }) })).rejects.toThrow(
      'belongs to another ledger',
    )

    // Those who show jobs know how they are called as far back as entries are at hand, and all that have not ended.
    const all = Array.from({ length: jobs }, (_, i) => `job ${jobs - i}`)
    expect(namesIn((await readFrom(store, segments)).model)).toEqual(all)
    const known = namesIn((await readFrom(store)).model)
    const remembered = known.indexOf('')
    expect(remembered).toBeGreaterThan(0)
    expect(known).toEqual([...all.slice(0, remembered), ...all.slice(remembered).map(() => '')])
    const damaged = { ...segments, read: async () => Promise.reject(new LedgerBroken(1, 'its segment is torn')) }
    const { model, warnings } = await readFrom(store, damaged)
    expect([namesIn(model), model.center!.stateHash()]).toEqual([known, stateHash])
    expect(warnings).toEqual(['jobs of long ago are not remembered: a segment of the ledger cannot be read'])

    // The savepoint is no good: there are the segments.
    store.savepoint = { ...saved, sha: 'f'.repeat(64) }
    const second = leading(store, segments)
    const { center: recovered, factsHash: again } = await second.term()
    expect([recovered.stateHash(), again]).toEqual([stateHash, factsHash])
    await second.stop()
    expect(second.warnings).toEqual(['the newest savepoint is of no use; reading the whole ledger instead'])
  })

  it('whose disk is full says so, leads on, and moves what it can later', async () => {
    const store = createMemoryStore(() => performance.now())
    const segments = memorySegments(store)
    let isFull = true
    const here = leading(store, {
      ...segments,
      store: (entries) =>
        isFull ? Promise.reject(new StoreError('none', 'keep a segment', 'no space left')) : segments.store(entries),
    })
    let jobs = 0
    while (here.warnings.length === 0) await here.submit(++jobs)
    expect(here.warnings[0]).toBe('older entries of the ledger stay in Redis: they could not be moved to segments')
    expect(firstOf(store)).toBe(1)
    isFull = false
    await here.submit(++jobs)
    await vi.waitFor(() => expect(firstOf(store)).toBeGreaterThan(1), 5_000)
    await here.stop()
  })
})
