// All rows that are made here, in the order of the table of forty faults, and those that are not, with why.

import { apiRows } from './api-rows.ts'
import { executorRows } from './executor-rows.ts'
import { loadRows } from './load-rows.ts'
import { mixedRow } from './mixed-row.ts'
import { powerRows } from './power-rows.ts'
import { redisRows } from './redis-rows.ts'
import type { Row } from './row.ts'
import { schedulerRows } from './scheduler-rows.ts'
import { startRows } from './start-rows.ts'

const number = ({ name }: Row): number => Number.parseInt(name, 10) || 99

export const rows: readonly Row[] = [
  ...apiRows,
  ...schedulerRows,
  ...executorRows,
  ...redisRows,
  ...powerRows,
  ...loadRows,
  ...startRows,
  mixedRow,
].sort((a, b) => number(a) - number(b))

export interface AbsentRow {
  readonly name: string
  readonly fault: string
  readonly why: string
}

export const absentRows: readonly AbsentRow[] = [
  {
    name: '23',
    fault: 'clock of Redis jumps',
    why: 'its clock is the machine’s, which other work shares; those of the processes are made to jump',
  },
  {
    name: '27, 28',
    fault: 'bodies and requests drawn at random',
    why: 'fuzzing is a test of its own, not a fault of a running center',
  },
  { name: '29', fault: 'slow sockets', why: 'a test of the API by itself' },
  {
    name: '33, 34',
    fault: 'nodes fail and return',
    why: 'simulated: the same allocator, thousands of seeds instead of dozens',
  },
  { name: '35', fault: 'an hour at 200 jobs/s', why: 'a soak, an hour by itself' },
  {
    name: '37',
    fault: 'services of two versions at once',
    why: 'there is one version of Dure; ledgers of earlier formats are read by a test of the engine',
  },
  { name: '39', fault: 'the same seed twice', why: 'the simulator’s tests compare hashes' },
  { name: '40', fault: 'the server of keys is away', why: 'keys are in Redis; there is no other server to lose' },
]
