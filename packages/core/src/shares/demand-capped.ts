// Whose next job costs least for its weight goes first (Armada), and what each could claim: its fair share, and what that
// becomes once others leave theirs.
//
//   cost = max over resources of multiplier · held / capacity, the next job included
//
// Demand-capped shares fill a center like water: each round divides what is left by weight among those whose demand is not
// met, and takes back what goes beyond a demand, until no more than 1 % is left or ten rounds are over. `uncapped` is what a
// queue would get if its own demand had no end, so that nobody looks small for asking for little.
// Cost: a ranking O(users × resources) and a sort of what moved; shares O(queues) a round.

import { entryOf } from '../entry.ts'
import type { ShareTree } from './fair-tree.ts'
import { FlatPlaces } from './places.ts'
import type { ShareRule } from './share-rule.ts'
import { partsOfTree } from './tree-parts.ts'

export interface DemandCappedConfig {
  readonly rule: 'demand-capped'
  /** By resource: how much a part of it costs; 1 where absent. */
  readonly multipliers?: Readonly<Record<string, number>>
}

export function demandCappedRule(tree: ShareTree, { multipliers = {} }: DemandCappedConfig): ShareRule {
  const parts = partsOfTree(tree)
  const cost = new Float64Array(tree.users)
  const waits = new Uint8Array(tree.users)
  let price = new Float64Array(0)
  const places = new FlatPlaces(tree.users, (a, b) => {
    if (waits[a] !== waits[b]) return (waits[b] as number) - (waits[a] as number)
    const [costA, costB] = [cost[a] as number, cost[b] as number]
    return costA < costB ? -1 : costA > costB ? 1 : 0
  })
  return {
    movesWith: 'holdings',
    rank({ resources, capacity, held, next }, out) {
      const width = capacity.length
      if (price.length !== width) {
        const unknown = Object.keys(multipliers).find((resource) => !resources.includes(resource))
        if (unknown !== undefined) {
          throw new RangeError(
            `share rule demand-capped: a multiplier of ${unknown}, not one of ${resources.join(', ')}`,
          )
        }
        price = Float64Array.from(resources, (resource) => entryOf(multipliers, resource) ?? 1)
      }
      for (let user = 0; user < tree.users; user++) {
        let most = 0
        waits[user] = 0
        for (let resource = 0; resource < width; resource++) {
          const more = next[user * width + resource] as number
          if (more > 0) waits[user] = 1
          const whole = capacity[resource] as number
          const amount = (held[user * width + resource] as number) + more
          if (whole > 0) most = Math.max(most, ((price[resource] as number) * amount) / whole)
        }
        const part = parts[user] as number
        cost[user] = part === 0 ? Infinity : most / part
      }
      places.write(out)
    },
  }
}

const ROUNDS_MAX = 10
const LEFT_MAX = 0.01

/** By queue, in parts of the whole center. */
export interface DemandCappedShares {
  /** Weight by all weights. */
  readonly fair: Float64Array
  /** What it should have with the demand there is. */
  readonly demandCapped: Float64Array
  /** What it would have if its own demand had no end. */
  readonly uncapped: Float64Array
}

/** @param demand by queue: what it holds and waits for, in parts of the whole center */
export function demandCappedShares(weight: Float64Array, demand: Float64Array): DemandCappedShares {
  const queues = weight.length
  const weightAll = weight.reduce((sum, each) => sum + each, 0)
  const fair = weight.map((each) => (each === 0 ? 0 : each / weightAll))
  const demandCapped = new Float64Array(queues)
  const uncapped = new Float64Array(queues)
  const isMet = new Uint8Array(queues)
  const spare = new Float64Array(queues)
  let left = 1
  for (let round = 0; round < ROUNDS_MAX && left > LEFT_MAX; round++) {
    let weightUnmet = 0
    for (let queue = 0; queue < queues; queue++) if (isMet[queue] === 0) weightUnmet += weight[queue] as number
    for (let queue = 0; queue < queues; queue++) {
      const mine = weight[queue] as number
      if (mine === 0) continue
      const weightWithMine = isMet[queue] === 1 ? weightUnmet + mine : weightUnmet
      // What it leaves itself is not given back to it: with demand without end it would leave nothing.
      uncapped[queue] = (uncapped[queue] as number) + (mine / weightWithMine) * (left - (spare[queue] as number))
    }
    if (weightUnmet === 0) break
    for (let queue = 0; queue < queues; queue++) {
      if (isMet[queue] === 1) continue
      demandCapped[queue] = (demandCapped[queue] as number) + ((weight[queue] as number) / weightUnmet) * left
    }
    left = 0
    for (let queue = 0; queue < queues; queue++) {
      const beyond = Math.max(0, (demandCapped[queue] as number) - (demand[queue] as number))
      spare[queue] = beyond
      if (beyond === 0) continue
      demandCapped[queue] = demand[queue] as number
      isMet[queue] = 1
      left += beyond
    }
  }
  return { fair, demandCapped, uncapped }
}

/** How much of the center is not where it should be: what queues lack of their demand-capped shares. `actual` is what they have, in parts of the center. */
export function fairnessError(demandCapped: Float64Array, actual: Float64Array): number {
  return demandCapped.reduce((sum, owed, queue) => sum + Math.max(0, owed - (actual[queue] as number)), 0)
}
