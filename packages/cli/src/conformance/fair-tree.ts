// Fair Tree: level fair-share and factor of every entry of a share tree.

import { type FairTreeMode, type FairTreeRow, fairTreeOfFile, type ShareAccountNode } from '@dure/core'
import { type CaseHead, type CaseKind, difference } from './case.ts'

interface FairTreeCase extends CaseHead {
  readonly mode: FairTreeMode
  readonly slurm_root: boolean
  readonly tree: ShareAccountNode
  /** A field that the source does not print is absent. */
  readonly expect: { readonly rows: readonly (Pick<FairTreeRow, 'account' | 'user'> & Partial<FairTreeRow>)[] }
}

export const fairTreeKind: CaseKind = {
  kind: 'fair-tree',
  differences({ mode, slurm_root, tree, expect }: FairTreeCase) {
    const computed = new Map(fairTreeOfFile(tree, { mode, slurmRoot: slurm_root }).map((row) => [keyOf(row), row]))
    return expect.rows.flatMap((wanted) => {
      const row = computed.get(keyOf(wanted))
      const name = wanted.user ?? wanted.account
      if (row === undefined) return [`${name}: not ranked`]
      return (['level_fs', 'fair_share'] as const).flatMap((field) =>
        field in wanted ? difference(`${name}: ${field}`, row[field], wanted[field]) : [],
      )
    })
  },
}

const keyOf = ({ account, user }: Pick<FairTreeRow, 'account' | 'user'>): string => JSON.stringify([account, user])
