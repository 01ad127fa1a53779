// Slurm's fair share before Fair Tree (`NO_FAIR_TREE`): F = 2^(−UE / S), one half for who has used exactly their share.
// S is a user's share of the whole machine. UE, effective usage, is the user's own part of all usage mixed with that of
// their account, so that a heavy account weighs on its quiet users too. For comparison; Fair Tree decides in Dure.

import { exp2Neg } from '../exponential.ts'
import type { ShareTree } from './fair-tree.ts'

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
    const raw = tree.shares[entry] as number
    const part = Number.isNaN(raw) ? 1 : raw === 0 ? 0 : raw / (tree.sharesOwned[owner] as number)
    const used = own[entry] as number
    shares[entry] = (shares[owner] as number) * part
    usage[entry] = owner === 0 ? used : used + ((usage[owner] as number) - used) * part
  }
  return { shares, usage }
}

/** Fair-share factor from 0 (far over) to 1 (untouched); 0 without shares. */
export const classicFairShare = (effectiveUsage: number, shares: number): number =>
  shares > 0 ? exp2Neg(effectiveUsage / shares) : 0
