// Puts a fitted model to the test: draws as much from it as the log has, and compares.

import { easy } from '@dure/core'
import { type Closeness, closeness } from './closeness.ts'
import { fittedCenter } from './fitted-center.ts'
import { type ObservedJobs, observe } from './observed-jobs.ts'
import { submissions } from './workload.ts'
import type { WorkloadModel } from './workload-model.ts'

export interface FitCheckOptions {
  readonly seed: number
  /** Size of the machine; null: as large as the largest job. */
  readonly processors: number | null
}

/** The log against what its model draws in the same time. */
export function checkFit(model: WorkloadModel, log: ObservedJobs, options: FitCheckOptions): Closeness {
  let largest = options.processors ?? 1
  for (let i = 0; i < log.count; i++) largest = Math.max(largest, log.size[i]!)
  const spanS = log.submitS[log.count - 1]! - log.submitS[0]!
  // What is compared does not depend on the policy: it is what was asked, not what came of it.
  const config = fittedCenter(model, largest, easy)
  const drawn = submissions({ config, seed: options.seed, model, startMs: 0 })
  return closeness(log, observe(drawn, 1000 * spanS), spanS)
}
