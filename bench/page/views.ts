// What is drawn of the recorded runs: what size costs, what a backlog costs, and how each promised figure came to be what it is.

import type { FigureView } from '@dure/report/figures'
import { type TargetRow, targetRows } from '../recorded/comparison.ts'
import { historyOf, newestReports, type RecordedRun } from '../recorded/runs.ts'
import { amount, type Figure, figureValue } from '../report.ts'
import { lineView, type Spot } from './line-view.ts'

const capacityAxis = { ko: '용량, EF(FP64)', en: 'Capacity, EF (FP64)' }

export function capacityViews(runs: readonly RecordedRun[]): FigureView[] {
  const figuresOf = (bench: string): readonly Figure[] =>
    newestReports(runs).find(({ report }) => report.bench === bench)?.report.figures ?? []
  const placed = spotsOf(figuresOf('capacity'), /^([\d.]+) EF, placed$/, ' EF')
  const cost = spotsOf(figuresOf('capacity'), /^([\d.]+) EF, cost per job \//, ' EF')
  const finishes = /^2 EF, (\d+) waiting, a finish$/
  const usual = spotsOf(figuresOf('capacity'), finishes, '')
  const bad = spotsOf(figuresOf('capacity'), finishes, '', 'p99')
  const live = spotsOf(figuresOf('capacity-live'), /^([\d.]+) EF, submit to completion$/, ' EF')
  return [
    lineView({
      name: 'placed',
      title: { ko: '용량에 따른 배정 속도', en: 'Jobs placed a second, by capacity' },
      summary: ends(placed, 'jobs/s'),
      along: capacityAxis,
      of: { ko: '1초에 배정한 작업', en: 'Jobs placed' },
      unit: 'jobs/s',
      lines: [{ title: { ko: '배정기 홀로', en: 'The allocator alone' }, spots: placed }],
    }),
    lineView({
      name: 'cost',
      title: { ko: '용량에 따른 작업 하나의 비용', en: 'What a job costs, by capacity' },
      summary: ends(cost, '× 0.134 EF'),
      along: capacityAxis,
      of: { ko: '0.134 EF에서의 몇 배', en: 'Beside 0.134 EF' },
      unit: '×',
      lines: [{ title: { ko: '작업 하나의 비용', en: 'Cost per job' }, spots: cost }],
      promises: [{ value: 1.5, title: { ko: '약속 1.5', en: 'promised 1.5' } }],
    }),
    lineView({
      name: 'backlog',
      title: { ko: '대기 작업 수에 따른 종료 한 번의 처리 시간', en: 'What one finish costs, by jobs waiting' },
      summary: ends(bad, 'ms (p99)'),
      along: { ko: '2 EF에서 기다리는 작업', en: 'Jobs waiting at 2 EF' },
      isWide: true,
      of: { ko: '종료와 배정', en: 'A finish and its pass' },
      unit: 'ms',
      lines: [
        { title: { ko: 'p50', en: 'p50' }, spots: usual },
        { title: { ko: 'p99', en: 'p99' }, spots: bad },
      ],
    }),
    lineView({
      name: 'live-capacity',
      title: { ko: '용량에 따른 실시간 처리 속도', en: 'Jobs through the live service, by capacity' },
      summary: ends(live, 'jobs/s'),
      along: capacityAxis,
      of: { ko: '제출에서 완료까지', en: 'Submit to completion' },
      unit: 'jobs/s',
      lines: [{ title: { ko: '전체 서비스', en: 'The whole service' }, spots: live }],
    }),
  ].filter((view) => view !== undefined)
}

const DAY_MS = 86_400_000

/** Of each promised figure that was recorded more than once. */
export const historyViews = (runs: readonly RecordedRun[]): FigureView[] =>
  targetRows(runs)
    .map((row, at) => historyView(runs, row, at))
    .filter((view) => view !== undefined)

function historyView(runs: readonly RecordedRun[], { target, newest }: TargetRow, at: number): FigureView | undefined {
  if (newest === undefined) return undefined
  const history = historyOf(runs, target.bench, target.figure)
  const firstMs = Date.parse(history[0]!.run.at)
  const spots = history.map(({ figure, run }) => ({
    x: (Date.parse(run.at) - firstMs) / DAY_MS,
    label: `${run.at.slice(0, 16).replace('T', ' ')}${run.commit === null ? '' : ` ${run.commit}`}`,
    value: figureValue(figure, target.of),
  }))
  const promised = target.at_least ?? target.at_most!
  return lineView({
    name: `history-${at}`,
    title: target.what,
    summary: ends(spots, newest.figure.unit),
    along: { ko: '첫 기록부터 지난 날', en: 'Days since the first record' },
    of: { ko: target.figure, en: target.figure },
    unit: newest.figure.unit,
    lines: [{ title: { ko: target.figure, en: target.figure }, spots }],
    promises: [{ value: promised, title: { ko: `약속 ${amount(promised)}`, en: `promised ${amount(promised)}` } }],
  })
}

/** Figures whose name says where they stand on an axis, in its order. */
function spotsOf(figures: readonly Figure[], name: RegExp, unit: string, of: 'median' | 'p99' = 'median'): Spot[] {
  return figures
    .flatMap((figure) => {
      const x = name.exec(figure.name)?.[1]
      return x === undefined
        ? []
        : [{ x: Number(x), label: `${Number(x).toLocaleString('en-US')}${unit}`, value: figureValue(figure, of) }]
    })
    .sort((a, b) => a.x - b.x)
}

/** The first and the last in one sentence. */
function ends(spots: readonly Spot[], unit: string) {
  const [first, last] = [spots[0], spots.at(-1)]
  if (first === undefined || last === undefined) return { ko: '', en: '' }
  const said = `${first.label}: ${amount(first.value)} ${unit}; ${last.label}: ${amount(last.value)} ${unit}`
  return { ko: `${said}.`, en: `${said}.` }
}
