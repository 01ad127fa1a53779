// Where `--jobs` goes: one row a job, as CSV or Parquet by the name of the file. It is written beside its place and moved there
// when it is whole, so that nobody ever finds half of one under the name that was asked for. A pipe or a device is written to
// directly: a file moved to its name would take its place.

import { closeSync, existsSync, openSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
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
  if (file === '') throw new Failure('ERR_USAGE', { detail: '--jobs must name a file; the name is empty' })
  const folder = dirname(file)
  if (!existsSync(folder)) throw cannotWrite(file, `there is no folder ${folder}`)
  const isThere = existsSync(file)
  if (isThere && statSync(file).isDirectory()) throw cannotWrite(file, 'it is a folder')
  const writeRows = extname(file).toLowerCase() === '.parquet' ? writeParquet : writeCsv
  const isMoved = !isThere || statSync(file).isFile()
  // Where a link points to, so that the link stays one.
  const place = isThere && isMoved ? realpathSync(file) : file
  const written = isMoved ? `${place}.part` : file
  const remove = (): void => {
    if (isMoved) rmSync(written, { force: true })
  }
  if (isMoved) {
    try {
      closeSync(openSync(written, 'w'))
      remove()
    } catch (error) {
      throw cannotWrite(file, (error as Error).message, error)
    }
  }
  return {
    async write(table, signal) {
      try {
        for await (const _ of writeRows(written, table)) {
          await new Promise(setImmediate)
          if (!signal.aborted) continue
          remove()
          return false
        }
        if (isMoved) renameSync(written, place)
        return true
      } catch (error) {
        remove()
        throw cannotWrite(file, (error as Error).message, error)
      }
    },
  }
}

const cannotWrite = (where: string, why: string, cause?: unknown): Failure =>
  new Failure('ERR_FILE_NOT_READ', { where, detail: `it cannot be written: ${why}`, cause })

/** `writeFileSync` writes on until all is written; one `writeSync` may end early, as where the disk is nearly full, and say nothing. */
function* writeCsv(path: string, table: JobTable): Generator<void> {
  const file = openSync(path, 'w')
  try {
    let text = ''
    let rows = 0
    for (const line of jobCsv(table)) {
      text += `${line}\n`
      if (++rows % ROWS_A_TURN !== 0) continue
      writeFileSync(file, text)
      text = ''
      yield
    }
    writeFileSync(file, text)
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
