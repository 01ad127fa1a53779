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

/** A row that is not played here. */
export interface AbsentRow {
  readonly name: string
  readonly fault: string
  /** What shows it, or why nothing does. */
  readonly shownBy: string
}

export const absentRows: readonly AbsentRow[] = [
  {
    name: '23',
    fault: 'clock of Redis jumps',
    shownBy:
      '`npm run dst`, where its clock is a number; a real one’s is the machine’s, which other work shares. The clocks of processes jump above',
  },
  {
    name: '27',
    fault: 'bodies too long, too deep, of too many fields, or without an end',
    shownBy:
      '`npm test -- services/api/src/owasp.test.ts` (API4): refused in a second each. Bytes that are no text are among what is drawn for 28; compressed bodies are not taken at all',
  },
  {
    name: '28',
    fault: 'requests drawn from what the API says of itself',
    shownBy: '`npm run fuzz`; how many have been sent so far stands in [tests/fuzz](../fuzz/README.md)',
  },
  {
    name: '33',
    fault: 'nodes fail and return, and shares are to be kept',
    shownBy:
      '`npm test -- packages/sim/src/properties.test.ts`: nothing over-allocated and every promise kept in hundreds of random centers whose nodes fail, under each policy. How far shares are then off is measured by every simulation and bounded by no test',
  },
  {
    name: '34',
    fault: 'a tenth of the nodes fails at once',
    shownBy:
      '`npm test -- packages/sim/src/properties.test.ts packages/sim/src/happenings.test.ts`: every job ends once, having begun anew where its node failed; `npm run dst` fails nodes of the live engine',
  },
  { name: '35', fault: 'an hour at 200 jobs/s', shownBy: '`npm run soak`: [tests/soak](../soak/README.md)' },
  {
    name: '37',
    fault: 'services of two versions at once',
    shownBy:
      'nothing yet: there is one version of Dure. Its ledger of 2026-11-23 leads to the same facts today: `npm test -- packages/engine/src/leader/earlier-ledger.test.ts`',
  },
  {
    name: '39',
    fault: 'the same seed twice, in one thread and in several',
    shownBy:
      '`npm test -- tests/sim/one-answer.test.ts packages/study/src/local/run-locally.test.ts`: one hash in this thread, a worker’s and a browser’s; the same rows from one thread and several',
  },
  {
    name: '40',
    fault: 'the issuer of tokens is away',
    shownBy:
      '`npm test -- services/api/src/tokens.test.ts`: the keys it gave are kept (for a day at most), a token of an unknown key is refused, and without any keys it is 503',
  },
]
