// A scenario year by year: what stands there on the last day of each, what it is in every unit, what is asked for, what it draws and has
// cost. Nothing is simulated.

import {
  acceleratorOf,
  type CapacityGap,
  type CheckedScenario,
  capacityGaps,
  capexOfOne,
  type FleetPeak,
  fleetAt,
  fleetPeak,
  isOfLogAlone,
  koreanYear,
  npuReadinessOf,
  parseDay,
  ScenarioFile,
} from '@dure/contract'
import { driven, h100sAskedInAll } from './demand-plan.ts'
import { drawOf } from './energy-plan.ts'
import { readinessOf } from './kind-speeds.ts'

const MILLE = 1000
const W_PER_MW = 1_000_000

export interface YearOutlook {
  readonly year: number
  readonly accelerators: number
  /** NPUs and PIM devices among them, as a part. */
  readonly npuShare: number
  readonly capacity: FleetPeak
  /** What adds nothing to it in some format, and why. */
  readonly gaps: readonly CapacityGap[]
  /** The part of inference that NPU software can run. */
  readonly readiness: number
  /** What is asked for, beside the base year; 1 where nothing moves it. */
  readonly demandIndex: number
  /** What is asked for, in H100 kept busy; null where it goes by what stands there, or by logs. */
  readonly h100sAsked: number | null
  /** At the meter, with everything at work; null where the scenario says nothing of power. */
  readonly siteMwFull: number | null
  /** What all that stands there has cost, KRW; null where the scenario says nothing of prices, or not all of them. */
  readonly capexKrw: number | null
}

/** From the first year in which something happens to the last. */
export function outlookOf(file: ScenarioFile): YearOutlook[] {
  const scenario = ScenarioFile.parse(file)
  const years = yearsIn(scenario)
  const [first, last] = [Math.min(...years), Math.max(...years)]
  return Array.from({ length: last - first + 1 }, (_, i) => outlookIn(scenario, first + i))
}

/** Years of the scenario itself, of pools that come and go, and of what drives the demand and readiness. */
const yearsIn = ({ date, pools, demand, readiness }: CheckedScenario): number[] => [
  koreanYear(date),
  ...pools.flatMap(({ arrives, retires }) => [arrives, retires].filter((day) => day !== undefined).map(koreanYear)),
  ...demand.drivers.flatMap(({ values }) => Object.keys(values).map(Number)).filter((year) => year >= demand.base_year),
  ...Object.keys(readiness?.values ?? {}).map(Number),
]

function outlookIn(scenario: CheckedScenario, year: number): YearOutlook {
  const { pools, demand, power, cost } = scenario
  const there = fleetAt(pools, parseDay(`${year}-12-31`)!).filter(({ count }) => count > 0)
  const accelerators = there.reduce((sum, { count }) => sum + count, 0)
  const npus = there.reduce((sum, { pool, count }) => sum + (acceleratorOf(pool.model)?.kind === 'gpu' ? 0 : count), 0)
  // Nobody has looked into logs here: where there is nothing else, each counts the same.
  const isByLogs = demand.groups.every(isOfLogAlone)
  const askedIn = (one: number) =>
    demand.groups.reduce(
      (sum, group) => sum + driven(group, isByLogs ? 1 : (group.h100_equivalents ?? 0), demand, one),
      0,
    )
  const prices = there.map(({ pool, count }) => ({ price: capexOfOne(pool, cost), count }))
  return {
    year,
    accelerators,
    npuShare: accelerators > 0 ? npus / accelerators : 0,
    capacity: fleetPeak(there),
    gaps: capacityGaps(there.map(({ model, count }) => ({ model, count }))),
    readiness: npuReadinessOf(year, readinessOf(scenario, year)) / MILLE,
    demandIndex: demand.groups.length === 0 ? 1 : askedIn(year) / askedIn(demand.base_year),
    h100sAsked: h100sAskedInAll(scenario, year),
    siteMwFull:
      power === undefined
        ? null
        : (power.pue.value *
            there.map(({ pool }) => drawOf(pool, power)).reduce((sum, { nodes, nodeW }) => sum + nodes * nodeW, 0)) /
          W_PER_MW,
    capexKrw: prices.some(({ price }) => price === null)
      ? null
      : prices.reduce((sum, { price, count }) => sum + price! * count, 0),
  }
}
