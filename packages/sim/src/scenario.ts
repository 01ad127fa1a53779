// One simulation as a value: which center under which policy, what is asked of it, how far to go. Plain data and no
// function, so it can be sent to a worker or kept beside its result; with a seed it gives the same facts wherever it runs.

import type { Center, CenterConfig } from '@dure/core'
import { type Demand, demandOf, mergedDemand } from './demand.ts'
import { type EnergyMeasures, type EnergyPlan, openEnergy } from './energy/energy.ts'
import { type Measures, type MetricsOptions, openMetrics } from './metrics/metrics.ts'
import { submissions, type WorkloadOptions } from './model/workload.ts'
import { happeningsOf } from './service/happenings.ts'
import type { ServicePlan } from './service/service-plan.ts'
import { type SimulateOptions, type Simulation, type SimulationObserver, simulate } from './simulate.ts'

export interface Scenario
  extends Pick<SimulateOptions, 'passPer' | 'eventsMax' | 'untilMs'>,
    Pick<MetricsOptions, 'warmupMs' | 'groups'> {
  readonly config: CenterConfig
  readonly demand: ScenarioDemand
  /** Which nodes are there, and what befalls them. Default: all are, and nothing does. */
  readonly service?: ServicePlan
  /** What it draws, and what that costs. Default: nobody asks. */
  readonly energy?: EnergyPlan
}

export type ScenarioDemand =
  | DemandSource
  /** What each asks for, in order of time. None moves the jobs of another. */
  | { readonly kind: 'several'; readonly sources: readonly DemandSource[] }

export type DemandSource =
  /** These jobs whatever the seed, such as those of a log. Their associations are those of the scenario's config. */
  | {
      readonly kind: 'given'
      readonly demand: Demand
      /** Center time at which the center opens. Default: that of the first job. */
      readonly startMs?: number
    }
  /** Drawn by the workload model, for each seed anew: what is submitted before `untilMs`. */
  | ({ readonly kind: 'modelled'; readonly untilMs: number } & Omit<WorkloadOptions, 'config' | 'seed' | 'faults'>)

/** How a scenario is watched. */
type ScenarioOptions = Pick<SimulateOptions, 'onProgress' | 'cancel' | 'observer' | 'clock' | 'solver'> &
  Pick<MetricsOptions, 'starvationMs' | 'looksAtNodes'>

/** What came of a scenario; with its config, all that a summary needs. */
export interface ScenarioRun {
  readonly demand: Demand
  readonly simulation: Simulation
  readonly measures: Measures
  /** null without an energy plan. */
  readonly energy: EnergyMeasures | null
}

/** Runs a scenario and measures it. Equal scenarios and seeds give equal facts; `options` only watch, and stop. */
export function runScenario(scenario: Scenario, seed: number, options: ScenarioOptions = {}): ScenarioRun {
  const { config, demand: _, service, energy: plan, warmupMs, groups, ...bounds } = scenario
  const { starvationMs, looksAtNodes, observer, ...watching } = options
  const demand = demandFor(scenario, seed)
  const happenings = service === undefined ? [] : happeningsOf(config, service, { seed, ...spanOf(scenario, demand) })
  const metrics = openMetrics(config, demand, {
    ...(warmupMs !== undefined && { warmupMs }),
    ...(groups !== undefined && { groups }),
    ...(service !== undefined && { stays: service.stays }),
    ...(starvationMs !== undefined && { starvationMs }),
    ...(looksAtNodes !== undefined && { looksAtNodes }),
  })
  const energy =
    plan === undefined ? null : openEnergy(config, demand, plan, warmupMs === undefined ? {} : { warmupMs })
  const observers = [metrics.observer, energy?.observer, observer].filter((one) => one !== undefined)
  const told = observers.length === 1 ? metrics.observer : tellingAll(observers)
  const simulation = simulate(config, demand, { ...bounds, ...watching, happenings, observer: told })
  return { demand, simulation, measures: metrics.measures(), energy: energy?.measures() ?? null }
}

/** When a scenario may begin and has ended. */
function spanOf({ demand: asked, service, untilMs }: Scenario, demand: Demand): { fromMs: number; untilMs: number } {
  if (untilMs === undefined && service?.faults.some(({ perUnitDay }) => perUnitDay > 0)) {
    throw new Error('where nodes fail, a scenario needs an end: give untilMs')
  }
  const firstMs = demand.count === 0 ? 0 : demand.submitMs[0]!
  return {
    fromMs: sourcesOf(asked).reduce((earliest, { startMs }) => Math.min(earliest, startMs ?? firstMs), firstMs),
    // What is due at the end still happens.
    untilMs: untilMs === undefined ? Infinity : untilMs + 1,
  }
}

/** One observer that tells each of several, in their order. */
function tellingAll(observers: readonly SimulationObserver[]): SimulationObserver {
  const lookers = observers.filter(({ passed }) => passed !== undefined)
  const tell = (each: (one: SimulationObserver) => void): void => observers.forEach(each)
  return {
    submitted: (i, atMs) => tell((one) => one.submitted(i, atMs)),
    started: (i, atMs, pool) => tell((one) => one.started(i, atMs, pool)),
    ended: (i, startMs, atMs, state) => tell((one) => one.ended(i, startMs, atMs, state)),
    requeued: (i, startMs, atMs) => tell((one) => one.requeued(i, startMs, atMs)),
    unfinished: (i, startMs, atMs) => tell((one) => one.unfinished(i, startMs, atMs)),
    stopped: (atMs) => tell((one) => one.stopped?.(atMs)),
    node: (atMs, pool, node, to) => tell((one) => one.node?.(atMs, pool, node, to)),
    ...(lookers.length > 0 && {
      passed: (atMs: number, center: Center) => lookers.forEach((one) => one.passed!(atMs, center)),
    }),
  }
}

const sourcesOf = (asked: ScenarioDemand): readonly DemandSource[] =>
  asked.kind === 'several' ? asked.sources : [asked]

function demandFor({ config, demand: asked, service }: Scenario, seed: number): Demand {
  const sources = sourcesOf(asked)
  if (sources.length === 0) throw new Error('a demand of no sources asks for nothing: give one')
  return mergedDemand(
    sources.map((source) => {
      if (source.kind === 'given') return source.demand
      const { untilMs, kind: _, ...model } = source
      return demandOf(config, submissions({ ...model, config, seed, faults: service?.faults ?? [] }), untilMs)
    }),
  )
}
