// What only some studies have: the differences of a comparison, and the values that a search has tried.

import type { Bilingual, Language, StudyOutcome } from '@dure/contract'
import { formatChange, inPercent } from './amounts.ts'
import { type Axis, saySpot } from './arrangement.ts'
import { drawAttempts, drawRows, type NamedRow, shapeSign } from './drawing.ts'
import type { FigureView } from './figure-view.ts'
import { inSentence, type Measure, measureOf, sayAmount } from './measures.ts'
import { isClear, sayDifference, sidesOf } from './sentences.ts'
import { number } from './tables.ts'

type Difference = StudyOutcome['differences'][number]

const verdicts = {
  better: { ko: '나아짐', en: 'better' },
  worse: { ko: '나빠짐', en: 'worse' },
  differs: { ko: '달라짐', en: 'differs' },
  unclear: { ko: '뚜렷하지 않음', en: 'unclear' },
} satisfies Record<string, Bilingual>
type Verdict = keyof typeof verdicts

function verdictOf(difference: Difference, { better }: Measure): Verdict {
  if (!isClear(difference)) return 'unclear'
  if (better === null) return 'differs'
  return difference.mean > 0 === (better === 'more') ? 'better' : 'worse'
}

/** What a comparison is about; all others stand in the file of values. */
const comparedColumns = [
  'capacity_ef',
  'jobs_per_hour',
  'delivered_ef',
  'utilization',
  'wait_p50_s',
  'wait_p95_s',
  'wait_p99_s',
  'jain_index',
  'share_error_max',
  'preemptions',
  'lost_accelerator_hours',
  'power_mw_mean',
  'cost_krw',
  'tco2e',
]

/** Beyond, differences are drawn by their logarithm: what was nothing may have become ten times as much. */
const PART_LINEAR = 0.2
const PART_MAX = 1.5

/** Differences of pairs of one seed each, relative to the base so that unlike measures share an axis. None without differences. */
export function differencesView(outcome: StudyOutcome): FigureView[] {
  const told = outcome.differences.filter(({ column }) => comparedColumns.includes(column))
  if (outcome.kind !== 'compare' || told.length === 0) return []
  const pairs = Map.groupBy(told, ({ base, other }) => JSON.stringify([base, other]))
  const panels = [...pairs.values()].map((differences) => {
    const { base, other } = sidesOf(outcome, differences[0]!)
    const told = differences.map((difference) => {
      const measure = measureOf(difference.column, outcome)
      return { difference, measure, verdict: verdictOf(difference, measure), of: baseMean(outcome, difference) }
    })
    return { base, other, told }
  })
  const all = panels.flatMap(({ told }) => told)
  const parts = all.flatMap(({ difference: { mean, half_width }, of }) =>
    of === 0 ? [] : [(mean - (half_width ?? 0)) / of, (mean + (half_width ?? 0)) / of],
  )
  const [least, most] = [Math.min(0, ...parts), Math.max(0, ...parts)]
  const isFar = Math.max(-least, most) > PART_MAX
  const room = 0.06 * (most - least || 1)
  const tickFormat = (part: number): string => formatChange(inPercent, 'en', part)
  const domain = [least - room, most + room] as const
  const farTicks = [-10, -1, 0, 1, 10, 100].filter((part) => part >= domain[0] && part <= domain[1])
  const scale = isFar
    ? ({ type: 'symlog', constant: PART_LINEAR, domain, ticks: farTicks, tickFormat } as const)
    : ({ type: 'linear', domain, ticks: 5, tickFormat } as const)
  const title = { ko: '짝지은 차이', en: 'Paired differences' }
  const summary = summaryOf(all)
  const rowsIn = (told: typeof all, language: Language): NamedRow[] =>
    told
      .filter(({ of }) => of !== 0)
      .map(({ difference, measure, verdict, of }) => {
        const { mean, half_width } = difference
        const said = `${sayDifference(measure, difference, language)} · ${verdicts[verdict][language]}`
        return {
          name: `${measure.title[language]}: ${said}`,
          dots: [
            {
              line: 0,
              low: half_width === null ? null : (mean - half_width) / of,
              mean: mean / of,
              high: half_width === null ? null : (mean + half_width) / of,
              seeds: [],
              tip: said,
              isUnclear: verdict === 'unclear',
            },
          ],
        }
      })
  const label = { ko: '기준에 견준 차이 →', en: 'difference relative to the base →' }
  return [
    {
      name: 'differences',
      title,
      summary,
      legend: [
        { sign: shapeSign('clear'), title: { ko: '95 % 신뢰구간이 0을 벗어남', en: '95 % interval leaves 0 out' } },
        { sign: shapeSign('unclear'), title: { ko: '우연일 수 있음', en: 'may be chance' } },
      ],
      panels: panels.map(({ base, other, told }) => ({
        title: { ko: `${other.ko} − ${base.ko}`, en: `${other.en} − ${base.en}` },
        draw: (size, language, id) =>
          drawRows(
            rowsIn(told, language),
            scale,
            label[language],
            [{ value: 0, title: { ko: '', en: '' } }],
            size,
            language,
            {
              title: `${title[language]}, ${other[language]} − ${base[language]}`,
              summary: summary[language],
              id,
            },
          ),
      })),
      table: {
        headings: [
          { text: { ko: '지표', en: 'Measure' } },
          { text: { ko: '견준 것', en: 'Sides' } },
          number({ ko: '차이', en: 'Difference' }),
          number({ ko: '기준', en: 'Base' }),
          { text: { ko: '판정', en: 'Verdict' } },
        ],
        rows: panels.flatMap(({ base, other, told }) =>
          told.map(({ difference, measure, verdict, of }) => [
            { text: measure.title },
            { text: { ko: `${other.ko} − ${base.ko}`, en: `${other.en} − ${base.en}` } },
            number({ ko: sayDifference(measure, difference, 'ko'), en: sayDifference(measure, difference, 'en') }),
            number({ ko: sayAmount(measure, of, null, 'ko'), en: sayAmount(measure, of, null, 'en') }),
            { text: verdicts[verdict] },
          ]),
        ),
      },
      values: outcome.differences.map(({ column, base, other, mean, half_width }) => ({
        column,
        base_point: base.point,
        base_policy: base.policy,
        other_point: other.point,
        other_policy: other.policy,
        mean,
        ci95_half_width: half_width,
      })),
    },
  ]
}

function baseMean({ rows }: StudyOutcome, { base, column }: Difference): number {
  const values = rows.flatMap((row) => {
    const value = row.point === base.point && row.policy === base.policy ? row[column] : null
    return typeof value === 'number' ? [value] : []
  })
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
}

function summaryOf(told: readonly { readonly measure: Measure; readonly verdict: Verdict }[]): Bilingual {
  const titles = (verdict: Verdict, language: Language): string =>
    [...new Set(told.filter((one) => one.verdict === verdict).map(({ measure }) => measure.title[language]))]
      .map((title) => (language === 'en' ? inSentence(title) : title))
      .join(', ')
  const parts = (['better', 'worse', 'differs', 'unclear'] as const).filter((verdict) => titles(verdict, 'en') !== '')
  const of = (language: Language): string =>
    parts.map((verdict) => `${verdicts[verdict][language]}: ${titles(verdict, language)}`).join('; ')
  const english = of('en')
  return { ko: `${of('ko')}.`, en: `${english.charAt(0).toUpperCase()}${english.slice(1)}.` }
}

/** The values that a search has tried, in order; a figure for each policy. */
export function attemptsView({ solutions }: StudyOutcome, axis: Axis): FigureView[] {
  if (solutions.length === 0) return []
  const title = { ko: '찾아간 과정', en: 'How it was found' }
  const spot = (x: number): Bilingual => saySpot(axis, { x, label: { ko: String(x), en: String(x) } })
  const summary = {
    ko: solutions
      .map(
        ({ policy, tried, keeps }) =>
          `${policy}: 값 ${tried.length}개를 시험해 ${keeps === null ? '지키는 값을 찾지 못했습니다' : `${spot(keeps).ko}까지 좁혔습니다`}.`,
      )
      .join(' '),
    en: solutions
      .map(
        ({ policy, tried, keeps }) =>
          `${policy}: ${tried.length} values tried; ${keeps === null ? 'none keeps the promise' : `narrowed down to ${spot(keeps).en}`}.`,
      )
      .join(' '),
  }
  const verdict = (keeps: boolean): Bilingual => (keeps ? { ko: '지킴', en: 'kept' } : { ko: '못 지킴', en: 'missed' })
  return [
    {
      name: 'attempts',
      title,
      summary,
      legend: [
        { sign: shapeSign('clear'), title: verdict(true) },
        { sign: shapeSign('missed'), title: verdict(false) },
      ],
      panels: solutions.map(({ policy, tried }) => ({
        title: solutions.length > 1 ? { ko: policy, en: policy } : null,
        draw: (size, language, id) =>
          drawAttempts(
            tried.map(({ value, keeps }, at) => ({
              value,
              keeps,
              order: at + 1,
              tip: `${spot(value)[language]}: ${verdict(keeps)[language]}`,
            })),
            axis,
            size,
            language,
            { title: title[language], summary: summary[language], id },
          ),
      })),
      table: {
        headings: [
          number({ ko: '순서', en: 'Order' }),
          number(axis.title),
          { text: { ko: '약속', en: 'Promise' } },
          ...(solutions.length > 1 ? [{ text: { ko: '정책', en: 'Policy' } }] : []),
        ],
        rows: solutions.flatMap(({ policy, tried }) =>
          tried.map(({ value, keeps }, at) => [
            number(String(at + 1)),
            number(spot(value)),
            { text: verdict(keeps) },
            ...(solutions.length > 1 ? [{ text: { ko: policy, en: policy } }] : []),
          ]),
        ),
      },
      values: solutions.flatMap(({ field, policy, tried }) =>
        tried.map(({ value, keeps }, at) => ({ order: at + 1, policy, [field]: value, keeps: keeps ? 1 : 0 })),
      ),
    },
  ]
}
