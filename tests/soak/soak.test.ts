// A soak of seconds: a center of real processes is at work and is measured. One of its processes keeps every run that it is given,
// and the verdict finds it, and no other.

import { expect, it } from 'vitest'
import { type SoakLimits, soak } from './soak.ts'

/** In seconds everything is still warming up, and callers open connections. What is looked for is a tenth more each second. */
const COARSE: SoakLimits = { heldPercent: 2_000, fds: 10_000, redisPercent: 5 }

it('tells a process that keeps every job from those that do not', async () => {
  const told: number[] = []
  const { accepted, ended, verdicts, violations, perJob } = await soak({
    seconds: 2.4,
    rate: 20,
    seed: 1,
    warmUpSeconds: 0.6,
    sampleMs: 300,
    thoroughEvery: 1,
    limits: COARSE,
    runMs: [100, 500],
    isKeyed: false,
    center: { isSingle: true, preloads: { executor: [new URL('./doubles/keep-every-run.ts', import.meta.url)] } },
    tell: ({ atS }) => told.push(atS),
    say: () => {},
  })
  expect(violations).toEqual([])
  expect(accepted).toBeGreaterThan(40)
  expect(ended).toBe(accepted)
  expect(told).toHaveLength(8)
  const outcomes = Object.fromEntries(verdicts.map(({ subject, what, outcome }) => [`${subject}, ${what}`, outcome]))
  expect(outcomes).toEqual({
    'scheduler-1, memory held': 'kept',
    'scheduler-1, file descriptors': 'kept',
    'executor-1, memory held': 'missed',
    'executor-1, file descriptors': 'kept',
    // It has yet to come to know as many jobs as it keeps.
    'api, memory held': 'not judged',
    'api, file descriptors': 'kept',
    'redis, file descriptors': 'kept',
    'redis, memory used': 'not judged',
  })
  expect(perJob.map(({ group }) => group)).toContain('ledger')
})
