// The engine on virtual time: what must hold after every run holds, equal seeds give equal runs, and builds that are broken on
// purpose are found.

import { expect, it, vi } from 'vitest'
import type { PortsChange } from './center.ts'
import { failureLines } from './failure.ts'
import { fewestFaults } from './fewest-faults.ts'
import type { Invariant } from './history.ts'
import { acceptedFirst, doubleStart, fencingOff, settledFirst, trimmedTooFar } from './mutants.ts'
import { type Mode, modes } from './plan.ts'
import { type SimulatedRun, simulate } from './simulate.ts'

const SEEDS = 75
/** On a machine that has other work. */
const TIMEOUT_MS = 300_000

const story = (run: SimulatedRun): string[] =>
  run.violations.length === 0 ? [] : failureLines(run, { revision: 'this one' })

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
  ['trims what it has not moved to a segment', trimmedTooFar, 'safety', 'kept', 10],
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

it(
  'says of a run that failed which faults it takes, and how to see it again',
  async () => {
    const change = fencingOff
    let run = await simulate(1, 'safety', { change })
    for (let seed = 2; run.violations.length === 0; seed++) run = await simulate(seed, 'safety', { change })
    const { plan } = run
    const places = await fewestFaults(run, { change })
    expect(places.length).toBeLessThan(plan.faults.length)
    const lines = failureLines(run, { revision: 'abc123', places })
    expect(lines[0]).toBe(`seed=${plan.seed} mode=safety fsync=${plan.fsync} revision=abc123`)
    expect(lines[1]).toContain('nobody writes but the leader of the newest epoch')
    expect(lines.at(-1)).toBe(
      `  again: pnpm dst --from ${plan.seed} --seeds 1 --mode safety --faults ${places.join(',')} --trace`,
    )
    const again = await simulate(plan.seed, 'safety', { change, faults: (_, i) => places.includes(i) })
    expect(again.violations[0]?.invariant).toBe('fenced')
  },
  TIMEOUT_MS,
)
