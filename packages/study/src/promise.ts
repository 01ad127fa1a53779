// Whether rows keep a promise. The mean over the seeds counts, not each seed: with more seeds a mean becomes surer, while "each of
// them" becomes harder, so that the same plan would keep its promise with three seeds and break it with thirty
// (decisions/001-the-mean-of-seeds-keeps-the-promise.md).

import { keepsThreshold, type ResultRow, type StudyPromise } from '@dure/contract'

/** The mean of a column over rows that differ in their seeds; null where no row has a number there. */
export function meanOf(rows: readonly ResultRow[], column: string): number | null {
  const values = rows.map((row) => row[column]).filter((value) => typeof value === 'number')
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Of a column without a number nobody knows: such a promise is not kept, rather than kept by nobody who could have waited. */
export function keepsPromise(rows: readonly ResultRow[], promise: StudyPromise): boolean {
  const mean = meanOf(rows, promise.column)
  return mean !== null && keepsThreshold(promise, mean)
}

export const keepsAll = (rows: readonly ResultRow[], promises: readonly StudyPromise[]): boolean =>
  promises.every((promise) => keepsPromise(rows, promise))
