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
import { encodeLedgerEntry, type LedgerHead, type LedgerStep } from '@dure/contract'
import {
  atSpeedMs,
  Center,
  type CenterConfig,
  type CenterListener,
  type Command,
  type EndState,
  FactLog,
  type JobView,
  speedMilleIn,
} from '@dure/core'
import { solverFor, TargetRounds } from '@dure/sim'
import { machineTimers, type Timers } from '../pause.ts'
import { type Ports, type ReceivedCommand, type Run, type RunKey, type RunKind, StoreError } from '../ports.ts'
import { wholeLedger } from '../whole-ledger.ts'
import { Agenda } from './agenda.ts'
import type { Archive } from './archive.ts'
import { type ArrivedCommand, readCommand, rejected } from './arrived-command.ts'
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
  /** What pauses are waited for with; the machine's own where absent. */
  readonly timers?: Timers
  /** Names each append, never twice the same; random where absent. */
  readonly nonce?: () => string
  /** Ids of commands that broke a center: a later term rejects them. */
  readonly poisonous: Set<string>
  /** Ids of commands of which one broke a center: a later term takes them one at a time, to know which. */
  readonly suspects?: Set<string>
  /** A savepoint is due after so many entries; `SAVEPOINT_ENTRIES` where absent. */
  readonly savepointEntries?: number
  /** Where older entries of the ledger go, and are read from where a savepoint is no good; absent: they stay in the stream. */
  readonly archive?: Archive
  /** Hears of trouble that the term lives with, and mends later. */
  readonly troubled?: (error: unknown, what: string) => void
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

/**
 * A command broke an invariant of the center; the memory is of no more use. The next term rejects it, or finds out first
 * which of several it was.
 */
export class PoisonousCommand extends Error {
  constructor(ids: readonly string[], cause: unknown) {
    super(
      `${ids.length === 1 ? `command ${ids[0]}` : `one of ${ids.length} commands from ${ids[0]} on`} broke the center`,
      {
        cause,
      },
    )
    this.name = 'PoisonousCommand'
  }
}

const RUN_KINDS: readonly RunKind[] = ['gpu', 'npu', 'pim']

/** Instants in one entry at most, so that entries stay small and commands do not wait behind a long stretch of time. */
const INSTANTS_PER_COMMIT = 256
/** Commands of the present in one entry at most, for the same reason; the others come with the next. */
const COMMANDS_PER_COMMIT = 4_096
/** A command handed out this often may be what ends its leaders: it gets a commit of its own. */
const DELIVERIES_SUSPECT = 10
/** One handed out this often, though it was given a commit of its own each time, is what ends them. */
const DELIVERIES_MAX = 50
/** A commit at least this often while jobs are live: what a new leader's clock may be behind. */
const TICK_MS = 5_000
/** How long an act on a job waits for the job's submit, which it may have overtaken. */
const OVERTAKING_MS_MAX = 30_000
const APPEND_RETRY_MS = 100
/** Center time may be waiting for a run that no executor has been told of. */
const RETELL_MS = 250
/** A savepoint is due after so many entries, or after so many bytes of them: until there is one the store must keep them. */
const SAVEPOINT_ENTRIES = 4_000
const SAVEPOINT_BYTES = 32 * 1024 * 1024
/** Taking a savepoint stops everything else for a moment: that may be one part in so many of all time. */
const SAVEPOINT_TIME_SHARE = 50

/** Figures of the term, for metrics. */
export interface TermCounts {
  commits: number
  commands: number
  instants: number
  /** Wall milliseconds spent deciding and appending in the last commit. */
  decideMs: number
  appendMs: number
  savepoints: number
}

export class Term {
  readonly epoch: number
  readonly counts: TermCounts = { commits: 0, commands: 0, instants: 0, decideMs: 0, appendMs: 0, savepoints: 0 }
  readonly #ports: Ports
  readonly #options: TermOptions
  readonly #suspects: Set<string>
  readonly #timers: Timers
  readonly #nonce: () => string
  readonly #memory: LeaderMemory
  readonly #agenda = new Agenda()
  readonly #changes: Changes
  /** Where the policy takes targets. */
  readonly #rounds: TargetRounds | undefined
  readonly #inbox: ArrivedCommand[] = []
  /** Acts that came before their job's submit, with the wall time until which they wait; then they are taken as they are. */
  #early: EarlyAct[] = []
  readonly #waitedEnough = new Set<ArrivedCommand>()
  /** Of commands that are handed out too often one is rejected a term: the first, which is where the terms before ended. */
  #hasRejectedGuilty = false
  #baseMs: number
  #baseWallMs: number
  #committedWallMs: number
  #savedRevision: number
  #storedRevision: number
  /** Of entries since the last savepoint. */
  #unsavedBytes = 0
  /** Wall time before which no further savepoint is begun. */
  #nextSavepointMs = Number.NEGATIVE_INFINITY
  #saving: Promise<void> | undefined
  /** While an entry is on its way the memory is ahead of the ledger, and nothing may be concluded from it. */
  #committing: Promise<void> | undefined
  #isOver = false

  private constructor(
    ports: Ports,
    options: TermOptions,
    epoch: number,
    memory: LeaderMemory,
    changes: Changes,
    rounds: TargetRounds | undefined,
  ) {
    this.#ports = ports
    this.#options = options
    this.#suspects = options.suspects ?? new Set()
    this.#timers = options.timers ?? machineTimers
    this.#nonce = options.nonce ?? randomUUID
    this.epoch = epoch
    this.#memory = memory
    this.#changes = changes
    this.#rounds = rounds
    this.#baseMs = memory.folded?.center.nowMs ?? options.genesisMs
    this.#baseWallMs = this.#committedWallMs = options.monotonicMs()
    this.#savedRevision = this.#storedRevision = memory.savedRevision
  }

  /**
   * Recovers the memory of the leaders before and enters the term into the ledger. When `signal` aborts, an append whose
   * outcome cannot be learnt is given up.
   * Throws `TermEnded` if another leader has come meanwhile, `LedgerBroken`, `StoreError`.
   */
  static async begin(ports: Ports, options: TermOptions, epoch: number, signal?: AbortSignal): Promise<Term> {
    const changes = new Changes()
    const ledger = options.archive === undefined ? ports.ledger : wholeLedger(ports.ledger, options.archive.segments)
    const memory = await recover(ledger, ports.savepoints, changes, options)
    await ports.intake.continueAfter(memory.consumed.greatest)
    const config = memory.folded?.center.config ?? options.genesis
    const { solver } = await solverFor(config)
    const rounds = solver === undefined ? undefined : new TargetRounds(config, solver)
    const term = new Term(ports, options, epoch, memory, changes, rounds)
    const end = (): void => term.end()
    if (signal?.aborted) term.end()
    signal?.addEventListener('abort', end, { once: true })
    await term.#append({ v: 1, type: 'lease', atMs: term.#baseMs, owner: options.owner }, new Uint8Array(0))
    if (memory.folded === undefined) await term.#configure()
    for (const job of term.center.running()) term.#expect(job, job.attempt, job.startedMs!, job.pool!)
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

  /** Of the newest savepoint that is known to be stored; 0: none. */
  get storedRevision(): number {
    return this.#storedRevision
  }

  /** Takes commands in; they are settled once a commit has them. */
  receive(commands: readonly ReceivedCommand[]): void {
    for (const received of commands) {
      const arrived = readCommand(received, this.#options.poisonous)
      if (!this.#keepForItsMoment(arrived)) this.#inbox.push(arrived)
    }
  }

  /** Center time: see step 1 above. */
  nowMs(): number {
    const passedMs = this.#options.monotonicMs() - this.#baseWallMs
    return Math.max(
      this.center.nowMs,
      Math.min(Math.floor(this.#baseMs + passedMs * this.#options.speed), this.#heldBackMs()),
    )
  }

  /** Center time as others may be told of it: everything due by then is committed, or being committed now. */
  toldMs(): number {
    return Math.min(this.nowMs(), Math.max(this.center.nowMs, this.#agenda.nextMs))
  }

  /** Wall milliseconds by which unreported finishes hold center time back. */
  lagMs(): number {
    const freeMs = this.#baseMs + (this.#options.monotonicMs() - this.#baseWallMs) * this.#options.speed
    return Math.max(0, (freeMs - this.nowMs()) / this.#options.speed)
  }

  /** Wall milliseconds until something is to be done without a command coming in. */
  idleMs(): number {
    const nextMs = Math.min(this.#agenda.isNextReported ? this.#agenda.nextMs : Infinity, this.center.nextDueMs())
    const dueInMs = Math.max(0, (nextMs - this.nowMs()) / this.#options.speed)
    const wallMs = this.#options.monotonicMs()
    const tickInMs = this.center.liveCount === 0 ? Infinity : Math.max(0, this.#committedWallMs + TICK_MS - wallMs)
    // The first to have come is the first to have waited long enough.
    const earlyInMs = this.#early.length === 0 ? Infinity : Math.max(0, this.#early[0]!.untilMs - wallMs)
    return Math.min(dueInMs, tickInMs, earlyInMs, this.#isUntold ? RETELL_MS : Infinity)
  }

  /** The term is over: an append under way gives up, and nobody is told anything any more. */
  end(): void {
    this.#isOver = true
  }

  /**
   * One commit, if anything is due or has come; says whether the next step may follow at once. Throws `TermEnded` when the term is over,
   * `PoisonousCommand`, and `StoreError` only where trying again is useless. After any of them the memory is not to be used.
   */
  async step(): Promise<boolean> {
    const committed = Promise.withResolvers<void>()
    this.#committing = committed.promise
    try {
      const settled = await this.#commit()
      if (settled === undefined && !this.#isUntold) return false
      for (const received of settled ?? []) received.settle()
    } catch (error) {
      this.end()
      throw error
    } finally {
      this.#committing = undefined
      committed.resolve()
    }
    await this.#tell()
    if (this.#isSavepointDue()) void this.savepoint()
    return !this.#isUntold
  }

  /**
   * Leaves a savepoint of the last commit, so that the next leader need not read what is before it. Called between commits;
   * only taking it holds up the next one, storing it does not. Not getting it stored is no reason to end a term: the
   * ledger has everything.
   */
  savepoint(): Promise<void> {
    if (this.revision === this.#savedRevision) return this.#saving ?? Promise.resolve()
    this.#saving ??= this.#storeSavepoint().finally(() => {
      this.#saving = undefined
    })
    return this.#saving
  }

  /** Tells the executors of runs they do not know of, and makes them forget those that are over: what a crash between commit and telling leaves behind. */
  async reconcile(): Promise<void> {
    const { registry, runs } = this.#ports
    const [recorded, ...backlogs] = await Promise.all([registry.all(), ...RUN_KINDS.map((kind) => runs.backlog(kind))])
    while (this.#committing !== undefined) await this.#committing
    if (this.#isOver) return
    const attempts = new Map(recorded.map(({ job, attempt }) => [job, attempt]))
    const over: RunKey[] = recorded.filter(({ job, attempt }) => {
      const live = this.center.job(job)
      return live?.state !== 'RUNNING' || live.attempt !== attempt
    })
    // An executor has forgotten what it has reported.
    const unknown = this.center
      .running()
      .filter(({ job, attempt }) => attempts.get(job) !== attempt && !this.#agenda.isReported(job))
      .map(({ job }) => job)
    // Runs that still wait for an executor would be told of again and again, for as long as there is none.
    const reachable = RUN_KINDS.filter((_, i) => backlogs[i]!.waiting === 0)
    if (over.length > 0) await registry.remove(over, this.epoch)
    await this.#dispatch(unknown, reachable)
  }

  // ---- committing

  /** Decides, and brings what was decided into the ledger. Returns the commands to be settled; undefined: nothing to do. */
  async #commit(): Promise<readonly ReceivedCommand[] | undefined> {
    const begunMs = this.#options.monotonicMs()
    const { steps, settled, repeated } = this.#decide()
    if (steps.length === 0) return undefined
    const { log } = this.#folded
    const facts = log.drain()
    const head: LedgerHead = {
      v: 1,
      type: 'commit',
      atMs: this.center.nowMs,
      steps,
      repeated,
      factCount: log.count,
      factsHash: log.hash(),
    }
    const decidedMs = this.#options.monotonicMs()
    await this.#append(head, facts)
    this.#committedWallMs = this.#options.monotonicMs()
    this.counts.commits++
    this.counts.commands += settled.length
    this.counts.instants += steps.length
    this.counts.decideMs = decidedMs - begunMs
    this.counts.appendMs = this.#committedWallMs - decidedMs
    return settled
  }

  #isSavepointDue(): boolean {
    return (
      this.#saving === undefined &&
      (this.revision - this.#savedRevision >= (this.#options.savepointEntries ?? SAVEPOINT_ENTRIES) ||
        this.#unsavedBytes >= SAVEPOINT_BYTES) &&
      this.#options.monotonicMs() >= this.#nextSavepointMs
    )
  }

  async #storeSavepoint(): Promise<void> {
    const begunMs = this.#options.monotonicMs()
    const savepoint = saveMemory(this.#memory)
    const takenMs = this.#options.monotonicMs()
    this.#nextSavepointMs = takenMs + SAVEPOINT_TIME_SHARE * (takenMs - begunMs)
    // Before it is stored, so that one that cannot be is tried again after as many entries, not after each.
    this.#savedRevision = savepoint.revision
    this.#unsavedBytes = 0
    try {
      await this.#ports.savepoints.store(savepoint)
      this.#storedRevision = savepoint.revision
      this.counts.savepoints++
    } catch (error) {
      this.#options.troubled?.(error, 'the savepoint could not be stored; the next leader reads more of the ledger')
    }
  }

  // ---- deciding

  #decide(): Decision {
    const decision: Decision = { steps: [], settled: [], repeated: [], hasDeadly: false }
    const { center } = this
    this.#takeEarly()
    for (let instants = 1; instants <= INSTANTS_PER_COMMIT; instants++) {
      const nowMs = this.nowMs()
      const dueMs = Math.min(this.#agenda.isNextReported ? this.#agenda.nextMs : Infinity, center.nextDueMs())
      const atMs = Math.max(center.nowMs, Math.min(dueMs, nowMs))
      // Commands belong to the present. A center that cannot keep up with its clock takes them where it has got to.
      const isPresent = atMs === nowMs || instants === INSTANTS_PER_COMMIT
      const room = isPresent ? COMMANDS_PER_COMMIT - decision.settled.length : 0
      const commands = this.#inbox.splice(0, this.#takenTogether(room, decision))
      if (dueMs > nowMs && commands.length === 0) break
      this.#takeInstant(atMs, commands, decision)
    }
    const isTick = center.liveCount > 0 && this.#options.monotonicMs() - this.#committedWallMs >= TICK_MS
    if (decision.steps.length === 0 && isTick) this.#tick(decision)
    return decision
  }

  /**
   * How many commands of the inbox, up to `room`, go into the next instant. Those that may break the center come alone, so
   * that it is known which does; those that may end the whole process come in a commit of their own, so that it ends no
   * other's.
   */
  #takenTogether(room: number, decision: Decision): number {
    if (decision.hasDeadly) return 0
    for (let i = 0; i < Math.min(room, this.#inbox.length); i++) {
      const { id, deliveries } = this.#inbox[i]!.received
      const isDeadly = deliveries > DELIVERIES_SUSPECT
      if (!isDeadly && !this.#suspects.has(id)) continue
      if (i > 0 || !isDeadly) return Math.max(i, 1)
      if (decision.settled.length > 0) return 0
      decision.hasDeadly = true
      return 1
    }
    return Math.max(0, Math.min(room, this.#inbox.length))
  }

  /** Notes how late it is. No pass: that only time has passed decides nothing, in a simulation neither. */
  #tick(decision: Decision): void {
    const atMs = this.nowMs()
    this.center.advance(atMs)
    decision.steps.push({ atMs, commands: [], scheduled: false })
  }

  /** Everything of one instant, then one pass. */
  #takeInstant(atMs: number, present: readonly ArrivedCommand[], decision: Decision): void {
    const commands: { id: string; command: Command }[] = []
    for (let due = this.#agenda.takeReport(atMs); due !== undefined; due = this.#agenda.takeReport(atMs)) {
      this.#take(due, atMs, commands, decision)
    }
    for (const arrived of present) this.#take(arrived, atMs, commands, decision)
    const targeting = this.#targetingAt(atMs)
    try {
      if (targeting !== undefined) this.center.apply(targeting, atMs)
      this.center.schedule(atMs)
    } catch (cause) {
      throw this.#blame(
        commands.map(({ id }) => id),
        cause,
      )
    }
    if (this.#suspects.size > 0) for (const { received } of present) this.#suspects.delete(received.id)
    this.#learn()
    if (targeting !== undefined) commands.push({ id: `t${atMs}`, command: targeting })
    decision.steps.push({ atMs, commands, scheduled: true })
  }

  /** The first pass of a round has its targets worked out and told to the center, as in a simulation (decisions/010-targets-by-the-leader.md). */
  #targetingAt(atMs: number): Command | undefined {
    try {
      return this.#rounds?.commandAt(atMs, this.center)
    } catch (error) {
      this.#options.troubled?.(error, 'no targets could be worked out for this round; those of the last one stay')
      return undefined
    }
  }

  #take(arrived: ArrivedCommand, atMs: number, taken: { id: string; command: Command }[], decision: Decision): void {
    const { received } = arrived
    const { id } = received
    const sequence = sequenceOf(id)
    if (sequence !== undefined && this.#memory.consumed.has(sequence)) {
      decision.repeated.push(id)
      decision.settled.push(received)
      return
    }
    if (this.#isEarly(arrived)) return
    const { command } = this.#orRejected(arrived)
    if (sequence !== undefined) this.#memory.consumed.add(sequence)
    this.#apply(id, command, atMs)
    taken.push({ id, command })
    decision.settled.push(received)
  }

  #orRejected(arrived: ArrivedCommand): ArrivedCommand {
    const { received } = arrived
    if (received.deliveries <= DELIVERIES_MAX || this.#hasRejectedGuilty) return arrived
    this.#hasRejectedGuilty = true
    return rejected(received, `handed out ${received.deliveries} times without ending in a commit`)
  }

  #apply(id: string, command: Command, atMs: number): void {
    try {
      const outcome = this.center.apply(command, atMs)
      if (command.type === 'submit' && outcome.kind === 'done')
        rememberPlan(this.#memory.plans, command.job, command.label)
    } catch (cause) {
      throw this.#blame([id], cause)
    }
    this.#learn()
  }

  /**
   * What to do about a broken center: a single command is to be rejected; several are taken one at a time until it is known
   * which. Where no command is to blame, or none can be singled out, no new term would do better.
   */
  #blame(ids: readonly string[], cause: unknown): unknown {
    const { poisonous } = this.#options
    const suspects = this.#suspects
    if (ids.length === 0 || (ids.length > 1 && ids.every((id) => suspects.has(id)))) return cause
    const [id] = ids
    if (ids.length === 1) {
      poisonous.add(id!)
      suspects.clear()
    } else for (const one of ids) suspects.add(one)
    return new PoisonousCommand(ids, cause)
  }

  /** An act on a job whose submit is still on its way waits for it. */
  #isEarly(arrived: ArrivedCommand): boolean {
    const { command } = arrived
    const isAct = command.type === 'cancel' || command.type === 'hold' || command.type === 'release'
    if (!isAct || this.#memory.consumed.has(command.job) || this.#waitedEnough.delete(arrived)) return false
    this.#early.push({ arrived, job: command.job, untilMs: this.#options.monotonicMs() + OVERTAKING_MS_MAX })
    return true
  }

  #takeEarly(): void {
    if (this.#early.length === 0) return
    const wallMs = this.#options.monotonicMs()
    const submits = new Set(this.#inbox.map(({ received }) => sequenceOf(received.id)))
    const isReady = ({ job, untilMs }: EarlyAct): boolean => submits.has(job) || untilMs <= wallMs
    for (const { arrived, untilMs } of this.#early.filter(isReady)) {
      if (untilMs <= wallMs) this.#waitedEnough.add(arrived)
      this.#inbox.push(arrived)
    }
    this.#early = this.#early.filter((act) => !isReady(act))
  }

  /**
   * A finish that is reported ahead of its moment waits in the agenda. One that comes again must not come sooner for it.
   *
   * Its message is done with already. Kept in hand, reports of later moments could take up all places of the consumption,
   * and the one that time waits for would never be fetched. A report that is lost with its leader is made again: the
   * next leader finds the job running and its run unrecorded, and tells the executors of it anew.
   */
  #keepForItsMoment({ received, command }: ArrivedCommand): boolean {
    if (command.type !== 'finish') return false
    const kept: ArrivedCommand = { received: { ...received, settle: () => {} }, command }
    const outcome = this.#agenda.report(command.job, command.attempt, kept)
    if (outcome === 'unexpected') return false
    received.settle()
    return true
  }

  /** The latest moment center time may reach: just before the next finish, as long as nobody has reported it. */
  #heldBackMs(): number {
    return this.#agenda.isNextReported ? Infinity : this.#agenda.nextMs - 1
  }

  /** Brings the agenda up to what the center has just done. */
  #learn(): void {
    for (const job of this.#changes.stoppedNow.splice(0)) this.#agenda.forget(job)
    for (const { job, attempt, atMs, pool } of this.#changes.startedNow.splice(0)) {
      this.#expect(this.center.job(job)!, attempt, atMs, pool)
      this.#changes.toDispatch.push(job)
    }
    for (const job of this.#changes.endedNow.splice(0)) this.#memory.plans.delete(job)
  }

  /** A run that outlasts its time limit is ended by the limit: no finish is expected of it. */
  #expect({ job, request, timeLimitMs }: JobView, attempt: number, startedMs: number, pool: number): void {
    const plan = this.#memory.plans.get(job)
    if (plan === undefined) return
    const speedMille = speedMilleIn(request, pool)
    const takesMs = atSpeedMs(plan.runTimeMs, speedMille)
    if (takesMs <= atSpeedMs(timeLimitMs, speedMille)) this.#agenda.expect(job, attempt, startedMs + takesMs)
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
    const entry = { epoch: this.epoch, revision: this.revision + 1, nonce: this.#nonce(), body }
    for (;;) {
      try {
        const outcome = await this.#ports.ledger.append(entry)
        if (outcome.kind !== 'appended') throw new TermEnded(outcome.kind)
        this.#memory.revision = entry.revision
        this.#memory.sha = outcome.sha
        this.#unsavedBytes += body.length
        return
      } catch (error) {
        if (!(error instanceof StoreError) || this.#isOver) throw error
        await new Promise<void>((resolve) => this.#timers.after(APPEND_RETRY_MS, resolve))
      }
    }
  }

  // ---- telling

  /** Something of a commit could not be told, and is to be told again. */
  get #isUntold(): boolean {
    return this.#changes.toDispatch.length > 0 || this.#changes.toForget.length > 0
  }

  async #tell(): Promise<void> {
    const started = this.#changes.toDispatch.splice(0)
    const stopped = this.#changes.toForget.splice(0)
    const [dispatched, forgotten] = await Promise.allSettled([
      this.#dispatch(started),
      stopped.length === 0 ? undefined : this.#ports.registry.remove(stopped),
    ])
    // The commit stands. To tell it again is harmless, and what is over by then is not told.
    if (dispatched.status === 'rejected') this.#changes.toDispatch.push(...started)
    if (forgotten.status === 'rejected') this.#changes.toForget.push(...stopped)
    for (const telling of [dispatched, forgotten]) {
      if (telling.status === 'rejected')
        this.#options.troubled?.(telling.reason, 'executors could not be told of a commit; they will be')
    }
  }

  /** Sends the runs of these jobs to the executors of `kinds`. */
  async #dispatch(jobs: readonly number[], kinds: readonly RunKind[] = RUN_KINDS): Promise<void> {
    const byKind = new Map<RunKind, Run[]>()
    for (const job of jobs) {
      const view = this.center.job(job)
      const plan = this.#memory.plans.get(job)
      if (view?.startedMs == null || view.pool === null || view.speedMille === null || plan === undefined) continue
      const poolKind = this.center.config.pools[view.pool]!.kind
      const kind: RunKind = poolKind === 'cpu' ? 'gpu' : poolKind
      if (!kinds.includes(kind)) continue
      const takesMs = atSpeedMs(plan.runTimeMs, view.speedMille)
      const mayTakeMs = atSpeedMs(view.timeLimitMs, view.speedMille)
      const run: Run = {
        job,
        attempt: view.attempt,
        dueMs: view.startedMs + Math.min(takesMs, mayTakeMs),
        detail: { exitCode: plan.exitCode, outlasts: takesMs > mayTakeMs },
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
  readonly arrived: ArrivedCommand
  readonly job: number
  readonly untilMs: number
}

interface Decision {
  readonly steps: LedgerStep[]
  /** To be settled once the commit is in the ledger. */
  readonly settled: ReceivedCommand[]
  readonly repeated: string[]
  /** A command is in it that wants no other beside it. */
  hasDeadly: boolean
}

/** What the center does while it decides, as the leader must act on it. */
class Changes implements CenterListener {
  readonly startedNow: {
    readonly job: number
    readonly attempt: number
    readonly atMs: number
    readonly pool: number
  }[] = []
  readonly stoppedNow: number[] = []
  readonly endedNow: number[] = []
  /** Jobs whose runs the executors are to be told of after the commit, and attempts they are to forget. */
  readonly toDispatch: number[] = []
  readonly toForget: RunKey[] = []

  started(job: number, attempt: number, atMs: number, pool: number): void {
    this.startedNow.push({ job, attempt, atMs, pool })
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
