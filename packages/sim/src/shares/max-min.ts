// Who should run on which type of accelerator, when jobs differ in what they gain from each? The max-min shares of Narayanan
// et al., "Heterogeneity-Aware Cluster Scheduling Policies for Deep Learning Workloads" (Gavel, OSDI 2020), as linear programs.
//
// x[m][j] is the part of the time that job m has its devices of type j. Its throughput Σ T[m][j]·x[m][j] is measured against
// what it would get from a device picked at random (each type in proportion to its number), times its devices, per weight: the
// level of the job. `maxMin` makes the lowest level as high as it can be; `waterFilled` goes on to raise the second lowest, and
// so on, so that nothing is left that could help somebody and harm nobody. `demandFilled` is for many who ask for unlike amounts: who
// can have all of it has it, the lowest level of the others is as high as it can be, and what is left goes where it gives most.
//
// A level is unique, the shares that reach it need not be. The solver works with doubles: what enters a center are
// thousandths (`decisions/`). Cost: a simplex solve of jobs × types variables, and two or three more for each level of
// `waterFilled`: 200 jobs of unlike sizes on three types take 0.05 s and, with some forty levels, 5 s. `demandFilled` solves some
// log jobs times.

import type { Highs } from 'highs'

export interface MaxMinJob {
  /** Work per unit of time on its devices of each type; 0 where it does not run. */
  readonly throughput: readonly number[]
  /** Devices it holds at a time. */
  readonly workers: number
  /** Whether these may be on several types at once, so that it may be wider than any: not one gang, but all that somebody asks for. */
  readonly apart?: boolean
  readonly weight: number
}

interface MaxMinShares {
  /** The lowest level. */
  readonly objective: number
  readonly levels: readonly number[]
  readonly throughput: readonly number[]
  /** Thousandths of the time, by job and type, rounded down: nobody has more than all of it, no type gives more than it has. */
  readonly timeMilli: readonly (readonly number[])[]
  /** Devices on the average, in thousandths, by job and type, rounded down: the time times the workers. */
  readonly devicesMilli: readonly (readonly number[])[]
}

export interface MaxMinSolver {
  /** `devices`: how many of each type. Throws a RangeError for a job that can run on none of them. */
  maxMin(jobs: readonly MaxMinJob[], devices: readonly number[]): MaxMinShares
  waterFilled(jobs: readonly MaxMinJob[], devices: readonly number[]): MaxMinShares
  demandFilled(jobs: readonly MaxMinJob[], devices: readonly number[]): MaxMinShares
}

// The solver keeps constraints to 1e-7. A level that was reached is asked for again by a hair less, so that it surely can be;
// what gains no more than a few hairs' worth gains nothing.
const HAIR = 1e-9
const GAIN_MIN = 1e-5
/** A thousandth that falls short of whole by the last digits is whole. Small enough to oversubscribe none of 100,000 devices. */
const ROUNDING_MILLI = 1e-5

/** Loads the solver, three megabytes of WebAssembly. It runs in Node and in browsers alike. */
export async function loadMaxMinSolver(): Promise<MaxMinSolver> {
  // Its types are those of a CommonJS module, what is loaded is none: the loader lies one `default` nearer than they say.
  const { default: loadHighs } = (await import('highs')) as unknown as {
    default: typeof import('highs').default
  }
  const highs = await loadHighs()
  return {
    maxMin(jobs, devices) {
      const program = programOf(jobs, devices)
      return sharesOf(program, raise(highs, program, [program.jobs.map((_, job) => job)]).time)
    },
    waterFilled(jobs, devices) {
      const program = programOf(jobs, devices)
      let rising = program.jobs.map((_, job) => job)
      while (rising.length > 0) {
        const { gains } = raise(highs, program, [rising])
        const level = program.floors[rising[0]!]! + gains[0]!
        for (const job of rising) program.floors[job] = belowByHair(level)
        rising = thoseWhoCanRise(highs, program, rising)
      }
      return sharesOf(program, raise(highs, program, eachAlone(program)).time)
    },
    demandFilled(jobs, devices) {
      const program = programOf(jobs, devices)
      const most = program.jobs.map((_, job) => levelAlone(program, job))
      const byMost = most.map((_, job) => job).sort((a, b) => most[a]! - most[b]!)
      const floorsOf = (satisfied: number): number[] => {
        const least = satisfied === 0 ? 0 : most[byMost[satisfied - 1]!]!
        return most.map((each) => belowByHair(Math.min(each, least)))
      }
      // How many can have all they ask for while the others have no less than the last of them.
      let satisfied = 0
      let { time } = raise(highs, program, [])
      for (let tooMany = byMost.length + 1; tooMany - satisfied > 1; ) {
        const middle = (satisfied + tooMany) >> 1
        const kept = solve(highs, { ...program, floors: floorsOf(middle) }, [])
        if (kept === undefined) tooMany = middle
        else [satisfied, time] = [middle, kept.time]
      }
      // Of thousands of rows a floor that was reached may be a hair too high when it is asked for again: what was reached stands.
      const floors = floorsOf(satisfied)
      const others = byMost.slice(satisfied)
      const raised = others.length > 0 ? solve(highs, { ...program, floors }, [others]) : undefined
      for (const job of others) floors[job] = belowByHair(floors[job]! + (raised?.gains[0] ?? 0))
      const filled = solve(highs, { ...program, floors }, eachAlone(program))
      return sharesOf(program, (filled ?? raised ?? { time }).time)
    },
  }
}

const eachAlone = ({ jobs }: Program): number[][] => jobs.map((_, job) => [job])

/** A level that surely can be reached where this one was. */
const belowByHair = (level: number): number => Math.max(0, level - HAIR * Math.max(1, level))

/** The level of a job that has the devices to itself. */
function levelAlone({ jobs, devices, value }: Program, job: number): number {
  const { workers } = jobs[job]!
  const types = value[job]!.map((each, type) => ({ each: each ?? 0, most: devices[type]! / workers }))
  let left = 1
  let level = 0
  for (const { each, most } of types.sort((a, b) => b.each - a.each)) {
    const part = Math.min(left, most)
    left -= part
    level += part * each
  }
  return level
}

interface Program {
  readonly jobs: readonly MaxMinJob[]
  readonly devices: readonly number[]
  /** By job and type: what a whole share adds to the job's level. Null where it cannot run. */
  readonly value: readonly (readonly (number | null)[])[]
  /** Levels that must be kept, by job. */
  readonly floors: number[]
}

function programOf(jobs: readonly MaxMinJob[], devices: readonly number[]): Program {
  const total = devices.reduce((sum, count) => sum + count, 0)
  if (!devices.every((count) => Number.isSafeInteger(count) && count >= 0) || total === 0) {
    throw new RangeError('devices are whole numbers, of one type at least one')
  }
  if (jobs.length === 0) throw new RangeError('there are no jobs to share the devices among')
  const value = jobs.map(({ throughput, workers, weight, apart = false }, job) => {
    if (throughput.length !== devices.length || !throughput.every((rate) => Number.isFinite(rate) && rate >= 0)) {
      throw new RangeError(`job ${job} needs a throughput of 0 or more for each of the ${devices.length} types`)
    }
    if (!Number.isSafeInteger(workers) || workers < 1 || !(Number.isFinite(weight) && weight > 0)) {
      throw new RangeError(`job ${job} needs at least one worker and a weight above 0`)
    }
    const canRun = throughput.map((rate, type) => rate > 0 && (apart ? 1 : workers) <= devices[type]!)
    if (!canRun.includes(true)) throw new RangeError(`job ${job} can run on none of the types`)
    const atRandom = throughput.reduce((sum, rate, type) => sum + rate * devices[type]!, 0) / total
    return throughput.map((rate, type) => (canRun[type] ? (workers * rate) / (weight * atRandom) : null))
  })
  return { jobs, devices, value, floors: jobs.map(() => 0) }
}

/**
 * Shares that keep the floors and raise the groups as far above them as they go in sum, the jobs of a group by the same.
 * Columns: the devices that each job has of each type, then the gain of each group.
 */
function raise(highs: Highs, program: Program, groups: readonly (readonly number[])[]): Raised {
  const raised = solve(highs, program, groups)
  // A program with floors that were reached has a best answer: not to find it is a fault of the solver or of ours.
  if (raised === undefined) throw new Error('the linear program of max-min shares was not solved to its optimum')
  return raised
}

interface Raised {
  readonly time: readonly (readonly number[])[]
  readonly gains: readonly number[]
}

/** The same; undefined where the floors cannot be kept. */
function solve(
  highs: Highs,
  { jobs, devices, value, floors }: Program,
  groups: readonly (readonly number[])[],
): Raised | undefined {
  const types = devices.length
  const gainAt = jobs.length * types
  return highs.withModel((model) => {
    model.options.set('output_flag', false)
    model.changeObjectiveSense(highs.constants.objectiveSense.maximize)
    value.forEach((row, job) => {
      for (const [type, each] of row.entries())
        model.addVar(0, each === null ? 0 : Math.min(jobs[job]!.workers, devices[type]!))
    })
    for (let group = 0; group < groups.length; group++) {
      model.addVar(0, highs.infinity)
      model.changeColCost(gainAt + group, 1)
    }
    const groupOf = new Map(groups.flatMap((members, group) => members.map((job) => [job, group] as const)))
    for (const [job, row] of value.entries()) {
      const indices = row.map((_, type) => job * types + type)
      const { workers } = jobs[job]!
      model.addRow(0, workers, { indices, values: row.map(() => 1) })
      const group = groupOf.get(job)
      const gain = group === undefined ? { indices: [], values: [] } : { indices: [gainAt + group], values: [-1] }
      model.addRow(floors[job]!, highs.infinity, {
        indices: [...indices, ...gain.indices],
        values: [...row.map((each) => (each ?? 0) / workers), ...gain.values],
      })
    }
    for (const [type, count] of devices.entries()) {
      const indices = jobs.map((_, job) => job * types + type)
      model.addRow(0, count, { indices, values: jobs.map(() => 1) })
    }
    model.run()
    if (model.getModelStatus() !== highs.constants.modelStatus.optimal) return undefined
    const { colValue } = model.getSolution()
    return {
      time: jobs.map(({ workers }, job) =>
        Array.from(colValue.subarray(job * types, (job + 1) * types), (held) => Math.max(0, held) / workers),
      ),
      gains: Array.from(colValue.subarray(gainAt)),
    }
  })
}

/** The jobs that could be raised above their floors without anybody falling below his. */
function thoseWhoCanRise(highs: Highs, program: Program, jobs: readonly number[]): number[] {
  const rising: number[] = []
  for (let asked = [...jobs]; asked.length > 0; ) {
    const { gains } = raise(
      highs,
      program,
      asked.map((job) => [job]),
    )
    const gained = asked.filter((job, i) => gains[i]! > GAIN_MIN * Math.max(1, program.floors[job]!))
    if (gained.length === 0) break
    // Those who gained nothing may have made way for others: they are asked again without them.
    rising.push(...gained)
    asked = asked.filter((job) => !gained.includes(job))
  }
  return rising.sort((a, b) => a - b)
}

function sharesOf({ jobs, value }: Program, time: readonly (readonly number[])[]): MaxMinShares {
  const sumOver = (row: readonly (number | null)[], job: number): number =>
    row.reduce<number>((sum, each, type) => sum + (each ?? 0) * time[job]![type]!, 0)
  const levels = value.map(sumOver)
  return {
    objective: Math.min(...levels),
    levels,
    throughput: jobs.map(({ throughput }, job) => sumOver(throughput, job)),
    timeMilli: time.map((row) => row.map((part) => Math.floor(1000 * part + ROUNDING_MILLI))),
    devicesMilli: time.map((row, job) =>
      row.map((part) => Math.floor(1000 * jobs[job]!.workers * part + ROUNDING_MILLI)),
    ),
  }
}
