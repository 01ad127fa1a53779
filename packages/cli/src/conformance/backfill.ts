// Backfill: the start second of every job of a small trace on one pool.

import { type CenterConfig, type JobRequest, type Policy, policies, WHOLE_ACCELERATOR_MILLI } from '@dure/core'
import { type Demand, simulate } from '@dure/sim'
import type { CaseHead, CaseKind } from './case.ts'

/** The pool is of interchangeable processors, or of nodes with an accelerator each. */
interface BackfillCase extends CaseHead {
  readonly policy: string
  readonly pool: { readonly processors: number } | { readonly nodes: number }
  readonly jobs: readonly {
    readonly job: number
    readonly submit_s: number
    readonly nodes: number
    readonly run_s: number
    readonly limit_s: number
  }[]
  readonly expect: { readonly starts_s: Readonly<Record<string, number>> }
}

export const backfillKind: CaseKind = {
  kind: 'backfill',
  differences(backfillCase: BackfillCase) {
    const policy = policies.find(({ name }) => name === backfillCase.policy)
    if (policy === undefined) return [`there is no policy ${backfillCase.policy}`]
    const { startMs } = simulate(centerOf(backfillCase, policy), demandOf(backfillCase))
    return backfillCase.jobs.flatMap(({ job }, i) => {
      const wantS = backfillCase.expect.starts_s[job]
      const gotS = (startMs[i] as number) / 1000
      return gotS === wantS ? [] : [`job ${job}: starts at ${gotS < 0 ? 'no time' : `${gotS} s`}, not at ${wantS} s`]
    })
  },
}

const POOL = 'pool'

function centerOf({ name, pool }: BackfillCase, policy: Policy): CenterConfig {
  return {
    name,
    policy,
    pools: [
      'processors' in pool
        ? { name: POOL, kind: 'cpu', processors: pool.processors }
        : {
            name: POOL,
            kind: 'gpu',
            model: 'H100',
            nodes: pool.nodes,
            perNode: { cpuMilli: 1000, memoryMib: 1024, accelerators: 1 },
          },
    ],
    accounts: [{ name: 'account', parent: null, shares: 1 }],
    associations: [{ account: 'account', user: 'user', shares: 1 }],
  }
}

function demandOf({ pool, jobs }: BackfillCase): Demand {
  const perNode = 'processors' in pool ? { cpuMilli: 0, memoryMib: 0 } : { cpuMilli: 1000, memoryMib: 1024 }
  const column = (value: (job: BackfillCase['jobs'][number]) => number): Float64Array => Float64Array.from(jobs, value)
  return {
    count: jobs.length,
    job: column(({ job }) => job),
    submitMs: column(({ submit_s }) => 1000 * submit_s),
    runMs: column(({ run_s }) => 1000 * run_s),
    limitMs: column(({ limit_s }) => 1000 * limit_s),
    exitCode: new Int32Array(jobs.length),
    association: new Int32Array(jobs.length),
    request: Int32Array.from(jobs, (_, i) => i),
    requests: jobs.map(
      ({ nodes }): JobRequest => ({ pools: [POOL], nodes, acceleratorsMilli: WHOLE_ACCELERATOR_MILLI, ...perNode }),
    ),
  }
}
