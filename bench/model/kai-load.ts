// What KAI's scale test fills a cluster with, from its published parameters (numbers only; test/e2e/scale, "Fill Cluster with
// single GPU Jobs"): 500 nodes of eight accelerators, one queue among others under one parent, and a job of one accelerator
// for each of the 4,000. Nobody ever ends.

import { type CenterConfig, policies } from '@dure/core'
import { type Demand, demandOf } from '@dure/sim'
import { plainSubmission } from './plain-submission.ts'

export interface KaiLoad {
  readonly nodes: number
}

export const fill: KaiLoad = { nodes: 500 }

const PER_NODE = 8
const NODE = { cpuMilli: 64_000, memoryMib: 524_288, accelerators: PER_NODE }
const QUEUES = ['filler', 'sanity', 'no-quota']
const PERSON = 'jobs'
const LONG_MS = 7 * 86_400_000

export function kaiCenter({ nodes }: KaiLoad): CenterConfig {
  return {
    name: 'kai',
    pools: [{ name: 'kwok', kind: 'gpu', model: 'H100', nodes, perNode: NODE }],
    accounts: [
      { name: 'parent', parent: null, shares: 1 },
      ...QUEUES.map((name) => ({ name, parent: 'parent', shares: 1 })),
    ],
    associations: QUEUES.map((account) => ({ account, user: PERSON, shares: 1 })),
    policy: policies.find(({ name }) => name === 'division')!,
  }
}

/** All at once. */
export function kaiDemand(config: CenterConfig, { nodes }: KaiLoad): Demand {
  const request = {
    pools: ['kwok'],
    nodes: 1,
    acceleratorsMilli: 1000,
    cpuMilli: NODE.cpuMilli / PER_NODE,
    memoryMib: NODE.memoryMib / PER_NODE,
  }
  const one = plainSubmission({
    atMs: 0,
    kind: 'single',
    account: 'sanity',
    user: PERSON,
    request,
    timeLimitMs: LONG_MS,
    runTimeMs: LONG_MS,
  })
  return demandOf(
    config,
    Array.from({ length: nodes * PER_NODE }, () => one),
    Infinity,
  )
}
