// The life of a job, once and for all: which state may follow which, and by what. Everybody else asks this table.
//
// A job is born PENDING (or HELD, which Slurm shows as PENDING with reason JobHeldUser or JobHeldAdmin). The allocator
// starts it; its node agents report an exit code (COMPLETED for 0, FAILED otherwise); its time limit ends it in TIMEOUT;
// its node's failure puts it back in the queue as a new attempt, or ends it in NODE_FAIL where the policy does not requeue.
// Whoever owns it may cancel it at any time before its end. What has ended never changes again.

export const transitions = {
  PENDING: { hold: 'HELD', start: 'RUNNING', cancel: 'CANCELLED' },
  HELD: { release: 'PENDING', cancel: 'CANCELLED' },
  RUNNING: {
    complete: 'COMPLETED',
    fail: 'FAILED',
    expire: 'TIMEOUT',
    lose: 'NODE_FAIL',
    requeue: 'PENDING',
    cancel: 'CANCELLED',
  },
  COMPLETED: {},
  FAILED: {},
  CANCELLED: {},
  TIMEOUT: {},
  NODE_FAIL: {},
} as const

export type JobState = keyof typeof transitions
export type LiveState = 'PENDING' | 'HELD' | 'RUNNING'

/** Live states by the small integers job columns hold. */
export const PENDING = 0
export const HELD = 1
export const RUNNING = 2
export const liveStates: readonly LiveState[] = ['PENDING', 'HELD', 'RUNNING']

/** What is done to a live job that leaves it alive. */
export type Step = 'hold' | 'release' | 'start' | 'requeue'

const stepsTo = (by: Step): readonly number[] =>
  liveStates.map((from) =>
    liveStates.indexOf((transitions[from] as { readonly [step in Step]?: LiveState })[by] as LiveState),
  )

/** By step and live state: the live state it leads to, -1 where there is no such step. */
export const steps: Readonly<Record<Step, readonly number[]>> = {
  hold: stepsTo('hold'),
  release: stepsTo('release'),
  start: stepsTo('start'),
  requeue: stepsTo('requeue'),
}

/** By live state: what may follow it. */
export const followers: readonly ReadonlySet<JobState>[] = liveStates.map(
  (from) => new Set(Object.values(transitions[from])),
)
