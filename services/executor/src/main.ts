// Plays the node agents of all pools. Any number of these may run on one Redis; they share the runs, and take over from
// one another.

import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { execute, redisPorts, runService } from '@dure/engine'
import { pino } from 'pino'

/** Another executor takes over after this and at most a fifth of it more. */
const SILENT_MS_MAX = 10_000
const MESSAGES_AT_ONCE = 64

await runService(
  (level) => pino({ name: 'executor', level }),
  async ({ redis, logger, signal, ready }) => {
    const ports = await redisPorts(redis, 'executor')
    try {
      ready()
      await execute(
        ports,
        {
          owner: `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`,
          kinds: ['gpu', 'npu', 'pim'],
          concurrency: MESSAGES_AT_ONCE,
          silentMsMax: SILENT_MS_MAX,
          monotonicMs: () => performance.now(),
          logger,
        },
        signal,
      )
    } finally {
      await ports.close()
    }
  },
)
