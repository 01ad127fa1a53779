// Moments and durations as logs of clusters write them, to seconds. A moment without a time zone is taken as Korean time, in which
// moments are shown: nine in the morning stays nine in the morning, as the shape of a day needs it. Text in, number out; null where
// nothing is said, NaN where it is no moment or duration at all.

/** How Slurm and others say that something has not happened or is not known. */
const nothing = ['', 'unknown', 'none', 'n/a', 'na', 'null', 'nan', 'invalid']

const isNothing = (text: string): boolean => nothing.includes(text.toLowerCase())

const KST_S = 9 * 3600

const MOMENT =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?\s*(Z|UTC|([+-])(\d\d)(?::?(\d\d))?(?::?\d\d)?)?$/

/** Unix seconds of `2020-04-01 00:00:34`, of the same with `T`, with a fraction, with `Z` or `+08:00`, or of Unix seconds. */
export function momentS(text: string): number | null {
  const trimmed = text.trim()
  const parts = MOMENT.exec(trimmed)
  if (parts === null) {
    if (isNothing(trimmed)) return null
    return /^\d{1,12}(?:\.\d+)?$/.test(trimmed) ? Math.floor(Number(trimmed)) : Number.NaN
  }
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map((part) => Number(part ?? 0)) as number[]
  if (
    month! < 1 ||
    month! > 12 ||
    day! < 1 ||
    day! > daysIn(year!, month!) ||
    hour! > 23 ||
    minute! > 59 ||
    second! > 60
  )
    return Number.NaN
  const sign = parts[8] === '-' ? -1 : 1
  const offsetS = parts[7] === undefined ? KST_S : sign * (Number(parts[9] ?? 0) * 3600 + Number(parts[10] ?? 0) * 60)
  return daysSince1970(year!, month!, day!) * 86_400 + hour! * 3600 + minute! * 60 + second! - offsetS
}

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

const daysIn = (year: number, month: number): number => MONTH_DAYS[month - 1]! + (month === 2 && isLeap(year) ? 1 : 0)

function daysSince1970(year: number, month: number, day: number): number {
  const before = year - 1
  let days = 365 * (year - 1970) + Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400) - 477
  for (let earlier = 1; earlier < month; earlier++) days += daysIn(year, earlier)
  return days + day - 1
}

/** Slurm's answer for jobs without a limit of their own: its backfill reckons them with a year. */
export const UNLIMITED_S = 365 * 86_400

const CLOCK = /^(?:(\d{1,9})-)?(?:(\d{1,9}):)?(\d{1,9}):(\d{1,9})(?:\.\d+)?$/

/** Seconds of Slurm's `[D-]HH:MM:SS` and `MM:SS`. */
export function clockS(text: string): number | null {
  const trimmed = text.trim()
  const parts = CLOCK.exec(trimmed)
  if (parts === null) return isNothing(trimmed) ? null : Number.NaN
  const [days, hours, minutes, seconds] = parts.slice(1).map((part) => Number(part ?? 0)) as number[]
  return days! * 86_400 + hours! * 3600 + minutes! * 60 + seconds!
}

/** A number, possibly with a fraction. */
export function numberIn(text: string): number | null {
  const trimmed = text.trim()
  if (isNothing(trimmed)) return null
  return /^-?\d{1,13}(?:\.\d*)?(?:e[+-]?\d{1,2})?$/i.test(trimmed) ? Number(trimmed) : Number.NaN
}
