// What the live center needs of the world, as the cycle that uses it would like it: eleven small ports. Each has two
// adapters, in memory and on Redis (segments: in files), held together by one contract suite in `testing/`.
//
// Conventions that hold for all of them:
// - Payloads are opaque here: bytes in the ledger, JSON values elsewhere. Whoever reads them parses them.
// - What a caller must expect is a value (`fenced`, `conflict`, `mismatch`). Weather is a `StoreError`, whose `outcome`
//   says whether the change may have happened.
// - Wall time never decides anything that matters. Where durations are compared across machines, the store's own clock
//   is the only one used.

/** Network and disk trouble, told apart by the one thing the caller must know: may the change have happened? */
export class StoreError extends Error {
  /** `none`: nothing was changed, try again. `unknown`: it may or may not have been; read back before acting on it. */
  readonly outcome: 'none' | 'unknown'

  constructor(outcome: 'none' | 'unknown', doing: string, cause: unknown) {
    const what = cause instanceof Error ? cause.message : String(cause)
    super(`could not ${doing}: ${what}${outcome === 'unknown' ? ' (it may have happened all the same)' : ''}`, {
      cause,
    })
    this.name = 'StoreError'
    this.outcome = outcome
  }
}

const RESTORE_LEDGER = 'Restore the ledger from a savepoint or a backup before going on.'

/** The ledger does not say what was written: a checksum, a link of the chain or the order of revisions is wrong. */
export class LedgerBroken extends Error {
  readonly revision: number

  /** `remedy`: what whoever runs the center can do, a sentence. */
  constructor(revision: number, what: string, remedy = RESTORE_LEDGER) {
    super(`ledger entry ${revision} is broken: ${what}. ${remedy}`)
    this.name = 'LedgerBroken'
    this.revision = revision
  }
}

/** The reader asked for entries that were moved to segments. It reads those, or starts over from a savepoint at `firstRevision` or later. */
export class LedgerTrimmed extends Error {
  readonly firstRevision: number

  constructor(revision: number, firstRevision: number) {
    super(`ledger entry ${revision} was trimmed; the ledger now starts at ${firstRevision}`)
    this.name = 'LedgerTrimmed'
    this.firstRevision = firstRevision
  }
}

/** Another leader has taken over; whoever is told so drops its memory and stands by. */
export class Relieved extends Error {
  constructor(epoch: number) {
    super(`epoch ${epoch} has passed: another leader has taken over`)
    this.name = 'Relieved'
  }
}

// ── Ledger ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** One commit. Revisions count from 1 without gaps. */
export interface LedgerEntry {
  readonly revision: number
  readonly epoch: number
  /** Chosen by the writer, unique to this attempt to write: how it knows its own entry after an unknown outcome. */
  readonly nonce: string
  readonly body: Uint8Array
  /** SHA-256 (64 hex digits) over the previous entry's `sha`, this entry's header and body. Entry 1 follows 64 zeros. */
  readonly sha: string
  readonly previousSha: string
}

export interface Append {
  readonly epoch: number
  /** The revision this entry must get: the caller's last known one plus 1. */
  readonly revision: number
  readonly nonce: string
  readonly body: Uint8Array
}

/**
 * `fenced`: a newer epoch exists, the caller is leader no more. `conflict`: the ledger ends elsewhere than the caller
 * believes. After either the caller drops its memory; it must not retry.
 */
export type AppendOutcome =
  | { readonly kind: 'appended'; readonly sha: string }
  | { readonly kind: 'fenced'; readonly epoch: number }
  | { readonly kind: 'conflict'; readonly revision: number }

export interface Ledger {
  /**
   * Writes one entry if `epoch` is still the newest and the ledger ends at `revision - 1`; both are checked where the
   * entry is written, in one step. Sending the very same append again is answered `appended`.
   * Throws `StoreError`; with `outcome: 'unknown'` read `revision` back and compare nonces.
   */
  append(entry: Append): Promise<AppendOutcome>

  /**
   * Up to `count` entries from `fromRevision` on, in order; fewer, or none, at the end of the ledger. Checksums and chain
   * are verified. Throws `LedgerTrimmed`, `LedgerBroken`, `StoreError`.
   */
  read(fromRevision: number, count: number): Promise<readonly LedgerEntry[]>

  /** The newest entry, or undefined for an empty ledger. */
  tail(): Promise<LedgerEntry | undefined>

  /**
   * Every entry from `fromRevision` on, as it appears, in batches of one or more; ends when `signal` aborts. A lost
   * connection is waited out without a gap or a repeat. Throws `LedgerTrimmed` and `LedgerBroken`; the latter also when
   * the store came back with another history than the one already read.
   */
  follow(fromRevision: number, signal: AbortSignal): AsyncIterable<readonly LedgerEntry[]>

  /** Undefined for an empty ledger. */
  extent(): Promise<LedgerExtent | undefined>

  /**
   * Drops all entries before `beforeRevision`, which the caller has stored elsewhere; says whether they are gone. None is dropped where that
   * would take the entry after which the newest savepoint was taken, or one after it, whatever the caller believes that to be.
   */
  trim(beforeRevision: number): Promise<boolean>
}

/** What of the ledger has not been trimmed. */
export interface LedgerExtent {
  readonly firstRevision: number
  readonly lastRevision: number
  /** What its entries take up in the store, roughly. */
  readonly bytes: number
}

// ── Segments ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The place of an entry in the chain. */
export interface ChainLink {
  readonly revision: number
  readonly sha: string
}

/** Consecutive entries that are kept together outside the ledger's stream. */
export interface Segment {
  readonly firstRevision: number
  readonly lastRevision: number
  /** The first 16 digits of the `sha` of the entry before the first one, and of that of the last. */
  readonly before: string
  readonly after: string
}

/**
 * Where entries are kept for good. Segments are known by their place in the chain: those of a history that the store forgot, or of another
 * center, lie beside the others and lead nowhere, so that nobody need ever take one away.
 */
export interface Segments {
  /**
   * Keeps entries as one segment; not empty. Resolves once they survive a power cut. Storing them again, here or in another process, is
   * harmless. Throws `StoreError`.
   */
  store(entries: readonly LedgerEntry[]): Promise<void>

  /**
   * The segments that have the whole history up to and with `end`, in order; none for revision 0.
   * Throws `LedgerBroken` where one of them is missing, `StoreError`.
   */
  leadingTo(end: ChainLink): Promise<readonly Segment[]>

  /** All entries of a segment, verified. Throws `LedgerBroken` where it is missing or damaged, `StoreError`. */
  read(segment: Segment): Promise<readonly LedgerEntry[]>
}

// ── Lease ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Who is leader. Taking the lease raises the epoch in the same step, so that whatever an earlier leader still has in
 * flight is refused from that moment on. The new leader's first act is a ledger entry of its own.
 */
export interface Lease {
  /** A lease that is held for longer than `ttlMs` from now is cut down to that: the store's clock was set back under it. */
  acquire(owner: string, ttlMs: number): Promise<AcquireOutcome>

  /** Tries until the lease is taken or `signal` aborts (null). After a leader's death: at most its TTL and a moment more. */
  campaign(owner: string, ttlMs: number, signal: AbortSignal): Promise<{ readonly epoch: number } | null>

  /** Extends a lease that is still held under `epoch`; false: it is lost, for good. */
  renew(epoch: number, ttlMs: number): Promise<boolean>

  /** Gives the lease up, if it is still held under `epoch`. */
  release(epoch: number): Promise<void>
}

export type AcquireOutcome =
  | { readonly kind: 'acquired'; readonly epoch: number }
  | { readonly kind: 'held'; readonly owner: string; readonly epoch: number; readonly remainingMs: number }

// ── Commands ────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface CommandEnvelope {
  /** A letter, then letters, digits, `_`, `.` or `-`. The same id always means the same command. */
  readonly id: string
  /** Intake sequence of commands that came through the API; absent on reports of executors. */
  readonly seq?: number
  readonly command: unknown
}

/**
 * A command on its way into a commit. Delivery is at least once: the consumer answers for ignoring an id that is already
 * in the ledger, and the same id may come twice in one batch.
 */
export interface ReceivedCommand extends CommandEnvelope {
  /** How often its message has been handed out so far, over all leaders; 1 the first time. High: it may be what kills them. */
  readonly deliveries: number

  /** Says that the command need not come again: it is in the ledger, or would be made anew. Its message leaves the queue once all commands in it are settled. */
  settle(): void
}

export interface CommandConsumption {
  /** The consumer's lease. Commands in the hands of an earlier epoch are taken from it first. */
  readonly epoch: number
  /** Messages out at one time, settled or not; a command kept waiting occupies its message's place. */
  readonly concurrency: number

  /**
   * Gets what has gathered while the previous call ran: commands without `seq` first (what ends makes room), in order of
   * arrival, then the others by `seq`. Called again when the promise resolves; commands that are not settled by then stay
   * with the caller, who settles them later. When it rejects, the consumption ends with that error.
   */
  readonly handler: (batch: readonly ReceivedCommand[]) => Promise<void>
}

export interface Consumption {
  /** Stops fetching, hands everything unsettled back to the front of the queue in its order, and closes. Idempotent. */
  stop(): Promise<void>
  /**
   * Resolves after `stop`. Rejects, everything handed back, with the error of the handler of commands, or with `Relieved`
   * soon after a newer epoch has begun.
   */
  readonly done: Promise<void>
  readonly counts: ConsumptionCounts
}

/** Live counters, for metrics. */
export interface ConsumptionCounts {
  messages: number
  batches: number
  /** Messages taken over from another consumer's hands. */
  takenOver: number
  /** Messages that came again while they were still out, and were recognised. */
  repeated: number
  /** Times a consumer that had silently stopped fetching was replaced. */
  recreated: number
}

export interface Backlog {
  /** Messages waiting, and messages out. A message may carry many commands. */
  readonly waiting: number
  readonly active: number
}

export interface Commands {
  /** Resolves when the command is durably queued. Commands sent while an earlier send is under way share a message. */
  send(command: CommandEnvelope): Promise<void>

  /** One message for all of them; not empty. */
  sendMany(commands: readonly CommandEnvelope[]): Promise<void>

  /** Undefined: fenced, a newer epoch exists. At most one consumption at a time for a `Commands` object. */
  consume(consumption: CommandConsumption): Promise<Consumption | undefined>

  backlog(): Promise<Backlog>
}

// ── Runs ────────────────────────────────────────────────────────────────────────────────────────────────────────────

export type RunKind = 'gpu' | 'npu' | 'pim'

/** One attempt of a job, as a node agent needs it. */
export interface Run {
  readonly job: number
  readonly attempt: number
  /** Center time at which it ends. */
  readonly dueMs: number
  /** What the finish will say, and whatever else the agents want to know. */
  readonly detail: unknown
}

export interface RunKey {
  readonly job: number
  readonly attempt: number
}

/** Starts on their way to executors, a queue for each kind of accelerator. */
export interface Runs {
  /** Resolves when all are durably queued, many to a message. Dispatching a run again is harmless. */
  dispatch(kind: RunKind, runs: readonly Run[]): Promise<void>

  /**
   * Hands runs out in batches as they gather. Their messages are done when `handler` resolves, which is after the runs
   * are recorded; when it rejects they go back and are handed out again after a pause, here or elsewhere.
   */
  consume(kind: RunKind, concurrency: number, handler: (runs: readonly Run[]) => Promise<void>): Promise<Consumption>

  backlog(kind: RunKind): Promise<Backlog>
}

// ── Run registry ────────────────────────────────────────────────────────────────────────────────────────────────────

export interface RecordedRun extends RunKey {
  readonly owner: string
  readonly dueMs: number
}

/**
 * Which runs are under way, at which executor, until when: what survives an executor. Every operation may be repeated.
 * A run that was removed and is recorded again by a late message ends again at once; the finish of an old attempt is
 * ignored by the leader.
 */
export interface RunRegistry {
  /** Records runs as `owner`'s, once per (job, attempt): what is already recorded keeps its owner. Counts as a heartbeat. Returns how many were new. */
  record(owner: string, runs: readonly Run[]): Promise<number>

  /**
   * `owner`'s runs that are due up to `untilMs` of center time, earliest first, at most `limit`; they stay recorded until
   * `remove`. `nextDueMs` is the earliest due time among the others, Infinity if none.
   */
  due(
    owner: string,
    untilMs: number,
    limit: number,
  ): Promise<{ readonly runs: readonly Run[]; readonly nextDueMs: number }>

  /**
   * Forgets runs: their finish has been durably sent, or they were stopped. With an `epoch`, which a leader gives that
   * concludes from its own memory that they are over: only if it is still the newest.
   */
  remove(runs: readonly RunKey[], epoch?: number): Promise<void>

  heartbeat(owner: string): Promise<void>

  /** `owner` stops, and records nothing more: its runs are adopted as soon as another looks, without waiting for its silence. */
  retire(owner: string): Promise<void>

  /**
   * Makes `owner` the owner of all runs of executors that have been silent for `silentMs`. Returns how many. Where the store's clock
   * was set back, silence counts from the first time that anybody looks.
   */
  adopt(owner: string, silentMs: number): Promise<number>

  /** Everything recorded, for the leader to compare with what it believes to be running. */
  all(): Promise<readonly RecordedRun[]>
}

// ── Intake ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Reservation {
  /** Absent for a request without an Idempotency-Key. */
  readonly idempotency?: {
    /** Whose key it is and for what: keys of two principals or two routes never meet. */
    readonly scope: string
    readonly key: string
    /** Over all that makes the request what it is. */
    readonly bodyHash: string
  }
  /** For a submit: what a reader may be told of the job until the ledger has it. */
  readonly accepted?: unknown
}

/**
 * `reserved`: a new sequence number. The others answer a key seen in the last 24 hours: `replay` gives back the stored
 * response; `pending` means the first request has not stored one (yet: it is under way, or its process died; sending the
 * same command under the same `seq` again is safe either way); `mismatch` means the key came with another body.
 */
export type ReserveOutcome =
  | { readonly kind: 'reserved'; readonly seq: number }
  | { readonly kind: 'replay'; readonly seq: number; readonly response: unknown }
  | { readonly kind: 'pending'; readonly seq: number; readonly ageMs: number }
  | { readonly kind: 'mismatch' }

/** The API's durable numbering of what it accepts. A submit's sequence number is its job id. */
export interface Intake {
  /** Requests that come together are numbered in their order. */
  reserve(reservation: Reservation): Promise<ReserveOutcome>

  /** Stores the response that later requests with the key will get. */
  settle(scope: string, key: string, response: unknown): Promise<void>

  /** What `reserve` was given as `accepted` for this job; undefined: unknown, or long since in the ledger. */
  accepted(job: number): Promise<unknown>

  /** The fold has these jobs; their records go, after a minute in which slower readers may still need them. */
  folded(jobs: readonly number[]): Promise<void>

  /** The newest sequence number given out; 0: none. */
  last(): Promise<number>

  /** From now on numbers are given out after `seq`: the ledger has it, and a number given out twice would lose a job. */
  continueAfter(seq: number): Promise<void>
}

// ── Center clock ────────────────────────────────────────────────────────────────────────────────────────────────────

export interface ClockReading {
  readonly epoch: number
  /** Center time when it was published. */
  readonly atMs: number
  /** Center milliseconds per wall millisecond. */
  readonly speed: number
  /** How long ago it was published, by the store's clock. */
  readonly ageMs: number
}

/** Center time as the leader last told it. Readers go on from there by their own monotonic clock: see `centerTimeMs`. */
export interface CenterClock {
  /** False: fenced, a newer epoch exists, and nothing was published. */
  publish(reading: { readonly epoch: number; readonly atMs: number; readonly speed: number }): Promise<boolean>

  /** Undefined: no leader has ever published. */
  read(): Promise<ClockReading | undefined>
}

/**
 * Center time `sinceReadMs` of monotonic time after `reading` was taken. A leader publishes several times a second; one
 * silent for longer than `silentMsMax` is gone, and center time stands still without a leader.
 */
export function centerTimeMs(reading: ClockReading, sinceReadMs: number, silentMsMax: number): number {
  const silentMs = Math.min(Math.max(reading.ageMs + sinceReadMs, 0), silentMsMax)
  return Math.floor(reading.atMs + silentMs * reading.speed)
}

// ── Savepoints ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** A leader's whole memory after `revision`. */
export interface Savepoint {
  readonly revision: number
  /** `sha` of the ledger entry it was taken after: a savepoint of another history is refused. */
  readonly sha: string
  readonly bytes: Uint8Array
}

export interface Savepoints {
  /** Keeps the savepoint unless a newer one is there. Throws `StoreError`. */
  store(savepoint: Savepoint): Promise<void>

  /** The newest, its checksum verified; undefined where there is none. Throws `LedgerBroken`, `StoreError`. */
  newest(): Promise<Savepoint | undefined>
}

// ── Studies ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** `failed` and `cancelled` studies keep their rows, and go on from there when they are asked for again. */
export type StudyState = 'running' | 'completed' | 'failed' | 'cancelled'

export interface StudyQuestion {
  /** A letter, then letters and digits: the same for the same question. */
  readonly id: string
  /** All that decides its rows. */
  readonly study: unknown
  readonly askedBy: string
  /** Wall time. */
  readonly askedAtMs: number
}

export interface StudyRecord extends StudyQuestion {
  readonly state: StudyState
  /** Why it failed. */
  readonly sentence: string | null
  readonly rows: number
}

/** One simulation of a study; what it is, only who runs it knows. */
export interface StudyPiece {
  /** A letter, then letters and digits; equal for pieces with equal results. */
  readonly id: string
}

/** A piece on its way to its row. Delivery is at least once: whoever gets it looks first whether its row is there. */
export interface ReceivedPiece {
  readonly study: string
  readonly piece: StudyPiece
  /** How often it has been handed out so far, by anybody; 1 the first time. High: it may be what kills its workers. */
  readonly deliveries: number
  /** Says that it need not come again. */
  settle(): void
}

/** Studies that planners have asked for, and the rows that workers have made of them. Every operation may be repeated. */
export interface Studies {
  /** `begun`: it is new. `resumed`: it had failed or was cancelled, and runs again. `known`: it runs, or is complete. */
  begin(question: StudyQuestion): Promise<'begun' | 'resumed' | 'known'>

  find(id: string): Promise<StudyRecord | undefined>

  /** Those there are, newest first. Ended ones are forgotten after a month. */
  list(): Promise<readonly Omit<StudyRecord, 'study'>[]>

  /** Keeps a row, once a piece, and tells how many there are; undefined: the study does not run, and nothing was kept. */
  addRow(study: string, piece: string, row: unknown): Promise<number | undefined>

  hasRow(study: string, piece: string): Promise<boolean>

  /** In no particular order. */
  rows(study: string): Promise<readonly unknown[]>

  /** Ends a study that runs; false: it does not. */
  end(study: string, state: Exclude<StudyState, 'running'>, sentence?: string): Promise<boolean>

  /** Resolves when all are durably queued. What is in the queue or in somebody's hands already is not queued again. */
  dispatch(study: string, pieces: readonly StudyPiece[]): Promise<void>

  /** Hands out up to `concurrency` pieces at a time, settled or not. */
  consume(concurrency: number, handler: (piece: ReceivedPiece) => void): Promise<Consumption>

  backlog(): Promise<Backlog>
}

// ── All of them ─────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Ports {
  readonly ledger: Ledger
  readonly lease: Lease
  readonly commands: Commands
  readonly runs: Runs
  readonly registry: RunRegistry
  readonly intake: Intake
  readonly clock: CenterClock
  readonly savepoints: Savepoints
  readonly studies: Studies
  /** Closes every connection these ports hold. Consumptions and followers are stopped first, by whoever started them. */
  close(): Promise<void>
}
