// Kueue's admission fair sharing: the weight of a sampling, usage after it, the entry penalty, and the order of queues.

import { entryPenalty, sampledUsage, samplingWeight, weightedUsage } from '@dure/core'
import { type CaseHead, type CaseKind, difference, listDifferences } from './case.ts'

type Amounts = Readonly<Record<string, number>>

interface SampledUsageCase extends CaseHead {
  readonly sampling_s: number
  readonly half_life_s: number
  readonly usage?: number
  readonly held?: number
  readonly requested?: number
  readonly resource_weights?: Amounts
  readonly queues?: readonly { readonly name: string; readonly weight: number; readonly usage: Amounts }[]
  readonly expect: {
    readonly sampling_weight?: number
    readonly usage?: number
    readonly entry_penalty?: number
    readonly order?: readonly string[]
  }
}

const DECIMALS = 15

export const sampledUsageKind: CaseKind = {
  kind: 'sampled-usage',
  differences({ sampling_s, half_life_s, usage = 0, held = 0, requested = 0, expect, ...order }: SampledUsageCase) {
    const weight = samplingWeight(sampling_s, half_life_s)
    const { queues = [], resource_weights = {} } = order
    const inOrder = queues
      .map(({ name, weight: own, usage: used }) => ({ name, key: weightedUsage(used, resource_weights, own) }))
      .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    return [
      ...('sampling_weight' in expect
        ? difference('the weight of a sampling', weight, expect.sampling_weight, DECIMALS)
        : []),
      ...('usage' in expect ? difference('usage', sampledUsage(weight, usage, held), expect.usage) : []),
      ...('entry_penalty' in expect
        ? difference('the entry penalty', entryPenalty(weight, requested), expect.entry_penalty)
        : []),
      ...listDifferences(
        'order',
        inOrder.map(({ name }) => name),
        expect.order ?? [],
      ),
    ]
  },
}
