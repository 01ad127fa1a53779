// Where `--jobs` goes: one row a job, as CSV or Parquet by the name of the file. It is written beside its place and moved there
// when it is whole, so that nobody ever finds half of one under the name that was asked for.

import { closeSync, existsSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { dirname, extname } from 'node:path'
import { type JobColumn, type JobTable, jobCsv } from '@dure/sim'
import { Failure } from './failure.ts'

export interface JobFile {
  /** @param signal asks to stop: what is half written is removed, and the answer is false */
  write(table: JobTable, signal: AbortSignal): Promise<boolean>
}

/** Rows between two looks at who waits for us: the disk, and Ctrl-C. */
const ROWS_A_TURN = 65_536

/** Looked at before anything runs: an hour of simulation must not end at a folder that is not there. */
export function openJobFile(file: string): JobFile {
  const folder = dirname(file)
  if (!existsSync(folder)) throw cannotWrite(file, `there is no folder ${folder}`)
  if (existsSync(file) && statSync(file).isDirectory()) throw cannotWrite(file, 'it is a folder')
  const writeRows = extname(file).toLowerCase() === '.parquet' ? writeParquet : writeCsv
  const partial = `${file}.part`
  try {
    closeSync(openSync(partial, 'w'))
    rmSync(partial)
  } catch (error) {
    throw cannotWrite(file, (error as Error).message, error)
  }
  return {
    async write(table, signal) {
      try {
        for await (const _ of writeRows(partial, table)) {
          await new Promise(setImmediate)
          if (!signal.aborted) continue
          rmSync(partial, { force: true })
          return false
        }
        renameSync(partial, file)
        return true
      } catch (error) {
        rmSync(partial, { force: true })
        throw cannotWrite(file, (error as Error).message, error)
      }
    },
  }
}

const cannotWrite = (where: string, why: string, cause?: unknown): Failure =>
  new Failure('ERR_FILE_NOT_READ', { where, detail: `it cannot be written: ${why}`, cause })

function* writeCsv(path: string, table: JobTable): Generator<void> {
  const file = openSync(path, 'w')
  try {
    let text = ''
    let rows = 0
    for (const line of jobCsv(table)) {
      text += `${line}\n`
      if (++rows % ROWS_A_TURN !== 0) continue
      writeSync(file, text)
      text = ''
      yield
    }
    writeSync(file, text)
  } finally {
    closeSync(file)
  }
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
