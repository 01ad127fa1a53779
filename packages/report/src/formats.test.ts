import { expect, it } from 'vitest'
import { formatAmount, formatCount, formatPercent } from './numbers.ts'
import { formatMoment } from './times.ts'

it.each([
  [formatCount(1_234_567), '1,234,567'],
  [formatPercent(0.8755), '87.5 %'],
  [formatPercent(1), '100.0 %'],
  [formatAmount(2), '2'],
  [formatAmount(2 / 3, 6), '0.666667'],
  [formatAmount(1234.56), '1,234.6'],
  // The morning in Seoul is still the evening before in Greenwich.
  [formatMoment(Date.UTC(2026, 10, 22, 23, 5, 10)), '2026-11-23 08:05:10 KST'],
])('%s', (shown, expected) => expect(shown).toBe(expected))
