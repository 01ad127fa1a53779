// What stands there on a day, and what it adds up to.

import { type CapacityUnit, capacityOfOne, type FleetPart } from '../catalogue/capacity.ts'
import { acceleratorOf } from '../catalogue/catalogue.ts'
import type { CheckedPool, CheckedScenario } from './scenario-file.ts'

/** Whether a pool stands there at a moment. */
export const standsAt = ({ arrives, retires }: Pick<CheckedPool, 'arrives' | 'retires'>, unixMs: number): boolean =>
  (arrives ?? Number.NEGATIVE_INFINITY) <= unixMs && unixMs < (retires ?? Number.POSITIVE_INFINITY)

/** Accelerators by pool, of those that stand there at a moment. */
export const fleetAt = (
  pools: readonly CheckedPool[],
  unixMs: number,
): (FleetPart & { readonly pool: CheckedPool })[] =>
  pools
    .filter((pool) => standsAt(pool, unixMs))
    .map((pool) => ({ pool, model: pool.model, count: pool.nodes * pool.accelerators_per_node }))

/** What one accelerator of a model counts in a unit; 0 where nobody has published it. */
export function unitsOfOne(model: string, unit: CapacityUnit): number {
  const accelerator = acceleratorOf(model)
  return accelerator === undefined ? 0 : (capacityOfOne(accelerator, unit) ?? 0)
}

/** Exaflops or H100-equivalents that stand there at a moment. */
export const capacityOn = (pools: readonly CheckedPool[], unit: CapacityUnit, unixMs: number): number =>
  fleetAt(pools, unixMs).reduce((sum, { pool, count }) => sum + count * unitsOfOne(pool.model, unit), 0)

/** What one accelerator of a pool has cost, KRW; null where the scenario does not say. */
export function capexOfOne(pool: CheckedPool, cost: CheckedScenario['cost']): number | null {
  const byModel = Object.entries(cost?.capex_krw_per_accelerator ?? {})
  const priced = (name: string) => byModel.find(([model]) => model.toLowerCase() === name.toLowerCase())?.[1]
  return (pool.capex_krw_per_accelerator ?? priced(pool.model) ?? priced('default'))?.value ?? null
}
