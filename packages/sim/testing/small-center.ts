// A center and a demand small enough to write into a test, and to work out by hand.

import { type CenterConfig, easy } from '@dure/core'
import type { Demand } from '../src/demand.ts'

export interface SmallJob {
  readonly submitS: number
  readonly runS: number
  readonly size: number
  readonly account?: string
  /** The run time where it is left out. */
  readonly limitS?: number
  readonly exitCode?: number
  /** Its owner ends the run. */
  readonly stopped?: boolean
  /** Its owner gives up waiting. */
  readonly cancelS?: number
}

/** Jobs numbered from 1, on `processors` counted ones, under EASY. Every account of `shares` has one user. */
export function smallCenter(
  processors: number,
  jobs: readonly SmallJob[],
  shares: Readonly<Record<string, number>> = { a: 1 },
): { readonly config: CenterConfig; readonly demand: Demand } {
  const accounts = Object.entries(shares).map(([name, own]) => ({ name, parent: null, shares: own }))
  const sizes = [...new Set(jobs.map(({ size }) => size))]
  return {
    config: {
      name: 'small',
      pools: [{ name: 'processors', kind: 'cpu', processors }],
      accounts,
      associations: accounts.map(({ name }) => ({ account: name, user: `user-${name}`, shares: 1 })),
      policy: easy,
    },
    demand: {
      count: jobs.length,
      job: Float64Array.from(jobs, (_, i) => i + 1),
      submitMs: Float64Array.from(jobs, ({ submitS }) => 1000 * submitS),
      runMs: Float64Array.from(jobs, ({ runS }) => 1000 * runS),
      limitMs: Float64Array.from(jobs, ({ runS, limitS = runS }) => 1000 * limitS),
      exitCode: Int32Array.from(jobs, ({ exitCode = 0 }) => exitCode),
      cancelMs: Float64Array.from(jobs, ({ cancelS = Infinity }) => 1000 * cancelS),
      stopped: Uint8Array.from(jobs, ({ stopped = false }) => Number(stopped)),
      association: Int32Array.from(jobs, ({ account = accounts[0]!.name }) =>
        accounts.findIndex(({ name }) => name === account),
      ),
      request: Int32Array.from(jobs, ({ size }) => sizes.indexOf(size)),
      requests: sizes.map((size) => ({
        pools: ['processors'],
        nodes: 1,
        acceleratorsMilli: 1000 * size,
        cpuMilli: 0,
        memoryMib: 0,
      })),
    },
  }
}

/** The same on one pool `gpu` of like nodes: a job goes on one node if it can, else on whole ones. */
export function smallNodes(
  nodes: number,
  accelerators: number,
  jobs: readonly SmallJob[],
  shares?: Readonly<Record<string, number>>,
): { readonly config: CenterConfig; readonly demand: Demand } {
  const { config, demand } = smallCenter(nodes * accelerators, jobs, shares)
  const perNode = { cpuMilli: 0, memoryMib: 0, accelerators }
  return {
    config: { ...config, pools: [{ name: 'gpu', kind: 'gpu', model: 'H100', nodes, perNode }] },
    demand: {
      ...demand,
      requests: demand.requests.map((request) => {
        const size = request.acceleratorsMilli / 1000
        const onEach = Math.min(size, accelerators)
        return { ...request, pools: ['gpu'], nodes: Math.ceil(size / onEach), acceleratorsMilli: 1000 * onEach }
      }),
    },
  }
}
