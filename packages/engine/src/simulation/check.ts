// After a run: what people were told, held against what the ledger says.

import { commandIdOf, decodeLedgerEntry } from '@dure/contract'
import { decodeFacts } from '@dure/core'
import { audit } from '../leader/audit.ts'
import { type Folded, foldEntry } from '../leader/fold.ts'
import type { Term } from '../leader/term.ts'
import { GENESIS_SHA, verifyChain } from '../ledger-chain.ts'
import { memoryLedger } from '../memory/ledger.ts'
import { memorySegments } from '../memory/segments.ts'
import type { CommandEnvelope, LedgerEntry } from '../ports.ts'
import { type WholeLedger, wholeLedger } from '../whole-ledger.ts'
import type { Invariant, Operation, Violation } from './history.ts'
import { numbered } from './people.ts'
import type { RedisModel } from './redis-model.ts'
import { ToldFacts } from './told-facts.ts'

export interface Checked {
  readonly history: readonly Operation[]
  readonly redis: RedisModel
  /** A leader that decides nothing at the moment. */
  readonly term: Term | undefined
}

export async function check({ history, redis, term }: Checked): Promise<Violation[]> {
  const { entries } = redis.watcher
  const violations: Violation[] = [...redis.watcher.violations]
  const violated = (invariant: Invariant, what: string): void => {
    violations.push({ invariant, what })
  }
  checkChain(entries, redis, violated)
  await checkKept(entries, redis, violated)
  checkHistory(history, entries, redis, violated)
  try {
    const told = follow(entries)
    await checkDecisions(entries, redis, term, told, violated)
    violations.push(...(told?.violations ?? []))
  } catch (error) {
    violated('decided', String(error))
  }
  return violations
}

type Violated = (invariant: Invariant, what: string) => void

function checkChain(entries: readonly LedgerEntry[], redis: RedisModel, violated: Violated): void {
  try {
    verifyChain(entries, { revision: 0, sha: GENESIS_SHA })
  } catch (error) {
    violated('chain', String(error))
  }
  let epoch = 0
  for (const entry of entries) {
    const { head } = decodeLedgerEntry(entry.body)
    const isFirst = entry.epoch > epoch
    if (entry.epoch < epoch) violated('fenced', `revision ${entry.revision} is of epoch ${entry.epoch} after ${epoch}`)
    // An epoch that was lost with the power is given out again.
    else if (isFirst !== (head.type === 'lease') && redis.powerCuts.length === 0) {
      violated('fenced', `revision ${entry.revision} is a ${head.type} of epoch ${entry.epoch} after ${epoch}`)
    }
    epoch = entry.epoch
  }
}

async function checkKept(written: readonly LedgerEntry[], redis: RedisModel, violated: Violated): Promise<void> {
  try {
    const whole = wholeLedgerOf(redis)
    let revision = 0
    for (;;) {
      const entries = await whole.read(revision + 1, ENTRIES_PER_READ)
      const wrong = entries.find((entry) => entry.sha !== written[entry.revision - 1]?.sha)
      if (wrong !== undefined) return violated('kept', `revision ${wrong.revision} is another one than was written`)
      if (entries.length === 0) break
      revision = entries.at(-1)!.revision
    }
    if (revision < written.length) violated('kept', `it ends at ${revision}; ${written.length} were written`)
  } catch (error) {
    violated('kept', String(error))
  }
}

const ENTRIES_PER_READ = 256

const wholeLedgerOf = ({ store }: RedisModel): WholeLedger => wholeLedger(memoryLedger(store), memorySegments(store))

function checkHistory(
  history: readonly Operation[],
  entries: readonly LedgerEntry[],
  redis: RedisModel,
  violated: Violated,
): void {
  const written = new Map<string, string[]>()
  for (const { body } of entries) {
    const { head } = decodeLedgerEntry(body)
    if (head.type !== 'commit') continue
    for (const { commands } of head.steps) {
      for (const { id, command } of commands) {
        if (!id.startsWith('c')) continue
        const others = written.get(id)
        if (others === undefined) written.set(id, [canonical(command)])
        else others.push(canonical(command))
      }
    }
  }
  const waiting = waitingCommands(redis)
  const seqs = new Map<string, number>()
  for (const { outcome, seq, key, command } of history) {
    if (outcome !== 'accepted' || seq === undefined) continue
    const id = commandIdOf(seq)
    const asked = canonical(numbered(command, seq))
    if (isExcused(id, asked, redis)) continue
    const found = written.get(id) ?? []
    if (found.length > 1) violated('accepted', `command ${id} is in the ledger ${found.length} times`)
    if (found.length === 0 && !waiting.has(id)) violated('accepted', `command ${id} was accepted and is lost`)
    if (found.some((one) => one !== asked)) {
      violated('accepted', `command ${id} is in the ledger as another one`)
    }
    if (key === undefined) continue
    const other = seqs.get(key)
    if (other !== undefined && other !== seq) violated('key', `${key} was accepted as ${other} and as ${seq}`)
    seqs.set(key, seq)
  }
}

const canonical = (command: object): string =>
  JSON.stringify(command, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  )

/** Commands in the queue, in somebody's hands or not. */
function waitingCommands(redis: RedisModel): Set<string> {
  const ids = new Set<string>()
  const { waiting, active } = redis.queue('commands').save()
  for (const { data } of [...waiting, ...active.map(({ message }) => message)]) {
    for (const { id } of (JSON.parse(data) as { commands: readonly CommandEnvelope[] }).commands) ids.add(id)
  }
  return ids
}

/**
 * With fsync once a second, what was written since the last one goes with the power: a command that came into its queue by then,
 * and one that came into the ledger by then, for its leader may go on to take it out of the queue.
 */
function isExcused(id: string, asked: string, { powerCuts, watcher }: RedisModel): boolean {
  if (powerCuts.length === 0) return false
  if (watcher.lost.has(id)) return true
  const queuing = watcher.queued.findLast(
    ({ command }) => command.id === id && canonical(command.command as object) === asked,
  )
  if (queuing === undefined) return false
  return powerCuts.some(({ syncedMs, atMs }) => queuing.atMs > syncedMs && queuing.atMs <= atMs)
}

function follow(entries: readonly LedgerEntry[]): ToldFacts | undefined {
  let told: ToldFacts | undefined
  for (const { body } of entries) {
    for (const fact of decodeFacts(decodeLedgerEntry(body).facts)) {
      if (fact.type === 'configured') told = new ToldFacts(fact.config)
      else told?.follow(fact)
    }
  }
  return told
}

async function checkDecisions(
  entries: readonly LedgerEntry[],
  redis: RedisModel,
  term: Term | undefined,
  told: ToldFacts | undefined,
  violated: Violated,
): Promise<void> {
  const decided = await audit(wholeLedgerOf(redis))
  let folded: Folded | undefined
  for (const entry of entries) folded = foldEntry(folded, entry, { keep: false }, () => {}).folded
  if (folded === undefined) return
  told?.compare(folded.center)
  const stateHash = folded.center.stateHash()
  if (decided.stateHash !== stateHash)
    violated('folded', 'deciding the ledger anew gives another state than folding it')
  if (term === undefined || term.revision !== entries.at(-1)?.revision) return
  if (term.factsHash !== decided.factsHash || term.center.stateHash() !== stateHash) {
    violated('folded', `the leader of epoch ${term.epoch} has another state than its ledger`)
  }
}
