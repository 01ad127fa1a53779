// The folder of a study while it runs. `study.json` says what is asked, `rows.jsonl` gets a line a row as it is made, so that whatever ends
// this command, be it Ctrl-C, `kill -9` or the power, loses what was under way and nothing else. The results proper are written at the
// end, from these rows.

import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Bilingual, ResultRow } from '@dure/contract'
import { keyOfRow, type Study, studyHash } from '@dure/study'
import { Failure } from './failure.ts'
import { cannotWrite } from './output-file.ts'

export interface StudyFolder {
  /** Those that an earlier run has left. */
  readonly rows: readonly ResultRow[]
  keep(row: ResultRow): void
}

/**
 * Opens the folder of a study, and makes it where it is not there.
 * @param resume goes on from the rows of an earlier run, which was of the same study
 * @throws {Failure} ERR_STUDY_THERE, ERR_OTHER_STUDY_THERE, ERR_FILE_NOT_WRITTEN
 */
export function openStudyFolder(folder: string, study: Study, resume: boolean): StudyFolder {
  const [asked, kept] = [join(folder, 'study.json'), join(folder, 'rows.jsonl')]
  const hash = studyHash(study)
  const before = existsSync(asked) ? askedIn(asked) : null
  const rows = before === null ? [] : rowsIn(kept)
  if (before !== null && before.hash !== hash) {
    const detail = otherStudy(before, study, rows.length)
    throw new Failure('ERR_OTHER_STUDY_THERE', { where: folder, detail })
  }
  if (before !== null && !resume) {
    throw new Failure('ERR_STUDY_THERE', { where: folder, detail: thisStudy(rows.length) })
  }
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

interface Asked {
  readonly hash: string
  readonly study: Study
}

/** Anything that has no hash of ours is somebody else's file, and as much in the way. */
function askedIn(file: string): Partial<Asked> {
  const written = parsed(readFileSync(file, 'utf8'))
  return typeof written === 'object' && written !== null ? written : {}
}

const thisStudy = (rows: number): Bilingual => ({
  ko: `바로 이 스터디의 결과 ${rows}개가 있습니다`,
  en: `it has ${resultsInWords(rows)} of this very study`,
})

function otherStudy({ study: there }: Partial<Asked>, study: Study, rows: number): Bilingual {
  const results = resultsInWords(rows)
  if (typeof there?.name !== 'string') {
    return {
      ko: '안에 있는 study.json이 두레 스터디의 파일이 아닙니다',
      en: 'the study.json in it is no study of Dure',
    }
  }
  if (isOtherBuild(there, study)) {
    return {
      ko: `같은 스터디의 결과 ${rows}개가 있지만 두레의 다른 판(${there.version})이 만든 것이라 이어서 쓸 수 없습니다. 지금 판은 ${study.version}입니다`,
      en: `its ${results} of this study are by another build of Dure, ${there.version}, and this one is ${study.version}: they do not go together`,
    }
  }
  return there.name === study.name
    ? {
        ko: `${there.name}의 결과 ${rows}개가 있지만, 지금 요청한 것과 시나리오나 시드, 날 수가 다릅니다`,
        en: `it has ${results} of ${there.name}, asked otherwise than now: with another scenario file, other seeds or other days`,
      }
    : {
        ko: `다른 스터디 ${there.name}의 결과 ${rows}개가 있습니다`,
        en: `it has ${results} of another study, ${there.name}`,
      }
}

const resultsInWords = (rows: number): string => `${rows} ${rows === 1 ? 'result' : 'results'}`

/** Whether nothing but the program has changed. */
function isOtherBuild(there: Study, study: Study): boolean {
  try {
    return there.version !== study.version && studyHash({ ...there, version: study.version }) === studyHash(study)
  } catch {
    return false
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
    throw cannotWrite(where, (cause as Error).message, cause)
  }
}
