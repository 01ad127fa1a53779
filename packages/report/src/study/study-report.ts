// A study as one HTML file that a minister can read and an engineer can trust: the answer in one sentence, the few figures that matter,
// charts with their numbers, and everything that it takes to check or repeat them.

import type { Bilingual, Language, StudyOutcome } from '@dure/contract'
import { partsIn } from './amounts.ts'
import { type Answer, answerOf } from './answer.ts'
import { bandAt, saySpot } from './arrangement.ts'
import { attemptsView, differencesView } from './comparison.ts'
import { chartView, type FigureView, figureHtml } from './figure-view.ts'
import { sectionsOf } from './figures.ts'
import { both, divs, escaped } from './html.ts'
import { inBoth } from './languages.ts'
import { measureOf, sayAmount } from './measures.ts'
import { languageChoice, pageOf } from './page.ts'
import { capacityPart, provenancePart, readingPart, rowsPart, sourcesPart } from './particulars.ts'
import { sayPromises } from './promises.ts'
import { detailOf, headlineOf, keptPlaces } from './sentences.ts'
import { number, tableOf } from './tables.ts'

export { studySummary } from './study-summary.ts'

/** The report. Throws a `RangeError` where the study has no rows. */
export function studyReport(outcome: StudyOutcome): string {
  const answer = answerOf(outcome)
  const { arrangement } = answer
  const sections = [
    { title: { ko: '비교', en: 'The comparison' }, views: differencesView(outcome) },
    { title: { ko: '찾아간 과정', en: 'The search' }, views: attemptsView(outcome, arrangement.axis) },
    ...sectionsOf(outcome, answer).map(({ title, figures }) => ({
      title,
      views: figures.map((figure) => chartView(figure, arrangement)),
    })),
  ].filter(({ views }) => views.length > 0)
  const body = `<a class="skip" href="#content">${both({ ko: '본문으로 건너뛰기', en: 'Skip to the report' })}</a>
<header><div><h1>${both(outcome.title)}</h1><p>${both({ ko: '두레 모의실험 보고서', en: 'Dure study report' })}</p></div>
${languageChoice}</header>
<main id="content">
${answerPart(outcome, answer)}
${sections.map(({ title, views }, at) => sectionHtml(`section-${at}`, title, outcome.name, views)).join('\n')}
<section aria-labelledby="check-heading"><h2 id="check-heading">${both({ ko: '확인하고 다시 해 보기', en: 'To check, and to repeat' })}</h2>
<div class="cards">${[readingPart(outcome), provenancePart(outcome), sourcesPart(outcome)].join('\n')}</div>
<div class="cards">${capacityPart(outcome)}</div>
<div class="cards">${rowsPart(outcome)}</div></section>
</main>`
  return pageOf({ ko: `${outcome.title.ko} · 두레`, en: `${outcome.title.en} · Dure` }, body)
}

const sectionHtml = (id: string, title: Bilingual, study: string, views: readonly FigureView[]): string =>
  `<section aria-labelledby="${id}"><h2 id="${id}">${both(title)}</h2>
<div class="figures">${views.map((view) => figureHtml(study, view)).join('\n')}</div></section>`

/** The few figures that matter, where the answer is read off. */
const told = [
  'accelerators',
  'delivered_ef',
  'jobs_per_hour',
  'utilization',
  'wait_p95_s',
  'jain_index',
  'power_mw_mean',
  'cost_krw',
] as const

function answerPart(outcome: StudyOutcome, answer: Answer): string {
  const { arrangement, stop } = answer
  const tiles = told.flatMap((column) => {
    const band = bandAt(arrangement.base, column, stop.point)
    if (band === undefined) return []
    const measure = measureOf(column, outcome)
    const value = (language: Language): string => {
      const { before, number: digits, within, after } = partsIn(measure.choice, language, band.mean, band.halfWidth)
      const unit = (text: string): string => (text === '' ? '' : `<small>${escaped(text)}</small>`)
      return `${unit(before)}${escaped(digits)}${unit(after)}${within === null ? '' : `<span class="within">± ${escaped(within)}</span>`}`
    }
    return [`<div><dt>${both(measure.title)}</dt><dd>${divs(value)}</dd></div>`]
  })
  const { description } = outcome
  const spot = saySpot(arrangement.axis, stop)
  const { series, base } = arrangement
  const of = inBoth((language) => (series.length > 1 ? `${spot[language]}, ${base.title[language]}` : spot[language]))
  return `<section class="answer" aria-labelledby="headline">
<p class="headline" id="headline" role="heading" aria-level="2">${both(headlineOf(outcome, answer))}</p>
<p class="detail">${both(detailOf(outcome, answer))}</p>
${description === undefined ? '' : `<p class="detail">${both(description)}</p>`}
<h3 class="tiles-title">${both(of)}</h3>
<dl class="tiles">${tiles.join('\n')}</dl>
${linesPart(outcome, answer)}
</section>`
}

/** What each line says, where there are several. */
function linesPart(outcome: StudyOutcome, { arrangement, bySeries, stop }: Answer): string {
  if (bySeries.length === 1 || arrangement.axis.column === null) return ''
  const { axis } = arrangement
  const last = arrangement.base.stops.at(-1)!
  const wait = measureOf('wait_p95_s', outcome)
  const hasPromise = outcome.promises.length > 0
  const rows = bySeries.map(({ series, kept, knee }) => [
    { text: series.title },
    ...(kept === null
      ? []
      : [{ text: inBoth((language) => keptPlaces(kept, { ...arrangement, base: series }, language)) }]),
    { text: knee === null ? { ko: '–', en: '–' } : saySpot(axis, { x: knee, label: axis.title }) },
    ...[stop, last].map((at) => {
      const band = bandAt(series, wait.column, series.stops.find(({ x }) => x === at.x)?.point ?? -1)
      return number(
        band === undefined ? '–' : inBoth((language) => sayAmount(wait, band.mean, band.halfWidth, language)),
      )
    }),
  ])
  const waitAt = (at: typeof stop): Bilingual => {
    const spot = saySpot(axis, at)
    return { ko: `${spot.ko}의 대기(p95)`, en: `wait (p95) at ${spot.en}` }
  }
  const promise = sayPromises(outcome)
  const caption = hasPromise
    ? { ko: `선마다의 답. 약속: ${promise.ko}`, en: `The answer of each line. Promised: ${promise.en}` }
    : { ko: '선마다의 답', en: 'The answer of each line' }
  const headings = [
    { text: { ko: '선', en: 'Line' } },
    ...(hasPromise ? [{ text: { ko: '약속을 지키는 곳', en: 'Promise kept' } }] : []),
    { text: { ko: '꺾이는 지점', en: 'Knee' } },
    number(waitAt(stop)),
    number(waitAt(last)),
  ]
  return `<div class="lines-table">${tableOf('lines-table', caption, headings, rows)}</div>`
}
