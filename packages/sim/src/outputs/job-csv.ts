import type { JobColumn, JobTable } from './job-columns.ts'

/** The table of jobs as CSV (RFC 4180): lines without their newline, the header first. */
export function* jobCsv({ order, columns }: JobTable): Generator<string> {
  yield columns.map(({ name }) => name).join(',')
  for (const i of order) yield columns.map((column) => cell(column, i)).join(',')
}

const cell = (column: JobColumn, i: number): string =>
  column.kind === 'integer' ? String(column.at(i)) : csvText(column.at(i))

/**
 * A text as a cell. One that a spreadsheet would take for a formula gets an apostrophe before it: names come from other people,
 * and `=HYPERLINK(…)` is a name too.
 */
export function csvText(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}
