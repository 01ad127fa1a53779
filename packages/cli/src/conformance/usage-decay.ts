// Decay of usage: what is left of one unit after some time in which nothing was used.

import { DecayedUsage, type UsageDecay } from '@dure/core'
import { type CaseHead, type CaseKind, difference } from './case.ts'

interface UsageDecayCase extends CaseHead {
  readonly rule: UsageDecay
  readonly half_life_s: number
  readonly expect: readonly { readonly elapsed_s: number; readonly factor: number }[]
}

const DECIMALS = 10

export const usageDecayKind: CaseKind = {
  kind: 'usage-decay',
  differences({ rule, half_life_s, expect }: UsageDecayCase) {
    const usage = DecayedUsage.create(1, half_life_s * 1000, rule)
    usage.setUsed(0, 1, 0)
    return expect.flatMap(({ elapsed_s, factor }) =>
      difference(`what is left after ${elapsed_s} s`, usage.at(0, elapsed_s * 1000), factor, DECIMALS),
    )
  },
}
