// Files that commands write. One is written beside its place and moved there when it is whole, so that nobody ever finds half of one
// under the name that was asked for, and a file may be made from what it was before. A pipe or a device is written to directly: a
// file moved to its name would take its place.

import { closeSync, existsSync, openSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Bilingual } from '@dure/contract'
import { Failure } from './failure.ts'

export interface OutputFile {
  /**
   * @param write writes to the path it is given, and yields now and then, so that Ctrl-C is heard
   * @param signal asks to stop: what is half written is removed, and the answer is false
   * @throws {Failure} ERR_FILE_NOT_WRITTEN, and nothing half written is left
   */
  put(write: (path: string) => Iterable<void> | AsyncIterable<void>, signal: AbortSignal): Promise<boolean>
}

/**
 * Looked at before anything runs, and nothing of it is touched: an hour of work must not end at a folder that is not there.
 * @param option that names the file, for messages
 * @throws {Failure} ERR_FILE_NOT_WRITTEN, or ERR_USAGE where the name is empty
 */
export function openOutputFile(file: string, option: string): OutputFile {
  if (file === '')
    throw new Failure('ERR_USAGE', {
      detail: {
        ko: `${option}에 파일 이름이 필요한데 비어 있습니다`,
        en: `${option} must name a file; the name is empty`,
      },
    })
  const folder = dirname(file)
  if (!existsSync(folder))
    throw cannotWrite(file, { ko: `폴더 ${folder}이(가) 없습니다`, en: `there is no folder ${folder}` })
  const isThere = existsSync(file)
  if (isThere && statSync(file).isDirectory()) throw cannotWrite(file, { ko: '폴더입니다', en: 'it is a folder' })
  const isMoved = !isThere || statSync(file).isFile()
  // Where a link points to, so that the link stays one.
  const place = isThere && isMoved ? realpathSync(file) : file
  // With our own number: two commands may write the same file at once, and what is there under another name stays.
  const written = isMoved ? `${place}.${process.pid}.part` : file
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
    async put(write, signal) {
      try {
        for await (const _ of write(written)) {
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

/** @param why what the system said, or we say */
export function cannotWrite(where: string, why: string | Bilingual, cause?: unknown): Failure {
  const { ko, en } = typeof why === 'string' ? { ko: why, en: why } : why
  const detail = { ko: `쓸 수 없습니다: ${ko}`, en: `it cannot be written: ${en}` }
  return new Failure('ERR_FILE_NOT_WRITTEN', { where, detail, cause })
}

/** `writeFileSync` writes on until all is written; one `writeSync` may end early, as where the disk is nearly full, and say nothing. */
export function* writeText(path: string, pieces: Iterable<string>): Generator<void> {
  const file = openSync(path, 'w')
  try {
    for (const piece of pieces) {
      writeFileSync(file, piece)
      yield
    }
  } finally {
    closeSync(file)
  }
}
