// The unit of a study: one simulation, of one point under one policy with one seed, which makes one row.

import type { ResultRow } from '@dure/contract'
import { contentHash } from './content-hash.ts'
import { deciding, pointAt, policyLabel, type Study } from './study.ts'

export interface StudyUnit {
  /** Equal for units whose rows are equal: a letter and 32 hex digits, which BullMQ takes for the id of a message. */
  readonly id: string
  readonly point: number
  readonly policy: string | null
  readonly seed: number
}

/** Units of some points, in the order of points, policies and seeds. */
export function unitsAt(study: Study, points: Iterable<number>): StudyUnit[] {
  const hashOf = new Map(study.scenarios.map((scenario) => [scenario, contentHash(deciding(scenario))]))
  return [...points].flatMap((point) => {
    const { scenario, values } = pointAt(study, point)
    const own = { version: study.version, scenario: hashOf.get(scenario), point, values }
    return study.policies.flatMap((policy) =>
      study.seeds.map((seed) => {
        const id = `u${contentHash({ ...own, policy, seed }).slice(0, 32)}`
        return { id, point, policy, seed }
      }),
    )
  })
}

/** What tells rows of a study apart. */
export type RowKey = string

export const keyOfRow = ({ point, policy, seed }: Pick<ResultRow, 'point' | 'policy' | 'seed'>): RowKey =>
  JSON.stringify([point, policy, seed])

export const keyOfUnit = (study: Study, { point, policy, seed }: Omit<StudyUnit, 'id'>): RowKey =>
  keyOfRow({ point, policy: policyLabel(pointAt(study, point).scenario, policy), seed })
