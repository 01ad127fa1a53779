// A number that is known in some years, in the years between.

import { exp2, LN2, ln } from '@dure/core'

export interface ByYear {
  readonly values: Readonly<Record<string, number>>
  readonly between: 'linear' | 'geometric' | 'step'
}

/** What it is in a year; before the first year and after the last one that is named, what it is there. */
export function valueIn({ values, between }: ByYear, year: number): number {
  const known = Object.entries(values)
    .map(([name, value]) => ({ year: Number(name), value }))
    .sort((a, b) => a.year - b.year)
  const before = known.findLast((one) => one.year <= year) ?? known[0]!
  const after = known.find((one) => one.year >= year) ?? known.at(-1)!
  if (between === 'step' || after.year <= before.year) return before.value
  const part = (year - before.year) / (after.year - before.year)
  if (between === 'linear') return before.value + part * (after.value - before.value)
  return before.value * power(after.value / before.value, part)
}

/** By the routines of `core`, so that every machine plans alike. */
export const power = (base: number, exponent: number): number =>
  exponent === 1 ? base : base === 0 ? 0 : exp2((exponent * ln(base)) / LN2)
