// The folder of a study while it runs. `study.json` says what is asked, `rows.jsonl` gets a line a row as it is made, so that whatever ends
// this command, be it Ctrl-C, `kill -9` or the power, loses what was under way and nothing else. The results proper are written at the
// end, from these rows.

import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ResultRow } from '@dure/contract'
import { keyOfRow, type Study, studyHash } from '@dure/study'
import { Failure } from './failure.ts'

export interface StudyFolder {
  /** Those that an earlier run has left. */
  readonly rows: readonly ResultRow[]
  keep(row: ResultRow): void
}

/**
 * Opens the folder of a study, and makes it where it is not there.
 * @param resume goes on from the rows of an earlier run, which was of the same study
 * @throws {Failure} ERR_STUDY_THERE, ERR_FILE_NOT_WRITTEN
 */
export function openStudyFolder(folder: string, study: Study, resume: boolean): StudyFolder {
  const [asked, kept] = [join(folder, 'study.json'), join(folder, 'rows.jsonl')]
  const hash = studyHash(study)
  const before = existsSync(asked) ? hashIn(asked) : null
  if (before !== null && !resume) {
    const detail = before === hash ? 'it has rows of this very study' : 'it has another study'
    throw new Failure('ERR_STUDY_THERE', { where: folder, detail })
  }
  if (before !== null && before !== hash) {
    const detail =
      'its study asks for something else, or was made by another version of Dure; its rows are of no use to this one'
    throw new Failure('ERR_STUDY_THERE', { where: folder, detail })
  }
  const rows = before === null ? [] : rowsIn(kept)
  write(folder, () => {
    makeFolder(folder)
    if (before !== null) return cutTorn(kept)
    writeFileSync(kept, '')
    writeFileSync(asked, `${JSON.stringify({ hash, study }, null, 2)}\n`)
  })
  return {
    rows,
    keep: (row) => write(kept, () => appendFileSync(kept, `${JSON.stringify(row)}\n`)),
  }
}

/** Anything that has no hash of ours is somebody else's file, and as much in the way. */
function hashIn(file: string): string {
  try {
    const { hash } = JSON.parse(readFileSync(file, 'utf8')) as { hash?: unknown }
    return typeof hash === 'string' ? hash : ''
  } catch {
    return ''
  }
}

function rowsIn(file: string): ResultRow[] {
  if (!existsSync(file)) return []
  const rows = new Map<string, ResultRow>()
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const read = ResultRow.safeParse(parsed(line))
    if (read.success && !rows.has(keyOfRow(read.data))) rows.set(keyOfRow(read.data), read.data)
  }
  return [...rows.values()]
}

/** Takes away a last line that was only half written when the power went; the next row would be put behind it. */
function cutTorn(file: string): void {
  const bytes = existsSync(file) ? readFileSync(file) : Buffer.alloc(0)
  const whole = bytes.lastIndexOf('\n') + 1
  if (whole < bytes.length) truncateSync(file, whole)
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** One folder after another: asked for all at once, Node tries for ever where a file system has folders and takes none, as `/proc`. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return
  makeFolder(dirname(folder))
  mkdirSync(folder)
}

function write(where: string, act: () => void): void {
  try {
    act()
  } catch (cause) {
    throw new Failure('ERR_FILE_NOT_WRITTEN', {
      where,
      detail: `it cannot be written: ${(cause as Error).message}`,
      cause,
    })
  }
}
