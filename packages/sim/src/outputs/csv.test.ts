import { expect, it } from 'vitest'
import { type SmallJob, smallCenter } from '../../testing/small-center.ts'
import { type SimulateOptions, simulate } from '../simulate.ts'
import { csvText, tableCsv } from './csv.ts'
import { jobTable } from './job-columns.ts'
import type { Table } from './table.ts'

const jobs: SmallJob[] = [
  { submitS: 0, runS: 70, size: 6, limitS: 60 },
  { submitS: 0, runS: 30, size: 5, account: 'b' },
  { submitS: 1, runS: 9, size: 50 },
  { submitS: 2, runS: 30, size: 4 },
  { submitS: 3, runS: 5, size: 10, cancelS: 20 },
]

const csv = (options?: SimulateOptions): string[] => {
  const { config, demand } = smallCenter(10, jobs, { a: 1, b: 1 })
  // Numbers that are not in order of submission, nor of their digits.
  const renumbered = { ...demand, job: Float64Array.of(20, 3, 100, 9, 1_000_000) }
  return [...tableCsv(jobTable(config, renumbered, simulate(config, renumbered, options)))]
}

it('has a row a job by job number, with what became of it', () => {
  expect(csv()).toEqual([
    'job,submit,start,end,procs,state,account,user,pool,wait,limit,attempts',
    '3,0,60,90,5,COMPLETED,b,user-b,processors,60,30,1',
    '9,2,2,32,4,COMPLETED,a,user-a,processors,0,30,1',
    '20,0,0,60,6,TIMEOUT,a,user-a,processors,0,60,1',
    '100,1,-1,-1,50,refused,a,user-a,,-1,9,0',
    '1000000,3,-1,23,10,CANCELLED,a,user-a,,20,5,0',
  ])
})

it('says -1 of what did not happen, and how long a job has waited by then', () => {
  const stopped = csv({ eventsMax: 4 })
  expect(stopped.slice(1)).toEqual([
    '3,0,-1,-1,5,waiting,b,user-b,,2,30,0',
    '9,2,2,-1,4,running,a,user-a,processors,0,30,1',
    '20,0,0,-1,6,running,a,user-a,processors,0,60,1',
    '100,1,-1,-1,50,refused,a,user-a,,-1,9,0',
    '1000000,3,-1,-1,10,unsubmitted,a,user-a,,-1,5,0',
  ])
})

it.each([
  ['univ-a', 'univ-a'],
  ['공동연구소', '공동연구소'],
  ['a, "b"', '"a, ""b"""'],
  ['two\nlines', '"two\nlines"'],
  ['=HYPERLINK("http://x","y")', '"\'=HYPERLINK(""http://x"",""y"")"'],
  ['+1', "'+1"],
  ['-1', "'-1"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['\tx', "'\tx"],
  ['a=b', 'a=b'],
  ['', ''],
])('%j as a cell is %j', (text, cell) => expect(csvText(text)).toBe(cell))

it('leaves a cell empty where nobody knows the value, and writes numbers as they are', () => {
  const values = [0.1, null, -1e-7]
  const table: Table = {
    order: Uint32Array.of(2, 0, 1),
    columns: [
      { name: 'pools.a,b', kind: 'text', at: (i) => ['x', null, 'z'][i]! },
      { name: 'wait', kind: 'number', at: (i) => values[i]! },
    ],
  }
  expect([...tableCsv(table)]).toEqual(['"pools.a,b",wait', 'z,-1e-7', 'x,0.1', ','])
})
