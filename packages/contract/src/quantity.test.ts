import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatDuration,
  formatDurationShort,
  formatMemory,
  formatWatts,
  parseDurationMs,
  parseMemoryMib,
  parseWatts,
} from './quantity.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

describe('durations', () => {
  // The first six are the forms of Slurm's manual page for --time.
  it.each([
    ['90', 90 * MINUTE],
    ['02:30', 2 * MINUTE + 30 * SECOND],
    ['12:34:56', 12 * HOUR + 34 * MINUTE + 56 * SECOND],
    ['2-12', 2 * DAY + 12 * HOUR],
    ['2-12:30', 2 * DAY + 12 * HOUR + 30 * MINUTE],
    ['2-12:30:15', 2 * DAY + 12 * HOUR + 30 * MINUTE + 15 * SECOND],
    ['0', 0],
    ['90s', 90 * SECOND],
    ['30m', 30 * MINUTE],
    ['30min', 30 * MINUTE],
    ['1.5h', 90 * MINUTE],
    ['1d12h', 36 * HOUR],
    ['1d 12h', 36 * HOUR],
    ['2W', 14 * DAY],
    ['250ms', 250],
    ['  4h ', 4 * HOUR],
  ])('%j', (text, ms) => expect(parseDurationMs(text)).toBe(ms))

  it.each(['', '-', '-5', 'soon', '1:2:3:4', '1-', '1-2-3', '5x', '1.5', 'h', '1e3', '99999999999999h', '１０'])(
    'not %j',
    (text) => expect(parseDurationMs(text)).toBeNull(),
  )

  it('comes back from both written forms', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400 * DAY }), (ms) => {
        expect(parseDurationMs(formatDurationShort(ms))).toBe(ms)
        const seconds = Math.floor(ms / SECOND) * SECOND
        expect(parseDurationMs(formatDuration(seconds))).toBe(seconds)
      }),
    )
  })

  it('is written as Slurm writes it', () => {
    expect(formatDuration(0)).toBe('00:00:00')
    expect(formatDuration(DAY + 2 * HOUR + 3 * MINUTE + 4 * SECOND)).toBe('1-02:03:04')
    expect(formatDuration(1500)).toBe('00:00:01.500')
    expect(formatDurationShort(90 * SECOND)).toBe('1m30s')
  })
})

describe('memory', () => {
  it.each([
    ['512', 512],
    ['512M', 512],
    ['64G', 64 * 1024],
    ['64GiB', 64 * 1024],
    ['64 gb', 64 * 1024],
    ['1.5T', 1.5 * 1024 * 1024],
    ['2048K', 2],
    ['1K', 1],
    ['0', 0],
  ])('%j', (text, mib) => expect(parseMemoryMib(text)).toBe(mib))

  it.each(['', 'G', '-1G', '1P', '1 G B', 'lots', '1e3M', '999999999999999T'])('not %j', (text) =>
    expect(parseMemoryMib(text)).toBeNull(),
  )

  it('comes back from its written form', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 40 }), (mib) => {
        expect(parseMemoryMib(formatMemory(mib))).toBe(mib)
      }),
    )
  })
})

describe('power', () => {
  it.each([
    ['800W', 800],
    ['10.2kW', 10_200],
    ['10.2 KW', 10_200],
    ['25MW', 25_000_000],
    ['0.5 MW', 500_000],
    ['1.2GW', 1_200_000_000],
    ['0W', 0],
  ])('%j', (text, watts) => expect(parseWatts(text)).toBe(watts))

  it.each(['', 'W', '800', '-5W', '5V', '5 MWh', '1e3W', '1.W', 'kW5'])('not %j', (text) =>
    expect(parseWatts(text)).toBeNull(),
  )

  it.each([
    [0, '0 W'],
    [800.5, '801 W'],
    [1000, '1 kW'],
    [61_440, '61.4 kW'],
    [999_949, '1000 kW'],
    [1_960_400, '1.96 MW'],
    [25_340_000, '25.3 MW'],
    [1_234_560_000, '1235 MW'],
  ])('%d W is %s', (watts, text) => expect(formatWatts(watts)).toBe(text))
})
