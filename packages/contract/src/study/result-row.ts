// One row of a study's results: one simulation of one point under one policy and one seed. `results.json` is an array of them and
// `results.csv` has the same columns; new ones come at the end. A row is flat, so that every spreadsheet and data frame reads it.

import { z } from 'zod'
import { CapacityUnit } from '../catalogue/capacity.ts'

const Part = z.number().min(0)
const Seconds = z.number().min(0)

/** The columns that every study has. What is swept, and waits of single groups of jobs, are columns besides these. */
export const ResultRow = z
  .object({
    /** Number of the point in the study, from 0. */
    point: z.int().min(0),
    policy: z.string(),
    /** Peak of what is installed, in the mean of the measured time, in `unit`: exaflops of a format, or H100-equivalents. */
    capacity_ef: z.number().min(0),
    unit: CapacityUnit,
    /** Installed, in the mean of the measured time. */
    accelerators: z.number().min(0),
    /** Work asked for / work that what is installed could do. */
    offered_load: z.number().min(0),
    jobs: z.int().min(0),
    /** Jobs that ended an hour. */
    jobs_per_hour: z.number().min(0),
    /** Peak of what was in use, in the mean of the measured time, in `unit`. */
    delivered_ef: z.number().min(0),
    utilization: Part,
    /** Waits count everybody, who still waits at the end with what they have waited by then. */
    wait_p50_s: Seconds,
    wait_p95_s: Seconds,
    wait_p99_s: Seconds,
    bounded_slowdown_mean: z.number().min(0),
    jain_index: z.number().min(0).max(1),
    share_error_max: z.number().min(0),
    /** Jobs that were sent back to the queue from their nodes: preempted, or because the nodes failed. */
    preemptions: z.int().min(0),
    lost_accelerator_hours: z.number().min(0),
    /** At the meter of the site. null, as of all that follows from it: the scenario does not say what its nodes draw. */
    power_mw_mean: z.number().min(0).nullable(),
    energy_mwh: z.number().min(0).nullable(),
    /** Of the measured time: energy, upkeep, and its part of what the machine cost. null: the scenario says no prices. */
    cost_krw: z.number().min(0).nullable(),
    tco2e: z.number().min(0).nullable(),
    jobs_waiting_end: z.int().min(0),
    /** Of wall time: the one column in which equal studies differ. */
    sim_jobs_per_second: z.number().min(0),
    seed: z.int(),
  })
  .catchall(z.union([z.number(), z.string(), z.null()]))
export type ResultRow = z.output<typeof ResultRow>

/** In the order in which files have them. Columns of swept fields stand behind `policy`, all others behind `seed`. */
export const resultColumns = Object.keys(ResultRow.shape) as readonly (keyof typeof ResultRow.shape)[]

/** Classes of jobs by accelerators, as columns name them: `wait_p95_s_size_9_64`. */
export const sizeClasses = [
  { name: 'size_1', from: 1, to: 1 },
  { name: 'size_2_8', from: 2, to: 8 },
  { name: 'size_9_64', from: 9, to: 64 },
  { name: 'size_65_512', from: 65, to: 512 },
  { name: 'size_513_up', from: 513, to: null },
] as const

/** The column of a wait of one class of sizes (`size_9_64`) or one sector (`sector_industry`). */
export const waitColumn = (percentile: 50 | 95 | 99, group: string): string => `wait_p${percentile}_s_${group}`
