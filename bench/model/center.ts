// A modelled center in any multiple of the 2024 baseline: 1 is 2,000 accelerators (0.134 EF), 15 is 30,000 on 3,750 nodes
// (2 EF, in FP64 of H100); nodes and users are rounded to whole ones. Three kinds of pool, and users in proportion to the machine: who builds more serves more.

import {
  type AccountConfig,
  type AssociationConfig,
  type CenterConfig,
  fairshare,
  type NodePoolConfig,
} from '@dure/core'
import { type Demand, demandOf, submissions } from '@dure/sim'

const GPU_NODE = { cpuMilli: 112_000, memoryMib: 2_097_152, accelerators: 8 }
const SMALL_NODE = { cpuMilli: 64_000, memoryMib: 524_288, accelerators: 8 }

const SECTORS = ['industry', 'academia', 'national']
const SECTOR_SHARES = [30, 20, 50]
const INSTITUTES_PER_SECTOR = 10
const USERS = 200

/** Multiples by their capacity in FP64 of H100. */
export const CAPACITIES = {
  '0.134 EF': 1,
  '0.25 EF': 1.875,
  '0.5 EF': 3.75,
  '1 EF': 7.5,
  '1.5 EF': 11.25,
  '2 EF': 15,
  '4 EF': 30,
} as const

export function modelCenter(multiple: number): CenterConfig {
  const pools: NodePoolConfig[] = [
    { name: 'h100', kind: 'gpu', model: 'H100', nodes: Math.round(230 * multiple), perNode: GPU_NODE },
    { name: 'rngd', kind: 'npu', model: 'RNGD', nodes: Math.round(15 * multiple), perNode: SMALL_NODE },
    { name: 'aimx', kind: 'pim', model: 'AiMX', nodes: Math.round(5 * multiple), perNode: SMALL_NODE },
  ]
  const accounts: AccountConfig[] = SECTORS.flatMap((sector, i) => [
    { name: sector, parent: null, shares: SECTOR_SHARES[i]! },
    ...institutes(sector).map((name, k) => ({ name, parent: sector, shares: 1 + k })),
  ])
  const homes = SECTORS.flatMap(institutes)
  const associations: AssociationConfig[] = Array.from({ length: Math.round(USERS * multiple) }, (_, i) => ({
    account: homes[i % homes.length]!,
    user: `user-${i}`,
    shares: 1,
  }))
  return { name: `model-${multiple}`, pools, accounts, associations, policy: fairshare }
}

const institutes = (sector: string): string[] =>
  Array.from({ length: INSTITUTES_PER_SECTOR }, (_, k) => `${sector}-${k}`)

const DAY_MS = 86_400_000

/** `days` of the modelled demand on a center that has been open for so many days before: after two weeks it is as full as it gets. */
export const modelDemand = (
  config: CenterConfig,
  load: number,
  days: number,
  openedBeforeDays: number,
  seed = 1,
): Demand =>
  demandOf(
    config,
    submissions({ config, seed, load, startMs: 0, openedBeforeMs: openedBeforeDays * DAY_MS }),
    days * DAY_MS,
  )
