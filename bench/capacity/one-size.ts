// Usage, as a forked process: one-size.ts TASK, where TASK is a `CapacityTask` as JSON. Says a `CapacityMeasurement`, and ends.

import { accelerators, type Simulation, simulate } from '@dure/sim'
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

function wholeDemand({
  load,
  days,
  openedBeforeDays,
  warmUpJobs,
  measuredJobs,
}: CapacityTask & { kind: 'demand' }): Measured {
  const demand = modelDemand(config, load, days, openedBeforeDays)
  const runs = (jobs: number): Simulation[] =>
    Array.from({ length: Math.ceil(jobs / demand.count) }, () =>
      simulate(config, demand, { clock: () => performance.now() }),
    )
  const [first, ...others] = runs(warmUpJobs)
  const measured = runs(measuredJobs)
  const left = first!.endMs.findIndex((endMs) => endMs < 0)
  if (left >= 0) throw new Error(`job ${demand.job[left]} of the modelled demand never ended`)
  if (new Set([first!, ...others, ...measured].map(({ factsHash }) => factsHash)).size > 1)
    throw new Error('equal runs gave different facts')
  return {
    jobs: demand.count,
    rates: measured.map(({ loopMs }) => (1000 * demand.count) / loopMs),
    finishMs: [],
    answer: first!.factsHash,
  }
}

function decisions({ days, pending, passes }: CapacityTask & { kind: 'backlog' }): Measured {
  // More than can run by far, so that there is a backlog to speak of.
  const demand = modelDemand(config, 3, days, 0)
  const busy = new BusyCenter(config, demand, (i) => LIMIT_LEAST_MS + demand.limitMs[i]!, pending)
  const { finishMs, startedByFinish } = busy.measure(passes)
  const totalMs = finishMs.reduce((sum, ms) => sum + ms, 0)
  return { jobs: pending, rates: [(1000 * startedByFinish) / totalMs], finishMs, answer: busy.answer() }
}
