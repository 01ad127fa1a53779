// What the workers of these tests do, in Node and in a browser alike: run the scenario they are sent, tell how far they are,
// stop when the memory they share says so.

import { runScenario, type Scenario, type Simulation, sharedCancel } from '@dure/sim'

export interface Question {
  readonly scenario: Scenario
  readonly seed: number
  readonly cancel: SharedArrayBuffer
}

export type Answer = Pick<Simulation, 'outcome' | 'events' | 'passes' | 'nowMs' | 'facts' | 'factsHash'> & {
  readonly jobs: number
}

export type Message =
  | { readonly kind: 'progress'; readonly ended: number; readonly jobs: number }
  | { readonly kind: 'answer'; readonly answer: Answer }

export function answer({ scenario, seed, cancel }: Question, post: (message: Message) => void): void {
  const { demand, simulation } = runScenario(scenario, seed, {
    cancel: sharedCancel(cancel),
    onProgress: (ended, jobs) => post({ kind: 'progress', ended, jobs }),
  })
  const { outcome, events, passes, nowMs, facts, factsHash } = simulation
  post({ kind: 'answer', answer: { outcome, events, passes, nowMs, facts, factsHash, jobs: demand.count } })
}
