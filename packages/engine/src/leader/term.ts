// One term of a leader: from taking the lease to losing it. The loop of the live center, twin of the simulator's: commands
// and due finishes in, one commit to the ledger, and only then anything that others can see.
//
//   1. Now. Center time is the last committed moment plus wall time × speed, held back by the earliest finish that nobody
//      has reported yet (`Agenda`).
//   2. Decide. Instant by instant up to now: finishes due, time limits, then the commands that have come; one pass each.
//   3. Append. One ledger entry with the steps and their facts. It is tried until it is known to be in the ledger, or
//      known that somebody else leads; nothing is told to anybody before.
//   4. Tell. Settle the commands, hand the started runs to the executors, forget the runs that were stopped.
//
// A term that is fenced, or finds the ledger elsewhere than it believes, is over: its memory is dropped, not repaired.

import { randomUUID } from 'node:crypto'
import { CommandSchema, encodeLedgerEntry, type LedgerHead, type LedgerStep } from '@dure/contract'
import { Center, type CenterConfig, type CenterListener, type Command, type EndState, FactLog } from '@dure/core'
import { type Ports, type ReceivedCommand, type Run, type RunKey, type RunKind, StoreError } from '../ports.ts'
import { Agenda } from './agenda.ts'
import type { Folded } from './fold.ts'
import { type LeaderMemory, recover, rememberPlan, saveMemory, sequenceOf } from './recovery.ts'

export interface TermOptions {
  readonly owner: string
  /** The center to create where the ledger is empty. A ledger that has one keeps it. */
  readonly genesis: CenterConfig
  /** Center time at which that center begins: milliseconds since 1970, so that moments read as dates. */
  readonly genesisMs: number
  /** Center milliseconds per wall millisecond. */
  readonly speed: number
  /** Wall time that never goes back, from any zero. */
  readonly monotonicMs: () => number
  /** Ids of commands that broke a center: a later term rejects them. */
  readonly poisonous: Set<string>
}

/** This term is over: `fenced` by a newer leader, or in `conflict` with the ledger. */
export class TermEnded extends Error {
  readonly reason: 'fenced' | 'conflict' | 'lease lost'

  constructor(reason: TermEnded['reason']) {
    super(`this leader's term is over: ${reason}`)
    this.name = 'TermEnded'
    this.reason = reason
  }
}

/** A command broke an invariant of the center; the memory is of no more use. The next term rejects it. */
export class PoisonousCommand extends Error {
  constructor(id: string, cause: unknown) {
    super(`command ${id} broke the center`, { cause })
    this.name = 'PoisonousCommand'
  }
}

/** Instants in one entry at most, so that entries stay small and commands do not wait behind a long stretch of time. */
const INSTANTS_PER_COMMIT = 256
/** A commit at least this often while jobs are live: what a new leader's clock may be behind. */
const TICK_MS = 5_000
/** A command handed out this often without ending in a commit is taken for what ends it. */
const DELIVERIES_MAX = 50
/** How long an act on a job waits for the job's submit, which it may have overtaken. */
const OVERTAKING_MS_MAX = 30_000
const APPEND_RETRY_MS = 100
const SAVEPOINT_ENTRIES = 4_000

/** Figures of the term, for metrics. */
export interface TermCounts {
  commits: number
  commands: number
  instants: number
  /** Wall milliseconds spent deciding and appending in the last commit. */
  decideMs: number
  appendMs: number
}

export class Term {
  readonly epoch: number
  readonly counts: TermCounts = { commits: 0, commands: 0, instants: 0, decideMs: 0, appendMs: 0 }
  readonly #ports: Ports
  readonly #options: TermOptions
  readonly #memory: LeaderMemory
  readonly #agenda = new Agenda()
  readonly #changes: Changes
  readonly #inbox: ReceivedCommand[] = []
  /** Acts that came before their job's submit, with the wall time until which they wait; then they are taken as they are. */
  #early: EarlyAct[] = []
  readonly #waitedEnough = new Set<ReceivedCommand>()
  #baseMs: number
  #baseWallMs: number
  #committedWallMs: number
  #savedRevision: number
  #isOver = false

  private constructor(ports: Ports, options: TermOptions, epoch: number, memory: LeaderMemory, changes: Changes) {
    this.#ports = ports
    this.#options = options
    this.epoch = epoch
    this.#memory = memory
    this.#changes = changes
    this.#baseMs = memory.folded?.center.nowMs ?? options.genesisMs
    this.#baseWallMs = this.#committedWallMs = options.monotonicMs()
    this.#savedRevision = memory.revision
  }

  /**
   * Recovers the memory of the leaders before and enters the term into the ledger.
   * Throws `TermEnded` if another leader has come meanwhile, `LedgerBroken`, `StoreError`.
   */
  static async begin(ports: Ports, options: TermOptions, epoch: number): Promise<Term> {
    const changes = new Changes()
    const memory = await recover(ports.ledger, ports.savepoints, changes)
    const term = new Term(ports, options, epoch, memory, changes)
    await term.#append({ v: 1, type: 'lease', atMs: term.#baseMs, owner: options.owner }, new Uint8Array(0))
    if (memory.folded === undefined) await term.#configure()
    for (const job of term.center.running()) term.#expect(job.job, job.attempt, job.startedMs!, job.timeLimitMs)
    return term
  }

  get center(): Center {
    return this.#folded.center
  }

  /** Over every fact of the ledger. */
  get factsHash(): string {
    return this.#folded.log.hash()
  }

  /** Last revision known to be in the ledger. */
  get revision(): number {
    return this.#memory.revision
  }

  /** Takes commands in; they are settled once a commit has them. */
  receive(commands: readonly ReceivedCommand[]): void {
    for (const received of commands) if (!this.#keepForItsMoment(received)) this.#inbox.push(received)
  }

  get hasCommands(): boolean {
    return this.#inbox.length > 0
  }

  /** Center time: see step 1 above. */
  nowMs(): number {
    const passedMs = this.#options.monotonicMs() - this.#baseWallMs
    return Math.max(
      this.center.nowMs,
      Math.min(Math.floor(this.#baseMs + passedMs * this.#options.speed), this.#heldBackMs()),
    )
  }

  /** Wall milliseconds by which unreported finishes hold center time back. */
  lagMs(): number {
    const freeMs = this.#baseMs + (this.#options.monotonicMs() - this.#baseWallMs) * this.#options.speed
    return Math.max(0, (freeMs - this.nowMs()) / this.#options.speed)
  }

  /** Wall milliseconds until something is to be done without a command coming in. */
  idleMs(): number {
    const nextMs = Math.min(this.#agenda.isNextReported ? this.#agenda.nextMs : Infinity, this.center.nextLimitMs())
    const dueInMs = Math.max(0, (nextMs - this.nowMs()) / this.#options.speed)
    const tickInMs =
      this.center.liveCount === 0
        ? Infinity
        : Math.max(0, this.#committedWallMs + TICK_MS - this.#options.monotonicMs())
    return Math.min(dueInMs, tickInMs)
  }

  /** The lease is lost: an append under way gives up. */
  end(): void {
    this.#isOver = true
  }

  /**
   * One commit, if anything is due or has come; says whether there was one. Throws `TermEnded` when the term is over and
   * `StoreError` only where trying again is useless.
   */
  async step(): Promise<boolean> {
    const begunMs = this.#options.monotonicMs()
    const { steps, settled, repeated } = this.#decide()
    if (steps.length === 0) return false
    const facts = this.#folded.log.drain()
    const head: LedgerHead = {
      v: 1,
      type: 'commit',
      atMs: this.center.nowMs,
      steps,
      repeated,
      factCount: this.#folded.log.count,
      factsHash: this.#folded.log.hash(),
    }
    const decidedMs = this.#options.monotonicMs()
    await this.#append(head, facts)
    this.#committedWallMs = this.#options.monotonicMs()
    this.counts.commits++
    this.counts.commands += settled.length
    this.counts.instants += steps.length
    this.counts.decideMs = decidedMs - begunMs
    this.counts.appendMs = this.#committedWallMs - decidedMs
    for (const received of settled) received.settle()
    await this.#tell()
    if (this.revision - this.#savedRevision >= SAVEPOINT_ENTRIES) await this.savepoint()
    return true
  }

  /** Leaves a savepoint, so that the next leader need not read what is before it. */
  async savepoint(): Promise<void> {
    if (this.revision === this.#savedRevision) return
    const savepoint = saveMemory(this.#memory)
    await this.#ports.savepoints.store(savepoint)
    this.#savedRevision = savepoint.revision
  }

  /** Tells the executors of runs they do not know of, and makes them forget those that are over: what a crash between commit and telling leaves behind. */
  async reconcile(): Promise<void> {
    const recorded = await this.#ports.registry.all()
    const attempts = new Map(recorded.map(({ job, attempt }) => [job, attempt]))
    const over: RunKey[] = recorded.filter(({ job, attempt }) => {
      const live = this.center.job(job)
      return live?.state !== 'RUNNING' || live.attempt !== attempt
    })
    if (over.length > 0) await this.#ports.registry.remove(over)
    const unknown = this.center.running().filter(({ job, attempt }) => attempts.get(job) !== attempt)
    await this.#dispatch(unknown.map(({ job }) => job))
  }

  // ---- deciding

  #decide(): Decision {
    const decision: Decision = { steps: [], settled: [], repeated: [] }
    const { center } = this
    this.#takeEarly()
    for (let instants = 1; instants <= INSTANTS_PER_COMMIT; instants++) {
      const nowMs = this.nowMs()
      const dueMs = Math.min(this.#agenda.isNextReported ? this.#agenda.nextMs : Infinity, center.nextLimitMs())
      const atMs = Math.max(center.nowMs, Math.min(dueMs, nowMs))
      // Commands belong to the present. A center that cannot keep up with its clock takes them where it has got to.
      const takesCommands = this.#inbox.length > 0 && (atMs === nowMs || instants === INSTANTS_PER_COMMIT)
      if (dueMs > nowMs && !takesCommands) break
      this.#takeInstant(atMs, takesCommands, decision)
    }
    const isTick = center.liveCount > 0 && this.#options.monotonicMs() - this.#committedWallMs >= TICK_MS
    if (decision.steps.length === 0 && isTick) this.#tick(decision)
    return decision
  }

  /** Notes how late it is. No pass: that only time has passed decides nothing, in a simulation neither. */
  #tick(decision: Decision): void {
    const atMs = this.nowMs()
    this.center.advance(atMs)
    decision.steps.push({ atMs, commands: [], scheduled: false })
  }

  /** Everything of one instant, then one pass. */
  #takeInstant(atMs: number, takesCommands: boolean, decision: Decision): void {
    const commands: { id: string; command: Command }[] = []
    for (let due = this.#agenda.takeReport(atMs); due !== undefined; due = this.#agenda.takeReport(atMs)) {
      this.#take(due, atMs, commands, decision)
    }
    if (takesCommands) for (const received of this.#inbox.splice(0)) this.#take(received, atMs, commands, decision)
    this.center.schedule(atMs)
    this.#learn()
    decision.steps.push({ atMs, commands, scheduled: true })
  }

  #take(received: ReceivedCommand, atMs: number, taken: { id: string; command: Command }[], decision: Decision): void {
    const { id } = received
    const sequence = sequenceOf(id)
    if (sequence !== undefined && this.#memory.consumed.has(sequence)) {
      decision.repeated.push(id)
      decision.settled.push(received)
      return
    }
    const command = readCommand(received, this.#options.poisonous)
    if (this.#isEarly(received, command)) return
    if (sequence !== undefined) this.#memory.consumed.add(sequence)
    this.#apply(id, command, atMs)
    taken.push({ id, command })
    decision.settled.push(received)
  }

  #apply(id: string, command: Command, atMs: number): void {
    try {
      const outcome = this.center.apply(command, atMs)
      if (command.type === 'submit' && outcome.kind === 'done')
        rememberPlan(this.#memory.plans, command.job, command.label)
    } catch (cause) {
      this.#options.poisonous.add(id)
      throw new PoisonousCommand(id, cause)
    }
    this.#learn()
  }

  /** An act on a job whose submit is still on its way waits for it. */
  #isEarly(received: ReceivedCommand, command: Command): boolean {
    const isAct = command.type === 'cancel' || command.type === 'hold' || command.type === 'release'
    if (!isAct || this.#memory.consumed.has(command.job) || this.#waitedEnough.delete(received)) return false
    this.#early.push({ received, job: command.job, untilMs: this.#options.monotonicMs() + OVERTAKING_MS_MAX })
    return true
  }

  #takeEarly(): void {
    if (this.#early.length === 0) return
    const wallMs = this.#options.monotonicMs()
    const submits = new Set(this.#inbox.map(({ id }) => sequenceOf(id)))
    const isReady = ({ job, untilMs }: EarlyAct): boolean => submits.has(job) || untilMs <= wallMs
    for (const { received, untilMs } of this.#early.filter(isReady)) {
      if (untilMs <= wallMs) this.#waitedEnough.add(received)
      this.#inbox.push(received)
    }
    this.#early = this.#early.filter((act) => !isReady(act))
  }

  /** A finish that is reported ahead of its moment waits in the agenda. */
  #keepForItsMoment(received: ReceivedCommand): boolean {
    const read = CommandSchema.safeParse(received.command)
    return (
      read.success && read.data.type === 'finish' && this.#agenda.report(read.data.job, read.data.attempt, received)
    )
  }

  /** The latest moment center time may reach: just before the next finish, as long as nobody has reported it. */
  #heldBackMs(): number {
    return this.#agenda.isNextReported ? Infinity : this.#agenda.nextMs - 1
  }

  /** Brings the agenda up to what the center has just done. */
  #learn(): void {
    for (const job of this.#changes.stoppedNow.splice(0)) {
      const report = this.#agenda.forget(job)
      if (report !== undefined) this.#inbox.push(report)
    }
    for (const { job, attempt, atMs } of this.#changes.startedNow.splice(0)) {
      this.#expect(job, attempt, atMs, this.center.job(job)!.timeLimitMs)
      this.#changes.toDispatch.push(job)
    }
    for (const job of this.#changes.endedNow.splice(0)) this.#memory.plans.delete(job)
  }

  /** A run that outlasts its time limit is ended by the limit: no finish is expected of it. */
  #expect(job: number, attempt: number, startedMs: number, timeLimitMs: number): void {
    const plan = this.#memory.plans.get(job)
    if (plan !== undefined && plan.runTimeMs <= timeLimitMs)
      this.#agenda.expect(job, attempt, startedMs + plan.runTimeMs)
  }

  // ---- the ledger

  async #configure(): Promise<void> {
    const log = new FactLog({ keep: true })
    const center = Center.create(this.#options.genesis, log, this.#baseMs, this.#changes)
    this.#memory.folded = { center, log }
    const facts = log.drain()
    await this.#append(
      {
        v: 1,
        type: 'commit',
        atMs: this.#baseMs,
        steps: [],
        repeated: [],
        factCount: log.count,
        factsHash: log.hash(),
      },
      facts,
    )
  }

  /** Tries until the outcome is known. The same append may be sent again: the ledger knows it by its nonce. */
  async #append(head: LedgerHead, facts: Uint8Array): Promise<void> {
    const body = encodeLedgerEntry({ head, facts })
    const entry = { epoch: this.epoch, revision: this.revision + 1, nonce: randomUUID(), body }
    for (;;) {
      try {
        const outcome = await this.#ports.ledger.append(entry)
        if (outcome.kind !== 'appended') throw new TermEnded(outcome.kind)
        this.#memory.revision = entry.revision
        this.#memory.sha = outcome.sha
        return
      } catch (error) {
        if (!(error instanceof StoreError) || this.#isOver) throw error
        await new Promise((resolve) => setTimeout(resolve, APPEND_RETRY_MS))
      }
    }
  }

  // ---- telling

  async #tell(): Promise<void> {
    const started = this.#changes.toDispatch.splice(0)
    const stopped = this.#changes.toForget.splice(0)
    // What fails here is mended by the next reconcile; the commit stands.
    await Promise.allSettled([
      this.#dispatch(started),
      stopped.length === 0 ? undefined : this.#ports.registry.remove(stopped),
    ])
  }

  async #dispatch(jobs: readonly number[]): Promise<void> {
    const byKind = new Map<RunKind, Run[]>()
    for (const job of jobs) {
      const view = this.center.job(job)
      const plan = this.#memory.plans.get(job)
      if (view?.startedMs == null || view.pool === null || plan === undefined) continue
      const poolKind = this.center.config.pools[view.pool]!.kind
      const kind: RunKind = poolKind === 'cpu' ? 'gpu' : poolKind
      const outlasts = plan.runTimeMs > view.timeLimitMs
      const run: Run = {
        job,
        attempt: view.attempt,
        dueMs: view.startedMs + Math.min(plan.runTimeMs, view.timeLimitMs),
        detail: { exitCode: plan.exitCode, outlasts },
      }
      const runs = byKind.get(kind)
      if (runs === undefined) byKind.set(kind, [run])
      else runs.push(run)
    }
    await Promise.all([...byKind].map(([kind, runs]) => this.#ports.runs.dispatch(kind, runs)))
  }

  get #folded(): Folded {
    const { folded } = this.#memory
    if (folded === undefined) throw new Error('the center is configured before anything else')
    return folded
  }
}

interface EarlyAct {
  readonly received: ReceivedCommand
  readonly job: number
  readonly untilMs: number
}

interface Decision {
  readonly steps: LedgerStep[]
  /** To be settled once the commit is in the ledger. */
  readonly settled: ReceivedCommand[]
  readonly repeated: string[]
}

/** What the center does while it decides, as the leader must act on it. */
class Changes implements CenterListener {
  readonly startedNow: { readonly job: number; readonly attempt: number; readonly atMs: number }[] = []
  readonly stoppedNow: number[] = []
  readonly endedNow: number[] = []
  /** Jobs whose runs the executors are to be told of after the commit, and attempts they are to forget. */
  readonly toDispatch: number[] = []
  readonly toForget: RunKey[] = []

  started(job: number, attempt: number, atMs: number): void {
    this.startedNow.push({ job, attempt, atMs })
  }

  ended(job: number, attempt: number, state: EndState): void {
    this.stoppedNow.push(job)
    this.endedNow.push(job)
    // An executor that has reported a finish forgets the run by itself.
    if (attempt > 0 && state !== 'COMPLETED' && state !== 'FAILED') this.toForget.push({ job, attempt })
  }

  requeued(job: number, attempt: number): void {
    this.stoppedNow.push(job)
    this.toForget.push({ job, attempt })
  }
}

/** A command as the core takes it; one that cannot be read, or that ends its leaders, becomes a rejection for the record. */
function readCommand({ id, command, deliveries }: ReceivedCommand, poisonous: ReadonlySet<string>): Command {
  if (poisonous.has(id)) return { type: 'reject', command: id, reason: 'applying it broke an invariant of the center' }
  if (deliveries > DELIVERIES_MAX) {
    return { type: 'reject', command: id, reason: `handed out ${deliveries} times without ending in a commit` }
  }
  const read = CommandSchema.safeParse(command)
  if (read.success) return read.data
  const [issue] = read.error.issues
  return { type: 'reject', command: id, reason: `cannot be read: ${issue?.path.join('.')} ${issue?.message}` }
}
