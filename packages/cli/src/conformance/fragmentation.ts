// Fragmentation (Weng et al., ATC 2023): how much of what is free on a node is of no use to the expected work.

import { Fragmentation } from '@dure/core'
import { type CaseHead, type CaseKind, difference } from './case.ts'

interface FragmentationCase extends CaseHead {
  readonly node: { readonly model: string; readonly cpu_milli: number; readonly left_milli: readonly number[] }
  /** The popularity that is 1 in the source. */
  readonly popularity_of_one: number
  /** A task without a model runs on any. */
  readonly workload: readonly {
    readonly cpu_milli: number
    readonly accelerators_milli: number
    readonly model?: string
    readonly popularity: number
  }[]
  readonly expect: { readonly fragments_milli: number }
}

export const fragmentationKind: CaseKind = {
  kind: 'fragmentation',
  differences({ node, popularity_of_one, workload, expect }: FragmentationCase) {
    const tasks = workload.map(({ cpu_milli, accelerators_milli, model, popularity }) => ({
      cpuMilli: cpu_milli,
      acceleratorsMilli: accelerators_milli,
      popularity,
      // One pool a model.
      ...(model === undefined ? {} : { pools: [model] }),
    }))
    const fragments = new Fragmentation(tasks, node.model).of(node.left_milli, node.cpu_milli, 0)
    return difference('the fragments in thousandths', fragments / popularity_of_one, expect.fragments_milli)
  },
}
