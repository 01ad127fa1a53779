// Amounts as prose and tables of a study say them: three digits that mean something, in the unit that keeps them short. What lies
// within an interval takes the unit and the decimals of its mean: `9.1 ± 1.2 h`.

import type { Bilingual, Language } from '@dure/contract'

const MINUTE_S = 60
const HOUR_S = 3_600
const DAY_S = 86_400

/** A unit of some size, and the words around the number. */
interface AmountUnit {
  readonly size: number
  readonly before?: string
  readonly after?: string
}

/** The unit that a value is best said in. */
export type UnitChoice = (value: number, language: Language) => AmountUnit

interface Step {
  readonly from: number
  readonly size: number
  readonly words: Bilingual
}

const largest = (steps: readonly Step[], value: number): Step =>
  steps.find(({ from }) => Math.abs(value) >= from) ?? steps.at(-1)!

const spans: readonly Step[] = [
  { from: 2 * DAY_S, size: DAY_S, words: { ko: '일', en: ' d' } },
  { from: HOUR_S, size: HOUR_S, words: { ko: '시간', en: ' h' } },
  { from: MINUTE_S, size: MINUTE_S, words: { ko: '분', en: ' min' } },
  { from: 0, size: 1, words: { ko: '초', en: ' s' } },
]

/** Of seconds. */
export const inSpans: UnitChoice = (value, language) => {
  const { size, words } = largest(spans, value)
  return { size, after: words[language] }
}

const won: Readonly<Record<Language, readonly Step[]>> = {
  ko: [
    { from: 1e12, size: 1e12, words: { ko: '조 원', en: '' } },
    { from: 1e8, size: 1e8, words: { ko: '억 원', en: '' } },
    { from: 1e4, size: 1e4, words: { ko: '만 원', en: '' } },
    { from: 0, size: 1, words: { ko: '원', en: '' } },
  ],
  en: [
    { from: 1e12, size: 1e12, words: { ko: '', en: ' trillion' } },
    { from: 1e9, size: 1e9, words: { ko: '', en: ' billion' } },
    { from: 1e6, size: 1e6, words: { ko: '', en: ' million' } },
    { from: 0, size: 1, words: { ko: '', en: '' } },
  ],
}

/** Of Korean won: 조, 억 and 만 in Korean, thousands of thousands in English. */
export const inWon: UnitChoice = (value, language) => {
  const { size, words } = largest(won[language], value)
  return { size, before: language === 'en' ? 'KRW ' : '', after: words[language] }
}

/** Of parts of one. */
export const inPercent: UnitChoice = () => ({ size: 0.01, after: ' %' })

/** Always the same unit; without one, the number alone. A Korean counter follows its number at once, all else behind a space. */
export const inUnit =
  (words?: Bilingual): UnitChoice =>
  (_, language) => {
    const word = words?.[language] ?? ''
    return { size: 1, after: word === '' || /^[가-힣]$/.test(word) ? word : ` ${word}` }
  }

/** Decimals that leave three digits: none from 100 on. */
const decimalsOf = (value: number): number => {
  const size = Math.abs(value)
  return size === 0 || size >= 99.95
    ? 0
    : size >= 9.995
      ? 1
      : size >= 0.9995
        ? 2
        : Math.min(6, 2 - Math.floor(Math.log10(size)))
}

/** A true minus, and none before nothing. */
const withMinus = (digits: string): string => digits.replace(/^-(?=[0.]*$)/, '').replace('-', '−')

const written = (value: number, decimals: number): string =>
  withMinus(new Intl.NumberFormat('en-US', { maximumFractionDigits: decimals }).format(value))

/** `0.134`, `2`, `53.2`, `1,234`: three digits, and all that stand before the point. */
export const formatDigits = (value: number): string => written(value, decimalsOf(value))

/** A value, and half its interval where one is known: `9.1 ± 1.2 h`. */
export function formatIn(unit: UnitChoice, language: Language, value: number, halfWidth: number | null = null): string {
  const { before, number, within, after } = partsIn(unit, language, value, halfWidth)
  return `${before}${number}${within === null ? '' : ` ± ${within}`}${after}`
}

/** The same in its parts. */
export function partsIn(unit: UnitChoice, language: Language, value: number, halfWidth: number | null) {
  const { size, before = '', after = '' } = unit(value === 0 ? (halfWidth ?? 0) : value, language)
  const amount = value / size
  if (halfWidth === null) return { before, number: formatDigits(amount), within: null, after }
  const within = halfWidth / size
  // Three digits of the mean, but no more than two of the interval, and always one of it.
  if (within === 0) return { before, number: formatDigits(amount), within: null, after }
  const wanted = Math.min(decimalsOf(amount === 0 ? within : amount), Math.max(0, decimalsOf(within) - 1))
  const decimals = within < 0.5 * 10 ** -wanted ? Math.min(4, Math.ceil(-Math.log10(within))) : wanted
  const fixed = new Intl.NumberFormat('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
  return { before, number: withMinus(fixed.format(amount)), within: fixed.format(within), after }
}

/** What has changed, with its sign at the number: `+3.2 h`, `KRW −18 million`. */
export function formatChange(
  unit: UnitChoice,
  language: Language,
  value: number,
  halfWidth: number | null = null,
): string {
  const { before, number, within, after } = partsIn(unit, language, value, halfWidth)
  const sign = value > 0 && /[1-9]/.test(number) ? '+' : ''
  return `${before}${sign}${number}${within === null ? '' : ` ± ${within}`}${after}`
}
