// Plays rows on several centers at the same time: a round mostly waits, for a lease to end or a Redis to come back. What a round
// draws depends on its row, its number and the seed, and not on what is played beside it.

import { type PlayedRound, type PlayOptions, playRow, ROUNDS_PER_CENTER, type Rounds } from './play.ts'
import type { Row } from './rows/row.ts'

export interface RowRounds {
  readonly row: Row
  readonly rounds: Rounds
}

interface Playing {
  readonly seed: number
  /** So many centers at a time, each with its own Redis, ports and folder. Rows that are to be alone are played one by one after the others. */
  readonly together: number
  readonly options?: PlayOptions
  /** Hears of each round as it ends, and how long it took. */
  readonly tell: (row: Row, played: PlayedRound, tookMs: number) => void
  /** Hears of each row whose rounds have all been played. */
  readonly finished: (row: Row) => void
}

export async function playTogether(rows: readonly RowRounds[], playing: Playing): Promise<void> {
  const { together } = playing
  const isAlone = ({ row }: RowRounds): boolean => together > 1 && row.isAlone === true
  const open = new Map<Row, number>()
  const queue = rows.filter((one) => !isAlone(one)).flatMap((one) => sharesOf(one, together))
  const alone = rows.filter(isAlone)
  for (const { row } of [...queue, ...alone]) open.set(row, (open.get(row) ?? 0) + 1)

  const playUntilNoneIsLeft = async (shares: RowRounds[]): Promise<void> => {
    for (let share = shares.shift(); share !== undefined; share = shares.shift()) {
      await playShare(share, playing)
      const left = open.get(share.row)! - 1
      open.set(share.row, left)
      if (left === 0) playing.finished(share.row)
    }
  }
  await Promise.all(Array.from({ length: together }, () => playUntilNoneIsLeft(queue)))
  await playUntilNoneIsLeft(alone)
}

/** Parts of a row's rounds, each for a center of its own. A row that makes its own centers stays whole: it records one for all its rounds. */
export function sharesOf({ row, rounds: { first, count } }: RowRounds, together: number): RowRounds[] {
  if (row.kind === 'standalone') return [{ row, rounds: { first, count } }]
  const size = Math.min(ROUNDS_PER_CENTER, Math.ceil(count / together))
  return Array.from({ length: Math.ceil(count / size) }, (_, i) => ({
    row,
    rounds: { first: first + i * size, count: Math.min(size, count - i * size) },
  }))
}

async function playShare({ row, rounds }: RowRounds, { seed, options, tell }: Playing): Promise<void> {
  let beganMs = performance.now()
  let next = rounds.first
  const told = (played: PlayedRound): void => {
    next = played.round + 1
    tell(row, played, performance.now() - beganMs)
    beganMs = performance.now()
  }
  try {
    await playRow(row, rounds, seed, told, options)
  } catch (error) {
    told({ round: next, violations: [`the round could not be played: ${(error as Error).stack}`] })
  }
}
