// HTCondor's negotiator: the order in which matching slots are tried.

import { matchOrder } from '@dure/core'
import { type CaseHead, type CaseKind, listDifferences } from './case.ts'

interface MatchOrderCase extends CaseHead {
  readonly slots: readonly {
    readonly slot: string
    readonly rank_before: number
    readonly rank_of_job: number
    readonly rank_after: number
  }[]
  readonly expect: { readonly order: readonly string[] }
}

export const matchOrderKind: CaseKind = {
  kind: 'match-order',
  differences({ slots, expect }: MatchOrderCase) {
    const order = matchOrder(
      slots.map(({ rank_before, rank_of_job, rank_after }) => ({
        rankBefore: rank_before,
        rankOfJob: rank_of_job,
        rankAfter: rank_after,
      })),
    )
    return listDifferences(
      'order',
      order.map((index) => slots[index]?.slot),
      expect.order,
    )
  },
}
