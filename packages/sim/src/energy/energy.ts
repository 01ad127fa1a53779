// What a simulation draws from the grid, and what that costs. A node in service draws its idle watts, and each accelerator in use
// adds its own; a node that is down draws nothing. What is kept are node- and accelerator-milliseconds by pool and price, whole
// numbers where accelerators are used whole, so that the energy does not depend on the pieces in which time went by; watts and
// prices come in at the end.
// Cost: O(pools) a change and an hour.

import { type CenterConfig, isCounted, WHOLE_ACCELERATOR_MILLI } from '@dure/core'
import type { Demand } from '../demand.ts'
import type { SimulationObserver } from '../simulate.ts'
import { hourClasses, seasons, slotAt, type Tariff } from './tariff.ts'

export interface EnergyPlan {
  /** Pools that are not named draw nothing. */
  readonly pools: readonly PoolWatts[]
  /** What the site takes from the grid / what its computers draw. */
  readonly pue: number
  readonly tariff: Tariff
  /** Of the grid, at the consumer. */
  readonly tco2ePerMwh: number
  /** Unix time at virtual time 0. */
  readonly startUnixMs: number
}

export interface PoolWatts {
  readonly pool: string
  /** Of a node in service, whatever runs on it. */
  readonly idleWPerNode: number
  /** What one accelerator in use adds. */
  readonly busyWPerAccelerator: number
}

/** Over the span that `Measures` are of. */
export interface EnergyMeasures {
  /** What computers used. */
  readonly itMwh: number
  /** At the meter of the site, as all that follows. */
  readonly energyMwh: number
  readonly powerMwMean: number
  /** The highest draw that lasted any time. */
  readonly powerMwMax: number
  /** By the hour, and the demand charge for the part of a month (730 h) that was measured. */
  readonly energyKrw: number
  readonly tco2e: number
}

export interface Energy {
  readonly observer: SimulationObserver
  /** After the simulation has ended. */
  measures(): EnergyMeasures
}

const SLOTS = seasons.length * hourClasses.length
const W_MS_PER_KWH = 3_600_000_000
const KWH_PER_MWH = 1000
const W_PER_KW = 1000
const W_PER_MW = 1_000_000
const HOUR_MS = 3_600_000
const MONTH_MS = 730 * HOUR_MS

/** What time in service and in use comes to, by pool and within it by slot of the tariff. */
interface Tally {
  readonly nodeMs: Float64Array
  readonly acceleratorMs: Float64Array
  wMax: number
}

/** Measures what jobs of `demand` at a center of `config` draw. Hand `observer` to `simulate`. */
export function openEnergy(
  config: CenterConfig,
  demand: Demand,
  plan: EnergyPlan,
  options: { readonly warmupMs?: number } = {},
): Energy {
  const { idleW, busyW } = wattsOf(config, plan)
  const { tariff, startUnixMs } = plan
  const milliOf = demand.requests.map(({ nodes, acceleratorsMilli }) => nodes * acceleratorsMilli)
  const firstMs = demand.count === 0 ? 0 : demand.submitMs[0]!
  const cutMs = firstMs + (options.warmupMs ?? 0)
  const pools = config.pools.length
  const nodesOn = Float64Array.from(config.pools, (pool) => (isCounted(pool) ? 0 : pool.nodes))
  const states = config.pools.map((pool) => new Uint8Array(isCounted(pool) ? 0 : pool.nodes).fill(1))
  /** In thousandths of an accelerator. */
  const busyMilli = new Float64Array(pools)
  /** By job, while it runs. */
  const poolOf = new Int16Array(demand.count)
  // What comes after the last end is not measured, and nobody knows which end that is before the simulation has.
  const measured = openTally(pools)
  const sinceEnd = openTally(pools)
  let lastMs = firstMs
  let lastEndMs = firstMs
  let isStopped = false
  let slot = 0
  let slotUntilMs = Number.NEGATIVE_INFINITY

  const drawW = (): number => {
    let sum = 0
    for (let pool = 0; pool < pools; pool++) {
      sum += nodesOn[pool]! * idleW[pool]! + (busyMilli[pool]! / WHOLE_ACCELERATOR_MILLI) * busyW[pool]!
    }
    return sum
  }
  const lookUpSlot = (atMs: number): void => {
    const { season, hourClass, untilUnixMs } = slotAt(tariff, startUnixMs + atMs)
    slot = seasons.indexOf(season) * hourClasses.length + hourClasses.indexOf(hourClass)
    slotUntilMs = untilUnixMs - startUnixMs
  }
  /** Accounts for the time in which nothing changed. */
  const advance = (atMs: number): void => {
    let fromMs = Math.max(lastMs, cutMs)
    lastMs = Math.max(lastMs, atMs)
    if (fromMs >= atMs) return
    sinceEnd.wMax = Math.max(sinceEnd.wMax, drawW())
    while (fromMs < atMs) {
      if (fromMs >= slotUntilMs) lookUpSlot(fromMs)
      const toMs = Math.min(atMs, slotUntilMs)
      for (let pool = 0, at = slot; pool < pools; pool++, at += SLOTS) {
        sinceEnd.nodeMs[at]! += nodesOn[pool]! * (toMs - fromMs)
        sinceEnd.acceleratorMs[at]! += (busyMilli[pool]! * (toMs - fromMs)) / WHOLE_ACCELERATOR_MILLI
      }
      fromMs = toMs
    }
  }
  const release = (i: number): void => {
    busyMilli[poolOf[i]!]! -= milliOf[demand.request[i]!]!
  }

  const observer: SimulationObserver = {
    submitted: (_, atMs) => advance(atMs),
    started(i, atMs, pool) {
      advance(atMs)
      poolOf[i] = pool
      busyMilli[pool]! += milliOf[demand.request[i]!]!
    },
    ended(i, startMs, atMs) {
      advance(atMs)
      if (startMs < 0) return
      release(i)
      lastEndMs = atMs
      moveTally(sinceEnd, measured)
    },
    requeued(i, _, atMs) {
      advance(atMs)
      release(i)
    },
    unfinished(_, __, atMs) {
      advance(atMs)
      isStopped = true
      moveTally(sinceEnd, measured)
    },
    stopped(atMs) {
      advance(atMs)
      isStopped = true
      moveTally(sinceEnd, measured)
    },
    node(atMs, pool, node, to) {
      advance(atMs)
      const isOn = to === 'down' ? 0 : 1
      nodesOn[pool]! += isOn - states[pool]![node]!
      states[pool]![node] = isOn
    },
  }

  return {
    observer,
    measures() {
      const spanMs = Math.max(0, (isStopped ? lastMs : lastEndMs) - cutMs)
      let itKwh = 0
      let krw = 0
      for (let at = 0; at < pools * SLOTS; at++) {
        const pool = Math.floor(at / SLOTS)
        const kwh = (measured.nodeMs[at]! * idleW[pool]! + measured.acceleratorMs[at]! * busyW[pool]!) / W_MS_PER_KWH
        itKwh += kwh
        krw += kwh * plan.pue * priceOf(tariff, at % SLOTS)
      }
      const energyMwh = (itKwh * plan.pue) / KWH_PER_MWH
      const maxW = measured.wMax * plan.pue
      return {
        itMwh: itKwh / KWH_PER_MWH,
        energyMwh,
        powerMwMean: spanMs > 0 ? energyMwh / (spanMs / HOUR_MS) : 0,
        powerMwMax: maxW / W_PER_MW,
        energyKrw: krw + (maxW / W_PER_KW) * tariff.demandKrwPerKwMonth * (spanMs / MONTH_MS),
        tco2e: energyMwh * plan.tco2ePerMwh,
      }
    },
  }
}

const priceOf = ({ krwPerKwh }: Tariff, slot: number): number =>
  krwPerKwh[seasons[Math.floor(slot / hourClasses.length)]!][hourClasses[slot % hourClasses.length]!]

function openTally(pools: number): Tally {
  return { nodeMs: new Float64Array(pools * SLOTS), acceleratorMs: new Float64Array(pools * SLOTS), wMax: 0 }
}

function moveTally(from: Tally, to: Tally): void {
  for (let at = 0; at < from.nodeMs.length; at++) {
    to.nodeMs[at]! += from.nodeMs[at]!
    to.acceleratorMs[at]! += from.acceleratorMs[at]!
  }
  to.wMax = Math.max(to.wMax, from.wMax)
  from.nodeMs.fill(0)
  from.acceleratorMs.fill(0)
  from.wMax = 0
}

/** Watts by index of the pool. */
function wattsOf(config: CenterConfig, plan: EnergyPlan): { idleW: Float64Array; busyW: Float64Array } {
  const idleW = new Float64Array(config.pools.length)
  const busyW = new Float64Array(config.pools.length)
  for (const { pool: name, idleWPerNode, busyWPerAccelerator } of plan.pools) {
    const index = config.pools.findIndex((pool) => pool.name === name)
    const pool = config.pools[index]
    if (pool === undefined) throw new RangeError(`center ${config.name} has no pool ${name} to draw power`)
    if (isCounted(pool)) throw new RangeError(`pool ${name} is counted: it has no nodes to draw power`)
    idleW[index] = idleWPerNode
    busyW[index] = busyWPerAccelerator
  }
  return { idleW, busyW }
}
