// A failed run in words: which seed, of which build, what did not hold, what it takes, and how to see it again.

import type { FaultKind } from './faults.ts'
import { invariants } from './history.ts'
import type { SimulatedRun } from './simulate.ts'

const VIOLATIONS_MAX = 5

export interface FailureOptions {
  /** Of the build, as git names it. */
  readonly revision: string
  /** Places in the plan of the faults that it takes; all where absent. */
  readonly places?: readonly number[] | undefined
  /** Of which the faults were to be. */
  readonly kinds?: readonly FaultKind[] | undefined
}

export function failureLines(
  { plan, violations }: Pick<SimulatedRun, 'plan' | 'violations'>,
  { revision, places = plan.faults.map((_, i) => i), kinds }: FailureOptions,
): string[] {
  const { seed, mode, fsync, faults } = plan
  const command = [
    `pnpm dst --from ${seed} --seeds 1 --mode ${mode}`,
    ...(kinds === undefined ? [] : [`--kinds ${kinds.join(',')}`]),
    ...(places.length === faults.length ? [] : [`--faults ${places.join(',')}`]),
    '--trace',
  ]
  return [
    `seed=${seed} mode=${mode} fsync=${fsync} revision=${revision}`,
    ...violations.slice(0, VIOLATIONS_MAX).map(({ invariant, what }) => `  not so: ${invariants[invariant]}. ${what}`),
    ...(violations.length > VIOLATIONS_MAX ? [`  and ${violations.length - VIOLATIONS_MAX} more`] : []),
    ...places.map((place) => `  fault ${JSON.stringify(faults[place])}`),
    `  again: ${command.join(' ')}`,
  ]
}
