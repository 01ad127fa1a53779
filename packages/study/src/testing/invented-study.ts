// Studies whose rows are invented, for what only counts and compares them: no simulation runs.

import { type ResultRow, resultColumns, type ScenarioFile } from '@dure/contract'
import { pointAt, policyLabel, type Study } from '../study.ts'
import type { StudyUnit } from '../unit.ts'

const scenario: ScenarioFile = {
  name: 'invented',
  date: '2030-01-07',
  pools: [
    {
      name: 'h100',
      model: 'H100',
      nodes: 10,
      accelerators_per_node: 8,
      cpus_per_node: 96,
      memory_per_node: '2T',
      assumed: true,
    },
  ],
  accounts: [{ name: 'univ', users: ['kim'] }],
  demand: { load: 0.8 },
}

export const inventedStudy = (fields: Partial<Study> = {}): Study => ({
  version: '1',
  name: 'invented',
  title: { ko: '지어낸 스터디', en: 'Invented' },
  kind: 'sweep',
  scenarios: [scenario],
  policies: [null],
  seeds: [1, 2, 3],
  axes: [],
  promises: [],
  ...fields,
})

/** A row of zeros with the columns given. */
export function inventedRow(study: Study, unit: Omit<StudyUnit, 'id'>, columns: Partial<ResultRow> = {}): ResultRow {
  const { scenario: at, values } = pointAt(study, unit.point)
  return {
    ...(Object.fromEntries(resultColumns.map((column) => [column, 0])) as ResultRow),
    unit: 'fp64',
    point: unit.point,
    policy: policyLabel(at, unit.policy),
    ...values,
    seed: unit.seed,
    ...columns,
  }
}
