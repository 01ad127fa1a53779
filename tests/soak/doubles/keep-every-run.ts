// A broken build: an executor that lets go of nothing. What an hour would leave it keeps in seconds, by keeping much beside each run.

import type { Run } from '@dure/engine'
import { addWrap } from '../../chaos/doubles/wraps.ts'

const BESIDE_EACH = 65_536

const kept: { readonly run: Run; readonly beside: readonly number[] }[] = []

addWrap((ports) => ({
  ...ports,
  runs: {
    ...ports.runs,
    consume: (kind, concurrency, handler) =>
      ports.runs.consume(kind, concurrency, async (runs) => {
        for (const run of runs) kept.push({ run, beside: Array<number>(BESIDE_EACH).fill(run.job) })
        await handler(runs)
      }),
  },
}))
