// One row a job, whatever the file it goes into: the first five columns are those that reference schedules have, and the
// others may grow in number at the end. Times are whole seconds, -1 for what did not happen, so that no reader makes floats of them.

import type { CenterConfig } from '@dure/core'
import { type Demand, width } from '../demand.ts'
import { waitMs } from '../metrics/job-measures.ts'
import { jobStates, type Simulation } from '../simulate.ts'
import type { Table } from './table.ts'

/** A row is an index into the demand; they are written by job number. */
export function jobTable(config: CenterConfig, demand: Demand, simulation: Simulation): Table {
  const { job, submitMs, limitMs, request, requests, association } = demand
  const { startMs, endMs, state, attempts, pool, nowMs } = simulation
  const sizes = requests.map((one) => Math.ceil(width(one)))
  const owner = (i: number) => config.associations[association[i]!]!
  const wait = (i: number): number => {
    if (!isTaken(state[i]!)) return -1
    const untilMs = startMs[i]! >= 0 ? startMs[i]! : endMs[i]! >= 0 ? endMs[i]! : nowMs
    return waitMs(submitMs[i]!, untilMs)
  }
  return {
    order: Uint32Array.from(job.keys()).sort((a, b) => job[a]! - job[b]!),
    columns: [
      { name: 'job', kind: 'integer', at: (i) => job[i]! },
      { name: 'submit', kind: 'integer', at: (i) => seconds(submitMs[i]!) },
      { name: 'start', kind: 'integer', at: (i) => seconds(startMs[i]!) },
      { name: 'end', kind: 'integer', at: (i) => seconds(endMs[i]!) },
      { name: 'procs', kind: 'integer', at: (i) => sizes[request[i]!]! },
      { name: 'state', kind: 'text', at: (i) => jobStates[state[i]!]! },
      { name: 'account', kind: 'text', at: (i) => owner(i).account },
      { name: 'user', kind: 'text', at: (i) => owner(i).user },
      { name: 'pool', kind: 'text', at: (i) => config.pools[pool[i]!]?.name ?? '' },
      { name: 'wait', kind: 'integer', at: (i) => seconds(wait(i)) },
      { name: 'limit', kind: 'integer', at: (i) => seconds(limitMs[i]!) },
      { name: 'attempts', kind: 'integer', at: (i) => attempts[i]! },
    ],
  }
}

const isTaken = (state: number): boolean => jobStates[state] !== 'unsubmitted' && jobStates[state] !== 'refused'

const seconds = (ms: number): number => (ms < 0 ? -1 : Math.floor(ms / 1000))
