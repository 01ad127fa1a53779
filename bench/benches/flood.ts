// How much longer a submit takes while somebody else asks fifty times as often as they may: two keys, one API, the same Redis,
// which syncs every write. The quiet times and the flooded ones are measured in turn. Nobody but the flood may be refused,
// and the flood must be, but for what its key may ask.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startApi } from '@dure/api/testing'
import { added, type Flooded, startFlooder } from '@dure/api/testing/flooder'
import { createClient } from '@dure/client'
import { startPrivateRedis } from '@dure/engine/testing'
import type { Size } from '../bounds.ts'
import { type Asked, latenciesAt } from '../http/load.ts'
import { configure } from '../live/configured.ts'
import { modelCenter } from '../model/center.ts'
import { type BenchReport, figure, latency } from '../report.ts'
import { percentile } from '../statistics.ts'

/** Requests a second that a key may make, and of them at once. */
const RATE = 20
const BURST = 10 * RATE
const FLOOD_RATE = 50 * RATE

const SIZES = {
  full: { rounds: 10, seconds: 3 },
  small: { rounds: 1, seconds: 1 },
} as const

export async function flood(size: Size): Promise<BenchReport> {
  const { rounds, seconds } = SIZES[size]
  const config = modelCenter(1)
  const dataDirectory = mkdtempSync(join(tmpdir(), 'dure-bench-flood-'))
  const redis = await startPrivateRedis({ appendfsync: 'always' })
  try {
    const settings = redis.settings()
    await configure(settings, config)
    const environment = { DURE_LOG_LEVEL: 'warn', DURE_KEY_RATE: String(RATE) }
    const api = await startApi({ redis: settings, dataDirectory, environment })
    if (!('url' in api)) throw new Error(`the API ended with ${api.exitCode}: ${api.output}`)
    const [one, other] = config.associations
    const administrator = createClient({ url: api.url, key: api.administratorKey })
    const { key } = await administrator.createKey({ user: one!.user, role: 'researcher' })
    const { key: floodKey } = await administrator.createKey({ user: other!.user, role: 'researcher' })
    const submit: Asked = {
      url: `${api.url}/v1/jobs`,
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ account: one!.account }),
      status: 202,
    }
    const flooder = startFlooder(api.url, floodKey, FLOOD_RATE)
    // Warms up.
    await latenciesAt(RATE, submit, RATE)
    const beganMs = performance.now()

    const quiet: number[] = []
    const flooded: number[] = []
    const told: Flooded[] = []
    for (let round = 0; round < rounds; round++) {
      quiet.push(...(await latenciesAt(RATE, submit, RATE * seconds)))
      const flooding = flooder.flood(FLOOD_RATE * seconds)
      flooded.push(...(await latenciesAt(RATE, submit, RATE * seconds)))
      told.push(await flooding)
    }
    const tookS = (performance.now() - beganMs) / 1000
    flooder.stop()
    const { letIn, refused, other: wrong } = added(told)
    if (wrong > 0 || letIn > BURST + RATE * tookS + 1) {
      throw new Error(`of the flood ${letIn} were let in, ${refused} refused and ${wrong} answered otherwise`)
    }
    await api.stop()
    return {
      bench: 'flood',
      size: `${rounds} times ${seconds} s of ${FLOOD_RATE} requests/s from a key that may make ${RATE}, of which ${letIn} were let in`,
      figures: [
        latency('submit', 'ms', quiet),
        latency('submit beside a flood', 'ms', flooded),
        figure('submit beside a flood / submit, p99', 'ratio', [percentile(flooded, 99) / percentile(quiet, 99)]),
        figure('refused', 'ratio', [refused / (letIn + refused)]),
      ],
      answers: {},
      timed: true,
    }
  } finally {
    await redis.stop()
    rmSync(dataDirectory, { recursive: true, force: true })
  }
}
