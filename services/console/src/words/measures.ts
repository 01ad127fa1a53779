// Numbers, times and capacities as each language writes them.

import type { Exaflops, Language } from '@dure/contract'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** The fields of `Exaflops` that the page can show; never a bare "exaflops". */
export const capacityFormats = ['fp64', 'bf16', 'fp8', 'h100'] as const
export type CapacityFormat = (typeof capacityFormats)[number]

export interface Measures {
  readonly language: Language
  count(value: number): string
  /** `0.123` is 12.3 %. */
  percent(part: number): string
  /** With its sign, in percentage points: `0.05` is +5.0. */
  points(difference: number): string
  /** The two largest units that say something: `3시간 12분`, `3h 12m`. */
  duration(ms: number): string
  /** Korean Standard Time, to the second. */
  time(atMs: number): string
  /** The time of day alone. */
  clock(atMs: number): string
  capacity(fleet: Exaflops, format: CapacityFormat): string
}

const exaflopsOf = { fp64: 'fp64', bf16: 'bf16', fp8: 'fp8' } as const

export function measuresOf(language: Language): Measures {
  const locale = language === 'ko' ? 'ko-KR' : 'en-GB'
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 })
  const three = new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 })
  const part = new Intl.NumberFormat(locale, { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 })
  const signed = new Intl.NumberFormat(locale, {
    signDisplay: 'exceptZero',
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  })
  // Narrow is `3h 12m` in English, and in Korean no other than short.
  const words = new Intl.DurationFormat(locale, { style: 'narrow' })
  const onTheClock = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const
  const zone = { timeZone: 'Asia/Seoul' } as const
  const dateTime = new Intl.DateTimeFormat(locale, {
    ...zone,
    ...onTheClock,
    year: 'numeric',
    month: 'short',
    day: 'numeric',
  })
  const clock = new Intl.DateTimeFormat(locale, { ...zone, ...onTheClock })

  return {
    language,
    count: (value) => whole.format(value),
    percent: (value) => part.format(value),
    points: (difference) => signed.format(difference * 100),
    duration(ms) {
      const days = Math.floor(ms / DAY_MS)
      const hours = Math.floor((ms % DAY_MS) / HOUR_MS)
      const minutes = Math.floor((ms % HOUR_MS) / MINUTE_MS)
      const seconds = Math.floor((ms % MINUTE_MS) / SECOND_MS)
      if (days > 0) return words.format(hours > 0 ? { days, hours } : { days })
      if (hours > 0) return words.format(minutes > 0 ? { hours, minutes } : { hours })
      if (minutes > 0) return words.format(seconds > 0 ? { minutes, seconds } : { minutes })
      return new Intl.NumberFormat(locale, { style: 'unit', unit: 'second', unitDisplay: 'narrow' }).format(seconds)
    },
    time: (atMs) => `${dateTime.format(atMs)} KST`,
    clock: (atMs) => clock.format(atMs),
    capacity(fleet, format) {
      if (format === 'h100') return `${whole.format(Math.round(fleet.h100_equivalents))} H100e`
      const exaflops = fleet[exaflopsOf[format]]
      // Below a thousandth of an exaflops three digits would be zeros.
      return exaflops > 0 && exaflops < 0.001 ? `${three.format(exaflops * 1_000)} PF` : `${three.format(exaflops)} EF`
    },
  }
}

/** The measures of the language the page speaks now. */
export function useMeasures(): Measures {
  const { i18n } = useTranslation()
  const language: Language = i18n.language === 'en' ? 'en' : 'ko'
  return useMemo(() => measuresOf(language), [language])
}
