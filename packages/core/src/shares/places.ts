// From "who of these two goes first" to places in turn, for users side by side and for users of a share tree.
//
// Rankings follow one another closely and differ little, so each sorts what the last one left: O(n) comparisons where
// nothing moved, O(n log n) at worst, and no allocation. The order is total (who compares equal goes by number), so
// what was left over from the last ranking cannot be seen in the result.

import type { ShareTree } from './fair-tree.ts'

/** Negative where a goes first, positive where b does, 0 where they are tied. */
export type Precedence = (a: number, b: number) => number

/** Below this length insertion beats merging. */
const RUN = 8

/** Merge sort of `order[low … high)`; who is tied goes by number. `spare` has room for as many. */
export function sortStanding(
  order: Int32Array,
  low: number,
  high: number,
  precedence: Precedence,
  spare: Int32Array,
): void {
  const precedes = (a: number, b: number): boolean => {
    const compared = precedence(a, b)
    return compared < 0 || (compared === 0 && a < b)
  }
  for (let start = low; start < high; start += RUN) {
    const end = Math.min(start + RUN, high)
    for (let at = start + 1; at < end; at++) {
      const item = order[at] as number
      let hole = at
      for (; hole > start && precedes(item, order[hole - 1] as number); hole--) order[hole] = order[hole - 1] as number
      order[hole] = item
    }
  }
  for (let width = RUN; width < high - low; width *= 2) {
    for (let start = low; start + width < high; start += 2 * width) {
      const middle = start + width
      const end = Math.min(middle + width, high)
      if (precedes(order[middle - 1] as number, order[middle] as number)) continue
      spare.set(order.subarray(start, middle))
      let fromLeft = 0
      let fromRight = middle
      for (let at = start; fromLeft < width; at++) {
        const mine = spare[fromLeft] as number
        if (fromRight < end && precedes(order[fromRight] as number, mine)) order[at] = order[fromRight++] as number
        else {
          order[at] = mine
          fromLeft++
        }
      }
    }
  }
}

/** Places of users who stand side by side, whatever account they are in. */
export class FlatPlaces {
  readonly #precedence: Precedence
  readonly #order: Int32Array
  readonly #spare: Int32Array

  /** @param precedence compares two users */
  constructor(users: number, precedence: Precedence) {
    this.#precedence = precedence
    this.#order = Int32Array.from({ length: users }, (_, user) => user)
    this.#spare = new Int32Array(users)
  }

  /** `out` gets the place of each user: 0 goes first, equal places are ties, no place is left out. */
  write(out: Int32Array): void {
    const order = this.#order
    sortStanding(order, 0, order.length, this.#precedence, this.#spare)
    let place = 0
    for (let at = 0; at < order.length; at++) {
      const user = order[at] as number
      if (at > 0 && this.#precedence(order[at - 1] as number, user) !== 0) place++
      out[user] = place
    }
  }
}

/**
 * Places of users by a walk of their tree, depth first: siblings are compared with each other, and whoever is below the
 * one that goes first goes before all that are below the next. Children of tied accounts are compared as if they were siblings.
 */
export class TreePlaces {
  readonly #tree: ShareTree
  readonly #precedence: Precedence
  /** The same, and of those who are tied users go before accounts, so that tied accounts stand together. */
  readonly #standing: Precedence
  /** As `tree.listed`, each list in its order of the last ranking. */
  readonly #listed: Int32Array
  /** Lists being walked, one after the other; every listed entry enters once a ranking. */
  readonly #order: Int32Array
  readonly #spare: Int32Array
  #top = 0
  #place = 0

  /** @param precedence compares two entries */
  constructor(tree: ShareTree, precedence: Precedence) {
    const { userOf } = tree
    this.#tree = tree
    this.#precedence = precedence
    this.#standing = (a, b) => {
      const compared = precedence(a, b)
      return compared !== 0 ? compared : Number((userOf[a] as number) < 0) - Number((userOf[b] as number) < 0)
    }
    this.#listed = tree.listed.slice()
    this.#order = new Int32Array(tree.listed.length)
    this.#spare = new Int32Array(tree.listed.length)
  }

  /** `out` gets the place of each user: 0 goes first, equal places are ties, no place is left out. */
  write(out: Int32Array): void {
    this.#top = 0
    this.#place = -1
    this.#append(0)
    this.#walk(0, this.#top, 0, false, out)
  }

  #append(account: number): void {
    const { listStart } = this.#tree
    const end = listStart[account + 1] as number
    for (let at = listStart[account] as number; at < end; at++) this.#order[this.#top++] = this.#listed[at] as number
  }

  /**
   * Sorts `#order[low … high)` and gives places to what is in it: the list of `owner`, or, where that is −1, the lists of several.
   * `isTied`: the first of them shares the place that was given last.
   */
  #walk(low: number, high: number, owner: number, isTied: boolean, out: Int32Array): void {
    const order = this.#order
    const { userOf, listStart } = this.#tree
    sortStanding(order, low, high, this.#standing, this.#spare)
    if (owner >= 0) this.#listed.set(order.subarray(low, high), listStart[owner] as number)
    for (let at = low; at < high; at++) {
      const entry = order[at] as number
      const user = userOf[entry] as number
      const tied = at === low ? isTied : this.#precedence(order[at - 1] as number, entry) === 0
      if (user >= 0) {
        if (!tied) this.#place++
        out[user] = this.#place
        continue
      }
      const start = this.#top
      let lists = entry
      this.#append(entry)
      while (at + 1 < high && this.#precedence(entry, order[at + 1] as number) === 0) {
        this.#append(order[++at] as number)
        lists = -1
      }
      this.#walk(start, this.#top, lists, tied, out)
    }
  }
}
