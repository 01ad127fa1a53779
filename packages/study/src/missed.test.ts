import { parseThreshold, type ResultRow } from '@dure/contract'
import { expect, it } from 'vitest'
import { differencesIn } from './differences.ts'
import { missedIn } from './missed.ts'
import { nextUnits } from './next-units.ts'
import type { Study } from './study.ts'
import { inventedRow, inventedStudy } from './testing/invented-study.ts'

const compare = inventedStudy({ kind: 'compare', policies: ['easy', 'fairshare'] })

const rowsOf = (study: Study, waitOf: (policy: string | null, seed: number) => number): ResultRow[] =>
  nextUnits(study, []).map((unit) => inventedRow(study, unit, { wait_p95_s: waitOf(unit.policy, unit.seed) }))

it('names the bound, the side and the mean where it is missed', () => {
  const rows = rowsOf(compare, (policy, seed) => (policy === 'easy' ? 50 : 100) * seed)
  // Means over the seeds 1, 2, 3: 100 and 200.
  const bounds = ['wait_p95_s<150', 'utilization>=0'].map((text) => parseThreshold(text)!)
  expect(missedIn(compare, rows, bounds)).toEqual([{ threshold: bounds[0], policy: 'fairshare', point: 0, mean: 200 }])
  expect(missedIn(compare, rows, [])).toEqual([])
})

it('looks at what a search found, not at what it tried', () => {
  const study = inventedStudy({
    kind: 'solve',
    seeds: [1],
    axes: [{ field: 'capacity_ef', title: { ko: '용량', en: 'capacity' }, values: [1, 2, 3, 4, 5] }],
    promises: [parseThreshold('wait_p95_s<25')!],
  })
  const rows = nextUnits(study, []).map((unit) => inventedRow(study, unit, { wait_p95_s: 60 / (unit.point + 1) }))
  // 60, 30, 20, 15, 12: the third keeps it.
  expect(missedIn(study, rows, [parseThreshold('wait_p95_s<25')!])).toEqual([])
  expect(missedIn(study, rows, [parseThreshold('wait_p95_s<18')!])).toMatchObject([{ point: 2, mean: 20 }])
  const never = { ...study, promises: [parseThreshold('wait_p95_s<1')!] }
  expect(missedIn(never, rows, never.promises)).toMatchObject([{ point: null, mean: null }])
})

it('compares pairs of the same seed, with the interval of Student', () => {
  // Differences by seed: 1, 2 and 6. Mean 3, deviation √7, and t of 2 degrees at 95 % is 4.302653: ± 4.302653·√(7/3) = 6.572411.
  const more = [1, 2, 6]
  const rows = rowsOf(compare, (policy, seed) => 1000 * seed + (policy === 'easy' ? 0 : more[seed - 1]!))
  const wait = differencesIn(compare, rows).filter(({ column }) => column === 'wait_p95_s')
  expect(wait).toEqual([
    {
      column: 'wait_p95_s',
      base: { point: 0, policy: 'easy' },
      other: { point: 0, policy: 'fairshare' },
      mean: 3,
      half_width: expect.closeTo(6.572411, 5),
    },
  ])
})

it('says nothing of the spread from one seed, and compares nothing that is not measured', () => {
  const one = { ...compare, seeds: [1] }
  const differences = differencesIn(
    one,
    rowsOf(one, () => 5),
  )
  expect(differences.every(({ half_width }) => half_width === null)).toBe(true)
  const columns = differences.map(({ column }) => column)
  expect(columns).toContain('utilization')
  for (const aside of ['point', 'seed', 'policy', 'unit', 'sim_jobs_per_second']) expect(columns).not.toContain(aside)
})

it('compares the policies of a sweep at each point, and no point with another', () => {
  const sweep = inventedStudy({
    policies: ['easy', 'fairshare'],
    axes: [{ field: 'demand.load', title: { ko: '수요', en: 'demand' }, values: [1, 2] }],
  })
  const sides = differencesIn(
    sweep,
    rowsOf(sweep, () => 1),
  ).map(({ base, other }) => `${base.point} ${other.point} ${other.policy}`)
  expect([...new Set(sides)]).toEqual(['0 0 fairshare', '1 1 fairshare'])
})
