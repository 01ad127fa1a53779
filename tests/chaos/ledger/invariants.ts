// The six invariants that hold after every fault, each found out from the ledger and the history of calls alone. What was
// acknowledged must be there; what is there must have been asked for; a call of unknown outcome may have happened or not.
//
//   I1  every acknowledged command is in the ledger once and as it was asked, and nothing that nobody asked for
//   I2  no job has two live allocations, and no device has two jobs
//   I3  what is allocated in a pool never exceeds what is up in it
//   I4  usage charged is the sum of allocation times, to the microsecond
//   I5  every job ends in one terminal state, and nothing happens to it afterwards
//   I6  deciding the ledger anew, and folding it, give the state that was written

import { DEFAULT_TIME_LIMIT_MS, readLabel } from '@dure/contract'
import { Center, type CenterConfig, type Fact, FactLog, isCounted, type PoolConfig } from '@dure/core'
import { type Audit, audit, type Folded, foldEntry, type Ledger, LedgerBroken } from '@dure/engine'
import type { Call, History, NamedJob } from '../client/history.ts'
import { carriedOut, type LedgerReading, readLedger } from './ledger-reading.ts'

export interface Violation {
  readonly invariant: 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6'
  readonly sentence: string
}

export interface Checking {
  readonly ledger: Ledger
  readonly history: History
  /**
   * Acknowledgements after this moment (wall time) may be lost with a power cut; none where undefined. What is lost that
   * way is no violation, but counted.
   */
  readonly mayLoseAfterMs?: number
  /** Commands that are durably queued still, where the center was not let go on. */
  readonly queued?: ReadonlySet<string>
  /** The center was not given time to bring everything to an end. */
  readonly isUnfinished?: boolean
}

export interface Checked {
  readonly violations: readonly Violation[]
  readonly revision: number
  /** Acknowledged commands that went with a power cut, as promised they might. */
  readonly lost: number
}

export async function checkInvariants(checking: Checking): Promise<Checked> {
  let reading: LedgerReading
  let audited: Audit
  try {
    reading = await readLedger(checking.ledger)
    audited = await audit(checking.ledger)
  } catch (error) {
    if (!(error instanceof LedgerBroken)) throw error
    return { violations: [{ invariant: 'I6', sentence: error.message }], revision: error.revision, lost: 0 }
  }
  const { violations: owed, lost } = checkOwed(reading, checking)
  const violations = [
    ...owed,
    ...checkAllocations(reading.facts),
    ...checkEndings(reading.facts, checking.isUnfinished ?? false),
    ...checkFold(reading, audited),
  ]
  return { violations, revision: reading.raw.length, lost }
}

/** I1. */
export function checkOwed(
  reading: LedgerReading,
  { history, mayLoseAfterMs = Number.POSITIVE_INFINITY, queued = new Set() }: Omit<Checking, 'ledger'>,
): { readonly violations: Violation[]; readonly lost: number } {
  const violations: Violation[] = []
  const violated = (sentence: string): void => void violations.push({ invariant: 'I1', sentence })
  const times = carriedOut(reading)
  let lost = 0
  for (const call of history.acknowledged) {
    const count = times.get(call.command!) ?? 0
    if (count > 1) violated(`command ${call.command} was carried out ${count} times`)
    if (count > 0 || queued.has(call.command!)) continue
    if (call.answeredMs >= mayLoseAfterMs) lost++
    else violated(`${told(call)} was acknowledged and is not in the ledger`)
  }

  const submits = history.calls.filter(({ act }) => act === 'submit')
  const byName = Map.groupBy(submits, ({ name }) => name)
  const config = reading.facts.find((fact) => fact.type === 'configured')?.config
  const seen = new Map<string, number>()
  const owed = new Set(history.acknowledged.map(({ command }) => command))
  for (const fact of reading.facts) {
    if (fact.type === 'rejected' && owed.has(fact.command))
      violated(`command ${fact.command} was acknowledged and then rejected: ${fact.reason}`)
    if (fact.type !== 'submitted' && fact.type !== 'refused') continue
    const name = readLabel(fact.label)?.name ?? ''
    const calls = byName.get(name) ?? []
    const ids = new Set(calls.flatMap(({ job, outcome }) => (outcome === 'ok' ? [job] : [])))
    if (fact.type === 'refused') violated(`job ${fact.job} (${name}) was refused: ${fact.reason}`)
    if (calls.length === 0) violated(`job ${fact.job} (${name}) is in the ledger, and nobody asked for it`)
    else if (calls.every(({ outcome }) => outcome === 'failed'))
      violated(`job ${fact.job} (${name}) is in the ledger, though its submit was refused`)
    else if (ids.size > 0 && !ids.has(fact.job) && mayLoseAfterMs === Number.POSITIVE_INFINITY)
      violated(`${name} is in the ledger as job ${fact.job}, but was acknowledged as ${[...ids].join(', ')}`)
    const asked = calls.find(({ outcome }) => outcome === 'ok')?.asked
    if (asked !== undefined && fact.type === 'submitted' && !isAsAsked(fact, asked, config!))
      violated(`job ${fact.job} (${name}) is in the ledger otherwise than it was asked`)
    if (seen.has(name)) violated(`${name} is in the ledger as job ${seen.get(name)} and as job ${fact.job}`)
    seen.set(name, fact.job)
  }
  for (const [name, calls] of byName) {
    const ids = new Set(calls.flatMap(({ job, outcome }) => (outcome === 'ok' ? [job] : [])))
    if (ids.size > 1) violated(`${name} was acknowledged under ${[...ids].join(' and ')}`)
  }
  return { violations, lost }
}

/** What a user would notice. */
function isAsAsked(
  fact: Extract<Fact, { type: 'submitted' }>,
  asked: NamedJob,
  { associations }: CenterConfig,
): boolean {
  const label = readLabel(fact.label)
  return (
    associations[fact.association]?.user === asked.user &&
    fact.request.nodes === (asked.nodes ?? 1) &&
    fact.request.acceleratorsMilli === 1000 * (asked.accelerators_per_node ?? 1) &&
    fact.timeLimitMs === (asked.time_limit_ms ?? DEFAULT_TIME_LIMIT_MS) &&
    (fact.held !== null) === (asked.hold ?? false) &&
    label?.run_time_ms === asked.run_time_ms &&
    label?.exit_code === (asked.exit_code ?? 0)
  )
}

const told = ({ act, name, job }: Call): string => (act === 'submit' ? `job ${job} (${name})` : `${act} of job ${job}`)

interface Live {
  readonly attempt: number
  readonly pool: number
  readonly startedMs: number
  readonly milli: number
  readonly devices: readonly string[]
}

/** I2, I3 and I4. */
export function checkAllocations(facts: readonly Fact[]): Violation[] {
  const violations: Violation[] = []
  const violated = (invariant: Violation['invariant'], sentence: string): void =>
    void violations.push({ invariant, sentence })
  let config: CenterConfig | undefined
  const totals = new Map<number, { readonly association: number; readonly milli: number }>()
  const live = new Map<number, Live>()
  const jobOn = new Map<string, number>()
  const allocated: number[] = []
  const out = new Map<string, number>()
  const charged = new Map<number, bigint>()

  const stop = (job: number, attempt: number, atMs: number): void => {
    const held = live.get(job)
    if (held === undefined) {
      if (attempt > 0) violated('I2', `attempt ${attempt} of job ${job} ended and was not running`)
      return
    }
    if (held.attempt !== attempt)
      violated('I2', `attempt ${attempt} of job ${job} ended while attempt ${held.attempt} ran`)
    live.delete(job)
    for (const device of held.devices) jobOn.delete(device)
    allocated[held.pool]! -= held.milli
    const { association } = totals.get(job)!
    charged.set(association, (charged.get(association) ?? 0n) + BigInt(held.milli) * BigInt(atMs - held.startedMs))
  }

  for (const fact of facts) {
    switch (fact.type) {
      case 'configured':
        config = fact.config
        allocated.push(...config.pools.map(() => 0))
        break
      case 'submitted':
        totals.set(fact.job, {
          association: fact.association,
          milli: fact.request.nodes * fact.request.acceleratorsMilli,
        })
        break
      case 'started': {
        const total = totals.get(fact.job)
        if (total === undefined) {
          violated('I2', `job ${fact.job} started and was never submitted`)
          break
        }
        if (live.has(fact.job)) violated('I2', `job ${fact.job} started twice: attempt ${fact.attempt} while one ran`)
        const devices = devicesOf(fact)
        for (const device of devices) {
          const other = jobOn.get(device)
          if (other !== undefined)
            violated('I2', `device ${device} was given to job ${fact.job} while job ${other} had it`)
          if (out.has(device.slice(0, device.lastIndexOf('.'))))
            violated('I3', `device ${device} was given to job ${fact.job} though its node was out`)
          jobOn.set(device, fact.job)
        }
        live.set(fact.job, {
          attempt: fact.attempt,
          pool: fact.pool,
          startedMs: fact.atMs,
          milli: total.milli,
          devices,
        })
        allocated[fact.pool]! += total.milli
        const capacity = capacityMilli(config!.pools[fact.pool]!)
        if (allocated[fact.pool]! > capacity)
          violated('I3', `pool ${fact.pool} had ${allocated[fact.pool]} of ${capacity} allocated at ${fact.atMs}`)
        break
      }
      case 'ended':
      case 'requeued':
        stop(fact.job, fact.attempt, fact.atMs)
        break
      case 'node':
        if (fact.to === 'up') out.delete(`${fact.pool}.${fact.node}`)
        else out.set(`${fact.pool}.${fact.node}`, fact.pool)
        break
    }
  }
  return [...violations, ...checkCharges(facts, charged)]
}

/** Devices by `<pool>.<node>.<device>`. */
function devicesOf({ pool, placement }: Extract<Fact, { type: 'started' }>): string[] {
  return placement.flatMap(({ node, devices }) =>
    Array.from({ length: 32 }, (_, bit) => bit)
      .filter((bit) => ((devices >>> bit) & 1) === 1)
      .map((bit) => `${pool}.${node}.${bit}`),
  )
}

const capacityMilli = (pool: PoolConfig): number =>
  1000 * (isCounted(pool) ? pool.processors : pool.nodes * pool.perNode.accelerators)

/** I4: what the center has charged each association, against the sum over its attempts. */
function checkCharges(facts: readonly Fact[], expected: ReadonlyMap<number, bigint>): Violation[] {
  const [first] = facts
  if (first?.type !== 'configured') return []
  const center = Center.create(first.config, new FactLog({ keep: false }), first.atMs)
  try {
    for (const fact of facts.slice(1)) center.fold(fact)
  } catch (error) {
    return [{ invariant: 'I6', sentence: `the facts cannot be folded: ${(error as Error).message}` }]
  }
  const rows = center.shares()
  return first.config.associations.flatMap(({ account, user }, association): Violation[] => {
    const charged = rows.find((row) => row.account === account && row.user === user)?.chargedAcceleratorUs
    const sum = expected.get(association) ?? 0n
    if (charged === sum) return []
    return [{ invariant: 'I4', sentence: `${user} was charged ${charged} accelerator-µs for attempts of ${sum}` }]
  })
}

/** I5. */
export function checkEndings(facts: readonly Fact[], isUnfinished: boolean): Violation[] {
  const violations: Violation[] = []
  const state = new Map<number, 'live' | 'ended'>()
  for (const fact of facts) {
    if (!('job' in fact)) continue
    const { job, type } = fact
    if (state.get(job) === 'ended' && type !== 'reserved' && type !== 'unreserved')
      violations.push({ invariant: 'I5', sentence: `job ${job} had ended and was ${type} afterwards` })
    if (type === 'submitted') state.set(job, 'live')
    else if (type === 'ended' || type === 'refused') state.set(job, 'ended')
  }
  if (isUnfinished) return violations
  for (const [job, what] of state)
    if (what === 'live') violations.push({ invariant: 'I5', sentence: `job ${job} never ended` })
  return violations
}

/** I6: what readers fold from the ledger is what deciding it anew leads to. */
function checkFold({ raw }: LedgerReading, audited: Audit): Violation[] {
  let folded: Folded | undefined
  for (const entry of raw) folded = foldEntry(folded, entry, { keep: true }, () => {}).folded
  const violations: Violation[] = []
  if (folded !== undefined && folded.log.hash() !== audited.factsHash)
    violations.push({
      invariant: 'I6',
      sentence: `folding gives facts ${folded.log.hash()}, deciding ${audited.factsHash}`,
    })
  if (folded !== undefined && folded.center.stateHash() !== audited.stateHash)
    violations.push({ invariant: 'I6', sentence: 'folding the ledger gives another state than deciding it anew' })
  return violations
}
