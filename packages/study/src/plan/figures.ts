// The numbers that a scenario rests on, each with its source or marked as assumed, for who wants to check them.

import { type Bilingual, type CheckedScenario, ScenarioFile, type StudyOutcome } from '@dure/contract'
import { logName } from './log-plan.ts'

type Figure = StudyOutcome['figures'][number]
type Origin = { readonly source?: string | undefined; readonly assumed: boolean }

const ASSUMED = 'assumed'
const W_PER_KW = 1000

/** In the order of the file. */
export function figuresOf(file: ScenarioFile): Figure[] {
  const scenario = ScenarioFile.parse(file)
  return [
    ...scenario.pools.filter(({ nodes }) => nodes > 0).map(poolFigure),
    ...demandFigures(scenario),
    ...serviceFigures(scenario),
    ...powerFigures(scenario),
    ...costFigures(scenario),
  ]
}

/** The pages that figures of a scenario name by their keys, in the order of the file. */
export function sourcesOf(file: ScenarioFile): StudyOutcome['sources'] {
  const figures = figuresOf(file)
  return Object.entries(ScenarioFile.parse(file).sources).flatMap(([key, page]) => {
    const named = new RegExp(`\\b${key.replaceAll(/\W/g, '\\$&')}\\b`)
    return figures.some(({ source }) => named.test(source)) ? [{ key, page }] : []
  })
}

const figure = (ko: string, en: string, value: number | string, unit: string, { source, assumed }: Origin): Figure => ({
  what: { ko, en },
  value,
  unit,
  source: source ?? ASSUMED,
  assumed,
})

const poolFigure = (pool: CheckedScenario['pools'][number]): Figure =>
  figure(
    `${pool.name}의 가속기`,
    `accelerators of ${pool.name}`,
    pool.nodes * pool.accelerators_per_node,
    pool.model,
    pool,
  )

/** Values by year as one text: `2023: 0.28, 2030: 0.7`. */
const inYears = (values: Readonly<Record<string, number>>): string =>
  Object.entries(values)
    .map(([year, value]) => `${year}: ${value}`)
    .join(', ')

function demandFigures({ demand, readiness }: CheckedScenario): Figure[] {
  const titled = (name: string, title: Bilingual | undefined): Bilingual => title ?? { ko: name, en: name }
  return [
    ...demand.drivers.map((driver) => {
      const { ko, en } = titled(driver.name, driver.title)
      return figure(ko, en, inYears(driver.values), '', driver)
    }),
    ...demand.groups.flatMap((group) => [
      ...(group.h100_equivalents === undefined
        ? []
        : [
            figure(
              `${group.name}의 수요(${demand.base_year}년)`,
              `demand of ${group.name} in ${demand.base_year}`,
              group.h100_equivalents,
              'H100',
              group,
            ),
          ]),
      ...(group.trace === undefined
        ? []
        : [figure(`${group.name}의 작업 기록`, `job log of ${group.name}`, logName(group.trace.file), '', group)]),
    ]),
    ...(readiness === undefined
      ? []
      : [
          figure(
            'NPU로 옮길 수 있는 추론의 비율',
            'part of inference that NPU software can run',
            inYears(readiness.values),
            '',
            readiness,
          ),
        ]),
  ]
}

const serviceFigures = ({ faults }: CheckedScenario): Figure[] =>
  faults.map((fault) =>
    figure(`고장률: ${fault.name}`, `failures: ${fault.name}`, fault.per_unit_day, `/ ${fault.per} day`, fault),
  )

function powerFigures({ power }: CheckedScenario): Figure[] {
  if (power === undefined) return []
  const { pue, idle_part, host, tariff, tco2e_per_mwh } = power
  return [
    figure('PUE', 'PUE', pue.value, '', pue),
    figure('유휴 노드의 전력 비율', 'part of its power that an idle node draws', idle_part.value, '', idle_part),
    figure('가속기를 뺀 노드의 전력', 'power of a node without its accelerators', host.value / W_PER_KW, 'kW', host),
    figure('전기 요금: 여름 최대부하', 'tariff: summer, peak', tariff.peak_krw_per_kwh.summer, 'KRW/kWh', tariff),
    figure('전력망 탄소', 'carbon of the grid', tco2e_per_mwh.value, 'tCO2e/MWh', tco2e_per_mwh),
  ]
}

function costFigures({ cost }: CheckedScenario): Figure[] {
  if (cost === undefined) return []
  const { amortisation_years: years, upkeep_part_per_year: upkeep } = cost
  return [
    ...Object.entries(cost.capex_krw_per_accelerator).map(([model, price]) =>
      model === 'default'
        ? figure('그 밖의 가속기 가격', 'price of any other accelerator', price.value, 'KRW', price)
        : figure(`${model}의 가격`, `price of one ${model}`, price.value, 'KRW', price),
    ),
    figure('상각 기간', 'years of amortisation', years.value, 'years', years),
    figure('해마다의 유지비', 'upkeep a year, of the price', upkeep.value, '', upkeep),
  ]
}
