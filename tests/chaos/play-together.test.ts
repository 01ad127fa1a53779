// Rows that are played at the same time, with rounds that only say that they were played.

import { setTimeout as pause } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { playTogether, type RowRounds, sharesOf } from './play-together.ts'
import type { LiveRow, StandaloneRow } from './rows/row.ts'

const frame = { fault: 'a fault', promise: 'a promise', rounds: { short: 1, 'half-hour': 1, overnight: 1 } }

const live: LiveRow = {
  kind: 'live',
  name: 'live',
  ...frame,
  center: {},
  recoveryMsMax: 1,
  inject: async () => undefined,
}

/** Notes which rows are being played whenever one begins a round. */
function rowsOf(beside: Map<string, Set<string>>): (name: string, rest?: Partial<StandaloneRow>) => StandaloneRow {
  const underWay = new Set<string>()
  return (name, rest) => ({
    kind: 'standalone',
    name,
    ...frame,
    play: async ({ first, count }, seed, tell) => {
      underWay.add(name)
      for (let round = first; round < first + count; round++) {
        await pause(5)
        for (const one of underWay)
          for (const other of underWay) beside.set(one, (beside.get(one) ?? new Set()).add(other))
        tell(round, { violations: [`${name} ${round} of ${seed}`] })
      }
      underWay.delete(name)
    },
    ...rest,
  })
}

const twoRounds = (row: StandaloneRow): RowRounds => ({ row, rounds: { first: 3, count: 2 } })

async function played(rows: readonly StandaloneRow[], together: number) {
  const told: string[] = []
  const finished: string[] = []
  await playTogether(rows.map(twoRounds), {
    seed: 7,
    together,
    tell: (_, { violations }) => told.push(...violations),
    finished: ({ name }) => finished.push(name),
  })
  return { told: told.sort(), finished: finished.sort() }
}

it('plays the same rounds, however many centers play them', async () => {
  const beside = new Map<string, Set<string>>()
  const row = rowsOf(beside)
  const rows = [row('a'), row('b'), row('c')]
  const alone = await played(rows, 1)
  expect(alone).toEqual({
    told: ['a 3 of 7', 'a 4 of 7', 'b 3 of 7', 'b 4 of 7', 'c 3 of 7', 'c 4 of 7'],
    finished: ['a', 'b', 'c'],
  })
  expect([...beside.get('a')!]).toEqual(['a'])
  expect(await played(rows, 3)).toEqual(alone)
  expect(beside.get('a')!.size).toBe(3)
})

it('plays nothing beside a row that is to be alone', async () => {
  const beside = new Map<string, Set<string>>()
  const row = rowsOf(beside)
  await played([row('alone', { isAlone: true }), row('b'), row('c')], 3)
  expect([...beside.get('alone')!]).toEqual(['alone'])
  expect([...beside.get('b')!].sort()).toEqual(['b', 'c'])
})

it('tells of a round that could not be played, and goes on with the next row', async () => {
  const row = rowsOf(new Map())
  const broken = row('broken', { play: () => Promise.reject(new Error('no port is free')) })
  const { told, finished } = await played([broken, row('b')], 1)
  expect(told[0]).toBe('b 3 of 7')
  expect(told[2]).toMatch(/^the round could not be played: Error: no port is free/)
  expect(finished).toEqual(['b', 'broken'])
})

it('cuts the rounds of a live row into parts for all centers, none longer than a ledger should become', () => {
  const partsOf = (count: number, together: number) =>
    sharesOf({ row: live, rounds: { first: 1, count } }, together).map(({ rounds }) => [rounds.first, rounds.count])
  expect(partsOf(10, 3)).toEqual([
    [1, 4],
    [5, 4],
    [9, 2],
  ])
  expect(partsOf(20, 1)).toEqual([
    [1, 8],
    [9, 8],
    [17, 4],
  ])
  expect(partsOf(1, 3)).toEqual([[1, 1]])
})
