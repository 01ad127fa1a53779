// What it costs in waits, use and fairness to decide one center in cells with a ledger each, as past one Redis: the same demand on one
// center and on two, four and eight cells that tell each other what was used ever more seldom, or never; and what each then has left to
// decide. One cell must come to the facts of `simulate`. The design that this tries: packages/engine/decisions/012.

import { createHash } from 'node:crypto'
import type { CenterConfig } from '@dure/core'
import { type Demand, type Measures, openMetrics, simulate } from '@dure/sim'
import type { Size } from '../bounds.ts'
import { inCells, POOLS, pooledCenter, unevenDemand } from '../cells/model.ts'
import { type CellRun, type CellsOptions, simulateCells } from '../cells/simulate-cells.ts'
import { type BenchReport, type Figure, figure } from '../report.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

const INTERVALS = { '15 min': 15 * MINUTE_MS, '1 h': HOUR_MS, '1 day': DAY_MS, never: Infinity } as const

interface Plan {
  readonly days: number
  readonly warmupDays: number
  readonly seeds: number
  readonly cells: readonly number[]
  readonly intervals: readonly (keyof typeof INTERVALS)[]
}

const SIZES: Readonly<Record<Size, Plan>> = {
  full: { days: 6, warmupDays: 2, seeds: 2, cells: [2, 4, 8], intervals: ['15 min', '1 h', '1 day', 'never'] },
  small: { days: 0.5, warmupDays: 0.1, seeds: 1, cells: [4], intervals: ['1 h'] },
}

/** More is asked for than there is, so that it matters whose turn it is. */
const LOAD = 1.2

interface Outcome {
  readonly measures: Measures
  readonly runs: readonly CellRun[]
}

export function cells(size: Size): BenchReport {
  const { days, warmupDays, seeds, cells: counts, intervals } = SIZES[size]
  const config = pooledCenter()
  const variants = counts.flatMap((count) => intervals.map((interval) => ({ count, interval })))
  const samples = new Map<string, { readonly unit: string; readonly values: number[] }>()
  const answers: Record<string, string> = {}
  const add = (name: string, unit: string, value: number): void => {
    const known = samples.get(name) ?? { unit, values: [] }
    known.values.push(value)
    samples.set(name, known)
  }
  let jobs = 0
  for (let seed = 1; seed <= seeds; seed++) {
    const demand = unevenDemand(config, LOAD, days, seed)
    jobs += demand.count
    const outcomeOf = (one: Demand, options: Pick<CellsOptions, 'groups' | 'exchangeMs'>): Outcome =>
      outcome(config, one, warmupDays * DAY_MS, { ...options, untilMs: days * DAY_MS })
    const { factsHash } = simulate(config, demand, { untilMs: days * DAY_MS })
    const one = { groups: inCells(config, 1), exchangeMs: Infinity }
    const whole = outcomeOf(demand, one)
    if (whole.runs[0]!.factsHash !== factsHash)
      throw new Error(`seed ${seed}: one cell decided otherwise than one center`)
    answers[`one center, seed ${seed}`] = factsHash
    addOutcome(add, 'one center', whole, whole)
    // What differs for no better reason than this is chance.
    const { measures } = outcomeOf(otherWayRound(demand), one)
    add('one center, pools the other way round, used by others', '%', 100 * movedPart(measures, whole.measures))
    for (const { count, interval } of variants) {
      const name = `${count} cells, told ${interval === 'never' ? interval : `every ${interval}`}`
      const parted = outcomeOf(demand, { groups: inCells(config, count), exchangeMs: INTERVALS[interval] })
      answers[`${name}, seed ${seed}`] = hashOf(parted.runs)
      addOutcome(add, name, parted, whole)
    }
  }
  return {
    bench: 'cells',
    size: `${jobs} jobs of ${days} days at load ${LOAD} with ${seeds} seeds, on ${POOLS} pools; half of the institutes bound to one of them`,
    figures: [...samples].map(([name, { unit, values }]): Figure => figure(name, unit, values)),
    answers,
  }
}

function outcome(
  config: CenterConfig,
  demand: Demand,
  warmupMs: number,
  options: Pick<CellsOptions, 'groups' | 'exchangeMs' | 'untilMs'>,
): Outcome {
  const metrics = openMetrics(config, demand, { warmupMs, looksAtNodes: false })
  const runs = simulateCells(config, demand, { ...options, observer: metrics.observer, clock: cpuClock })
  return { measures: metrics.measures(), runs }
}

/** Of this thread: what a cell costs is the same on a busy machine. */
function cpuClock(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

function addOutcome(
  add: (name: string, unit: string, value: number) => void,
  name: string,
  { measures, runs }: Outcome,
  whole: Outcome,
): void {
  const { all, utilization, idleWhileWanted, shareErrorMax } = measures
  add(`${name}, mean wait`, 'h', all.waitMeanMs / HOUR_MS)
  add(`${name}, wait, p95`, 'h', all.waits.at(95) / HOUR_MS)
  add(`${name}, in use`, '%', 100 * utilization)
  add(`${name}, idle while wanted`, '%', 100 * idleWhileWanted)
  add(`${name}, share error`, '%', 100 * shareErrorMax)
  if (runs.length === 1) return
  add(`${name}, used by others than in one center`, '%', 100 * movedPart(measures, whole.measures))
  const decidingMs = ({ runs: cells }: Outcome) => cells.map((cell) => cell.decidingMs)
  add(
    `${name}, deciding in the busiest cell / one center`,
    'ratio',
    Math.max(...decidingMs({ measures, runs })) / decidingMs(whole)[0]!,
  )
}

const otherWayRound = (demand: Demand): Demand => ({
  ...demand,
  requests: demand.requests.map((request) => ({ ...request, pools: request.pools.toReversed() })),
})

/** The part of all that was used which another account would have had in one center. */
function movedPart({ accounts }: Measures, whole: Measures): number {
  const before = new Map(whole.accounts.map(({ account, usedPart }) => [account, usedPart]))
  return accounts.reduce((sum, { account, usedPart }) => sum + Math.abs(usedPart - before.get(account)!), 0) / 2
}

const hashOf = (runs: readonly CellRun[]): string =>
  createHash('sha256')
    .update(runs.map(({ factsHash }) => factsHash).join(' '))
    .digest('hex')
    .slice(0, 32)
