// Max-min shares over unlike accelerators (Gavel), by linear programs. The lowest level is unique; throughputs are compared
// where they are.

import { loadMaxMinSolver, type MaxMinJob } from '@dure/sim'
import { type CaseHead, type CaseKind, difference, listDifferences } from './case.ts'

interface MaxMinCase extends CaseHead {
  readonly water_filling?: boolean
  readonly devices: readonly number[]
  readonly jobs: readonly MaxMinJob[]
  readonly expect: {
    readonly objective: number
    readonly throughput?: readonly number[]
    readonly levels?: readonly number[]
  }
}

const solver = await loadMaxMinSolver()

export const maxMinKind: CaseKind = {
  kind: 'max-min',
  differences({ water_filling = false, devices, jobs, expect }: MaxMinCase) {
    const shares = water_filling ? solver.waterFilled(jobs, devices) : solver.maxMin(jobs, devices)
    return [
      ...difference('the lowest level', shares.objective, expect.objective),
      ...(expect.throughput ? listDifferences('throughputs', shares.throughput, expect.throughput) : []),
      ...(expect.levels ? listDifferences('levels', shares.levels, expect.levels) : []),
    ]
  },
}
