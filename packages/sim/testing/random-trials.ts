// Small random centers, what is asked of them and what happens to their nodes, for property tests. Few distinct values, and jobs
// that are wide and long beside the machines, so that ties, exact fits and waiting are common.

import {
  type AssociationConfig,
  type CenterConfig,
  conservative,
  easy,
  easySjbf,
  fairshare,
  fcfs,
  greedy,
  isCounted,
  type JobRequest,
  type NodeState,
  type Policy,
  type PoolConfig,
} from '@dure/core'
import fc from 'fast-check'
import type { Demand } from '../src/demand.ts'
import type { NodeAct } from './played-demand.ts'

/** One center and all that happens to it. */
export interface Trial {
  readonly config: CenterConfig
  readonly demand: Demand
  readonly acts: readonly NodeAct[]
}

const accounts = [
  { name: 'arts', parent: null, shares: 1 },
  { name: 'sciences', parent: null, shares: 2 },
  { name: 'physics', parent: 'sciences', shares: 1 },
]
const associations: readonly AssociationConfig[] = [
  { account: 'arts', user: 'ahn', shares: 1 },
  { account: 'sciences', user: 'bae', shares: 1 },
  { account: 'physics', user: 'cho', shares: 2 },
  { account: 'physics', user: 'ahn', shares: 1 },
]

type PoolSketch = Omit<Extract<PoolConfig, { readonly kind: 'cpu' }>, 'name'> | Omit<NodePoolSketch, 'name'>
type NodePoolSketch = Exclude<PoolConfig, { readonly kind: 'cpu' }>

const counted: fc.Arbitrary<PoolSketch> = fc.record({
  kind: fc.constant('cpu' as const),
  processors: fc.integer({ min: 2, max: 8 }),
})

const nodesOf = (accelerators: fc.Arbitrary<number>): fc.Arbitrary<PoolSketch> =>
  fc.record({
    kind: fc.constantFrom('gpu' as const, 'npu' as const),
    model: fc.constant('any'),
    nodes: fc.integer({ min: 1, max: 5 }),
    perNode: fc.record({
      cpuMilli: fc.constantFrom(4000, 8000),
      memoryMib: fc.constantFrom(4, 100),
      accelerators,
    }),
  })

const nodes = nodesOf(fc.integer({ min: 1, max: 4 }))

/** What one job asks for, cut to the pools of the center it comes to. */
const wish = fc.record({
  submitS: fc.integer({ min: 0, max: 30 }),
  runS: fc.integer({ min: 1, max: 12 }),
  /** Of the estimate over the run; below zero the job is stopped at its limit. */
  marginS: fc.constantFrom(0, 0, 1, 5, -2),
  exitCode: fc.constantFrom(0, 0, 0, 1),
  /** Its owner waits no longer than this for it to start. */
  patienceS: fc.constantFrom(Infinity, Infinity, Infinity, 3, 8, 20),
  /** Its owner ends the run. */
  isStopped: fc.nat({ max: 9 }).map((n) => n === 9),
  association: fc.nat({ max: associations.length - 1 }),
  pools: fc.uniqueArray(fc.nat({ max: 2 }), { minLength: 1, maxLength: 3 }),
  nodes: fc.integer({ min: 1, max: 5 }),
  devices: fc.integer({ min: 1, max: 8 }),
  /** Part of a device; none where null. */
  sliceMilli: fc.constantFrom(null, null, null, null, 250, 500, 750),
  cpuMilli: fc.constantFrom(0, 0, 1000, 3000),
  memoryMib: fc.constantFrom(0, 0, 1, 3),
  isOutsize: fc.nat({ max: 29 }).map((n) => n === 29),
  /** Seconds of computing between checkpoints, and what writing and restarting take. */
  checkpoint: fc.constantFrom([Infinity, 0, 0], [3, 1, 2], [1, 0, 1], [2, 2, 0]),
  /** By pool; the same everywhere where null. */
  speedsMille: fc.constantFrom(null, [500, 1000, 1700], [3000, 1000, 250]),
})
type Wish = typeof wish extends fc.Arbitrary<infer T> ? T : never

function requestOf(pools: readonly PoolConfig[], ask: Wish, whole: boolean, speeds: boolean): JobRequest {
  const named = ask.pools.filter((index) => index < pools.length)
  const accepted = (named.length === 0 ? [0] : named).map((index) => pools[index]!)
  const [first = pools[0]!] = accepted
  const [widest, largest] = isCounted(first) ? [1, first.processors] : [first.nodes, first.perNode.accelerators]
  const slice = whole || isCounted(first) ? null : ask.sliceMilli
  const fitted = (wished: number, most: number): number => (ask.isOutsize ? 9 : 1 + ((wished - 1) % most))
  return {
    pools: accepted.map(({ name }) => name),
    ...(speeds && ask.speedsMille && { speedsMille: accepted.map((pool) => ask.speedsMille![pools.indexOf(pool)]!) }),
    nodes: slice === null ? fitted(ask.nodes, widest) : 1,
    acceleratorsMilli: slice ?? 1000 * fitted(ask.devices, largest),
    cpuMilli: whole ? 0 : ask.cpuMilli,
    memoryMib: whole ? 0 : ask.memoryMib,
  }
}

/** The columns of some jobs, in order of submission, numbered from 1. */
function demandOfWishes(
  pools: readonly PoolConfig[],
  wishes: readonly Wish[],
  { whole = false, modest = false, speeds = false, checkpoints = false }: TrialOptions,
): Demand {
  const jobs = wishes.toSorted((a, b) => a.submitS - b.submitS)
  const limitS = ({ runS, marginS }: Wish): number => Math.max(1, runS + marginS)
  return {
    count: jobs.length,
    job: Float64Array.from(jobs, (_, i) => i + 1),
    submitMs: Float64Array.from(jobs, ({ submitS }) => 1000 * submitS),
    runMs: Float64Array.from(jobs, ({ runS }) => 1000 * runS),
    limitMs: Float64Array.from(jobs, (job) => 1000 * limitS(job)),
    exitCode: Int32Array.from(jobs, ({ exitCode }) => exitCode),
    cancelMs: Float64Array.from(jobs, ({ patienceS }) => 1000 * (modest ? Infinity : patienceS)),
    stopped: Uint8Array.from(jobs, ({ isStopped }) => Number(isStopped)),
    ...(checkpoints && {
      checkpointMs: Float64Array.from(jobs, ({ checkpoint }) => 1000 * checkpoint[0]!),
      writeMs: Float64Array.from(jobs, ({ checkpoint }) => 1000 * checkpoint[1]!),
      restartMs: Float64Array.from(jobs, ({ checkpoint }) => 1000 * checkpoint[2]!),
    }),
    association: Int32Array.from(jobs, ({ association }) => association),
    request: Int32Array.from(jobs, (_, i) => i),
    requests: jobs.map((job) => requestOf(pools, modest ? { ...job, isOutsize: false } : job, whole, speeds)),
  }
}

/** In time after everything asked for could have run one after the other, so that nothing waits for ever. */
const ALL_UP_AGAIN_MS = 1_000_000

const mishap = fc.record({
  atS: fc.integer({ min: 0, max: 40 }),
  pick: fc.nat({ max: 100 }),
  to: fc.constantFrom<NodeState>('up', 'drain', 'down', 'down'),
})

function actsOf(
  pools: readonly PoolConfig[],
  mishaps: readonly (typeof mishap extends fc.Arbitrary<infer T> ? T : never)[],
) {
  const all = pools.flatMap((pool) =>
    isCounted(pool) ? [] : Array.from({ length: pool.nodes }, (_, node) => ({ pool: pool.name, node })),
  )
  if (all.length === 0) return []
  const acts = mishaps.map(({ atS, pick, to }): NodeAct => ({ atMs: 1000 * atS, ...all[pick % all.length]!, to }))
  const repairs = all.map((node): NodeAct => ({ atMs: ALL_UP_AGAIN_MS, ...node, to: 'up' }))
  return [...acts.toSorted((a, b) => a.atMs - b.atMs), ...repairs]
}

/** A policy with times that matter within a minute. */
const tuned = (policy: Policy): fc.Arbitrary<Policy> =>
  fc
    .record({
      halfLifeMs: fc.constantFrom(0, 20_000, 600_000),
      rerankMs: fc.constantFrom(1000, 5000),
      requeueOnNodeFail: fc.boolean(),
    })
    .map((times) => ({ ...policy, ...times }))

/** The named policies, and hybrids between EASY and conservative backfilling. */
export const everyPolicy = [
  ...[fcfs, greedy, easy, easySjbf, conservative, fairshare],
  { ...easy, name: 'hybrid', reservationDepth: 2 },
  { ...fairshare, name: 'conservative fairshare', reservationDepth: 'all' },
] as const satisfies readonly Policy[]

export interface TrialOptions {
  readonly policies?: readonly Policy[]
  /** Pools of the center: `any` up to three of nodes or counted processors; else one. */
  readonly pools?: 'any' | 'counted' | 'nodes' | 'single-device nodes'
  /** Nodes that fail, drain and come back. */
  readonly mishaps?: boolean
  /** Whole devices only, and nothing asked of CPU and memory. */
  readonly whole?: boolean
  /** Some jobs run at a speed of their own in each pool. */
  readonly speeds?: boolean
  /** Some jobs write checkpoints. */
  readonly checkpoints?: boolean
  /** Nobody gives up waiting, and nobody asks for more than there is. */
  readonly modest?: boolean
}

const poolsOf: Readonly<Record<NonNullable<TrialOptions['pools']>, fc.Arbitrary<readonly PoolSketch[]>>> = {
  any: fc.array(fc.oneof({ weight: 3, arbitrary: nodes }, { weight: 2, arbitrary: counted }), {
    minLength: 1,
    maxLength: 3,
  }),
  counted: fc.tuple(counted),
  nodes: fc.tuple(nodes),
  'single-device nodes': fc.tuple(nodesOf(fc.constant(1))),
}

export function trials(options: TrialOptions = {}): fc.Arbitrary<Trial> {
  const { policies = everyPolicy, pools = 'any', mishaps = false } = options
  return fc
    .record({
      policy: fc.constantFrom(...policies).chain(tuned),
      pools: poolsOf[pools],
      wishes: fc.array(wish, { minLength: 1, maxLength: 40, size: 'max' }),
      mishaps: fc.array(mishap, { maxLength: mishaps ? 8 : 0 }),
    })
    .map(({ policy, pools: sketches, wishes, mishaps: happened }) => {
      const named = sketches.map((pool, i): PoolConfig => ({ ...pool, name: `pool-${i}` }))
      return {
        config: { name: 'a trial', pools: named, accounts, associations, policy },
        demand: demandOfWishes(named, wishes, options),
        acts: happened.length === 0 ? [] : actsOf(named, happened),
      }
    })
}
