// All that a study came to, as one document that reports are made from.

import type { Bilingual, ResultRow, StudyOutcome } from '@dure/contract'
import { contentHash } from './content-hash.ts'
import { differencesIn } from './differences.ts'
import { inOrder, searchOf } from './next-units.ts'
import { figuresOf, sourcesOf } from './plan/figures.ts'
import { standingOf } from './plan/plan.ts'
import { scenarioAt } from './run-unit.ts'
import { sectorsOf } from './sectors.ts'
import { deciding, type FieldValue, pointAt, policyLabel, type Study, type StudyAxis } from './study.ts'

/** @param rows those there are: also of a study that was interrupted */
export function outcomeOf(study: Study, rows: readonly ResultRow[]): StudyOutcome {
  const { name, title, description, kind, scenarios, axes, seeds, promises } = study
  const ordered = inOrder(study, rows)
  const plan = standingOf(scenarioAt(study, { point: 0, policy: null }))
  const points = [...new Set(ordered.map(({ point }) => point))]
  return {
    name,
    title,
    ...(description !== undefined && { description }),
    kind,
    unit: plan.unit,
    policies: labelsOf(study),
    seeds: [...seeds],
    fields: axes.map((axis) => ({
      column: axis.field,
      title: axis.title,
      values: axis.values.filter((value) => kind !== 'solve' || points.some((point) => axis.values[point] === value)),
    })),
    points: points.map((point) => pointOf(study, point)),
    sectors: sectorsIn(study),
    promises: [...promises],
    rows: ordered,
    differences: differencesIn(study, ordered),
    solutions: solutionsIn(study, ordered),
    figures: figuresIn(study),
    sources: sourcesIn(study),
    provenance: {
      scenario_hash: contentHash(scenarios.length === 1 ? deciding(scenarios[0]!) : scenarios.map(deciding)),
      version: study.version,
      from: dayInKorea(plan.startUnixMs),
      days: plan.days,
      warmup_days: plan.warmupDays,
    },
  }
}

/** Those of all scenarios, each once. */
const sectorsIn = ({ scenarios }: Study): StudyOutcome['sectors'] => [
  ...new Map(scenarios.flatMap(sectorsOf).map((sector) => [sector.name, sector])).values(),
]

/** Those of all scenarios; what several of them share is told once. */
const figuresIn = ({ scenarios }: Study): StudyOutcome['figures'] => [
  ...new Map(scenarios.flatMap(figuresOf).map((figure) => [JSON.stringify(figure), figure])).values(),
]

/** Those of all scenarios, each key once. */
const sourcesIn = ({ scenarios }: Study): StudyOutcome['sources'] => [
  ...new Map(scenarios.flatMap(sourcesOf).map((source) => [source.key, source])).values(),
]

const KST_OFFSET_MS = 9 * 3_600_000
const dayInKorea = (unixMs: number): string => new Date(unixMs + KST_OFFSET_MS).toISOString().slice(0, 10)

const labelsOf = ({ scenarios, policies }: Study): string[] => [
  ...new Set(scenarios.flatMap((scenario) => policies.map((policy) => policyLabel(scenario, policy)))),
]

function pointOf(study: Study, point: number): StudyOutcome['points'][number] {
  const { scenario, values } = pointAt(study, point)
  const plan = standingOf(scenarioAt(study, { point, policy: null }))
  return {
    point,
    label: labelOf(study.axes, values) ?? { ko: scenario.name, en: scenario.name },
    values: { ...values },
    fleet: plan.fleet.map((part) => ({ ...part })),
    capacity: plan.capacity,
  }
}

/** null: nothing is swept. */
function labelOf(axes: readonly StudyAxis[], values: Readonly<Record<string, FieldValue>>): Bilingual | null {
  if (axes.length === 0) return null
  const parts = axes.map(({ field, title }) => ({
    ko: `${title.ko} ${values[field]}`,
    en: `${title.en} ${values[field]}`,
  }))
  return { ko: parts.map(({ ko }) => ko).join(' · '), en: parts.map(({ en }) => en).join(' · ') }
}

function solutionsIn(study: Study, rows: readonly ResultRow[]): StudyOutcome['solutions'] {
  const [knob] = study.axes
  if (study.kind !== 'solve' || knob === undefined) return []
  const valueAt = (point: number): number => Number(knob.values[point])
  return study.policies.map((policy) => {
    const { tried, keeps, misses } = searchOf(study, policy, rows)
    return {
      field: knob.field,
      policy: policyLabel(study.scenarios[0]!, policy),
      keeps: keeps === null ? null : valueAt(keeps),
      misses: misses === null ? null : valueAt(misses),
      tried: tried.map(({ point, keeps: kept }) => ({ value: valueAt(point), keeps: kept })),
    }
  })
}
