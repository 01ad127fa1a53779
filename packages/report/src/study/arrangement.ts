// How a study is laid out on paper: what runs along the x axis, and which lines there are. A sweep over capacity and demand has
// capacity along the axis and a line for each demand; one over no number at all has the names of its points along the axis.

import type { Bilingual, Language, ResultRow, StudyOutcome } from '@dure/contract'
import { meanInterval } from '@dure/sim'
import { formatCount } from '../numbers.ts'
import { inPercent, inSpans, inUnit, inWon, type UnitChoice } from './amounts.ts'
import { inBoth } from './languages.ts'
import { capacityUnits } from './measures.ts'

export interface Axis {
  /** null: points have names only. */
  readonly column: string | null
  readonly title: Bilingual
  /** What its numbers count, where they need it said. */
  readonly unit: Bilingual | null
  /** How its numbers are written, without that unit. */
  readonly choice: UnitChoice
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

type Field = StudyOutcome['fields'][number]

export interface Arrangement {
  readonly axis: Axis
  readonly series: readonly Series[]
  /** In which fields series differ. */
  readonly lineFields: readonly Field[]
  /** The series that headlines speak of: demand as planned, and the first policy. */
  readonly base: Series
}

/** Knobs whose numbers are not bare ones. */
const choices: Readonly<Record<string, UnitChoice>> = { npu_share: inPercent, budget_krw: inWon }
export const choiceOf = (column: string): UnitChoice => choices[column] ?? (column.endsWith('_s') ? inSpans : inUnit())

/** A value of a field as it was swept, not rounded away. */
export function sayValue(choice: UnitChoice, value: number | string, language: Language): string {
  if (typeof value === 'string') return value
  const { size, before = '', after = '' } = choice(value, language)
  const amount = value / size
  const digits = Math.abs(amount) >= 1000 ? formatCount(amount) : String(Number(amount.toPrecision(4)))
  return `${before}${digits}${after}`
}

/** A value of the axis with its unit, or with the name of the field before it. */
export const saySpot = (axis: Axis, { x, label }: Pick<Stop, 'x' | 'label'>): Bilingual =>
  x === null ? label : inBoth((language) => sayPlace(axis, x, language))

function sayPlace({ title, unit, choice }: Axis, x: number, language: Language): string {
  const said = sayValue(choice, x, language)
  return unit === null ? `${title[language]} ${said}` : `${said} ${unit[language]}`
}

/** Throws a `RangeError` where there are no rows: nothing can be said of nothing. */
export function arrange(outcome: StudyOutcome): Arrangement {
  const varied = fieldsOf(outcome).filter(({ column }) => distinct(outcome, column).length > 1)
  const axisField = axisOf(outcome, varied)
  const axis: Axis =
    axisField === undefined
      ? { column: null, title: { ko: '시나리오', en: 'Scenario' }, unit: null, choice: inUnit() }
      : axisField.column === 'capacity_ef'
        ? {
            column: 'capacity_ef',
            title: { ko: '용량', en: 'Capacity' },
            unit: capacityUnits[outcome.unit],
            choice: inUnit(),
          }
        : { column: axisField.column, title: axisField.title, unit: null, choice: choiceOf(axisField.column) }
  // Names along the axis say already in what points differ.
  const lineFields = axisField === undefined ? [] : varied.filter((field) => field !== axisField)

  // Scenarios that are compared may each have a policy of their own: then it is the scenario that tells them apart.
  const isOnePolicyEach = axisField === undefined && hasOnePolicyEach(outcome)
  const series: (Series & { stops: Stop[] })[] = []
  for (const policy of outcome.policies) {
    for (const { point, label, values } of outcome.points) {
      const rows = outcome.rows.filter((row) => row.point === point && row.policy === policy)
      if (rows.length === 0) continue
      const fixed = Object.fromEntries(lineFields.map(({ column }) => [column, values[column]!]))
      const key = JSON.stringify(fixed)
      let own = series.find((one) => (isOnePolicyEach || one.policy === policy) && JSON.stringify(one.fixed) === key)
      if (own === undefined) {
        own = { title: titleOf(outcome, lineFields, fixed, policy), policy, fixed, stops: [] }
        series.push(own)
      }
      const x = axis.column === null ? null : (values[axis.column] as number)
      own.stops.push({ point, x, label, rows })
    }
  }
  for (const { stops } of series) stops.sort((a, b) => (axis.column === null ? a.point - b.point : a.x! - b.x!))
  const base = baseOf(series)
  if (base === undefined) throw new RangeError('a study without rows')
  return { axis, series, lineFields, base }
}

/** Whether each point was simulated under one policy only. */
export const hasOnePolicyEach = ({ points, rows }: StudyOutcome): boolean =>
  points.every(({ point }) => new Set(rows.filter((row) => row.point === point).map(({ policy }) => policy)).size <= 1)

/** What is swept, and what a solution has tried. */
function fieldsOf({ fields, solutions }: StudyOutcome): readonly Field[] {
  const tried = solutions[0]
  if (tried === undefined || fields.some(({ column }) => column === tried.field)) return fields
  return [...fields, { column: tried.field, title: { ko: tried.field, en: tried.field }, values: [] }]
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
  return inBoth((language) => {
    const values = fields.map(
      ({ column, title }) => `${title[language]} ${sayValue(choiceOf(column), fixed[column]!, language)}`,
    )
    return [...values, ...named].join(', ')
  })
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

/** Whether two means differ by more than their intervals together. */
export const areApart = (a: Band, b: Band): boolean =>
  Math.abs(b.mean - a.mean) > (a.halfWidth ?? 0) + (b.halfWidth ?? 0)

/** The bands of a column along a series. Where no row has a number, there is no band. */
export function bandsOf({ stops }: Series, column: string): Band[] {
  return stops.flatMap((stop) => {
    const values = stop.rows.flatMap((row) => {
      const value = row[column]
      return typeof value === 'number' ? [value] : []
    })
    if (values.length === 0) return []
    // The mean of equal numbers may differ from them in its last digit, which is no spread.
    const { mean, halfWidth } =
      new Set(values).size > 1 || values.length === 1 ? meanInterval(values) : { mean: values[0]!, halfWidth: 0 }
    return [{ ...stop, mean, halfWidth: Number.isFinite(halfWidth) ? halfWidth : null, values }]
  })
}

export const bandAt = (series: Series, column: string, point: number): Band | undefined =>
  bandsOf(series, column).find((band) => band.point === point)
