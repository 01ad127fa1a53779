// Fair Tree as a share rule.

import { FairTree, type FairTreeMode, type ShareTree } from './fair-tree.ts'
import type { ShareRule } from './share-rule.ts'

/** Fair Tree over the usage of one tree's users; it keeps the order of the last ranking, so the rule belongs to its tree. */
export function fairTreeRule(tree: ShareTree, mode: FairTreeMode): ShareRule {
  const fairTree = new FairTree(tree, mode)
  return {
    movesWith: 'usage',
    rank({ usage }, out) {
      fairTree.rank(usage, out)
    },
  }
}
