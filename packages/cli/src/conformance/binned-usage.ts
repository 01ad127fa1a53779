// Flux's usage: bins of periods gone by, and the jobs of the current one.

import { nodeSeconds, pastUsage } from '@dure/core'
import { type CaseHead, type CaseKind, difference } from './case.ts'

interface BinnedUsageCase extends CaseHead {
  /** Newest first. */
  readonly bins: readonly number[]
  /** What a period leaves. */
  readonly kept: number
  readonly current: readonly { readonly jobs: number; readonly nodes: number; readonly run_s: number }[]
  readonly expect: { readonly past: number; readonly current: number; readonly total: number }
}

export const binnedUsageKind: CaseKind = {
  kind: 'binned-usage',
  differences({ bins, kept, current, expect }: BinnedUsageCase) {
    const past = pastUsage(bins, kept)
    const used = nodeSeconds(
      current.flatMap(({ jobs, nodes, run_s }) => Array.from({ length: jobs }, () => ({ nodes, runS: run_s }))),
    )
    return [
      ...difference('past', past, expect.past),
      ...difference('current', used, expect.current),
      ...difference('total', past + used, expect.total),
    ]
  },
}
