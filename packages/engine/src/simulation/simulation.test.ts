// The engine on virtual time: what must hold after every run holds, equal seeds give equal runs, and builds that are broken on
// purpose are found.

import { expect, it, vi } from 'vitest'
import type { PortsChange } from './center.ts'
import { type Invariant, invariants } from './history.ts'
import { acceptedFirst, doubleStart, fencingOff, settledFirst } from './mutants.ts'
import { type Mode, modes } from './plan.ts'
import { type SimulatedRun, simulate } from './simulate.ts'

const SEEDS = 75
/** On a machine that has other work. */
const TIMEOUT_MS = 300_000

const story = ({ plan, violations }: SimulatedRun): string[] =>
  violations.map(
    ({ invariant, what }) =>
      `pnpm dst --from ${plan.seed} --seeds 1 --mode ${plan.mode}: ${invariants[invariant]}. Not so: ${what}`,
  )

it.each(modes)(
  `what must hold holds, whatever fails: ${SEEDS} seeds for %s`,
  async (mode) => {
    for (let seed = 1; seed <= SEEDS; seed++) expect(story(await simulate(seed, mode))).toEqual([])
  },
  TIMEOUT_MS,
)

it.each(modes)('equal seeds give equal runs, to the last line of what happens, for %s', async (mode) => {
  const traces: string[][] = []
  for (const seed of [7, 7, 8]) {
    const trace: string[] = []
    const { sha, endedMs } = await simulate(seed, mode, { trace })
    traces.push([...trace, sha, `${endedMs}`])
  }
  expect(traces[0]!.length).toBeGreaterThan(500)
  expect(traces[1]).toEqual(traces[0])
  expect(traces[2]).not.toEqual(traces[0])
})

it('nothing in it reaches for the clocks, timers and dice of the machine', async () => {
  const machines = [
    vi.spyOn(globalThis, 'setTimeout'),
    vi.spyOn(Date, 'now'),
    vi.spyOn(performance, 'now'),
    vi.spyOn(Math, 'random'),
  ]
  try {
    await simulate(1, 'liveness')
    for (const each of machines) expect(each).not.toHaveBeenCalled()
  } finally {
    vi.restoreAllMocks()
  }
})

it.each<[string, PortsChange, Mode, Invariant, number]>([
  ['lets a former leader write', fencingOff, 'safety', 'fenced', 40],
  ['starts every attempt twice', doubleStart, 'safety', 'one-executor', 10],
  ['settles commands before the ledger has them', settledFirst, 'safety', 'accepted', 40],
  ['accepts requests before they are queued', acceptedFirst, 'safety', 'accepted', 120],
])(
  'finds a build that %s',
  async (_, change, mode, invariant, seedsMax) => {
    for (let seed = 1; seed <= seedsMax; seed++) {
      const { violations } = await simulate(seed, mode, { change })
      if (violations.some((violation) => violation.invariant === invariant)) return
    }
    expect.fail(`none of ${seedsMax} seeds found it`)
  },
  TIMEOUT_MS,
)
