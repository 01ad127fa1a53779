import { describe, expect, it } from 'vitest'
import { formatChange, formatDigits, formatIn, inPercent, inSpans, inUnit, inWon } from './amounts.ts'

it.each([
  [0, '0'],
  [0.1339, '0.134'],
  [2, '2'],
  [53.24, '53.2'],
  [99.96, '100'],
  [12_345.6, '12,346'],
  [-18.04, '−18'],
  [-0.0001, '−0.0001'],
  [0.00001234, '0.000012'],
])('%d has the digits %s', (value, digits) => expect(formatDigits(value)).toBe(digits))

describe('an amount', () => {
  it.each([
    [45, '45 s', '45초'],
    [90, '1.5 min', '1.5분'],
    [3_600, '1 h', '1시간'],
    [86_400, '24 h', '24시간'],
    [2 * 86_400, '2 d', '2일'],
    [30 * 86_400, '30 d', '30일'],
  ])('of %d seconds takes the unit that keeps it short', (value, en, ko) => {
    expect(formatIn(inSpans, 'en', value)).toBe(en)
    expect(formatIn(inSpans, 'ko', value)).toBe(ko)
  })

  it.each([
    [950, 'KRW 950', '950원'],
    [12_345_678, 'KRW 12.3 million', '1,235만 원'],
    [5_160_000_000, 'KRW 5.16 billion', '51.6억 원'],
    [2_500_000_000_000, 'KRW 2.5 trillion', '2.5조 원'],
  ])('of %d won is counted in thousands of thousands or of tens of thousands', (value, en, ko) => {
    expect(formatIn(inWon, 'en', value)).toBe(en)
    expect(formatIn(inWon, 'ko', value)).toBe(ko)
  })

  it.each([
    [inSpans, 32_700, 4_356, '9.1 ± 1.2 h'],
    [inSpans, 64_440, 12_636, '17.9 ± 3.5 h'],
    [inPercent, 0.8103, 0.0139, '81.0 ± 1.4 %'],
    // An interval that the digits of the mean would make nothing of keeps one digit of its own.
    [inWon, 1_380_100_000, 3_100_000, 'KRW 1.380 ± 0.003 billion'],
    // Nor are there more digits than the interval bears.
    [inUnit({ ko: '건', en: 'jobs/h' }), 231.4, 66.5, '231 ± 67 jobs/h'],
    [inUnit(), 0.968, 0.0139, '0.968 ± 0.014'],
    // All seeds alike.
    [inSpans, 2, 0, '2 s'],
    // The interval of nothing chooses the unit.
    [inSpans, 0, 7_200, '0.0 ± 2.0 h'],
  ])('with its interval has one unit and one number of decimals', (unit, value, halfWidth, said) =>
    expect(formatIn(unit, 'en', value, halfWidth)).toBe(said),
  )
})

it('puts a Korean counter at once behind its number, and any other unit behind a space', () => {
  expect(formatIn(inUnit({ ko: '건', en: 'jobs' }), 'ko', 12)).toBe('12건')
  expect(formatIn(inUnit({ ko: 'MW', en: 'MW' }), 'ko', 12)).toBe('12 MW')
  expect(formatIn(inUnit({ ko: '가속기·시간', en: 'h' }), 'ko', 12)).toBe('12 가속기·시간')
})

it.each([
  [inSpans, 9_000, 1_800, '+2.50 ± 0.50 h'],
  [inWon, -18_000_000, 3_000_000, 'KRW −18.0 ± 3.0 million'],
  [inWon, 18_000_000, null, 'KRW +18 million'],
  [inUnit(), 0.04, 17, '0 ± 17'],
])('has the sign of a change at its number', (unit, value, halfWidth, said) =>
  expect(formatChange(unit, 'en', value, halfWidth)).toBe(said),
)
