// Jobs handed in one after the other as their time comes on the center's clock: a log that is replayed, or simulated users.
// Nothing is lost on the way: what the center cannot take now is offered again under the same Idempotency-Key.

import { randomUUID } from 'node:crypto'
import { type Client, ClientError } from '@dure/client'
import type { SubmitJobBody } from '@dure/contract'
import { EventQueue } from '@dure/sim'
import { pause } from './interruption.ts'

export interface DueJob {
  /** Center time since the feed began. */
  readonly afterMs: number
  readonly body: SubmitJobBody
  /** Cancelled if it still waits this much center time later, or soon after that. Absent: never. */
  readonly patienceMs?: number
}

export interface FeedOptions {
  readonly center: Client
  /** Center seconds a second. */
  readonly speed: number
  readonly signal: AbortSignal
  readonly accepted: (id: number) => void
  /** The center will never take this one, and says why. */
  readonly refused: (refusal: ClientError) => void
  /** Told when an answer has to be waited for again. */
  readonly delayed?: (error: ClientError) => void
}

/** Submissions under way at a time: enough to keep a fast center busy, few enough not to be a flood. */
const AT_A_TIME = 32
const RETRY_MS = 1000
/** Timers cannot be set for more than 24 days; logs have longer gaps. */
const PAUSE_MS_MAX = 86_400_000

/** Statuses that speak about the job alone; anything else would meet the next one too. */
const aboutTheJob = [400, 409, 413, 422]

/** Ends when the jobs do, or soon after the signal. Falls behind where the center is slower than its clock, and catches up. */
export async function feed(jobs: Iterable<DueJob>, options: FeedOptions): Promise<void> {
  const { speed, signal } = options
  const beganMs = performance.now()
  const underWay = new Set<Promise<void>>()
  /** Numbers of jobs that were accepted, by the time at which their owners lose patience. */
  const impatient = new EventQueue()
  let failure: unknown
  const begin = (act: Promise<void>): void => {
    const begun = act
      .catch((error: unknown) => {
        failure ??= error
      })
      .finally(() => underWay.delete(begun))
    underWay.add(begun)
  }
  for (const { afterMs, body, patienceMs = Infinity } of jobs) {
    const aheadMs = (): number => beganMs + afterMs / speed - performance.now()
    while (aheadMs() > 0 && !signal.aborted) await pause(Math.min(aheadMs(), PAUSE_MS_MAX), signal)
    while (underWay.size >= AT_A_TIME) await Promise.race(underWay)
    if (signal.aborted || failure !== undefined) break
    // Owners are looked after when somebody submits, which is often enough for people.
    while (impatient.nextMs() <= afterMs) begin(giveUp(impatient.pop(), options))
    begin(
      submit(body, options).then((id) => {
        if (id !== null && patienceMs < Infinity) impatient.push(afterMs + patienceMs, 0, id)
      }),
    )
  }
  await Promise.all(underWay)
  if (failure !== undefined) throw failure
}

/** The number of the job; null where the center will not have it, or nobody wants it to any more. */
async function submit(body: SubmitJobBody, options: FeedOptions): Promise<number | null> {
  const { center, signal, accepted, refused, delayed } = options
  const key = randomUUID()
  while (!signal.aborted) {
    try {
      const { id } = await center.submitJob(body, key)
      accepted(id)
      return id
    } catch (error) {
      if (!(error instanceof ClientError)) throw error
      if (error.isPassing) {
        delayed?.(error)
        await pause(error.retryAfterMs ?? RETRY_MS, signal)
      } else if (aboutTheJob.includes(error.problem.status)) {
        refused(error)
        return null
      } else throw error
    }
  }
  return null
}

/** Cancels a job that waits. One that has started in the meantime goes on, and whoever gets no answer does not ask again. */
async function giveUp(job: number, { center }: FeedOptions): Promise<void> {
  try {
    if ((await center.getJob(job)).state === 'PENDING') await center.cancelJob(job)
  } catch (error) {
    if (!(error instanceof ClientError)) throw error
  }
}
