// Which submissions of a log belong to one sitting of a user. Zakay and Feitelson (JSSPP 2012): by what the user provably
// does, which is to submit, and not by when jobs end, for some run for days and nobody stays to see them end.

import type { ObservedJobs } from './observed-jobs.ts'

/** A user who has submitted nothing for so long is no longer at work. */
export const SESSION_BREAK_S = 3600
/** Where a log names no users, an account stands for all of its: what can be told apart then are bursts, with such a pause between. */
export const BURST_BREAK_S = 120

export interface UserSession {
  /** Tells users apart; of a log without users, accounts. */
  readonly owner: number
  /** Indices of its jobs. */
  readonly jobs: number[]
}

/** Whether the log says of any job whose it is. */
export function namesUsers({ count, user }: ObservedJobs): boolean {
  for (let i = 0; i < count; i++) if (user[i]! >= 0) return true
  return false
}

/** Sessions in the order in which they begin. */
export function userSessions(log: ObservedJobs): UserSession[] {
  const { count, submitS } = log
  const owners = namesUsers(log) ? log.user : log.account
  const breakS = namesUsers(log) ? SESSION_BREAK_S : BURST_BREAK_S
  const sessions: UserSession[] = []
  const latest = new Map<number, UserSession>()
  for (let i = 0; i < count; i++) {
    const owner = owners[i]!
    const session = latest.get(owner)
    if (session !== undefined && submitS[i]! - submitS[session.jobs.at(-1)!]! <= breakS) session.jobs.push(i)
    else {
      const begun = { owner, jobs: [i] }
      sessions.push(begun)
      latest.set(owner, begun)
    }
  }
  return sessions
}
