import type { ResultRow } from '@dure/contract'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { inOrder, nextUnits, searchOf, unitsExpected } from './next-units.ts'
import { pointAt, type Study, studyHash } from './study.ts'
import { inventedRow, inventedStudy } from './testing/invented-study.ts'

const title = { ko: '값', en: 'value' }
const axis = (field: string, ...values: (number | string)[]) => ({ field, title, values })

const grid = inventedStudy({
  policies: ['easy', 'fairshare'],
  seeds: [1, 2],
  axes: [axis('capacity_ef', 0.5, 1, 2), axis('demand.load', 0.4, 3.25)],
})

/** Capacities 0 … 99; the wait is what `waitOf` says, a little longer or shorter by the seed, and a day is too long. */
const solve = (seeds: readonly number[] = [1, 2, 3]): Study =>
  inventedStudy({
    kind: 'solve',
    seeds,
    axes: [axis('capacity_ef', ...Array.from({ length: 100 }, (_, i) => i + 1))],
    promises: [{ column: 'wait_p95_s', comparison: '<', value: 86_400 }],
  })
const bySeed = (seed: number): number => 1000 * (seed - 2)

/** Runs whatever is wanted, `at` so many at a time, until nothing is. */
function played(study: Study, waitOf: (value: number) => number, atOnce = Infinity): ResultRow[] {
  const rows: ResultRow[] = []
  for (;;) {
    const units = nextUnits(study, rows).slice(0, atOnce)
    if (units.length === 0) return rows
    for (const unit of units) {
      const value = Number(study.axes[0]!.values[unit.point])
      rows.push(inventedRow(study, unit, { wait_p95_s: waitOf(value) + bySeed(unit.seed) }))
    }
  }
}

it('makes a grid of several fields, the last varying fastest, under every policy with every seed', () => {
  const units = nextUnits(grid, [])
  expect(units).toHaveLength(6 * 2 * 2)
  expect(units.slice(0, 5).map(({ point, policy, seed }) => [point, policy, seed])).toEqual([
    [0, 'easy', 1],
    [0, 'easy', 2],
    [0, 'fairshare', 1],
    [0, 'fairshare', 2],
    [1, 'easy', 1],
  ])
  expect([0, 1, 2, 5].map((point) => pointAt(grid, point).values)).toEqual([
    { capacity_ef: 0.5, 'demand.load': 0.4 },
    { capacity_ef: 0.5, 'demand.load': 3.25 },
    { capacity_ef: 1, 'demand.load': 0.4 },
    { capacity_ef: 2, 'demand.load': 3.25 },
  ])
  expect(() => pointAt(grid, 6)).toThrow('no point 6')
})

it('wants what has no row yet, and no more when all have', () => {
  const units = nextUnits(grid, [])
  const rows = units.map((unit) => inventedRow(grid, unit))
  expect(nextUnits(grid, rows.slice(0, 20))).toEqual(units.slice(20))
  expect(nextUnits(grid, rows)).toEqual([])
  expect(unitsExpected(grid, rows.slice(0, 3))).toBe(24)
})

it('gives units ids that only equal units have', () => {
  const ids = nextUnits(grid, []).map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.every((id) => /^u[0-9a-f]{32}$/.test(id))).toBe(true)
  expect(nextUnits({ ...grid, title: { ko: '다른 이름', en: 'Another' } }, []).map(({ id }) => id)).toEqual(ids)
  const older = nextUnits({ ...grid, version: '0' }, []).map(({ id }) => id)
  expect(older.some((id) => ids.includes(id))).toBe(false)
})

it('knows the same study under another title, and no other', () => {
  expect(studyHash({ ...grid, title: { ko: '다른 이름', en: 'Another' } })).toBe(studyHash(grid))
  expect(studyHash({ ...grid, seeds: [1, 2, 3] })).not.toBe(studyHash(grid))
  expect(studyHash({ ...grid, version: '2' })).not.toBe(studyHash(grid))
})

it('puts rows in one order, whoever made which first', () => {
  const rows = nextUnits(grid, []).map((unit) => inventedRow(grid, unit))
  fc.assert(
    fc.property(fc.shuffledSubarray(rows, { minLength: rows.length }), (shuffled) => {
      expect(inOrder(grid, shuffled)).toEqual(rows)
    }),
  )
})

it('solves step by step, each with all its seeds', () => {
  const study = solve()
  // The five of the scan: 1, 25, 50, 75, 100.
  expect(nextUnits(study, []).map(({ point, seed }) => [point, seed])).toEqual(
    [0, 24, 49, 74, 99].flatMap((point) => [1, 2, 3].map((seed) => [point, seed])),
  )
  // A day at a capacity of 40: 41 is the first that keeps the promise.
  const rows = played(study, (value) => (86_400 * 40) / value)
  const { keeps, misses, tried, wanted } = searchOf(study, null, rows)
  expect([keeps, misses, wanted]).toEqual([40, 39, []])
  expect(rows).toHaveLength(tried.length * 3)
  expect(unitsExpected(study, rows)).toBe(rows.length)
})

it('asks for the same units however many run at a time, and in whatever order they end', () => {
  const study = solve()
  const waitOf = (value: number) => (86_400 * 63) / value
  const keys = (rows: readonly ResultRow[]) => inOrder(study, rows).map(({ point, seed }) => `${point}/${seed}`)
  const all = keys(played(study, waitOf))
  expect(keys(played(study, waitOf, 1))).toEqual(all)
  expect(keys(played(study, waitOf, 4))).toEqual(all)
})

it('solves for each policy by itself', () => {
  const study = { ...solve(), policies: ['easy', 'fairshare'] }
  const rows: ResultRow[] = []
  for (let units = nextUnits(study, rows); units.length > 0; units = nextUnits(study, rows)) {
    for (const unit of units) {
      const edge = unit.policy === 'easy' ? 20 : 80
      rows.push(inventedRow(study, unit, { wait_p95_s: (86_400 * edge) / (unit.point + 1) }))
    }
  }
  expect(study.policies.map((policy) => searchOf(study, policy, rows).keeps)).toEqual([20, 80])
})

it('counts the mean of the seeds, and no promise as kept of which no row says anything', () => {
  // At a wait of 86,000 s the seeds have 85,000, 86,000 and 87,000 s: one is over a day, the mean is not.
  const study = solve()
  expect(
    searchOf(
      study,
      null,
      played(study, () => 86_000),
    ).keeps,
  ).toBe(0)
  expect(
    searchOf(
      study,
      null,
      played(study, () => 87_000),
    ).keeps,
  ).toBeNull()
  const silent = nextUnits(study, []).map((unit) => inventedRow(study, unit, { wait_p95_s_size_9_64: null }))
  const promises = [{ column: 'wait_p95_s_size_9_64', comparison: '<', value: 1 } as const]
  expect(searchOf({ ...study, promises }, null, silent).tried.every(({ keeps }) => !keeps)).toBe(true)
})
