// Runs planners' studies, on all cores but the one that talks to Redis. Any number of these may run on one Redis, on any machines; they
// share the units of all studies, and whatever one leaves undone another does.

import { availableParallelism } from 'node:os'
import { redisPorts, runService } from '@dure/engine'
import { pino } from 'pino'
import { work } from './work.ts'

await runService(
  (level) => pino({ name: 'studies', level }),
  async ({ redis, logger, signal, ready }) => {
    const ports = await redisPorts(redis, 'studies')
    try {
      ready()
      await work(ports.studies, { threads: Math.max(1, availableParallelism() - 1), logger }, signal)
    } finally {
      await ports.close()
    }
  },
)
