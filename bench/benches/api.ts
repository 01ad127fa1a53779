// How many jobs a second the API takes in, beside a bare route with the same schemas that only puts them on a queue: the same
// Redis, which syncs every write, the same body, in turn in one run. Each submit through the API is checked against a key, a
// configuration and its schema, has a number that survives a crash, and is in the queue when it is answered. While this is
// measured nobody takes from either queue; afterwards a scheduler does, and every job that was answered must run once.
//
// Then, with the whole center at work, how long a submit, a list and an explanation take at a rate that callers choose.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startApi } from '@dure/api/testing'
import { createClient } from '@dure/client'
import { startPrivateRedis } from '@dure/engine/testing'
import type { Size } from '../bounds.ts'
import { type Asked, latenciesAt, requestsPerSecond } from '../http/load.ts'
import { writeCenterFile } from '../live/center-file.ts'
import { configure } from '../live/configured.ts'
import { startLiveCenter } from '../live/live-center.ts'
import { modelCenter } from '../model/center.ts'
import { endProcess, messageOf, startProcess } from '../process.ts'
import { type BenchReport, figure, latency } from '../report.ts'

const SIZES = {
  full: { submits: 4_000, keyed: 4_000, rounds: 5, reads: 2_000, arrivals: 1_000, perSecond: 200 },
  small: { submits: 200, keyed: 100, rounds: 1, reads: 100, arrivals: 20, perSecond: 100 },
} as const

const PAGE = 50

export async function api(size: Size): Promise<BenchReport> {
  const { submits, keyed, rounds, reads, arrivals, perSecond } = SIZES[size]
  const config = modelCenter(1)
  const dataDirectory = mkdtempSync(join(tmpdir(), 'dure-bench-api-'))
  const redis = await startPrivateRedis({ appendfsync: 'always' })
  try {
    const settings = redis.settings()
    await configure(settings, config)
    // One key asks for all of it.
    const environment = { DURE_LOG_LEVEL: 'warn', DURE_KEY_RATE: '0' }
    const ours = await startApi({ redis: settings, dataDirectory, environment })
    if (!('url' in ours)) throw new Error(`the API ended with ${ours.exitCode}: ${ours.output}`)
    const bare = startProcess(new URL('../http/bare-route.ts', import.meta.url), [settings.url, settings.prefix])
    const bareUrl = (await messageOf(bare)) as string

    const { account, user } = config.associations[0]!
    const administrator = createClient({ url: ours.url, key: ours.administratorKey })
    const { key } = await administrator.createKey({ user, role: 'researcher' })
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
    const job = { name: 'bench', account, pools: ['h100'], time_limit_ms: 3_600_000, run_time_ms: 1 }
    const submit: Asked = {
      url: `${ours.url}/v1/jobs`,
      method: 'POST',
      headers,
      body: JSON.stringify(job),
      status: 202,
    }
    const bareSubmit: Asked = { ...submit, url: `${bareUrl}/v1/jobs` }

    const dureRates: number[] = []
    const bareRates: number[] = []
    // The first round of each warms up.
    for (let round = 0; round <= rounds; round++) {
      const dureRate = await requestsPerSecond(submit, submits)
      const bareRate = await requestsPerSecond(bareSubmit, submits)
      if (round === 0) continue
      dureRates.push(dureRate)
      bareRates.push(bareRate)
    }
    const keyedRate = await requestsPerSecond(submit, keyed, true)

    const taken = submits * (1 + rounds) + keyed
    const center = await startLiveCenter(settings, writeCenterFile(config))
    await center.completed(taken)
    const held = await administrator.submitJob({ ...job, user, hold: true })
    const list: Asked = { url: `${ours.url}/v1/jobs?limit=${PAGE}`, headers, status: 200 }
    const explain: Asked = { url: `${ours.url}${held.links.explain}`, headers, status: 200 }
    const listRate = await requestsPerSecond(list, reads)
    const explainRate = await requestsPerSecond(explain, reads)
    const submitMs = await latenciesAt(perSecond, submit, arrivals)
    const listMs = await latenciesAt(perSecond, list, arrivals)
    const explainMs = await latenciesAt(perSecond, explain, arrivals)
    const bareMs = await latenciesAt(perSecond, bareSubmit, arrivals)
    const factsHash = await center.replayed()
    await Promise.all([center.stop(), ours.stop(), endProcess(bare)])
    return {
      bench: 'api',
      size: `${rounds} rounds of ${submits} submits on 64 connections, appendfsync always; latencies at ${perSecond} requests/s`,
      figures: [
        figure('submit', 'req/s', dureRates),
        figure('submit, bare route', 'req/s', bareRates),
        figure(
          'submit, dure / bare route',
          'ratio',
          dureRates.map((rate, i) => rate / bareRates[i]!),
        ),
        figure('submit with an Idempotency-Key', 'req/s', [keyedRate]),
        figure(`list of ${PAGE}`, 'req/s', [listRate]),
        figure('explain', 'req/s', [explainRate]),
        latency('submit, at a rate', 'ms', submitMs),
        latency('submit, bare route, at a rate', 'ms', bareMs),
        latency(`list of ${PAGE}, at a rate`, 'ms', listMs),
        latency('explain, at a rate', 'ms', explainMs),
      ],
      answers: { ledger: factsHash },
      timed: true,
    }
  } finally {
    await redis.stop()
    rmSync(dataDirectory, { recursive: true, force: true })
  }
}
