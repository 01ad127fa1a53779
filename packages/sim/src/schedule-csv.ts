// One row a job, for comparison with other simulators: the first five columns are those that reference schedules have.
// Whole seconds, ordered by job number; a cell is empty where it did not come to that.

import { type Demand, width } from './demand.ts'
import { jobStates, type Simulation } from './simulate.ts'

/** Lines without their newline, the header first. */
export function* scheduleCsv(demand: Demand, { startMs, endMs, state }: Simulation): Generator<string> {
  const { job, submitMs, request, requests } = demand
  const widths = requests.map(width)
  const order = Array.from(job, (_, i) => i).sort((a, b) => job[a]! - job[b]!)
  yield 'job,submit,start,end,procs,state'
  for (const i of order) {
    const cells = [job[i]!, seconds(submitMs[i]!), seconds(startMs[i]!), seconds(endMs[i]!), widths[request[i]!]!]
    yield `${cells.join(',')},${jobStates[state[i]!]!}`
  }
}

const seconds = (ms: number): number | '' => (ms < 0 ? '' : Math.floor(ms / 1000))
