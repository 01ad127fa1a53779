// Flux's priority of one job.

import { fluxPriority, fluxWeights } from '@dure/core'
import { type CaseHead, type CaseKind, difference } from './case.ts'

interface FluxPriorityCase extends CaseHead {
  /** What differs from Flux's defaults. */
  readonly weights: { readonly queue?: number; readonly bank?: number }
  readonly fair_share: number
  readonly queue: number
  readonly bank: number
  readonly urgency: number
  readonly expect: { readonly priority: number }
}

export const fluxPriorityKind: CaseKind = {
  kind: 'flux-priority',
  differences({ weights, fair_share, queue, bank, urgency, expect }: FluxPriorityCase) {
    const priority = fluxPriority({ ...fluxWeights, ...weights }, { fairShare: fair_share, queue, bank, urgency })
    return difference('priority', priority, expect.priority)
  },
}
