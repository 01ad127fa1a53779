// Why a job waits: data, never an exception. Codes are Slurm's where Slurm has one (squeue's REASON column).
// All binding reasons are given, not only the first; the numbers are those of the state at the revision asked about.

export type WaitReason =
  | { readonly code: 'JobHeldUser' }
  | { readonly code: 'JobHeldAdmin' }
  /** Not enough is free now: `nodesFree` nodes of the `nodesNeeded` could take their part (processors, in a counted pool). */
  | {
      readonly code: 'Resources'
      readonly pool: string
      readonly nodesNeeded: number
      readonly nodesFree: number
      readonly acceleratorsFree: number
    }
  /** `jobsAhead` jobs that may use the pool come first in turn; `jobAhead` is the first of them. */
  | { readonly code: 'Priority'; readonly pool: string; readonly jobsAhead: number; readonly jobAhead: number }
  /** It would fit now, but would delay `job`, which is promised a start at `startMs`. */
  | { readonly code: 'Reservation'; readonly pool: string; readonly job: number; readonly startMs: number }
  /** With the pool's drained and failed nodes back it could run; without them it cannot. */
  | { readonly code: 'ReqNodeNotAvail'; readonly pool: string; readonly nodesOut: number }
  /**
   * It would take the center over its power cap: by `drawW + neededW − capW` watts. `idleW`: what the nodes draw with nothing on them;
   * where even that leaves too little, it starts only under a higher cap.
   */
  | {
      readonly code: 'PowerNotAvail'
      readonly pool: string
      readonly capW: number
      readonly drawW: number
      readonly idleW: number
      readonly neededW: number
    }
  /**
   * There is room in the pool, which owes its user nothing now; `owedPool` does, and it, or one like it that is no longer, waits for the
   * start it is owed there: `acceleratorsHeldMilli` are held of the `acceleratorsDueMilli` that should be on the average.
   */
  | {
      readonly code: 'OwedElsewhere'
      readonly pool: string
      readonly owedPool: string
      readonly acceleratorsHeldMilli: number
      readonly acceleratorsDueMilli: number
    }
  /** Nothing stands in its way: the next pass will start it. */
  | { readonly code: 'None' }

export type WaitReasonCode = WaitReason['code']
