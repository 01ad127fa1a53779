// A figure on the page: title, one sentence, signs of its lines, the charts in two widths, and the same numbers as a table and as a file.

import type { Bilingual, Language } from '@dure/contract'
import { type Arrangement, type Band, saySpot } from './arrangement.ts'
import { type CsvRow, csvOf } from './csv.ts'
import { type Chart, drawLines, drawNames, type Size, signOf } from './drawing.ts'
import type { Figure } from './figures.ts'
import { both, divs, escaped } from './html.ts'
import { type Measure, sayAmount } from './measures.ts'
import { type Cell, number, tableOf } from './tables.ts'

/** What every figure has on the page, whatever it draws. */
export interface FigureView {
  readonly name: string
  readonly title: Bilingual
  readonly summary: Bilingual
  readonly legend: readonly { readonly sign: string; readonly title: Bilingual }[]
  readonly panels: readonly {
    readonly title: Bilingual | null
    readonly draw: (size: Size, language: Language, id: string) => string
  }[]
  readonly table: { readonly headings: readonly Cell[]; readonly rows: readonly (readonly Cell[])[] }
  readonly values: readonly CsvRow[]
}

export const chartView = (figure: Figure, { axis }: Arrangement): FigureView => {
  const { name, title, summary, panels, values } = figure
  const [first] = panels
  const lines = first?.chart.lines ?? []
  const isNamed = axis.column === null
  const draw = isNamed ? drawNames : drawLines
  return {
    name,
    title,
    summary,
    legend: lines.length > 1 ? lines.map((line, at) => ({ sign: signOf(at, !isNamed), title: line.title })) : [],
    panels: panels.map((panel) => ({
      title: panel.title,
      draw: (size, language, id) => draw(panel.chart, size, language, id),
    })),
    table: tableOfPanels(panels),
    values,
  }
}

function tableOfPanels(panels: Figure['panels']): FigureView['table'] {
  const { axis, measure } = panels[0]!.chart
  const isMany = panels.length > 1
  const isNumber = axis.column !== null
  const titles = [
    ...new Map(panels.flatMap(({ chart }) => chart.lines.map(({ title }) => [title.en, title] as const))).values(),
  ]
  return {
    headings: [
      ...(isMany ? [{ text: { ko: '조건', en: 'Case' } }] : []),
      { text: axis.title, isNumber },
      ...(titles.length > 1 ? titles.map(number) : [number(measure.title)]),
    ],
    rows: panels.flatMap(({ title, chart }) =>
      stopsOf(chart).map((stop) => [
        ...(isMany ? [{ text: title! }] : []),
        { text: saySpot(axis, stop), isNumber },
        ...titles.map((of) => cellOf(chart, of, stop, measure)),
      ]),
    ),
  }
}

/** Every place of the axis at which some line has a value, in order. */
const stopsOf = ({ lines }: Chart): Band[] => {
  const stops = new Map(lines.flatMap(({ bands }) => bands.map((band) => [band.x ?? band.label.en, band] as const)))
  return [...stops.values()].sort((a, b) => (a.x === null || b.x === null ? 0 : a.x - b.x))
}

function cellOf({ lines }: Chart, title: Bilingual, stop: Band, measure: Measure): Cell {
  const line = lines.find((one) => one.title.en === title.en)
  const band = line?.bands.find(({ x, label }) => (stop.x === null ? label.en === stop.label.en : x === stop.x))
  if (band === undefined) return number('–')
  const say = (language: Language): string => sayAmount(measure, band.mean, band.halfWidth, language)
  return number({ ko: say('ko'), en: say('en') })
}

/** Columns of the files of values, so far as a figure has them; single seeds come last. */
function csvColumns(values: FigureView['values']): string[] {
  return [...new Set(values.flatMap((row) => Object.keys(row)))]
}

/** A link that saves a file which stands in the page itself. The mark at its beginning tells spreadsheets that it is UTF-8. */
export function fileLink(name: string, text: string, label: Bilingual, of: Bilingual): string {
  const data = encodeURIComponent(`\uFEFF${text}`).replaceAll('%2C', ',').replaceAll("'", '%27')
  return `<a class="file" download="${escaped(name)}.csv" href="data:text/csv;charset=utf-8,${data}">${both(label)}<span class="for-ears">: ${both(of)}</span></a>`
}

const PANELS_WIDE_MAX = 4

/** @param study name of the study, for files */
export function figureHtml(study: string, view: FigureView): string {
  const { name, title, summary, legend, panels, table, values } = view
  const isMany = panels.length > 1
  // Each would have a narrow place on any page.
  const isCrowd = panels.length > PANELS_WIDE_MAX
  const signs = legend.map(({ sign, title: of }) => `<li>${sign}<span>${both(of)}</span></li>`).join('')
  const pictures = panels.map(({ title: of, draw }, at) => {
    const sizes: readonly Size[] = isCrowd ? ['narrow'] : ['narrow', 'wide']
    const drawings = divs((language) =>
      sizes
        .map((size) => {
          const id = `${name}-${at}-${size}-${language}`
          return `<div class="${size}${isCrowd ? ' only' : ''}">${draw(size, language, id)}</div>`
        })
        .join(''),
    )
    return `<div class="panel">${of === null ? '' : `<h4>${both(of)}</h4>`}${drawings}</div>`
  })
  return `<div class="place"><figure class="figure${isMany ? ' many' : ''}" id="${name}" aria-labelledby="${name}-heading">
<figcaption><h3 id="${name}-heading">${both(title)}</h3><p class="summary">${both(summary)}</p></figcaption>
${signs === '' ? '' : `<ul class="legend">${signs}</ul>`}
<div class="panels">${pictures.join('\n')}</div>
<div class="tools"><details><summary>${both({ ko: '표로 보기', en: 'Show as a table' })}<span class="for-ears">: ${both(title)}</span></summary>
${tableOf(`${name}-table`, title, table.headings, table.rows)}</details>
${fileLink(`${study}-${name}`, csvOf(csvColumns(values), values), { ko: 'CSV 내려받기', en: 'Save as CSV' }, title)}</div>
</figure></div>`
}
