// The live service from submit to completion, next to two plain BullMQ queues in a row: the same Redis, which syncs every
// write to disk, the same payload, the same producers, round by round in turn. Every job is a submission of its own and is
// done when its completion is in the ledger; whatever travels together was put together inside Dure.
//
// Then, at a rate that leaves the machine idle most of the time, how long a job takes from submit to start. Arrivals keep
// their times whatever happens, and the latency counts from the time a job should have been submitted.

import { setTimeout as pause } from 'node:timers/promises'
import { commandIdOf, writeLabel } from '@dure/contract'
import { loadPreset } from '@dure/contract/presets'
import type { Command } from '@dure/core'
import { startPrivateRedis } from '@dure/engine/testing'
import type { Size } from '../bounds.ts'
import { type LiveCenter, startLiveCenter } from '../live/live-center.ts'
import { type RawBullmq, startRawBullmq } from '../live/raw-bullmq.ts'
import { type BenchReport, figure, latency } from '../report.ts'

const SIZES = {
  full: { jobs: 10_000, rounds: 5, arrivals: 2_000, perSecond: 200 },
  small: { jobs: 100, rounds: 1, arrivals: 10, perSecond: 100 },
} as const

/** Submissions under way at one time. */
const PRODUCERS = 64
const PRESET = 'purchase-2025'
const RUN_MS = 1

export async function live(size: Size): Promise<BenchReport> {
  const { jobs, rounds, arrivals, perSecond } = SIZES[size]
  const redis = await startPrivateRedis({ appendfsync: 'always' })
  try {
    const [center, raw] = await Promise.all([
      startLiveCenter(redis.settings(), PRESET),
      startRawBullmq(redis.settings()),
    ])
    const work = new Work(center, raw)
    const dureRates: number[] = []
    const rawRates: number[] = []
    // The first round of each warms up.
    for (let round = 0; round <= rounds; round++) {
      const dureRate = await work.throughCenter(jobs)
      const rawRate = await work.throughRaw(jobs)
      if (round === 0) continue
      dureRates.push(dureRate)
      rawRates.push(rawRate)
    }
    const startMs = await work.latencies(arrivals, perSecond)
    const factsHash = await center.replayed()
    await Promise.all([center.stop(), raw.stop()])
    return {
      bench: 'live',
      size: `${rounds} rounds of ${jobs} jobs from ${PRODUCERS} producers, appendfsync always; latency at ${perSecond} jobs/s`,
      figures: [
        figure('dure, submit to completion', 'jobs/s', dureRates),
        figure('raw BullMQ, two hops', 'jobs/s', rawRates),
        figure(
          'dure / raw',
          'ratio',
          dureRates.map((rate, i) => rate / rawRates[i]!),
        ),
        latency('submit to start', 'ms', startMs),
      ],
      answers: { ledger: factsHash },
      timed: true,
    }
  } finally {
    await redis.stop()
  }
}

/** The jobs of a run, numbered on over all rounds. */
class Work {
  readonly #center: LiveCenter
  readonly #raw: RawBullmq
  readonly #associations = loadPreset(PRESET).config.associations
  readonly #pools = loadPreset(PRESET)
    .config.pools.filter(({ kind }) => kind === 'gpu')
    .map(({ name }) => name)
  #submitted = 0
  #sent = 0

  constructor(center: LiveCenter, raw: RawBullmq) {
    this.#center = center
    this.#raw = raw
  }

  /** Jobs a second. */
  async throughCenter(jobs: number): Promise<number> {
    const all = this.#submitted + jobs
    const beganMs = performance.now()
    await produce(jobs, () => {
      const job = ++this.#submitted
      return this.#center.submit(job, this.#command(job))
    })
    await this.#center.completed(all)
    return (1000 * jobs) / (performance.now() - beganMs)
  }

  async throughRaw(jobs: number): Promise<number> {
    const all = this.#sent + jobs
    const beganMs = performance.now()
    await produce(jobs, () => {
      const job = ++this.#sent
      return this.#raw.send('commands', { commands: [{ id: commandIdOf(job), seq: job, command: this.#command(job) }] })
    })
    await this.#raw.through(all)
    return (1000 * jobs) / (performance.now() - beganMs)
  }

  async latencies(count: number, perSecond: number): Promise<number[]> {
    const beganMs = performance.now()
    const dueMs: number[] = []
    const first = this.#submitted + 1
    const sends: Promise<void>[] = []
    for (let i = 0; i < count; i++) {
      dueMs.push(beganMs + (1000 * i) / perSecond)
      const waitMs = dueMs[i]! - performance.now()
      if (waitMs > 1) await pause(waitMs)
      const job = ++this.#submitted
      sends.push(this.#center.submit(job, this.#command(job)))
    }
    await Promise.all(sends)
    await this.#center.completed(this.#submitted)
    return dueMs.map((atMs, i) => this.#center.startedMs(first + i) - atMs)
  }

  /** One accelerator for a moment: any GPU pool will do, users take turns. */
  #command(job: number): Command {
    const { account, user } = this.#associations[job % this.#associations.length]!
    return {
      type: 'submit',
      job,
      account,
      user,
      request: { pools: this.#pools, nodes: 1, acceleratorsMilli: 1000, cpuMilli: 8_000, memoryMib: 65_536 },
      timeLimitMs: 3_600_000,
      held: null,
      label: writeLabel({ name: `bench-${job}`, run_time_ms: RUN_MS, exit_code: 0 }),
    }
  }
}

/** Calls `send` so many times, never with more than `PRODUCERS` under way. */
async function produce(count: number, send: () => Promise<void>): Promise<void> {
  let left = count
  const producer = async (): Promise<void> => {
    while (left > 0) {
      left--
      await send()
    }
  }
  await Promise.all(Array.from({ length: PRODUCERS }, producer))
}
