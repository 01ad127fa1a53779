// How late the slowest of many readers of the event stream is, and what they weigh: a live center with an API, and readers on
// connections of their own, as people with the console open are, 32 to a key at most. Jobs come at a quiet rate; every commit
// must reach every reader, once and in order.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startApi } from '@dure/api/testing'
import { createClient } from '@dure/client'
import { redisPorts } from '@dure/engine'
import { startPrivateRedis } from '@dure/engine/testing'
import type { Size } from '../bounds.ts'
import type { Delivery, FanOut } from '../fan-out/readers.ts'
import { writeCenterFile } from '../live/center-file.ts'
import { startLiveCenter } from '../live/live-center.ts'
import { ShortJobs } from '../live/short-jobs.ts'
import { modelCenter } from '../model/center.ts'
import { endProcess, messageOf, startProcess } from '../process.ts'
import { type BenchReport, figure, latency } from '../report.ts'

const SIZES = {
  full: { readers: 2_000, jobs: 40, perSecond: 2 },
  small: { readers: 40, jobs: 5, perSecond: 10 },
} as const

/** Streams that one key may have open. */
const READERS_PER_KEY = 32

export async function fanOut(size: Size): Promise<BenchReport> {
  const { readers, jobs, perSecond } = SIZES[size]
  const config = modelCenter(1)
  const dataDirectory = mkdtempSync(join(tmpdir(), 'dure-bench-fan-out-'))
  const redis = await startPrivateRedis({ appendfsync: 'always' })
  try {
    const settings = redis.settings()
    const center = await startLiveCenter(settings, writeCenterFile(config))
    const api = await startApi({ redis: settings, dataDirectory, environment: { DURE_LOG_LEVEL: 'warn' } })
    if (!('url' in api)) throw new Error(`the API ended with ${api.exitCode}: ${api.output}`)
    const ports = await redisPorts(settings, 'bench')
    const administrator = createClient({ url: api.url, key: api.administratorKey })
    const keys: string[] = []
    for (let i = 0; i * READERS_PER_KEY < readers; i++) {
      keys.push((await administrator.createKey({ user: `reader-${i}`, role: 'operator' })).key)
    }
    const args = [api.url, `${readers}`, `${READERS_PER_KEY}`]
    const child = startProcess(new URL('../fan-out/readers.ts', import.meta.url), args)
    const aloneMb = await residentMb(api.url)
    const beganMs = performance.now()
    const connected = messageOf(child)
    child.send(keys)
    await connected
    const connectedMs = performance.now() - beganMs

    const startMs = await new ShortJobs(center, config).latencies(jobs, perSecond)
    const dueMs = startMs.map((latencyMs, i) => performance.timeOrigin + center.startedMs(i + 1) - latencyMs)
    const told = messageOf(child)
    child.send((await ports.ledger.tail())!.revision)
    const { deliveries } = (await told) as FanOut
    const crowdedMb = await residentMb(api.url)
    const commits = sameForAll(deliveries)
    const factsHash = await center.replayed()
    await Promise.all([center.stop(), api.stop(), endProcess(child), ports.close()])

    // Each row the starts as one reader was told of them.
    const lateness = deliveries.map((got) =>
      got.flatMap(({ job, arrivedMs }) => (job === undefined ? [] : [arrivedMs - dueMs[job - 1]!])),
    )
    const slowest = lateness[0]!.map((_, k) => lateness.reduce((most, row) => Math.max(most, row[k]!), 0))
    return {
      bench: 'fan-out',
      size: `${readers} readers with ${keys.length} keys, ${commits.length} commits of ${jobs} jobs at ${perSecond} a second`,
      figures: [
        latency('submit to start', 'ms', startMs),
        latency('submit to a reader told of the start', 'ms', lateness.flat()),
        latency('submit to the slowest reader', 'ms', slowest),
        figure('all connected', 'ms', [connectedMs]),
        figure('API without readers, resident', 'MB', [aloneMb]),
        figure('API with all readers, resident', 'MB', [crowdedMb]),
      ],
      answers: { ledger: factsHash },
      timed: true,
    }
  } finally {
    await redis.stop()
    rmSync(dataDirectory, { recursive: true, force: true })
  }
}

/** The revisions that every reader got, in order. Throws where two got different ones. */
function sameForAll(deliveries: FanOut['deliveries']): readonly number[] {
  const revisionsOf = (got: readonly Delivery[]): number[] => got.map(({ revision }) => revision)
  const [first, ...others] = deliveries.map(revisionsOf)
  const other = others.findIndex((revisions) => revisions.join() !== first!.join())
  if (other >= 0) throw new Error(`reader ${other + 1} got ${others[other]!.join()}, reader 0 ${first!.join()}`)
  if (first!.length === 0 || first!.some((revision, k) => k > 0 && revision <= first![k - 1]!)) {
    throw new Error(`the readers got the commits ${first!.join()}`)
  }
  return first!
}

async function residentMb(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const bytes = /^process_resident_memory_bytes (\S+)/m.exec(text)?.[1]
  if (bytes === undefined) throw new Error('the API does not say what it weighs')
  return Number(bytes) / 1e6
}
