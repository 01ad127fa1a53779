import { expect, it } from 'vitest'
import { hourOfWeek, weekOf } from './week.ts'

it.each<[string, number, number, number]>([
  ['Monday, midnight in Seoul', Date.UTC(2025, 0, 5, 15), 9, 0],
  ['the last minute of a Sunday there', Date.UTC(2025, 0, 5, 14, 59), 9, 167],
  ['a Thursday, the first of all', 0, 0, 72],
  ['a Wednesday before there was Unix time', -1, 0, 71],
  ['Friday afternoon, half past five, in India', Date.UTC(2024, 2, 1, 12, 0), 5.5, 4 * 24 + 17],
])('knows the hour of the week: %s', (_, unixMs, offsetHours, hour) => {
  expect(hourOfWeek(unixMs, offsetHours)).toBe(hour)
})

it('makes a week of hours and days, one on the average', () => {
  const week = weekOf([3, 1], [1, 1, 1, 1, 1, 0.5, 0.5])
  expect(week).toHaveLength(14)
  expect(week.reduce((sum, rate) => sum + rate, 0) / 14).toBeCloseTo(1, 12)
  expect(week[0]! / week[1]!).toBeCloseTo(3, 12)
  expect(week[10]! / week[0]!).toBeCloseTo(0.5, 12)
})
