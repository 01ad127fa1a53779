import fc from 'fast-check'
import { expect, it } from 'vitest'
import { emptyHistory, withPoint } from './utilization-history.ts'

const after = (timesMs: readonly number[], pointsMax: number) =>
  timesMs.reduce((history, atMs) => withPoint(history, { atMs, utilization: atMs % 2 }, pointsMax), emptyHistory)

it('keeps everything while there is room', () => {
  expect(after([10, 20, 30], 8).points.map(({ atMs }) => atMs)).toEqual([10, 20, 30])
})

it('leaves out what is not newer than the last point', () => {
  expect(after([10, 10, 5, 20], 8).points.map(({ atMs }) => atMs)).toEqual([10, 20])
})

it('stays bounded, in order, and shows the first and the newest point however long it goes on', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 1, maxLength: 400 }), (stepsMs) => {
      let nowMs = 0
      const timesMs = stepsMs.map((stepMs) => (nowMs += stepMs))
      const shownMs = after(timesMs, 16).points.map(({ atMs }) => atMs)
      expect(shownMs.length).toBeLessThanOrEqual(16)
      expect(shownMs).toEqual(shownMs.toSorted((a, b) => a - b))
      expect(shownMs[0]).toBe(timesMs[0])
      expect(shownMs.at(-1)).toBe(timesMs.at(-1))
    }),
  )
})

it('thins evenly: no gap is much longer than the others', () => {
  const shownMs = after(
    Array.from({ length: 10_000 }, (_, second) => second * 1_000),
    64,
  ).points.map(({ atMs }) => atMs)
  const gapsMs = shownMs.slice(1, -1).map((atMs, index) => atMs - shownMs[index]!)
  expect(shownMs.length).toBeGreaterThan(24)
  expect(Math.max(...gapsMs)).toBeLessThanOrEqual(2.5 * Math.min(...gapsMs))
})
