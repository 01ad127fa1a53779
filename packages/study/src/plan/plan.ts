// What a scenario file means to the simulator. Everything is worked out beforehand and is plain data, so that a plan can be sent
// to a worker, and all policies and seeds of a study meet the same machine and the same plan of demand.

import {
  acceleratorOf,
  type CapacityUnit,
  type CheckedScenario,
  type FleetPeak,
  flattenedAccounts,
  fleetPeak,
  nodePoolOf,
  policyOfFile,
  ScenarioFile,
} from '@dure/contract'
import type { CenterConfig } from '@dure/core'
import type { Scenario } from '@dure/sim'

const DAY_MS = 86_400_000
const KST_OFFSET_MS = 9 * 3_600_000

/** The accelerators of one pool. */
export interface PoolFleet {
  readonly pool: string
  readonly model: string
  readonly kind: 'gpu' | 'npu' | 'pim'
  readonly accelerators: number
}

export interface ScenarioPlan {
  /** For `runScenario`. Center time 0 is `startUnixMs`. */
  readonly scenario: Scenario
  readonly unit: CapacityUnit
  /** In service on the first day. */
  readonly fleet: readonly PoolFleet[]
  /** Peaks of that fleet in every unit. */
  readonly capacity: FleetPeak
  readonly accelerators: number
  /** Midnight in Korea of the first day. */
  readonly startUnixMs: number
  readonly days: number
  readonly warmupDays: number
}

/**
 * The plan of a scenario that has been read.
 * @throws {Error} when the file is not one: `readScenario` says what is wrong with it
 */
export function planOf(file: ScenarioFile): ScenarioPlan {
  const scenario = ScenarioFile.parse(file)
  const fleet = fleetOf(scenario)
  const startUnixMs = Date.parse(`${scenario.date}T00:00:00Z`) - KST_OFFSET_MS
  return {
    scenario: {
      config: configOf(scenario),
      demand: {
        kind: 'modelled',
        load: scenario.demand.load * scenario.demand.pressure,
        startMs: 0,
        unixMs: startUnixMs,
        untilMs: scenario.days * DAY_MS,
      },
      untilMs: scenario.days * DAY_MS,
    },
    unit: scenario.unit,
    fleet,
    capacity: fleetPeak(fleet.map(({ model, accelerators: count }) => ({ model, count }))),
    accelerators: fleet.reduce((sum, { accelerators }) => sum + accelerators, 0),
    startUnixMs,
    days: scenario.days,
    warmupDays: scenario.warmup_days,
  }
}

const refuse = (_path: unknown, ...said: string[]): never => {
  throw new Error(said.at(-1))
}

const fleetOf = ({ pools }: CheckedScenario): PoolFleet[] =>
  pools.flatMap(({ name: pool, model: written, nodes, accelerators_per_node }) => {
    const { model, kind } = acceleratorOf(written) ?? refuse([], `there is no accelerator ${written}`)
    return nodes === 0 ? [] : [{ pool, model, kind, accelerators: nodes * accelerators_per_node }]
  })

const configOf = (scenario: CheckedScenario): CenterConfig => ({
  name: scenario.name,
  pools: scenario.pools
    .filter(({ nodes }) => nodes > 0)
    .map((pool) => {
      const { model, kind } = acceleratorOf(pool.model) ?? refuse([], `there is no accelerator ${pool.model}`)
      return { ...nodePoolOf(pool), model, kind }
    }),
  ...flattenedAccounts(scenario.accounts, refuse),
  policy: policyOfFile(scenario.policy, refuse),
})
