// Comma-separated values by RFC 4180, that a spreadsheet may open: a text that would be taken for a formula is told to be text.

export type CsvValue = number | string | null

/** With these a spreadsheet begins a formula. Numbers may be negative; texts come from scenario files of other people. */
const beginsFormula = /^[=+\-@\t\r]/

function field(value: CsvValue): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  const text = beginsFormula.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Lines with CRLF, the last one too. A value that is null, or missing, is an empty field. */
export const csvOf = (columns: readonly string[], rows: readonly Readonly<Record<string, CsvValue>>[]): string =>
  [columns, ...rows.map((row) => columns.map((column) => row[column] ?? null))]
    .map((line) => `${line.map(field).join(',')}\r\n`)
    .join('')
