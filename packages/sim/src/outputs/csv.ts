import type { Column, Table } from './table.ts'

/** A table as CSV (RFC 4180): lines without their newline, the header first. */
export function* tableCsv({ order, columns }: Table): Generator<string> {
  yield columns.map(({ name }) => csvText(name)).join(',')
  for (const i of order) yield columns.map((column) => cell(column, i)).join(',')
}

function cell(column: Column, i: number): string {
  const value = column.at(i)
  if (value === null) return ''
  return typeof value === 'number' ? String(value) : csvText(value)
}

/** What begins a formula: also as the wide letters of East Asian text, which some spreadsheets read as the narrow ones. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/

/**
 * A text as a cell. One that a spreadsheet would take for a formula gets an apostrophe before it: names come from other people,
 * and `=HYPERLINK(…)` is a name too.
 */
export function csvText(text: string): string {
  const harmless = FORMULA.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}
