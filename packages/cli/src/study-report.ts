// What a study came to, for people at a terminal: one sentence, and a row for each machine and policy with means over the seeds.

import type { ResultRow, StudyOutcome } from '@dure/contract'
import { type Column, formatAmount, formatPercent, table } from '@dure/report'
import { meanInterval } from '@dure/sim'
import type { Screen } from './screen.ts'

interface Side {
  readonly label: string
  readonly policy: string
  readonly rows: readonly ResultRow[]
}

export function studyReport(outcome: StudyOutcome, screen: Pick<Screen, 'language' | 'width' | 'emphasis'>): string {
  const { language, width, emphasis } = screen
  const ko = language === 'ko'
  const sides = sidesOf(outcome, language)
  const mean = (column: string, format: (value: number) => string) => (side: Side) => {
    const values = side.rows.map((row) => row[column]).filter((value) => typeof value === 'number')
    return values.length === 0 ? null : format(meanInterval(values).mean)
  }
  const hours = (value: number): string => formatAmount(value / 3600, 2)
  const right = { align: 'right' } as const
  const columns: Column<Side>[] = [
    { title: ko ? '점' : 'POINT', value: ({ label }) => label },
    ...(outcome.policies.length > 1 ? [{ title: ko ? '정책' : 'POLICY', value: ({ policy }: Side) => policy }] : []),
    { title: outcome.unit.toUpperCase(), value: mean('capacity_ef', (value) => formatAmount(value, 3)), ...right },
    { title: ko ? '가동률' : 'USED', value: mean('utilization', formatPercent), ...right },
    { title: ko ? '대기 p50 h' : 'P50 h', value: mean('wait_p50_s', hours), ...right },
    { title: ko ? '대기 p95 h' : 'P95 h', value: mean('wait_p95_s', hours), ...right },
    { title: ko ? '시간당 작업' : 'JOBS/h', value: mean('jobs_per_hour', (value) => formatAmount(value, 0)), ...right },
    { title: 'MW', value: mean('power_mw_mean', (value) => formatAmount(value, 2)), ...right },
  ]
  return table(columns, sides, { width, emphasis })
}

const sidesOf = ({ rows, points }: StudyOutcome, language: Screen['language']): Side[] =>
  [...Map.groupBy(rows, ({ point, policy }) => JSON.stringify([point, policy])).values()].map((group) => ({
    label: points.find(({ point }) => point === group[0]!.point)!.label[language],
    policy: group[0]!.policy,
    rows: group,
  }))
