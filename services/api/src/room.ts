// Whether there is room for more. What cannot be kept, or not be dealt with in a time in which anybody waits, is refused with 503
// while that still costs little: what has been accepted needs the memory and the time that is left.

import type { AcceptedJobs } from './accepted-jobs.ts'
import type { Pulse } from './pulse.ts'
import { Trouble } from './trouble.ts'

/** Messages waiting beyond which nothing new is taken in: whoever waits longer than this waits in vain. */
const BACKLOG_MESSAGES_MAX = 100_000
/** Commands on their way into the store; they pile up only where it does not keep up. */
const UNDER_WAY_MAX = 2000
/** Part of the store's memory. The rest is the leader's, who still has to decide what was accepted. */
const FULLNESS_MAX = 0.8
/** How late this process does what it has to do. */
const LAG_MS_MAX = 1000
const RETRY_AFTER_S = 10

export interface Room {
  /** Throws ERR_BUSY where this process does not keep up with requests. */
  assertForRequest(): void
  /** Throws ERR_BUSY where a further command could not be kept; otherwise it counts as under way until `act` is over. */
  forCommand<T>(act: () => Promise<T>): Promise<T>
}

export function roomFor(pulse: Pick<Pulse, 'backlog' | 'fullness' | 'lagMs'>, accepted: AcceptedJobs): Room {
  let underWay = 0

  function assertForCommand(): void {
    const { backlog, fullness } = pulse
    if (backlog.waiting > BACKLOG_MESSAGES_MAX) {
      throw busy(
        `처리를 기다리는 요청이 ${backlog.waiting}개입니다.`,
        `${backlog.waiting} messages wait to be taken up by the scheduler.`,
      )
    }
    if (accepted.isFull) {
      throw busy(
        `접수된 뒤 처리를 기다리는 작업이 ${accepted.size}개입니다.`,
        `${accepted.size} jobs were accepted and wait to be taken up by the scheduler.`,
      )
    }
    if (fullness > FULLNESS_MAX) {
      const percent = Math.round(100 * fullness)
      throw busy(
        `저장소(Redis) 메모리의 ${percent} %를 쓰고 있습니다.`,
        `${percent} % of the memory of the store (Redis) is in use.`,
      )
    }
    if (underWay >= UNDER_WAY_MAX) {
      throw busy(`저장하고 있는 요청이 ${underWay}개입니다.`, `${underWay} requests are on their way into the store.`)
    }
  }

  return {
    assertForRequest: () => {
      if (pulse.lagMs <= LAG_MS_MAX) return
      const late = Math.round(pulse.lagMs)
      throw busy(`API가 ${late} ms 밀려 있습니다.`, `The API is ${late} ms behind its work.`)
    },
    forCommand: async (act) => {
      assertForCommand()
      underWay += 1
      try {
        return await act()
      } finally {
        underWay -= 1
      }
    },
  }
}

const busy = (ko: string, en: string): Trouble =>
  new Trouble('ERR_BUSY', { retryAfterS: RETRY_AFTER_S, detail: { ko, en } })
