// Standing for the lease: the same for every store that can be asked for it.

import { pause, type Timers } from './pause.ts'
import type { AcquireOutcome } from './ports.ts'

/** Longest pause of a candidate: a lease given up in good order is taken within this time. */
const CAMPAIGN_PAUSE_MS_MAX = 500
/** A lease is asked for when it has run out, not just before. */
const LAPSED_MS = 5

/** Asks until the lease is taken or `signal` aborts (null). */
export async function campaign(
  acquire: () => Promise<AcquireOutcome>,
  signal: AbortSignal,
  timers?: Timers,
): Promise<{ readonly epoch: number } | null> {
  while (!signal.aborted) {
    // A candidate outlives an outage: there is nothing else for it to do than to try again.
    const outcome = await acquire().catch(() => undefined)
    if (outcome?.kind === 'acquired') return { epoch: outcome.epoch }
    const remainingMs = outcome?.remainingMs ?? CAMPAIGN_PAUSE_MS_MAX
    await pause(Math.min(remainingMs + LAPSED_MS, CAMPAIGN_PAUSE_MS_MAX), signal, timers)
  }
  return null
}
