// Who is owed the next turn: Fair Tree (Cox and Morrison, Slurm 14.11) on a flat share tree.
//
// Among siblings, level fair-share LF = S / U, where S is an entry's part of its siblings' shares and U its part of their
// usage. The tree is walked depth first, larger LF first, so that no account suffers for how its users share among
// themselves; users get ranks N, N−1, … as they are met, and a user's fair-share factor is rank / N.
//
// Ties have two readings (decisions/001-fair-tree-two-readings.md). `slurm` does what the program does: LF in its floating
// point, tied sibling accounts one after the other. `exact` does what its documentation says: LF as exact fractions of
// integers, children of tied sibling accounts ranked together.
//
// Cost of a ranking: O(n log n) in the siblings of each list, no allocation but for comparisons closer than doubles can
// tell. It does not decay usage (`usage.ts`) and does not know jobs.

import type { AccountConfig, AssociationConfig, Shares } from '../account-config.ts'
import { compareExtended, divideExtended, extendedOf } from './extended-precision.ts'

export type FairTreeMode = 'slurm' | 'exact'

/** One entry of a share tree. Entry 0 is the root; a parent stands before its children; users have no children. */
export interface ShareEntry {
  readonly name: string
  readonly isUser: boolean
  /** Index of the parent entry; −1 for the root. */
  readonly parent: number
  readonly shares: Shares
}

/**
 * A share tree as columns. Accounts with `parent` instead of shares are transparent: what is under them belongs to the
 * nearest account above that has shares of its own (or the root), its `owner`, for shares, usage and ranking.
 */
export class ShareTree {
  /** Entries, the root included. */
  readonly size: number
  /** Users, numbered in the order in which they were listed. */
  readonly users: number
  /** Per entry: what it is called. Accounts have names of their own, a user has one name in several accounts. */
  readonly names: readonly string[]
  /** Per entry: number of the user, −1 for an account. */
  readonly userOf: Int32Array
  /** Per user: its entry. */
  readonly entryOfUser: Int32Array
  /** Per entry: raw shares, NaN for `parent`. */
  readonly shares: Float64Array
  /** Per entry: the account whose siblings' list it stands in; −1 for the root. */
  readonly owner: Int32Array
  /** Per entry: sum of the shares in the list it owns. */
  readonly sharesOwned: Float64Array
  /** The list owned by entry e is `listed[listStart[e] … listStart[e + 1])`, in entry order. */
  readonly listed: Int32Array
  readonly listStart: Int32Array

  private constructor(entries: readonly ShareEntry[]) {
    const size = entries.length
    this.size = size
    this.names = entries.map(({ name }) => name)
    this.userOf = new Int32Array(size).fill(-1)
    this.shares = new Float64Array(size)
    this.owner = new Int32Array(size).fill(-1)
    this.sharesOwned = new Float64Array(size)
    this.listStart = new Int32Array(size + 1)
    const users: number[] = []
    entries.forEach((entry, index) => {
      assertEntry(entry, index, entries)
      if (entry.isUser) this.userOf[index] = users.push(index) - 1
      if (index === 0) return
      this.shares[index] = entry.shares === 'parent' ? NaN : entry.shares
      const above = entries[entry.parent] as ShareEntry
      const isSpliced = entry.parent > 0 && above.shares === 'parent'
      const owner = isSpliced ? (this.owner[entry.parent] as number) : entry.parent
      this.owner[index] = owner
      if (entry.shares !== 'parent') this.sharesOwned[owner] = (this.sharesOwned[owner] as number) + entry.shares
    })
    this.users = users.length
    this.entryOfUser = Int32Array.from(users)

    const isListed = (index: number) => index > 0 && (entries[index]?.isUser || entries[index]?.shares !== 'parent')
    for (let index = 1; index < size; index++) {
      if (isListed(index)) {
        const slot = (this.owner[index] as number) + 1
        this.listStart[slot] = (this.listStart[slot] as number) + 1
      }
    }
    for (let slot = 1; slot <= size; slot++) {
      this.listStart[slot] = (this.listStart[slot] as number) + (this.listStart[slot - 1] as number)
    }
    this.listed = new Int32Array(this.listStart[size] as number)
    const next = this.listStart.slice()
    for (let index = 1; index < size; index++) {
      if (!isListed(index)) continue
      const owner = this.owner[index] as number
      const at = next[owner] as number
      this.listed[at] = index
      next[owner] = at + 1
    }
  }

  /**
   * The tree of a center: account i is entry 1 + i, association i is user i and comes after all accounts.
   * Throws RangeError where an account is unknown or listed before its parent, or shares are not a whole number.
   */
  static of(accounts: readonly AccountConfig[], associations: readonly AssociationConfig[]): ShareTree {
    const indexOf = new Map<string, number>()
    const entries: ShareEntry[] = [{ name: 'root', isUser: false, parent: -1, shares: 1 }]
    const under = (account: string | null, child: string): number => {
      const index = account === null ? 0 : indexOf.get(account)
      if (index === undefined) throw new RangeError(`${child}: account ${account} is not listed before it`)
      return index
    }
    for (const { name, parent, shares } of accounts) {
      const index = entries.push({ name, isUser: false, parent: under(parent, `account ${name}`), shares }) - 1
      indexOf.set(name, index)
    }
    for (const { account, user, shares } of associations) {
      entries.push({ name: user, isUser: true, parent: under(account, `user ${user}`), shares })
    }
    return new ShareTree(entries)
  }

  /** A tree from any list of entries, the root first. Throws RangeError where it is none. */
  static ofEntries(entries: readonly ShareEntry[]): ShareTree {
    return new ShareTree(entries)
  }

  /** Entry of account i of a tree built by `ShareTree.of`. */
  entryOfAccount(account: number): number {
    return 1 + account
  }

  /**
   * Usage per entry from usage per user: an account's is that of all under it. Entries in the same order are summed in the
   * same order. Spliced accounts stay at 0, for their users' usage belongs to the owner.
   */
  sumUsage(usage: Float64Array, out: Float64Array): void {
    out.fill(0)
    for (let index = this.size - 1; index > 0; index--) {
      const user = this.userOf[index] as number
      if (user >= 0) out[index] = usage[user] as number
      const owner = this.owner[index] as number
      out[owner] = (out[owner] as number) + (out[index] as number)
    }
  }
}

function assertEntry(entry: ShareEntry, index: number, entries: readonly ShareEntry[]): void {
  const { name, parent, shares } = entry
  if (index === 0) {
    if (parent !== -1 || entry.isUser) throw new RangeError('the first entry of a share tree must be its root account')
    return
  }
  if (!(parent >= 0 && parent < index) || entries[parent]?.isUser !== false) {
    throw new RangeError(`${name}: its parent must be an account listed before it`)
  }
  if (shares !== 'parent' && !(Number.isSafeInteger(shares) && shares >= 0)) {
    throw new RangeError(`${name}: shares must be a whole number or 'parent', not ${shares}`)
  }
}

/** Levels further apart than this factor are in the order of their doubles; nearer ones are compared without rounding. */
const NEAR = 1 + 1 / 0x100_0000_0000

/** Below this length insertion beats merging. */
const RUN = 8

/** Ranks the users of one tree, again and again as their usage changes. */
export class FairTree {
  readonly tree: ShareTree
  readonly mode: FairTreeMode
  /** Per user: rank of the last ranking, N for the first in turn; tied users share theirs. */
  readonly #rankOf: Int32Array
  readonly #usage: Float64Array
  readonly #level: Float64Array
  /** Lists being walked, one after the other; every listed entry enters once a ranking. */
  readonly #order: Int32Array
  readonly #merge: Int32Array
  /** As `tree.listed`, each list in its order of the last ranking: the next one is nearly the same, and then costs little. */
  readonly #listed: Int32Array
  readonly #rounded: Float64Array
  #top = 0
  #rank = 0
  #rankUntied = 0
  #dense = 0
  #denseRank = 0

  constructor(tree: ShareTree, mode: FairTreeMode) {
    this.tree = tree
    this.mode = mode
    this.#rankOf = new Int32Array(tree.users)
    this.#usage = new Float64Array(tree.size)
    this.#level = new Float64Array(tree.size)
    this.#order = new Int32Array(tree.listed.length)
    this.#merge = new Int32Array(tree.listed.length)
    this.#listed = tree.listed.slice()
    this.#rounded = new Float64Array(tree.users)
    this.rank(new Float64Array(tree.users), new Int32Array(tree.users))
  }

  /**
   * Ranks the users by `usage` (per user, in any one unit; mode `exact` rounds it to integers, halves up,
   * and is exact while all of it together stays below 2^53).
   * `out` gets the place in turn per user: 0 goes first, equal places are ties, and no place is left out.
   */
  rank(usage: Float64Array, out: Int32Array): void {
    if (usage.length < this.tree.users || out.length < this.tree.users) {
      throw new RangeError(`ranking ${this.tree.users} users needs as many usages and places`)
    }
    this.#setLevels(usage)
    this.#top = 0
    this.#rank = this.tree.users
    this.#rankUntied = this.tree.users
    this.#dense = -1
    this.#denseRank = -1
    this.#append(0)
    this.#walk(0, this.#top, 0, false, out)
  }

  /** Fair-share factor of a user after the last `rank`: above 0, and 1 for the first in turn. Before any, as if nothing had been used. */
  factor(user: number): number {
    return (this.#rankOf[user] as number) / this.tree.users
  }

  /** Level fair-share of an entry after the last `rank`: Infinity where it has shares and no usage, NaN for the root and accounts with `parent`. */
  level(entry: number): number {
    return this.#level[entry] as number
  }

  #setLevels(usage: Float64Array): void {
    const { tree } = this
    let given = usage
    if (this.mode === 'exact') {
      given = this.#rounded
      for (let user = 0; user < tree.users; user++) given[user] = nearestInteger(usage[user] as number)
    }
    tree.sumUsage(given, this.#usage)
    this.#level[0] = NaN
    for (let index = 1; index < tree.size; index++) this.#level[index] = this.#levelOf(index)
  }

  #levelOf(index: number): number {
    const { tree } = this
    const shares = tree.shares[index] as number
    if (shares === 0) return 0
    const isUser = (tree.userOf[index] as number) >= 0
    if (Number.isNaN(shares)) return isUser ? Infinity : NaN
    const used = this.#usage[index] as number
    if (used === 0) return Infinity
    const owner = tree.owner[index] as number
    return shares / (tree.sharesOwned[owner] as number) / (used / (this.#usage[owner] as number))
  }

  /** Puts the list that `entry` owns on top of the others. */
  #append(entry: number): void {
    const { listStart } = this.tree
    const end = listStart[entry + 1] as number
    for (let at = listStart[entry] as number; at < end; at++) this.#order[this.#top++] = this.#listed[at] as number
  }

  /**
   * Sorts `#order[low … high)` and ranks what is in it: the list of `owner`, or, where that is −1, the lists of several.
   * `isTied`: the list as a whole is tied with what was ranked before.
   */
  #walk(low: number, high: number, owner: number, isTied: boolean, out: Int32Array): void {
    this.#sort(low, high)
    const order = this.#order
    if (owner >= 0) this.#listed.set(order.subarray(low, high), this.tree.listStart[owner] as number)
    for (let at = low; at < high; at++) {
      const entry = order[at] as number
      const tied = at === low ? isTied : this.#compare(order[at - 1] as number, entry) === 0
      const user = this.tree.userOf[entry] as number
      if (user >= 0) {
        if (!tied) this.#rank = this.#rankUntied
        this.#rankUntied -= 1
        this.#rankOf[user] = this.#rank
        if (this.#rank !== this.#denseRank) {
          this.#denseRank = this.#rank
          this.#dense += 1
        }
        out[user] = this.#dense
        continue
      }
      const start = this.#top
      let lists = entry
      this.#append(entry)
      if (this.mode === 'exact') {
        // Users come before accounts of the same level, so tied accounts stand together.
        while (at + 1 < high && this.#compare(entry, order[at + 1] as number) === 0) {
          this.#append(order[++at] as number)
          lists = -1
        }
      }
      this.#walk(start, this.#top, lists, tied, out)
    }
  }

  /** Merge sort of `#order[low … high)`; the order is total, so the result does not depend on the method. */
  #sort(low: number, high: number): void {
    const order = this.#order
    for (let start = low; start < high; start += RUN) {
      const end = Math.min(start + RUN, high)
      for (let at = start + 1; at < end; at++) {
        const entry = order[at] as number
        let hole = at
        for (; hole > start && this.#precedes(entry, order[hole - 1] as number); hole--) {
          order[hole] = order[hole - 1] as number
        }
        order[hole] = entry
      }
    }
    for (let width = RUN; width < high - low; width *= 2) {
      for (let start = low; start + width < high; start += 2 * width) {
        this.#mergeRuns(start, start + width, Math.min(start + 2 * width, high))
      }
    }
  }

  #mergeRuns(low: number, middle: number, high: number): void {
    const order = this.#order
    const left = this.#merge
    if (!this.#precedes(order[middle] as number, order[middle - 1] as number)) return
    left.set(order.subarray(low, middle))
    const leftEnd = middle - low
    let fromLeft = 0
    let fromRight = middle
    for (let at = low; fromLeft < leftEnd; at++) {
      const mine = left[fromLeft] as number
      if (fromRight < high && this.#precedes(order[fromRight] as number, mine)) order[at] = order[fromRight++] as number
      else {
        order[at] = mine
        fromLeft++
      }
    }
  }

  /** Larger level first, then users before accounts, then as listed. */
  #precedes(a: number, b: number): boolean {
    const byLevel = this.#compare(a, b)
    if (byLevel !== 0) return byLevel < 0
    const { userOf } = this.tree
    const isUserA = (userOf[a] as number) >= 0
    if (isUserA !== (userOf[b] as number) >= 0) return isUserA
    return a < b
  }

  /** Negative where a's level is the larger one, 0 where they are tied. */
  #compare(a: number, b: number): number {
    const levelA = this.#level[a] as number
    const levelB = this.#level[b] as number
    if (levelA > levelB * NEAR) return -1
    if (levelB > levelA * NEAR) return 1
    if (levelA === 0 || levelA === Infinity) return 0
    const { tree } = this
    const isSameList = tree.owner[a] === tree.owner[b]
    if (isSameList && tree.shares[a] === tree.shares[b] && this.#usage[a] === this.#usage[b]) return 0
    return this.mode === 'slurm' ? this.#compareAsSlurm(a, b) : this.#compareExactly(a, b, isSameList)
  }

  /** As on x86-64: S is a double; U and S / U are `long double`s. */
  #compareAsSlurm(a: number, b: number): number {
    return compareExtended(this.#slurmLevel(b), this.#slurmLevel(a))
  }

  #slurmLevel(index: number) {
    const owner = this.tree.owner[index] as number
    const s = (this.tree.shares[index] as number) / (this.tree.sharesOwned[owner] as number)
    const u = divideExtended(extendedOf(this.#usage[index] as number), extendedOf(this.#usage[owner] as number))
    return divideExtended(extendedOf(s), u)
  }

  /** Cross-multiplied: (sa / Sa) · (Ua / ua) against (sb / Sb) · (Ub / ub), all integers. Within a list S and U cancel out. */
  #compareExactly(a: number, b: number, isSameList: boolean): number {
    const { tree } = this
    const sharesA = tree.shares[a] as number
    const sharesB = tree.shares[b] as number
    const usedA = this.#usage[a] as number
    const usedB = this.#usage[b] as number
    if (isSameList) {
      const left = sharesA * usedB
      const right = sharesB * usedA
      if (left <= Number.MAX_SAFE_INTEGER && right <= Number.MAX_SAFE_INTEGER) return right - left
    }
    const ownerA = tree.owner[a] as number
    const ownerB = tree.owner[b] as number
    const left = product(sharesA, usedB, tree.sharesOwned[ownerB], this.#usage[ownerA])
    const right = product(sharesB, usedA, tree.sharesOwned[ownerA], this.#usage[ownerB])
    return left > right ? -1 : left < right ? 1 : 0
  }
}

/** Halves go up. Adding ½ first would spoil odd integers past 2^52. */
function nearestInteger(x: number): number {
  const below = Math.floor(x)
  return x - below < 0.5 ? below : below + 1
}

/** A product of integers of any size. */
function product(...factors: readonly (number | undefined)[]): bigint {
  return factors.reduce((sofar, factor) => sofar * BigInt(factor as number), 1n)
}

/** A share tree as people write it in a file, usage included. */
export type ShareNode = ShareAccountNode | ShareUserNode

export interface ShareAccountNode {
  readonly type: 'account'
  readonly name: string
  readonly shares: Shares
  readonly children?: readonly ShareNode[]
}

export interface ShareUserNode {
  readonly type: 'user'
  readonly name: string
  readonly shares: Shares
  /** In any one unit; mode `exact` rounds it to an integer. */
  readonly usage: number
}

/** What `dure fairtree` prints of an entry. Account rows have no user and no factor. */
export interface FairTreeRow {
  readonly account: string
  readonly user: string | null
  /** `inf`: has shares (or `parent`, as a user) and no usage to count. null: an account with `parent`, which has no level. */
  readonly level_fs: number | 'inf' | null
  readonly fair_share: number | null
}

export interface FairTreeOptions {
  readonly mode: FairTreeMode
  /** Adds the user that Slurm puts under the root account by itself: `root`, 1 share, no usage. */
  readonly slurmRoot: boolean
}

/** The entries of a tree of a file in its order, depth first, and what each of its users has used. */
export function shareEntriesOfFile(root: ShareAccountNode, { slurmRoot }: Pick<FairTreeOptions, 'slurmRoot'>) {
  const entries: ShareEntry[] = [{ name: root.name, isUser: false, parent: -1, shares: 1 }]
  const usage: number[] = []
  const list = (node: ShareNode, parent: number): void => {
    const index = entries.push({ name: node.name, isUser: node.type === 'user', parent, shares: node.shares }) - 1
    if (node.type === 'user') usage.push(node.usage)
    else for (const child of node.children ?? []) list(child, index)
  }
  if (slurmRoot) list({ type: 'user', name: 'root', shares: 1, usage: 0 }, 0)
  for (const child of root.children ?? []) list(child, 0)
  return { entries, usage: Float64Array.from(usage) }
}

/** Ranks the tree of a file. Rows in file order, depth first, without the root account; Slurm's own user comes first. */
export function fairTreeOfFile(root: ShareAccountNode, options: FairTreeOptions): FairTreeRow[] {
  const { entries, usage } = shareEntriesOfFile(root, options)
  const tree = ShareTree.ofEntries(entries)
  const fairTree = new FairTree(tree, options.mode)
  fairTree.rank(usage, new Int32Array(tree.users))
  return entries.slice(1).map((entry, at): FairTreeRow => {
    const level = fairTree.level(at + 1)
    const level_fs = level === Infinity ? 'inf' : Number.isNaN(level) ? null : level
    if (!entry.isUser) return { account: entry.name, user: null, level_fs, fair_share: null }
    const account = (entries[entry.parent] as ShareEntry).name
    return { account, user: entry.name, level_fs, fair_share: fairTree.factor(tree.userOf[at + 1] as number) }
  })
}
