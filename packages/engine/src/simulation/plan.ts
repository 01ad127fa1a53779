// What a seed stands for: a small center, the people who use it, and the faults it meets.

import { writeLabel } from '@dure/contract'
import {
  type CenterConfig,
  conservative,
  easy,
  fairshare,
  greedy,
  type NodeState,
  type Policy,
  type SubmitCommand,
} from '@dure/core'
import { type Stream, stream } from '@dure/sim'
import { drawFaults, type Fault, type FaultKind } from './faults.ts'
import type { Fsync } from './redis-model.ts'

/**
 * `safety`: anything may fail, to the very end; nothing wrong may happen, and nothing need. `liveness`: the faults end, and then
 * everything that was accepted must be over in a bounded time.
 */
export const modes = ['safety', 'liveness'] as const
export type Mode = (typeof modes)[number]

export interface Plan {
  readonly seed: number
  readonly mode: Mode
  readonly fsync: Fsync
  readonly config: CenterConfig
  /** Center milliseconds per wall millisecond. */
  readonly speed: number
  readonly schedulers: number
  readonly executors: number
  readonly apis: number
  /** After how many entries there is a savepoint, how many of them a segment has, and how many stay in the store. */
  readonly archive: { readonly savepointEntries: number; readonly segmentEntries: number; readonly keptEntries: number }
  readonly wishes: readonly Wish[]
  readonly faults: readonly Fault[]
  /** The part of operations during which the connection breaks. */
  readonly resets: number
}

/** What somebody wants, and from when on. */
export type Wish = { readonly atMs: number } & (
  | { readonly kind: 'submit'; readonly key: string; readonly submit: Omit<SubmitCommand, 'job' | 'type'> }
  /** To one of the jobs that are known to be accepted by then. */
  | { readonly kind: 'cancel' | 'hold' | 'release'; readonly chosen: number }
  | { readonly kind: 'node'; readonly pool: string; readonly node: number; readonly to: NodeState }
)

/** People ask for something new until then. */
export const WISHES_MS = 12_000
const JOBS_MAX = 30
const ACTS_MAX = 15

/** Wall milliseconds that a run takes. */
const RUN_MS_MEDIAN = 1_500
const RUN_MS_SIGMA = 0.8
const RUN_MS_MAX = 8_000

/** `kinds`: of which the faults are; some of all where absent. */
export function planOf(seed: number, mode: Mode, kinds?: readonly FaultKind[]): Plan {
  const random = stream(seed, 'plan')
  const fsync: Fsync = random.chance(0.3) ? 'everysec' : 'always'
  const speed = oneOf(random, [1, 60, 1_000])
  const config = drawCenter(random)
  const [schedulers, executors, apis] = [random.int(2, 3), random.int(2, 3), 2]
  const sizes = stream(seed, 'archive')
  const archive = {
    savepointEntries: sizes.int(5, 40),
    segmentEntries: sizes.int(3, 20),
    keptEntries: sizes.int(0, 20),
  }
  const wishes = drawWishes(stream(seed, 'wishes'), config, speed)
  const hosts = { scheduler: schedulers, executor: executors, api: apis }
  const faults = drawFaults(stream(seed, 'faults'), mode, hosts, kinds)
  return {
    seed,
    mode,
    fsync,
    config,
    speed,
    schedulers,
    executors,
    apis,
    archive,
    wishes,
    faults,
    resets: kinds === undefined && random.chance(0.3) ? oneOf(random, [0.001, 0.01]) : 0,
  }
}

const oneOf = <T>(random: Stream, choices: readonly T[]): T => choices[random.int(0, choices.length - 1)]!

const ACCELERATORS_PER_NODE = 4
const NODE = { cpuMilli: 32_000, memoryMib: 65_536, accelerators: ACCELERATORS_PER_NODE }

function drawCenter(random: Stream): CenterConfig {
  const policy: Policy = oneOf(random, [fairshare, easy, conservative, greedy])
  return {
    name: 'simulated',
    pools: [
      { name: 'gpu', kind: 'gpu', model: 'H100', nodes: random.int(1, 3), perNode: NODE },
      { name: 'npu', kind: 'npu', model: 'Warboy', nodes: random.int(1, 2), perNode: NODE },
    ],
    accounts: [
      { name: 'a', parent: null, shares: 2 },
      { name: 'b', parent: null, shares: 1 },
    ],
    associations: [
      { account: 'a', user: 'u', shares: 1 },
      { account: 'a', user: 'v', shares: 1 },
      { account: 'b', user: 'w', shares: 1 },
    ],
    policy: { ...policy, requeueOnNodeFail: random.chance(0.7) },
  }
}

function drawWishes(random: Stream, config: CenterConfig, speed: number): Wish[] {
  const submits = Array.from({ length: random.int(5, JOBS_MAX) }, (_, i): Wish => {
    const runMs = Math.min(RUN_MS_MAX, Math.ceil(random.lognormal(RUN_MS_MEDIAN, RUN_MS_SIGMA))) * speed
    const limitMs = random.chance(0.15) ? Math.ceil(runMs / 2) : Math.ceil(runMs * (1 + random.uniform()))
    const pool = oneOf(random, config.pools)
    const { account, user } = oneOf(random, config.associations)
    const nodes = 'nodes' in pool ? random.int(1, pool.nodes) : 1
    const isSlice = nodes === 1 && random.chance(0.2)
    return {
      atMs: random.uniform() * WISHES_MS,
      kind: 'submit',
      key: `key-${i + 1}`,
      submit: {
        account,
        user,
        request: {
          pools: random.chance(0.2) && nodes === 1 ? ['npu', 'gpu'] : [pool.name],
          nodes,
          acceleratorsMilli: isSlice ? 500 : 1_000 * random.int(1, ACCELERATORS_PER_NODE),
          cpuMilli: 1_000,
          memoryMib: 1_024,
        },
        timeLimitMs: limitMs,
        held: random.chance(0.1) ? 'user' : null,
        label: writeLabel({
          name: `job ${i + 1}`,
          run_time_ms: runMs,
          exit_code: random.chance(0.1) ? 1 : 0,
        }),
      },
    }
  })
  const acts = Array.from({ length: random.int(0, ACTS_MAX) }, (): Wish => {
    const atMs = random.uniform() * WISHES_MS
    const kind = oneOf(random, ['cancel', 'hold', 'release', 'node'] as const)
    if (kind !== 'node') return { atMs, kind, chosen: random.uniform() }
    const pool = oneOf(random, config.pools)
    const node = 'nodes' in pool ? random.int(0, pool.nodes - 1) : 0
    return { atMs, kind, pool: pool.name, node, to: oneOf(random, ['drain', 'down', 'up']) }
  })
  return [...submits, ...acts].sort((a, b) => a.atMs - b.atMs)
}
