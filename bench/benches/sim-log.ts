// Simulated jobs per second on real logs of one counted pool: the loop alone, after parsing. `easy` is first run cold; the
// other figures are what a study of many runs gets. Where the reference schedules lie beside the checkout, every job must
// start in the second they say. A pass per event is how the simulators work that stand beside it in the README (`peers.ts`).

import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type Policy, policies } from '@dure/core'
import { type PassPer, simulate, swfCenter } from '@dure/sim'
import type { Size } from '../bounds.ts'
import { type Log, referenceLog, scheduleSha, seededLog } from '../model/log.ts'
import { type BenchReport, type Figure, figure } from '../report.ts'

const dure = fileURLToPath(new URL('../../packages/cli/bin/dure.mjs', import.meta.url))

const JOBS_SMALL = 2_000
const JOBS_FULL = 54_000
const WARM_RUNS = 9

interface Case {
  readonly log: Log
  readonly passPer: PassPer
  readonly policy: string
  readonly name: string
}

export function simLog(size: Size): BenchReport {
  const cases = casesFor(size)
  const figures: Figure[] = []
  const answers: Record<string, string> = {}
  for (const { log, passPer, policy: policyName, name } of cases) {
    const policy = policies.find((one) => one.name === policyName)!
    const runs = Array.from({ length: 1 + WARM_RUNS }, () => oneRun(log, policy, passPer))
    const hashes = new Set(runs.map(({ factsHash }) => factsHash))
    if (hashes.size > 1) throw new Error(`${name} on ${log.name}: equal runs gave different facts`)
    const rates = runs.map(({ jobsPerSecond }) => jobsPerSecond)
    if (figures.length === 0) figures.push(figure(`${name}, cold`, 'jobs/s', rates.slice(0, 1)))
    figures.push(figure(name, 'jobs/s', rates.slice(1)))
    if (figures.length === 2) {
      const decided = runs.slice(1).map(({ passesPerSecond }) => passesPerSecond)
      figures.push(figure(`${name}, passes decided`, 'passes/s', decided))
    }
    answers[`${policyName} on ${log.name}, a pass per ${passPer}`] = runs[0]!.factsHash
  }
  figures.push(figure('peak memory', 'MB', [process.resourceUsage().maxRSS / 1000]))
  for (const { log, policy, name, passPer } of cases) {
    if (log.file === undefined || passPer !== 'event') continue
    const rates = Array.from({ length: WARM_RUNS }, () => wholeCommand(log.file!, log.jobs.count, policy))
    figures.push(figure(`${name}, whole command`, 'jobs/s', rates))
  }
  const logs = [...new Set(cases.map(({ log }) => log))]
  return {
    bench: 'sim-log',
    size: logs
      .map(({ name, jobs, processors }) => `${jobs.count} jobs of ${name} on ${processors} processors`)
      .join('; '),
    figures,
    answers,
  }
}

function casesFor(size: Size): Case[] {
  const per =
    (log: Log, passPer: PassPer, prefix = '') =>
    (policy: string): Case => ({ log, passPer, policy, name: prefix + policy })
  const [sdsc, kth] = size === 'small' ? [] : [referenceLog('sdsc-sp2'), referenceLog('kth-sp2')]
  const main = sdsc ?? seededLog(size === 'small' ? JOBS_SMALL : JOBS_FULL)
  return [
    ...['easy', 'fcfs', 'easy-sjbf', 'conservative', 'fairshare'].map(per(main, 'instant')),
    ...['easy', 'conservative'].map(per(main, 'event', 'per event: ')),
    ...(kth === undefined ? [] : ['fcfs', 'easy', 'conservative'].map(per(kth, 'event', 'kth-sp2 per event: '))),
  ]
}

/** As somebody at a terminal has it: from the start of the process to its end, unzipping and reading the log on the way. */
function wholeCommand(file: string, jobs: number, policy: string): number {
  const beganMs = performance.now()
  execFileSync(process.execPath, [dure, 'sim', '--trace', file, '--policy', policy, '--pass-per', 'event', '--json'], {
    stdio: 'pipe',
  })
  return (1000 * jobs) / (performance.now() - beganMs)
}

function oneRun(log: Log, policy: Policy, passPer: PassPer) {
  const { config, demand } = swfCenter(log.jobs, log.processors, policy)
  const simulation = simulate(config, demand, { passPer, clock: () => performance.now() })
  const expected = log.schedules[`${passPer}.${policy.name}`]
  if (expected !== undefined && scheduleSha(log.jobs, simulation) !== expected) {
    throw new Error(`${policy.name} on ${log.name}, a pass per ${passPer}: the schedule is not the reference's`)
  }
  const { loopMs, passes, factsHash } = simulation
  return {
    jobsPerSecond: (1000 * demand.count) / loopMs,
    passesPerSecond: (1000 * passes) / loopMs,
    factsHash,
  }
}
