// How a study is laid out on paper: what runs along the x axis, and which lines there are. A sweep over capacity and demand has
// capacity along the axis and a line for each demand; one over no number at all has the names of its points along the axis.

import type { Bilingual, ResultRow, StudyOutcome } from '@dure/contract'
import { meanInterval } from '@dure/sim'
import { formatDigits } from './amounts.ts'
import { capacityUnits } from './measures.ts'

export interface Axis {
  /** null: points have names only. */
  readonly column: string | null
  readonly title: Bilingual
  readonly unit: Bilingual | null
}

/** One point of a line: the rows of one machine under one policy, a row a seed. */
export interface Stop {
  readonly point: number
  /** null where the axis has names. */
  readonly x: number | null
  readonly label: Bilingual
  readonly rows: readonly ResultRow[]
}

/** Everything of one policy and of one value of each field that is not on the axis. */
export interface Series {
  readonly title: Bilingual
  readonly policy: string
  /** Fields that it holds fixed. */
  readonly fixed: Readonly<Record<string, number | string>>
  readonly stops: readonly Stop[]
}

export interface Arrangement {
  readonly axis: Axis
  readonly series: readonly Series[]
  /** The series that headlines speak of: demand as planned, and the first policy. */
  readonly base: Series
}

type Field = StudyOutcome['fields'][number]

/** How a value of the axis is said: as it was swept, not rounded away. */
export const sayValue = (value: number | string): string =>
  typeof value === 'string'
    ? value
    : Number.isInteger(value) || value >= 1000
      ? formatDigits(value)
      : String(Number(value.toPrecision(4)))

/** A value of the axis with its unit, or the name of the field before it. */
export function saySpot({ column, title, unit }: Axis, { x, label }: Pick<Stop, 'x' | 'label'>): Bilingual {
  if (column === null || x === null) return label
  if (unit === null) return { ko: `${title.ko} ${sayValue(x)}`, en: `${title.en} ${sayValue(x)}` }
  return { ko: `${sayValue(x)} ${unit.ko}`, en: `${sayValue(x)} ${unit.en}` }
}

/** Throws a `RangeError` where there are no rows: nothing can be said of nothing. */
export function arrange(outcome: StudyOutcome): Arrangement {
  const varied = fieldsOf(outcome).filter(({ column }) => distinct(outcome, column).length > 1)
  const axisField = axisOf(outcome, varied)
  const axis: Axis =
    axisField === undefined
      ? { column: null, title: { ko: '시나리오', en: 'Scenario' }, unit: null }
      : {
          column: axisField.column,
          title: axisField.title,
          unit: axisField.column === 'capacity_ef' ? capacityUnits[outcome.unit] : null,
        }
  // Names along the axis say already in what points differ.
  const lineFields = axisField === undefined ? [] : varied.filter((field) => field !== axisField)

  const series: (Series & { stops: Stop[] })[] = []
  for (const policy of outcome.policies) {
    for (const { point, label, values } of outcome.points) {
      const rows = outcome.rows.filter((row) => row.point === point && row.policy === policy)
      if (rows.length === 0) continue
      const fixed = Object.fromEntries(lineFields.map(({ column }) => [column, values[column]!]))
      const key = JSON.stringify(fixed)
      let own = series.find((one) => one.policy === policy && JSON.stringify(one.fixed) === key)
      if (own === undefined) {
        own = { title: titleOf(outcome, lineFields, fixed, policy), policy, fixed, stops: [] }
        series.push(own)
      }
      const x = axis.column === null ? null : (values[axis.column] as number)
      own.stops.push({ point, x, label, rows })
    }
  }
  for (const { stops } of series) if (axis.column !== null) stops.sort((a, b) => a.x! - b.x!)
  const base = baseOf(series)
  if (base === undefined) throw new RangeError('a study without rows')
  return { axis, series, base }
}

/** What is swept, and what a solution has tried. */
function fieldsOf({ fields, solutions }: StudyOutcome): readonly Field[] {
  const tried = solutions[0]
  if (tried === undefined || fields.some(({ column }) => column === tried.field)) return fields
  const title = tried.field === 'capacity_ef' ? { ko: '용량', en: 'Capacity' } : { ko: tried.field, en: tried.field }
  return [...fields, { column: tried.field, title, values: [] }]
}

const distinct = ({ points }: StudyOutcome, column: string): (number | string)[] => [
  ...new Set(points.flatMap(({ values }) => values[column] ?? [])),
]

/** The number that most is said about: capacity before all, else the field with the most values. */
function axisOf(outcome: StudyOutcome, varied: readonly Field[]): Field | undefined {
  const numbers = varied.filter(({ column }) =>
    outcome.points.every(({ values }) => typeof values[column] === 'number'),
  )
  const capacity = numbers.find(({ column }) => column === 'capacity_ef')
  const values = (field: Field): number => distinct(outcome, field.column).length
  return (
    capacity ??
    numbers.reduce<Field | undefined>((best, next) => (best && values(best) >= values(next) ? best : next), undefined)
  )
}

function titleOf(
  { policies }: StudyOutcome,
  fields: readonly Field[],
  fixed: Series['fixed'],
  policy: string,
): Bilingual {
  const named = policies.length > 1 || fields.length === 0 ? [policy] : []
  const of = (language: 'ko' | 'en'): string =>
    [...fields.map(({ column, title }) => `${title[language]} ${sayValue(fixed[column]!)}`), ...named].join(', ')
  return { ko: of('ko'), en: of('en') }
}

/** What is fixed at 1 is as planned; without a 1 the first is. */
function baseOf(series: readonly Series[]): Series | undefined {
  return series.find(({ fixed }) => Object.values(fixed).every((value) => value === 1)) ?? series[0]
}

/** A measure at one stop: the mean over its seeds, and how far it can be trusted. */
export interface Band extends Stop {
  readonly mean: number
  /** Half of the 95 % interval of the mean; null: one seed says nothing about others. */
  readonly halfWidth: number | null
  readonly values: readonly number[]
}

/** The bands of a column along a series. Where no row has a number, there is no band. */
export function bandsOf({ stops }: Series, column: string): Band[] {
  return stops.flatMap((stop) => {
    const values = stop.rows.flatMap((row) => {
      const value = row[column]
      return typeof value === 'number' ? [value] : []
    })
    if (values.length === 0) return []
    const { mean, halfWidth } = meanInterval(values)
    return [{ ...stop, mean, halfWidth: Number.isFinite(halfWidth) ? halfWidth : null, values }]
  })
}

export const bandAt = (series: Series, column: string, point: number): Band | undefined =>
  bandsOf(series, column).find((band) => band.point === point)
