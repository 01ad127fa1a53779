// The same loads through the live service in real time: real processes, a Redis that syncs, every job a submission of its
// own at the moment the published generator makes it, run for as long as it says, and done when its completion is in the
// ledger. This is what the published figures time, but for what `peers.json` says.

import { setTimeout as pause } from 'node:timers/promises'
import type { CenterConfig } from '@dure/core'
import { startPrivateRedis } from '@dure/engine/testing'
import type { Demand } from '@dure/sim'
import type { Size } from '../bounds.ts'
import { writeCenterFile } from '../live/center-file.ts'
import { type LiveCenter, startLiveCenter } from '../live/live-center.ts'
import { fill, kaiCenter, kaiDemand } from '../model/kai-load.ts'
import { baseline, kueueCenter, kueueDemand, largeScale, partOf } from '../model/kueue-load.ts'
import { runLabel, submitCommand } from '../model/submit-command.ts'
import { type BenchReport, type Figure, figure, latency } from '../report.ts'

const SIZES = {
  full: { kueue: { 'kueue baseline': baseline, 'kueue large-scale': largeScale }, kai: fill },
  small: {
    kueue: { 'kueue baseline': partOf(baseline, 1, 2, 0.02), 'kueue large-scale': partOf(largeScale, 1, 4, 0.1) },
    kai: { nodes: 4 },
  },
} as const

/** Submissions under way at one time: a load that comes faster than it is taken in waits at the door, and its clock runs. */
const PRODUCERS = 64

export async function peersLive(size: Size): Promise<BenchReport> {
  const { kueue, kai } = SIZES[size]
  const figures: Figure[] = []
  const answers: Record<string, string> = {}
  for (const [name, load] of Object.entries(kueue)) {
    const config = kueueCenter(load)
    const demand = kueueDemand(config, load)
    answers[name] = await onCenter(config, async (center) => {
      const { beganMs, dueMs } = await submitAll(center, config, demand)
      await center.completed(demand.count)
      const tookMs = performance.now() - beganMs
      figures.push(figure(`${name}, submit to completion`, 'jobs/s', [(1000 * demand.count) / tookMs]))
      figures.push(figure(`${name}, all of it`, 's', [tookMs / 1000]))
      figures.push(
        latency(
          `${name}, due to start`,
          'ms',
          dueMs.map((atMs, i) => center.startedMs(i + 1) - atMs),
        ),
      )
    })
  }
  const config = kaiCenter(kai)
  const demand = kaiDemand(config, kai)
  answers['kai fill'] = await onCenter(config, async (center) => {
    const { beganMs } = await submitAll(center, config, demand)
    await center.started(demand.count)
    const tookMs = performance.now() - beganMs
    figures.push(figure('kai fill, submit to start', 'jobs/s', [(1000 * demand.count) / tookMs]))
    figures.push(figure('kai fill, all of it', 's', [tookMs / 1000]))
  })
  return {
    bench: 'peers-live',
    size: `${Object.keys(answers).join(', ')}; appendfsync always, at most ${PRODUCERS} submissions under way`,
    figures,
    answers,
    timed: true,
  }
}

/** Does something with a new live center, and decides its whole ledger anew. */
async function onCenter(config: CenterConfig, act: (center: LiveCenter) => Promise<void>): Promise<string> {
  const redis = await startPrivateRedis({ appendfsync: 'always' })
  try {
    const center = await startLiveCenter(redis.settings(), writeCenterFile(config))
    await act(center)
    const factsHash = await center.replayed()
    await center.stop()
    return factsHash
  } finally {
    await redis.stop()
  }
}

/** Submits a demand at its own times, from the first on. */
async function submitAll(center: LiveCenter, config: CenterConfig, demand: Demand) {
  const beganMs = performance.now()
  const dueMs = Array.from(demand.submitMs, (atMs) => beganMs + atMs - demand.submitMs[0]!)
  let next = 0
  const producer = async (): Promise<void> => {
    for (let i = next++; i < demand.count; i = next++) {
      const waitMs = dueMs[i]! - performance.now()
      if (waitMs > 1) await pause(waitMs)
      const job = i + 1
      await center.submit(job, submitCommand(config, demand, i, { job, label: runLabel(job, demand.runMs[i]!) }))
    }
  }
  await Promise.all(Array.from({ length: PRODUCERS }, producer))
  return { beganMs, dueMs }
}
