// Rows of named values as a CSV file: lines end as RFC 4180 has them, and what a spreadsheet would take for a formula is text.

import { tableCsv } from '@dure/sim'

export type CsvRow = Readonly<Record<string, number | string | null>>

/** A value that a row does not have is an empty field. */
export function csvOf(columns: readonly string[], rows: readonly CsvRow[]): string {
  const isText = (name: string): boolean => rows.some((row) => typeof row[name] === 'string')
  const lines = tableCsv({
    order: Uint32Array.from(rows.keys()),
    columns: columns.map((name) =>
      isText(name)
        ? { name, kind: 'text', at: (i) => ((rows[i]![name] ?? null) === null ? null : String(rows[i]![name])) }
        : { name, kind: 'number', at: (i) => (rows[i]![name] ?? null) as number | null },
    ),
  })
  return [...lines].map((line) => `${line}\r\n`).join('')
}
