// Rows of named values as a CSV file: lines end as RFC 4180 has them, and what a spreadsheet would take for a formula is text.

import { csvText } from '@dure/sim'

export type CsvRow = Readonly<Record<string, number | string | null>>

/** A value that a row does not have is an empty field; a number stays one, also in a column that has texts, too. */
export function csvOf(columns: readonly string[], rows: readonly CsvRow[]): string {
  const cell = (value: number | string | null | undefined): string =>
    typeof value === 'string' ? csvText(value) : String(value ?? '')
  const lines = [columns.map(csvText), ...rows.map((row) => columns.map((name) => cell(row[name])))]
  return lines.map((cells) => `${cells.join(',')}\r\n`).join('')
}
