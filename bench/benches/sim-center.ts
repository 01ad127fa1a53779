// The full policy (fair share, gangs, placement on nodes, three kinds of pool, backfill) over the modelled demand, at the
// baseline of 0.134 EF and at 2 EF with fifteen times the machine, the users and the jobs, over the same stretch of time:
// what a job costs at one beside the other says what size alone does.

import type { CenterConfig } from '@dure/core'
import { type Demand, type Simulation, simulate } from '@dure/sim'
import type { Size } from '../bounds.ts'
import { modelCenter, modelDemand } from '../model/center.ts'
import { type BenchReport, figure } from '../report.ts'
import { median } from '../statistics.ts'

/** More is asked for than there is, so that jobs wait and backfill has work. */
const LOAD = 1.2
const MULTIPLE = 15
const SIZES = {
  full: { days: 1, openedBeforeDays: 14, baselineRuns: 15, runs: 3 },
  small: { days: 0.02, openedBeforeDays: 1, baselineRuns: 1, runs: 1 },
} as const

export function simCenter(size: Size): BenchReport {
  const { days, openedBeforeDays, baselineRuns, runs } = SIZES[size]
  const baseline = measured(1, days, openedBeforeDays, baselineRuns)
  const large = measured(MULTIPLE, days, openedBeforeDays, runs)
  const growth = large.rates.map((rate) => median(baseline.rates) / rate)
  return {
    bench: 'sim-center',
    size: `load ${LOAD}: ${baseline.demand.count} jobs at 0.134 EF, ${large.demand.count} at 2 EF (30,000 accelerators, 3,750 nodes)`,
    figures: [
      figure('0.134 EF', 'jobs/s', baseline.rates),
      figure('2 EF, cold', 'jobs/s', [large.coldRate]),
      figure('2 EF', 'jobs/s', large.rates),
      figure('cost per job, 2 EF / 0.134 EF', 'ratio', growth),
    ],
    answers: { '0.134 EF': baseline.factsHash, '2 EF': large.factsHash },
  }
}

interface Measured {
  readonly demand: Demand
  readonly coldRate: number
  readonly rates: readonly number[]
  readonly factsHash: string
}

function measured(multiple: number, days: number, openedBeforeDays: number, warmRuns: number): Measured {
  const config = modelCenter(multiple)
  const demand = modelDemand(config, LOAD, days, openedBeforeDays)
  const runs = Array.from({ length: 1 + warmRuns }, () => complete(config, demand))
  const [first, ...others] = runs.map(({ loopMs }) => (1000 * demand.count) / loopMs)
  if (new Set(runs.map(({ factsHash }) => factsHash)).size > 1) throw new Error('equal runs gave different facts')
  return { demand, coldRate: first!, rates: others, factsHash: runs[0]!.factsHash }
}

function complete(config: CenterConfig, demand: Demand): Simulation {
  const simulation = simulate(config, demand, { clock: () => performance.now() })
  const left = simulation.endMs.findIndex((endMs) => endMs < 0)
  if (left >= 0) throw new Error(`job ${demand.job[left]} of the modelled demand never ended`)
  return simulation
}
