// A full center that always has the same number of jobs waiting, to time single decisions of, each with its pass: a finish, a
// submit, or a finish when a new fair-share order is due.

import { createHash } from 'node:crypto'
import { Center, type CenterConfig, FactLog } from '@dure/core'
import { type Demand, type Stream, stream } from '@dure/sim'
import { submitCommand } from './submit-command.ts'

const HOUR_MS = 3_600_000
/** So long that no limit is reached during the measurement: what ends is what the bench ends. */
export const LIMIT_LEAST_MS = 1_000 * HOUR_MS

/** Wall times of single decisions. */
export interface Decisions {
  readonly finishMs: readonly number[]
  readonly submitMs: readonly number[]
  readonly rankMs: readonly number[]
  /** Jobs that those finishes let start. */
  readonly startedByFinish: number
}

/** A full center that always has the same number of jobs waiting. */
export class BusyCenter {
  readonly #center: Center
  readonly #log = new FactLog({ keep: false })
  readonly #config: CenterConfig
  readonly #demand: Demand
  readonly #limitMs: (i: number) => number
  readonly #pending: number
  readonly #draws: Stream = stream(1, 'pass')
  /** In order of start, with holes closed by the last. */
  readonly #running: { readonly job: number; readonly attempt: number }[] = []
  #nowMs = 0
  #next = 0

  constructor(config: CenterConfig, demand: Demand, limitMs: (i: number) => number, pending: number) {
    this.#config = config
    this.#demand = demand
    this.#limitMs = limitMs
    this.#pending = pending
    this.#center = Center.create(config, this.#log, 0, {
      started: (job, attempt) => this.#running.push({ job, attempt }),
      ended: () => {},
      requeued: () => {},
    })
    // What a pass starts is missing from the queue, until the center is full.
    do {
      this.#fill()
      this.#center.schedule(this.#nowMs)
    } while (this.#center.pendingCount < this.#pending)
  }

  measure(passes: number): Decisions {
    const finishMs: number[] = []
    const submitMs: number[] = []
    const rankMs: number[] = []
    let startedByFinish = 0
    // The first round warms up.
    for (let round = -Math.ceil(passes / 10); round < passes; round++) {
      const isCounted = round >= 0
      this.#nowMs += 1000
      const runningBefore = this.#running.length
      const byFinish = timed(() => this.#finish())
      const started = this.#running.length - runningBefore + 1
      this.#refill()
      this.#nowMs += 1000
      const bySubmit = timed(() => this.#submit())
      this.#nowMs += this.#config.policy.rerankMs
      const byRank = timed(() => this.#finish())
      this.#refill()
      // A submit of the new moment, so that the next finish finds the order up to date.
      this.#submit()
      if (!isCounted) continue
      finishMs.push(byFinish)
      submitMs.push(bySubmit)
      rankMs.push(byRank)
      startedByFinish += started
    }
    this.#center.assertInvariants()
    return { finishMs, submitMs, rankMs, startedByFinish }
  }

  answer(): string {
    return createHash('sha256').update(`${this.#log.hash()} ${this.#center.stateHash()}`).digest('hex').slice(0, 32)
  }

  #finish(): void {
    const at = this.#draws.int(0, this.#running.length - 1)
    const ended = this.#running[at]!
    const last = this.#running.pop()!
    if (last !== ended) this.#running[at] = last
    this.#center.apply({ type: 'finish', ...ended, exitCode: 0 }, this.#nowMs)
    this.#center.schedule(this.#nowMs)
  }

  #submit(): void {
    this.#enter()
    this.#center.schedule(this.#nowMs)
  }

  /** Makes up for what has started, one less than there shall be: the next submit is measured. */
  #refill(): void {
    while (this.#center.pendingCount < this.#pending - 1) this.#enter()
    this.#center.schedule(this.#nowMs)
  }

  #fill(): void {
    while (this.#center.pendingCount < this.#pending) this.#enter()
  }

  /** The jobs of the demand in turn, and from the first again when all have been. */
  #enter(): void {
    const number = this.#next++
    const i = number % this.#demand.count
    const timeLimitMs = this.#limitMs(i)
    const submit = submitCommand(this.#config, this.#demand, i, { job: number + 1, timeLimitMs })
    const { kind } = this.#center.apply(submit, this.#nowMs)
    if (kind !== 'done') throw new Error(`job ${number + 1} of the modelled demand was ${kind}`)
  }
}

function timed(act: () => void): number {
  const beganMs = performance.now()
  act()
  return performance.now() - beganMs
}
