// Slurm's fair share before Fair Tree (`NO_FAIR_TREE`): F = 2^(−UE / S), one half for who has used exactly their share.
// S is a user's share of the whole machine. UE, effective usage, is the user's own part of all usage mixed with that of
// their account, so that a heavy account weighs on its quiet users too:
//
//   UE = UA + (UE of the account − UA) · shares ÷ shares of all siblings,   UE = UA directly below the root
//
// Unlike in Fair Tree, a user of a light account may stand behind one of a heavy account. O(entries) and a sort of users.

import { exp2Neg } from '../exponential.ts'
import type { ShareTree } from './fair-tree.ts'
import { FlatPlaces } from './places.ts'
import type { ShareRule } from './share-rule.ts'
import { partOfSiblings } from './tree-parts.ts'

/** What each entry has of the whole: `shares` S and `usage` UE. */
export interface ClassicShares {
  readonly shares: Float64Array
  readonly usage: Float64Array
}

/**
 * Share and effective usage per entry. `usedFraction`: per user, its part of all usage of the machine (0 to 1).
 * A user with `parent` stands as its account does.
 */
export function classicShares(tree: ShareTree, usedFraction: Float64Array): ClassicShares {
  const own = new Float64Array(tree.size)
  const shares = new Float64Array(tree.size)
  const usage = new Float64Array(tree.size)
  tree.sumUsage(usedFraction, own)
  shares[0] = 1
  for (let entry = 1; entry < tree.size; entry++) {
    const owner = tree.owner[entry] as number
    const part = partOfSiblings(tree, entry)
    const used = own[entry] as number
    shares[entry] = (shares[owner] as number) * part
    usage[entry] = owner === 0 ? used : used + ((usage[owner] as number) - used) * part
  }
  return { shares, usage }
}

/** Fair-share factor from 0 (far over) to 1 (untouched); 0 without shares. */
export const classicFairShare = (effectiveUsage: number, shares: number): number =>
  shares > 0 ? exp2Neg(effectiveUsage / shares) : 0

/** Largest factor first. While nobody has used anything, all who have shares are tied. */
export function classicFairShareRule(tree: ShareTree): ShareRule {
  const factor = new Float64Array(tree.users)
  const fraction = new Float64Array(tree.users)
  const places = new FlatPlaces(tree.users, (a, b) => (factor[b] as number) - (factor[a] as number))
  return {
    movesWith: 'usage',
    rank({ usage }, out) {
      let total = 0
      for (let user = 0; user < tree.users; user++) total += usage[user] as number
      for (let user = 0; user < tree.users; user++) fraction[user] = total > 0 ? (usage[user] as number) / total : 0
      const classic = classicShares(tree, fraction)
      tree.entryOfUser.forEach((entry, user) => {
        factor[user] = classicFairShare(classic.usage[entry] as number, classic.shares[entry] as number)
      })
      places.write(out)
    },
  }
}
