// Simulated jobs per second on a real log of one counted pool, one pass an instant: the loop alone, after parsing. The first
// run of `easy` is cold; the others are what a study of many runs gets. Where the reference schedules lie beside the
// checkout, every job must start in the second they say.

import { type Policy, policies } from '@dure/core'
import { simulate, swfCenter } from '@dure/sim'
import type { Size } from '../bounds.ts'
import { type Log, scheduleSha, sdscLog, seededLog } from '../model/log.ts'
import { type BenchReport, type Figure, figure } from '../report.ts'

const JOBS_SMALL = 2_000
const JOBS_FULL = 54_000
const WARM_RUNS = 5

export function simEasy(size: Size): BenchReport {
  const log = size === 'small' ? seededLog(JOBS_SMALL) : (sdscLog() ?? seededLog(JOBS_FULL))
  const figures: Figure[] = []
  const answers: Record<string, string> = {}
  for (const name of ['easy', 'fcfs', 'easy-sjbf', 'fairshare']) {
    const policy = policies.find((one) => one.name === name)!
    const runs = Array.from({ length: 1 + WARM_RUNS }, () => oneRun(log, policy))
    const hashes = new Set(runs.map(({ factsHash }) => factsHash))
    if (hashes.size > 1) throw new Error(`${name} on ${log.name}: equal runs gave different facts`)
    const rates = runs.map(({ jobsPerSecond }) => jobsPerSecond)
    if (name === 'easy') figures.push(figure('easy, cold', 'jobs/s', rates.slice(0, 1)))
    figures.push(figure(name, 'jobs/s', rates.slice(1)))
    answers[`${name} on ${log.name}`] = runs[0]!.factsHash
  }
  return {
    bench: 'sim-easy',
    size: `${log.jobs.count} jobs of ${log.name}, ${log.processors} processors`,
    figures,
    answers,
  }
}

function oneRun(log: Log, policy: Policy): { readonly jobsPerSecond: number; readonly factsHash: string } {
  const { config, demand } = swfCenter(log.jobs, log.processors, policy)
  const simulation = simulate(config, demand, { clock: () => performance.now() })
  const expected = log.schedules[policy.name]
  if (expected !== undefined && scheduleSha(log.jobs, simulation) !== expected) {
    throw new Error(`${policy.name} on ${log.name}: the schedule is not the reference's`)
  }
  return { jobsPerSecond: (1000 * demand.count) / simulation.loopMs, factsHash: simulation.factsHash }
}
