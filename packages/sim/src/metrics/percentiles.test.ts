import fc from 'fast-check'
import { expect, it } from 'vitest'
import { exactPercentiles } from './percentiles.ts'

it('are the smallest value that is not below the given part of all values', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 200 }),
      fc.integer({ min: 1, max: 100 }),
      (values, percent) => {
        const percentiles = exactPercentiles()
        for (const value of values) percentiles.record(value)
        const reaches = (value: number): boolean =>
          100 * values.filter((other) => other <= value).length >= percent * values.length
        expect(percentiles.at(percent)).toBe(values.toSorted((a, b) => a - b).find(reaches))
      },
    ),
  )
})

it('may be asked for between two values', () => {
  const percentiles = exactPercentiles()
  expect(percentiles.at(50)).toBe(0)
  percentiles.record(9)
  expect(percentiles.at(50)).toBe(9)
  percentiles.record(4)
  expect([percentiles.at(50), percentiles.at(51)]).toEqual([4, 9])
})
