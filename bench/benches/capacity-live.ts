// The whole live service as the center grows: the same short jobs through the same processes as in `live`, on centers from the
// baseline to twice the goal, with users in proportion. What a job costs here is mostly its way through Redis; how large the
// center is should not be felt.

import { startPrivateRedis } from '@dure/engine/testing'
import type { Size } from '../bounds.ts'
import { writeCenterFile } from '../live/center-file.ts'
import { startLiveCenter } from '../live/live-center.ts'
import { PRODUCERS, ShortJobs } from '../live/short-jobs.ts'
import { modelCenter } from '../model/center.ts'
import { type BenchReport, type Figure, figure, latency } from '../report.ts'
import { median } from '../statistics.ts'

const SIZES = {
  full: {
    capacities: { '0.134 EF': 1, '2 EF': 15, '4 EF': 30 },
    jobs: 10_000,
    rounds: 3,
    arrivals: 1_000,
    perSecond: 200,
  },
  small: { capacities: { '0.134 EF': 1 }, jobs: 100, rounds: 1, arrivals: 10, perSecond: 100 },
} as const

const BASELINE = '0.134 EF'

export async function capacityLive(size: Size): Promise<BenchReport> {
  const { capacities, jobs, rounds, arrivals, perSecond } = SIZES[size]
  const figures: Figure[] = []
  const answers: Record<string, string> = {}
  let baselineRate = 0
  for (const [name, multiple] of Object.entries(capacities)) {
    const redis = await startPrivateRedis({ appendfsync: 'always' })
    try {
      const config = modelCenter(multiple)
      const center = await startLiveCenter(redis.settings(), writeCenterFile(config))
      const shortJobs = new ShortJobs(center, config)
      const rates: number[] = []
      // The first round warms up.
      await shortJobs.through(jobs)
      for (let round = 0; round < rounds; round++) rates.push(await shortJobs.through(jobs))
      const startMs = await shortJobs.latencies(arrivals, perSecond)
      answers[name] = await center.replayed()
      await center.stop()
      if (name === BASELINE) baselineRate = median(rates)
      figures.push(figure(`${name}, submit to completion`, 'jobs/s', rates))
      figures.push(latency(`${name}, submit to start`, 'ms', startMs))
      if (name === BASELINE) continue
      const growth = rates.map((rate) => baselineRate / rate)
      figures.push(figure(`${name}, cost per job / ${BASELINE}`, 'ratio', growth))
    } finally {
      await redis.stop()
    }
  }
  return {
    bench: 'capacity-live',
    size: `${rounds} rounds of ${jobs} jobs from ${PRODUCERS} producers, appendfsync always; latency at ${perSecond} jobs/s`,
    figures,
    answers,
    timed: true,
  }
}
