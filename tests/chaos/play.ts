// Plays rows of the table, round by round.

import { ChaosCenter, type ChaosCenterOptions } from './center/chaos-center.ts'
import { History } from './client/history.ts'
import { playLiveRound } from './rows/live-round.ts'
import type { LiveRow, RoundResult, Row } from './rows/row.ts'

/** Raised when a round does, or checks, something else than before: results of other protocols are not compared. */
export const PROTOCOL = 2

/** A ledger is checked as a whole after each round, so that it must not become long. */
export const ROUNDS_PER_CENTER = 8

export interface Rounds {
  readonly first: number
  readonly count: number
}

export interface PlayOptions {
  /** Loaded into services: a broken build of them. */
  readonly preloads?: NonNullable<ChaosCenterOptions['preloads']>
  /** How long a round waits for the center to come back, where it is known not to. */
  readonly patienceMs?: number
}

export interface PlayedRound extends RoundResult {
  readonly round: number
  /** What every client asked and was told, for a round that went wrong. */
  readonly history?: string
}

/** Plays some rounds of a row, and tells of each. */
export async function playRow(
  row: Row,
  rounds: Rounds,
  seed: number,
  tell: (played: PlayedRound) => void,
  options: PlayOptions = {},
): Promise<void> {
  if (row.kind === 'standalone') {
    await row.play(rounds, seed, (round, result) => tell({ round, ...result }))
    return
  }
  const end = rounds.first + rounds.count
  for (let round = rounds.first; round < end; ) round = await playOnOneCenter(row, round, end, seed, tell, options)
}

/** Returns the next round to be played: a center on which something was wrong is not used any more. */
async function playOnOneCenter(
  row: LiveRow,
  first: number,
  end: number,
  seed: number,
  tell: (played: PlayedRound) => void,
  { preloads = {}, patienceMs }: PlayOptions,
): Promise<number> {
  const center = await ChaosCenter.start({ ...row.center, preloads })
  const history = new History()
  try {
    for (let round = first; round < Math.min(end, first + ROUNDS_PER_CENTER); round++) {
      const result = await playLiveRound(row, center, history, seed, round, patienceMs)
      const isBroken = result.violations.length > 0
      const said = [...center.roles.values()].map((role) => `# ${role.name}\n${role.output().slice(-4_000)}\n`).join('')
      tell({ round, ...result, ...(isBroken && { history: history.text() + said }) })
      if (isBroken) return round + 1
    }
    return Math.min(end, first + ROUNDS_PER_CENTER)
  } finally {
    await center.stop()
  }
}
