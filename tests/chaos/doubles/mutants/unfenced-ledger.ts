// A broken build: the ledger takes what anybody appends, whoever leads and wherever the writer believes it ends.

import { connectPrompt } from '@dure/engine'
import { addWrap } from '../wraps.ts'

addWrap((ports, settings) => {
  const redis = connectPrompt(settings, 'unfenced')
  return {
    ...ports,
    ledger: {
      ...ports.ledger,
      append: async (entry) => {
        for (;;) {
          const epoch = Number(await (await redis).get(`${settings.prefix}epoch`))
          const revision = ((await ports.ledger.tail())?.revision ?? 0) + 1
          const outcome = await ports.ledger.append({ ...entry, epoch, revision })
          // Somebody else was faster.
          if (outcome.kind === 'appended') return outcome
        }
      },
    },
    close: async () => {
      ;(await redis).disconnect()
      await ports.close()
    },
  }
})
