// The live service from submit to completion, next to two plain BullMQ queues in a row: the same Redis, which syncs every
// write to disk, the same payload, the same producers, round by round in turn. Every job is a submission of its own and is
// done when its completion is in the ledger; whatever travels together was put together inside Dure.
//
// Then, at a rate that leaves the machine idle most of the time, how long a job takes from submit to start. Arrivals keep
// their times whatever happens, and the latency counts from the time a job should have been submitted.

import { commandIdOf } from '@dure/contract'
import { loadPreset } from '@dure/contract/presets'
import { startPrivateRedis } from '@dure/engine/testing'
import type { Size } from '../bounds.ts'
import { startLiveCenter } from '../live/live-center.ts'
import { type RawBullmq, startRawBullmq } from '../live/raw-bullmq.ts'
import { PRODUCERS, produce, ShortJobs } from '../live/short-jobs.ts'
import { type BenchReport, figure, latency } from '../report.ts'

const SIZES = {
  full: { jobs: 10_000, rounds: 5, arrivals: 2_000, perSecond: 200 },
  small: { jobs: 100, rounds: 1, arrivals: 10, perSecond: 100 },
} as const

const PRESET = 'purchase-2025'

export async function live(size: Size): Promise<BenchReport> {
  const { jobs, rounds, arrivals, perSecond } = SIZES[size]
  const redis = await startPrivateRedis({ appendfsync: 'always' })
  try {
    const [center, raw] = await Promise.all([
      startLiveCenter(redis.settings(), PRESET),
      startRawBullmq(redis.settings()),
    ])
    const shortJobs = new ShortJobs(center, loadPreset(PRESET).config)
    const dureRates: number[] = []
    const rawRates: number[] = []
    // The first round of each warms up.
    for (let round = 0; round <= rounds; round++) {
      const dureRate = await shortJobs.through(jobs)
      const rawRate = await throughRaw(raw, shortJobs, round * jobs, jobs)
      if (round === 0) continue
      dureRates.push(dureRate)
      rawRates.push(rawRate)
    }
    const startMs = await shortJobs.latencies(arrivals, perSecond)
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

/** Sends so many jobs through both hops, as the center gets them; jobs a second. */
async function throughRaw(raw: RawBullmq, shortJobs: ShortJobs, from: number, jobs: number): Promise<number> {
  let sent = from
  const beganMs = performance.now()
  await produce(jobs, () => {
    const job = ++sent
    return raw.send('commands', { commands: [{ id: commandIdOf(job), seq: job, command: shortJobs.command(job) }] })
  })
  await raw.through(from + jobs)
  return (1000 * jobs) / (performance.now() - beganMs)
}
