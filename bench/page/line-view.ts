// A chart of recorded figures with its sentence, its table and its values, as the page shows it.

import type { Bilingual } from '@dure/contract'
import {
  type Axis,
  type Band,
  type Chart,
  drawLines,
  type FigureView,
  inUnit,
  type Mark,
  type Measure,
  number,
  signOf,
  type UnitChoice,
} from '@dure/report/figures'
import { amount } from '../report.ts'

export interface Spot {
  readonly x: number
  /** How `x` is said. */
  readonly label: string
  readonly value: number
}

export interface LinePlan {
  readonly name: string
  readonly title: Bilingual
  readonly summary: Bilingual
  /** What runs along the axis. */
  readonly along: Bilingual
  /** Its numbers run over thousands and millions. */
  readonly isWide?: true
  /** What the values are, and count. */
  readonly of: Bilingual
  readonly unit: string
  readonly lines: readonly { readonly title: Bilingual; readonly spots: readonly Spot[] }[]
  readonly promises?: readonly Mark[]
}

/** Undefined where there is nothing to draw a line through. */
export function lineView(plan: LinePlan): FigureView | undefined {
  const { name, title, summary, along, of, unit, lines, promises = [] } = plan
  const spots = lines.flatMap((line) => line.spots)
  if (new Set(spots.map(({ x }) => x)).size < 2) return undefined
  const axis: Axis = { column: 'x', title: along, unit: null, choice: plan.isWide ? inThousands : inUnit() }
  const measure: Measure = {
    column: 'value',
    title: of,
    choice: inUnit({ ko: unit, en: unit }),
    scale: 'amount',
    better: null,
  }
  const chart: Chart = {
    title,
    summary,
    axis,
    measure,
    lines: lines.map((line) => ({ title: line.title, bands: line.spots.map(bandOf) })),
    promises,
    knee: null,
    lowest: 0,
    highest: Math.max(...spots.map(({ value }) => value), ...promises.map(({ value }) => value)),
  }
  const places = [...new Map(spots.map((spot) => [spot.x, spot])).values()].sort((a, b) => a.x - b.x)
  return {
    name,
    title,
    summary,
    legend: lines.length > 1 ? lines.map((line, at) => ({ sign: signOf(at, true), title: line.title })) : [],
    panels: [{ title: null, draw: (size, language, id) => drawLines(chart, size, language, id) }],
    table: {
      headings: [{ text: along }, ...lines.map((line) => number(lines.length > 1 ? line.title : of))],
      rows: places.map(({ x, label }) => [
        { text: { ko: label, en: label } },
        ...lines.map((line) => {
          const found = line.spots.find((spot) => spot.x === x)
          return number(found === undefined ? '–' : `${amount(found.value)} ${unit}`)
        }),
      ]),
    },
    values: lines.flatMap((line) =>
      line.spots.map(({ label, value }) => ({ line: line.title.en, at: label, value, unit })),
    ),
  }
}

const inThousands: UnitChoice = (value) =>
  value >= 1_000_000 ? { size: 1_000_000, after: ' M' } : value >= 1_000 ? { size: 1_000, after: ' k' } : { size: 1 }

const bandOf = ({ x, label, value }: Spot, point: number): Band => ({
  point,
  x,
  label: { ko: label, en: label },
  rows: [],
  mean: value,
  halfWidth: null,
  values: [value],
})
