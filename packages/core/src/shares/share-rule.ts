// What a share rule is: whose turn it is among the users of a share tree, from what they used, hold and ask for.

import type { ShareTree } from './fair-tree.ts'

/** What a share rule may look at. Columns are by user of the tree (a fair-share association), or by user × resource, row by row. */
export interface Claims {
  readonly tree: ShareTree
  /** What is divided, in a fixed order: CPU in thousandths of a core, memory in MiB, then accelerators in thousandths by kind. */
  readonly resources: readonly string[]
  /** By resource. */
  readonly capacity: Float64Array
  /** User × resource: what running jobs hold. */
  readonly held: Float64Array
  /** User × resource: what all pending jobs ask for. */
  readonly asked: Float64Array
  /** User × resource: what the first pending job asks for; 0 where there is none. */
  readonly next: Float64Array
  /** By user: decayed usage (accelerator-seconds, or billing units). */
  readonly usage: Float64Array
  /** By user: for how long it has been owed its target; nobody has one where absent. */
  readonly lagMs?: Float64Array
}

export interface ShareRule {
  /** `usage`: the order moves as usage decays and accrues; `holdings`: with every start and end, so it is asked after each start. */
  readonly movesWith: 'usage' | 'holdings'
  /** Writes the place in turn of each user: 0 goes first, equal places are ties, no place is left out. */
  rank(claims: Claims, out: Int32Array): void
}
