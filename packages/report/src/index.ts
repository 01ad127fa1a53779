export { formatAmount, formatCount, formatPercent } from './numbers.ts'
export { type Column, facts, type TableOptions, table } from './table.ts'
export { printable } from './text.ts'
export { formatMoment } from './times.ts'
