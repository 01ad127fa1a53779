// Which faults of a failed run it takes to fail: each is left out in turn, and stays out where the same invariant is violated
// without it.

import { type SimulatedRun, type SimulateOptions, simulate } from './simulate.ts'

/** Places of the faults in the plan of the seed, ascending. */
export async function fewestFaults(
  { plan, violations }: SimulatedRun,
  options: Pick<SimulateOptions, 'change' | 'kinds'> = {},
): Promise<number[]> {
  const [first] = violations
  let kept = plan.faults.map((_, i) => i)
  for (const one of [...kept].reverse()) {
    const others = kept.filter((i) => i !== one)
    const run = await simulate(plan.seed, plan.mode, { ...options, faults: (_, i) => others.includes(i) })
    if (run.violations.some(({ invariant }) => invariant === first?.invariant)) kept = others
  }
  return kept
}
