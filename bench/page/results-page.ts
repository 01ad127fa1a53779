// Everything that was recorded as one HTML file that loads nothing: the promised numbers beside what was measured, others' figures
// beside ours, charts, and every figure of every bench with the command that measures it anew.

import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Bilingual } from '@dure/contract'
import {
  both,
  type Cell,
  escaped,
  type FigureView,
  figureHtml,
  languageChoice,
  name,
  number,
  pageOf,
  tableOf,
} from '@dure/report/figures'
import { benches } from '../benches.ts'
import { machineLine } from '../machine.ts'
import { commandOf, peerRows, type TargetRow, targetRows } from '../recorded/comparison.ts'
import { newestReports, type RecordedRun, recordedRuns } from '../recorded/runs.ts'
import { amount, type BenchReport, type Figure, spreadOf } from '../report.ts'
import { capacityViews, historyViews } from './views.ts'

/** Writes the page of all recorded runs beside them; its path. */
export function writeResultsPage(): string {
  const path = fileURLToPath(new URL('../results/index.html', import.meta.url))
  writeFileSync(path, resultsPage(recordedRuns()))
  return path
}

/** @param runs in order of time, and not empty */
export function resultsPage(runs: readonly RecordedRun[]): string {
  const newest = runs.at(-1)
  if (newest === undefined) throw new RangeError('nothing is recorded: a page of nothing says nothing')
  const title = { ko: '측정 결과', en: 'Measured' }
  const body = `<a class="skip" href="#content">${both({ ko: '본문으로 건너뛰기', en: 'Skip to the figures' })}</a>
<header><div><h1>${both(title)}</h1><p>${both({ ko: `두레 벤치, ${newest.at.slice(0, 10)}`, en: `Dure's benches, ${newest.at.slice(0, 10)}` })}</p></div>
${languageChoice}</header>
<main id="content">
${section('targets', { ko: '약속한 수와 측정한 수', en: 'What was promised, and what is' }, [machinePart(newest), targetTable(runs)])}
${section('peers', { ko: '다른 프로그램과 나란히', en: 'Beside others' }, [peerTable(runs)])}
${figures('capacity', { ko: '커질 때', en: 'As it grows' }, capacityViews(runs))}
${figures('history', { ko: '지금까지', en: 'So far' }, historyViews(runs))}
${section(
  'all',
  { ko: '모든 수', en: 'Every figure' },
  newestReports(runs)
    .filter(({ report }) => report.bench in benches)
    .map(({ report, run }) => reportTable(report, run)),
)}
</main>`
  return pageOf({ ko: `${title.ko} · 두레`, en: `${title.en} · Dure` }, body)
}

const section = (id: string, title: Bilingual, parts: readonly string[]): string =>
  `<section aria-labelledby="${id}"><h2 id="${id}">${both(title)}</h2>\n${parts.join('\n')}</section>`

const figures = (id: string, title: Bilingual, views: readonly FigureView[]): string =>
  views.length === 0
    ? ''
    : section(id, title, [`<div class="figures">${views.map((view) => figureHtml('bench', view)).join('\n')}</div>`])

const machinePart = ({ machine }: RecordedRun): string => `<p>${escaped(machineLine(machine))}</p>`

const verdicts: Readonly<Record<TargetRow['verdict'], Bilingual>> = {
  'not recorded': { ko: '기록 없음', en: 'not recorded' },
  missed: { ko: '못 미침', en: 'missed' },
  kept: { ko: '지킴', en: 'kept' },
  'aim reached': { ko: '목표 달성', en: 'aim reached' },
}

function targetTable(runs: readonly RecordedRun[]): string {
  const headings: Cell[] = [
    { text: { ko: '무엇', en: 'What' } },
    number({ ko: '측정', en: 'Measured' }),
    number({ ko: '약속', en: 'Promised' }),
    number({ ko: '목표', en: 'Aim' }),
    { text: { ko: '판정', en: 'Verdict' } },
    { text: { ko: '기록', en: 'Recorded' } },
    { text: { ko: '명령', en: 'Command' } },
  ]
  const rows = targetRows(runs).map(({ target, newest, verdict, command }): Cell[] => {
    const { what, at_least, at_most, aim } = target
    return [
      { text: what },
      number(newest === undefined ? '–' : `${amount(newest.value)} ${newest.figure.unit}`),
      number(at_least === undefined ? `≤ ${amount(at_most!)}` : `≥ ${amount(at_least)}`),
      number(amount(aim)),
      { text: verdicts[verdict] },
      name(newest === undefined ? '–' : whenOf(newest.run)),
      name(command),
    ]
  })
  return tableOf('targets-table', { ko: '설계한 수', en: 'The numbers it is built for' }, headings, rows)
}

function peerTable(runs: readonly RecordedRun[]): string {
  const headings: Cell[] = [
    { text: { ko: '무엇', en: 'What' } },
    number({ ko: '두레', en: 'Dure' }),
    { text: { ko: '누구', en: 'Who else' } },
    number({ ko: '그쪽', en: 'Theirs' }),
    number({ ko: '배', en: 'Ratio' }),
    { text: { ko: '조건과 다른 점', en: 'Conditions, and what differs' } },
    { text: { ko: '출처', en: 'Source' } },
  ]
  const rows = peerRows(runs).map(({ peer, ours, ratio }): Cell[] => [
    name(peer.figure),
    number(`${amount(ours)} ${peer.unit}`),
    name(peer.peer),
    number(`${amount(peer.theirs)} ${peer.unit}`),
    number(ratio === undefined ? '–' : `${amount(ratio)} ×`),
    name(peer.differs),
    name(peer.source),
  ])
  const caption = {
    ko: '다른 이들이 스스로 발표했거나 다른 기계에서 잰 수이므로 배수는 어림수다',
    en: 'Theirs were published by themselves or measured on another machine: a ratio is an order of magnitude',
  }
  return tableOf('peers-table', caption, headings, rows)
}

function reportTable({ bench, size, figures: all }: BenchReport, run: RecordedRun): string {
  const headings: Cell[] = [
    { text: { ko: '무엇', en: 'What' } },
    number({ ko: '중앙값', en: 'Median' }),
    { text: { ko: '퍼짐', en: 'Spread' } },
  ]
  const rows = all.map((figure: Figure): Cell[] => [
    name(figure.name),
    number(`${amount(figure.median)} ${figure.unit}`),
    name(spreadOf(figure)),
  ])
  const caption = `${bench}: ${size}; ${whenOf(run)}; ${commandOf(bench)}`
  return tableOf(`figures-${bench}`, { ko: caption, en: caption }, headings, rows)
}

const whenOf = ({ at, commit }: RecordedRun): string => `${at.slice(0, 10)}${commit === null ? '' : `, ${commit}`}`
