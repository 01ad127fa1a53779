// Who has borrowed least goes first (Kueue's fair sharing): every account has a quota, what its siblings leave of theirs it
// may borrow, and among siblings the turn is of the one whose dominant share of what can be borrowed is least once its next
// job runs. Each account names its best user, and is compared with its siblings by that user's next job, up to the root.
//
// Quotas are given, or follow the shares: an account's part of what its parent has, in whole units, and likewise for its
// users; what rounding leaves stays with the parent, for all to borrow. So nobody waits behind a sibling while below its own
// part. Behind the first in turn stand the others of its account, where Kueue would hold the tournament again.
// Cost: O(entries × resources), and a sort of what moved.

import type { ShareTree } from './fair-tree.ts'
import { TreePlaces } from './places.ts'
import { type QuotaLimits, type QuotaNode, QuotaTree, weightedShare } from './quota-tree.ts'
import type { Claims, ShareRule } from './share-rule.ts'

export interface BorrowingConfig {
  readonly rule: 'borrowing'
  /** By account and resource, for the account and all below it. An account that is not named has its part by shares. */
  readonly quotas?: Readonly<Record<string, Readonly<Record<string, QuotaLimits>>>>
  /** By account: what it borrows counts the less the higher this is. 1 where absent, and for users. */
  readonly weights?: Readonly<Record<string, number>>
}

/** Throws RangeError where the configuration names an account that there is not; the first ranking, a resource. */
export function borrowingRule(tree: ShareTree, config: BorrowingConfig): ShareRule {
  const { quotas = {}, weights = {} } = config
  for (const name of [...Object.keys(quotas), ...Object.keys(weights)]) {
    if (!tree.names.some((known, entry) => known === name && hasQuota(tree, entry))) {
      throw new RangeError(`share rule borrowing: there is no account ${name} with shares of its own`)
    }
  }
  const share = new Float64Array(tree.size)
  const ratio = new Float64Array(tree.size)
  const waits = new Uint8Array(tree.size)
  let capacity = new Float64Array(0)
  let own = new Float64Array(0)
  let more = new Float64Array(0)
  let quotaTree = QuotaTree.of([], [])

  const precedence = (a: number, b: number): number => {
    const byWaiting = (waits[b] as number) - (waits[a] as number)
    if (byWaiting !== 0) return byWaiting
    if (share[a] !== share[b]) return (share[a] as number) < (share[b] as number) ? -1 : 1
    // Those who borrow without any weight are equal but for what they borrow.
    if (share[a] !== Infinity || ratio[a] === ratio[b]) return 0
    return (ratio[a] as number) < (ratio[b] as number) ? -1 : 1
  }
  const places = new TreePlaces(tree, precedence)

  /** Quotas by shares follow the capacity, which drains and returns. */
  const follow = (claims: Claims): void => {
    const isSame =
      capacity.length === claims.capacity.length && capacity.every((whole, i) => whole === claims.capacity[i])
    if (isSame) return
    capacity = claims.capacity.slice()
    own = new Float64Array(tree.size * capacity.length)
    more = new Float64Array(tree.size * capacity.length)
    quotaTree = QuotaTree.of(quotaNodes(tree, config, claims), claims.resources)
  }

  const setUser = ({ next }: Claims, entry: number, user: number): void => {
    const width = capacity.length
    waits[entry] = 0
    for (let column = 0; column < width; column++) {
      const amount = next[user * width + column] as number
      more[entry * width + column] = amount
      if (amount > 0) waits[entry] = 1
    }
  }

  /** Its children come after it in the tree, and are set already. */
  const setAccount = (entry: number): void => {
    const { listed, listStart } = tree
    const end = listStart[entry + 1] as number
    let best = -1
    for (let at = listStart[entry] as number; at < end; at++) {
      const child = listed[at] as number
      if (best < 0 || precedence(child, best) < 0) best = child
    }
    waits[entry] = best < 0 ? 0 : (waits[best] as number)
    const width = capacity.length
    if (best < 0) more.fill(0, entry * width, (entry + 1) * width)
    else quotaTree.carry(more, best, entry)
  }

  return {
    movesWith: 'holdings',
    rank(claims, out) {
      follow(claims)
      const width = capacity.length
      for (let user = 0; user < tree.users; user++) {
        const row = (tree.entryOfUser[user] as number) * width
        for (let column = 0; column < width; column++) own[row + column] = claims.held[user * width + column] as number
      }
      quotaTree.setUsage(own)
      for (let entry = tree.size - 1; entry > 0; entry--) {
        const user = tree.userOf[entry] as number
        if (user >= 0) setUser(claims, entry, user)
        else setAccount(entry)
        ratio[entry] = quotaTree.ratio(entry, more)
        share[entry] = weightedShare(ratio[entry] as number, quotaTree.weight(entry))
      }
      places.write(out)
    },
  }
}

/** An account that stands for something: one with `parent` for shares only groups those that belong to the one above. */
function hasQuota(tree: ShareTree, entry: number): boolean {
  return entry > 0 && (tree.userOf[entry] as number) < 0 && !Number.isNaN(tree.shares[entry])
}

/** The share tree as quotas. A parent keeps what its children's quotas leave of its own. */
function quotaNodes(tree: ShareTree, config: BorrowingConfig, { resources, capacity }: Claims): QuotaNode[] {
  const { quotas = {}, weights = {} } = config
  const width = resources.length
  const given = (entry: number): Readonly<Record<string, QuotaLimits>> =>
    (hasQuota(tree, entry) ? quotas[tree.names[entry] as string] : undefined) ?? {}
  const whole = new Float64Array(tree.size * width)
  whole.set(capacity)
  const kept = whole.slice()
  for (let entry = 1; entry < tree.size; entry++) {
    const owner = tree.owner[entry] as number
    const shares = tree.shares[entry] as number
    // A user with `parent` for shares has no part of its own, and borrows all that it uses.
    const isCounted = shares > 0
    for (let column = 0; column < width; column++) {
      const part = isCounted
        ? Math.floor(((whole[owner * width + column] as number) * shares) / (tree.sharesOwned[owner] as number))
        : 0
      const nominal = given(entry)[resources[column] as string]?.nominal ?? part
      whole[entry * width + column] = nominal
      kept[entry * width + column] = nominal
      kept[owner * width + column] = Math.max(0, (kept[owner * width + column] as number) - nominal)
    }
  }
  return Array.from({ length: tree.size }, (_, entry): QuotaNode => {
    const name = tree.names[entry] as string
    const limits = given(entry)
    const unknown = Object.keys(limits).find((resource) => !resources.includes(resource))
    if (unknown !== undefined) {
      throw new RangeError(
        `share rule borrowing: account ${name} has a quota of ${unknown}, not one of ${resources.join(', ')}`,
      )
    }
    return {
      name,
      parent: tree.owner[entry] as number,
      weight: (hasQuota(tree, entry) ? weights[name] : undefined) ?? 1,
      quota: Object.fromEntries(
        resources.map((resource, column) => [
          resource,
          { ...limits[resource], nominal: kept[entry * width + column] as number },
        ]),
      ),
    }
  })
}
