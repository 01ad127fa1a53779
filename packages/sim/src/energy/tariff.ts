// What a kilowatt-hour costs, and when. Korea's tariffs for large customers have three seasons and three classes of hours; which
// hours are dear is another question in winter, when mornings and evenings are, than in summer, when afternoons are.

import { DAY_HOURS, hourOfWeek } from '../model/week.ts'

export const seasons = ['summer', 'spring-autumn', 'winter'] as const
export type Season = (typeof seasons)[number]

export const hourClasses = ['off-peak', 'mid', 'peak'] as const
export type HourClass = (typeof hourClasses)[number]

/** The class of each hour of a working day from midnight, Korean time. */
export type DayHours = Readonly<Record<Season, readonly HourClass[]>>

export interface Tariff {
  readonly krwPerKwh: Readonly<Record<Season, Readonly<Record<HourClass, number>>>>
  /** KRW a month for each kilowatt of the highest draw. */
  readonly demandKrwPerKwMonth: number
  /** `kepcoHours` where absent. */
  readonly hours?: DayHours
}

/** Which of the nine prices holds, and until when. */
export interface TariffSlot {
  readonly season: Season
  readonly hourClass: HourClass
  readonly untilUnixMs: number
}

const spans = (parts: readonly (readonly [HourClass, number])[]): HourClass[] =>
  parts.flatMap(([hourClass, hours]) => Array.from({ length: hours }, () => hourClass))

const fromMarchToOctober = spans([
  ['off-peak', 8],
  ['mid', 3],
  ['peak', 1],
  ['mid', 1],
  ['peak', 5],
  ['mid', 4],
  ['off-peak', 2],
])

/**
 * KEPCO's working day as it has been since 2023, an assumption here: the prices that we have a source for come without their hours.
 * A plan that knows better says it in its tariff.
 */
export const kepcoHours: DayHours = {
  summer: fromMarchToOctober,
  'spring-autumn': fromMarchToOctober,
  winter: spans([
    ['off-peak', 8],
    ['mid', 1],
    ['peak', 3],
    ['mid', 4],
    ['peak', 3],
    ['mid', 3],
    ['off-peak', 2],
  ]),
}

/** One price at all hours, such as the yearly mean that a customer pays. */
export function flatTariff(krwPerKwh: number): Tariff {
  const prices = { 'off-peak': krwPerKwh, mid: krwPerKwh, peak: krwPerKwh }
  return { krwPerKwh: { summer: prices, 'spring-autumn': prices, winter: prices }, demandKrwPerKwMonth: 0 }
}

const HOUR_MS = 3_600_000
const KST_OFFSET_HOURS = 9
const SATURDAY = 5
const SUNDAY = 6

/**
 * The price that holds at a moment. On Saturdays peak hours count as mid ones, and Sundays are off-peak throughout. Public holidays
 * would be too; they are taken for the day of the week that they fall on, which makes energy a little dearer than it is.
 */
export function slotAt(tariff: Tariff, unixMs: number): TariffSlot {
  const season = seasonOf(monthOf(Math.floor(unixMs / HOUR_MS) + KST_OFFSET_HOURS))
  const hour = hourOfWeek(unixMs, KST_OFFSET_HOURS)
  const onWorkingDay = (tariff.hours ?? kepcoHours)[season][hour % DAY_HOURS]!
  return {
    season,
    hourClass: onDay(Math.floor(hour / DAY_HOURS), onWorkingDay),
    untilUnixMs: (Math.floor(unixMs / HOUR_MS) + 1) * HOUR_MS,
  }
}

function onDay(day: number, onWorkingDay: HourClass): HourClass {
  if (day === SUNDAY) return 'off-peak'
  return day === SATURDAY && onWorkingDay === 'peak' ? 'mid' : onWorkingDay
}

function seasonOf(month: number): Season {
  if (month >= 6 && month <= 8) return 'summer'
  return month >= 11 || month <= 2 ? 'winter' : 'spring-autumn'
}

/** Days before each month in a year that begins in March, so that a leap day is its last. */
const MARCH_YEAR = [0, 31, 61, 92, 122, 153, 184, 214, 245, 275, 306, 337]
const FOUR_CENTURIES_DAYS = 146_097
const CENTURY_DAYS = 36_524
const FOUR_YEARS_DAYS = 1461
const YEAR_DAYS = 365
/** From 1 March 2000, where four centuries begin, to the beginning of Unix time. */
const EPOCH_DAY = -11_017

/** The month, from 1, of an hour counted from the beginning of 1970. */
function monthOf(hour: number): number {
  const day = Math.floor(hour / DAY_HOURS) + EPOCH_DAY
  const inFourCenturies = day - Math.floor(day / FOUR_CENTURIES_DAYS) * FOUR_CENTURIES_DAYS
  const inCentury = inFourCenturies - Math.min(3, Math.floor(inFourCenturies / CENTURY_DAYS)) * CENTURY_DAYS
  const inFourYears = inCentury % FOUR_YEARS_DAYS
  const inYear = inFourYears - Math.min(3, Math.floor(inFourYears / YEAR_DAYS)) * YEAR_DAYS
  const afterMarch = MARCH_YEAR.findLastIndex((before) => before <= inYear)
  return ((afterMarch + 2) % 12) + 1
}
