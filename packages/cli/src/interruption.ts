// Ctrl-C for commands that go on for a while: the first asks them to come to an end in order, the second ends them.
// Commands that only compute leave it to the system, which also reaches a loop that never looks up.

import { exitCodes } from '@dure/contract'

/** One key press may reach us twice, from the terminal and through whoever started us. */
const SAME_PRESS_MS = 300

export function interruption(): AbortSignal {
  const asked = new AbortController()
  let askedMs = 0
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (!asked.signal.aborted) {
        askedMs = performance.now()
        asked.abort()
      } else if (performance.now() - askedMs > SAME_PRESS_MS) process.exit(exitCodes.interrupted)
    })
  }
  return asked.signal
}

/** Waits, but not beyond an interruption. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
    function done(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
  })
}
