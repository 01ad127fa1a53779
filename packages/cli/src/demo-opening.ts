// How a demonstration begins. Half of the modelled work is in a few very large runs, so what a center of a given age is asked for is a
// matter of luck: under some seeds it stands half empty, under others everything waits for one job that wants a whole pool.
// Visitors come to see a queue, so the beginning is tried out beforehand, on virtual time.

import { type CenterConfig, isCounted } from '@dure/core'
import { demandOf, simulate, submissions, width } from '@dure/sim'

/** How long a new center has been open, so that it is not empty when it is first looked at. */
export const OPENED_BEFORE_MS = 7 * 86_400_000

const SEEDS_TRIED = 16
const TRIED_MS = 1_800_000
/** Of a pool, what is in use when nothing but crumbs is left. */
const FULL = 0.98
/** Of the center's passes, those that find it so. */
const MOSTLY = 0.75

/** The first seed under which GPUs are full and jobs wait through most of the first half hour; 1 where none is found soon. */
export function openingSeed(config: CenterConfig, load: number, startMs: number): number {
  for (let seed = 1; seed <= SEEDS_TRIED; seed++) if (opensFull(config, load, startMs, seed)) return seed
  return 1
}

function opensFull(config: CenterConfig, load: number, startMs: number, seed: number): boolean {
  const untilMs = startMs + TRIED_MS
  const asked = submissions({ config, seed, load, startMs, openedBeforeMs: OPENED_BEFORE_MS })
  const demand = demandOf(config, asked, untilMs)
  const sizes = Array.from(demand.request, (request) => width(demand.requests[request]!))
  const capacities = config.pools.map((pool) =>
    isCounted(pool) || pool.kind !== 'gpu' ? Infinity : pool.nodes * pool.perNode.accelerators,
  )
  const busy = config.pools.map(() => 0)
  const placed = new Map<number, number>()
  let waiting = 0
  let passes = 0
  let fullPasses = 0
  const left = (i: number): void => {
    const pool = placed.get(i)
    if (pool === undefined) waiting--
    else busy[pool]! -= sizes[i]!
    placed.delete(i)
  }
  const trial = { aborted: false }
  simulate(config, demand, {
    cancel: trial,
    observer: {
      submitted: () => void waiting++,
      started(i, _, pool) {
        waiting--
        placed.set(i, pool)
        busy[pool]! += sizes[i]!
      },
      ended: left,
      requeued(i) {
        left(i)
        waiting++
      },
      unfinished: () => {},
      passed(atMs) {
        if (atMs >= untilMs) trial.aborted = true
        else {
          passes++
          if (waiting > 0 && busy.some((used, pool) => used >= FULL * capacities[pool]!)) fullPasses++
        }
      },
    },
  })
  return passes > 0 && fullPasses >= MOSTLY * passes
}
