import fc from 'fast-check'
import { expect, it } from 'vitest'
import { flatTariff, type HourClass, type Season, slotAt } from './tariff.ts'

const flat = flatTariff(100)
/** Korean time is nine hours ahead of Unix time. */
const kst = (year: number, month: number, day: number, hour: number, minute = 0): number =>
  Date.UTC(year, month - 1, day, hour - 9, minute)

it.each<[string, number, Season, HourClass]>([
  ['a Wednesday in July, three in the afternoon', kst(2030, 7, 17, 15), 'summer', 'peak'],
  ['the same day, half past noon', kst(2030, 7, 17, 12, 30), 'summer', 'mid'],
  ['the same day, before eight', kst(2030, 7, 17, 7, 59), 'summer', 'off-peak'],
  ['the same day, ten at night', kst(2030, 7, 17, 22), 'summer', 'off-peak'],
  ['its Saturday, three in the afternoon', kst(2030, 7, 20, 15), 'summer', 'mid'],
  ['its Sunday, three in the afternoon', kst(2030, 7, 21, 15), 'summer', 'off-peak'],
  ['a Monday in January, ten in the morning', kst(2028, 1, 17, 10), 'winter', 'peak'],
  ['the same day, three in the afternoon', kst(2028, 1, 17, 15), 'winter', 'mid'],
  ['a leap day, a Tuesday, five in the afternoon', kst(2028, 2, 29, 17), 'winter', 'peak'],
  ['the day after, the same hour', kst(2028, 3, 1, 17), 'spring-autumn', 'peak'],
  ['the last hour of May', kst(2027, 5, 31, 23, 59), 'spring-autumn', 'off-peak'],
  ['the first hour of June', kst(2027, 6, 1, 0), 'summer', 'off-peak'],
  ['the last hour of October', kst(2027, 10, 31, 23), 'spring-autumn', 'off-peak'],
  ['the first hour of November', kst(2027, 11, 1, 0), 'winter', 'off-peak'],
])('knows season and class of %s', (_, unixMs, season, hourClass) => {
  expect(slotAt(flat, unixMs)).toMatchObject({ season, hourClass })
})

it('knows the season of any moment by the calendar of the language', () => {
  const seasonOfMonth: readonly Season[] = (
    'winter winter spring-autumn spring-autumn spring-autumn summer summer summer spring-autumn ' +
    'spring-autumn winter winter'
  ).split(' ') as Season[]
  fc.assert(
    fc.property(fc.integer({ min: Date.UTC(1970, 0), max: Date.UTC(2401, 0) }), (unixMs) => {
      expect(slotAt(flat, unixMs).season).toBe(seasonOfMonth[new Date(unixMs + 9 * 3_600_000).getUTCMonth()])
    }),
    { numRuns: 2000, seed: 1 },
  )
})

it('says until when a price holds at the least: the end of the hour', () => {
  expect(slotAt(flat, kst(2030, 7, 17, 15, 20)).untilUnixMs).toBe(kst(2030, 7, 17, 16))
  expect(slotAt(flat, kst(2030, 7, 17, 16)).untilUnixMs).toBe(kst(2030, 7, 17, 17))
})

it('takes the hours of a tariff that has its own', () => {
  const allDay = (hourClass: HourClass): HourClass[] => Array.from({ length: 24 }, () => hourClass)
  const own = { ...flat, hours: { summer: allDay('peak'), 'spring-autumn': allDay('mid'), winter: allDay('off-peak') } }
  expect(slotAt(own, kst(2030, 7, 17, 3))).toMatchObject({ hourClass: 'peak' })
  expect(slotAt(own, kst(2030, 7, 20, 3))).toMatchObject({ hourClass: 'mid' })
})
