// What is still to be simulated, given the rows there are. A pure function of both: whoever has just finished a unit may ask it, and all
// who ask get the same answer, so nobody has to remember what was handed out. Sweeps and comparisons want everything at once; a solution
// wants the next values of its search, for each policy its own.

import type { ResultRow } from '@dure/contract'
import { keepsAll } from './promise.ts'
import { found, nextToTry, triesExpected } from './search.ts'
import { pointCount, policyLabel, type Study } from './study.ts'
import { keyOfRow, keyOfUnit, type StudyUnit, unitsAt } from './unit.ts'

/** Units that are wanted now and have no row yet; none when the study is over. */
export function nextUnits(study: Study, rows: readonly ResultRow[]): StudyUnit[] {
  const done = new Set(rows.map(keyOfRow))
  return wantedUnits(study, rows).filter((unit) => !done.has(keyOfUnit(study, unit)))
}

function wantedUnits(study: Study, rows: readonly ResultRow[]): StudyUnit[] {
  if (study.kind !== 'solve') return unitsAt(study, Array(pointCount(study)).keys())
  return study.policies.flatMap((policy) => {
    const { wanted } = searchOf(study, policy, rows)
    return unitsAt({ ...study, policies: [policy] }, wanted)
  })
}

/** Rows there will be in the end: exactly, or as many as a search mostly takes. */
export function unitsExpected(study: Study, rows: readonly ResultRow[]): number {
  const { policies, seeds } = study
  if (study.kind !== 'solve') return pointCount(study) * policies.length * seeds.length
  const wanted = nextUnits(study, rows).length
  if (wanted === 0) return rows.length
  return Math.max(rows.length + wanted, triesExpected(pointCount(study)) * policies.length * seeds.length)
}

interface Tried {
  readonly point: number
  readonly keeps: boolean
}

export interface Search {
  /** In the order in which they were asked of. */
  readonly tried: readonly Tried[]
  /** Points of the present step of the search; none when it is over. */
  readonly wanted: readonly number[]
  readonly keeps: number | null
  readonly misses: number | null
}

/** How far the search for one policy has come: its steps are gone through again, as far as the rows go. */
export function searchOf(study: Study, policy: string | null, rows: readonly ResultRow[]): Search {
  const label = policyLabel(study.scenarios[0]!, policy)
  const seeds = new Set(study.seeds)
  const byPoint = Map.groupBy(
    rows.filter((row) => row.policy === label && seeds.has(row.seed)),
    ({ point }) => point,
  )
  const count = pointCount(study)
  const known = new Map<number, boolean>()
  for (;;) {
    const wanted = nextToTry(count, known)
    const isAnswered = wanted.every((point) => byPoint.get(point)?.length === study.seeds.length)
    if (wanted.length === 0 || !isAnswered) {
      const tried = [...known].map(([point, keeps]) => ({ point, keeps }))
      return { tried, wanted, ...found(count, known) }
    }
    for (const point of wanted) known.set(point, keepsAll(inSeedOrder(study, byPoint.get(point)!), study.promises))
  }
}

/** Sums of doubles depend on their order, and rows come as they are done. */
const inSeedOrder = ({ seeds }: Study, rows: readonly ResultRow[]): ResultRow[] =>
  rows.toSorted((a, b) => seeds.indexOf(a.seed) - seeds.indexOf(b.seed))

/** Rows in the order of points, policies and seeds, whoever made which first. */
export function inOrder(study: Study, rows: readonly ResultRow[]): ResultRow[] {
  const labels = study.scenarios.flatMap((scenario) => study.policies.map((policy) => policyLabel(scenario, policy)))
  return rows.toSorted(
    (a, b) =>
      a.point - b.point ||
      labels.indexOf(a.policy) - labels.indexOf(b.policy) ||
      study.seeds.indexOf(a.seed) - study.seeds.indexOf(b.seed),
  )
}
