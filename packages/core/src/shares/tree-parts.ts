// What part of the center an entry of a share tree is owed, by shares alone.

import type { ShareTree } from './fair-tree.ts'

/** An entry's part of its siblings' shares. A user with `parent` stands for its account, and has the whole of it. */
export function partOfSiblings(tree: ShareTree, entry: number): number {
  const shares = tree.shares[entry] as number
  if (Number.isNaN(shares)) return 1
  return shares === 0 ? 0 : shares / (tree.sharesOwned[tree.owner[entry] as number] as number)
}

/** By user: its part of the whole tree, the product of the parts on the way up. */
export function partsOfTree(tree: ShareTree): Float64Array {
  return Float64Array.from(tree.entryOfUser, (entry) => {
    let part = 1
    for (let at = entry; at > 0; at = tree.owner[at] as number) part *= partOfSiblings(tree, at)
    return part
  })
}
