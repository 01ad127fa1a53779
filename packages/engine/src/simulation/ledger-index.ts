// What the ledger says so far, for those who ask at every moment: which commands it has, which attempts it started, which jobs
// are not over.

import { consumedIds, decodeLedgerEntry } from '@dure/contract'
import { decodeFacts } from '@dure/core'
import type { LedgerEntry } from '../ports.ts'

export const attemptName = (job: number, attempt: number): string => `${job}.${attempt}`

export class LedgerIndex {
  readonly commands = new Set<string>()
  readonly attempts = new Set<string>()
  /** Jobs that were submitted and have not ended. */
  readonly live = new Set<number>()

  add({ body }: LedgerEntry): void {
    const { head, facts } = decodeLedgerEntry(body)
    for (const id of consumedIds(head)) this.commands.add(id)
    if (head.type !== 'commit') return
    for (const fact of decodeFacts(facts)) {
      if (fact.type === 'submitted') this.live.add(fact.job)
      else if (fact.type === 'ended') this.live.delete(fact.job)
      else if (fact.type === 'started') this.attempts.add(attemptName(fact.job, fact.attempt))
    }
  }

  /** Begins anew, with these entries. */
  readAgain(entries: readonly LedgerEntry[]): void {
    this.commands.clear()
    this.attempts.clear()
    this.live.clear()
    for (const entry of entries) this.add(entry)
  }
}
