// What the leader knows to be coming: when each running job will finish, and whether its executor has said so.
//
// Center time must not pass a finish that is not committed, or the center would decide on a state that was never true. So
// the earliest finish that nobody has reported holds the clock just before it; one that is reported waits here for its
// moment. Finishes of one instant are taken in the order in which their jobs started, as a simulation would.

import { EventQueue } from '@dure/sim'
import type { ReceivedCommand } from '../ports.ts'

/** How a simulated run goes, from the job's label. */
export interface RunPlan {
  readonly runTimeMs: number
  readonly exitCode: number
}

interface Due {
  readonly job: number
  readonly attempt: number
  readonly dueMs: number
  report: ReceivedCommand | undefined
}

const FINISH_RANK = 0

export class Agenda {
  readonly #queue = new EventQueue()
  /** Entries of the queue by value; an entry whose job has ended otherwise is undefined and skipped. */
  readonly #entries: (Due | undefined)[] = []
  readonly #free: number[] = []
  readonly #byJob = new Map<number, { readonly due: Due; readonly index: number }>()

  /** The job's run will finish at `dueMs`. */
  expect(job: number, attempt: number, dueMs: number): void {
    const due: Due = { job, attempt, dueMs, report: undefined }
    const index = this.#free.pop() ?? this.#entries.length
    this.#entries[index] = due
    this.#byJob.set(job, { due, index })
    this.#queue.push(dueMs, FINISH_RANK, index)
  }

  /** The attempt is over, finished or not. A report that has come is returned: somebody must settle it. */
  forget(job: number): ReceivedCommand | undefined {
    const found = this.#byJob.get(job)
    if (found === undefined) return undefined
    this.#byJob.delete(job)
    this.#entries[found.index] = undefined
    this.#dropEnded()
    return found.due.report
  }

  /** Keeps an executor's report until its moment. False: this finish is not expected, or was reported before. */
  report(job: number, attempt: number, command: ReceivedCommand): boolean {
    const due = this.#byJob.get(job)?.due
    if (due === undefined || due.attempt !== attempt || due.report !== undefined) return false
    due.report = command
    return true
  }

  /** When the next finish is due, and whether it is reported; Infinity where nothing is expected. */
  get nextMs(): number {
    return this.#queue.nextMs()
  }

  get isNextReported(): boolean {
    return this.#next()?.report !== undefined
  }

  /** The report of the next finish, if it is due at `atMs`. The job is forgotten when it ends. */
  takeReport(atMs: number): ReceivedCommand | undefined {
    const next = this.#next()
    if (next === undefined || next.dueMs > atMs || next.report === undefined) return undefined
    const { report } = next
    next.report = undefined
    return report
  }

  #next(): Due | undefined {
    if (this.#queue.length === 0) return undefined
    const index = this.#queue.peek()
    return this.#entries[index]
  }

  /** Keeps an ended job's entry from standing at the front. */
  #dropEnded(): void {
    while (this.#queue.length > 0 && this.#entries[this.#queue.peek()] === undefined) this.#free.push(this.#queue.pop())
  }
}
