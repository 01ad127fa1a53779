// Where a table goes: as CSV or Parquet by the name of the file.

import { extname } from 'node:path'
import { type Column, type Table, tableCsv } from '@dure/sim'
import type { ColumnSource } from 'hyparquet-writer'
import { openOutputFile, writeText } from './output-file.ts'

export interface TableFile {
  /** @param signal asks to stop: what is half written is removed, and the answer is false */
  write(table: Table, signal: AbortSignal): Promise<boolean>
}

/** Rows between two looks at who waits for us: the disk, and Ctrl-C. */
const ROWS_A_TURN = 65_536

/** @param option that names the file, for messages */
export function openTableFile(file: string, option: string): TableFile {
  const output = openOutputFile(file, option)
  const isParquet = extname(file).toLowerCase() === '.parquet'
  return {
    write: (table, signal) =>
      output.put((path) => (isParquet ? writeParquet(path, table) : writeText(path, csvPieces(table))), signal),
  }
}

function* csvPieces(table: Table): Generator<string> {
  let text = ''
  let rows = 0
  for (const line of tableCsv(table)) {
    text += `${line}\n`
    if (++rows % ROWS_A_TURN !== 0) continue
    yield text
    text = ''
  }
  yield text
}

async function* writeParquet(path: string, { order, columns }: Table): AsyncGenerator<void> {
  const { fileWriter, ParquetWriter, schemaFromColumnData } = await import('hyparquet-writer')
  const rowsOf = (from: number) => {
    const rows = order.subarray(from, from + ROWS_A_TURN)
    return columns.map((column) => columnData(column, rows))
  }
  const schema = schemaFromColumnData({ columnData: rowsOf(0) })
  const writer = new ParquetWriter({ writer: fileWriter(path), schema })
  for (let from = 0; from < order.length; from += ROWS_A_TURN) {
    await writer.write({ columnData: rowsOf(from) })
    yield
  }
  await writer.finish()
}

function columnData(column: Column, rows: Uint32Array): ColumnSource {
  const { name } = column
  switch (column.kind) {
    case 'integer':
      return { name, type: 'INT64', nullable: false, data: Array.from(rows, (i) => BigInt(column.at(i))) }
    case 'number':
      return { name, type: 'DOUBLE', nullable: true, data: Array.from(rows, column.at) }
    case 'text':
      return { name, type: 'STRING', nullable: true, data: Array.from(rows, column.at) }
    default: {
      const never: never = column
      throw new Error(`no column of ${never}`)
    }
  }
}
