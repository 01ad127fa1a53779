// Tables for a terminal: no lines between cells, numbers to the right, and never wider than the window. Where the window
// is too narrow, the columns that bear it best are shortened first, then those that can be done without are left out.
// What does not fit even then is printed whole: a wrapped line is better than a number cut in two.

import CliTable from 'cli-table3'
import { fitted, printable, width, wrapped } from './text.ts'

export interface Column<Row> {
  readonly title: string
  readonly value: (row: Row) => string | number | null
  readonly align?: 'left' | 'right'
  /** May be shortened; the column with the largest number goes first. Numbers never should. */
  readonly elastic?: number
  /** An elastic column keeps at least this many terminal columns. Default 8. */
  readonly widthMin?: number
  /** What is shortened is broken between words into several lines, and nothing of it is lost. */
  readonly wraps?: boolean
  /** May be left out; the column with the largest number goes first. */
  readonly expendable?: number
}

export interface TableOptions {
  /** Terminal columns there are; Infinity where nobody looks, as in a pipe. */
  readonly width: number
  /** Applied to the line of titles. */
  readonly emphasis?: (text: string) => string
}

const GAP = '  '
const ELASTIC_WIDTH_MIN = 8

const noBorders = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: GAP,
}

/** Lines of a table, titles first, without a newline at the end. A value that is null shows as a dash. */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[], options: TableOptions): string {
  const all = columns.map((column) => {
    const cells = rows.map((row) => printable(String(column.value(row) ?? '-')))
    return { column, cells, columns: Math.max(width(column.title), ...cells.map(width)) }
  })
  const shown = fit(all, options.width)
  const grid = new CliTable({
    chars: noBorders,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
    colAligns: shown.map(({ column }) => column.align ?? 'left'),
  })
  grid.push(shown.map(({ column, columns }) => fitted(column.title, columns)))
  rows.forEach((_, row) => {
    grid.push(shown.map((each) => cellOf(each, each.cells[row] as string)))
  })
  const [head = '', ...body] = grid
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
  return [options.emphasis?.(head) ?? head, ...body].join('\n')
}

const cellOf = <Row>({ column, columns }: Sized<Row>, text: string): string =>
  column.wraps
    ? wrapped(text, columns)
        .map((line) => fitted(line, columns))
        .join('\n')
    : fitted(text, columns)

interface Sized<Row> {
  readonly column: Column<Row>
  readonly cells: readonly string[]
  columns: number
}

function fit<Row>(all: readonly Sized<Row>[], columnsMax: number): Sized<Row>[] {
  let shown = all.map((each) => ({ ...each }))
  const excess = (): number =>
    shown.reduce((sum, { columns }) => sum + columns, 0) + GAP.length * (shown.length - 1) - columnsMax
  const byWish = (wish: (column: Column<Row>) => number | undefined): Sized<Row>[] =>
    shown
      .filter(({ column }) => wish(column) !== undefined)
      .sort((a, b) => (wish(b.column) as number) - (wish(a.column) as number))

  for (const each of byWish(({ elastic }) => elastic)) {
    const least = Math.min(each.columns, Math.max(each.column.widthMin ?? ELASTIC_WIDTH_MIN, 1))
    each.columns = Math.max(least, each.columns - Math.max(0, excess()))
  }
  for (const expendable of byWish((column) => column.expendable)) {
    if (excess() <= 0) break
    shown = shown.filter((each) => each !== expendable)
  }
  // What was left out may have made more room than was missing: the elastic columns have it back.
  for (const each of byWish(({ elastic }) => elastic).reverse()) {
    const natural = Math.max(width(each.column.title), ...each.cells.map(width))
    each.columns = Math.min(natural, each.columns + Math.max(0, -excess()))
  }
  return shown
}

/**
 * `label  value` lines, the labels of one width. A value that is null is left out.
 * @param columnsMax where a value is longer, it goes on below its beginning
 */
export function facts(
  rows: readonly (readonly [label: string, value: string | number | null])[],
  columnsMax = Number.POSITIVE_INFINITY,
): string {
  const given = rows.filter(([, value]) => value !== null)
  const widest = Math.max(0, ...given.map(([label]) => width(label)))
  const indent = ' '.repeat(widest) + GAP
  return given
    .map(([label, value]) => {
      const lines = wrapped(String(value), columnsMax - indent.length)
      return `${label}${' '.repeat(widest - width(label))}${GAP}${lines.join(`\n${indent}`)}`
    })
    .join('\n')
}
