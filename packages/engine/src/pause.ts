/** What waits for time to pass: the machine's timers, or those of a simulated world. */
export interface Timers {
  /** Calls `act` once, in `ms` or a little later. Returns what calls it off. */
  after(ms: number, act: () => void): () => void
}

export const machineTimers: Timers = {
  after: (ms, act) => {
    const timer = setTimeout(act, ms)
    return () => clearTimeout(timer)
  },
}

/** Resolves after `ms`, or as soon as `signal` aborts. */
export function pause(ms: number, signal: AbortSignal, timers = machineTimers): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve()
      return
    }
    const done = (): void => {
      callOff()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const callOff = timers.after(ms, done)
    signal.addEventListener('abort', done, { once: true })
  })
}

/** Timers of Node reach no further than 2^31 ms. */
const PAUSE_MS_MAX = 60_000

/** Pauses that something else may end. */
export interface Wakeup {
  /** Ends the pause under way, or the next one before it begins. */
  now(): void
  /** Resolves after `ms`, when woken, or as soon as `signal` aborts. One at a time. */
  within(ms: number, signal: AbortSignal): Promise<void>
}

export function wakeup(timers = machineTimers): Wakeup {
  let isRung = false
  let ring: (() => void) | undefined
  return {
    now: () => {
      isRung = true
      ring?.()
    },
    within: async (ms, signal) => {
      if (!isRung && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const callOff = timers.after(Math.min(ms, PAUSE_MS_MAX), resolve)
          ring = () => {
            callOff()
            resolve()
          }
          signal.addEventListener('abort', ring, { once: true })
        })
        signal.removeEventListener('abort', ring!)
        ring = undefined
      }
      isRung = false
    },
  }
}
