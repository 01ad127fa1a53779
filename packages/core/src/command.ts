// What people and node agents ask of a center. `Center.apply` answers each with facts, or with the reason why not.

/**
 * What a job asks for on each of `nodes` nodes, which start together or not at all (a gang).
 * `acceleratorsMilli` is a multiple of 1000, or less than 1000 for a slice that stays on one device.
 * In a pool of interchangeable processors only `nodes * acceleratorsMilli / 1000` counts.
 */
export interface JobRequest {
  /** Names of the pools the job may run in, the preferred first. */
  readonly pools: readonly string[]
  /**
   * How fast it runs in each of `pools`, in thousandths of the speed that its run time and time limit are written for; that
   * speed everywhere where absent.
   */
  readonly speedsMille?: readonly number[] | undefined
  readonly nodes: number
  readonly acceleratorsMilli: number
  readonly cpuMilli: number
  readonly memoryMib: number
}

export interface SubmitCommand {
  readonly type: 'submit'
  /** Positive integer, never used before. */
  readonly job: number
  readonly account: string
  readonly user: string
  readonly request: JobRequest
  readonly timeLimitMs: number
  readonly held: HoldBy | null
  /** Opaque to the core, carried into the `submitted` fact: the job's name and what simulated run it stands for. */
  readonly label: string
}

/** The part of the time that an association should have devices of a pool, times how many: so many accelerators on the average. */
export interface NamedTarget {
  readonly account: string
  readonly user: string
  readonly pool: string
  /** Thousandths of an accelerator. */
  readonly acceleratorsMilli: number
}

/** Who holds a job: its owner, or an operator (Slurm JobHeldUser, JobHeldAdmin). */
export type HoldBy = 'user' | 'admin'

export type Command =
  | SubmitCommand
  | { readonly type: 'cancel'; readonly job: number }
  | { readonly type: 'hold'; readonly job: number; readonly by: HoldBy }
  | { readonly type: 'release'; readonly job: number; readonly by: HoldBy }
  /** A node agent's report. An attempt that is no longer running is acknowledged and ignored. */
  | { readonly type: 'finish'; readonly job: number; readonly attempt: number; readonly exitCode: number }
  /** `down`: failed, its jobs end; `drain`: takes no new jobs; `up`: back in service. */
  | { readonly type: 'node'; readonly pool: string; readonly node: number; readonly to: NodeState }
  /** What associations should hold in pools on the average, in the place of all earlier targets; for the share rule `targets`. */
  | { readonly type: 'target'; readonly targets: readonly NamedTarget[] }
  /** From now on no start takes the center over so many watts; null: no cap. What runs goes on. */
  | { readonly type: 'power-cap'; readonly capW: number | null }
  /** A command that could not be read or failed the leader repeatedly; kept as a fact so that nothing vanishes. */
  | { readonly type: 'reject'; readonly command: string; readonly reason: string }

export type NodeState = 'up' | 'drain' | 'down'

/**
 * What became of a command. `ignored` changes nothing and is no error: an old attempt, a second hold, targets that no rule asks for.
 * `refused` is a submit that ended FAILED at once with a reason, or an act on a job that is not there.
 */
export type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'ignored'; readonly reason: 'old-attempt' | 'no-change' }
  | { readonly kind: 'refused'; readonly reason: RefusalCode }

export type RefusalCode =
  | 'InvalidAccount' // the user has no association with the account
  | 'InvalidPool' // a pool that does not exist
  | 'BadConstraints' // no accepted pool could ever hold it
  | 'BadRequest' // sizes that make no sense
  | 'DuplicateJob'
  | 'UnknownJob' // never submitted, or ended: the core forgets what has ended
  | 'UnknownNode'
  | 'NotAllowed' // an owner releasing an operator's hold
  | 'UnknownWatts' // a power cap where the policy does not say what nodes draw

// Facts, savepoints and columns hold positions in these tables: append only.

/** Who holds a job, null for nobody. */
export const holders: readonly (HoldBy | null)[] = [null, 'user', 'admin']
export const nodeStates: readonly NodeState[] = ['up', 'drain', 'down']
