// A study: which simulations answer its question. Plain JSON that says all that decides their results, so it can be sent to any worker,
// kept beside its rows, and compared with the one that rows were made by.

import type { Bilingual, ScenarioFile, StudyOutcome, StudyPromise } from '@dure/contract'
import { contentHash } from './content-hash.ts'

type StudyKind = StudyOutcome['kind']
export type FieldValue = number | string

/** A field and the values it takes; those of the knob of a solution are all that may be tried, from the smallest. */
export interface StudyAxis {
  readonly field: string
  readonly title: Bilingual
  readonly values: readonly FieldValue[]
}

export interface Study {
  /** Of the program that decides: another one may decide otherwise. */
  readonly version: string
  readonly name: string
  readonly title: Bilingual
  readonly description?: Bilingual
  readonly kind: StudyKind
  /** Several where a study compares them. */
  readonly scenarios: readonly ScenarioFile[]
  /** By name; null: each scenario's own. */
  readonly policies: readonly (string | null)[]
  readonly seeds: readonly number[]
  /** The last varies fastest. */
  readonly axes: readonly StudyAxis[]
  readonly promises: readonly StudyPromise[]
}

/** Equal for studies whose rows are equal: titles may change while a study is resumed, nothing else. */
export function studyHash({ title, description, ...rest }: Study): string {
  return contentHash({
    ...rest,
    scenarios: rest.scenarios.map(deciding),
    axes: rest.axes.map(({ field, values }) => ({ field, values })),
  })
}

/** What of a scenario decides its rows: a log is what is in it, wherever it lies. */
export function deciding(scenario: ScenarioFile): ScenarioFile {
  const { demand } = scenario
  if (!demand.groups?.some(({ trace }) => trace?.sha256 !== undefined)) return scenario
  const groups = demand.groups.map((group) =>
    group.trace?.sha256 === undefined ? group : { ...group, trace: { ...group.trace, file: '' } },
  )
  return { ...scenario, demand: { ...demand, groups } }
}

/** Name of a study among those of a center: a letter and 32 hex digits. */
export const studyId = (study: Study): string => `s${studyHash(study).slice(0, 32)}`

/** One machine with one demand: what its rows differ in is policy and seed. */
export interface StudyPoint {
  readonly point: number
  readonly scenario: ScenarioFile
  readonly values: Readonly<Record<string, FieldValue>>
}

export const pointCount = ({ scenarios, axes }: Pick<Study, 'scenarios' | 'axes'>): number =>
  axes.reduce((product, { values }) => product * values.length, scenarios.length)

/** The point of a number, as one reads a number in digits of different bases. */
export function pointAt({ scenarios, axes }: Study, point: number): StudyPoint {
  const values: [string, FieldValue][] = []
  let rest = point
  for (const axis of axes.toReversed()) {
    values.unshift([axis.field, axis.values[rest % axis.values.length]!])
    rest = Math.floor(rest / axis.values.length)
  }
  const scenario = scenarios[rest]
  if (scenario === undefined) throw new RangeError(`the study has no point ${point}`)
  return { point, scenario, values: Object.fromEntries(values) }
}

/** What rows call a policy; null is the scenario's own. */
export function policyLabel(scenario: ScenarioFile, policy: string | null): string {
  if (policy !== null) return policy
  const own = scenario.policy
  if (typeof own === 'string') return own
  return own?.name ?? own?.base ?? 'fairshare'
}
