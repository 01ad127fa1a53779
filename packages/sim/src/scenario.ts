// One simulation as a value: which center under which policy, what is asked of it, how far to go. Plain data and no
// function, so it can be sent to a worker or kept beside its result; with a seed it gives the same facts wherever it runs.

import type { CenterConfig } from '@dure/core'
import { type Demand, demandOf } from './demand.ts'
import { submissions, type WorkloadOptions } from './model/workload.ts'
import { type SimulateOptions, type Simulation, simulate } from './simulate.ts'

export interface Scenario extends Pick<SimulateOptions, 'passPer' | 'eventsMax' | 'untilMs'> {
  readonly config: CenterConfig
  readonly demand: ScenarioDemand
}

export type ScenarioDemand =
  /** These jobs whatever the seed, such as those of a log. Their associations are those of the scenario's config. */
  | { readonly kind: 'given'; readonly demand: Demand }
  /** Drawn by the workload model, for each seed anew: what is submitted before `untilMs`. */
  | ({ readonly kind: 'modelled'; readonly untilMs: number } & Omit<WorkloadOptions, 'config' | 'seed'>)

/** What came of a scenario; with its config, all that a summary needs. */
export interface ScenarioRun {
  readonly demand: Demand
  readonly simulation: Simulation
}

/** Runs a scenario. Equal scenarios and seeds give equal facts; `options` only watch, and stop. */
export function runScenario(
  scenario: Scenario,
  seed: number,
  options: Pick<SimulateOptions, 'onProgress' | 'cancel' | 'observer' | 'clock' | 'solver'> = {},
): ScenarioRun {
  const { config, demand: asked, ...bounds } = scenario
  const demand = demandFor(config, asked, seed)
  return { demand, simulation: simulate(config, demand, { ...bounds, ...options }) }
}

function demandFor(config: CenterConfig, asked: ScenarioDemand, seed: number): Demand {
  if (asked.kind === 'given') return asked.demand
  const { untilMs, ...model } = asked
  return demandOf(config, submissions({ ...model, config, seed }), untilMs)
}
