// From what a scenario's `study:` section asks to a study, everything checked before anything runs: that every value can be set, that
// every column that is promised or watched will be there.

import {
  type Bilingual,
  type Finding,
  type Language,
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
  thresholdForms,
  tooManyUnits,
  waitColumn,
  withFields,
} from '@dure/contract'
import { fieldTitle } from './field-title.ts'
import { triesExpected } from './search.ts'
import { sectorsOf } from './sectors.ts'
import { pointCount, type Study, type StudyAxis } from './study.ts'
import { studyVersion } from './version.ts'

export type StudyReading =
  | { readonly ok: true; readonly study: Study }
  | { readonly ok: false; readonly findings: readonly Finding[] }

/** What is asked besides the section, or in its place. */
export interface StudyOptions {
  /** What `compare.scenarios` names, in its order. */
  readonly compared?: readonly ScenarioFile[]
  readonly seeds?: StudySection['seeds']
  readonly days?: number
  /** Of findings. */
  readonly language?: Language
}

/**
 * The study of a scenario. Without a section it is the scenario itself with three seeds.
 * Pointers of findings lead into the scenario: `/study/sweep/0`.
 */
export function studyOf(scenario: ScenarioFile, asked: StudyOptions = {}): StudyReading {
  const { language = 'en' } = asked
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
    const set = withFields(alone, span, language)
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
  const policies = compare?.policies ?? section.policies ?? [null]
  const seeds = asked.seeds ?? section.seeds
  const points = pointCount({ scenarios, axes })
  // What was asked besides the section has not been counted with it, nor has a range of a search.
  const excess =
    tooManyUnits(solve === undefined ? points : triesExpected(points), policies.length, seeds) ??
    tooManyUnits(points, 1, 1)
  if (excess !== null) {
    const sentence = { ko: `이 스터디는 ${excess.ko}.`, en: `The study ${excess.en}.` }
    return { ok: false, findings: [{ pointer: '/study', code: 'too_many_simulations', detail: sentence[language] }] }
  }
  const written = solve?.promise ?? scenario.promises ?? []
  const promisePath = solve?.promise === undefined ? [] : ['solve', 'promise']
  const promises = (typeof written === 'string' ? [written] : written).flatMap((text) => {
    const promise = parseThreshold(text)
    if (promise === null) wrong(promisePath, 'threshold', notThreshold(text)[language])
    return promise ?? []
  })
  const description = section.description ?? scenario.description
  const study: Study = {
    version: studyVersion(),
    name: scenario.name,
    title: section.title ?? { ko: scenario.name, en: scenario.name },
    ...(description !== undefined && { description }),
    kind: solve !== undefined ? 'solve' : compare !== undefined ? 'compare' : 'sweep',
    scenarios,
    policies,
    seeds: seedsOf(seeds),
    axes,
    promises,
  }
  if (solve !== undefined && promises.length === 0) wrong(['solve'], 'no_promise', noPromise[language])
  for (const promise of promises) {
    const fault = faultOfColumn(study, promise)
    if (fault !== null) wrong(promisePath, 'unknown_column', fault[language])
  }
  if (findings.length === 0) for (const { path, detail } of unsettable(study, language)) wrong(path, 'field', detail)
  return findings.length === 0 ? { ok: true, study } : { ok: false, findings }
}

const noPromise: Bilingual = {
  ko: '무엇을 지켜야 하는지 없습니다. `promise: wait_p95_s<86400`처럼 적으십시오.',
  en: 'Nothing says what has to be kept: add `promise`, such as wait_p95_s<86400.',
}
const notThreshold = (text: string): Bilingual => ({
  ko: `\`${text}\`은(는) 약속이 아닙니다. ${thresholdForms.ko} 형식으로 적으십시오.`,
  en: `\`${text}\` is no promise. Write ${thresholdForms.en}.`,
})

/** Parsed anew, so that defaults are there whoever made the scenario. */
const sectionOf = ({ study }: ScenarioFile): StudySection =>
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
export function faultOfColumn({ axes, scenarios }: Study, { column }: StudyPromise): Bilingual | null {
  const sectors = scenarios.flatMap((scenario) => sectorsOf(scenario).map(({ name }) => `sector_${name}`))
  const groups = [...sizeClasses.map(({ name }) => name), ...sectors]
  const waits = groups.flatMap((group) => ([50, 95, 99] as const).map((percentile) => waitColumn(percentile, group)))
  const own = [...resultColumns.filter((name) => !isText(name)), ...axes.map(({ field }) => field)]
  if (own.includes(column) || waits.includes(column)) return null
  const meant = nearestName(column, [...own, ...waits])
  return meant === null
    ? {
        ko: `결과에 ${column} 열이 없습니다. 있는 열: ${own.join(', ')}, 그리고 규모와 부문별 대기.`,
        en: `Rows have no column ${column}. They have ${own.join(', ')}, and waits by size and sector.`,
      }
    : {
        ko: `결과에 ${column} 열이 없습니다. ${meant}을(를) 쓰려고 하셨습니까?`,
        en: `Rows have no column ${column}. Did you mean ${meant}?`,
      }
}

/** Values looked at before a study runs: checking a scenario takes milliseconds, and what is wrong with one is mostly wrong with many. */
const TRIED_MAX = 64
const tried = <Value>(values: readonly Value[]): readonly Value[] => {
  if (values.length <= TRIED_MAX) return values
  const at = (i: number) => values[Math.round((i * (values.length - 1)) / (TRIED_MAX - 1))]!
  return Array.from({ length: TRIED_MAX }, (_, i) => at(i))
}

const isText = (column: string): boolean => column === 'policy' || column === 'unit'

/** Values that the scenario does not take, each field by itself. */
function* unsettable(
  { axes, scenarios, kind }: Study,
  language: Language,
): Generator<{ path: readonly (string | number)[]; detail: string }> {
  for (const [index, { field, values }] of axes.entries()) {
    for (const value of tried(kind === 'solve' ? [values[0]!, values.at(-1)!] : values)) {
      const set = withFields(scenarios[0]!, { [field]: value }, language)
      if (set.ok) continue
      const path = kind === 'solve' ? ['solve', 'knob'] : ['sweep', index]
      yield { path, detail: `${field} = ${value}: ${set.findings[0]?.detail}` }
      break
    }
  }
}
