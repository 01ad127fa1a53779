// One decision of a full center of 2 EF with 100,000 jobs waiting, each with its pass: a finish, a submit, or a finish when a new
// fair-share order is due. Two backlogs: the modelled one, in which many jobs are alike, and one in which no two time limits are equal, so
// that every job is a class of its own and nothing can be skipped together.

import type { Size } from '../bounds.ts'
import { BusyCenter, LIMIT_LEAST_MS } from '../model/busy-center.ts'
import { modelCenter, modelDemand } from '../model/center.ts'
import { type BenchReport, type Figure, latency } from '../report.ts'

const SIZES = {
  full: { multiple: 15, load: 3, days: 2, pending: 100_000, passes: { modelled: 1_000, 'all different': 200 } },
  small: { multiple: 1, load: 3, days: 1, pending: 2_000, passes: { modelled: 50, 'all different': 50 } },
} as const

export function pass(size: Size): BenchReport {
  const { multiple, load, days, pending, passes } = SIZES[size]
  const config = modelCenter(multiple)
  const demand = modelDemand(config, load, days, 0)
  const figures: Figure[] = []
  const answers: Record<string, string> = {}
  for (const backlog of ['modelled', 'all different'] as const) {
    const limitMs = (i: number): number => LIMIT_LEAST_MS + (backlog === 'modelled' ? demand.limitMs[i]! : i * 1000)
    const busy = new BusyCenter(config, demand, limitMs, pending)
    const { finishMs, submitMs, rankMs } = busy.measure(passes[backlog])
    figures.push(latency(`${backlog}, a finish`, 'ms', finishMs))
    figures.push(latency(`${backlog}, a submit`, 'ms', submitMs))
    figures.push(latency(`${backlog}, a finish and a new order`, 'ms', rankMs))
    answers[backlog] = busy.answer()
  }
  const nodes = config.pools.reduce((sum, pool) => sum + ('nodes' in pool ? pool.nodes : 0), 0)
  return {
    bench: 'pass',
    size: `${pending} pending jobs on ${nodes} nodes`,
    figures,
    answers,
  }
}
