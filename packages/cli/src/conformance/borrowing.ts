// Quotas in cohorts: how much a node has borrowed, and what it could still use.

import { type QuotaLimits, QuotaTree, weightedShare } from '@dure/core'
import { type CaseHead, type CaseKind, difference } from './case.ts'

type Amounts = Readonly<Record<string, number>>

interface BorrowingCase extends CaseHead {
  readonly nodes: readonly {
    readonly name: string
    /** null: a root. */
    readonly parent: string | null
    readonly weight?: number
    readonly quota: Readonly<Record<string, QuotaLimits>>
    readonly usage?: Amounts
  }[]
  /** What is to run on top of the usage. */
  readonly workload?: { readonly node: string; readonly request: Amounts }
  readonly expect: {
    /** Whole thousandths, rounded up as Kueue shows them; `inf` for who borrows without weight. */
    readonly shares?: Readonly<Record<string, { readonly share: number | 'inf'; readonly dominant: string | null }>>
    readonly available?: Readonly<Record<string, Amounts>>
  }
}

export const borrowingKind: CaseKind = {
  kind: 'borrowing',
  differences({ nodes, workload, expect }: BorrowingCase) {
    const columns = [...new Set(nodes.flatMap(({ quota }) => Object.keys(quota)))]
    const indexOf = (name: string | null): number => nodes.findIndex((node) => node.name === name)
    const tree = QuotaTree.of(
      nodes.map(({ name, parent, weight = 1, quota }) => ({ name, parent: indexOf(parent), weight, quota })),
      columns,
    )
    tree.setUsage(Float64Array.from(nodes.flatMap(({ usage = {} }) => columns.map((column) => usage[column] ?? 0))))
    const more = new Float64Array(nodes.length * columns.length)
    if (workload !== undefined) {
      const at = indexOf(workload.node)
      more.set(
        columns.map((column) => workload.request[column] ?? 0),
        at * columns.length,
      )
      for (let node = at; (tree.parent[node] as number) >= 0; node = tree.parent[node] as number) {
        tree.carry(more, node, tree.parent[node] as number)
      }
    }
    const shareOf = (node: number): number | 'inf' => {
      const share = weightedShare(tree.ratio(node, more), tree.weight(node))
      return share === Infinity ? 'inf' : Math.ceil(share)
    }
    return [
      ...Object.entries(expect.shares ?? {}).flatMap(([name, { share, dominant }]) => [
        ...difference(`${name}: share`, shareOf(indexOf(name)), share),
        ...difference(`${name}: dominant resource`, tree.dominant(indexOf(name), more), dominant),
      ]),
      ...Object.entries(expect.available ?? {}).flatMap(([name, amounts]) =>
        Object.entries(amounts).flatMap(([column, want]) =>
          difference(`${name}: available ${column}`, tree.available(indexOf(name), columns.indexOf(column)), want),
        ),
      ),
    ]
  },
}
