// KAI's division of one resource among queues: what each gets, and what is left.

import { Division } from '@dure/core'
import { type CaseHead, type CaseKind, difference, listDifferences } from './case.ts'

interface DivisionCase extends CaseHead {
  readonly total: number
  /** How much the past counts; 0 where absent. */
  readonly k?: number
  /** The older first. */
  readonly queues: readonly {
    readonly deserved: number
    readonly request: number
    readonly weight: number
    readonly limit?: number
    readonly priority?: number
    readonly usage?: number
  }[]
  readonly expect: { readonly fair_share: readonly number[]; readonly remaining: number }
}

export const divisionKind: CaseKind = {
  kind: 'division',
  differences({ total, k = 0, queues, expect }: DivisionCase) {
    const column = (value: (queue: DivisionCase['queues'][number]) => number) => Float64Array.from(queues, value)
    const division = new Division(queues.length)
    const remaining = division.divide(
      {
        deserved: column(({ deserved }) => deserved),
        request: column(({ request }) => request),
        limit: column(({ limit = Infinity }) => limit),
        weight: column(({ weight }) => weight),
        priority: column(({ priority = 0 }) => priority),
        usage: column(({ usage = 0 }) => usage),
      },
      Int32Array.from(queues, (_, queue) => queue),
      total,
      k,
      1,
    )
    return [
      ...listDifferences('fair share', division.fairShare, expect.fair_share),
      ...difference('what remains', remaining, expect.remaining),
    ]
  },
}
