// What a machine costs while it stands there, whatever it is used for: its price spread evenly over some years, and a part of that
// price every year for whoever keeps it running. Energy is reckoned elsewhere, from what it draws.

export interface CostPlan {
  /** Pools that are not named cost nothing. */
  readonly pools: readonly PoolCapex[]
  /** Over so many years the price is spread, from the day a node stands there. */
  readonly amortisedYears: number
  /** Staff, repairs and rooms: a part of the price, every year. */
  readonly upkeepPartPerYear: number
}

export interface PoolCapex {
  readonly pool: string
  /** Its part of server, network and storage included. */
  readonly krwPerAccelerator: number
}

/** Of a pool, accelerators that stood there, in use or not, times how long: `Measures.pools` has it. */
export interface InstalledTime {
  readonly pool: string
  readonly installedAcceleratorMs: number
}

export interface Costs {
  readonly capexKrw: number
  readonly upkeepKrw: number
  readonly energyKrw: number
  /** All of it. */
  readonly krw: number
}

const YEAR_MS = 365 * 86_400_000

export function costsOf(plan: CostPlan, installed: readonly InstalledTime[], energyKrw: number): Costs {
  let priceYears = 0
  for (const { pool, installedAcceleratorMs } of installed) {
    const price = plan.pools.find((one) => one.pool === pool)?.krwPerAccelerator ?? 0
    priceYears += price * (installedAcceleratorMs / YEAR_MS)
  }
  const capexKrw = priceYears / plan.amortisedYears
  const upkeepKrw = priceYears * plan.upkeepPartPerYear
  return { capexKrw, upkeepKrw, energyKrw, krw: capexKrw + upkeepKrw + energyKrw }
}
