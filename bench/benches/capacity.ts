// The allocator alone as capacity grows, from the baseline of 0.134 EF to twice the goal of 2 EF: machine, users and load in
// proportion, over the same stretch of time. Of a small center there are as many, each with a seed of its own, as make up the
// same demand in all, so that a job's cost at one size beside the baseline says what size alone does, and not how many happened
// to wait. And at 2 EF with ever more jobs waiting: what one finish costs, which frees a place and fills it.

import { once } from 'node:events'
import type { Size } from '../bounds.ts'
import type { CapacityMeasurement, CapacityTask } from '../capacity/measurement.ts'
import { CAPACITIES } from '../model/center.ts'
import { messageOf, startProcess } from '../process.ts'
import { type BenchReport, type Figure, figure, latency } from '../report.ts'
import { median } from '../statistics.ts'

/** 300,000 accelerators, the most that this is meant for. */
const LARGEST = { '20 EF': 150 } as const

const BASELINE = '0.134 EF'
const GOAL = '2 EF'
/** More is asked for than there is, so that jobs wait and backfill has work. */
const LOAD = 1.2

interface Plan {
  readonly days: number
  readonly openedBeforeDays: number
  readonly runs: number
  /** All centers of one size come to this multiple of the baseline, or a little more. */
  readonly multipleInAll: number
  readonly capacities: Readonly<Record<string, number>>
  /** With so many waiting, on what. */
  readonly backlogs: readonly { readonly on: Readonly<Record<string, number>>; readonly pending: number }[]
  readonly backlogDays: number
  readonly passes: number
}

const SIZES: Readonly<Record<Size, Plan>> = {
  full: {
    days: 0.5,
    openedBeforeDays: 14,
    runs: 3,
    multipleInAll: CAPACITIES[GOAL],
    capacities: CAPACITIES,
    backlogs: [
      ...[1_000, 10_000, 100_000, 1_000_000].map((pending) => ({ on: { [GOAL]: CAPACITIES[GOAL] }, pending })),
      { on: { '4 EF': CAPACITIES['4 EF'] }, pending: 1_000_000 },
      { on: LARGEST, pending: 100_000 },
    ],
    backlogDays: 1,
    passes: 1_000,
  },
  small: {
    days: 0.02,
    openedBeforeDays: 1,
    runs: 1,
    multipleInAll: 2 * CAPACITIES['0.25 EF'],
    capacities: { [BASELINE]: 1, '0.25 EF': CAPACITIES['0.25 EF'] },
    backlogs: [{ on: { [BASELINE]: 1 }, pending: 1_000 }],
    backlogDays: 0.5,
    passes: 20,
  },
}

export async function capacity(size: Size): Promise<BenchReport> {
  const { days, openedBeforeDays, runs, multipleInAll, capacities, backlogs, backlogDays, passes } = SIZES[size]
  const figures: Figure[] = []
  const answers: Record<string, string> = {}
  let baselineRate = 0
  let largest = 0
  for (const [name, multiple] of Object.entries(capacities)) {
    const { jobs, accelerators, rates, rssMb, answer } = await inOwnProcess({
      kind: 'demand',
      multiple,
      seeds: Math.ceil(multipleInAll / multiple),
      load: LOAD,
      days,
      openedBeforeDays,
      runs,
    })
    if (name === BASELINE) baselineRate = median(rates)
    figures.push(figure(`${name}, placed`, 'jobs/s', rates))
    if (name !== BASELINE) {
      figures.push(
        figure(
          `${name}, cost per job / ${BASELINE}`,
          'ratio',
          rates.map((rate) => baselineRate / rate),
        ),
      )
    }
    figures.push(figure(`${name}, resident`, 'MB', [rssMb]))
    answers[`${name}: ${jobs} jobs, ${accelerators} accelerators a center`] = answer
  }
  for (const { on, pending } of backlogs) {
    const [[name, multiple]] = Object.entries(on) as [[string, number]]
    const { accelerators, rates, finishMs, rssMb, answer } = await inOwnProcess({
      kind: 'backlog',
      multiple,
      days: backlogDays,
      pending,
      passes,
    })
    largest = Math.max(largest, accelerators)
    const waiting = `${name}, ${pending} waiting`
    figures.push(latency(`${waiting}, a finish`, 'ms', finishMs))
    figures.push(figure(`${waiting}, placed`, 'jobs/s', rates))
    figures.push(figure(`${waiting}, resident`, 'MB', [rssMb]))
    answers[waiting] = answer
  }
  figures.push(figure('largest center', 'accelerators', [largest]))
  return {
    bench: 'capacity',
    size: `${days} days of load ${LOAD} at ${Object.keys(capacities).join(', ')}; backlogs of ${backlogs.map(({ pending }) => pending).join(', ')} jobs`,
    figures,
    answers,
  }
}

async function inOwnProcess(task: CapacityTask): Promise<CapacityMeasurement> {
  const child = startProcess(new URL('../capacity/one-size.ts', import.meta.url), [JSON.stringify(task)])
  const ended = once(child, 'exit')
  const measurement = (await messageOf(child)) as CapacityMeasurement
  await ended
  return measurement
}
