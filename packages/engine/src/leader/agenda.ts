// What the leader knows to be coming: when each running job will finish, and whether its executor has said so.
//
// Center time must not pass a finish that is not committed, or the center would decide on a state that was never true. So
// the earliest finish that nobody has reported holds the clock just before it; one that is reported waits here for its
// moment. Finishes of one instant are taken together, in the order in which their jobs started, as a simulation would: an
// instant is complete when all of them are reported, for taking it with one missing would let a time limit, or the pass,
// come before that one.

import { EventQueue } from '@dure/sim'
import type { ArrivedCommand } from './arrived-command.ts'

/** How a simulated run goes, from the job's label. */
export interface RunPlan {
  readonly runTimeMs: number
  readonly exitCode: number
}

interface Due {
  readonly job: number
  readonly attempt: number
  readonly dueMs: number
  report: ArrivedCommand | undefined
}

/**
 * `kept` until its moment; `repeated`: it is reported already, and the first report will be taken; `unexpected`: no such
 * attempt runs here, as far as is known.
 */
export type ReportOutcome = 'kept' | 'repeated' | 'unexpected'

const FINISH_RANK = 0

export class Agenda {
  readonly #queue = new EventQueue()
  /** Entries of the queue by value; an entry whose job has ended otherwise is undefined and skipped. */
  readonly #entries: (Due | undefined)[] = []
  readonly #free: number[] = []
  readonly #byJob = new Map<number, { readonly due: Due; readonly index: number }>()
  /** How many finishes of an instant nobody has reported; no entry: none. */
  readonly #unreported = new Map<number, number>()

  /** The job's run will finish at `dueMs`. */
  expect(job: number, attempt: number, dueMs: number): void {
    const due: Due = { job, attempt, dueMs, report: undefined }
    const index = this.#free.pop() ?? this.#entries.length
    this.#entries[index] = due
    this.#byJob.set(job, { due, index })
    this.#countUnreported(dueMs, 1)
    this.#queue.push(dueMs, FINISH_RANK, index)
  }

  /** The attempt is over, finished or not. A report that waits for its moment goes with it. */
  forget(job: number): void {
    const found = this.#byJob.get(job)
    if (found === undefined) return
    this.#byJob.delete(job)
    this.#entries[found.index] = undefined
    if (found.due.report === undefined) this.#countUnreported(found.due.dueMs, -1)
    this.#dropEnded()
  }

  /** Keeps an executor's report until its moment. */
  report(job: number, attempt: number, arrived: ArrivedCommand): ReportOutcome {
    const due = this.#byJob.get(job)?.due
    if (due === undefined || due.attempt !== attempt) return 'unexpected'
    if (due.report !== undefined) return 'repeated'
    due.report = arrived
    this.#countUnreported(due.dueMs, -1)
    return 'kept'
  }

  isReported(job: number): boolean {
    return this.#byJob.get(job)?.due.report !== undefined
  }

  /** When the next finish is due; Infinity where nothing is expected. */
  get nextMs(): number {
    return this.#queue.nextMs()
  }

  /** Whether all finishes of that moment are reported. */
  get isNextReported(): boolean {
    return this.#queue.length > 0 && !this.#unreported.has(this.#queue.nextMs())
  }

  /** The report of the next finish, if it is due at `atMs`. The job is forgotten when it ends. */
  takeReport(atMs: number): ArrivedCommand | undefined {
    const next = this.#next()
    if (next === undefined || next.dueMs > atMs || next.report === undefined) return undefined
    const { report } = next
    next.report = undefined
    this.#countUnreported(next.dueMs, 1)
    return report
  }

  #countUnreported(dueMs: number, more: number): void {
    const count = (this.#unreported.get(dueMs) ?? 0) + more
    if (count === 0) this.#unreported.delete(dueMs)
    else this.#unreported.set(dueMs, count)
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
