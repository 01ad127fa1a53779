// Usage, as a forked process: one-size.ts TASK, where TASK is a `CapacityTask` as JSON. Says a `CapacityMeasurement`, and ends.

import { createHash } from 'node:crypto'
import { accelerators, type Demand, type Simulation, simulate } from '@dure/sim'
import { BusyCenter, LIMIT_LEAST_MS } from '../model/busy-center.ts'
import { modelCenter, modelDemand } from '../model/center.ts'
import type { CapacityMeasurement, CapacityTask } from './measurement.ts'

type Measured = Pick<CapacityMeasurement, 'jobs' | 'rates' | 'finishMs' | 'answer'>

const task = JSON.parse(process.argv[2]!) as CapacityTask
const config = modelCenter(task.multiple)
const measured = task.kind === 'demand' ? wholeDemand(task) : decisions(task)
const measurement: CapacityMeasurement = {
  ...measured,
  accelerators: accelerators(config),
  rssMb: process.memoryUsage().rss / 1e6,
}
process.send?.(measurement, () => process.disconnect())

function wholeDemand({ seeds, load, days, openedBeforeDays, runs }: CapacityTask & { kind: 'demand' }): Measured {
  const demands = Array.from({ length: seeds }, (_, i) => modelDemand(config, load, days, openedBeforeDays, 1 + i))
  const all = Array.from({ length: 1 + runs }, () => demands.map(complete))
  const hashes = new Set(all.map(hashOf))
  if (hashes.size > 1) throw new Error('equal runs gave different facts')
  const jobs = demands.reduce((sum, { count }) => sum + count, 0)
  const seconds = (simulations: readonly Simulation[]): number =>
    simulations.reduce((sum, { loopMs }) => sum + loopMs, 0) / 1000
  return {
    jobs,
    rates: all.slice(1).map((simulations) => jobs / seconds(simulations)),
    finishMs: [],
    answer: hashOf(all[0]!),
  }
}

function complete(demand: Demand): Simulation {
  const simulation = simulate(config, demand, { clock: () => performance.now() })
  const left = simulation.endMs.findIndex((endMs) => endMs < 0)
  if (left >= 0) throw new Error(`job ${demand.job[left]} of the modelled demand never ended`)
  return simulation
}

/** Of the facts of all seeds. */
function hashOf(simulations: readonly Simulation[]): string {
  const hashes = simulations.map(({ factsHash }) => factsHash)
  return createHash('sha256').update(hashes.join(' ')).digest('hex').slice(0, 32)
}

function decisions({ days, pending, passes }: CapacityTask & { kind: 'backlog' }): Measured {
  // More than can run by far, so that there is a backlog to speak of.
  const demand = modelDemand(config, 3, days, 0)
  const busy = new BusyCenter(config, demand, (i) => LIMIT_LEAST_MS + demand.limitMs[i]!, pending)
  const { finishMs, startedByFinish } = busy.measure(passes)
  const totalMs = finishMs.reduce((sum, ms) => sum + ms, 0)
  return { jobs: pending, rates: [(1000 * startedByFinish) / totalMs], finishMs, answer: busy.answer() }
}
