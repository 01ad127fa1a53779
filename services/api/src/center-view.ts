// Pools, nodes and shares as the HTTP interface shows them.

import { type Node, nodeId, type Pool, type Power, type ShareRow } from '@dure/contract'
import { type Center, isCounted, type NodeView, type PoolView, WHOLE_ACCELERATOR_MILLI } from '@dure/core'
import type { ReadModel } from '@dure/engine'
import { type ShareParts, shareParts } from './share-parts.ts'

/** Busy accelerators, which no view states: what is neither free nor idle out of service. */
export const busyIn = (pool: PoolView): number => pool.accelerators - pool.acceleratorsFree - pool.acceleratorsOut

export function utilizationOf(busy: number, accelerators: number, out: number): number {
  return accelerators === out ? 0 : Math.min(1, busy / (accelerators - out))
}

export function poolsView(center: Center, nodesOut: ReadModel['nodesOut']): Pool[] {
  return center.pools().map((view, index) => {
    const pool = center.config.pools[index]!
    const out = [...(nodesOut.get(index)?.values() ?? [])]
    const nodes = isCounted(pool) ? pool.processors : view.nodes
    const busy = busyIn(view)
    return {
      name: view.name,
      kind: view.kind,
      model: view.model,
      nodes,
      nodes_up: nodes - out.length,
      nodes_drained: out.filter((state) => state === 'drain').length,
      nodes_down: out.filter((state) => state === 'down').length,
      accelerators_per_node: isCounted(pool) ? 1 : view.acceleratorsPerNode,
      cpus_per_node: isCounted(pool) ? null : pool.perNode.cpuMilli / 1000,
      memory_mib_per_node: isCounted(pool) ? null : pool.perNode.memoryMib,
      accelerators: view.accelerators,
      accelerators_busy: busy,
      accelerators_free: view.acceleratorsFree,
      accelerators_out: view.acceleratorsOut,
      jobs_running: view.running,
      jobs_pending: view.pending,
      utilization: utilizationOf(busy, view.accelerators, view.acceleratorsOut),
    }
  })
}

/** Nothing where the policy does not say what nodes draw. */
export function powerView(center: Center): { power?: Power } {
  const power = center.power()
  return power === undefined ? {} : { power: { cap_w: power.capW, draw_w: power.drawW, idle_w: power.idleW } }
}

function slurmState({ state, acceleratorsBusyMilli, accelerators }: NodeView): Node['slurm_state'] {
  if (state === 'down') return 'DOWN'
  if (state === 'drain') return acceleratorsBusyMilli > 0 ? 'DRAINING' : 'DRAINED'
  if (acceleratorsBusyMilli === 0) return 'IDLE'
  return acceleratorsBusyMilli === accelerators * WHOLE_ACCELERATOR_MILLI ? 'ALLOCATED' : 'MIXED'
}

/** `jobs` of others are left out: `maySee` says which may be shown. */
export function nodeView(pool: string, view: NodeView, maySee: (job: number) => boolean): Node {
  return {
    id: nodeId(pool, view.node),
    pool,
    index: view.node,
    state: view.state,
    slurm_state: slurmState(view),
    accelerators: view.accelerators,
    accelerators_busy: view.acceleratorsBusyMilli / WHOLE_ACCELERATOR_MILLI,
    jobs: view.jobs.filter(maySee),
  }
}

/** Share parts by configuration, which never changes while a center runs. */
const partsOf = new WeakMap<Center['config'], ShareParts>()

/** The share tree with usage, depth first, parents before children. */
export function sharesView(center: Center, jobs: ReadModel['jobs']): ShareRow[] {
  const parts = partsOf.get(center.config) ?? shareParts(center.config)
  partsOf.set(center.config, parts)
  const views = center.shares()
  const total = views.reduce((sum, { user, usageAcceleratorS }) => (user === null ? sum : sum + usageAcceleratorS), 0)

  // Accounts run what their members run; parents are listed before children, so that one walk backwards adds all up.
  const running = new Map<string, number>()
  const parentOf = new Map(center.config.accounts.map(({ name, parent }) => [name, parent]))
  for (const { account, user } of views) {
    if (user === null) continue
    const count = jobs.countsOf(account, user).running
    for (let above: string | null = account; above !== null; above = parentOf.get(above) ?? null) {
      running.set(above, (running.get(above) ?? 0) + count)
    }
  }

  const rows = views.map((view): ShareRow => {
    const { account, user, levelFairShare } = view
    return {
      account,
      user,
      parent: view.parent,
      depth: parts.depthOf(account) + (user === null ? 0 : 1),
      shares: view.shares,
      share_of_center: user === null ? parts.ofAccount(account) : parts.ofUser(account, user),
      usage_of_center: total === 0 ? 0 : Math.min(1, view.usageAcceleratorS / total),
      level_fs: Number.isNaN(levelFairShare) ? null : Number.isFinite(levelFairShare) ? levelFairShare : 'inf',
      fair_share: view.fairShare,
      usage_accelerator_s: view.usageAcceleratorS,
      charged_accelerator_ms: String(view.chargedAcceleratorUs / 1000n),
      jobs_running: user === null ? (running.get(account) ?? 0) : jobs.countsOf(account, user).running,
      jobs_pending: view.pendingJobs,
    }
  })
  return depthFirst(rows)
}

/** Each account's row, its users' rows, then its accounts. The configuration may list accounts in any order below their parents. */
function depthFirst(rows: readonly ShareRow[]): ShareRow[] {
  const usersOf = new Map<string, ShareRow[]>()
  const accountsBelow = new Map<string | null, ShareRow[]>()
  for (const row of rows) {
    const [groups, key] =
      row.user === null ? [accountsBelow, row.parent] : [usersOf as Map<string | null, ShareRow[]>, row.account]
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [row])
    else group.push(row)
  }
  const below = (parent: string | null): ShareRow[] =>
    (accountsBelow.get(parent) ?? []).flatMap((row) => [
      row,
      ...(usersOf.get(row.account) ?? []),
      ...below(row.account),
    ])
  return below(null)
}
