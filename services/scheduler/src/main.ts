// The one leader that decides. Any number of these may run on one Redis: one leads, the others stand by.

import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { loadCenter } from '@dure/contract/presets'
import type { CenterConfig } from '@dure/core'
import { Archive, BadConfiguration, fileSegments, lead, openRedisLedger, redisPorts, runService } from '@dure/engine'
import { pino } from 'pino'

/** A dead leader's lease lives this long: what a failover costs, beside recovery. */
const LEASE_TTL_MS = 5_000
const MESSAGES_AT_ONCE = 512

function genesis(preset: string): CenterConfig {
  try {
    return loadCenter(preset)
  } catch (error) {
    throw new BadConfiguration(`DURE_PRESET: ${(error as Error).message}.`)
  }
}

await runService(
  (level) => pino({ name: 'scheduler', level }),
  async ({ settings, redis, logger, signal, ready }) => {
    const config = genesis(settings.preset)
    const ports = await redisPorts(redis, 'scheduler')
    const moved = await openRedisLedger(redis, 'scheduler-segments')
    const { segmentsDirectory, keptEntries } = settings
    const archive =
      segmentsDirectory === undefined
        ? undefined
        : new Archive({ ledger: moved.ledger, segments: fileSegments(segmentsDirectory), keptEntries })
    try {
      ready() // as a stand-by it is of use too
      await lead(
        ports,
        {
          owner: `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`,
          genesis: config,
          genesisMs: Date.now(),
          speed: settings.speed,
          leaseTtlMs: LEASE_TTL_MS,
          concurrency: MESSAGES_AT_ONCE,
          monotonicMs: () => performance.now(),
          logger,
          ...(archive !== undefined && { archive }),
        },
        signal,
      )
    } finally {
      moved.close()
      await ports.close()
    }
  },
)
