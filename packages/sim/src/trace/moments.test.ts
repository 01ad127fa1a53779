import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clockS, momentS, numberIn } from './moments.ts'

describe('moments', () => {
  it.each([
    ['2023-03-01T00:12:54Z', Date.UTC(2023, 2, 1, 0, 12, 54) / 1000],
    ['2023-03-01 00:12:54+08:00', Date.UTC(2023, 1, 28, 16, 12, 54) / 1000],
    ['2023-03-01 00:12:54.123+0800', Date.UTC(2023, 1, 28, 16, 12, 54) / 1000],
    ['2023-03-01 00:12:54-05', Date.UTC(2023, 2, 1, 5, 12, 54) / 1000],
    // Korean time where nothing is said.
    ['2020-04-01 00:00:34', Date.UTC(2020, 2, 31, 15, 0, 34) / 1000],
    ['2020-02-29T09:00', Date.UTC(2020, 1, 29) / 1000],
    ['1585699234', 1_585_699_234],
    ['1585699234.75', 1_585_699_234],
  ])('%s', (text, seconds) => expect(momentS(text)).toBe(seconds))

  it.each(['Unknown', 'None', '', ' ', 'N/A'])('"%s" is no moment yet', (text) => expect(momentS(text)).toBeNull())

  it.each([
    'yesterday',
    '2023-02-29 00:00:00',
    '2023-13-01 00:00:00',
    '2023-01-01 24:00:00',
    '2023-01-01',
    '1-2',
    '-5',
  ])('%s is no moment at all', (text) => expect(momentS(text)).toBeNaN())

  it('agrees with the calendar of the language, over five centuries', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1800-01-01'), max: new Date('2300-01-01'), noInvalidDate: true }),
        (date) => {
          expect(momentS(date.toISOString())).toBe(Math.floor(date.getTime() / 1000))
        },
      ),
    )
  })

  it.each([
    ['00:10:00', 600],
    ['1-02:03:04', 93_784],
    ['02:30.500', 150],
    ['100:00:00', 360_000],
  ])('%s is a duration', (text, seconds) => expect(clockS(text)).toBe(seconds))

  it('tells what is not said from what is no duration, and no number', () => {
    expect([clockS(''), clockS('INVALID'), numberIn(''), numberIn('None')]).toEqual([null, null, null, null])
    expect([clockS('long'), clockS('5'), numberIn('12x'), numberIn('1e400')]).toEqual([NaN, NaN, NaN, NaN])
    expect([numberIn('66.0'), numberIn(' -1 '), numberIn('1e3')]).toEqual([66, -1, 1000])
  })
})
