import { type CenterConfig, isCounted, type PoolConfig } from '@dure/core'

export const poolAccelerators = (pool: PoolConfig): number =>
  isCounted(pool) ? pool.processors : pool.nodes * pool.perNode.accelerators

/** Accelerators of all pools, or processors where they are counted; in service or not. */
export const accelerators = (config: CenterConfig): number =>
  config.pools.reduce((sum, pool) => sum + poolAccelerators(pool), 0)
