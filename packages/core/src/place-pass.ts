// A pass over jobs that keep places: conservative backfilling in counted pools (Mu'alem and Feitelson 2001), where each waiting
// job holds the earliest hole there was for its whole time limit, and nobody who comes later can delay it.
//
//   1. A round, once something came free: in turn order each job gives up its place and takes the earliest hole again; the
//      others keep theirs meanwhile, so nobody moves back.
//   2. Newcomers take the earliest hole beside all places, in turn order.
//   3. Whose place is now starts.
//
// Where a host comes too late for a place, time limits have slipped with it, and the places behind may be in the way of what was
// missed. Then all places are given up and taken anew in turn order, before newcomers take theirs: nobody falls behind.
//
// Cost of a round: O(jobs × (jobs + steps of the timetable)); without one, O(jobs · log jobs + newcomers × steps).
//
// This is how the programs work that published schedules come from, to the second (decisions/005-places-are-kept.md).

import { assert } from './assert.ts'
import type { Backlog, Partition, Shape } from './backlog.ts'
import type { StartCause } from './fact.ts'
import type { Jobs } from './jobs.ts'
import type { CountedPool, Place } from './pools/counted-pool.ts'
import type { NodePool } from './pools/node-pool.ts'
import { limitInMs } from './speed.ts'

/**
 * When waiting jobs look for an earlier place than they keep: `due`, once something came free since the last pass. The event
 * rule of published simulators, which makes a round after each termination and none at a submission, says it itself.
 */
export type Round = 'due' | 'always' | 'never'

export interface PlaceContext {
  readonly jobs: Jobs
  readonly backlog: Backlog
  readonly pools: readonly (CountedPool | NodePool)[]
  /** A job is to keep this place, and no other that it had. */
  place(slot: number, pool: number, startMs: number): void
  /** A job keeps its place no longer, and has none. */
  unplace(slot: number): void
  start(slot: number, pool: number, cause: StartCause): void
}

/** A place, and whose pool it is in. */
interface Kept {
  readonly place: Place
  readonly pool: number
}

export class PlacePass {
  readonly #context: PlaceContext

  constructor(context: PlaceContext) {
    this.#context = context
  }

  /** `partitions`: all that share a pool with one of them. `freed`: by pool, whether those who would use it look again. */
  run(partitions: readonly Partition[], nowMs: number, freed: Uint8Array): void {
    const pools = [...new Set(partitions.flatMap((partition) => partition.pools))].sort((a, b) => a - b)
    const newcomers = partitions.flatMap(({ unplaced }) => [...(unplaced as ReadonlySet<number>)])
    for (const pool of pools) this.#pool(pool).beginPass(nowMs)
    const promised = this.#kept(pools)
    if (promised.some(({ place }) => place.startMs < nowMs)) this.#placeAnew(promised)
    else {
      for (const kept of promised) {
        if (this.#shape(kept.place.slot).pools.some((pool) => freed[pool] !== 0)) this.#replace(kept)
      }
    }
    for (const slot of newcomers.sort(this.#byTurn)) this.#placeEarliest(slot)
    const due = this.#kept(pools).filter(({ place }) => place.startMs === nowMs)
    if (due.length === 0) return
    const hadPlace = new Set(promised.map(({ place }) => place.slot))
    for (const { place, pool } of due) {
      const cause = hadPlace.has(place.slot) ? 'reservation' : this.#passesSomebody(place, pool) ? 'backfill' : 'turn'
      this.#context.start(place.slot, pool, cause)
    }
  }

  /** Places of these pools in turn order. */
  #kept(pools: readonly number[]): Kept[] {
    const kept: Kept[] = []
    for (const pool of pools) for (const place of this.#pool(pool).places) kept.push({ place, pool })
    return kept.sort((a, b) => this.#byTurn(a.place.slot, b.place.slot))
  }

  #placeAnew(promised: readonly Kept[]): void {
    for (const { place } of promised) this.#context.unplace(place.slot)
    for (const { place } of promised) this.#placeEarliest(place.slot)
  }

  #placeEarliest(slot: number): void {
    const { pool, startMs } = this.#earliest(slot)
    this.#context.place(slot, pool, startMs)
  }

  /** Gives up a place for the earliest there is, which may be the same. */
  #replace({ place, pool }: Kept): void {
    const { slot } = place
    this.#pool(pool).unkeep(place)
    const best = this.#earliest(slot)
    this.#pool(pool).keep(place)
    if (best.startMs !== place.startMs || best.pool !== pool) this.#context.place(slot, best.pool, best.startMs)
  }

  /** The earliest hole in any of the job's pools; of several, in the pool that is tried first. */
  #earliest(slot: number): { readonly pool: number; readonly startMs: number } {
    const shape = this.#shape(slot)
    const timeLimitMs = this.#context.jobs.timeLimitMs[slot]!
    let best = { pool: -1, startMs: Number.POSITIVE_INFINITY }
    for (const index of shape.tried) {
      const pool = this.#pool(index)
      if (!pool.couldEverFit(shape)) continue
      const startMs = pool.earliestStart(shape, limitInMs(shape, index, timeLimitMs))
      if (startMs < best.startMs) best = { pool: index, startMs }
    }
    return best
  }

  #passesSomebody(place: Place, pool: number): boolean {
    return this.#pool(pool).places.some(
      (other) => other.startMs > place.startMs && this.#byTurn(other.slot, place.slot) < 0,
    )
  }

  #pool(index: number): CountedPool {
    const pool = this.#context.pools[index]!
    assert(pool.counted, 'places are kept where counting is enough')
    return pool
  }

  #shape(slot: number): Shape {
    const { jobs, backlog } = this.#context
    return backlog.shapes[jobs.shape[slot]!]!
  }

  readonly #byTurn = (a: number, b: number): number => this.#context.backlog.compareTurns(a, b)
}
