// What a demand is drawn from, as plain data: the catalogue in `job-kinds.ts` and what is fitted to a log (`fit.ts`) are both
// values of it, so `submissions` draws from either.

import type { AcceleratorKind } from '@dure/core'
import type { TimeLaw } from './time-law.ts'
import type { Week } from './week.ts'

/** A number and how often it comes, in percent or any other unit that all of a table share. */
export type Weighted = readonly [value: number, weight: number]

export interface WorkloadModel {
  readonly name: string
  /** What the percents of the kinds are parts of. */
  readonly percentsOf: 'work' | 'jobs'
  readonly kinds: readonly JobKind[]
  /** When sessions begin. */
  readonly week: Week
  /** How many jobs come where no load is asked for; null: a load must be. */
  readonly jobsPerWeek: number | null
  readonly users: Users
  readonly estimates: EstimateHabit
}

export interface Users {
  /** The k-th busiest begins sessions with weight 1 / k to the power of this. */
  readonly activityExponent: number
  /** Between two sessions a user rests for so long at least, where others have time. */
  readonly breakS: number
  /** How many were seen; null where the model is not of one machine. */
  readonly seen: { readonly users: number; readonly accounts: number } | null
}

export interface JobKind {
  readonly name: string
  /** Of all accelerator-time or of all jobs, as `percentsOf` says. */
  readonly percent: number
  /** Accelerators and how often they are asked for. */
  readonly sizes: readonly Weighted[]
  /** Of runs that nothing cuts short. */
  readonly run: TimeLaw
  /** Runs that fill the time they were given to the last second and would go on: how many, and the limits they stand at. */
  readonly atLimit: { readonly percent: number; readonly limitsS: readonly Weighted[] } | null
  /** Devices it runs on, the preferred first; those that stand together are as good as each other. `any`: every pool, counted ones too. */
  readonly runsOn: readonly (readonly AcceleratorKind[])[] | 'any'
  /** Needs double precision, which the newest accelerators for AI have given up. */
  readonly needsFp64: boolean
  readonly endings: Endings
  readonly sessions: Sessions
  /** null: what is lost with a node is done again from the beginning. */
  readonly checkpoint: Checkpoint | null
}

/** What a run keeps of its work, should a node fail. */
export interface Checkpoint {
  /** Between two of them; `young-daly`: √(2 · write · mean time between failures of the job's nodes), none where nothing fails. */
  readonly everyS: number | 'young-daly'
  readonly writeS: number
  /** From the start of an attempt until it goes on from the last one. */
  readonly restartS: number
}

/** How runs end but by themselves, and waits but by a start. The percents of runs add up to at most 100. */
interface Endings {
  readonly failPercent: number
  /** `early`: most failures come soon, the others anywhere in the run. `end`: `run` already has the time of those that fail. */
  readonly failsAt: 'early' | 'end'
  /** Of all runs, those whose owner soon sees that they will come to nothing. */
  readonly abandonPercent: number
  /** Of all runs, those whose owner ends them having got what they came for: the run is as long as others, and ends CANCELLED. */
  readonly stopPercent: number
  /** Of all submissions, those whose owner will not wait for ever; and how long they do in the mean. */
  readonly giveUpPercent: number
  readonly patienceMeanS: number
}

/** A user at work: one job after the other, of one kind. */
export interface Sessions {
  /** Jobs in a session. */
  readonly jobs: readonly Weighted[]
  /** From what a job followed to its submission. */
  readonly think: TimeLaw
  /** The end of a shorter run is waited for before thinking begins; of a longer one, this much of it. */
  readonly awaitsUpToS: number
  /** How often a job of a session is as large as the one before it. */
  readonly repeatPercent: number
}

/**
 * What people write for a time limit.
 * - `people`: without a log to learn from, what Tsafrir, Etsion and Feitelson found in several (`estimates.ts`).
 * - `table`: the values of a log, by how long the job really ran.
 * - `exact`: the log has none, and run times stand in for them.
 */
export type EstimateHabit =
  | {
      readonly habit: 'people'
      /** Leave the longest limit of the kind in their script. */
      readonly longestPercent: number
      /** Ask for less than they need. */
      readonly shortPercent: number
      /** Of the others' limits, those that are one of the popular values. */
      readonly popularPercent: number
    }
  | { readonly habit: 'table'; readonly classes: readonly EstimateClass[] }
  | { readonly habit: 'exact' }

/** For runs up to so long: the limits that are written, rising, and how often. */
export interface EstimateClass {
  readonly runUpToS: number
  readonly limitsS: readonly Weighted[]
}
