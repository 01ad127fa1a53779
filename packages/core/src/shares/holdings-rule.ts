// The share rules that look at what people hold, by the name that a policy gives them.

import { type BorrowingConfig, borrowingRule } from './borrowing.ts'
import { type DemandCappedConfig, demandCappedRule } from './demand-capped.ts'
import { type DivisionConfig, divisionRule } from './division.ts'
import { type DominantShareConfig, dominantShareRule } from './dominant-share.ts'
import type { ShareTree } from './fair-tree.ts'
import type { ShareRule } from './share-rule.ts'

export type HoldingsConfig = DominantShareConfig | BorrowingConfig | DivisionConfig | DemandCappedConfig

/**
 * @param halfLifeMs of the usage that is ranked; 0 or Infinity where it does not decay
 * Throws RangeError where the configuration speaks of an account that the tree has not.
 */
export function holdingsRule(tree: ShareTree, config: HoldingsConfig, halfLifeMs: number): ShareRule {
  switch (config.rule) {
    case 'drf':
    case 'hdrf':
    case 'asset':
      return dominantShareRule(tree, config)
    case 'borrowing':
      return borrowingRule(tree, config)
    case 'division':
      return divisionRule(tree, config, halfLifeMs)
    case 'demand-capped':
      return demandCappedRule(tree, config)
    default: {
      const never: never = config
      return never
    }
  }
}
