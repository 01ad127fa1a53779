// From what a scenario's `study:` section asks to a study, everything checked before anything runs: that every value can be set, that
// every column that is promised or watched will be there.

import {
  type Bilingual,
  type Finding,
  nearestName,
  parseThreshold,
  pointerOf,
  resultColumns,
  type ScenarioFile,
  type Solve,
  type StudyPromise,
  StudySection,
  type SweptAxis,
  seedsOf,
  sizeClasses,
  waitColumn,
  withFields,
} from '@dure/contract'
import { fieldTitle } from './field-title.ts'
import { pointAt, type Study, type StudyAxis } from './study.ts'
import { studyVersion } from './version.ts'

export type StudyReading =
  | { readonly ok: true; readonly study: Study }
  | { readonly ok: false; readonly findings: readonly Finding[] }

interface Asked {
  /** What `compare.scenarios` names, in its order. */
  readonly compared?: readonly ScenarioFile[]
  /** In place of those of the section. */
  readonly seeds?: StudySection['seeds']
  readonly days?: number
}

/**
 * The study of a scenario. Without a section it is the scenario itself with three seeds.
 * Pointers of findings lead into the scenario: `/study/sweep/0`.
 */
export function studyOf(scenario: ScenarioFile, asked: Asked = {}): StudyReading {
  const findings: Finding[] = []
  const wrong = (path: readonly (string | number)[], code: string, detail: string): void =>
    void findings.push({ pointer: pointerOf(['study', ...path]), code, detail })

  const section = sectionOf(scenario)
  const { sweep = [], compare, solve } = section
  const days = asked.days ?? section.days
  const span = {
    ...(days !== undefined && { days }),
    ...(section.warmup_days !== undefined && { warmup_days: section.warmup_days }),
  }
  const scenarios = (asked.compared ?? [scenario]).map((one) => {
    const { study: _, ...alone } = one
    const set = withFields(alone, span)
    if (set.ok) return set.scenario
    for (const { detail } of set.findings) wrong([], 'span', detail)
    return alone
  })
  const { unit = 'fp64' } = scenario
  const titleOf = (field: string, title: Bilingual | undefined): Bilingual => title ?? fieldTitle(field, unit)
  const axes: StudyAxis[] =
    solve === undefined
      ? sweep.map((axis) => ({ field: axis.field, title: titleOf(axis.field, axis.title), values: valuesOf(axis) }))
      : [{ field: solve.knob, title: titleOf(solve.knob, solve.title), values: gridOf(solve) }]
  const written = solve?.promise ?? scenario.promises ?? []
  const promises = (typeof written === 'string' ? [written] : written).map((text) => parseThreshold(text)!)
  const study: Study = {
    version: studyVersion(),
    name: scenario.name,
    title: section.title ?? { ko: scenario.name, en: scenario.name },
    ...((section.description ?? scenario.description) && { description: section.description ?? scenario.description }),
    kind: solve !== undefined ? 'solve' : compare !== undefined ? 'compare' : 'sweep',
    scenarios,
    policies: compare?.policies ?? section.policies ?? [null],
    seeds: seedsOf(asked.seeds ?? section.seeds),
    axes,
    promises,
  }
  if (solve !== undefined && promises.length === 0)
    wrong(['solve'], 'no_promise', 'Nothing says what has to be kept: add `promise`, such as wait_p95_s<86400.')
  for (const promise of promises) {
    const fault = faultOfColumn(study, promise)
    if (fault !== null) wrong(solve?.promise === undefined ? [] : ['solve', 'promise'], 'unknown_column', fault)
  }
  if (findings.length === 0) {
    for (const { path, detail } of unsettable(study)) wrong(path, 'field', detail)
  }
  return findings.length === 0 ? { ok: true, study } : { ok: false, findings }
}

/** Parsed anew, so that defaults are there whoever made the scenario. */
const sectionOf = ({ study }: ScenarioFile): Omit<StudySection, never> =>
  study === undefined ? { seeds: 3 } : StudySection.parse(study)

/** Digits that a value keeps: rounding makes what people read, and the same on every machine. */
const DIGITS = 6
const rounded = (value: number, whole = false): number =>
  whole ? Math.round(value) : Number(value.toPrecision(DIGITS))

/** The values of a swept field. */
function valuesOf({ values, from = 0, to = 0, points = 0, spacing = 'linear', whole }: SweptAxis): StudyAxis['values'] {
  if (values !== undefined) return values
  const at = (part: number): number =>
    spacing === 'geometric' ? from * (to / from) ** part : from + (to - from) * part
  return [...new Set(Array.from({ length: points }, (_, i) => rounded(at(i / (points - 1)), whole)))]
}

/** All values that a search may try: from the largest down, each by the tolerance less than the one before, to the smallest. */
function gridOf({ from, to, tolerance, spacing = from > 0 ? 'geometric' : 'linear', whole }: Solve): readonly number[] {
  const values: number[] = []
  const less = (value: number): number => (spacing === 'geometric' ? value * (1 - tolerance) : value - to * tolerance)
  for (let value = to; value > from; value = less(value)) values.push(rounded(value, whole))
  values.push(rounded(from, whole))
  return [...new Set(values)].reverse()
}

/** Why a bound can never be looked at, or null. */
function faultOfColumn({ axes, scenarios }: Study, { column }: StudyPromise): string | null {
  const groups = [...sizeClasses.map(({ name }) => name), ...scenarios.flatMap(sectorColumns)]
  const waits = groups.flatMap((group) => ([50, 95, 99] as const).map((percentile) => waitColumn(percentile, group)))
  const known = [...resultColumns.filter((name) => !isText(name)), ...axes.map(({ field }) => field), ...waits]
  if (known.includes(column)) return null
  const meant = nearestName(column, known)
  return `Rows have no column ${column}.${meant === null ? ` They have ${resultColumns.join(', ')}, and waits by size and sector.` : ` Did you mean ${meant}?`}`
}

const isText = (column: string): boolean => column === 'policy' || column === 'unit'

/** Values that the scenario does not take: each field by itself, with the first values of the others. */
function* unsettable(study: Study): Generator<{ path: readonly (string | number)[]; detail: string }> {
  const { axes, scenarios, kind } = study
  const first = Object.fromEntries(axes.map(({ field, values }) => [field, values[0]!]))
  for (const [index, { field, values }] of axes.entries()) {
    for (const value of kind === 'solve' ? [values[0]!, values.at(-1)!] : values) {
      const set = withFields(scenarios[0]!, { ...first, [field]: value })
      if (set.ok) continue
      const path = kind === 'solve' ? ['solve', 'knob'] : ['sweep', index]
      yield { path, detail: `With ${field} = ${value}: ${set.findings[0]?.detail}` }
      break
    }
  }
}
