// What the pools of a scenario draw and what their power costs. What a server takes at most is in the catalogue; of that a part is drawn
// by nodes on which nothing runs, which nobody has published.

import {
  acceleratorOf,
  type CheckedPool,
  type CheckedScenario,
  figureOf,
  powerParts,
  serverWattsPerAccelerator,
} from '@dure/contract'
import type { EnergyPlan } from '@dure/sim'

/** What the nodes of a pool draw, in whole watts. */
export interface PoolDraw {
  readonly pool: string
  readonly nodes: number
  /** With all its accelerators at work. */
  readonly nodeW: number
  readonly idleWPerNode: number
  readonly busyWPerAccelerator: number
  /**
   * Where `nodeW` is from.
   * - `scenario`: the pool says it.
   * - `server`: what the usual server takes, by accelerator.
   * - `devices`: what the accelerators take, and a host that is assumed.
   * - `host`: that alone, for nobody has published what the accelerators take.
   */
  readonly basis: 'scenario' | 'server' | 'devices' | 'host'
}

type Power = NonNullable<CheckedScenario['power']>

export function drawOf(pool: CheckedPool, power: Power): PoolDraw {
  const { nodeW, basis } = nodeWatts(pool, power)
  const parts = powerParts(nodeW, power.idle_part.value, pool.accelerators_per_node)
  return { pool: pool.name, nodes: pool.nodes, nodeW, ...parts, basis }
}

function nodeWatts(
  { model, accelerators_per_node: count, node_power }: CheckedPool,
  { host }: Power,
): Pick<PoolDraw, 'nodeW' | 'basis'> {
  if (node_power !== undefined) return { nodeW: node_power.value, basis: 'scenario' }
  const accelerator = acceleratorOf(model)!
  const ofServer = serverWattsPerAccelerator(accelerator)
  if (ofServer !== null) return { nodeW: Math.round(ofServer * count), basis: 'server' }
  const ofDevice = figureOf(accelerator, 'watts')
  if (ofDevice !== null) return { nodeW: Math.round(ofDevice * count + host.value), basis: 'devices' }
  return { nodeW: host.value, basis: 'host' }
}

export function energyPlan({ power, date }: CheckedScenario, draws: readonly PoolDraw[]): EnergyPlan | undefined {
  if (power === undefined) return undefined
  const { tariff } = power
  const inSeasons = (seasons: keyof typeof tariff & `${string}_krw_per_kwh`) => tariff[seasons]
  const ofSeason = (season: 'summer' | 'spring_autumn' | 'winter') => ({
    'off-peak': inSeasons('off_peak_krw_per_kwh')[season],
    mid: inSeasons('mid_krw_per_kwh')[season],
    peak: inSeasons('peak_krw_per_kwh')[season],
  })
  return {
    pools: draws.map(({ pool, idleWPerNode, busyWPerAccelerator }) => ({ pool, idleWPerNode, busyWPerAccelerator })),
    pue: power.pue.value,
    tariff: {
      krwPerKwh: {
        summer: ofSeason('summer'),
        'spring-autumn': ofSeason('spring_autumn'),
        winter: ofSeason('winter'),
      },
      demandKrwPerKwMonth: tariff.demand_krw_per_kw_month,
    },
    tco2ePerMwh: power.tco2e_per_mwh.value,
    startUnixMs: date,
  }
}
