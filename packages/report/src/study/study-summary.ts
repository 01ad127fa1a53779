// What a study came to, for a terminal: the answer in one sentence, and a line for each machine with means over the seeds.

import type { Language, StudyOutcome } from '@dure/contract'
import { type Paper, proseWidth } from '../paper.ts'
import { type Column, table } from '../table.ts'
import { wrapped } from '../text.ts'
import { formatIn } from './amounts.ts'
import { answerOf } from './answer.ts'
import { type Band, bandAt, choiceOf, type Series, type Stop, sayValue } from './arrangement.ts'
import { released, unbroken } from './languages.ts'
import { measureOf } from './measures.ts'
import { keptAt } from './promises.ts'
import { detailOf, headlineOf } from './sentences.ts'

interface Line {
  readonly series: Series
  readonly stop: Stop
}

/** Throws a `RangeError` where the study has no rows. */
export function studySummary(outcome: StudyOutcome, paper: Paper): string {
  const { language, emphasis } = paper
  const answer = answerOf(outcome)
  const { axis, series, lineFields } = answer.arrangement
  const prose = (text: string): string[] => wrapped(unbroken(text), proseWidth(paper)).map(released)
  const headline = prose(headlineOf(outcome, answer)[language]).map(emphasis)
  const detail = prose(detailOf(outcome, answer)[language])
  const lines = series.flatMap((one) => one.stops.map((stop): Line => ({ series: one, stop })))
  const head = (title: string): string => (language === 'en' ? title.toUpperCase() : title)
  const hasPolicies = new Set(series.map(({ policy }) => policy)).size > 1
  const columns: Column<Line>[] = [
    ...lineFields.map(
      ({ column, title }): Column<Line> => ({
        title: head(title[language]),
        value: (line) => sayValue(choiceOf(column), line.series.fixed[column]!, language),
        align: 'right',
      }),
    ),
    ...(hasPolicies
      ? [{ title: { ko: '정책', en: 'POLICY' }[language], value: (line: Line) => line.series.policy, elastic: 1 }]
      : []),
    axis.column === null
      ? { title: head(axis.title[language]), value: ({ stop }) => stop.label[language], elastic: 2, widthMin: 12 }
      : {
          title: axis.unit?.[language] ?? head(axis.title[language]),
          value: ({ stop }) => sayValue(axis.choice, stop.x!, language),
          align: 'right',
        },
    ...numbersOf(outcome, language),
    ...(outcome.promises.length === 0
      ? []
      : [
          {
            title: { ko: '약속', en: 'KEPT' }[language],
            value: (line: Line) =>
              (keptAt(outcome.promises, line.series, line.stop)
                ? { ko: '지킴', en: 'yes' }
                : { ko: '못 지킴', en: 'no' })[language],
          },
        ]),
  ]
  return [...headline, '', ...detail, '', table(columns, lines, { width: paper.width, emphasis })].join('\n')
}

/** Those that can be done without have the largest numbers. */
function numbersOf(outcome: StudyOutcome, language: Language): Column<Line>[] {
  const number = (column: string, ko: string, en: string, expendable: number | null, say = sayMean): Column<Line> => ({
    title: { ko, en }[language],
    value: ({ series, stop }) => {
      const band = bandAt(series, column, stop.point)
      return band === undefined ? null : say(band, column)
    },
    align: 'right',
    ...(expendable === null ? {} : { expendable }),
  })
  const sayMean = ({ mean }: Band, column: string): string =>
    formatIn(measureOf(column, outcome).choice, language, mean)
  const sayBare = ({ mean }: Band): string => formatIn(() => ({ size: 1 }), language, mean)
  const sayWithin = ({ mean, halfWidth }: Band, column: string): string =>
    formatIn(measureOf(column, outcome).choice, language, mean, halfWidth)
  return [
    number('jobs_per_hour', '작업/시간', 'JOBS/h', 2, sayBare),
    number('delivered_ef', '쓰인 성능', 'DELIVERED', null, sayBare),
    number('utilization', '가동률', 'USED', 1),
    number('wait_p95_s', '대기 p95', 'WAIT p95', null, sayWithin),
    number('power_mw_mean', 'MW', 'MW', 3, sayBare),
    number('cost_krw', '비용', 'COST', 4),
  ]
}
