// Short jobs for a live center: as many as it takes at a time, or at a rate.

import { setTimeout as pause } from 'node:timers/promises'
import type { CenterConfig, Command } from '@dure/core'
import { runLabel } from '../model/submit-command.ts'
import type { LiveCenter } from './live-center.ts'

/** Submissions under way at one time. */
export const PRODUCERS = 64
const RUN_MS = 1

export class ShortJobs {
  readonly #center: LiveCenter
  readonly #associations: CenterConfig['associations']
  readonly #pools: readonly string[]
  /** Jobs that were there before, and do not complete. */
  readonly #others: number
  #submitted = 0

  constructor(center: LiveCenter, { associations, pools }: CenterConfig, others = 0) {
    this.#center = center
    this.#others = others
    this.#associations = associations
    this.#pools = pools.filter(({ kind }) => kind === 'gpu').map(({ name }) => name)
  }

  /** Submits so many and waits until they have completed; jobs a second. */
  async through(jobs: number): Promise<number> {
    const all = this.#submitted + jobs
    const beganMs = performance.now()
    await produce(jobs, () => {
      const job = this.#next()
      return this.#center.submit(job, this.command(job))
    })
    await this.#center.completed(all)
    return (1000 * jobs) / (performance.now() - beganMs)
  }

  /** Milliseconds from the time a job should have been submitted to its start, of each of `count`. Arrivals keep their times. */
  async latencies(count: number, perSecond: number): Promise<number[]> {
    const beganMs = performance.now()
    const dueMs: number[] = []
    const first = this.#others + this.#submitted + 1
    const sends: Promise<void>[] = []
    for (let i = 0; i < count; i++) {
      dueMs.push(beganMs + (1000 * i) / perSecond)
      const waitMs = dueMs[i]! - performance.now()
      if (waitMs > 1) await pause(waitMs)
      const job = this.#next()
      sends.push(this.#center.submit(job, this.command(job)))
    }
    await Promise.all(sends)
    await this.#center.completed(this.#submitted)
    return dueMs.map((atMs, i) => this.#center.startedMs(first + i) - atMs)
  }

  #next(): number {
    return this.#others + ++this.#submitted
  }

  /** One accelerator for a moment: any GPU pool will do, users take turns. */
  command(job: number): Command {
    const { account, user } = this.#associations[job % this.#associations.length]!
    return {
      type: 'submit',
      job,
      account,
      user,
      request: { pools: this.#pools, nodes: 1, acceleratorsMilli: 1000, cpuMilli: 8_000, memoryMib: 65_536 },
      timeLimitMs: 3_600_000,
      held: null,
      label: runLabel(job, RUN_MS),
    }
  }
}

/** Calls `send` so many times, never with more than `PRODUCERS` under way. */
export async function produce(count: number, send: () => Promise<void>): Promise<void> {
  let left = count
  const producer = async (): Promise<void> => {
    while (left > 0) {
      left--
      await send()
    }
  }
  await Promise.all(Array.from({ length: PRODUCERS }, producer))
}
