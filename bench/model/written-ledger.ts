// A ledger on Redis as a leader would have left it, written by a real term on a virtual clock: an hour of jobs takes as long
// as it takes to decide and append them. Only what recovery reads is on Redis; runs and commands stay in memory.

import { finishIdOf, writeLabel } from '@dure/contract'
import type { CenterConfig, Command } from '@dure/core'
import { createMemoryStore, memoryPorts, type Ports, type ReceivedCommand, Term } from '@dure/engine'
import type { Demand } from '@dure/sim'
import { submitCommand } from './submit-command.ts'

const SECOND_MS = 1000
/** So that the run is over by the next second, when its finish is committed with the submits of that second. */
const RUN_MS = 500
const MB = 1_000_000

export interface WrittenLedger {
  readonly revision: number
  readonly factsHash: string
  readonly stateHash: string
  /** Of this process, right after the last commit. */
  readonly rssMb: number
  /** Leaves a savepoint after the last commit. Wall time of taking it, when nothing else can be done, and of all of it. */
  savepoint(): Promise<{ readonly takenMs: number; readonly storedMs: number }>
}

export interface LedgerPlan {
  readonly config: CenterConfig
  /** The jobs that are submitted in turn, over and over. */
  readonly demand: Demand
  readonly jobs: number
  readonly jobsPerCommit: number
  /** Each job ends before the next are submitted, or none ever does. */
  readonly ends: boolean
}

/** `ports` are on an empty Redis prefix; they are not closed. */
export async function writtenLedger(ports: Ports, plan: LedgerPlan): Promise<WrittenLedger> {
  const { config, jobs, jobsPerCommit, ends } = plan
  let wallMs = 0
  const lease = await ports.lease.acquire('bench', 3_600_000)
  if (lease.kind !== 'acquired') throw new Error('somebody else leads under the prefix of this bench')
  const { ledger, savepoints } = ports
  const inMemory = memoryPorts(createMemoryStore(() => wallMs))
  // The term's own savepoints are left out: whether there is one is what is compared.
  let keepsSavepoints = false
  const partly: Ports = {
    ...inMemory,
    ledger,
    savepoints: {
      newest: savepoints.newest,
      store: async (saved) => {
        if (keepsSavepoints) await savepoints.store(saved)
      },
    },
  }
  const options = {
    owner: 'bench',
    genesis: config,
    genesisMs: 0,
    speed: 1,
    monotonicMs: () => wallMs,
    poisonous: new Set<string>(),
  }
  const term = await Term.begin(partly, options, lease.epoch)

  for (let first = 1; first <= jobs; first += jobsPerCommit) {
    const last = Math.min(jobs, first + jobsPerCommit - 1)
    wallMs += SECOND_MS
    for (let job = first; job <= last; job++) term.receive([received(`c${job}`, submit(plan, job))])
    await term.step()
    if (!ends) continue
    for (const { job, attempt } of term.center.running()) {
      term.receive([received(finishIdOf(job, attempt), { type: 'finish', job, attempt, exitCode: 0 })])
    }
  }
  wallMs += SECOND_MS
  await term.step()
  if (ends && term.center.liveCount > 0) throw new Error(`${term.center.liveCount} jobs did not end`)
  term.center.assertInvariants()
  await ports.lease.release(lease.epoch)
  return {
    revision: term.revision,
    factsHash: term.factsHash,
    stateHash: term.center.stateHash(),
    rssMb: process.memoryUsage().rss / MB,
    async savepoint() {
      keepsSavepoints = true
      const beganMs = performance.now()
      // What is not awaited yet has happened by the time the call returns: the memory is in bytes, and on its way.
      const stored = term.savepoint()
      const takenMs = performance.now() - beganMs
      await stored
      return { takenMs, storedMs: performance.now() - beganMs }
    },
  }
}

function submit({ config, demand, ends }: LedgerPlan, job: number): Command {
  const i = (job - 1) % demand.count
  const wide = demand.requests[demand.request[i]!]!
  return submitCommand(config, demand, i, {
    job,
    // Jobs that end with their second must all start in it.
    request: ends ? { ...wide, nodes: 1 } : wide,
    label: writeLabel({ name: `train-${job}`, run_time_ms: ends ? RUN_MS : demand.limitMs[i]!, exit_code: 0 }),
  })
}

const received = (id: string, command: Command): ReceivedCommand => ({ id, command, deliveries: 1, settle: () => {} })
