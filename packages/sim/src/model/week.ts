// The hours and days at which people work: how the rate of new work changes over a week, as 168 hourly factors.

const HOUR_MS = 3_600_000
export const DAY_HOURS = 24
export const WEEK_HOURS = 168
export const WEEK_MS = WEEK_HOURS * HOUR_MS
/** Unix time began on a Thursday, this many hours after a Monday began. */
const EPOCH_HOUR_OF_WEEK = 72

/** Rates by hour of the week from Monday 00:00, local time of the users; 1 on the average. */
export type Week = readonly number[]

/** A week whose days are alike but for how much is done on them. */
export function weekOf(hours: readonly number[], days: readonly number[]): Week {
  const week = days.flatMap((day) => hours.map((hour) => day * hour))
  const sum = week.reduce((total, rate) => total + rate, 0)
  return week.map((rate) => (rate * week.length) / sum)
}

/** From 0 (Monday, midnight to one) to 167, at a time `offsetHours` east of Unix time. */
export function hourOfWeek(unixMs: number, offsetHours: number): number {
  const hour = (Math.floor(unixMs / HOUR_MS + offsetHours) + EPOCH_HOUR_OF_WEEK) % WEEK_HOURS
  return hour < 0 ? hour + WEEK_HOURS : hour
}
