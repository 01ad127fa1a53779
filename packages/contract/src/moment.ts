// Days and moments in Korean time, as scenarios write them. Korea has had one offset from UTC, and no summer time, since 1988.

const KST_OFFSET_MS = 9 * 3_600_000

/** Years that scenarios can be about. */
export const YEAR_MIN = 2000
export const YEAR_MAX = 2100

export const dayForms = { ko: '2028-07-01과 같은 날짜(2000~2100년)', en: 'a day from 2000 to 2100, such as 2028-07-01' }
export const momentForms = {
  ko: '2028-07-01 또는 2028-07-01T09:00과 같은 한국 시각(2000~2100년)',
  en: 'a day or a moment in Korean time from 2000 to 2100, such as 2028-07-01 or 2028-07-01T09:00',
}

/** Unix time in milliseconds of a day's midnight or of a moment, in Korea; null where the text is none. */
export function parseMoment(text: string): number | null {
  const found = /^((\d{4})-\d{2}-\d{2})(?:T(\d{2}:\d{2}))?$/.exec(text)
  if (found === null) return null
  const [, day = '', year, clock = '00:00'] = found
  if (Number(year) < YEAR_MIN || Number(year) > YEAR_MAX) return null
  const utcMs = Date.parse(`${day}T${clock}:00Z`)
  // A 31st of June would be read as the first of July.
  return Number.isNaN(utcMs) || !new Date(utcMs).toISOString().startsWith(day) ? null : utcMs - KST_OFFSET_MS
}

/** The same of a day only. */
export const parseDay = (text: string): number | null => (text.length === 10 ? parseMoment(text) : null)

/** The year in Korea at a moment. */
export const koreanYear = (unixMs: number): number => new Date(unixMs + KST_OFFSET_MS).getUTCFullYear()

/** The day in Korea at a moment: `2028-07-01`. */
export const koreanDay = (unixMs: number): string => new Date(unixMs + KST_OFFSET_MS).toISOString().slice(0, 10)
