import { easy } from '@dure/core'
import { expect, it } from 'vitest'
import { smallLog } from '../testing/small-log.ts'
import { swfCenter } from './demand.ts'
import { scheduleCsv } from './schedule-csv.ts'
import { simulate } from './simulate.ts'

it('has a row a job by job number, with what became of it', () => {
  const jobs = smallLog([
    [20, 0, 70, 6, 60],
    [3, 0, 30, 5],
    [100, 1, 9, 50],
    [9, 2, 30, 4],
  ])
  const { config, demand } = swfCenter(jobs, 10, easy)
  expect([...scheduleCsv(demand, simulate(config, demand))]).toEqual([
    'job,submit,start,end,procs,state',
    '3,0,60,90,5,COMPLETED',
    '9,2,2,32,4,COMPLETED',
    '20,0,0,60,6,TIMEOUT',
    '100,1,,,50,refused',
  ])
  const stopped = [...scheduleCsv(demand, simulate(config, demand, { eventsMax: 4 }))]
  expect(stopped[1]).toBe('3,0,,,5,waiting')
  expect(stopped[2]).toBe('9,2,2,,4,running')
})
