// The seven kinds of work an AI computing center sees, after published GPU-cluster traces (Philly, Helios, PAI, Acme,
// Perlmutter, Meta's research clusters). Shares of accelerator-time are what is held to; how many jobs that makes follows from
// sizes and durations. Sizes are whole accelerators: slices of a device come when the center admits them.

import type { AcceleratorKind } from '@dure/core'

export type JobKindName = 'notebook' | 'evaluation' | 'fine-tune' | 'classical' | 'pretraining' | 'inference' | 'hpc'

export interface JobKind {
  readonly name: JobKindName
  /** Of all accelerator-time asked for, in percent. */
  readonly workPercent: number
  /** Accelerators and how often they are asked for, in percent. */
  readonly sizes: readonly (readonly [accelerators: number, percent: number])[]
  /** Of runs that do not fail. */
  readonly runMedianS: number
  /** 99th percentile, and the longest run there is. */
  readonly runTailS: number
  /** Devices it runs on, the preferred first; those that stand together are as good as each other. */
  readonly runsOn: readonly (readonly AcceleratorKind[])[]
  /** Needs double precision, which the newest accelerators for AI have given up. */
  readonly needsFp64: boolean
  /** Of all runs, those that end early by a mistake of their owner, in percent. */
  readonly failPercent: number
}

const MINUTE_S = 60
const HOUR_S = 3600
const DAY_S = 86_400

export const jobKinds: readonly JobKind[] = [
  {
    name: 'notebook',
    workPercent: 3,
    sizes: [[1, 100]],
    runMedianS: 40 * MINUTE_S,
    runTailS: 12 * HOUR_S,
    runsOn: [['gpu']],
    needsFp64: false,
    failPercent: 15,
  },
  {
    name: 'evaluation',
    workPercent: 3,
    sizes: [
      [1, 35],
      [2, 15],
      [4, 20],
      [8, 30],
    ],
    runMedianS: 3 * MINUTE_S,
    runTailS: 2 * HOUR_S,
    runsOn: [['gpu'], ['npu']],
    needsFp64: false,
    failPercent: 30,
  },
  {
    name: 'fine-tune',
    workPercent: 17,
    sizes: [
      [1, 70],
      [2, 12],
      [4, 8],
      [8, 7],
      [16, 2],
      [32, 0.7],
      [64, 0.3],
    ],
    runMedianS: 2 * HOUR_S,
    runTailS: 3 * DAY_S,
    runsOn: [['gpu']],
    needsFp64: false,
    failPercent: 30,
  },
  {
    name: 'classical',
    workPercent: 7,
    sizes: [
      [1, 60],
      [2, 15],
      [4, 15],
      [8, 8],
      [16, 2],
    ],
    runMedianS: 15 * MINUTE_S,
    runTailS: 2 * DAY_S,
    runsOn: [['gpu']],
    needsFp64: false,
    failPercent: 30,
  },
  {
    // Longer campaigns are chains of such runs, each from the checkpoint of the one before.
    name: 'pretraining',
    workPercent: 50,
    sizes: [
      [128, 45],
      [256, 27],
      [512, 17],
      [1024, 8],
      [2048, 3],
    ],
    runMedianS: 2 * DAY_S,
    runTailS: 14 * DAY_S,
    runsOn: [['gpu']],
    needsFp64: false,
    failPercent: 40,
  },
  {
    name: 'inference',
    workPercent: 10,
    sizes: [
      [1, 35],
      [2, 20],
      [4, 20],
      [8, 18],
      [16, 4],
      [32, 2],
      [64, 1],
    ],
    runMedianS: 7 * DAY_S,
    runTailS: 28 * DAY_S,
    runsOn: [['npu', 'pim'], ['gpu']],
    needsFp64: false,
    failPercent: 15,
  },
  {
    name: 'hpc',
    workPercent: 10,
    sizes: [
      [8, 50],
      [16, 22],
      [32, 14],
      [64, 8],
      [128, 4],
      [256, 1.5],
      [512, 0.5],
    ],
    runMedianS: 3 * HOUR_S,
    runTailS: DAY_S,
    runsOn: [['gpu']],
    needsFp64: true,
    failPercent: 16,
  },
]

/** GPU models whose double-precision rate is a token one. */
export const withoutFp64: readonly string[] = ['B300', 'GB300']
