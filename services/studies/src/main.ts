// Runs planners' studies, on all cores but the one that talks to Redis. Any number of these may run on one Redis, on any machines; they
// share the units of all studies, and whatever one leaves undone another does.

import { availableParallelism, constants, setPriority } from 'node:os'
import { redisPorts, runService } from '@dure/engine'
import { pino } from 'pino'
import { work } from './work.ts'

await runService(
  (level) => pino({ name: 'studies', level }),
  async ({ redis, logger, signal, ready }) => {
    // On one machine with a center: a study has time, those who wait for a start have not.
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
    const ports = await redisPorts(redis, 'studies')
    try {
      ready()
      await work(ports.studies, { threads: Math.max(1, availableParallelism() - 1), logger }, signal)
    } finally {
      await ports.close()
    }
  },
)
