// What stands there when, what breaks, what is taken out of service on purpose, and how much power there is: a scenario's dates and
// rates as the simulator takes them, in center time.

import type { CheckedPool, CheckedScenario } from '@dure/contract'
import type { PowerPolicy } from '@dure/core'
import { lognormalTo, type Outage, type PowerCap, type ServicePlan } from '@dure/sim'
import type { PoolDraw } from './energy-plan.ts'

const SECOND_MS = 1_000
const DAY_MS = 24 * 3_600_000
/** What is mended sooner was not broken. */
const REPAIR_SHORTEST_S = 60

/** @param pools those that are there at some time of the span */
export function servicePlan(
  scenario: CheckedScenario,
  pools: readonly CheckedPool[],
  draws: readonly PoolDraw[],
): ServicePlan {
  const { date, days } = scenario
  const endMs = days * DAY_MS
  const isWithin = (unixMs: number | undefined): unixMs is number =>
    unixMs !== undefined && unixMs > date && unixMs < date + endMs
  return {
    stays: pools
      .filter(({ arrives, retires }) => isWithin(arrives) || isWithin(retires))
      .map(({ name, nodes, arrives, retires }) => ({
        pool: name,
        firstNode: 0,
        nodes,
        fromMs: isWithin(arrives) ? arrives - date : null,
        untilMs: isWithin(retires) ? retires - date : null,
      })),
    faults: scenario.faults.flatMap(({ name, per, pools: named, per_unit_day, repair }) =>
      pools
        .filter((pool) => named === undefined || named.includes(pool.name))
        .flatMap((pool) => {
          const nodesTogether = { node: 1, leaf: pool.fabric?.leaf_nodes, cluster: pool.nodes }[per]
          if (nodesTogether === undefined) return []
          const repairS = lognormalTo(repair.median / SECOND_MS, repair.longest / SECOND_MS, REPAIR_SHORTEST_S)
          return [{ name: `${name}/${pool.name}`, pool: pool.name, nodesTogether, perUnitDay: per_unit_day, repairS }]
        }),
    ),
    outages: [...plannedOutages(scenario, pools), ...maintenanceWaves(scenario, pools)].filter(
      ({ fromMs, untilMs }) => fromMs < endMs && untilMs > 0,
    ),
    powerCaps: powerCaps(scenario, draws).filter(({ atMs }) => atMs > 0 && atMs < endMs),
  }
}

const plannedOutages = ({ outages, date }: CheckedScenario, pools: readonly CheckedPool[]): Outage[] =>
  outages.flatMap(({ pool: name, nodes, from, for: lastsMs, drain = 0 }) => {
    const pool = pools.find((one) => one.name === name)
    if (pool === undefined) return []
    const fromMs = from - date
    // A pool that a study has made smaller than the outage is out as a whole.
    return [
      {
        pool: name,
        firstNode: 0,
        nodes: Math.min(nodes ?? pool.nodes, pool.nodes),
        fromMs,
        untilMs: fromMs + lastsMs,
        drainMs: drain,
      },
    ]
  })

/** One batch of nodes after the other, each drained before its turn. */
const maintenanceWaves = ({ maintenance, date }: CheckedScenario, pools: readonly CheckedPool[]): Outage[] =>
  maintenance.flatMap(({ pools: named, from, nodes_at_once, each, drain = 0 }) =>
    pools
      .filter((pool) => named === undefined || named.includes(pool.name))
      .flatMap(({ name, nodes }) =>
        Array.from({ length: Math.ceil(nodes / nodes_at_once) }, (_, wave): Outage => {
          const firstNode = wave * nodes_at_once
          const fromMs = from - date + wave * each
          return {
            pool: name,
            firstNode,
            nodes: Math.min(nodes_at_once, nodes - firstNode),
            fromMs,
            untilMs: fromMs + each,
            drainMs: drain,
          }
        }),
      ),
  )

/** Whose watts are counted, and the cap of the first day; undefined where there is none at any time. */
export function powerPolicy(scenario: CheckedScenario, draws: readonly PoolDraw[]): PowerPolicy | undefined {
  const caps = powerCaps(scenario, draws)
  if (caps.length === 0) return undefined
  return {
    capW: caps[0]!.atMs === 0 ? caps[0]!.capW : null,
    pools: Object.fromEntries(
      cappedIn(scenario, draws).map(({ pool, idleWPerNode, busyWPerAccelerator }) => [
        pool,
        { idleWPerNode, busyWPerAccelerator },
      ]),
    ),
  }
}

/** Pools that the caps are meant for. */
const cappedIn = ({ power }: CheckedScenario, draws: readonly PoolDraw[]): readonly PoolDraw[] =>
  draws.filter(({ pool }) => power?.capped_pools?.includes(pool) ?? true)

/** What computers may draw, whenever that changes: of the caps that hold at a moment the lowest. */
function powerCaps(scenario: CheckedScenario, draws: readonly PoolDraw[]): PowerCap[] {
  const { power, date } = scenario
  if (power === undefined || power.caps.length === 0) return []
  const fullW = cappedIn(scenario, draws).reduce((sum, { nodes, nodeW }) => sum + nodes * nodeW, 0)
  const caps = power.caps.map(({ from, until, site, part_of_full }) => ({
    fromMs: from - date,
    untilMs: until === undefined ? Infinity : until - date,
    capW: Math.floor(site === undefined ? (part_of_full ?? 1) * fullW : site / power.pue.value),
  }))
  const moments = new Set([0, ...caps.flatMap(({ fromMs, untilMs }) => [fromMs, untilMs])])
  return [...moments]
    .filter((atMs) => atMs >= 0 && atMs < Infinity)
    .sort((a, b) => a - b)
    .map((atMs): PowerCap => {
      const holding = caps.filter(({ fromMs, untilMs }) => fromMs <= atMs && atMs < untilMs)
      return { atMs, capW: holding.length === 0 ? null : Math.min(...holding.map(({ capW }) => capW)) }
    })
    .filter(({ capW }, index, all) => capW !== (index === 0 ? null : all[index - 1]!.capW))
}
