// Where `--jobs` goes: one row a job, as CSV or Parquet by the name of the file.

import { extname } from 'node:path'
import { type JobColumn, type JobTable, jobCsv } from '@dure/sim'
import { openOutputFile, writeText } from './output-file.ts'

export interface JobFile {
  /** @param signal asks to stop: what is half written is removed, and the answer is false */
  write(table: JobTable, signal: AbortSignal): Promise<boolean>
}

/** Rows between two looks at who waits for us: the disk, and Ctrl-C. */
const ROWS_A_TURN = 65_536

export function openJobFile(file: string): JobFile {
  const output = openOutputFile(file, '--jobs')
  const isParquet = extname(file).toLowerCase() === '.parquet'
  return {
    write: (table, signal) =>
      output.put((path) => (isParquet ? writeParquet(path, table) : writeText(path, csvPieces(table))), signal),
  }
}

function* csvPieces(table: JobTable): Generator<string> {
  let text = ''
  let rows = 0
  for (const line of jobCsv(table)) {
    text += `${line}\n`
    if (++rows % ROWS_A_TURN !== 0) continue
    yield text
    text = ''
  }
  yield text
}

async function* writeParquet(path: string, { order, columns }: JobTable): AsyncGenerator<void> {
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

const columnData = (column: JobColumn, rows: Uint32Array) =>
  column.kind === 'integer'
    ? {
        name: column.name,
        type: 'INT64' as const,
        nullable: false,
        data: Array.from(rows, (i) => BigInt(column.at(i))),
      }
    : { name: column.name, type: 'STRING' as const, nullable: false, data: Array.from(rows, column.at) }
