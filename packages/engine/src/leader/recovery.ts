// What a leader knows besides the center, and how it comes to know it again: the newest savepoint, then the rest of the
// ledger folded on top. Recovery decides nothing, so it needs no clock and gives the same memory however often it is run.

import { consumedIds, readLabel } from '@dure/contract'
import { Center, type CenterListener, type Fact, FactLog } from '@dure/core'
import { machineTimers, type Timers } from '../pause.ts'
import { type Ledger, LedgerBroken, type LedgerEntry, type Savepoint, type Savepoints } from '../ports.ts'
import type { RunPlan } from './agenda.ts'
import { type Folded, foldEntry } from './fold.ts'
import { SequenceSet } from './sequence-set.ts'

/** A leader's memory after `revision`. */
export interface LeaderMemory {
  revision: number
  sha: string
  /** Undefined until the first entry has configured one. */
  folded: Folded | undefined
  /** Revision of the savepoint it began at; 0: none. */
  readonly savedRevision: number
  /** Intake numbers whose commands the ledger has. */
  readonly consumed: SequenceSet
  /** How the runs of live jobs go. */
  readonly plans: Map<number, RunPlan>
}

const ENTRIES_PER_READ = 64
/** Folding gives the process back to its other work this often: a lease is to be kept meanwhile. */
const FOLD_MS_MAX = 100

export interface RecoveryOptions {
  /** Hears of a savepoint that is of no use; the ledger is then read from its beginning. */
  readonly troubled?: (error: unknown, what: string) => void
  readonly monotonicMs?: () => number
  readonly timers?: Timers
}

/**
 * Throws `LedgerBroken`, also for a ledger that ends before its newest savepoint; `LedgerTrimmed` where its beginning is gone and there is
 * no savepoint; `StoreError`.
 */
export async function recover(
  ledger: Pick<Ledger, 'read'>,
  savepoints: Savepoints,
  listener: CenterListener,
  { troubled, monotonicMs = () => performance.now(), timers = machineTimers }: RecoveryOptions = {},
): Promise<LeaderMemory> {
  const savepoint = await newestSavepoint(savepoints, troubled)
  const memory = (await fromSavepointIfSound(savepoint, ledger, listener, troubled)) ?? emptyMemory()
  let turnedMs = monotonicMs()
  for (;;) {
    const entries = await ledger.read(memory.revision + 1, ENTRIES_PER_READ)
    if (entries.length === 0) {
      // A savepoint is stored after the entry that it follows: where that entry is gone, others went with it.
      if (savepoint === undefined || savepoint.revision <= memory.revision) return memory
      throw new LedgerBroken(
        memory.revision + 1,
        `it is missing, and so is all up to ${savepoint.revision}, which was saved`,
      )
    }
    for (const entry of entries) {
      foldInto(memory, entry, listener)
      if (monotonicMs() - turnedMs <= FOLD_MS_MAX) continue
      await new Promise<void>((resolve) => timers.after(0, resolve))
      turnedMs = monotonicMs()
    }
  }
}

type Troubled = ((error: unknown, what: string) => void) | undefined

const newestSavepoint = (savepoints: Savepoints, troubled: Troubled): Promise<Savepoint | undefined> =>
  unlessBroken(() => savepoints.newest(), troubled)

const fromSavepointIfSound = (
  savepoint: Savepoint | undefined,
  ledger: Pick<Ledger, 'read'>,
  listener: CenterListener,
  troubled: Troubled,
): Promise<LeaderMemory | undefined> =>
  unlessBroken(async () => savepoint && fromSavepoint(savepoint, ledger, listener), troubled)

/** A savepoint only saves time: one that is damaged, or of another history, must not keep a whole ledger from being read. */
async function unlessBroken<T>(act: () => Promise<T | undefined>, troubled: Troubled): Promise<T | undefined> {
  try {
    return await act()
  } catch (error) {
    if (!(error instanceof LedgerBroken)) throw error
    troubled?.(error, 'the newest savepoint is of no use; reading the whole ledger instead')
    return undefined
  }
}

function emptyMemory(): LeaderMemory {
  return { revision: 0, sha: '', folded: undefined, savedRevision: 0, consumed: new SequenceSet(), plans: new Map() }
}

function foldInto(memory: LeaderMemory, entry: LedgerEntry, listener: CenterListener): void {
  const { head, folded } = foldEntry(memory.folded, entry, { keep: true, listener }, (fact) =>
    remember(memory.plans, fact),
  )
  memory.folded = folded
  memory.revision = entry.revision
  memory.sha = entry.sha
  for (const id of consumedIds(head)) {
    const sequence = sequenceOf(id)
    if (sequence !== undefined) memory.consumed.add(sequence)
  }
}

/** The intake number in a command's id (`c812`), undefined for commands that did not come through the API. */
export function sequenceOf(id: string): number | undefined {
  return /^c\d+$/.test(id) ? Number(id.slice(1)) : undefined
}

function remember(plans: Map<number, RunPlan>, fact: Fact): void {
  if (fact.type === 'submitted') rememberPlan(plans, fact.job, fact.label)
  else if (fact.type === 'ended') plans.delete(fact.job)
}

export function rememberPlan(plans: Map<number, RunPlan>, job: number, label: string): void {
  const read = readLabel(label)
  if (read !== null) plans.set(job, { runTimeMs: read.run_time_ms, exitCode: read.exit_code })
}

// A savepoint's bytes: length of the JSON (uint32, little-endian), the JSON, a row of three doubles (little-endian) for
// each plan: job, run time in ms, exit code; then the center. There may be a million plans, and the leader stands still
// while it writes them.

interface SavedHead {
  readonly v: 2
  readonly consumed: [first: number, last: number][]
  readonly plans: number
}

const PLAN_BYTES = 24

/** All that `recover` needs to go on after this revision without the entries before it. */
export function saveMemory({ revision, sha, folded, consumed, plans }: LeaderMemory): Savepoint {
  if (folded === undefined) throw new Error('there is no center to save yet')
  const head: SavedHead = { v: 2, consumed: consumed.runs(), plans: plans.size }
  const json = Buffer.from(JSON.stringify(head))
  const center = folded.center.save()
  const bytes = new Uint8Array(4 + json.length + PLAN_BYTES * plans.size + center.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, json.length, true)
  bytes.set(json, 4)
  let at = 4 + json.length
  for (const [job, { runTimeMs, exitCode }] of plans) {
    view.setFloat64(at, job, true)
    view.setFloat64(at + 8, runTimeMs, true)
    view.setFloat64(at + 16, exitCode, true)
    at += PLAN_BYTES
  }
  bytes.set(center, at)
  return { revision, sha, bytes }
}

async function fromSavepoint(
  { revision, sha, bytes }: Savepoint,
  ledger: Pick<Ledger, 'read'>,
  listener: CenterListener,
): Promise<LeaderMemory> {
  const [entry] = await ledger.read(revision, 1)
  if (entry?.sha !== sha) throw new LedgerBroken(revision, 'the savepoint taken after it belongs to another ledger')
  const { head, plansAt, centerAt } = readHead(revision, bytes)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const plans = new Map<number, RunPlan>()
  for (let at = plansAt; at < centerAt; at += PLAN_BYTES) {
    const runTimeMs = view.getFloat64(at + 8, true)
    plans.set(view.getFloat64(at, true), { runTimeMs, exitCode: view.getFloat64(at + 16, true) })
  }
  const log = new FactLog({ keep: true })
  return {
    revision,
    sha,
    savedRevision: revision,
    folded: { center: Center.restore(bytes.slice(centerAt), log, listener), log },
    consumed: new SequenceSet(head.consumed),
    plans,
  }
}

/** The center in a savepoint, as `Center.save` gave it. Throws `LedgerBroken`. */
export function centerIn({ revision, bytes }: Savepoint): Uint8Array {
  return bytes.slice(readHead(revision, bytes).centerAt)
}

function readHead(revision: number, bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const plansAt = 4 + view.getUint32(0, true)
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, plansAt))) as SavedHead
  if (head.v !== 2) throw new LedgerBroken(revision, `its savepoint has version ${head.v}, which is not known here`)
  return { head, plansAt, centerAt: plansAt + PLAN_BYTES * head.plans }
}
