// Kueue's admission fair sharing (KEP-4136): usage is a moving average of what was held at each sampling, and the queue that has
// had least for its weight is admitted next. What is admitted counts at once, before any sampling sees it (the entry penalty):
// otherwise whoever submits in bursts between two samplings would be served before its usage shows.
//
//   A = 1 − 2^(−sampling / half-life),   usage' = (1 − A) · usage + A · held,   penalty = A · requested
//
// Sampled at equal steps it is an average of what is held, and so differs from decayed usage (`usage.ts`), an integral, by the factor
// ln 2 / half-life: the order of users is the same.

import { oneMinusExp2Neg } from '../exponential.ts'
import type { ShareTree } from './fair-tree.ts'
import { FlatPlaces } from './places.ts'
import type { ShareRule } from './share-rule.ts'
import { partsOfTree } from './tree-parts.ts'

/** A: how much one sampling weighs against all before it, 0 to 1. Both times in one unit. */
export const samplingWeight = (sampling: number, halfLife: number): number => oneMinusExp2Neg(sampling / halfLife)

/** Usage after a sampling of weight A that found `held`. */
export const sampledUsage = (weight: number, usage: number, held: number): number =>
  usage - weight * usage + weight * held

/** What is added to usage at once when a job that asks for `requested` is admitted. */
export const entryPenalty = (weight: number, requested: number): number => weight * requested

/** Usage of all resources as one number, for each unit of the queue's weight. Infinity for a queue of weight 0. */
export function weightedUsage(
  usage: Readonly<Record<string, number>>,
  weights: Readonly<Record<string, number>>,
  queueWeight: number,
): number {
  let sum = 0
  // A resource without a weight counts as one of weight 1.
  for (const [resource, used] of Object.entries(usage)) sum += (weights[resource] ?? 1) * used
  return usageForWeight(sum, queueWeight)
}

const usageForWeight = (usage: number, weight: number): number => (weight > 0 ? usage / weight : Infinity)

/**
 * Least usage for its weight first. Kueue's queues stand side by side without accounts above them, so a user weighs what the tree
 * gives it of the whole. Usage here accrues from the moment a job starts, between samplings too, so the rule adds no penalty.
 */
export function admissionFairSharingRule(tree: ShareTree): ShareRule {
  const parts = partsOfTree(tree)
  const weighted = new Float64Array(tree.users)
  const places = new FlatPlaces(tree.users, (a, b) => {
    const [usageA, usageB] = [weighted[a] as number, weighted[b] as number]
    return usageA < usageB ? -1 : usageA > usageB ? 1 : 0
  })
  return {
    movesWith: 'usage',
    rank({ usage }, out) {
      for (let user = 0; user < tree.users; user++) {
        weighted[user] = usageForWeight(usage[user] as number, parts[user] as number)
      }
      places.write(out)
    },
  }
}
