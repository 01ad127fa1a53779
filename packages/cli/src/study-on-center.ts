// A study that the workers of a center run: it is asked for, watched until it ends, and its rows are fetched. Whoever stops watching finds
// it again by asking the same.

import type { Client } from '@dure/client'
import type { CreateStudy, ResultRow } from '@dure/contract'
import { keyOfRow, type Study } from '@dure/study'
import { Failure } from './failure.ts'
import { pause } from './interruption.ts'
import { openProgress } from './progress.ts'
import type { Screen } from './screen.ts'
import type { StudyFolder } from './study-folder.ts'

/** A study, and where it is run from. */
export interface StudyRun {
  readonly study: Study
  readonly folder: StudyFolder
  readonly screen: Screen
  readonly signal: AbortSignal
}

const LOOK_MS = 1000

/** @returns its rows; those of the folder where it was asked to stop before its end */
export async function rowsOfCenter({
  study,
  folder,
  screen,
  signal,
  question,
  client,
}: StudyRun & { readonly question: CreateStudy; readonly client: Client }): Promise<readonly ResultRow[]> {
  const { language } = screen
  let view = await client.createStudy(question)
  screen.say({ ko: `센터의 스터디 ${view.id}`, en: `Study ${view.id} of the center` }[language])
  const progress = await openProgress(screen, view.rows_expected, { ko: '시뮬레이션', en: 'simulations' }[language])
  while (view.state === 'running' && !signal.aborted) {
    await pause(LOOK_MS, signal)
    view = await client.getStudy(view.id)
    progress.update(view.rows, view.rows_expected)
  }
  progress.stop()
  if (view.state === 'failed' || view.state === 'cancelled') {
    const cancelled = { ko: '취소되었습니다', en: 'it was cancelled' }[language]
    throw new Failure('ERR_STUDY_FAILED', { where: study.name, detail: view.detail ?? cancelled })
  }
  if (view.state === 'running') return folder.rows
  const rows = await client.getStudyResults(view.id)
  const kept = new Set(folder.rows.map(keyOfRow))
  for (const row of rows) if (!kept.has(keyOfRow(row))) folder.keep(row)
  return rows
}
