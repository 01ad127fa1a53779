// A center as the file that a service is started with: the way back from what reading one gives.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AccountConfig, type CenterConfig, isCounted, type PoolConfig } from '@dure/core'

const folder = mkdtempSync(join(tmpdir(), 'dure-bench-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))

/** The path of a file that reads as `config`, whose policy must be one that has a name. It goes with this process. */
export function writeCenterFile(config: CenterConfig): string {
  const path = join(folder, `${config.name}.yaml`)
  // What is JSON is YAML.
  writeFileSync(path, centerFileOf(config))
  return path
}

export function centerFileOf({ name, pools, accounts, associations, policy }: CenterConfig): string {
  const usersOf = Map.groupBy(associations, ({ account }) => account)
  const childrenOf = Map.groupBy(accounts, ({ parent }) => parent)
  const written = (account: AccountConfig): object => ({
    name: account.name,
    shares: account.shares,
    accounts: (childrenOf.get(account.name) ?? []).map(written),
    users: (usersOf.get(account.name) ?? []).map(({ user, shares }) => ({ name: user, shares })),
  })
  return JSON.stringify({
    name,
    pools: pools.map(poolOf),
    accounts: (childrenOf.get(null) ?? []).map(written),
    policy: policy.name,
  })
}

const poolOf = (pool: PoolConfig): object =>
  isCounted(pool)
    ? pool
    : {
        name: pool.name,
        kind: pool.kind,
        model: pool.model,
        nodes: pool.nodes,
        accelerators_per_node: pool.perNode.accelerators,
        cpus_per_node: pool.perNode.cpuMilli / 1000,
        memory_per_node: `${pool.perNode.memoryMib}MiB`,
      }
