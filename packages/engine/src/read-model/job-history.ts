// Every job by its id, from its submit until long after its end: what a center itself forgets once a job is over.
// Folds the same facts as the center. Lists are newest first; each is read from the smallest index that covers what is
// asked for. Jobs that have ended are kept up to a number, those that ended first go first.

import type {
  CenterConfig,
  EndState,
  Fact,
  HoldBy,
  JobView,
  LiveState,
  NodePlacement,
  PlacedRequest,
  RefusalCode,
  StartCause,
} from '@dure/core'
import { descendingInAny, SortedIds } from './sorted-ids.ts'

export interface JobRecord {
  readonly id: number
  readonly account: string
  readonly user: string
  /** As the submit carried it; empty for a job that is only known from a savepoint. */
  readonly label: string
  /** Null for a refused submit, which the center never took in. */
  readonly request: PlacedRequest | null
  readonly timeLimitMs: number | null
  readonly submittedMs: number
  state: LiveState | EndState
  heldBy: HoldBy | null
  refusal: RefusalCode | null
  /** Attempts started so far. */
  attempt: number
  /** Of the latest attempt; null again after a requeue, until the next start. */
  startedMs: number | null
  pool: number | null
  placement: readonly NodePlacement[]
  cause: StartCause | null
  endedMs: number | null
  exitCode: number | null
  /** Where it holds a reservation: the latest moment it will start at, as promised so far. */
  promisedMs: number | null
  /** The ledger entry that changed it last. */
  revision: number
}

export interface JobFilter {
  readonly states?: readonly (LiveState | EndState)[] | undefined
  readonly user?: string | undefined
  readonly account?: string | undefined
  /** Index of the pool it runs or ran in, or of one it waits for. */
  readonly pool?: number | undefined
  /** Only jobs charged to these accounts: what a tenant may see. */
  readonly visibleAccounts?: ReadonlySet<string> | undefined
}

export interface JobTotals {
  submitted: number
  started: number
  requeued: number
  completed: number
  failed: number
  cancelled: number
  timedOut: number
  nodeFailed: number
  refused: number
}

export interface JobCounts {
  pending: number
  held: number
  running: number
}

const totalOf = {
  COMPLETED: 'completed',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
  TIMEOUT: 'timedOut',
  NODE_FAIL: 'nodeFailed',
} as const satisfies Record<EndState, keyof JobTotals>

/** How many starts are remembered, the latest first: enough that every tenant finds some of its own. */
const LATEST_STARTS = 500

const NO_PLACEMENT: readonly NodePlacement[] = []

const isLive = (state: LiveState | EndState): state is LiveState =>
  state === 'PENDING' || state === 'HELD' || state === 'RUNNING'

export class JobHistory {
  readonly totals: JobTotals = {
    submitted: 0,
    started: 0,
    requeued: 0,
    completed: 0,
    failed: 0,
    cancelled: 0,
    timedOut: 0,
    nodeFailed: 0,
    refused: 0,
  }
  readonly #endedMax: number
  readonly #jobs = new Map<number, JobRecord>()
  readonly #all = new SortedIds()
  readonly #byState = new Map<string, SortedIds>()
  readonly #byUser = new Map<string, SortedIds>()
  readonly #byAccount = new Map<string, SortedIds>()
  /** Live jobs of each user in each account. */
  readonly #counts = new Map<string, Map<string, JobCounts>>()
  /** Ended jobs in the order of their ends, from `#endedFrom` on; the front is cut off now and then. */
  #ended: number[] = []
  #endedFrom = 0
  #latestStarts: number[] = []

  constructor(options: { readonly endedMax: number }) {
    this.#endedMax = options.endedMax
  }

  get size(): number {
    return this.#jobs.size
  }

  get(job: number): JobRecord | undefined {
    return this.#jobs.get(job)
  }

  count(state: LiveState | EndState): number {
    return this.#byState.get(state)?.size ?? 0
  }

  /** Live jobs of a user in an account. */
  countsOf(account: string, user: string): Readonly<JobCounts> {
    return this.#counts.get(account)?.get(user) ?? { pending: 0, held: 0, running: 0 }
  }

  /** The job that has waited longest among those nobody holds. */
  get oldestPending(): JobRecord | undefined {
    const first = this.#byState.get('PENDING')?.first
    return first === undefined ? undefined : this.#jobs.get(first)
  }

  /** Jobs by their latest start, the latest first. */
  *latestStarts(): Generator<JobRecord> {
    const seen = new Set<number>()
    for (const id of this.#latestStarts.toReversed()) {
      const record = seen.has(id) ? undefined : this.#jobs.get(id)
      seen.add(id)
      if (record?.startedMs != null) yield record
    }
  }

  /** Up to `limit` jobs with ids below `before`, newest first. */
  list(filter: JobFilter, limit: number, before?: number): JobRecord[] {
    const found: JobRecord[] = []
    if (limit <= 0) return found
    for (const id of descendingInAny(this.#narrowest(filter), before)) {
      const record = this.#jobs.get(id)!
      if (!matches(record, filter)) continue
      found.push(record)
      if (found.length === limit) break
    }
    return found
  }

  /** What one fact did to which job; undefined for facts about something else. */
  fold(fact: Fact, revision: number, config: CenterConfig): JobRecord | undefined {
    switch (fact.type) {
      case 'submitted': {
        const { account, user } = config.associations[fact.association]!
        this.totals.submitted++
        return this.#add({
          ...newRecord(fact.job, account, user, fact.label, fact.atMs, revision),
          request: fact.request,
          timeLimitMs: fact.timeLimitMs,
          state: fact.held === null ? 'PENDING' : 'HELD',
          heldBy: fact.held,
        })
      }
      case 'refused': {
        // A number that is taken stays with the job that has it.
        if (this.#jobs.has(fact.job)) return undefined
        this.totals.refused++
        const record = this.#add({
          ...newRecord(fact.job, fact.account, fact.user, fact.label, fact.atMs, revision),
          state: 'FAILED',
          refusal: fact.reason,
          endedMs: fact.atMs,
        })
        this.#keepEnded(record)
        return record
      }
      case 'held':
        return this.#change(fact.job, revision, (record) => {
          this.#become(record, 'HELD')
          record.heldBy = fact.by
          record.promisedMs = null
        })
      case 'released':
        return this.#change(fact.job, revision, (record) => {
          this.#become(record, 'PENDING')
          record.heldBy = null
        })
      case 'started':
        this.totals.started++
        return this.#change(fact.job, revision, (record) => {
          this.#become(record, 'RUNNING')
          record.attempt = fact.attempt
          record.startedMs = fact.atMs
          record.pool = fact.pool
          record.placement = fact.placement
          record.cause = fact.cause
          record.promisedMs = null
          this.#latestStarts.push(record.id)
          if (this.#latestStarts.length > 2 * LATEST_STARTS) {
            this.#latestStarts = this.#latestStarts.slice(-LATEST_STARTS)
          }
        })
      case 'ended':
        this.totals[totalOf[fact.state]]++
        return this.#change(fact.job, revision, (record) => {
          this.#become(record, fact.state)
          record.heldBy = null
          record.endedMs = fact.atMs
          // A cancelled or expired run has no exit code of its own.
          record.exitCode = fact.state === 'COMPLETED' || fact.state === 'FAILED' ? fact.exitCode : null
          record.promisedMs = null
          this.#keepEnded(record)
        })
      case 'requeued':
        this.totals.requeued++
        return this.#change(fact.job, revision, (record) => {
          this.#become(record, 'PENDING')
          record.startedMs = null
          record.pool = null
          record.placement = NO_PLACEMENT
          record.cause = null
        })
      case 'reserved':
        return this.#change(fact.job, revision, (record) => {
          record.promisedMs = fact.startMs
        })
      case 'unreserved':
        return this.#change(fact.job, revision, (record) => {
          record.promisedMs = null
        })
      default:
        return undefined
    }
  }

  /** Takes in a job that a savepoint knows to be live. */
  adopt(view: JobView, revision: number): void {
    this.#add({
      ...newRecord(view.job, view.account, view.user, '', view.submittedMs, revision),
      request: view.request,
      timeLimitMs: view.timeLimitMs,
      state: view.state,
      heldBy: view.heldBy,
      attempt: view.attempt,
      startedMs: view.startedMs,
      pool: view.pool,
      placement: view.placement,
    })
  }

  #add(record: JobRecord): JobRecord {
    this.#jobs.set(record.id, record)
    this.#all.add(record.id)
    setOf(this.#byState, record.state).add(record.id)
    setOf(this.#byUser, record.user).add(record.id)
    setOf(this.#byAccount, record.account).add(record.id)
    this.#tally(record, 1)
    return record
  }

  #change(job: number, revision: number, change: (record: JobRecord) => void): JobRecord | undefined {
    const record = this.#jobs.get(job)
    if (record === undefined) return undefined
    change(record)
    record.revision = revision
    return record
  }

  #become(record: JobRecord, state: LiveState | EndState): void {
    if (record.state === state) return
    this.#tally(record, -1)
    setOf(this.#byState, record.state).remove(record.id)
    record.state = state
    setOf(this.#byState, state).add(record.id)
    this.#tally(record, 1)
  }

  #tally({ account, user, state }: JobRecord, by: number): void {
    if (!isLive(state)) return
    const users = this.#counts.get(account) ?? new Map<string, JobCounts>()
    const counts = users.get(user) ?? { pending: 0, held: 0, running: 0 }
    this.#counts.set(account, users.set(user, counts))
    if (state === 'PENDING') counts.pending += by
    else if (state === 'HELD') counts.held += by
    else counts.running += by
  }

  #keepEnded(record: JobRecord): void {
    this.#ended.push(record.id)
    while (this.#ended.length - this.#endedFrom > this.#endedMax) this.#forget(this.#ended[this.#endedFrom++]!)
    if (this.#endedFrom > this.#endedMax) {
      this.#ended = this.#ended.slice(this.#endedFrom)
      this.#endedFrom = 0
    }
  }

  #forget(job: number): void {
    const record = this.#jobs.get(job)!
    this.#jobs.delete(job)
    this.#all.remove(job)
    setOf(this.#byState, record.state).remove(job)
    drop(this.#byUser, record.user, job)
    drop(this.#byAccount, record.account, job)
  }

  /** The index with the fewest jobs in it that has all jobs a filter can match. */
  #narrowest({ states, user, account, visibleAccounts }: JobFilter): SortedIds[] {
    const present = (sets: (SortedIds | undefined)[]): SortedIds[] => sets.filter((set) => set !== undefined)
    const choices: SortedIds[][] = [[this.#all]]
    if (user !== undefined) choices.push(present([this.#byUser.get(user)]))
    if (account !== undefined) choices.push(present([this.#byAccount.get(account)]))
    if (states !== undefined) choices.push(present(states.map((state) => this.#byState.get(state))))
    if (visibleAccounts !== undefined) {
      choices.push(present([...visibleAccounts].map((visible) => this.#byAccount.get(visible))))
    }
    const sizeOf = (sets: readonly SortedIds[]): number => sets.reduce((sum, { size }) => sum + size, 0)
    return choices.reduce((best, sets) => (sizeOf(sets) < sizeOf(best) ? sets : best))
  }
}

const newRecord = (
  id: number,
  account: string,
  user: string,
  label: string,
  submittedMs: number,
  revision: number,
): JobRecord => ({
  id,
  account,
  user,
  label,
  request: null,
  timeLimitMs: null,
  submittedMs,
  state: 'PENDING',
  heldBy: null,
  refusal: null,
  attempt: 0,
  startedMs: null,
  pool: null,
  placement: NO_PLACEMENT,
  cause: null,
  endedMs: null,
  exitCode: null,
  promisedMs: null,
  revision,
})

function matches(record: JobRecord, { states, user, account, pool, visibleAccounts }: JobFilter): boolean {
  if (states !== undefined && !states.includes(record.state)) return false
  if (user !== undefined && record.user !== user) return false
  if (account !== undefined && record.account !== account) return false
  if (visibleAccounts !== undefined && !visibleAccounts.has(record.account)) return false
  if (pool === undefined) return true
  return record.pool === null ? (record.request?.pools.includes(pool) ?? false) : record.pool === pool
}

function setOf(sets: Map<string, SortedIds>, name: string): SortedIds {
  const known = sets.get(name)
  if (known !== undefined) return known
  const set = new SortedIds()
  sets.set(name, set)
  return set
}

function drop(sets: Map<string, SortedIds>, name: string, id: number): void {
  const set = sets.get(name)
  set?.remove(id)
  if (set?.size === 0) sets.delete(name)
}
