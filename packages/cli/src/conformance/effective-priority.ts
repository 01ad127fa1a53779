// HTCondor's user priority: how real priority follows what is held, and how slots are divided by effective priority.

import { deservedSlots, realPriority } from '@dure/core'
import { type CaseHead, type CaseKind, difference, listDifferences } from './case.ts'

type EffectivePriorityCase = CaseHead &
  (
    | {
        readonly half_life_s: number
        readonly real_priority: number
        readonly held: number
        readonly elapsed_s: number
        readonly expect: { readonly real_priority: number }
      }
    | {
        readonly slots: number
        /** Who does not say how much it wants, wants all. */
        readonly submitters: readonly {
          readonly real_priority: number
          readonly factor: number
          readonly wanted?: number
        }[]
        readonly expect: { readonly slots: readonly number[] }
      }
  )

export const effectivePriorityKind: CaseKind = {
  kind: 'effective-priority',
  differences(priorityCase: EffectivePriorityCase) {
    if ('submitters' in priorityCase) {
      const { slots, submitters, expect } = priorityCase
      const deserved = deservedSlots(
        slots,
        submitters.map(({ real_priority, factor, wanted = slots }) => ({
          effectivePriority: real_priority * factor,
          wanted,
        })),
      )
      return listDifferences('slots', deserved, expect.slots)
    }
    const { half_life_s, real_priority, held, elapsed_s, expect } = priorityCase
    return difference('real priority', realPriority(real_priority, held, elapsed_s, half_life_s), expect.real_priority)
  },
}
