import { resultColumns } from '@dure/contract'
import { tableCsv } from '@dure/sim'
import { expect, it } from 'vitest'
import { nextUnits } from './next-units.ts'
import { resultTable } from './result-table.ts'
import { inventedRow, inventedStudy } from './testing/invented-study.ts'

const title = { ko: '값', en: 'value' }
const study = inventedStudy({
  seeds: [7],
  axes: [
    { field: 'capacity_ef', title, values: [1, 2] },
    { field: 'demand.model', title, values: ['national', 'a, b'] },
  ],
})

it('has what is swept behind the policy, and what not every study has at the end', () => {
  const rows = nextUnits(study, []).map((unit) =>
    inventedRow(study, unit, {
      capacity_ef: unit.point < 2 ? 0.99 : 2.01,
      wait_p95_s_size_1: unit.point === 0 ? null : 5,
    }),
  )
  const [header, ...lines] = tableCsv(resultTable(study, rows))
  const [point, policy, ...others] = resultColumns
  expect(header).toBe([point, policy, 'demand.model', ...others, 'wait_p95_s_size_1'].join(','))
  expect(lines.map((line) => line.slice(0, 28))).toEqual([
    '0,fairshare,national,0.99,fp',
    '1,fairshare,"a, b",0.99,fp64',
    '2,fairshare,national,2.01,fp',
    '3,fairshare,"a, b",2.01,fp64',
  ])
  expect(lines.map((line) => line.split(',').slice(-2).join())).toEqual(['7,', '7,5', '7,5', '7,5'])
})

it('has its header even of no rows', () => {
  expect([...tableCsv(resultTable(study, []))]).toHaveLength(1)
})
