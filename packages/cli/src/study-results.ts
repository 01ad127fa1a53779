// What a study leaves in its folder: the rows as JSON, CSV and Parquet, all with the same columns, and a report for people.

import { join } from 'node:path'
import type { StudyOutcome } from '@dure/contract'
import { studyReport } from '@dure/report/study'
import { resultTable, type Study } from '@dure/study'
import { openOutputFile, writeText } from './output-file.ts'
import { openTableFile } from './table-file.ts'

/** @returns false where it was asked to stop before all was written */
export async function writeStudyResults(
  folder: string,
  study: Study,
  outcome: StudyOutcome,
  signal: AbortSignal,
): Promise<boolean> {
  const table = resultTable(study, outcome.rows)
  const asJson = function* (): Generator<string> {
    yield '['
    for (const i of table.order) {
      const row = Object.fromEntries(table.columns.map((column) => [column.name, column.at(i)]))
      yield `${i === 0 ? '' : ','}\n${JSON.stringify(row)}`
    }
    yield '\n]\n'
  }
  const place = (name: string): string => join(folder, name)
  const json = openOutputFile(place('results.json'), '--out')
  if (!(await json.put((path) => writeText(path, asJson()), signal))) return false
  for (const name of ['results.csv', 'results.parquet'])
    if (!(await openTableFile(place(name), '--out').write(table, signal))) return false
  return openOutputFile(place('report.html'), '--out').put((path) => writeText(path, [studyReport(outcome)]), signal)
}
