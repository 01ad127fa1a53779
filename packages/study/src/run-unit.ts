// One unit, simulated: the scenario of its point is planned, run with its seed and measured, and that is one row.

import { fleetPeak, ResultRow, type ScenarioFile, sizeClasses, waitColumn, withFields } from '@dure/contract'
import { isCounted } from '@dure/core'
import { costsOf, type EnergyMeasures, type Measures, runScenario, type SimulateOptions } from '@dure/sim'
import type { Traces } from './plan/log-plan.ts'
import { planOf, type ScenarioPlan } from './plan/plan.ts'
import { pointAt, policyLabel, type Study } from './study.ts'
import type { StudyUnit } from './unit.ts'

const HOUR_MS = 3_600_000

/**
 * Equal for equal units, but for `sim_jobs_per_second`. A policy that takes targets needs the loaded `solver` (`solverFor`).
 * @param traces the logs that its scenario asks for
 * @throws {Error} in one sentence, where the scenario does not take the values of the point
 */
export function runUnit(
  study: Study,
  unit: StudyUnit,
  watch: Pick<SimulateOptions, 'clock' | 'onProgress' | 'solver'> = {},
  traces: Traces = new Map(),
): ResultRow {
  const { scenario, values } = pointAt(study, unit.point)
  const plan = planOf(scenarioAt(study, unit), traces)
  // No row tells of fragmentation, and looking at the nodes takes a fifth of the time.
  const watched = { ...watch, looksAtNodes: false }
  const { demand, simulation, measures, energy } = runScenario(plan.scenario, unit.seed, watched)
  const seconds = simulation.loopMs / 1000
  const { capacity_ef: _, ...swept } = values
  const row = {
    point: unit.point,
    policy: policyLabel(scenario, unit.policy),
    ...swept,
    ...inDigits({
      ...columnsOf(plan, measures, energy),
      jobs_waiting_end: measures.waitingAtEnd,
      sim_jobs_per_second: seconds > 0 ? demand.count / seconds : 0,
      seed: unit.seed,
      ...waitColumns(measures),
    }),
  }
  // A number that is none would be a hole in every table and every mean that is made of it.
  assertRow(row)
  return row
}

/** As many as sums of doubles are certain of: 0.2499384 exaflops are no 0.24993840000000003. */
const DIGITS = 12

const inDigits = <Columns extends object>(columns: Columns): Columns =>
  Object.fromEntries(
    Object.entries(columns).map(([name, value]) => [
      name,
      typeof value === 'number' ? Number(value.toPrecision(DIGITS)) : value,
    ]),
  ) as Columns

function assertRow(row: ResultRow): void {
  const [issue] = ResultRow.safeParse(row).error?.issues ?? []
  if (issue !== undefined) throw new Error(`a row has a wrong ${issue.path.join('.')}: ${issue.message}`)
}

/** What a unit simulates. */
export function scenarioAt(study: Study, { point, policy }: Pick<StudyUnit, 'point' | 'policy'>): ScenarioFile {
  const { scenario, values } = pointAt(study, point)
  const set = withFields(scenario, policy === null ? values : { ...values, policy })
  if (set.ok) return set.scenario
  const where = Object.entries(values).map(([field, value]) => `${field} = ${value}`)
  throw new Error(`${[scenario.name, ...where].join(', ')}: ${set.findings[0]?.detail}`)
}

function columnsOf(plan: ScenarioPlan, measures: Measures, energy: EnergyMeasures | null) {
  const { all, pools, work } = measures
  const measuredMs = measures.toMs - measures.fromMs
  /** Accelerator-time of each pool, in the mean of the measured time. */
  const meanOf = (msOf: (pool: (typeof pools)[number]) => number) =>
    pools.map((pool, index) => {
      const one = plan.scenario.config.pools[index]!
      return { model: isCounted(one) ? null : one.model, count: measuredMs > 0 ? msOf(pool) / measuredMs : 0 }
    })
  const installed = meanOf(({ installedAcceleratorMs }) => installedAcceleratorMs)
  const ended = Object.values(measures.ended).reduce((sum, jobs) => sum + jobs, 0)
  const lostMs = work.requeuedMs + work.failedMs + work.timedOutMs
  return {
    capacity_ef: fleetPeak(installed)[plan.unit],
    unit: plan.unit,
    accelerators: installed.reduce((sum, { count }) => sum + count, 0),
    offered_load: measures.offeredLoad,
    jobs: all.jobs,
    jobs_per_hour: measuredMs > 0 ? ended / (measuredMs / HOUR_MS) : 0,
    delivered_ef: fleetPeak(meanOf(({ usedAcceleratorMs }) => usedAcceleratorMs))[plan.unit],
    utilization: measures.utilization,
    wait_p50_s: all.waits.at(50) / 1000,
    wait_p95_s: all.waits.at(95) / 1000,
    wait_p99_s: all.waits.at(99) / 1000,
    bounded_slowdown_mean: measures.boundedSlowdownMean,
    jain_index: measures.jainIndex,
    share_error_max: measures.shareErrorMax,
    preemptions: measures.requeues,
    lost_accelerator_hours: lostMs / HOUR_MS,
    power_mw_mean: energy?.powerMwMean ?? null,
    energy_mwh: energy?.energyMwh ?? null,
    cost_krw: costOf(plan, measures, energy),
    tco2e: energy?.tco2e ?? null,
  }
}

/** null: the scenario says no prices. Energy costs nothing where it says nothing of power. */
const costOf = ({ costs }: ScenarioPlan, { pools }: Measures, energy: EnergyMeasures | null): number | null =>
  costs === null ? null : costsOf(costs, pools, energy?.energyKrw ?? 0).krw

/** Waits of classes of jobs, and null where no job was of the class, so that all rows have the same columns. */
function waitColumns({ sizes, groups }: Measures): Record<string, number | null> {
  const classes = [
    ...sizeClasses.map(({ name, from }) => ({ name, waits: sizes.find((one) => one.from === from)?.waits })),
    ...groups.map(({ name, jobs, waits }) => ({ name: `sector_${name}`, waits: jobs > 0 ? waits : undefined })),
  ]
  return Object.fromEntries(
    classes.flatMap(({ name, waits }) =>
      ([50, 95, 99] as const).map((percent) => [
        waitColumn(percent, name),
        waits === undefined ? null : waits.at(percent) / 1000,
      ]),
    ),
  )
}
