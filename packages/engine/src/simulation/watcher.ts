// Looks on while things are done in the store, for what must hold at every moment and cannot be seen afterwards.

import type { CommandEnvelope, LedgerEntry, Run } from '../ports.ts'
import type { Violation } from './history.ts'
import { attemptName, LedgerIndex } from './ledger-index.ts'

export class Watcher {
  readonly ledger = new LedgerIndex()
  /** All that was written and not lost with the power. */
  readonly entries: LedgerEntry[] = []
  readonly violations: Violation[] = []
  /** Commands that came into their queue, and when. */
  readonly queued: { readonly command: CommandEnvelope; readonly atMs: number }[] = []
  /** Appends of former leaders that the store refused. */
  staleAppends = 0
  /** Commands and attempts that the ledger once had and lost with the power. Their leader may not know it yet. */
  readonly lost = new Set<string>()
  readonly #nowMs: () => number
  /** Who was given which epoch. */
  readonly #grants = new Map<number, Set<string>>()

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  acquired(epoch: number, by: string): void {
    const grants = this.#grants.get(epoch)
    if (grants === undefined) this.#grants.set(epoch, new Set([by]))
    else grants.add(by)
  }

  appended(entry: LedgerEntry, by: string, newestEpoch: number): void {
    const { epoch, revision } = entry
    if (epoch !== newestEpoch || this.#grants.get(epoch)?.has(by) !== true) {
      this.#violated('fenced', `${by} wrote revision ${revision} as leader of epoch ${epoch}; ${newestEpoch} had begun`)
    }
    this.entries.push(entry)
    this.ledger.add(entry)
  }

  /** Commands have come into their queue, or were in it already. */
  sent(commands: readonly CommandEnvelope[]): void {
    for (const command of commands) this.queued.push({ command, atMs: this.#nowMs() })
  }

  /** Reports of executors are settled as soon as the leader has them: see decision 009. */
  settled(commands: readonly CommandEnvelope[]): void {
    for (const { id, seq } of commands) {
      if (seq !== undefined && !this.ledger.commands.has(id) && !this.lost.has(id)) {
        this.#violated('written-first', `command ${id} was settled before the ledger had it`)
      }
    }
  }

  dispatched(runs: readonly Run[]): void {
    for (const { job, attempt } of runs) {
      const name = attemptName(job, attempt)
      if (!this.ledger.attempts.has(name) && !this.lost.has(name)) {
        this.#violated('written-first', `attempt ${attempt} of job ${job} was dispatched before the ledger had it`)
      }
    }
  }

  recorded(all: Iterable<{ readonly run: Run; readonly owner: string }>): void {
    const owners = new Map<string, string>()
    for (const { run, owner } of all) {
      const name = attemptName(run.job, run.attempt)
      const other = owners.get(name)
      if (other !== undefined) {
        this.#violated('one-executor', `${other} and ${owner} both play attempt ${run.attempt} of job ${run.job}`)
      }
      owners.set(name, owner)
    }
  }

  /** The store has lost what was not synchronised: its ledger ends with this revision now. */
  powerLost(lastRevision: number): void {
    const before = [...this.ledger.commands, ...this.ledger.attempts]
    this.entries.splice(lastRevision)
    this.ledger.readAgain(this.entries)
    for (const name of before) this.lost.add(name)
  }

  #violated(invariant: Violation['invariant'], what: string): void {
    this.violations.push({ invariant, what })
  }
}
