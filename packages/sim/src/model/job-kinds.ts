// The seven kinds of work an AI computing center sees, after published GPU-cluster traces (Philly, Helios, PAI, Acme,
// Perlmutter, Meta's research clusters), and the hours of Korean work. Shares of accelerator-time are what is held to; how many
// jobs that makes follows from sizes and durations. Sizes are whole accelerators: slices of a device come when the center admits them.
//
// Endings are set so that the whole comes out as those clusters did: of jobs 15 to 43 % fail and 6 to 22 % are cancelled;
// of accelerator-time 29 to 66 % ends cancelled, for a training or a service runs until its owner has had enough of it.

import { lognormalTo } from './time-law.ts'
import { SESSION_BREAK_S } from './user-sessions.ts'
import { weekOf } from './week.ts'
import type { Checkpoint, JobKind, Weighted, WorkloadModel } from './workload-model.ts'

const MINUTE_S = 60
const HOUR_S = 3600
const DAY_S = 86_400

const RUN_SHORTEST_S = 5
const THINK_SHORTEST_S = 5

const runs = (medianS: number, tailS: number) => lognormalTo(medianS, tailS, RUN_SHORTEST_S)
const thinks = (medianS: number, tailS: number) => lognormalTo(medianS, tailS, THINK_SHORTEST_S)

/** Jobs of a session: a few in most, many in some, where a series of parameters is tried. */
const FEW: readonly Weighted[] = [
  [1, 40],
  [2, 25],
  [3, 20],
  [4, 15],
]
const SERIES: readonly Weighted[] = [
  [1, 35],
  [2, 20],
  [4, 20],
  [8, 15],
  [16, 10],
]

/** About two in three jobs of a large cluster come again as they were (PAI). */
const REPEAT_PERCENT = 65

/**
 * Of those whose runs are worth it. A minute to write is what the interval of large trainings is commonly worked out with; five to begin
 * anew are assumed.
 */
const CHECKPOINTS: Checkpoint = { everyS: 'young-daly', writeS: MINUTE_S, restartS: 5 * MINUTE_S }

export const jobKinds: readonly JobKind[] = [
  {
    name: 'notebook',
    percent: 3,
    sizes: [[1, 100]],
    run: runs(40 * MINUTE_S, 12 * HOUR_S),
    atLimit: null,
    runsOn: [['gpu']],
    needsFp64: false,
    endings: {
      failPercent: 15,
      failsAt: 'early',
      abandonPercent: 5,
      stopPercent: 25,
      giveUpPercent: 40,
      patienceMeanS: HOUR_S,
    },
    sessions: {
      jobs: FEW,
      think: thinks(10 * MINUTE_S, 2 * HOUR_S),
      awaitsUpToS: HOUR_S,
      repeatPercent: REPEAT_PERCENT,
    },
    checkpoint: null,
  },
  {
    name: 'evaluation',
    percent: 3,
    sizes: [
      [1, 35],
      [2, 15],
      [4, 20],
      [8, 30],
    ],
    run: runs(3 * MINUTE_S, 2 * HOUR_S),
    atLimit: null,
    runsOn: [['gpu'], ['npu']],
    needsFp64: false,
    endings: {
      failPercent: 30,
      failsAt: 'early',
      abandonPercent: 4,
      stopPercent: 1,
      giveUpPercent: 15,
      patienceMeanS: 6 * HOUR_S,
    },
    sessions: {
      jobs: SERIES,
      think: thinks(2 * MINUTE_S, HOUR_S),
      awaitsUpToS: 20 * MINUTE_S,
      repeatPercent: REPEAT_PERCENT,
    },
    checkpoint: null,
  },
  {
    name: 'fine-tune',
    percent: 17,
    sizes: [
      [1, 70],
      [2, 12],
      [4, 8],
      [8, 7],
      [16, 2],
      [32, 0.7],
      [64, 0.3],
    ],
    run: runs(2 * HOUR_S, 3 * DAY_S),
    atLimit: null,
    runsOn: [['gpu']],
    needsFp64: false,
    endings: {
      failPercent: 30,
      failsAt: 'early',
      abandonPercent: 6,
      stopPercent: 10,
      giveUpPercent: 10,
      patienceMeanS: DAY_S,
    },
    sessions: {
      jobs: FEW,
      think: thinks(10 * MINUTE_S, 3 * HOUR_S),
      awaitsUpToS: HOUR_S,
      repeatPercent: REPEAT_PERCENT,
    },
    checkpoint: CHECKPOINTS,
  },
  {
    name: 'classical',
    percent: 7,
    sizes: [
      [1, 60],
      [2, 15],
      [4, 15],
      [8, 8],
      [16, 2],
    ],
    run: runs(15 * MINUTE_S, 2 * DAY_S),
    atLimit: null,
    runsOn: [['gpu']],
    needsFp64: false,
    endings: {
      failPercent: 30,
      failsAt: 'early',
      abandonPercent: 6,
      stopPercent: 6,
      giveUpPercent: 10,
      patienceMeanS: DAY_S,
    },
    sessions: {
      jobs: SERIES,
      think: thinks(5 * MINUTE_S, 2 * HOUR_S),
      awaitsUpToS: 20 * MINUTE_S,
      repeatPercent: REPEAT_PERCENT,
    },
    checkpoint: CHECKPOINTS,
  },
  {
    // Longer campaigns are chains of such runs, each from the checkpoint of the one before: at most four of two weeks.
    name: 'pretraining',
    percent: 50,
    sizes: [
      [128, 45],
      [256, 27],
      [512, 17],
      [1024, 8],
      [2048, 3],
    ],
    run: runs(2 * DAY_S, 14 * DAY_S),
    atLimit: null,
    runsOn: [['gpu']],
    needsFp64: false,
    endings: {
      failPercent: 40,
      failsAt: 'early',
      abandonPercent: 10,
      stopPercent: 32,
      giveUpPercent: 5,
      patienceMeanS: 7 * DAY_S,
    },
    sessions: { jobs: FEW, think: thinks(HOUR_S, DAY_S), awaitsUpToS: 14 * DAY_S, repeatPercent: 90 },
    checkpoint: CHECKPOINTS,
  },
  {
    name: 'inference',
    percent: 10,
    sizes: [
      [1, 35],
      [2, 20],
      [4, 20],
      [8, 18],
      [16, 4],
      [32, 2],
      [64, 1],
    ],
    run: runs(7 * DAY_S, 28 * DAY_S),
    atLimit: null,
    runsOn: [['npu', 'pim'], ['gpu']],
    needsFp64: false,
    endings: {
      failPercent: 15,
      failsAt: 'early',
      abandonPercent: 5,
      stopPercent: 45,
      giveUpPercent: 5,
      patienceMeanS: 3 * DAY_S,
    },
    sessions: {
      jobs: [
        [1, 80],
        [2, 20],
      ],
      think: thinks(10 * MINUTE_S, HOUR_S),
      awaitsUpToS: HOUR_S,
      repeatPercent: REPEAT_PERCENT,
    },
    checkpoint: null,
  },
  {
    name: 'hpc',
    percent: 10,
    sizes: [
      [8, 50],
      [16, 22],
      [32, 14],
      [64, 8],
      [128, 4],
      [256, 1.5],
      [512, 0.5],
    ],
    run: runs(3 * HOUR_S, DAY_S),
    atLimit: null,
    runsOn: [['gpu']],
    needsFp64: true,
    endings: {
      failPercent: 16,
      failsAt: 'early',
      abandonPercent: 4,
      stopPercent: 4,
      giveUpPercent: 10,
      patienceMeanS: 2 * DAY_S,
    },
    sessions: {
      jobs: FEW,
      think: thinks(15 * MINUTE_S, 3 * HOUR_S),
      awaitsUpToS: HOUR_S,
      repeatPercent: REPEAT_PERCENT,
    },
    checkpoint: CHECKPOINTS,
  },
]

/** Beginnings by hour of a working day in Korea: two peaks, a dip at lunch and at dinner, few in the small hours. */
const HOURS = [
  0.45, 0.35, 0.28, 0.25, 0.22, 0.22, 0.25, 0.35, 0.6, 1.1, 1.6, 1.7, 1.0, 1.3, 1.7, 1.8, 1.7, 1.5, 0.9, 0.85, 1.0, 1.0,
  0.9, 0.65,
]
/** Saturday and Sunday, of a working day. */
const WEEKEND = 0.6

/** What is asked of a national center when nobody says otherwise. */
export const nationalModel: WorkloadModel = {
  name: 'national',
  percentsOf: 'work',
  kinds: jobKinds,
  week: weekOf(HOURS, [1, 1, 1, 1, 1, WEEKEND, WEEKEND]),
  jobsPerWeek: null,
  users: { activityExponent: 1, breakS: SESSION_BREAK_S, seen: null },
  estimates: { habit: 'people', longestPercent: 25, shortPercent: 5, popularPercent: 75 },
}

/** GPU models whose double-precision rate is a token one. */
export const withoutFp64: readonly string[] = ['B300', 'GB300']
