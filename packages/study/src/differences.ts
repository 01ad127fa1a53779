// Two sides on the same seeds. Each seed is a demand that both sides meet, so a difference is taken seed by seed, and what chance does to
// both alike is gone from it; its interval is Student's over the seeds.

import type { ResultRow, StudyOutcome } from '@dure/contract'
import { meanInterval } from '@dure/sim'
import { groupedRows } from './missed.ts'
import type { Study } from './study.ts'

type PairedDifference = StudyOutcome['differences'][number]

/** Not measured, or measured of this machine. */
const isAside = (column: string): boolean => ['point', 'seed', 'sim_jobs_per_second'].includes(column)

/**
 * Of a comparison, everything against the first policy of the first scenario; otherwise at each point the policies against the first.
 * @param rows in order
 */
export function differencesIn({ kind, axes }: Study, rows: readonly ResultRow[]): PairedDifference[] {
  const groups = groupedRows(rows)
  const swept = new Set(axes.map(({ field }) => field))
  return groups.flatMap((other) => {
    const base = kind === 'compare' ? groups[0]! : groups.find(({ point }) => point === other.point)!
    if (base === other) return []
    const pairs = base.rows.flatMap((row) => {
      const partner = other.rows.find(({ seed }) => seed === row.seed)
      return partner === undefined ? [] : [[row, partner] as const]
    })
    const columns = Object.keys(base.rows[0]!).filter((column) => !isAside(column) && !swept.has(column))
    return columns.flatMap((column): PairedDifference[] => {
      const values = pairs.flatMap(([a, b]) => {
        const [from, to] = [a[column], b[column]]
        return typeof from === 'number' && typeof to === 'number' ? [to - from] : []
      })
      if (values.length === 0) return []
      const { mean, halfWidth } = meanInterval(values)
      return [
        {
          column,
          base: { point: base.point, policy: base.policy },
          other: { point: other.point, policy: other.policy },
          mean,
          half_width: Number.isFinite(halfWidth) ? halfWidth : null,
        },
      ]
    })
  })
}
