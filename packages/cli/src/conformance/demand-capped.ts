// Armada's shares of queues by what they ask for, and how far a center is from them.

import { demandCappedShares, fairnessError } from '@dure/core'
import { type CaseHead, type CaseKind, difference } from './case.ts'

type ByQueue = Readonly<Record<string, number>>

interface DemandCappedCase extends CaseHead {
  readonly capacity: number
  /** Without a demand there is no end to it. */
  readonly queues: Readonly<Record<string, { readonly weight: number; readonly demand?: number }>>
  readonly expect: { readonly fair?: ByQueue; readonly demand_capped?: ByQueue; readonly uncapped?: ByQueue }
}

export const demandCappedKind: CaseKind = {
  kind: 'demand-capped',
  differences({ capacity, queues, expect }: DemandCappedCase) {
    const names = Object.keys(queues)
    const all = Object.values(queues)
    const { fair, demandCapped, uncapped } = demandCappedShares(
      Float64Array.from(all, ({ weight }) => weight),
      // Of nothing everybody asks for all.
      Float64Array.from(all, ({ demand = Infinity }) => (capacity === 0 ? 1 : demand / capacity)),
    )
    const differences = (what: string, got: Float64Array, want: ByQueue = {}): string[] =>
      Object.entries(want).flatMap(([name, share]) => difference(`${name}: ${what}`, got[names.indexOf(name)], share))
    return [
      ...differences('fair share', fair, expect.fair),
      ...differences('demand-capped share', demandCapped, expect.demand_capped),
      ...differences('uncapped share', uncapped, expect.uncapped),
    ]
  },
}

interface FairnessErrorCase extends CaseHead {
  /** In parts of the center. */
  readonly queues: Readonly<Record<string, { readonly demand_capped: number; readonly actual: number }>>
  readonly expect: { readonly fairness_error: number }
}

export const fairnessErrorKind: CaseKind = {
  kind: 'fairness-error',
  differences({ queues, expect }: FairnessErrorCase) {
    const all = Object.values(queues)
    const error = fairnessError(
      Float64Array.from(all, ({ demand_capped }) => demand_capped),
      Float64Array.from(all, ({ actual }) => actual),
    )
    return difference('the fairness error', error, expect.fairness_error)
  },
}
