// HTCondor's user priority, where less is better: real priority follows what a user holds, halfway in each half-life,
//
//   RUP(t) = β · RUP(t − δ) + (1 − β) · held,   β = 2^(−δ / half-life),   never below ½
//
// and effective priority EUP = RUP × factor. Users go in order of EUP; where several want the machine, slots are divided in
// proportion to 1 / EUP. (HTCondor manual, user priorities and negotiation; Accountant.cpp.) O(users log users).

import { exp2Neg, LN2, oneMinusExp2Neg } from '../exponential.ts'
import type { ShareTree } from './fair-tree.ts'
import { FlatPlaces } from './places.ts'
import type { ShareRule } from './share-rule.ts'
import { partsOfTree } from './tree-parts.ts'

/** The best real priority there is, and that of a newcomer. */
const REAL_PRIORITY_MIN = 0.5

/** `DEFAULT_PRIO_FACTOR`. */
const FACTOR_DEFAULT = 1000

/** Real priority after `elapsed` in which `held` slots were held; in the unit of `halfLife`. Does not depend on how time is cut up. */
export function realPriority(before: number, held: number, elapsed: number, halfLife: number): number {
  const halfLives = elapsed / halfLife
  return Math.max(REAL_PRIORITY_MIN, before * exp2Neg(halfLives) + held * oneMinusExp2Neg(halfLives))
}

/**
 * Real priority of decayed usage. `usage.ts` integrates what is held, u' = held − (ln 2 / h) · u, and real priority follows it,
 * r' = (ln 2 / h) · (held − r): so r = u · ln 2 / h whenever both began at nothing. HTCondor begins at ½ and keeps the floor
 * in its state, where this applies it to what is read; they differ by less than ½, and by half of that a half-life later.
 */
export const realPriorityOfUsage = (usageAcceleratorS: number, halfLifeS: number): number =>
  Math.max(REAL_PRIORITY_MIN, (usageAcceleratorS * LN2) / halfLifeS)

/**
 * Smallest effective priority first. The factor of a user is 1000 where all have equal shares, and otherwise smaller the larger its
 * share of the whole: who is promised twice as much gets twice the slots at the same real priority. `halfLifeMs`: that of the usage.
 */
export function effectivePriorityRule(tree: ShareTree, halfLifeMs: number): ShareRule {
  if (!(halfLifeMs > 0 && halfLifeMs < Infinity)) {
    throw new RangeError(`half-life ${halfLifeMs} ms: effective priority needs usage that decays; give a half-life`)
  }
  const factor = partsOfTree(tree).map((part) => (part > 0 ? FACTOR_DEFAULT / (part * tree.users) : Infinity))
  const effective = new Float64Array(tree.users)
  const places = new FlatPlaces(tree.users, (a, b) => {
    const [priorityA, priorityB] = [effective[a] as number, effective[b] as number]
    return priorityA < priorityB ? -1 : priorityA > priorityB ? 1 : 0
  })
  return {
    movesWith: 'usage',
    rank({ usage }, out) {
      for (let user = 0; user < tree.users; user++) {
        effective[user] = realPriorityOfUsage(usage[user] as number, halfLifeMs / 1000) * (factor[user] as number)
      }
      places.write(out)
    },
  }
}

export interface Submitter {
  readonly effectivePriority: number
  /** Slots it could use. */
  readonly wanted: number
}

/**
 * Slots each submitter deserves: in proportion to 1 / EUP; what one does not want is divided again among the others. Fractions
 * of a slot stay as they are.
 */
export function deservedSlots(slots: number, submitters: readonly Submitter[]): number[] {
  const deserved = submitters.map(() => 0)
  let open = submitters.map((_, i) => i)
  let left = slots
  while (open.length > 0 && left > 0) {
    const weight = open.reduce((sum, i) => sum + 1 / (submitters[i] as Submitter).effectivePriority, 0)
    const slice = (i: number): number => left / (submitters[i] as Submitter).effectivePriority / weight
    const content = open.filter((i) => (submitters[i] as Submitter).wanted <= slice(i))
    if (content.length === 0) {
      for (const i of open) deserved[i] = slice(i)
      break
    }
    for (const i of content) deserved[i] = (submitters[i] as Submitter).wanted
    left = content.reduce((rest, i) => rest - (deserved[i] as number), left)
    open = open.filter((i) => !content.includes(i))
  }
  return deserved
}
