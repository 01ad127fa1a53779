// Every share rule there is, as a value of a policy.

import { classicFairShareRule } from './classic-fair-share.ts'
import { effectivePriorityRule } from './effective-priority.ts'
import type { FairTreeMode, ShareTree } from './fair-tree.ts'
import { fairTreeRule } from './fair-tree-rule.ts'
import { type HoldingsConfig, holdingsRule } from './holdings-rule.ts'
import { admissionFairSharingRule } from './sampled-usage.ts'
import type { ShareRule } from './share-rule.ts'
import { type TargetsConfig, targetsRule } from './targets.ts'

/**
 * Whose turn it is among the associations of a center.
 * - `fair-tree`: depth first by level fair-share (Slurm, Flux); what ties mean is `Policy.fairTree`.
 * - `classic`: 2^(−effective usage / shares) (Slurm before 14.11).
 * - `admission`: decayed use over share (Kueue's admission fair sharing).
 * - `effective-priority`: decayed use over share, smallest first (HTCondor).
 * - `drf`, `hdrf`: dominant share, flat or by the tree (Mesos, Volcano); `asset` adds resources up, for comparison.
 * - `borrowing`: quotas that siblings may borrow (Kueue).
 * - `division`: what each is given of the whole, by weight and past use (KAI).
 * - `demand-capped`: cost of what is held with the next job (Armada).
 * - `targets`: how far behind what it should hold by targets that come from outside, pool by pool (Gavel).
 */
export type ShareRuleConfig =
  | { readonly rule: 'fair-tree' }
  | { readonly rule: 'classic' }
  | { readonly rule: 'admission' }
  | { readonly rule: 'effective-priority' }
  | TargetsConfig
  | HoldingsConfig

/** Throws RangeError where the rule's configuration makes no sense for the tree. */
export function shareRuleOf(
  config: ShareRuleConfig,
  tree: ShareTree,
  { fairTree, halfLifeMs }: { readonly fairTree: FairTreeMode; readonly halfLifeMs: number },
): ShareRule {
  switch (config.rule) {
    case 'fair-tree':
      return fairTreeRule(tree, fairTree)
    case 'classic':
      return classicFairShareRule(tree)
    case 'admission':
      return admissionFairSharingRule(tree)
    case 'effective-priority':
      return effectivePriorityRule(tree, halfLifeMs)
    case 'targets':
      return targetsRule(tree, fairTree)
    default:
      return holdingsRule(tree, config, halfLifeMs)
  }
}
