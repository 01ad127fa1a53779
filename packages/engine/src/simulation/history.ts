// What people asked for, and what they were told: the other side of what the ledger says. An operation whose outcome is unknown
// may have happened.

import type { Command } from '@dure/core'

type OperationOutcome = 'accepted' | 'refused' | 'unknown'

export interface Operation {
  readonly invokedMs: number
  /** Present: the same request, however often it is made, is carried out once. */
  readonly key: string | undefined
  /** The command as it was asked for; a submit's `job` is its number, known once it is accepted. */
  readonly command: Command
  outcome: OperationOutcome | 'under way'
  endedMs: number
  /** Its number, once it is accepted. */
  seq: number | undefined
}

/** A promise that was not kept. */
export interface Violation {
  readonly invariant: Invariant
  readonly what: string
}

/** What must hold after every run, whatever has failed. */
export const invariants = {
  accepted: 'what was accepted is in the ledger, once, as it was asked for',
  key: 'a request that is repeated under its key is the same request',
  fenced: 'nobody writes but the leader of the newest epoch',
  chain: 'the ledger is whole: revisions, epochs, checksums and links',
  kept: 'every entry that was written is in the segments or in the stream, in its place',
  'written-first': 'nothing is settled or told before the ledger has it',
  'one-executor': 'no attempt is in the hands of two executors',
  'one-allocation': 'no job holds two allocations, and none is over twice',
  capacity: 'no node gives more than it has',
  charged: 'what is charged is what was held',
  'on-time': 'a run ends at its moment, not before and not after',
  decided: 'the commands in the ledger lead to the facts in it',
  folded: 'folding the ledger gives the state of those who decided',
  alive: 'no process gives up by itself',
  finished: 'after the last fault everything is over in time',
  stopped: 'a process that is asked to stop does so in time',
} as const

export type Invariant = keyof typeof invariants
