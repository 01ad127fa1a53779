// The charts of a study, in the order of the questions a reader has: how much is computed, how long people wait, whether it is fair,
// what is lost, and what it takes.

import { type Bilingual, type StudyOutcome, sizeClasses, waitColumn } from '@dure/contract'
import type { Answer } from './answer.ts'
import { type Axis, type Band, bandsOf, type Series, saySpot } from './arrangement.ts'
import type { CsvRow } from './csv.ts'
import type { Chart, Line, Mark } from './drawing.ts'
import { inBoth } from './languages.ts'
import { measureOf, sayAmount, sectorGroup, sizeTitle } from './measures.ts'
import { groupsSummaryOf, summaryOf } from './sentences.ts'

/** One figure of the page: a chart, or several of one kind side by side. */
export interface Figure {
  /** Stands in addresses within the page and in names of files. */
  readonly name: string
  readonly title: Bilingual
  readonly summary: Bilingual
  readonly panels: readonly { readonly title: Bilingual | null; readonly chart: Chart }[]
  /** What its columns are in the rows, for the file of values. */
  readonly values: readonly CsvRow[]
}

export interface Section {
  readonly title: Bilingual
  readonly figures: readonly Figure[]
}

interface Column {
  readonly column: string
  readonly title: Bilingual
}

const percentiles: readonly Column[] = [
  { column: 'wait_p50_s', title: { ko: '절반(p50)', en: 'half of them (p50)' } },
  { column: 'wait_p95_s', title: { ko: '95 %(p95)', en: '95 % (p95)' } },
  { column: 'wait_p99_s', title: { ko: '99 %(p99)', en: '99 % (p99)' } },
]

export function sectionsOf(outcome: StudyOutcome, answer: Answer): Section[] {
  const plain = (name: string, column: string, title: Bilingual): Figure[] => {
    const summary = summaryOf(answer.arrangement, measureOf(column, outcome))
    const { series } = answer.arrangement
    return figure(outcome, answer, { name, title, summary, measured: column }, [
      { title: null, lines: series.map((one) => ({ title: one.title, series: one, column })) },
    ])
  }
  // By what jobs are grouped the lines are; each series has a chart of its own.
  const grouped = (name: string, title: Bilingual, summary: Bilingual, columns: readonly Column[]): Figure[] =>
    figure(
      outcome,
      answer,
      { name, title, summary, measured: 'wait_p95_s', axisTitle: { ko: '대기 시간', en: 'wait' } },
      answer.arrangement.series.map((series) => ({
        title: answer.arrangement.series.length > 1 ? series.title : null,
        lines: columns.map(({ column, title: of }) => ({ title: of, series, column })),
      })),
    )
  const sizes = sizeClasses.map((size): Column => {
    const { ko, en } = sizeTitle(size)
    return {
      column: waitColumn(95, size.name),
      title: { ko: `가속기 ${ko} 작업`, en: `jobs of ${en} ${size.to === 1 ? 'accelerator' : 'accelerators'}` },
    }
  })
  const sectors = outcome.sectors.map(
    ({ name, title }): Column => ({ column: waitColumn(95, sectorGroup(name)), title }),
  )
  return [
    {
      title: { ko: '얼마나 계산하는가', en: 'How much is computed' },
      figures: [
        ...plain('throughput', 'jobs_per_hour', { ko: '처리량', en: 'Throughput' }),
        ...plain('delivered', 'delivered_ef', { ko: '실제로 쓰인 성능', en: 'Delivered capacity' }),
        ...plain('utilization', 'utilization', { ko: '가동률', en: 'Utilization' }),
      ],
    },
    {
      title: { ko: '얼마나 기다리는가', en: 'How long people wait' },
      figures: [
        ...grouped(
          'waits',
          { ko: '대기 시간', en: 'Waits' },
          summaryOf(answer.arrangement, measureOf('wait_p95_s', outcome)),
          percentiles,
        ),
        ...grouped(
          'waits-by-size',
          { ko: '작업 크기별 대기 시간(p95)', en: 'Waits by size of job (p95)' },
          groupsSummaryOf(outcome, answer, sizes),
          sizes,
        ),
        ...plain('waiting-at-end', 'jobs_waiting_end', measureOf('jobs_waiting_end', outcome).title),
      ],
    },
    {
      title: { ko: '공정한가', en: 'Whether it is fair' },
      figures: [
        ...grouped(
          'waits-by-sector',
          { ko: '부문별 대기 시간(p95)', en: 'Waits by sector (p95)' },
          groupsSummaryOf(outcome, answer, sectors),
          sectors,
        ),
        ...plain('fairness', 'jain_index', measureOf('jain_index', outcome).title),
        ...plain('share-error', 'share_error_max', measureOf('share_error_max', outcome).title),
      ],
    },
    {
      title: { ko: '무엇을 잃고 얼마가 드는가', en: 'What is lost, and what it takes' },
      figures: [
        ...plain('preemptions', 'preemptions', measureOf('preemptions', outcome).title),
        ...plain('lost-work', 'lost_accelerator_hours', measureOf('lost_accelerator_hours', outcome).title),
        ...plain('power', 'power_mw_mean', measureOf('power_mw_mean', outcome).title),
        ...plain('cost', 'cost_krw', measureOf('cost_krw', outcome).title),
        ...plain('carbon', 'tco2e', measureOf('tco2e', outcome).title),
      ],
    },
  ]
}

interface AskedLine {
  readonly title: Bilingual
  readonly series: Series
  readonly column: string
}

interface Asked {
  readonly name: string
  readonly title: Bilingual
  readonly summary: Bilingual
  readonly measured: string
  /** Of the axis, where lines are more than the one measure. */
  readonly axisTitle?: Bilingual
}

/** None where no row has a value for it. */
function figure(
  outcome: StudyOutcome,
  answer: Answer,
  { name, title, summary, measured, axisTitle }: Asked,
  asked: readonly { readonly title: Bilingual | null; readonly lines: readonly AskedLine[] }[],
): Figure[] {
  const { axis } = answer.arrangement
  const measure = { ...measureOf(measured, outcome), ...(axisTitle === undefined ? {} : { title: axisTitle }) }
  const panels = asked.map(({ title: of, lines }) => ({
    title: of,
    lines: lines
      .map((line) => ({ ...line, bands: bandsOf(line.series, line.column) }))
      .filter(({ bands }) => bands.length > 0),
  }))
  const lines = panels.flatMap((panel) => panel.lines)
  if (lines.length === 0) return []
  const columns = new Set(lines.map(({ column }) => column))
  const promises = outcome.promises
    .filter(({ column }) => columns.has(column))
    .map(
      ({ value }): Mark => ({
        value,
        title: inBoth(
          (language) => `${{ ko: '약속', en: 'promised' }[language]} ${sayAmount(measure, value, null, language)}`,
        ),
      }),
    )
  const highest = Math.max(...promises.map(({ value }) => value), ...lines.flatMap(({ bands }) => bands.map(reachOf)))
  const lowest = Math.min(...lines.flatMap(({ bands }) => bands.flatMap(({ values }) => values)))
  return [
    {
      name,
      title,
      summary,
      panels: panels.map((panel) => ({
        title: panel.title,
        chart: {
          title: panel.title === null ? title : joined(title, panel.title),
          summary,
          axis,
          measure,
          lines: panel.lines.map(({ title: of, bands }): Line => ({ title: of, bands })),
          promises,
          knee: kneeMark(
            axis,
            answer,
            panel.lines.map(({ series }) => series),
          ),
          lowest,
          highest,
        },
      })),
      values: lines.flatMap((line) => line.bands.map((band) => valueRow(line, band))),
    },
  ]
}

const joined = (a: Bilingual, b: Bilingual): Bilingual => ({ ko: `${a.ko}, ${b.ko}`, en: `${a.en}, ${b.en}` })

/** How high a band asks the axis to go: an interval of few seeds may be far wider than they are, and is cut off then. */
const reachOf = ({ mean, halfWidth, values }: Band): number => {
  const most = Math.max(...values)
  return Math.max(most, Math.min(mean + (halfWidth ?? 0), 1.5 * most))
}

/** The knee of the one series that a chart is about; of the base series where it shows all. */
function kneeMark(axis: Axis, { bySeries, base }: Answer, series: readonly Series[]): Mark | null {
  const about = series.every((one) => one === series[0]) ? series[0] : base.series
  const knee = bySeries.find((answer) => answer.series === about)?.knee ?? null
  if (knee === null) return null
  const spot = saySpot(axis, { x: knee, label: axis.title })
  return { value: knee, title: { ko: `꺾이는 지점 ${spot.ko}`, en: `knee at ${spot.en}` } }
}

/** One mean with what it is of, in the names of the rows' columns. */
function valueRow({ series, column }: AskedLine, band: Band): CsvRow {
  return {
    point: band.point,
    label: band.label.en,
    policy: band.rows[0]!.policy,
    ...series.fixed,
    x: band.x,
    column,
    mean: band.mean,
    ci95_half_width: band.halfWidth,
    seeds: band.values.length,
    ...Object.fromEntries(
      band.rows.map((row) => [`seed_${row.seed}`, typeof row[column] === 'number' ? row[column] : null]),
    ),
  }
}
