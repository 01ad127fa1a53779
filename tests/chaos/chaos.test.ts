// The part of the table that is played with every run of the tests, and the broken builds that the harness must catch. What is
// late is not looked at here: that depends on what else the machine has to do, and is told by `npm run chaos`.

import { describe, expect, it } from 'vitest'
import { mutants } from './mutants.ts'
import { type PlayedRound, type PlayOptions, playRow } from './play.ts'
import { rows } from './rows/table.ts'

const SEED = 1
/** Those that say most in the fewest seconds. */
const HERE = ['1', '4', '11', '16']

const rowOf = (name: string) => rows.find((row) => row.name === name)!

async function violationsOf(name: string, count: number, options: PlayOptions = {}): Promise<string[]> {
  const rounds: PlayedRound[] = []
  await playRow(rowOf(name), { first: 1, count }, SEED, (one) => rounds.push(one), options)
  expect(rounds).toHaveLength(count)
  return rounds.flatMap(({ violations }) => violations)
}

describe('a center of real processes', () => {
  it.for(HERE.map((name) => [name, rowOf(name).fault] as const))('row %s: %s', async ([name]) => {
    expect(await violationsOf(name, rowOf(name).rounds.short)).toEqual([])
  })
})

// All at once: each mostly waits, for a lease to end and for what will not come.
describe.concurrent('a broken build', { timeout: 240_000 }, () => {
  it.for(Object.values(mutants))('is caught where $what', async ({ row, caught, build }, { expect }) => {
    expect(await violationsOf(row, 1, build)).toContainEqual(expect.stringMatching(caught))
  })
})
