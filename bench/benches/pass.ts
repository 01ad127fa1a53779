// One decision of a full center of 2 EF with 100,000 jobs waiting, each with its pass: a finish, a submit, or a finish when a new
// fair-share order is due. Two backlogs: the modelled one, in which many jobs are alike, and one in which no two time limits are equal, so
// that every job is a class of its own and nothing can be skipped together.

import { createHash } from 'node:crypto'
import { Center, type CenterConfig, FactLog } from '@dure/core'
import { type Demand, type Stream, stream } from '@dure/sim'
import type { Size } from '../bounds.ts'
import { modelCenter, modelDemand } from '../model/center.ts'
import { type BenchReport, type Figure, latency } from '../report.ts'

const SIZES = {
  full: { multiple: 15, load: 3, days: 2, pending: 100_000, passes: { modelled: 1_000, 'all different': 200 } },
  small: { multiple: 1, load: 3, days: 1, pending: 2_000, passes: { modelled: 50, 'all different': 50 } },
} as const

const HOUR_MS = 3_600_000
/** So long that no limit is reached during the measurement: what ends is what the bench ends. */
const LIMIT_LEAST_MS = 1_000 * HOUR_MS

export function pass(size: Size): BenchReport {
  const { multiple, load, days, pending, passes } = SIZES[size]
  const config = modelCenter(multiple)
  const demand = modelDemand(config, load, days, 0)
  const figures: Figure[] = []
  const answers: Record<string, string> = {}
  for (const backlog of ['modelled', 'all different'] as const) {
    const limitMs = (i: number): number => LIMIT_LEAST_MS + (backlog === 'modelled' ? demand.limitMs[i]! : i * 1000)
    const busy = new BusyCenter(config, demand, limitMs, pending)
    figures.push(...busy.measure(backlog, passes[backlog]))
    answers[backlog] = busy.answer()
  }
  const nodes = config.pools.reduce((sum, pool) => sum + ('nodes' in pool ? pool.nodes : 0), 0)
  return {
    bench: 'pass',
    size: `${pending} pending jobs on ${nodes} nodes`,
    figures,
    answers,
  }
}

/** A full center that always has the same number of jobs waiting. */
class BusyCenter {
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
    this.#fill()
    this.#center.schedule(this.#nowMs)
    // What the first pass started is missing from the queue.
    this.#fill()
    this.#center.schedule(this.#nowMs)
    this.#fill()
  }

  measure(backlog: string, passes: number): Figure[] {
    const byFinish: number[] = []
    const bySubmit: number[] = []
    const byRank: number[] = []
    // The first round warms up.
    for (let round = -Math.ceil(passes / 10); round < passes; round++) {
      const isCounted = round >= 0
      this.#nowMs += 1000
      const finishMs = timed(() => this.#finish())
      this.#refill()
      this.#nowMs += 1000
      const submitMs = timed(() => this.#submit())
      this.#nowMs += this.#config.policy.rerankMs
      const rankMs = timed(() => this.#finish())
      this.#refill()
      // A submit of the new moment, so that the next finish finds the order up to date.
      this.#submit()
      if (!isCounted) continue
      byFinish.push(finishMs)
      bySubmit.push(submitMs)
      byRank.push(rankMs)
    }
    this.#center.assertInvariants()
    return [
      latency(`${backlog}, a finish`, 'ms', byFinish),
      latency(`${backlog}, a submit`, 'ms', bySubmit),
      latency(`${backlog}, a finish and a new order`, 'ms', byRank),
    ]
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
    const { account, user } = this.#config.associations[this.#demand.association[i]!]!
    const request = this.#demand.requests[this.#demand.request[i]!]!
    const timeLimitMs = this.#limitMs(i)
    const submit = {
      type: 'submit',
      job: number + 1,
      account,
      user,
      request,
      timeLimitMs,
      held: null,
      label: '',
    } as const
    const { kind } = this.#center.apply(submit, this.#nowMs)
    if (kind !== 'done') throw new Error(`job ${number + 1} of the modelled demand was ${kind}`)
  }
}

function timed(act: () => void): number {
  const beganMs = performance.now()
  act()
  return performance.now() - beganMs
}
