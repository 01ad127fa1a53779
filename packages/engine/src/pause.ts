/** Resolves after `ms`, or as soon as `signal` aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve()
      return
    }
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
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

export function wakeup(): Wakeup {
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
          const timer = setTimeout(resolve, Math.min(ms, PAUSE_MS_MAX))
          ring = () => {
            clearTimeout(timer)
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
