// The whole live service as the center grows: the same short jobs through the same processes as in `live`, on centers from the
// baseline to twice the goal, with users in proportion, and past ever more jobs that wait. What a job costs here is mostly its way
// through Redis; how large the center is, and its queue, should not be felt.

import { startPrivateRedis } from '@dure/engine/testing'
import type { Size } from '../bounds.ts'
import { queueUp } from '../live/backlog.ts'
import { writeCenterFile } from '../live/center-file.ts'
import { startLiveCenter } from '../live/live-center.ts'
import { PRODUCERS, ShortJobs } from '../live/short-jobs.ts'
import { CAPACITIES, modelCenter } from '../model/center.ts'
import { type BenchReport, type Figure, figure, latency } from '../report.ts'
import { median } from '../statistics.ts'

const BASELINE = '0.134 EF'

const SIZES = {
  full: {
    centers: [
      ...Object.entries(CAPACITIES).map(([name, multiple]) => ({ name, multiple, pending: 0 })),
      ...[1_000, 10_000, 100_000].map((pending) => ({ name: '2 EF', multiple: CAPACITIES['2 EF'], pending })),
    ],
    jobs: 10_000,
    rounds: 3,
    arrivals: 1_000,
    perSecond: 200,
  },
  small: {
    centers: [0, 100].map((pending) => ({ name: BASELINE, multiple: 1, pending })),
    jobs: 100,
    rounds: 1,
    arrivals: 10,
    perSecond: 100,
  },
} as const

export async function capacityLive(size: Size): Promise<BenchReport> {
  const { centers, jobs, rounds, arrivals, perSecond } = SIZES[size]
  const figures: Figure[] = []
  const answers: Record<string, string> = {}
  let baselineRate = 0
  for (const { name: capacity, multiple, pending } of centers) {
    const name = pending === 0 ? capacity : `${capacity}, ${pending} waiting`
    const redis = await startPrivateRedis({ appendfsync: 'always' })
    try {
      const config = modelCenter(multiple)
      const center = await startLiveCenter(redis.settings(), writeCenterFile(config))
      const others = pending === 0 ? 0 : await queueUp(center, config, pending)
      const shortJobs = new ShortJobs(center, config, others)
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
