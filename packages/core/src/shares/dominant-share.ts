// Who holds least of what it holds most of goes first.
//
// `drf`   Dominant Resource Fairness (Ghodsi et al., NSDI'11): s = max over resources of held / capacity, divided by the
//         user's part of the center by shares; all users side by side.
// `hdrf`  Hierarchical DRF (Bhattacharya et al., SoCC'13, as Volcano has it): the same among siblings of the share tree. What
//         an account is said to hold is scaled: each child counts as if it were as far as the one that is least far, so an
//         account does not lose its turn for a child that got much of something else. Blocked children count as they are, and
//         go last: who asks for nothing more, or for something of which nothing is left.
// `asset` Asset fairness: the sum over resources instead of the greatest. It can give a user less than its part of every
//         resource, and is here to be compared with.
//
// Volcano scales children to the least share; we scale to the least share by weight, which is the same for equal weights
// and keeps a fair account unscaled where they differ. Cost: O(entries × resources), and a sort of what moved.

import type { ShareTree } from './fair-tree.ts'
import { FlatPlaces, TreePlaces } from './places.ts'
import type { Claims, ShareRule } from './share-rule.ts'
import { partOfSiblings, partsOfTree } from './tree-parts.ts'

export interface DominantShareConfig {
  readonly rule: 'drf' | 'hdrf' | 'asset'
}

export function dominantShareRule(tree: ShareTree, { rule }: DominantShareConfig): ShareRule {
  return rule === 'hdrf' ? hierarchicalRule(tree) : flatRule(tree, rule)
}

/** Greatest part that one row of `held` is of `capacity`. A resource that the center has none of counts for nothing. */
function dominantShare(held: Float64Array, row: number, capacity: Float64Array): number {
  let share = 0
  for (let resource = 0; resource < capacity.length; resource++) {
    const whole = capacity[resource] as number
    if (whole > 0) share = Math.max(share, (held[row + resource] as number) / whole)
  }
  return share
}

function assetShare(held: Float64Array, row: number, capacity: Float64Array): number {
  let share = 0
  for (let resource = 0; resource < capacity.length; resource++) {
    const whole = capacity[resource] as number
    if (whole > 0) share += (held[row + resource] as number) / whole
  }
  return share
}

/** A share by weight. Without any weight it is never one's turn before others'. */
const weighted = (share: number, weight: number): number => (weight === 0 ? Infinity : share / weight)

function flatRule(tree: ShareTree, rule: 'drf' | 'asset'): ShareRule {
  const parts = partsOfTree(tree)
  const shareOf = rule === 'drf' ? dominantShare : assetShare
  const share = new Float64Array(tree.users)
  const places = new FlatPlaces(tree.users, (a, b) => {
    const [shareA, shareB] = [share[a] as number, share[b] as number]
    return shareA < shareB ? -1 : shareA > shareB ? 1 : 0
  })
  return {
    movesWith: 'holdings',
    rank({ held, capacity }, out) {
      for (let user = 0; user < tree.users; user++) {
        share[user] = weighted(shareOf(held, user * capacity.length, capacity), parts[user] as number)
      }
      places.write(out)
    },
  }
}

function hierarchicalRule(tree: ShareTree): ShareRule {
  const parts = Float64Array.from({ length: tree.size }, (_, entry) => (entry === 0 ? 1 : partOfSiblings(tree, entry)))
  const share = new Float64Array(tree.size)
  const blocked = new Uint8Array(tree.size)
  let counted = new Float64Array(0)
  let free = new Float64Array(0)

  const places = new TreePlaces(tree, (a, b) => {
    const byBlocked = (blocked[a] as number) - (blocked[b] as number)
    if (byBlocked !== 0) return byBlocked
    const [shareA, shareB] = [share[a] as number, share[b] as number]
    return shareA < shareB ? -1 : shareA > shareB ? 1 : 0
  })

  const setUser = ({ held, next, capacity }: Claims, entry: number, user: number): void => {
    const resources = capacity.length
    let asks = false
    let lacks = false
    for (let resource = 0; resource < resources; resource++) {
      counted[entry * resources + resource] = held[user * resources + resource] as number
      if ((next[user * resources + resource] as number) === 0) continue
      asks = true
      if ((capacity[resource] as number) > 0 && (free[resource] as number) <= 0) lacks = true
    }
    share[entry] = weighted(dominantShare(held, user * resources, capacity), parts[entry] as number)
    blocked[entry] = asks && !lacks ? 0 : 1
  }

  /** Its children come after it in the tree, and are set already. */
  const setAccount = ({ capacity }: Claims, entry: number): void => {
    const resources = capacity.length
    const { listed, listStart } = tree
    const end = listStart[entry + 1] as number
    const row = entry * resources
    let least = Infinity
    let blockedAll = 1
    for (let at = listStart[entry] as number; at < end; at++) {
      const child = listed[at] as number
      if (blocked[child] === 1) continue
      blockedAll = 0
      const childShare = share[child] as number
      if (childShare > 0 && childShare < least) least = childShare
    }
    counted.fill(0, row, row + resources)
    for (let at = listStart[entry] as number; at < end; at++) {
      const child = listed[at] as number
      const childShare = share[child] as number
      const scale = blocked[child] === 1 || childShare <= least ? 1 : least / childShare
      for (let resource = 0; resource < resources; resource++) {
        counted[row + resource] =
          (counted[row + resource] as number) + (counted[child * resources + resource] as number) * scale
      }
    }
    share[entry] = weighted(dominantShare(counted, row, capacity), parts[entry] as number)
    blocked[entry] = blockedAll
  }

  return {
    movesWith: 'holdings',
    rank(claims, out) {
      const { capacity, held } = claims
      const resources = capacity.length
      if (free.length !== resources) {
        counted = new Float64Array(tree.size * resources)
        free = new Float64Array(resources)
      }
      free.set(capacity)
      for (let user = 0; user < tree.users; user++) {
        for (let resource = 0; resource < resources; resource++) {
          free[resource] = (free[resource] as number) - (held[user * resources + resource] as number)
        }
      }
      for (let entry = tree.size - 1; entry >= 0; entry--) {
        const user = tree.userOf[entry] as number
        if (user >= 0) setUser(claims, entry, user)
        else setAccount(claims, entry)
      }
      places.write(out)
    },
  }
}
