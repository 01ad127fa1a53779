// Broken builds that the harness must catch, each with the row whose first round catches it: the tests of the tests.

import type { PlayOptions } from './play.ts'

export interface Mutant {
  readonly what: string
  /** The row that shows it, and the word in the violation. */
  readonly row: string
  readonly caught: RegExp
  readonly build: PlayOptions
}

/** What it has lost will not come back, however long anybody waits. */
const PATIENCE_MS = 6_000

export const mutants: Readonly<Record<string, Mutant>> = {
  'unfenced-ledger': {
    what: 'the ledger takes what a former leader appends',
    row: '5',
    caught: /^I6: /,
    build: {
      preloads: { scheduler: [new URL('./doubles/mutants/unfenced-ledger.ts', import.meta.url)] },
      patienceMs: PATIENCE_MS,
    },
  },
  'double-start': {
    what: 'the leader starts each job twice',
    row: '1',
    caught: /^I1: .* as job \d+ and as job \d+/,
    // It comes back, with a job too many for each.
    build: { preloads: { scheduler: [new URL('./doubles/mutants/double-start.ts', import.meta.url)] } },
  },
  'lost-ack': {
    what: 'a submit is acknowledged before it is in the queue',
    row: '3',
    caught: /^I1: .* was acknowledged and is not in the ledger/,
    build: { preloads: { api: [new URL('./doubles/mutants/lost-ack.ts', import.meta.url)] }, patienceMs: PATIENCE_MS },
  },
  'early-settle': {
    what: 'the leader takes commands from the queue before the ledger has them',
    // Its first round ends the leader where it is about to append what it has taken.
    row: '4b',
    caught: /^I1: .* was acknowledged and is not in the ledger/,
    build: {
      preloads: { scheduler: [new URL('./doubles/mutants/early-settle.ts', import.meta.url)] },
      // Until the stand-by leads and has taken what is in the queue still: that is late, and not lost.
      patienceMs: 2 * PATIENCE_MS,
    },
  },
}
