// What a scenario file means to the simulator. Everything is worked out beforehand and is plain data, so that a plan can be sent
// to a worker, and all policies and seeds of a study meet the same machine and the same plan of demand.

import {
  type Bilingual,
  type CapacityUnit,
  type CheckedPool,
  type CheckedScenario,
  capexOfOne,
  type FleetPeak,
  flattenedAccounts,
  fleetPeak,
  knownModel,
  nodePoolOf,
  policyOfFile,
  ScenarioFile,
  standsAt,
} from '@dure/contract'
import type { CenterConfig, Policy } from '@dure/core'
import type { CostPlan, DemandSource, KindSpeed, Scenario, ScenarioDemand, WorkloadModel } from '@dure/sim'
import { amountScale, askersOf, demandGroups, mixOf, sectorsOf } from './demand-plan.ts'
import { drawOf, energyPlan, type PoolDraw } from './energy-plan.ts'
import { speedsFor } from './kind-speeds.ts'
import { logSource, rateOf, type Traces, usedLogs, workOf } from './log-plan.ts'
import { powerPolicy, servicePlan } from './service-plan.ts'

const DAY_MS = 86_400_000
const MILLE = 1000
/** As long as nearly all of the longest runs take: the first day finds a center at work, and not an empty one. */
const OPENED_BEFORE_MS = 30 * DAY_MS

/** The accelerators of one pool. */
export interface PoolFleet {
  readonly pool: string
  readonly model: string
  readonly kind: 'gpu' | 'npu' | 'pim'
  readonly accelerators: number
}

/** What stands there, and when. */
export interface Standing {
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

export interface ScenarioPlan extends Standing {
  /** For `runScenario`. Center time 0 is `startUnixMs`; groups of accounts are the sectors. */
  readonly scenario: Scenario
  /** For `costsOf`; null where the scenario says no prices. Pools without a price cost nothing. */
  readonly costs: CostPlan | null
  /** What nodes draw, by pool; empty where the scenario says nothing of power. */
  readonly draws: readonly PoolDraw[]
  /** Which kinds run where, and how fast. */
  readonly speeds: readonly KindSpeed[]
}

/** What of a plan needs no look at what is asked for: no log has to have been read. */
export const standingOf = (file: ScenarioFile): Standing => standingIn(ScenarioFile.parse(file))

function standingIn(scenario: CheckedScenario): Standing {
  const { date, days, warmup_days: warmupDays, unit } = scenario
  const fleet = poolsOf(scenario)
    .filter((pool) => standsAt(pool, date))
    .map(fleetOf)
  return {
    unit,
    fleet,
    capacity: fleetPeak(fleet.map(({ model, accelerators: count }) => ({ model, count }))),
    accelerators: fleet.reduce((sum, { accelerators }) => sum + accelerators, 0),
    startUnixMs: date,
    days,
    warmupDays,
  }
}

/** Those that stand there on one of the days. */
const poolsOf = ({ pools, date, days }: CheckedScenario): CheckedPool[] =>
  pools.filter(
    ({ nodes, arrives, retires }) =>
      nodes > 0 &&
      (arrives === undefined || arrives < date + days * DAY_MS) &&
      (retires === undefined || retires > date),
  )

/**
 * The plan of a scenario that has been read.
 * @param traces the logs it asks for (`logsIn`)
 * @throws {LogFault} where one has not been read, or cannot be its demand
 * @throws {Error} when the file is not one: `readScenario` says what is wrong with it
 */
export function planOf(file: ScenarioFile, traces: Traces = new Map()): ScenarioPlan {
  const scenario = ScenarioFile.parse(file)
  const { date, days, power } = scenario
  const there = standingIn(scenario)
  const { fleet, warmupDays } = there
  const pools = poolsOf(scenario)
  const draws = power === undefined ? [] : pools.map((pool) => drawOf(pool, power))
  const askers = askersOf(scenario)
  const logs = usedLogs(scenario, traces)
  const corePools = pools.map(poolConfig)
  const kindNames = new Set([...mixOf(askers).kinds.map(({ name }) => name), ...logs.map(({ use }) => use.kind)])
  const speeds = speedsFor(scenario, corePools, [...kindNames])
  const standing = corePools.filter(({ name }) => fleet.some(({ pool }) => pool === name))
  const scale = askers.length > 0 ? amountScale(scenario.demand, askers, standing, speeds) : 1
  const rates = logs.map((log) => rateOf(log, scenario, standing, speeds))
  const logged = logs.map((log, l) => workOf(log, rates[l]! / scale))
  const { kinds } = mixOf([...askers, ...logged])
  const config: CenterConfig = {
    name: scenario.name,
    pools: corePools,
    ...flattenedAccounts(scenario.accounts, refuse),
    policy: policyFor(scenario, corePools, speeds, kinds, draws),
  }
  const energy = energyPlan(scenario, draws)
  return {
    scenario: {
      config,
      demand: demandFrom([
        ...logs.flatMap((log, l) => logSource(log, rates[l]!, scenario, config, speeds)),
        ...(askers.length === 0 && logs.length > 0
          ? []
          : [
              {
                kind: 'modelled',
                groups: demandGroups(scenario, askers, config, scale, speeds),
                speeds,
                startMs: 0,
                openedBeforeMs: OPENED_BEFORE_MS,
                unixMs: date,
                untilMs: days * DAY_MS,
              } as const,
            ]),
      ]),
      untilMs: days * DAY_MS,
      warmupMs: warmupDays * DAY_MS,
      groups: sectorsOf(scenario),
      service: servicePlan(scenario, pools, draws),
      ...(energy !== undefined && { energy }),
    },
    ...there,
    costs: costPlan(scenario, pools),
    draws,
    speeds,
  }
}

const demandFrom = (sources: readonly DemandSource[]): ScenarioDemand =>
  sources.length === 1 ? sources[0]! : { kind: 'several', sources }

const refuse = (_path: unknown, _code: string, { en }: Bilingual): never => {
  throw new Error(en)
}

function fleetOf({ name, model, nodes, accelerators_per_node }: CheckedPool): PoolFleet {
  const { model: known, kind } = knownModel({ model }, refuse)!
  return { pool: name, model: known, kind, accelerators: nodes * accelerators_per_node }
}

function poolConfig(pool: CheckedPool): CenterConfig['pools'][number] {
  const { model, kind } = fleetOf(pool)
  return { ...nodePoolOf(pool), model, kind }
}

/** The policy of the file. Where kinds of work are not equally fast everywhere and it does not say what then, each goes where it does most good. */
function policyFor(
  scenario: CheckedScenario,
  pools: CenterConfig['pools'],
  speeds: readonly KindSpeed[],
  kinds: WorkloadModel['kinds'],
  draws: readonly PoolDraw[],
): Policy {
  const names = pools.map(({ name }) => name)
  const power = powerPolicy(scenario, draws)
  const policy = { ...policyOfFile(scenario.policy, names, refuse), ...(power !== undefined && { power }) }
  const isUnlike = speeds.some(({ mille }) => mille !== speeds[0]!.mille)
  if (policy.devices !== undefined || !isUnlike) return policy
  return { ...policy, devices: { rule: 'most-good', worthMille: worths(names, speeds, kinds) } }
}

/**
 * What the expected work gains in each pool in the mean, in thousandths of the reference speed. What cannot run there gains nothing:
 * so a device for inference alone is worth little to all, and inference, which gains as much there as anybody does, goes there first.
 */
function worths(
  pools: readonly string[],
  speeds: readonly KindSpeed[],
  kinds: WorkloadModel['kinds'],
): Readonly<Record<string, number>> {
  const percentOf = new Map(kinds.map(({ name, percent }) => [name, percent]))
  const percents = kinds.reduce((sum, { percent }) => sum + percent, 0)
  const gainIn = (pool: string): number =>
    speeds
      .filter((speed) => speed.pool === pool)
      .reduce((sum, { kind, mille, portableMille }) => sum + percentOf.get(kind)! * mille * (portableMille / MILLE), 0)
  return Object.fromEntries(pools.map((pool) => [pool, Math.max(1, Math.round(gainIn(pool) / percents))]))
}

function costPlan({ cost }: CheckedScenario, pools: readonly CheckedPool[]): CostPlan | null {
  if (cost === undefined) return null
  return {
    pools: pools.flatMap((pool) => {
      const krwPerAccelerator = capexOfOne(pool, cost)
      return krwPerAccelerator === null ? [] : [{ pool: pool.name, krwPerAccelerator }]
    }),
    amortisedYears: cost.amortisation_years.value,
    upkeepPartPerYear: cost.upkeep_part_per_year.value,
  }
}
