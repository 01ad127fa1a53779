// Durations, memory sizes and power as people write them: Slurm's forms and the short ones with a unit. Whole results only.

import type { Bilingual } from './language.ts'

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: SECOND_MS,
  m: MINUTE_MS,
  min: MINUTE_MS,
  h: HOUR_MS,
  d: DAY_MS,
  w: 7 * DAY_MS,
}

/** What `parseDurationMs` reads, for messages. */
export const durationForms: Bilingual = {
  ko: '분(90), MM:SS, HH:MM:SS, D-HH, D-HH:MM, D-HH:MM:SS, 또는 단위가 있는 시간(90s, 30m, 2h, 1d12h)',
  en: 'minutes (90), MM:SS, HH:MM:SS, D-HH, D-HH:MM, D-HH:MM:SS, or with units (90s, 30m, 2h, 1d12h)',
}

const whole = (ms: number): number | null => (Number.isSafeInteger(ms) ? ms : null)

/** A duration in milliseconds, or null where the text is none. A bare number is minutes, as in Slurm's `--time`. */
export function parseDurationMs(text: string): number | null {
  const trimmed = text.trim().toLowerCase()
  const slurm = /^(?:(\d{1,9})-)?(\d{1,9})(?::(\d{1,9}))?(?::(\d{1,9}))?$/.exec(trimmed)
  if (slurm) {
    const [days, a = 0, b, c] = slurm.slice(1).map((part) => (part === undefined ? undefined : Number(part)))
    // After days the first number is hours; without them it is minutes, unless all three are there.
    if (days !== undefined) return whole(days * DAY_MS + a * HOUR_MS + (b ?? 0) * MINUTE_MS + (c ?? 0) * SECOND_MS)
    if (b === undefined) return whole(a * MINUTE_MS)
    if (c === undefined) return whole(a * MINUTE_MS + b * SECOND_MS)
    return whole(a * HOUR_MS + b * MINUTE_MS + c * SECOND_MS)
  }
  if (!/^(?:\d{1,12}(?:\.\d{1,6})?(?:ms|min|[smhdw])\s*)+$/.test(trimmed)) return null
  let sumMs = 0
  for (const [, amount, unit] of trimmed.matchAll(/(\d+(?:\.\d+)?)(ms|min|[smhdw])/g)) {
    sumMs += Math.round(Number(amount) * (unitMs[unit as string] as number))
  }
  return whole(sumMs)
}

/** Slurm's `[D-]HH:MM:SS`, with `.mmm` where there are milliseconds; `parseDurationMs` reads whole seconds of it back. */
export function formatDuration(ms: number): string {
  const days = Math.floor(ms / DAY_MS)
  const two = (value: number): string => String(value).padStart(2, '0')
  const clock = [
    Math.floor((ms % DAY_MS) / HOUR_MS),
    Math.floor((ms % HOUR_MS) / MINUTE_MS),
    Math.floor((ms % MINUTE_MS) / SECOND_MS),
  ]
  const fraction = ms % SECOND_MS === 0 ? '' : `.${String(ms % SECOND_MS).padStart(3, '0')}`
  return `${days > 0 ? `${days}-` : ''}${clock.map(two).join(':')}${fraction}`
}

/** The same in units, exact and read back by `parseDurationMs`: `1d12h`, `90s` as `1m30s`, `250ms`. */
export function formatDurationShort(ms: number): string {
  if (ms === 0) return '0s'
  let rest = ms
  let text = ''
  for (const [unit, size] of [
    ['d', DAY_MS],
    ['h', HOUR_MS],
    ['m', MINUTE_MS],
    ['s', SECOND_MS],
    ['ms', 1],
  ] as const) {
    const amount = Math.floor(rest / size)
    if (amount > 0) text += `${amount}${unit}`
    rest -= amount * size
  }
  return text
}

/** What `parseMemoryMib` reads, for messages. */
export const memoryForms: Bilingual = {
  ko: 'MiB 수 또는 단위가 있는 크기(512M, 64G, 1.5T, MiB, GiB, TiB)',
  en: 'a number of MiB, or one with a unit: 512M, 64G, 1.5T (also MiB, GiB, TiB)',
}

const unitKib: Readonly<Record<string, number>> = { k: 1, m: 1024, g: 1024 ** 2, t: 1024 ** 3 }

/** Memory in MiB, or null where the text is none. Units are binary as in Slurm, a bare number is MiB; a part of a MiB counts as one. */
export function parseMemoryMib(text: string): number | null {
  const found = /^(\d{1,15}(?:\.\d{1,6})?)\s*(?:([kmgt])(?:i?b)?)?$/i.exec(text.trim())
  if (found?.[1] === undefined) return null
  const kib = Number(found[1]) * (unitKib[(found[2] ?? 'm').toLowerCase()] as number)
  return whole(Math.ceil(kib / 1024))
}

/** The largest unit that keeps it whole: `2TiB`, `1536GiB`, `100MiB`. */
export function formatMemory(mib: number): string {
  if (mib > 0 && mib % (1024 * 1024) === 0) return `${mib / (1024 * 1024)}TiB`
  if (mib > 0 && mib % 1024 === 0) return `${mib / 1024}GiB`
  return `${mib}MiB`
}

/** What `parseWatts` reads, for messages. */
export const wattForms: Bilingual = {
  ko: '단위가 있는 전력(40MW, 1.5GW, 800kW, 700W)',
  en: 'a power with its unit: 40MW, 1.5GW, 800kW or 700W',
}

const unitWatts: Readonly<Record<string, number>> = { w: 1, kw: 1_000, mw: 1_000_000, gw: 1_000_000_000 }

/** Power in watts, or null where the text is none. A bare number is refused: nobody could tell watts from megawatts. */
export function parseWatts(text: string): number | null {
  const found = /^(\d{1,12}(?:\.\d{1,6})?)\s*([kmg]?w)$/i.exec(text.trim())
  return found === null ? null : whole(Math.round(Number(found[1]) * (unitWatts[found[2]!.toLowerCase()] as number)))
}

/** To three digits, in the largest unit of which there is one: `25.3 MW`, `10.2 kW`, `800 W`. */
export function formatWatts(watts: number): string {
  const [size, unit] = watts >= 1_000_000 ? [1_000_000, 'MW'] : watts >= 1000 ? [1000, 'kW'] : [1, 'W']
  const amount = watts / size
  const digits = amount >= 100 ? 0 : amount >= 10 ? 1 : 2
  return `${Number(amount.toFixed(digits))} ${unit}`
}
