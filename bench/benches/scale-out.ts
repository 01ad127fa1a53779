// The live service by number of processes: how many jobs a second go from submit to completion with more executors, and through more
// replicas of the API or straight to the queue, and how many rows of a study a second with more workers. All on this machine's loopback,
// with one Redis that syncs every write. There are more processes than cores: what a rate stops at is the cores, and so each stands
// with the CPU time that a thousand jobs cost each kind of process, which is what one would need of a machine of its own.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ApiProcess, startApi } from '@dure/api/testing'
import { createClient } from '@dure/client'
import type { ResultRow, ScenarioFile } from '@dure/contract'
import type { CenterConfig } from '@dure/core'
import type { RedisSettings } from '@dure/engine'
import { type PrivateRedis, startPrivateRedis } from '@dure/engine/testing'
import { inOrder, type Study, studyOf } from '@dure/study'
import { runLocally } from '@dure/study/local'
import type { Size } from '../bounds.ts'
import { cpuMs } from '../cpu-time.ts'
import { type Asked, CONNECTIONS, requestsPerSecond } from '../http/load.ts'
import { writeCenterFile } from '../live/center-file.ts'
import { startLiveCenter } from '../live/live-center.ts'
import { startLiveStudies } from '../live/live-studies.ts'
import { ShortJobs } from '../live/short-jobs.ts'
import { modelCenter } from '../model/center.ts'
import { type BenchReport, type Figure, figure } from '../report.ts'

const SIZES = {
  full: { executors: [1, 2, 4], apis: [0, 1, 2], jobs: 4_000, rounds: 3, workers: [1, 2, 4], loads: 24, days: 6 },
  small: { executors: [2], apis: [2], jobs: 100, rounds: 1, workers: [1], loads: 2, days: 2 },
} as const

export async function scaleOut(size: Size): Promise<BenchReport> {
  const { executors, apis, jobs, rounds, workers, loads, days } = SIZES[size]
  const figures: Figure[] = []
  const answers: Record<string, string> = {}
  for (const replicas of apis) {
    for (const count of executors) {
      const name = `${replicas === 0 ? 'no API' : plural(replicas, 'API')}, ${plural(count, 'executor')}`
      const { rates, cpu, factsHash } = await withRedis((redis) => jobsThrough(redis, replicas, count, jobs, rounds))
      figures.push(figure(`${name}, submit to completion`, 'jobs/s', rates))
      for (const [part, samples] of Object.entries(cpu)) {
        if (samples.length > 0) figures.push(figure(`${name}, CPU of ${part}`, 'ms/1000 jobs', samples))
      }
      answers[name] = factsHash
    }
  }
  const warmUp = studyOfLoads(loads, 0.35, days)
  const study = studyOfLoads(loads, 0.4, days)
  const { signal } = new AbortController()
  const alone = inOrder(study, await runLocally({ study, rows: [], threads: 1, onRow() {}, signal }))
  for (const count of workers) {
    const rates = await withRedis(async (redis) => {
      const studies = await startLiveStudies(redis.settings(), count)
      await studies.rows(warmUp)
      const beganMs = performance.now()
      const rows = await studies.rows(study)
      const rate = (1000 * rows.length) / (performance.now() - beganMs)
      if (decided(rows) !== decided(alone))
        throw new Error(`${plural(count, 'worker')} came to other rows than one thread`)
      await studies.stop()
      return [rate]
    })
    figures.push(figure(`studies, ${plural(count, 'worker')}`, 'rows/s', rates))
  }
  return {
    bench: 'scale-out',
    size: `${rounds} rounds of ${jobs} jobs, ${CONNECTIONS} under way, appendfsync always; a study of ${loads} simulations`,
    figures,
    answers,
    timed: true,
  }
}

const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`

async function withRedis<T>(act: (redis: PrivateRedis) => Promise<T>): Promise<T> {
  const redis = await startPrivateRedis({ appendfsync: 'always' })
  try {
    return await act(redis)
  } finally {
    await redis.stop()
  }
}

interface Throughput {
  readonly rates: number[]
  /** CPU milliseconds that a thousand jobs cost each kind of process, by round; none where the system does not say. */
  readonly cpu: Readonly<Record<string, number[]>>
  readonly factsHash: string
}

/** @param replicas 0: commands go straight to the queue, as an API would send them */
async function jobsThrough(
  redis: PrivateRedis,
  replicas: number,
  executors: number,
  jobs: number,
  rounds: number,
): Promise<Throughput> {
  const settings = redis.settings()
  const config = modelCenter(1)
  const folder = mkdtempSync(join(tmpdir(), 'dure-bench-scale-out-'))
  try {
    const center = await startLiveCenter(settings, writeCenterFile(config), executors)
    const apis = await startApis(settings, folder, replicas)
    const shortJobs = new ShortJobs(center, config)
    const submits = await submitsAt(apis, config)
    let submitted = 0
    const throughApis = async (): Promise<number> => {
      const beganMs = performance.now()
      submitted += jobs
      const [each, connections] = [jobs / replicas, CONNECTIONS / replicas]
      await Promise.all(submits.map((submit) => requestsPerSecond(submit, each, { connections })))
      await center.completed(submitted)
      return (1000 * jobs) / (performance.now() - beganMs)
    }
    const [scheduler, ...executing] = center.pids
    const parts: Readonly<Record<string, readonly number[]>> = {
      ...(replicas > 0 && { APIs: apis.map(({ pid }) => pid) }),
      scheduler: [scheduler!],
      executors: executing,
      Redis: [redis.pid],
      'load itself': [process.pid],
    }
    const rates: number[] = []
    const cpu = Object.fromEntries(Object.keys(parts).map((part) => [part, [] as number[]]))
    // The first round warms up.
    for (let round = 0; round <= rounds; round++) {
      const before = Object.values(parts).map(cpuMs)
      const rate = replicas === 0 ? await shortJobs.through(jobs) : await throughApis()
      if (round === 0) continue
      rates.push(rate)
      Object.entries(parts).forEach(([part, pids], k) => {
        const usedMs = (cpuMs(pids) ?? Number.NaN) - (before[k] ?? Number.NaN)
        if (!Number.isNaN(usedMs)) cpu[part]!.push((1000 * usedMs) / jobs)
      })
    }
    const factsHash = await center.replayed()
    await Promise.all([center.stop(), ...apis.map((api) => api.stop())])
    return { rates, cpu, factsHash }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function startApis(redis: RedisSettings, folder: string, replicas: number): Promise<ApiProcess[]> {
  // One key asks for all of it.
  const environment = { DURE_LOG_LEVEL: 'warn', DURE_KEY_RATE: '0' }
  const started = await Promise.all(
    Array.from({ length: replicas }, (_, i) =>
      startApi({ redis, dataDirectory: join(folder, `api-${i}`), environment }),
    ),
  )
  return started.map((api) => {
    if ('url' in api) return api
    throw new Error(`the API ended with ${api.exitCode}: ${api.output}`)
  })
}

/** The same submit at each replica, with a key that the first has made: all of them know it. */
async function submitsAt(apis: readonly ApiProcess[], { associations }: CenterConfig): Promise<Asked[]> {
  const [first] = apis
  if (first === undefined) return []
  const { account, user } = associations[0]!
  const administrator = createClient({ url: first.url, key: first.administratorKey })
  const { key } = await administrator.createKey({ user, role: 'researcher' })
  const job = { name: 'bench', account, pools: ['h100'], time_limit_ms: 3_600_000, run_time_ms: 1 }
  return apis.map(({ url }) => ({
    url: `${url}/v1/jobs`,
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(job),
    status: 202,
  }))
}

/** Sixteen nodes at so many loads, from one on. */
function studyOfLoads(count: number, from: number, days: number): Study {
  const scenario: ScenarioFile = {
    name: 'scale-out',
    date: '2030-01-07',
    days,
    warmup_days: 1,
    pools: [
      {
        ...{ name: 'h100', model: 'H100', nodes: 16, accelerators_per_node: 8 },
        ...{ cpus_per_node: 96, memory_per_node: '2TiB', assumed: true },
      },
    ],
    accounts: [{ name: 'univ', users: ['kim', 'lee', 'park'] }],
    demand: { load: from },
    study: {
      sweep: [{ field: 'demand.load', values: Array.from({ length: count }, (_, i) => from + i / 40) }],
      policies: ['fairshare'],
      seeds: 1,
    },
  }
  const read = studyOf(scenario)
  if (!read.ok) throw new Error(read.findings.map(({ detail }) => detail).join('; '))
  return read.study
}

/** All columns but the one that depends on the machine. */
const decided = (rows: readonly ResultRow[]): string =>
  JSON.stringify(rows.map(({ sim_jobs_per_second: _, ...row }) => row))
