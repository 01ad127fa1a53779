// What share rules look at, kept for a center: who holds how much of what, who asks for how much, and what each would start next.
// What is held is kept up to date with every start and end; what is asked for is added up when a rule asks, class by class.

import type { Backlog, Shape } from '../backlog.ts'
import type { CenterConfig } from '../config.ts'
import type { Jobs } from '../jobs.ts'
import { isCounted, type PoolConfig, WHOLE_ACCELERATOR_MILLI } from '../pool-config.ts'
import type { ShareTree } from './fair-tree.ts'
import type { Claims } from './share-rule.ts'

const CPU = 0
const MEMORY = 1

/** Interchangeable processors are divided like the accelerators of one kind. */
const kindOf = (pool: PoolConfig): string => (isCounted(pool) ? 'processors' : pool.kind)

export class ClaimsBook {
  readonly claims: Claims
  /** By pool: where its accelerators stand among the resources. */
  readonly #resourceOf: readonly number[]
  readonly #firstSequence: Float64Array

  constructor({ pools }: CenterConfig, tree: ShareTree, lagMs?: Float64Array) {
    const resources = ['cpu', 'memory', ...new Set(pools.map(kindOf))]
    const byUser = (): Float64Array => new Float64Array(tree.users * resources.length)
    this.#resourceOf = pools.map((pool) => resources.indexOf(kindOf(pool)))
    this.#firstSequence = new Float64Array(tree.users)
    const capacity = new Float64Array(resources.length)
    for (const pool of pools) {
      const at = resources.indexOf(kindOf(pool))
      if (isCounted(pool)) capacity[at]! += pool.processors * WHOLE_ACCELERATOR_MILLI
      else {
        capacity[CPU]! += pool.nodes * pool.perNode.cpuMilli
        capacity[MEMORY]! += pool.nodes * pool.perNode.memoryMib
        capacity[at]! += pool.nodes * pool.perNode.accelerators * WHOLE_ACCELERATOR_MILLI
      }
    }
    const usage = new Float64Array(tree.users)
    this.claims = {
      ...{ tree, resources, capacity, held: byUser(), asked: byUser(), next: byUser(), usage },
      ...(lagMs && { lagMs }),
    }
  }

  /** A job of the association starts in a pool. */
  started(association: number, shape: Shape, pool: number): void {
    this.#add(this.claims.held, association, shape, pool, 1)
  }

  stopped(association: number, shape: Shape, pool: number): void {
    this.#add(this.claims.held, association, shape, pool, -1)
  }

  /** Brings what waits up to date. */
  lookAt(backlog: Backlog, jobs: Jobs): void {
    const { asked, next } = this.claims
    asked.fill(0)
    next.fill(0)
    this.#firstSequence.fill(Number.POSITIVE_INFINITY)
    backlog.forEachClass((shape, lane, count, head) => {
      const [preferred] = shape.pools as readonly [number]
      this.#add(asked, lane, shape, preferred, count)
      const sequence = jobs.sequence[head]!
      if (sequence >= this.#firstSequence[lane]!) return
      this.#firstSequence[lane] = sequence
      const width = this.claims.resources.length
      next.fill(0, lane * width, (lane + 1) * width)
      this.#add(next, lane, shape, preferred, 1)
    })
  }

  #add(onto: Float64Array, association: number, shape: Shape, pool: number, times: number): void {
    const row = association * this.claims.resources.length
    onto[row + CPU]! += times * shape.nodes * shape.cpuMilli
    onto[row + MEMORY]! += times * shape.nodes * shape.memoryMib
    onto[row + this.#resourceOf[pool]!]! += times * shape.totalMilli
  }
}
