import { describe, expect, it } from 'vitest'
import { strip, timeAxis } from './strip.ts'
import { width } from './text.ts'

const HOUR_MS = 3_600_000

describe('a strip', () => {
  it('is higher where there is more, and tells a little from nothing', () => {
    expect(strip([0, 0.01, 1, 2, 4, 5, 7.99, 8], 8, { ascii: false })).toBe('·▁▁▂▄▅██')
    expect(strip([0, 0.01, 1, 2, 4, 5, 7.99, 8], 8, { ascii: true })).toBe('.--:+*@@')
  })

  it('of nothing is flat', () => expect(strip([0, 0], 0, { ascii: false })).toBe('··'))
})

describe('an axis of time', () => {
  const axis = (columns: number, hours: number, ascii = false): string =>
    timeAxis({
      columns,
      fromMs: 0,
      toMs: hours * HOUR_MS,
      stepsMs: [1, 2, 6, 24, 48].map((step) => step * HOUR_MS),
      zeroMs: 0,
      label: (atMs) => `${atMs / HOUR_MS} h`,
      ascii,
    })

  it('has the closest marks whose labels have room', () => {
    expect(axis(24, 24)).toBe('└0 h  └6 h  └12 h └18 h')
    expect(axis(60, 8)).toBe('└0 h   └1 h    └2 h   └3 h    └4 h   └5 h    └6 h   └7 h')
    // Ten marks would have room, but nobody needs them.
    expect(axis(60, 10)).toBe('└0 h        └2 h        └4 h        └6 h        └8 h')
    // The mark at 18 h would stand in column 18 of 20, where its label has no room.
    expect(axis(20, 20)).toBe('└0 h  └6 h  └12 h')
    expect(axis(24, 24, true)).toBe('|0 h  |6 h  |12 h |18 h')
  })

  it('begins at a whole step, wherever the time begins', () => {
    const text = timeAxis({
      columns: 20,
      fromMs: 5 * HOUR_MS,
      toMs: 25 * HOUR_MS,
      stepsMs: [12 * HOUR_MS],
      zeroMs: -9 * HOUR_MS,
      label: (atMs) => `${(atMs / HOUR_MS + 9) % 24}`,
      ascii: true,
    })
    // Ten hours after 5 it is 24 o'clock nine hours further east.
    expect(text).toBe(`${' '.repeat(10)}|0`)
  })

  it.each([1, 2, 5, 10, 17, 24, 40, 80, 200])('is never wider than %i columns', (columns) => {
    for (const hours of [1, 3, 24, 100, 5000]) expect(width(axis(columns, hours))).toBeLessThanOrEqual(columns)
  })

  it('of no time is none', () => expect(axis(20, 0)).toBe(''))
})
