// A broken build: commands leave the queue when the leader has them, before the ledger does.

import { setTimeout as pause } from 'node:timers/promises'
import { addWrap } from '../wraps.ts'

/** A message that is done leaves the queue up to a second later. */
const HELD_MS = 2_000

addWrap((ports) => ({
  ...ports,
  commands: {
    ...ports.commands,
    consume: (consumption) =>
      ports.commands.consume({
        ...consumption,
        handler: async (batch) => {
          for (const received of batch) received.settle()
          await pause(HELD_MS)
          await consumption.handler(batch.map((received) => ({ ...received, settle: () => {} })))
        },
      }),
  },
}))
