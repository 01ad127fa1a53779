// How many accelerators are there at which time: those of nodes that have arrived and are not yet taken away, in service or not.

import { type CenterConfig, isCounted } from '@dure/core'
import type { NodeStay } from '../service/service-plan.ts'
import { poolAccelerators } from './capacity.ts'

export interface CapacityChange {
  /** -Infinity: so it is from the beginning. */
  readonly atMs: number
  /** Index into `CenterConfig.pools`. */
  readonly pool: number
  /** Accelerators more, or fewer. */
  readonly by: number
}

/** In order of time; the first of each pool says what it begins with. */
export function capacityChanges(config: CenterConfig, stays: readonly NodeStay[]): CapacityChange[] {
  const changes = config.pools.flatMap((pool, index) => {
    const own = stays.filter((stay) => stay.pool === pool.name)
    if (isCounted(pool) || own.length === 0) return [{ atMs: -Infinity, pool: index, by: poolAccelerators(pool) }]
    const { accelerators } = pool.perNode
    const always = { atMs: -Infinity, pool: index, by: 0 }
    const found: CapacityChange[] = []
    for (let node = 0; node < pool.nodes; node++) {
      const ofNode = own.filter(({ firstNode, nodes }) => firstNode <= node && node < firstNode + nodes)
      const spans = ofNode.length === 0 ? [{ fromMs: null, untilMs: null }] : ofNode
      for (const { fromMs, untilMs } of joined(spans)) {
        if (fromMs === -Infinity) always.by += accelerators
        else found.push({ atMs: fromMs, pool: index, by: accelerators })
        if (untilMs !== Infinity) found.push({ atMs: untilMs, pool: index, by: -accelerators })
      }
    }
    return [always, ...found]
  })
  return changes.sort((a, b) => (a.atMs === b.atMs ? a.pool - b.pool : a.atMs - b.atMs))
}

/** Stays that meet or overlap are one. */
function joined(stays: readonly Pick<NodeStay, 'fromMs' | 'untilMs'>[]): { fromMs: number; untilMs: number }[] {
  const spans: { fromMs: number; untilMs: number }[] = []
  const inOrder = stays
    .map(({ fromMs, untilMs }) => ({ fromMs: fromMs ?? -Infinity, untilMs: untilMs ?? Infinity }))
    .sort((a, b) => (a.fromMs === b.fromMs ? 0 : a.fromMs - b.fromMs))
  for (const span of inOrder) {
    const last = spans.at(-1)
    if (last !== undefined && span.fromMs <= last.untilMs) last.untilMs = Math.max(last.untilMs, span.untilMs)
    else spans.push(span)
  }
  return spans
}
