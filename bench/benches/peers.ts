// The loads that other schedulers publish rates for, decided by the allocator alone on virtual time: how many jobs a second,
// and how well the processors are used. `peers.json` holds what they published, and what differs in what is measured.

import type { CenterConfig } from '@dure/core'
import { type Demand, type Simulation, simulate } from '@dure/sim'
import type { Size } from '../bounds.ts'
import { fill, kaiCenter, kaiDemand } from '../model/kai-load.ts'
import { baseline, type KueueLoad, kueueCenter, kueueDemand, largeScale, leastMs, partOf } from '../model/kueue-load.ts'
import { type BenchReport, type Figure, figure } from '../report.ts'

const SIZES = {
  full: {
    kueue: [
      { name: 'kueue baseline', load: baseline, warmRuns: 5 },
      { name: 'kueue large-scale', load: largeScale, warmRuns: 1 },
    ],
    kai: fill,
    fillRuns: 20,
  },
  small: {
    kueue: [
      { name: 'kueue baseline', load: partOf(baseline, 2, 3, 0.1), warmRuns: 1 },
      { name: 'kueue large-scale', load: partOf(largeScale, 1, 20, 1), warmRuns: 1 },
    ],
    kai: { nodes: 20 },
    fillRuns: 1,
  },
} as const

export function peers(size: Size): BenchReport {
  const { kueue, kai, fillRuns } = SIZES[size]
  const figures: Figure[] = []
  const answers: Record<string, string> = {}
  const sizes: string[] = []
  for (const { name, load, warmRuns } of kueue) {
    const config = kueueCenter(load)
    const demand = kueueDemand(config, load)
    const runs = Array.from({ length: 1 + warmRuns }, () => simulated(config, demand, Infinity))
    const [first, ...warm] = runs
    figures.push(
      figure(
        `${name}, decided`,
        'jobs/s',
        warm.map(({ loopMs }) => (1000 * demand.count) / loopMs),
      ),
    )
    figures.push(...outcome(name, load, demand, first!))
    answers[name] = oneHash(runs)
    sizes.push(`${demand.count} jobs in ${load.cohorts * load.queuesPerCohort} queues`)
  }
  const config = kaiCenter(kai)
  const demand = kaiDemand(config, kai)
  const runs = Array.from({ length: 1 + fillRuns }, () => simulated(config, demand, 0))
  figures.push(
    figure(
      'kai fill, decided',
      'jobs/s',
      runs.slice(1).map(({ loopMs }) => (1000 * demand.count) / loopMs),
    ),
  )
  answers['kai fill'] = oneHash(runs)
  sizes.push(`${demand.count} jobs on ${kai.nodes} nodes`)
  return { bench: 'peers', size: sizes.join('; '), figures, answers }
}

/** Until everybody has started, or all have ended. */
function simulated(config: CenterConfig, demand: Demand, untilMs: number): Simulation {
  const simulation = simulate(config, demand, { untilMs, clock: () => performance.now() })
  const left = simulation.startMs.findIndex((startMs) => startMs < 0)
  if (left >= 0) throw new Error(`job ${demand.job[left]} of a peer's load never started`)
  return simulation
}

function oneHash(runs: readonly Simulation[]): string {
  const hashes = new Set(runs.map(({ factsHash }) => factsHash))
  if (hashes.size > 1) throw new Error('equal runs gave different facts')
  return runs[0]!.factsHash
}

/** What the load came to, in its own time. */
function outcome(name: string, load: KueueLoad, demand: Demand, { startMs, nowMs }: Simulation): Figure[] {
  const makespanMs = nowMs - demand.submitMs[0]!
  return [
    figure(`${name}, makespan`, 's', [makespanMs / 1000]),
    figure(`${name}, in use`, '%', [(100 * leastMs(load)) / makespanMs]),
    ...load.classes.map(({ name: className, processors }) => {
      const waits = Array.from(startMs, (atMs, i) => atMs - demand.submitMs[i]!).filter(
        (_, i) => demand.requests[demand.request[i]!]!.acceleratorsMilli === processors * 1000,
      )
      const mean = waits.reduce((sum, waitMs) => sum + waitMs, 0) / waits.length
      return figure(`${name}, mean wait of ${className} jobs`, 's', [mean / 1000])
    }),
  ]
}
