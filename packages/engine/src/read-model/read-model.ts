// What everybody but the leader knows of the center, folded from the ledger: a center of its own, so that reasons, shares
// and order come from the allocator's own code, the history of all jobs, and the latest commits. Only ever one entry
// behind another; whoever needs to see a certain commit waits for its revision.

import { type Change, type CommitEvent, decodeLedgerEntry } from '@dure/contract'
import { Center, decodeFacts, type Fact, FactLog, type NodeState } from '@dure/core'
import { type Folded, foldEntry } from '../leader/fold.ts'
import type { LedgerEntry } from '../ports.ts'
import { JobHistory, type JobRecord } from './job-history.ts'
import { type RateMeter, rateMeter } from './rate-meter.ts'
import { type RecentCommits, type RecentCommitsBounds, recentCommits } from './recent-commits.ts'

export interface ReadModelOptions extends Partial<RecentCommitsBounds> {
  /** Monotonic wall time, for rates. */
  readonly nowMs: () => number
  /** Ended jobs that stay known. */
  readonly endedMax?: number
}

/** Who wrote the newest entries. */
export interface LeaderSeen {
  readonly owner: string
  readonly epoch: number
}

export interface ReadModel {
  /** The last entry folded; 0: none. */
  readonly revision: number
  /** Center time of that entry. */
  readonly atMs: number
  /** Undefined until the entry that configures the center. */
  readonly center: Center | undefined
  readonly jobs: JobHistory
  readonly leader: LeaderSeen | undefined
  readonly recent: RecentCommits
  /** Of what happened since `goLive`: a ledger that is being read back tells nothing about the last minute. */
  readonly rates: { readonly submitted: RateMeter; readonly started: RateMeter; readonly ended: RateMeter }
  /** Nodes that are not up, by index of their pool, then by number. */
  readonly nodesOut: ReadonlyMap<number, ReadonlyMap<number, NodeState>>

  /** Folds the next entry. Throws `LedgerBroken` where it does not follow from those before it. */
  fold(entry: LedgerEntry): void

  /**
   * Begins at a savepoint of a center instead of the first entry. `earlier`: entries up to the savepoint, consecutive, from which jobs are
   * remembered that have ended by then, and how those are called that have not; what was over before them stays unknown. Where they
   * cannot be read it rejects and nothing has changed.
   */
  restore(
    revision: number,
    savepoint: Uint8Array,
    earlier?: AsyncIterable<readonly LedgerEntry[]> | readonly (readonly LedgerEntry[])[],
  ): Promise<void>

  /** From now on entries are folded as they are written. */
  goLive(): void

  /** Calls `listener` after each folded entry, with what it changed; returns how to stop that. */
  subscribe(listener: (commit: CommitEvent) => void): () => void

  /** True as soon as the revision is folded; false after `timeoutMs`. */
  atRevision(revision: number, timeoutMs: number): Promise<boolean>

  /** True as soon as the job is known; false after `timeoutMs`. */
  jobKnown(job: number, timeoutMs: number): Promise<boolean>
}

/** Ended jobs that stay known where nothing else is said: what a reader of the ledger grows to. */
export const ENDED_JOBS_KEPT = 200_000
const COMMITS_MAX = 4096
const CHANGES_MAX = 100_000

export function createReadModel(options: ReadModelOptions): ReadModel {
  const bounds = { commitsMax: options.commitsMax ?? COMMITS_MAX, changesMax: options.changesMax ?? CHANGES_MAX }
  const listeners = new Set<(commit: CommitEvent) => void>()
  const noJobs = (): JobHistory => new JobHistory({ endedMax: options.endedMax ?? ENDED_JOBS_KEPT })
  let jobs = noJobs()
  const rates = {
    submitted: rateMeter(options.nowMs),
    started: rateMeter(options.nowMs),
    ended: rateMeter(options.nowMs),
  }
  const nodesOut = new Map<number, Map<number, NodeState>>()
  let recent = recentCommits(bounds, 0)
  let folded: Folded | undefined
  let leader: LeaderSeen | undefined
  let revision = 0
  let atMs = 0
  let isLive = false

  function see(fact: Fact, center: Center, at: number, changes: Change[]): void {
    const { config } = center
    if (fact.type === 'node') {
      outOf(fact.pool, fact.node, fact.to)
      changes.push({ type: 'node', node: `${config.pools[fact.pool]!.name}-${fact.node}`, state: fact.to })
      return
    }
    if (fact.type === 'power-capped') {
      changes.push({ type: 'power-capped', cap_w: fact.capW })
      return
    }
    if (fact.type === 'rejected') {
      changes.push({ type: 'rejected', command: fact.command, reason: fact.reason })
      return
    }
    const record = jobs.fold(fact, at, config)
    if (isLive) countRate(fact)
    // A promise is a forecast, not a change of the job; it is shown where somebody asks.
    if (record === undefined || fact.type === 'reserved' || fact.type === 'unreserved') return
    changes.push(jobChange(record, center))
  }

  function countRate(fact: Fact): void {
    if (fact.type === 'submitted') rates.submitted.add(1)
    else if (fact.type === 'started') rates.started.add(1)
    else if (fact.type === 'ended') rates.ended.add(1)
  }

  function outOf(pool: number, node: number, state: NodeState): void {
    const nodes = nodesOut.get(pool) ?? new Map<number, NodeState>()
    if (state === 'up') nodes.delete(node)
    else nodes.set(node, state)
    nodesOut.set(pool, nodes)
  }

  /** Waits for `holds` to become true with some commit. */
  function until(holds: () => boolean, timeoutMs: number): Promise<boolean> {
    if (holds()) return Promise.resolve(true)
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const unsubscribe = subscribe(() => {
      if (holds()) settle(true)
    })
    const timer = setTimeout(() => settle(false), timeoutMs)
    const settle = (held: boolean) => {
      clearTimeout(timer)
      unsubscribe()
      resolve(held)
    }
    return promise
  }

  function subscribe(listener: (commit: CommitEvent) => void): () => void {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  return {
    get revision() {
      return revision
    },
    get atMs() {
      return atMs
    },
    get center() {
      return folded?.center
    },
    get leader() {
      return leader
    },
    get recent() {
      return recent
    },
    get jobs() {
      return jobs
    },
    rates,
    nodesOut,
    fold: (entry) => {
      const changes: Change[] = []
      const { head, folded: after } = foldEntry(folded, entry, { keep: false }, (fact, center) =>
        see(fact, center, entry.revision, changes),
      )
      folded = after
      revision = entry.revision
      atMs = Math.max(atMs, head.atMs)
      if (head.type === 'lease') leader = { owner: head.owner, epoch: entry.epoch }
      const commit = { revision, at_ms: head.atMs, changes }
      if (changes.length > 0) recent.push(commit)
      for (const listener of listeners) listener(commit)
    },
    restore: async (at, savepoint, earlier = []) => {
      if (revision !== 0) throw new Error(`a read model is restored before it folds; this one is at ${revision}`)
      const log = new FactLog({ keep: false })
      const center = Center.restore(savepoint, log)
      const remembered = noJobs()
      for await (const entries of earlier) {
        for (const entry of entries) {
          const facts = decodeFacts(decodeLedgerEntry(entry.body).facts)
          for (const fact of facts) remembered.fold(fact, entry.revision, center.config)
        }
      }
      for (const view of center.live()) if (remembered.get(view.job) === undefined) remembered.adopt(view, at)
      jobs = remembered
      folded = { center, log }
      revision = at
      atMs = center.nowMs
      recent = recentCommits(bounds, at)
      for (const [index, pool] of center.config.pools.entries()) {
        for (const { node, state } of center.nodes(pool.name)) if (state !== 'up') outOf(index, node, state)
      }
    },
    goLive: () => {
      isLive = true
    },
    subscribe,
    atRevision: (wanted, timeoutMs) => until(() => revision >= wanted, timeoutMs),
    jobKnown: (job, timeoutMs) => until(() => jobs.get(job) !== undefined, timeoutMs),
  }
}

function jobChange(record: JobRecord, { config }: Center): Change {
  return {
    type: 'job',
    job: record.id,
    state: record.state === 'HELD' ? 'PENDING' : record.state,
    account: record.account,
    user: record.user,
    pool: record.pool === null ? null : config.pools[record.pool]!.name,
    attempt: record.attempt,
    held_by: record.heldBy,
    start_cause: record.cause,
    reason: record.refusal,
  }
}
