// What each association should hold in each pool on the average, and how far it is behind. Targets come from outside, as accelerators
// in thousandths (a part of the time times the devices that part is of); who solves for them, and how, is not known here
// (decisions/009-targets-pool-by-pool.md).
//
// For every association and pool with a target a balance is kept: what it was owed less what it has held, in thousandths of an
// accelerator times milliseconds. Both are sums of products of whole numbers, and it goes no further than doubles are exact
// (`BALANCE_MAX`), so that it does not depend on when anybody looked. It is carried from one set of targets to the next, for `MEMORY_ROUNDS` of the new target at most; without a target there is none, and what was is forgotten.
//
// `lag`     balance / target: for how long the association has been owed all of its target and held nothing. Who received least
//           since, divided by what it should have, lags most. Who lags most in one of its pools goes first; where no target
//           says anything everybody lags by 0, and Fair Tree decides.
// `isOwed`  whether an association may start in a pool before those whom it owes: what it holds is below what it should hold,
//           and what it is behind, spread over a round, on top.
//
// Cost: a product at each start and end and each look; a ranking is O(associations × pools).

import { FairTree, type FairTreeMode, type ShareTree } from './fair-tree.ts'
import { FlatPlaces } from './places.ts'
import type { ShareRule } from './share-rule.ts'

export interface TargetsConfig {
  readonly rule: 'targets'
}

/** What an association should hold in a pool on the average; indices are of the configuration. */
export interface Target {
  readonly association: number
  readonly pool: number
  /** Thousandths of an accelerator. */
  readonly acceleratorsMilli: number
}

/** Nobody is owed, or owes, more than its target of so many rounds. */
export const MEMORY_ROUNDS = 24
/** 2^52, which is all of 30,000 accelerators for two days: reached only where rounds are long and targets wide. */
const BALANCE_MAX = 4_503_599_627_370_496

export class TargetBook {
  readonly #associations: number
  readonly #pools: number
  readonly #roundMs: number
  // By association × pool.
  readonly #targetMilli: Float64Array
  readonly #heldMilli: Float64Array
  /** As of `#sinceMs`. */
  readonly #balance: Float64Array
  readonly #sinceMs: Float64Array
  /** By association: in how many pools it has a target. */
  readonly #targets: Int32Array
  /** By association, as `lookAt` found it; 0 without any target. */
  readonly lagMs: Float64Array

  constructor(associations: number, pools: number, roundMs: number) {
    this.#associations = associations
    this.#pools = pools
    this.#roundMs = roundMs
    this.#targetMilli = new Float64Array(associations * pools)
    this.#heldMilli = new Float64Array(associations * pools)
    this.#balance = new Float64Array(associations * pools)
    this.#sinceMs = new Float64Array(associations * pools)
    this.#targets = new Int32Array(associations)
    this.lagMs = new Float64Array(associations)
  }

  /** New targets in the place of all others. */
  set(targets: readonly Target[], nowMs: number): void {
    const before = this.#targetMilli.slice()
    this.#targetMilli.fill(0)
    this.#targets.fill(0)
    for (const { association, pool, acceleratorsMilli } of targets) {
      this.#targetMilli[association * this.#pools + pool] = acceleratorsMilli
      this.#targets[association]!++
    }
    for (let at = 0; at < before.length; at++) {
      const most = MEMORY_ROUNDS * this.#roundMs * this.#targetMilli[at]!
      const balance = this.#balanceAt(at, before[at]!, nowMs)
      this.#balance[at] = Math.min(Math.max(balance, -most), most)
      this.#sinceMs[at] = nowMs
    }
  }

  /** A job of the association starts to hold so much in a pool. */
  started(association: number, pool: number, acceleratorsMilli: number, nowMs: number): void {
    this.#hold(association * this.#pools + pool, acceleratorsMilli, nowMs)
  }

  stopped(association: number, pool: number, acceleratorsMilli: number, nowMs: number): void {
    this.#hold(association * this.#pools + pool, -acceleratorsMilli, nowMs)
  }

  /** Whether the association comes before those who have more than they should in a pool. Of whom no target speaks is never held back. */
  isOwed(association: number, pool: number, nowMs: number): boolean {
    if (this.#targets[association] === 0) return true
    const at = association * this.#pools + pool
    const target = this.#targetMilli[at]!
    if (target === 0) return false
    return this.#roundMs * (target - this.#heldMilli[at]!) + this.#balanceAt(at, target, nowMs) > 0
  }

  /** Brings `lagMs` up to a moment. */
  lookAt(nowMs: number): void {
    for (let association = 0; association < this.#associations; association++) {
      let lagMs = this.#targets[association] === 0 ? 0 : Number.NEGATIVE_INFINITY
      for (let at = association * this.#pools; at < (association + 1) * this.#pools; at++) {
        const target = this.#targetMilli[at]!
        if (target > 0) lagMs = Math.max(lagMs, this.#balanceAt(at, target, nowMs) / target)
      }
      this.lagMs[association] = lagMs
    }
  }

  /** Every target with its balance at a moment, by association, then pool. */
  forEach(nowMs: number, tell: (target: Target, balance: number) => void): void {
    for (let at = 0; at < this.#targetMilli.length; at++) {
      const acceleratorsMilli = this.#targetMilli[at]!
      if (acceleratorsMilli === 0) continue
      const association = Math.floor(at / this.#pools)
      const target = { association, pool: at % this.#pools, acceleratorsMilli }
      tell(target, this.#balanceAt(at, acceleratorsMilli, nowMs))
    }
  }

  /** Takes a target as it was saved. */
  restore({ association, pool, acceleratorsMilli }: Target, balance: number, nowMs: number): void {
    const at = association * this.#pools + pool
    this.#targetMilli[at] = acceleratorsMilli
    this.#targets[association]!++
    this.#balance[at] = balance
    this.#sinceMs[at] = nowMs
  }

  /** What the association should hold in a pool on the average, in thousandths; 0 where no target says anything. */
  targetMilli(association: number, pool: number): number {
    return this.#targetMilli[association * this.#pools + pool]!
  }

  /** What the association holds in a pool, in thousandths. */
  heldMilli(association: number, pool: number): number {
    return this.#heldMilli[association * this.#pools + pool]!
  }

  #hold(at: number, milli: number, nowMs: number): void {
    this.#balance[at] = this.#balanceAt(at, this.#targetMilli[at]!, nowMs)
    this.#sinceMs[at] = nowMs
    this.#heldMilli[at]! += milli
  }

  #balanceAt(at: number, targetMilli: number, nowMs: number): number {
    if (targetMilli === 0) return 0
    const balance = this.#balance[at]! + (targetMilli - this.#heldMilli[at]!) * (nowMs - this.#sinceMs[at]!)
    return Math.min(Math.max(balance, -BALANCE_MAX), BALANCE_MAX)
  }
}

/** Who lags most goes first; of those who lag alike, whose turn it is by Fair Tree. */
export function targetsRule(tree: ShareTree, mode: FairTreeMode): ShareRule {
  const fairTree = new FairTree(tree, mode)
  const fairPlace = new Int32Array(tree.users)
  let lag = new Float64Array(tree.users)
  const places = new FlatPlaces(tree.users, (a, b) => {
    const [lagA, lagB] = [lag[a]!, lag[b]!]
    return lagA === lagB ? fairPlace[a]! - fairPlace[b]! : lagA > lagB ? -1 : 1
  })
  return {
    movesWith: 'usage',
    rank({ usage, lagMs = lag }, out) {
      lag = lagMs as Float64Array<ArrayBuffer>
      fairTree.rank(usage, fairPlace)
      places.write(out)
    },
  }
}
