// Which bounds a study misses, for who lets a script watch over a plan.

import type { ResultRow, StudyPromise } from '@dure/contract'
import { searchOf } from './next-units.ts'
import { keepsPromise, meanOf } from './promise.ts'
import { policyLabel, type Study } from './study.ts'

export interface Missed {
  readonly threshold: StudyPromise
  readonly policy: string
  /** null: a search found nothing that keeps the promise. */
  readonly point: number | null
  /** Over the seeds; null: no row has a number there. */
  readonly mean: number | null
}

/** Every bound at every point, under every policy; of a solution at what it found, since the others were tried in order to miss. */
export function missedIn(study: Study, rows: readonly ResultRow[], thresholds: readonly StudyPromise[]): Missed[] {
  const groups = study.kind === 'solve' ? foundRows(study, rows) : groupedRows(rows)
  return groups.flatMap(({ point, policy, rows: group }) =>
    thresholds
      .filter((threshold) => !keepsPromise(group, threshold))
      .map((threshold) => ({ threshold, point, policy, mean: meanOf(group, threshold.column) })),
  )
}

interface RowGroup {
  readonly point: number | null
  readonly policy: string
  readonly rows: readonly ResultRow[]
}

/** Rows that differ in their seeds only. */
export function groupedRows(rows: readonly ResultRow[]): (RowGroup & { readonly point: number })[] {
  const groups = Map.groupBy(rows, ({ point, policy }) => JSON.stringify([point, policy]))
  return [...groups.values()].map((group) => ({ point: group[0]!.point, policy: group[0]!.policy, rows: group }))
}

const foundRows = (study: Study, rows: readonly ResultRow[]): RowGroup[] =>
  study.policies.map((asked) => {
    const policy = policyLabel(study.scenarios[0]!, asked)
    const { keeps: point } = searchOf(study, asked, rows)
    return { point, policy, rows: rows.filter((row) => row.policy === policy && row.point === point) }
  })
