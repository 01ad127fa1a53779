import { describe, expect, it } from 'vitest'
import { npuReadiness } from '../catalogue/npu-readiness.ts'
import { type ByYear, valueIn } from './by-year.ts'

const in2023And2030 = (from: number, to: number, between: ByYear['between']): ByYear => ({
  values: { 2030: to, 2023: from },
  between,
})

describe('what the press release says of 2030, in the years before', () => {
  // 28 % to 70 % in seven years are 14 % a year, 51,000 to 200,000 are 21.6 %.
  it.each([
    ['adoption in industry', 0.28, 0.7, 1.14],
    ['adoption in the public sector', 0.55, 0.95, 1.081],
    ['experts', 51_000, 200_000, 1.216],
  ])('%s grows by the same part every year', (_, from, to, growth) => {
    const driver = in2023And2030(from, to, 'geometric')
    for (let year = 2023; year < 2030; year++)
      expect(valueIn(driver, year + 1) / valueIn(driver, year)).toBeCloseTo(growth, 3)
    expect(valueIn(driver, 2030)).toBeCloseTo(to, 9)
  })
})

it('grows in equal steps', () => {
  const readiness: ByYear = { values: { 2024: 0.1, 2030: 0.7 }, between: 'linear' }
  // The catalogue has the same assumption as a table.
  for (const { year, assumedMille } of npuReadiness)
    expect(valueIn(readiness, year)).toBeCloseTo(assumedMille / 1000, 9)
})

it('stays until the next year that is named', () => {
  const unicorns: ByYear = { values: { 2025: 0, 2028: 4, 2030: 10 }, between: 'step' }
  expect([2024, 2025, 2027, 2028, 2029, 2030, 2040].map((year) => valueIn(unicorns, year))).toEqual([
    0, 0, 0, 4, 4, 10, 10,
  ])
})
