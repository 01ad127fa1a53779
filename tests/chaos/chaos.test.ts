// The part of the table that is played with every run of the tests, and the broken builds that it must catch.

import { describe, expect, it } from 'vitest'
import { mutants } from './mutants.ts'
import { type PlayedRound, playRow } from './play.ts'
import { rows } from './rows/table.ts'

const SEED = 1
/** Those that say most in the fewest seconds; `npm run chaos` plays the others too. */
const HERE = ['1', '3', '4', '11', '14', '16', '26']

const rowOf = (name: string) => rows.find((row) => row.name === name)!

async function played(name: string, count: number, preloads = {}): Promise<PlayedRound[]> {
  const rounds: PlayedRound[] = []
  await playRow(rowOf(name), { first: 1, count }, SEED, (one) => rounds.push(one), preloads)
  return rounds
}

describe('a center of real processes', () => {
  it.for(HERE.map((name) => [name, rowOf(name).fault] as const))('row %s: %s', async ([name]) => {
    const rounds = await played(name, rowOf(name).rounds.short)
    expect(rounds.flatMap(({ violations }) => violations)).toEqual([])
  })
})

describe('a broken build', () => {
  it.for(Object.values(mutants))('is caught where $what', async ({ row, caught, preloads }) => {
    const rounds = await played(row, 1, preloads)
    expect(rounds.flatMap(({ violations }) => violations)).toContainEqual(expect.stringMatching(caught))
  })
})
