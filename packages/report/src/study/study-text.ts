// A study for people at a terminal: its answer in one sentence, and a line for each machine with means over the seeds.

import type { Language, StudyOutcome } from '@dure/contract'
import { type Column, type TableOptions, table } from '../table.ts'
import { answerOf } from './answer.ts'
import { bandAt, type Series, type Stop, saySpot } from './arrangement.ts'
import { measureOf, sayAmount } from './measures.ts'
import { headlineOf } from './sentences.ts'

/** From left to right; where the window is narrow, the last go first. */
const measures = [
  'wait_p95_s',
  'utilization',
  'wait_p50_s',
  'delivered_ef',
  'jobs_per_hour',
  'power_mw_mean',
  'cost_krw',
] as const

interface Line {
  readonly series: Series
  readonly stop: Stop
}

export interface StudyPaper extends TableOptions {
  readonly language: Language
  readonly emphasis: (text: string) => string
}

/** Throws a `RangeError` where the study has no rows. */
export function studyText(outcome: StudyOutcome, paper: StudyPaper): string {
  const { language, emphasis } = paper
  const answer = answerOf(outcome)
  const { axis, series } = answer.arrangement
  const lines = series.flatMap((one) => one.stops.map((stop): Line => ({ series: one, stop })))
  const columns: Column<Line>[] = [
    { title: axis.title[language], value: ({ stop }) => saySpot(axis, stop)[language] },
    ...(series.length > 1
      ? [{ title: { ko: '조건', en: 'Case' }[language], value: ({ series: { title } }: Line) => title[language] }]
      : []),
    ...measures.flatMap((name, index): Column<Line>[] => {
      const measure = measureOf(name, outcome)
      const value = ({ series: one, stop }: Line): string | null => {
        const band = bandAt(one, name, stop.point)
        return band === undefined ? null : sayAmount(measure, band.mean, band.halfWidth, language)
      }
      if (lines.every((line) => value(line) === null)) return []
      return [{ title: measure.title[language], value, align: 'right', ...(index > 1 && { expendable: index }) }]
    }),
  ]
  return `${emphasis(headlineOf(outcome, answer)[language])}\n\n${table(columns, lines, paper)}`
}
