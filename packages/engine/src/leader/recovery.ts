// What a leader knows besides the center, and how it comes to know it again: the newest savepoint, then the rest of the
// ledger folded on top. Recovery decides nothing, so it needs no clock and gives the same memory however often it is run.

import { consumedIds, readLabel } from '@dure/contract'
import { Center, type CenterListener, type Fact, FactLog } from '@dure/core'
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
  /** Intake numbers whose commands the ledger has. */
  readonly consumed: SequenceSet
  /** How the runs of live jobs go. */
  readonly plans: Map<number, RunPlan>
}

const ENTRIES_PER_READ = 256

export async function recover(ledger: Ledger, savepoints: Savepoints, listener: CenterListener): Promise<LeaderMemory> {
  const savepoint = await savepoints.newest()
  const memory = savepoint === undefined ? emptyMemory() : await fromSavepoint(savepoint, ledger, listener)
  for (;;) {
    const entries = await ledger.read(memory.revision + 1, ENTRIES_PER_READ)
    if (entries.length === 0) return memory
    for (const entry of entries) foldInto(memory, entry, listener)
  }
}

function emptyMemory(): LeaderMemory {
  return { revision: 0, sha: '', folded: undefined, consumed: new SequenceSet(), plans: new Map() }
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

// A savepoint's bytes: length of the JSON (uint32, little-endian), the JSON padded to a word, then the center.

interface SavedHead {
  readonly v: 1
  readonly consumed: [first: number, last: number][]
  readonly plans: [job: number, runTimeMs: number, exitCode: number][]
}

/** All that `recover` needs to go on after this revision without the entries before it. */
export function saveMemory({ revision, sha, folded, consumed, plans }: LeaderMemory): Savepoint {
  if (folded === undefined) throw new Error('there is no center to save yet')
  const head: SavedHead = {
    v: 1,
    consumed: consumed.runs(),
    plans: [...plans].map(([job, { runTimeMs, exitCode }]) => [job, runTimeMs, exitCode]),
  }
  const json = Buffer.from(JSON.stringify(head))
  const padded = (json.length + 3) & ~3
  const bytes = Buffer.alloc(4 + padded, ' ')
  bytes.writeUInt32LE(padded)
  json.copy(bytes, 4)
  return { revision, sha, bytes: Buffer.concat([bytes, folded.center.save()]) }
}

async function fromSavepoint(
  { revision, sha, bytes }: Savepoint,
  ledger: Ledger,
  listener: CenterListener,
): Promise<LeaderMemory> {
  const [entry] = await ledger.read(revision, 1)
  if (entry?.sha !== sha) throw new LedgerBroken(revision, 'the savepoint taken after it belongs to another ledger')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const start = 4 + view.getUint32(0, true)
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, start))) as SavedHead
  if (head.v !== 1) throw new LedgerBroken(revision, `its savepoint has version ${head.v}, which is not known here`)
  const log = new FactLog({ keep: true })
  return {
    revision,
    sha,
    folded: { center: Center.restore(bytes.slice(start), log, listener), log },
    consumed: new SequenceSet(head.consumed),
    plans: new Map(head.plans.map(([job, runTimeMs, exitCode]) => [job, { runTimeMs, exitCode }])),
  }
}
