// One simulation of a scenario: what it says, but for what the command line puts before it.

import { type Language, type ScenarioFile, withFields } from '@dure/contract'
import { type Costs, costsOf, runScenario, type ScenarioRun, solverFor } from '@dure/sim'
import { logFaults, planOf, type ScenarioPlan } from '@dure/study'
import type { Command } from 'commander'
import { Failure } from './failure.ts'
import { nameOf } from './input-file.ts'
import { openProgress } from './progress.ts'
import { openScenarioSource } from './scenario-source.ts'
import type { Screen } from './screen.ts'

const MS_PER_DAY = 86_400_000

/** What the command line says in the place of the scenario. */
export interface ScenarioFlags {
  readonly seed: number
  readonly date?: string
  readonly days?: number
  readonly policy?: string
  readonly warmupMs?: number
}

export interface SimulatedScenario extends ScenarioRun {
  readonly file: ScenarioFile
  readonly plan: ScenarioPlan
  readonly seed: number
  /** null where the scenario says no prices. */
  readonly costs: Costs | null
}

/** `--date`. */
export function addScenarioOptions(command: Command, language: Language): void {
  command
    .optionsGroup({ ko: '시나리오:', en: 'The scenario:' }[language])
    .option(
      '--date <DAY>',
      { ko: '시뮬레이션의 첫날 (예: 2028-07-01)', en: 'first simulated day, such as 2028-07-01' }[language],
    )
}

/** What a command line can say, and a scenario says itself. */
const saidByScenarios = [
  ...['trace', 'model', 'center', 'procs', 'nodes', 'load', 'passPer'],
  ...['format', 'unit', 'strict', 'from', 'until', 'users', 'first', 'loadFactor', 'map'],
]

/** @throws {Failure} ERR_USAGE of an option that does not go with a scenario */
export function assertGoesWithScenario(command: Command): void {
  const option = command.options.find(
    (one) => saidByScenarios.includes(one.attributeName()) && isGiven(command, one.attributeName()),
  )
  if (option === undefined) return
  const detail = {
    ko: `${option.long}은(는) 시나리오와 함께 쓸 수 없습니다. 시나리오에 적혀 있는 것이니 둘 중 하나를 빼십시오`,
    en: `${option.long} does not go with a scenario, which says that itself: leave out one of them`,
  }
  throw new Failure('ERR_USAGE', { detail })
}

/** Whether somebody typed it: what has a default is always there. */
export const isGiven = (command: Command, name: string): boolean => command.getOptionValueSource(name) === 'cli'

/** @throws {Failure} ERR_BAD_SCENARIO_FILE with everything that is wrong; ERR_FILE_NOT_READ; ERR_USAGE of a flag */
export async function simulateScenario(
  source: string,
  flags: ScenarioFlags,
  screen: Screen,
): Promise<SimulatedScenario> {
  const { language } = screen
  const { scenario, traces } = await openScenarioSource(source, language)
  const set = withFields(
    scenario,
    {
      ...(flags.date !== undefined && { date: flags.date }),
      ...(flags.days !== undefined && { days: flags.days }),
      ...(flags.policy !== undefined && { policy: flags.policy }),
      ...warmupField(scenario, flags),
    },
    language,
  )
  if (!set.ok) throw new Failure('ERR_USAGE', { where: nameOf(source), detail: set.findings[0]!.detail })
  const [fault] = logFaults(set.scenario, traces)
  if (fault !== undefined) throw new Failure('ERR_USAGE', { where: nameOf(source), detail: fault.said[language] })
  const plan = planOf(set.scenario, traces)
  const progress = await openProgress(screen, 1, { ko: '작업', en: 'jobs' }[language])
  const run = runScenario(plan.scenario, flags.seed, {
    clock: () => performance.now(),
    onProgress: (ended, jobs) => progress.update(ended, jobs),
    ...(await solverFor(plan.scenario.config)),
  })
  progress.stop()
  return { ...run, file: set.scenario, plan, seed: flags.seed, costs: costsIn(plan, run) }
}

/** The scenario's own warm-up is meant for its own days: where fewer are asked for, a tenth of them. */
function warmupField({ days = 30, warmup_days = 0 }: ScenarioFile, { days: asked, warmupMs }: ScenarioFlags) {
  if (warmupMs !== undefined) return { warmup_days: warmupMs / MS_PER_DAY }
  return asked !== undefined && asked < days ? { warmup_days: Math.min(warmup_days, asked / 10) } : {}
}

const costsIn = ({ costs }: ScenarioPlan, { measures, energy }: ScenarioRun): Costs | null =>
  costs === null ? null : costsOf(costs, measures.pools, energy?.energyKrw ?? 0)

/** What a scenario adds to the summary of a simulation. */
export function scenarioInJson({ file, plan, seed, measures, energy, costs }: SimulatedScenario) {
  return {
    scenario: file.name,
    date: file.date,
    days: plan.days,
    seed,
    capacity: plan.capacity,
    capacity_unit: plan.unit,
    offered_load: measures.offeredLoad,
    processors: measures.capacity,
    unit: 'accelerators',
    power_mw_mean: energy?.powerMwMean ?? null,
    power_mw_max: energy?.powerMwMax ?? null,
    energy_mwh: energy?.energyMwh ?? null,
    tco2e: energy?.tco2e ?? null,
    cost_krw: costs?.krw ?? null,
    cost_capex_krw: costs?.capexKrw ?? null,
    cost_upkeep_krw: costs?.upkeepKrw ?? null,
    cost_energy_krw: energy?.energyKrw ?? null,
  }
}
