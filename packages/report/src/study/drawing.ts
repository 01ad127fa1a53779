// Charts as SVG, drawn by Observable Plot into a document of linkedom. Colours are those of the page by name, so that they turn with
// light and dark; each line has a dash and a symbol of its own besides its colour. No style stands in the SVG: the page's policy
// allows none but the page's own.

import type { Bilingual, Language } from '@dure/contract'
import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import { width as terminalColumns } from '../text.ts'
import { formatDigits } from './amounts.ts'
import { type Axis, type Band, saySpot, sayValue } from './arrangement.ts'
import { type Measure, sayAmount } from './measures.ts'

/** One line of a chart, or one symbol where the axis has names. */
export interface Line {
  readonly title: Bilingual
  readonly bands: readonly Band[]
}

/** A value that people look for: what is promised, where the knee is. */
export interface Mark {
  readonly value: number
  readonly title: Bilingual
}

export interface Chart {
  /** For ears: what it shows, and what that says. */
  readonly title: Bilingual
  readonly summary: Bilingual
  readonly axis: Axis
  readonly measure: Measure
  readonly lines: readonly Line[]
  /** Along the axis of the measure, and along the other. */
  readonly promises: readonly Mark[]
  readonly knee: Mark | null
  /** Where several charts stand side by side, all reach as far as the lowest and the highest. */
  readonly lowest: number
  readonly highest: number
}

/** CSS pixels. On a phone and in rows of several the narrow one is shown, else the wide one; text has the same size in both. */
export type Size = 'narrow' | 'wide'
const sizes: Readonly<Record<Size, { readonly width: number; readonly height: number }>> = {
  narrow: { width: 328, height: 236 },
  wide: { width: 560, height: 300 },
}

const FONT_SIZE = 12
/** Of one terminal column at that size. */
const COLUMN_PX = 6.8

/** Lines are told apart thrice: by colour, by dash and by symbol. After the last they begin anew with the next dash. */
const colours = ['var(--line-1)', 'var(--line-2)', 'var(--line-3)', 'var(--line-4)', 'var(--line-5)'] as const
const symbols = ['circle', 'square', 'triangle', 'diamond', 'star'] as const
const dashes = ['none', '7 3', '2 3', '9 3 2 3', '12 4'] as const

interface LineStyle {
  readonly colour: string
  readonly symbol: (typeof symbols)[number]
  readonly dash: string
}

const styleOf = (index: number): LineStyle => ({
  colour: colours[index % colours.length]!,
  symbol: symbols[index % symbols.length]!,
  dash: dashes[(index + Math.floor(index / dashes.length)) % dashes.length]!,
})

const { document } = parseHTML('<!doctype html><html><body></body></html>')

/** What of an SVG element is used here; the types of a browser's document are not at hand. */
interface Drawn {
  readonly outerHTML: string
  readonly firstChild: unknown
  querySelector(selector: string): Drawn | null
  querySelectorAll(selector: string): Iterable<Drawn>
  setAttribute(name: string, value: string): void
  removeAttribute(name: string): void
  insertBefore(node: unknown, before: unknown): void
  remove(): void
}

interface Picture {
  readonly width: number
  readonly height: number
  readonly options: Plot.PlotOptions
}

/** Only what every drawing has: where, how large, with which words for ears. */
function drawn({ width, height, options }: Picture, title: string, summary: string, id: string): string {
  const svg = Plot.plot({
    document,
    width,
    height,
    style: { fontSize: `${FONT_SIZE}px` },
    ...options,
  } as Plot.PlotOptions) as unknown as Drawn
  svg.querySelector('style')?.remove()
  svg.removeAttribute('style')
  svg.removeAttribute('font-family')
  svg.setAttribute('font-size', `${FONT_SIZE}`)
  svg.setAttribute('class', 'plot')
  svg.setAttribute('role', 'img')
  svg.setAttribute('aria-labelledby', `${id}-title ${id}-summary`)
  for (const labelled of svg.querySelectorAll('[aria-label], [aria-hidden]')) {
    labelled.removeAttribute('aria-label')
    labelled.removeAttribute('aria-hidden')
  }
  for (const [name, text] of [
    ['desc', summary],
    ['title', title],
  ] as const) {
    const element = document.createElementNS('http://www.w3.org/2000/svg', name)
    element.setAttribute('id', `${id}-${name === 'desc' ? 'summary' : 'title'}`)
    element.textContent = text
    svg.insertBefore(element, svg.firstChild)
  }
  // A hundredth of a pixel is enough.
  return svg.outerHTML.replaceAll(/="[^"]*\d\.\d{3,}[^"]*"/g, (attribute) =>
    attribute.replaceAll(/\d+\.\d{3,}/g, (number) => String(Number(Number(number).toFixed(2)))),
  )
}

const MINUTE_S = 60
const HOUR_S = 3_600
const DAY_S = 86_400

/** Ticks of waits, seconds: what people call a short or a long wait. The first row that has room is taken. */
const waitTicks: readonly (readonly number[])[] = [
  [0, MINUTE_S, 10 * MINUTE_S, HOUR_S, 6 * HOUR_S, DAY_S, 7 * DAY_S, 30 * DAY_S, 180 * DAY_S],
  [0, 10 * MINUTE_S, HOUR_S, 6 * HOUR_S, DAY_S, 7 * DAY_S, 30 * DAY_S, 180 * DAY_S],
  [0, 10 * MINUTE_S, HOUR_S, 6 * HOUR_S, DAY_S, 7 * DAY_S, 30 * DAY_S],
  [0, 10 * MINUTE_S, HOUR_S, DAY_S, 7 * DAY_S, 30 * DAY_S],
  [0, 10 * MINUTE_S, HOUR_S, DAY_S, 30 * DAY_S],
  [0, HOUR_S, DAY_S, 30 * DAY_S],
]
/** Up to a minute waits are drawn in proportion, above by their logarithm: no wait at all keeps a place of its own. */
const WAIT_LINEAR_S = MINUTE_S
/** Distance of the lowest value from the frame, so that symbols at zero are whole. */
const INSET = 7

/** Least distance of two ticks, one above the other and side by side. */
const TICK_PX = { above: 15, beside: 54 } as const

interface ValueScale {
  readonly options: {
    readonly type: 'linear' | 'symlog'
    readonly constant?: number
    readonly domain: readonly [number, number]
    readonly ticks: number | readonly number[]
    readonly tickFormat: (value: number) => string
  }
  /** What stands at the axis. */
  readonly label: string
  /** Pixels from its beginning. */
  readonly place: (value: number) => number
}

/**
 * How values of a measure are laid out, the same along x and y.
 * @param lengthPx of the axis
 * @param tickPx least distance of two ticks
 */
function valueScale(
  { measure, lowest, highest }: Chart,
  lengthPx: number,
  tickPx: number,
  language: Language,
): ValueScale {
  const { title, scale, choice } = measure
  const say = (value: number): string => sayAmount(measure, value, null, language)
  const linear = (
    domain: readonly [number, number],
    ticks: number | readonly number[],
    tickFormat: (value: number) => string,
    label: string,
  ): ValueScale => ({
    options: { type: 'linear', domain, ticks, tickFormat },
    label,
    place: (value) => (lengthPx * (value - domain[0])) / (domain[1] - domain[0]),
  })
  switch (scale) {
    case 'wait': {
      const top = Math.max(highest, 2 * WAIT_LINEAR_S)
      const place = (value: number): number =>
        (lengthPx * Math.log1p(value / WAIT_LINEAR_S)) / Math.log1p(top / WAIT_LINEAR_S)
      const shown = waitTicks.map((row) => row.filter((tick) => tick <= top))
      const hasRoom = (row: readonly number[]): boolean =>
        row.every((tick, at) => at === 0 || place(tick) - place(row[at - 1]!) >= tickPx)
      const ticks = shown.find(hasRoom) ?? shown.at(-1)!
      const options = { type: 'symlog', constant: WAIT_LINEAR_S, domain: [0, top], ticks, tickFormat: say } as const
      return { options, label: title[language], place }
    }
    case 'part':
      return linear([0, 1], [0, 0.25, 0.5, 0.75, 1], say, title[language])
    case 'index':
      // Half of the scale where nothing lies in the other.
      return linear([lowest > 0.5 ? 0.5 : 0, 1], 5, say, title[language])
    case 'amount': {
      // One unit for all ticks, said once.
      const { size, before = '', after = '' } = choice(highest, language)
      const unit = `${before}${after}`.trim().replaceAll(/\s+/g, ' ')
      const label = unit === '' ? title[language] : `${title[language]}, ${unit}`
      return linear([0, highest > 0 ? highest * 1.04 : size], 5, (value) => formatDigits(value / size), label)
    }
  }
}

const named = (title: Bilingual, unit: Bilingual | null, language: Language): string =>
  unit === null ? title[language] : `${title[language]}, ${unit[language]}`

/** Values so far apart that the small ones would stand on each other. */
const RATIO_OF_LOG = 40

function spotScale({ choice }: Axis, lines: readonly Line[], language: Language): Plot.ScaleOptions {
  const values = [...new Set(lines.flatMap(({ bands }) => bands.flatMap(({ x }) => x ?? [])))].sort((a, b) => a - b)
  const [least = 0, most = 0] = [values[0], values.at(-1)]
  const tickFormat = (value: number): string => sayValue(choice, value, language)
  if (least > 0 && most / least > RATIO_OF_LOG)
    return { type: 'log', ticks: values.length <= 7 ? values : 5, tickFormat }
  const begins = least >= 0 && least < most / 4
  return { type: 'linear', domain: [begins ? 0 : least, most], ticks: 6, tickFormat }
}

interface BandDot {
  readonly band: Band
  readonly value: number
}

const seedsOf = (bands: readonly Band[]): BandDot[] =>
  bands.flatMap((band) => (band.values.length > 1 ? band.values.map((value) => ({ band, value })) : []))

/** Lines over a number, with their bands, seeds and means. */
export function drawLines(chart: Chart, size: Size, language: Language, id: string): string {
  const { axis, measure, lines, promises, knee } = chart
  const { width, height } = sizes[size]
  const {
    options: y,
    label,
    place,
  } = valueScale(chart, height - marginTop(knee) - MARGIN_BOTTOM - INSET, TICK_PX.above, language)
  const ticks = typeof y.ticks === 'number' ? [y.domain[1]] : y.ticks
  const longest = Math.max(...ticks.map((tick) => terminalColumns(y.tickFormat(tick))))
  const marginLeft = Math.max(36, Math.ceil(longest * COLUMN_PX) + 14)
  const x = spotScale(axis, lines, language)
  const [from, to] = (x.domain ?? [0, Number.POSITIVE_INFINITY]) as [number, number]
  const kneeIsRight = knee !== null && Number.isFinite(to) && knee.value > (from + to) / 2
  const styled = lines.map((line, index) => ({ ...line, ...styleOf(index) }))
  const marks: Plot.Markish[] = [
    Plot.gridY({ stroke: 'var(--rule)', strokeOpacity: 1, ticks: y.ticks as number }),
    ...promises.flatMap(({ value, title }) => {
      const { isRight, isAbove } = roomBeside(value, lines, place)
      return [
        Plot.ruleY([value], { stroke: 'var(--ink)', strokeDasharray: '1 3', strokeWidth: 1.5 }),
        Plot.text([title[language]], {
          y: value,
          frameAnchor: isRight ? 'right' : 'left',
          textAnchor: isRight ? 'end' : 'start',
          lineAnchor: isAbove ? 'bottom' : 'top',
          dx: isRight ? 0 : 2,
          dy: isAbove ? -3 : 3,
          fill: 'var(--ink)',
          stroke: 'var(--card)',
          strokeWidth: 4,
        }),
      ]
    }),
    ...(knee === null
      ? []
      : [
          Plot.ruleX([knee.value], { stroke: 'var(--ink)', strokeDasharray: '5 3' }),
          Plot.text([knee.title[language]], {
            x: knee.value,
            frameAnchor: 'top',
            textAnchor: kneeIsRight ? 'end' : 'start',
            lineAnchor: 'bottom',
            dx: kneeIsRight ? 6 : -6,
            dy: -4,
            fill: 'var(--ink)',
          }),
        ]),
    ...styled.map(({ bands, colour }) =>
      Plot.areaY(
        bands.filter(({ halfWidth }) => halfWidth !== null),
        {
          x: ({ x: at }: Band) => at,
          y1: ({ mean, halfWidth }: Band) => Math.max(0, mean - halfWidth!),
          y2: ({ mean, halfWidth }: Band) => mean + halfWidth!,
          fill: colour,
          fillOpacity: 0.14,
          clip: true,
        },
      ),
    ),
    ...styled.map(({ bands, colour, dash }) =>
      Plot.lineY(bands, {
        x: ({ x: at }: Band) => at,
        y: 'mean',
        stroke: colour,
        strokeWidth: 2,
        ...(dash === 'none' ? {} : { strokeDasharray: dash }),
      }),
    ),
    ...styled.map(({ bands, colour }) =>
      Plot.dot(seedsOf(bands), {
        x: ({ band }: BandDot) => band.x,
        y: 'value',
        r: 1.6,
        fill: colour,
        fillOpacity: 0.7,
        clip: true,
      }),
    ),
    ...styled.map(({ bands, colour, symbol, title }) =>
      Plot.dot(bands, {
        x: ({ x: at }: Band) => at,
        y: 'mean',
        r: 4,
        symbol,
        fill: colour,
        stroke: 'var(--card)',
        strokeWidth: 1,
        title: (band: Band) => tipOf(title, band, axis, measure, language),
      }),
    ),
    Plot.axisX({
      label: null,
      tickSize: 4,
      ticks: x.ticks as number,
      tickFormat: x.tickFormat as never,
      tickPadding: 4,
    }),
    Plot.axisY({
      label: null,
      tickSize: 0,
      ticks: y.ticks as number,
      tickFormat: y.tickFormat as never,
      tickPadding: 6,
    }),
    Plot.text([`↑ ${label}`], {
      frameAnchor: 'top-left',
      textAnchor: 'start',
      lineAnchor: 'top',
      dx: -marginLeft,
      dy: 2 - marginTop(knee),
      fill: 'var(--dim)',
    }),
    Plot.text([`${named(axis.title, axis.unit, language)} →`], {
      frameAnchor: 'bottom-right',
      textAnchor: 'end',
      lineAnchor: 'bottom',
      dx: 10,
      dy: 42,
      fill: 'var(--dim)',
    }),
  ]
  const options = {
    marginLeft,
    marginRight: 14,
    marginTop: marginTop(knee),
    marginBottom: MARGIN_BOTTOM,
    x: { ...x, label: null },
    y: { ...y, label: null, insetBottom: INSET, insetTop: 4 },
    marks,
  } as Plot.PlotOptions
  return drawn({ width, height, options }, chart.title[language], chart.summary[language], id)
}

/** Part of the axis that the name of a rule takes, and its height. */
const RULE_NAME = { part: 0.4, px: 16 } as const

/** At which end of a horizontal rule, and on which side of it, its name is farthest from the lines. */
function roomBeside(
  value: number,
  lines: readonly Line[],
  place: ValueScale['place'],
): { readonly isRight: boolean; readonly isAbove: boolean } {
  const dots = lines.flatMap(({ bands }) => bands.map(({ x, mean }) => ({ x: x!, y: place(mean) })))
  const [least, most] = [Math.min(...dots.map(({ x }) => x)), Math.max(...dots.map(({ x }) => x))]
  const corners = [true, false].flatMap((isRight) =>
    [true, false].map((isAbove) => {
      const middle = place(value) + (isAbove ? RULE_NAME.px / 2 : -RULE_NAME.px / 2)
      const end = isRight ? most : least
      const near = dots.filter(({ x }) => Math.abs(x - end) <= RULE_NAME.part * (most - least))
      return { isRight, isAbove, room: Math.min(...near.map(({ y }) => Math.abs(y - middle))) }
    }),
  )
  return corners.reduce((best, next) => (next.room > best.room ? next : best))
}

/** Above the frame the axis has its name, and below that the knee its own. */
const marginTop = (knee: Mark | null): number => (knee === null ? 28 : 44)
const MARGIN_BOTTOM = 44

const tipOf = (title: Bilingual, band: Band, axis: Axis, measure: Measure, language: Language): string =>
  `${title[language]}\n${saySpot(axis, band)[language]}: ${sayAmount(measure, band.mean, band.halfWidth, language)}`

/** A row of dots under its name, for points that have names only. */
export interface NamedRow {
  readonly name: string
  readonly dots: readonly {
    readonly line: number
    readonly low: number | null
    readonly mean: number
    readonly high: number | null
    readonly seeds: readonly number[]
    readonly tip: string
    /** Drawn hollow: what it shows may be chance. */
    readonly isUnclear?: boolean
  }[]
}

const ROW_NAME_PX = 20
const ROW_DOT_PX = 15
const ROW_GAP_PX = 8
/** Half of the longest tick, `no wait`, stands outside the frame. */
const ROW_MARGIN = 24

/** Dots with their intervals, a row each, with the name of the row above it: names may be long, and phones narrow. */
export function drawRows(
  rows: readonly NamedRow[],
  scale: ValueScale['options'],
  label: string,
  marks: readonly Mark[],
  size: Size,
  language: Language,
  words: { readonly title: string; readonly summary: string; readonly id: string },
): string {
  const lineCount = Math.max(1, ...rows.flatMap(({ dots }) => dots.map(({ line }) => line + 1)))
  const rowPx = ROW_NAME_PX + lineCount * ROW_DOT_PX + ROW_GAP_PX
  const innerHeight = rows.length * rowPx
  const top = marks.length > 0 ? 26 : 8
  const nameAt = (row: number): number => row * rowPx + ROW_NAME_PX / 2
  const dotAt = (row: number, line: number): number => row * rowPx + ROW_NAME_PX + (line + 0.5) * ROW_DOT_PX
  const plotMarks: Plot.Markish[] = [
    Plot.gridX({ stroke: 'var(--rule)', strokeOpacity: 1, ticks: scale.ticks as number }),
    ...marks.flatMap(({ value, title }) => [
      Plot.ruleX([value], { stroke: 'var(--ink)', strokeDasharray: '1 3', strokeWidth: 1.5 }),
      Plot.text([title[language]], { x: value, frameAnchor: 'top', lineAnchor: 'bottom', dy: -6, fill: 'var(--ink)' }),
    ]),
    Plot.text(rows, {
      y: (_: NamedRow, row: number) => nameAt(row),
      text: 'name',
      frameAnchor: 'left',
      textAnchor: 'start',
      fill: 'var(--ink)',
      stroke: 'var(--card)',
      strokeWidth: 4,
    }),
  ]
  for (let line = 0; line < lineCount; line++) {
    const { colour, symbol } = styleOf(line)
    const dots = rows.flatMap((row, at) =>
      row.dots.filter((dot) => dot.line === line).map((dot) => ({ ...dot, y: dotAt(at, line) })),
    )
    plotMarks.push(
      Plot.ruleY(
        dots.filter(({ low }) => low !== null),
        { y: 'y', x1: 'low', x2: 'high', stroke: colour, strokeWidth: 2, clip: true },
      ),
      Plot.dot(
        dots.flatMap(({ y, seeds }) => seeds.map((value) => ({ y, value }))),
        { x: 'value', y: 'y', r: 1.6, fill: 'var(--ink)', fillOpacity: 0.6, clip: true },
      ),
      Plot.dot(dots, {
        x: 'mean',
        y: 'y',
        r: 4.5,
        symbol,
        fill: ({ isUnclear }: { isUnclear?: boolean }) => (isUnclear ? 'var(--card)' : colour),
        stroke: ({ isUnclear }: { isUnclear?: boolean }) => (isUnclear ? colour : 'var(--card)'),
        strokeWidth: 1.5,
        title: 'tip',
      }),
    )
  }
  plotMarks.push(
    Plot.axisX({
      label: null,
      tickSize: 4,
      ticks: scale.ticks as number,
      tickFormat: scale.tickFormat as never,
      tickPadding: 4,
    }),
    Plot.text([label], {
      frameAnchor: 'bottom-right',
      textAnchor: 'end',
      lineAnchor: 'bottom',
      dx: 10,
      dy: 42,
      fill: 'var(--dim)',
    }),
  )
  const options = {
    marginLeft: ROW_MARGIN,
    marginRight: ROW_MARGIN,
    marginTop: top,
    marginBottom: MARGIN_BOTTOM,
    x: { ...scale, label: null, insetLeft: INSET },
    y: { type: 'linear', domain: [innerHeight, 0], axis: null },
    // Colours are given as they are.
    color: { type: 'identity' },
    marks: plotMarks,
  } as Plot.PlotOptions
  const { width } = sizes[size]
  return drawn({ width, height: innerHeight + top + MARGIN_BOTTOM, options }, words.title, words.summary, words.id)
}

/** A chart whose axis has names. */
export function drawNames(chart: Chart, size: Size, language: Language, id: string): string {
  const { axis, measure, lines, promises } = chart
  const names = [...new Map(lines.flatMap(({ bands }) => bands.map((band) => [band.point, band.label] as const)))]
  const rows = names.map(
    ([point, label]): NamedRow => ({
      name: label[language],
      dots: lines.flatMap(({ title, bands }, line) =>
        bands
          .filter((band) => band.point === point)
          .map((band) => ({
            line,
            low: band.halfWidth === null ? null : Math.max(0, band.mean - band.halfWidth),
            mean: band.mean,
            high: band.halfWidth === null ? null : band.mean + band.halfWidth,
            seeds: seedsOf([band]).map(({ value }) => value),
            tip: tipOf(title, band, axis, measure, language),
          })),
      ),
    }),
  )
  const words = { title: chart.title[language], summary: chart.summary[language], id }
  const { options, label } = valueScale(chart, sizes[size].width - 2 * ROW_MARGIN, TICK_PX.beside, language)
  return drawRows(rows, options, `${label} →`, promises, size, language, words)
}

/** One value that a search has tried. */
export interface Attempt {
  readonly value: number
  readonly keeps: boolean
  /** From 1. */
  readonly order: number
  readonly tip: string
}

/** The path of a search, from above to below. */
export function drawAttempts(
  attempts: readonly Attempt[],
  axis: Axis,
  size: Size,
  language: Language,
  words: { readonly title: string; readonly summary: string; readonly id: string },
): string {
  const { width } = sizes[size]
  const height = 26 + 22 * attempts.length + MARGIN_BOTTOM
  const tickFormat = (value: number): string => sayValue(axis.choice, value, language)
  const x = { type: 'linear', ticks: 6, tickFormat } as const
  const missed = ({ keeps }: Attempt): boolean => !keeps
  const options = {
    marginLeft: 28,
    marginRight: 22,
    marginTop: 26,
    marginBottom: MARGIN_BOTTOM,
    x: { ...x, label: null, inset: INSET },
    y: { type: 'linear', domain: [attempts.length + 0.5, 0.5], label: null },
    marks: [
      Plot.gridX({ stroke: 'var(--rule)', strokeOpacity: 1, ticks: x.ticks }),
      Plot.line(attempts, { x: 'value', y: 'order', stroke: 'var(--edge)', strokeDasharray: '2 3' }),
      Plot.dot(
        attempts.filter(({ keeps }) => keeps),
        { x: 'value', y: 'order', r: 5, fill: 'var(--line-1)', title: 'tip' },
      ),
      Plot.dot(attempts.filter(missed), {
        x: 'value',
        y: 'order',
        r: 5,
        symbol: 'times',
        stroke: 'var(--line-2)',
        strokeWidth: 2,
        title: 'tip',
      }),
      Plot.axisX({ label: null, tickSize: 4, ticks: x.ticks, tickFormat: x.tickFormat as never, tickPadding: 4 }),
      Plot.axisY({ label: null, tickSize: 0, ticks: attempts.map(({ order }) => order), tickFormat: 'd' }),
      Plot.text([{ ko: '↓ 시험 순서', en: '↓ order of trying' }[language]], {
        frameAnchor: 'top-left',
        textAnchor: 'start',
        lineAnchor: 'top',
        dx: -24,
        dy: -26,
        fill: 'var(--dim)',
      }),
      Plot.text([`${named(axis.title, axis.unit, language)} →`], {
        frameAnchor: 'bottom-right',
        textAnchor: 'end',
        lineAnchor: 'bottom',
        dx: 10,
        dy: 42,
        fill: 'var(--dim)',
      }),
    ],
  } as Plot.PlotOptions
  return drawn({ width, height, options }, words.title, words.summary, words.id)
}

const SIGN = { width: 32, height: 14 } as const

/** A mark beside its name in a legend: Plot's own legends show neither dashes nor hollow symbols. */
function sign(marks: Plot.Markish[]): string {
  const options = { margin: 0, axis: null, x: { type: 'identity' }, y: { type: 'identity' }, ...SIGN, marks }
  const svg = Plot.plot({ document, ...options } as Plot.PlotOptions) as unknown as Drawn
  svg.querySelector('style')?.remove()
  for (const labelled of svg.querySelectorAll('[aria-label]')) labelled.removeAttribute('aria-label')
  svg.setAttribute('aria-hidden', 'true')
  return svg.outerHTML
}

const middle = { x: SIGN.width / 2, y: SIGN.height / 2 } as const

/** The sign of a line: a piece of it with its symbol, or the symbol alone where there are no lines. */
export function signOf(line: number, isLine: boolean): string {
  const { colour, symbol, dash } = styleOf(line)
  const dashed = dash === 'none' ? {} : { strokeDasharray: dash }
  const along = { x1: 0, x2: SIGN.width, y1: middle.y, y2: middle.y }
  return sign([
    ...(isLine ? [Plot.link([0], { ...along, stroke: colour, strokeWidth: 2, ...dashed })] : []),
    Plot.dot([0], { ...middle, r: 4, symbol, fill: colour, stroke: 'var(--card)' }),
  ])
}

/** The sign of a kind of dot: filled, hollow, or crossed out. */
export function shapeSign(shape: 'clear' | 'unclear' | 'missed'): string {
  switch (shape) {
    case 'clear':
      return sign([Plot.dot([0], { ...middle, r: 4.5, fill: 'var(--line-1)' })])
    case 'unclear':
      return sign([Plot.dot([0], { ...middle, r: 4.5, fill: 'var(--card)', stroke: 'var(--line-1)' })])
    case 'missed':
      return sign([Plot.dot([0], { ...middle, r: 5, symbol: 'times', stroke: 'var(--line-2)', strokeWidth: 2 })])
  }
}
