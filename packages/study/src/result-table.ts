// The rows of a study as a table with the columns of design and documentation in their order: swept fields behind `policy`, and what
// every study has; further ones, such as waits of single groups, behind all of them.

import { type ResultRow, resultColumns } from '@dure/contract'
import type { Column, Table } from '@dure/sim'
import type { Study } from './study.ts'

const texts = new Set<string>(['policy', 'unit'])

/** @param rows in order */
export function resultTable({ axes }: Study, rows: readonly ResultRow[]): Table {
  const swept = axes.map(({ field }) => field).filter((field) => field !== 'capacity_ef')
  const [point, policy, ...others] = resultColumns
  const named = [point!, policy!, ...swept, ...others]
  const further = new Set(rows.flatMap((row) => Object.keys(row)))
  const names = [...new Set([...named, ...further])]
  return { order: Uint32Array.from(rows.keys()), columns: names.map((name) => columnOf(name, rows)) }
}

function columnOf(name: string, rows: readonly ResultRow[]): Column {
  const values = rows.map((row) => row[name] ?? null)
  // A field that is swept may be words: then all of its values are.
  const isText = texts.has(name) || values.some((value) => typeof value === 'string')
  return isText
    ? { name, kind: 'text', at: (i) => (values[i] === null ? null : String(values[i])) }
    : { name, kind: 'number', at: (i) => values[i] as number | null }
}
