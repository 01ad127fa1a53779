// Broken builds that the harness must catch, each with the row that catches it: the tests of the tests.

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

const mutant = (name: string): readonly URL[] => [new URL(`./doubles/mutants/${name}.ts`, import.meta.url)]

export const mutants: Readonly<Record<string, Mutant>> = {
  'unfenced-ledger': {
    what: 'the ledger takes what a former leader appends',
    row: '5',
    caught: /^I6: /,
    build: { preloads: { scheduler: mutant('unfenced-ledger') }, patienceMs: PATIENCE_MS },
  },
  'double-start': {
    what: 'the leader starts each job twice',
    row: '1',
    caught: /^I1: .* as job \d+ and as job \d+/,
    build: { preloads: { scheduler: mutant('double-start') }, patienceMs: PATIENCE_MS },
  },
  'lost-ack': {
    what: 'a submit is acknowledged before it is in the queue',
    row: '3',
    caught: /^I1: .* was acknowledged and is not in the ledger/,
    build: { preloads: { api: mutant('lost-ack') }, patienceMs: PATIENCE_MS },
  },
  'early-settle': {
    what: 'the leader takes commands from the queue before the ledger has them',
    row: '4',
    caught: /^I1: .* was acknowledged and is not in the ledger/,
    build: { preloads: { scheduler: mutant('early-settle') }, patienceMs: PATIENCE_MS },
  },
}
