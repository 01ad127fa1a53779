import { expect, it } from 'vitest'
import { sampleSweep } from '../../testing/index.ts'
import { arrange } from './arrangement.ts'
import { type Kept, keptAlong, sayPromises } from './promises.ts'

const HOUR_S = 3_600

/** A sweep in which the waits at the eight capacities are so many hours, whatever the seed. */
function waiting(...hours: readonly number[]) {
  const outcome = sampleSweep()
  return { ...outcome, rows: outcome.rows.map((row) => ({ ...row, wait_p95_s: hours[row.point]! * HOUR_S })) }
}

const along = (...hours: readonly number[]): Kept => {
  const outcome = waiting(...hours)
  return keptAlong(outcome.promises, arrange(outcome).base)
}

it('is kept from where waits stay under a day', () => {
  expect(along(90, 50, 30, 24, 23, 9, 8, 7)).toMatchObject({ kind: 'from', stop: { x: 1 } })
})

it.each<[string, readonly number[], object]>([
  ['everywhere', [9, 8, 7, 6, 5, 4, 3, 2], { kind: 'everywhere' }],
  ['nowhere', [90, 80, 70, 60, 50, 40, 30, 24], { kind: 'nowhere' }],
  ['up to a stop', [1, 2, 3, 30, 40, 50, 60, 70], { kind: 'up-to', stop: { x: 0.5 } }],
  ['here and there', [90, 2, 30, 3, 90, 90, 90, 90], { kind: 'at', stops: [{ x: 0.25 }, { x: 0.75 }] }],
])('is kept %s', (_, hours, kept) => expect(along(...hours)).toMatchObject(kept))

it('goes by the mean over the seeds', () => {
  const outcome = sampleSweep()
  // 10, 20 and 45 h: one seed breaks it, and their mean of 25 h does.
  const rows = outcome.rows.map((row) => ({ ...row, wait_p95_s: [10, 20, 45][row.seed - 1]! * HOUR_S }))
  expect(keptAlong(outcome.promises, arrange({ ...outcome, rows }).base)).toEqual({ kind: 'nowhere' })
})

it('is not kept where nobody knows', () => {
  const outcome = {
    ...sampleSweep(),
    promises: [{ column: 'wait_p95_s_sector_none', comparison: '<' as const, value: 1 }],
  }
  expect(keptAlong(outcome.promises, arrange(outcome).base)).toEqual({ kind: 'nowhere' })
})

it('is said with its measure, its bound and its unit', () => {
  const outcome = sampleSweep()
  const promises = [...outcome.promises, { column: 'utilization', comparison: '>=' as const, value: 0.7 }]
  expect(sayPromises({ ...outcome, promises })).toEqual({
    ko: '대기 시간(p95) 24시간 미만, 가동률 70 % 이상',
    en: 'wait (p95) under 24 h and utilization at least 70 %',
  })
})
