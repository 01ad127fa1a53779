// Conformance cases: what other schedulers, their documents or a careful hand say must come out, and whether it does here.
// Cases lie with the core (`golden/`), a folder a kind; each states where its numbers come from.

import { readdirSync, readFileSync } from 'node:fs'
import {
  type CenterConfig,
  type FairTreeMode,
  type FairTreeRow,
  fairTreeOfFile,
  type JobRequest,
  type Policy,
  policies,
  type ShareAccountNode,
  WHOLE_ACCELERATOR_MILLI,
} from '@dure/core'
import { type Demand, simulate } from '@dure/sim'

interface CaseHead {
  readonly name: string
  /** Whose rule it is. */
  readonly system: string
  /** Where the expected values come from. */
  readonly source: string
}

interface FairTreeCase extends CaseHead {
  readonly kind: 'fair-tree'
  readonly mode: FairTreeMode
  readonly slurm_root: boolean
  readonly tree: ShareAccountNode
  /** A field that the source does not print is absent. */
  readonly expect: { readonly rows: readonly (Pick<FairTreeRow, 'account' | 'user'> & Partial<FairTreeRow>)[] }
}

/** A small trace on one pool: of interchangeable processors, or of nodes with an accelerator each. */
interface BackfillCase extends CaseHead {
  readonly kind: 'backfill'
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

export type ConformanceCase = FairTreeCase | BackfillCase

export interface Verdict {
  readonly system: string
  readonly kind: ConformanceCase['kind']
  readonly name: string
  readonly source: string
  readonly passed: boolean
  /** What differs, one line each; empty where it passed. */
  readonly differences: readonly string[]
}

const kinds: readonly ConformanceCase['kind'][] = ['fair-tree', 'backfill']

/** Every case there is of the kinds that the allocator answers as a whole, ordered by kind and file. */
export function conformanceCases(): ConformanceCase[] {
  const folder = new URL('../golden/', import.meta.resolve('@dure/core'))
  return kinds.flatMap((kind) => {
    const place = new URL(`${kind}/`, folder)
    return readdirSync(place)
      .sort()
      .map((file): ConformanceCase => JSON.parse(readFileSync(new URL(file, place), 'utf8')))
  })
}

export function judge(conformanceCase: ConformanceCase): Verdict {
  const { system, kind, name, source } = conformanceCase
  const differences =
    conformanceCase.kind === 'fair-tree' ? fairTreeDifferences(conformanceCase) : startDifferences(conformanceCase)
  return { system, kind, name, source, passed: differences.length === 0, differences }
}

/** Decimals that the sources print. */
const DECIMALS = 6

function fairTreeDifferences({ mode, slurm_root, tree, expect }: FairTreeCase): string[] {
  const keyOf = ({ account, user }: Pick<FairTreeRow, 'account' | 'user'>): string => JSON.stringify([account, user])
  const computed = new Map(fairTreeOfFile(tree, { mode, slurmRoot: slurm_root }).map((row) => [keyOf(row), row]))
  return expect.rows.flatMap((wanted) => {
    const row = computed.get(keyOf(wanted))
    const name = wanted.user ?? wanted.account
    if (row === undefined) return [`${name}: not ranked`]
    return (['level_fs', 'fair_share'] as const).flatMap((field) => {
      if (!(field in wanted)) return []
      const [got, want] = [printed(row[field]), printed(wanted[field])]
      return got === want ? [] : [`${name}: ${field} is ${got}, not ${want}`]
    })
  })
}

const printed = (value: number | string | null | undefined): string =>
  typeof value === 'number' ? value.toFixed(DECIMALS) : String(value)

function startDifferences(backfill: BackfillCase): string[] {
  const policy = policies.find(({ name }) => name === backfill.policy)
  if (policy === undefined) return [`there is no policy ${backfill.policy}`]
  const { startMs } = simulate(centerOf(backfill, policy), demandOf(backfill))
  return backfill.jobs.flatMap(({ job }, i) => {
    const wantS = backfill.expect.starts_s[job]
    const gotS = (startMs[i] as number) / 1000
    return gotS === wantS ? [] : [`job ${job}: starts at ${gotS < 0 ? 'no time' : `${gotS} s`}, not at ${wantS} s`]
  })
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
