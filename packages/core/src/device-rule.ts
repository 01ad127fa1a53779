// Which of the pools that a job accepts is tried first, where devices are unlike. Decided once for each shape of request, so that
// it costs nothing in a pass (decisions/008-devices-by-gain.md).

import { entryOf } from './entry.ts'
import type { DeviceRule } from './policy.ts'
import { REFERENCE_SPEED_MILLE } from './speed.ts'

/** What a pool is worth that the rule says nothing of. */
const WORTH_MILLE = 1000
/** Worth and speed are compared by their products, which stay whole in a double. */
export const WORTH_MILLE_MAX = 1_000_000

/** The pools of a request, by index, in the order in which they are tried; speeds stand in the order of the pools given. */
export type PoolOrder = (pools: readonly number[], speedsMille: readonly number[] | undefined) => readonly number[]

export const asRequested: PoolOrder = (pools) => pools

/** `poolNames`: of the center, by index. */
export function poolOrderOf(rule: DeviceRule, poolNames: readonly string[]): PoolOrder {
  if (rule.rule === 'preferred') return asRequested
  const worthMille = poolNames.map(
    (name) => (rule.rule === 'most-good' ? entryOf(rule.worthMille, name) : undefined) ?? WORTH_MILLE,
  )
  return (pools, speedsMille) => {
    const ranked = pools.map((pool, i) => ({ pool, speed: speedsMille?.[i] ?? REFERENCE_SPEED_MILLE }))
    // Sorting is stable: what is equal stays in the job's order.
    ranked.sort((a, b) => b.speed * worthMille[a.pool]! - a.speed * worthMille[b.pool]!)
    return ranked.map(({ pool }) => pool)
  }
}
