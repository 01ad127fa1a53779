// HTCondor's group quotas: slots of each accounting group as the machine shrinks and grows.

import { type GroupQuota, groupQuotas } from '@dure/core'
import { type CaseHead, type CaseKind, listDifferences } from './case.ts'

interface GroupQuotasCase extends CaseHead {
  readonly slots: number
  readonly quotas: readonly GroupQuota[]
  readonly expect: { readonly slots: readonly number[] }
}

export const groupQuotasKind: CaseKind = {
  kind: 'group-quotas',
  differences({ slots, quotas, expect }: GroupQuotasCase) {
    return listDifferences('slots', groupQuotas(slots, quotas), expect.slots)
  },
}
