import { expect, it } from 'vitest'
import { StudySection, seedsOf } from './study-section.ts'

const messages = (section: unknown): string[] => {
  const read = StudySection.safeParse(section)
  return read.success ? [] : read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
}

const sweep = (...axes: object[]) => ({ sweep: axes })
const capacity = { field: 'capacity_ef', from: 0.134, to: 2, points: 8 }

it.each([
  ['a sweep by points', sweep({ ...capacity, spacing: 'geometric' })],
  ['a grid', sweep(capacity, { field: 'demand.load', values: [0.4, 1, 2, 3.25] })],
  ['a field of a list item', sweep({ field: 'pools.rngd.nodes', from: 32, to: 512, points: 3, whole: true })],
  ['words', sweep({ field: 'demand.model', values: ['national', 'fit.yaml'] })],
  ['a comparison of policies', { compare: { policies: ['easy', 'fairshare'] }, seeds: [1, 7, 9] }],
  ['a comparison of scenarios', { compare: { scenarios: ['plan-2030', 'b300-only.yaml'] } }],
  ['a solution', { solve: { knob: 'npu_share', from: 0, to: 0.5, promise: 'wait_p95_s < 86400' }, days: 30 }],
])('reads %s', (_, section) => expect(messages(section)).toEqual([]))

it.each<[string, unknown, string]>([
  ['nothing to ask', {}, ': needs one of `sweep`, `compare` and `solve`, and only one'],
  ['two questions', { ...sweep(capacity), compare: { policies: ['easy', 'fcfs'] } }, ': needs one of'],
  ['a range that falls', sweep({ ...capacity, from: 3 }), 'sweep.0.to: must be more than `from`'],
  [
    'a geometric range from nothing',
    sweep({ ...capacity, from: 0, spacing: 'geometric' }),
    'sweep.0.from: must be more',
  ],
  ['an axis without values', sweep({ field: 'demand.load' }), 'sweep.0: needs `values`, or `from`, `to` and `points`'],
  ['an axis with both', sweep({ ...capacity, values: [1, 2] }), 'sweep.0.from: does not go with `values`'],
  ['one value twice', sweep({ field: 'demand.load', values: [1, 1] }), 'sweep.0.values: must not have the same value'],
  ['one field twice', sweep(capacity, capacity), 'sweep.1.field: is swept twice'],
  [
    'a column of the rows',
    sweep({ field: 'utilization', values: [1] }),
    'sweep.0.field: names a column of every study',
  ],
  ['a policy that is not there', { compare: { policies: ['easy', 'fairshair'] } }, 'did you mean `fairshare`'],
  ['one side', { compare: { policies: ['easy'] } }, 'compare: needs two policies or two scenarios at least'],
  [
    'a promise in other words',
    { solve: { knob: 'capacity_ef', from: 1, to: 2, promise: 'short waits' } },
    'solve.promise',
  ],
  ['a warm-up longer than the days', { ...sweep(capacity), days: 7, warmup_days: 7 }, 'warmup_days: must be less'],
  ['the same seed twice', { ...sweep(capacity), seeds: [4, 4] }, 'seeds'],
])('refuses %s', (_, section, message) => expect(messages(section).join('\n')).toContain(message))

it('refuses ten million points by their number, without making them', () => {
  const beganMs = performance.now()
  expect(messages({ ...sweep({ ...capacity, points: 10_000_000 }), policies: ['easy', 'fcfs'], seeds: 5 })).toEqual([
    'sweep: makes 100,000,000 simulations (points 10,000,000 × policies 2 × seeds 5), and a study may have 10,000: take fewer',
  ])
  expect(performance.now() - beganMs).toBeLessThan(1_000)
  // 100 × 100 × 1 is just allowed, one more is not.
  const grid = (points: number) => ({
    ...sweep({ ...capacity, points: 100 }, { field: 'x', from: 0, to: 1, points }),
    seeds: 1,
  })
  expect(messages(grid(100))).toEqual([])
  expect(messages(grid(101))).toHaveLength(1)
})

it('counts seeds from 1, or takes those named', () => {
  expect(seedsOf(3)).toEqual([1, 2, 3])
  expect(seedsOf([9, 2])).toEqual([9, 2])
})
