// Slurm's classic fair share: share, effective usage and factor of every entry of a share tree.

import { classicFairShare, classicShares, type ShareAccountNode, ShareTree, shareEntriesOfFile } from '@dure/core'
import { type CaseHead, type CaseKind, difference } from './case.ts'

interface Row {
  readonly account: string
  readonly user: string | null
  readonly shares?: number
  readonly effective_usage?: number
  readonly fair_share?: number
}

interface ClassicFairShareCase extends CaseHead {
  /** Usage of a user is its part of all usage of the machine. */
  readonly tree: ShareAccountNode
  /** A field that the source does not print is absent. */
  readonly expect: { readonly rows: readonly Row[] }
}

export const classicFairShareKind: CaseKind = {
  kind: 'classic-fair-share',
  differences({ tree: root, expect }: ClassicFairShareCase) {
    const { entries, usage } = shareEntriesOfFile(root, { slurmRoot: false })
    const classic = classicShares(ShareTree.ofEntries(entries), usage)
    return expect.rows.flatMap((row) => {
      const name = row.user ?? row.account
      const entry = entries.findIndex(({ name: own, isUser, parent }) =>
        row.user === null
          ? !isUser && own === row.account
          : isUser && own === row.user && entries[parent]?.name === row.account,
      )
      const [shares, used] = [classic.shares[entry], classic.usage[entry]]
      if (shares === undefined || used === undefined) return [`${name}: not in the tree`]
      const computed = { shares, effective_usage: used, fair_share: classicFairShare(used, shares) }
      return (['shares', 'effective_usage', 'fair_share'] as const).flatMap((field) =>
        field in row ? difference(`${name}: ${field}`, computed[field], row[field]) : [],
      )
    })
  },
}
