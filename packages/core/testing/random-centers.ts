// Small random centers and what may happen to them, for property tests. Machines are small and jobs wide and long beside
// them, so that most of what happens is waiting, promising and passing.

import fc from 'fast-check'
import type { Command, HoldBy, NodeState } from '../src/command.ts'
import type { CenterConfig } from '../src/config.ts'
import type { DeviceRule, ExpectedTask, PlacementRule, Policy } from '../src/policy.ts'
import { isCounted, type PoolConfig } from '../src/pool-config.ts'
import type { ShareRuleConfig } from '../src/shares/share-rules.ts'

/** A command before it is known which jobs there are: `pick` chooses among those it could be about. */
type Wish =
  | {
      readonly type: 'submit'
      readonly association: number
      /** Which pools are accepted, by priority; cut to those that exist. */
      readonly pools: readonly number[]
      /** By pool of the center. */
      readonly speedsMille: readonly number[] | null
      readonly nodes: number
      readonly devices: number
      readonly sliceMilli: number | null
      readonly cpuMilli: number
      readonly memoryMib: number
      /** As large as wished, though no pool may ever hold it. */
      readonly isOutsize: boolean
      readonly timeLimitMs: number
      readonly held: HoldBy | null
    }
  | { readonly type: 'finish'; readonly pick: number; readonly exitCode: number }
  | { readonly type: 'cancel'; readonly pick: number }
  | { readonly type: 'hold'; readonly pick: number; readonly by: HoldBy }
  | { readonly type: 'release'; readonly pick: number; readonly by: HoldBy }
  /** By association, then pool, three each. */
  | { readonly type: 'target'; readonly acceleratorsMilli: readonly number[] }
  | { readonly type: 'node'; readonly pick: number; readonly to: NodeState }
  /** In tenths of what jobs could draw besides idle nodes; null: no cap. */
  | { readonly type: 'power-cap'; readonly tenths: number | null }

interface Step {
  /** How long after the last step, or null: at the next time limit. */
  readonly afterMs: number | null
  readonly wishes: readonly Wish[]
  readonly schedule: boolean
}

export interface Story {
  readonly config: CenterConfig
  readonly steps: readonly Step[]
}

const nodePool: fc.Arbitrary<Omit<PoolConfig, 'name'>> = fc.record({
  kind: fc.constantFrom('gpu', 'npu', 'pim'),
  model: fc.constant('any'),
  nodes: fc.integer({ min: 1, max: 5 }),
  perNode: fc.record({
    cpuMilli: fc.constantFrom(5000, 8000),
    memoryMib: fc.constantFrom(4, 100),
    accelerators: fc.integer({ min: 1, max: 4 }),
  }),
})

const countedPool: fc.Arbitrary<Omit<PoolConfig, 'name'>> = fc.record({
  kind: fc.constant('cpu'),
  processors: fc.integer({ min: 1, max: 8 }),
})

const expectedTask: fc.Arbitrary<ExpectedTask> = fc.record(
  {
    acceleratorsMilli: fc.constantFrom(0, 125, 250, 500, 750, 1000, 1000, 2000, 3000),
    cpuMilli: fc.constantFrom(0, 1000, 3000, 6000),
    memoryMib: fc.constantFrom(0, 2, 4),
    nodes: fc.integer({ min: 1, max: 3 }),
    pools: fc.subarray(['pool-0', 'pool-1', 'pool-2']),
    popularity: fc.integer({ min: 1, max: 3 }),
  },
  { requiredKeys: ['acceleratorsMilli', 'cpuMilli', 'popularity'] },
)

const placement: fc.Arbitrary<PlacementRule> = fc.oneof(
  { weight: 2, arbitrary: fc.constant<PlacementRule>({ rule: 'tightest' }) },
  { weight: 1, arbitrary: fc.constant<PlacementRule>({ rule: 'best-fit' }) },
  {
    weight: 2,
    arbitrary: fc.record(
      {
        rule: fc.constant('least-fragmentation'),
        workload: fc.array(expectedTask, { minLength: 1, maxLength: 4 }),
        stepMilli: fc.constantFrom(1, 300, 2000),
      },
      { requiredKeys: ['rule', 'workload'] },
    ),
  },
)

const worthMille = fc.record({
  'pool-0': fc.constantFrom(500, 1000, 1500, 3000),
  'pool-1': fc.constantFrom(500, 1000, 1500, 3000),
})

const devices: fc.Arbitrary<DeviceRule> = fc.oneof(
  fc.constant<DeviceRule>({ rule: 'preferred' }),
  fc.constant<DeviceRule>({ rule: 'fastest' }),
  fc.record({ rule: fc.constant('most-good'), worthMille }),
)

const policy: fc.Arbitrary<Policy> = fc.record({
  placement,
  devices,
  name: fc.constant('any'),
  order: fc.constantFrom('submit', 'fairshare'),
  shares: fc.constantFrom<ShareRuleConfig>(
    { rule: 'fair-tree' },
    { rule: 'fair-tree' },
    { rule: 'drf' },
    { rule: 'hdrf' },
    { rule: 'borrowing' },
    { rule: 'division' },
    { rule: 'demand-capped' },
    { rule: 'targets' },
    { rule: 'targets' },
  ),
  roundMs: fc.constantFrom(1000, 4000, 3_600_000),
  backfill: fc.constantFrom('none', 'turn', 'turn', 'shortest'),
  reservationDepth: fc.constantFrom<Policy['reservationDepth']>(0, 1, 1, 2, 3, 'all'),
  fairTree: fc.constant('exact'),
  halfLifeMs: fc.constantFrom(0, 20_000, 600_000),
  rerankMs: fc.constantFrom(1000, 5000, 60_000),
  requeueOnNodeFail: fc.boolean(),
})

/** A cap at so many tenths of what jobs could draw besides idle nodes. */
function capAt({ pools, policy: { power } }: CenterConfig, tenths: number | null): number | null {
  if (tenths === null) return null
  let capW = 0
  for (const pool of pools) {
    const watts = power?.pools[pool.name]
    if (isCounted(pool) || watts === undefined) continue
    const busyW = pool.nodes * pool.perNode.accelerators * watts.busyWPerAccelerator
    capW += pool.nodes * watts.idleWPerNode + Math.round((busyW * tenths) / 10)
  }
  return capW
}

/** Now and then no more than all idle nodes draw. */
const tenths = fc.constantFrom(null, 0, 1, 3, 5, 5, 7, 8, 10)
const poolPower = fc.record({
  idleWPerNode: fc.constantFrom(0, 100, 1000),
  busyWPerAccelerator: fc.constantFrom(0, 300, 700, 701, 1000),
})
/** The watts of three pools, and a cap; only a center without counted pools may have it. */
const powered = fc.option(fc.record({ watts: fc.tuple(poolPower, poolPower, poolPower), tenths }), { nil: undefined })
/** A rule that speaks of no pool that there is not. */
const amongPools = (rule: DeviceRule, pools: number): DeviceRule =>
  rule.rule !== 'most-good'
    ? rule
    : { ...rule, worthMille: Object.fromEntries(Object.entries(rule.worthMille).slice(0, pools)) }

const config: fc.Arbitrary<CenterConfig> = fc
  .record({
    pools: fc.array(fc.oneof({ weight: 3, arbitrary: nodePool }, { weight: 1, arbitrary: countedPool }), {
      minLength: 1,
      maxLength: 3,
    }),
    shares: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 7, maxLength: 7 }),
    policy,
    powered,
  })
  .map(({ pools, shares: [a, b, c, u, v, w, x], policy, powered }) => ({
    powered,
    name: 'random',
    pools: pools.map((pool, i) => ({ ...pool, name: `pool-${i}` }) as PoolConfig),
    accounts: [
      { name: 'arts', parent: null, shares: a! },
      { name: 'sciences', parent: null, shares: b! },
      { name: 'physics', parent: 'sciences', shares: c! },
    ],
    associations: [
      { account: 'arts', user: 'ahn', shares: u! },
      { account: 'sciences', user: 'bae', shares: v! },
      { account: 'physics', user: 'cho', shares: w! },
      { account: 'physics', user: 'ahn', shares: x! },
    ],
    policy: { ...policy, ...(policy.devices && { devices: amongPools(policy.devices, pools.length) }) },
  }))
  .map(({ powered, ...center }): CenterConfig => {
    if (powered === undefined || center.pools.some(isCounted)) return center
    const pools = Object.fromEntries(center.pools.map(({ name }, i) => [name, powered.watts[i]!]))
    const metered = { ...center, policy: { ...center.policy, power: { capW: null, pools } } }
    return { ...metered, policy: { ...metered.policy, power: { capW: capAt(metered, powered.tenths), pools } } }
  })

/** Multiples of an eighth of a second, as slices are of a device: usage adds up exactly, and no rounding decides a rank. */
const timeLimitMs = fc.constantFrom(1000, 1875, 2000, 2000, 2125, 3000, 5000, 8000, 13_000, 30_000)

/** Speeds at which ends meet those of others, and some at which they do not. */
const speedMille = fc.constantFrom(500, 1000, 1000, 1500, 2000, 2000, 3001)

/** Something once in `times`, null otherwise. */
const seldom = <T>(times: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: times - 1, arbitrary: fc.constant(null) }, { weight: 1, arbitrary })

const submit: fc.Arbitrary<Wish> = fc.record({
  type: fc.constant('submit'),
  association: fc.integer({ min: 0, max: 3 }),
  pools: fc.uniqueArray(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 3 }),
  speedsMille: seldom(3, fc.array(speedMille, { minLength: 3, maxLength: 3 })),
  nodes: fc.integer({ min: 1, max: 5 }),
  devices: fc.integer({ min: 1, max: 4 }),
  sliceMilli: seldom(5, fc.constantFrom(125, 250, 500, 750)),
  cpuMilli: fc.constantFrom(0, 0, 1000, 3000, 5000),
  memoryMib: fc.constantFrom(0, 0, 1, 2, 4),
  isOutsize: fc.integer({ min: 0, max: 19 }).map((n) => n === 19),
  timeLimitMs,
  held: seldom(12, fc.constantFrom<HoldBy>('user', 'admin')),
})

const pick = fc.nat({ max: 1000 })
const by = fc.constantFrom<HoldBy>('user', 'admin')

const wish: fc.Arbitrary<Wish> = fc.oneof(
  { weight: 18, arbitrary: submit },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('finish'), pick, exitCode: fc.constantFrom(0, 0, 1, -9) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('cancel'), pick }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('hold'), pick, by }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('release'), pick, by }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('target'),
      acceleratorsMilli: fc.array(fc.constantFrom(0, 0, 250, 500, 1000, 1700, 3000), { minLength: 12, maxLength: 12 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('node'),
      pick,
      to: fc.constantFrom<NodeState>('up', 'up', 'drain', 'down'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('power-cap'), tenths }) },
)

const step: fc.Arbitrary<Step> = fc.record({
  afterMs: fc.oneof(
    { weight: 1, arbitrary: fc.constant(null) },
    { weight: 3, arbitrary: fc.constantFrom(0, 0, 0, 1000, 1000) },
  ),
  wishes: fc.array(wish, { minLength: 1, maxLength: 4, size: 'max' }),
  schedule: fc.integer({ min: 0, max: 5 }).map((n) => n < 5),
})

export const stories: fc.Arbitrary<Story> = fc.record({
  config,
  steps: fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }),
})

/** What is known of a center, plain or not, when a wish is made into a command. */
export interface Known {
  readonly config: CenterConfig
  /** By submission, and running ones by the end of their limits. */
  live(): readonly KnownJob[]
  running(): readonly KnownJob[]
}

interface KnownJob {
  readonly job: number
  readonly attempt: number
}

/** How many nodes a job may ask for, and how many devices on each. */
const sizeOf = (pool: PoolConfig): [number, number] =>
  isCounted(pool) ? [pool.processors, 1] : [pool.nodes, pool.perNode.accelerators]

/** The command that a wish comes to; undefined where there is nothing for it to be about. `nextJob`: an id not used before. */
function commandOf(wish: Wish, center: Known, nextJob: number): Command | undefined {
  const { config } = center
  if (wish.type === 'submit') {
    const pools = wish.pools.filter((index) => index < config.pools.length)
    if (pools.length === 0) pools.push(0)
    const isSlice = wish.sliceMilli !== null
    const [widest, largest] = wish.isOutsize ? [9, 9] : sizeOf(config.pools[pools[0]!]!)
    return {
      type: 'submit',
      job: nextJob,
      ...{ account: config.associations[wish.association]!.account, user: config.associations[wish.association]!.user },
      request: {
        pools: pools.map((index) => config.pools[index]!.name),
        ...(wish.speedsMille && { speedsMille: pools.map((index) => wish.speedsMille![index]!) }),
        nodes: isSlice ? 1 : 1 + ((wish.nodes - 1) % widest),
        acceleratorsMilli: wish.sliceMilli ?? (1 + ((wish.devices - 1) % largest)) * 1000,
        cpuMilli: wish.cpuMilli,
        memoryMib: wish.memoryMib,
      },
      timeLimitMs: wish.timeLimitMs,
      held: wish.held,
      label: `label of ${nextJob}`,
    }
  }
  if (wish.type === 'node') {
    const nodes = config.pools.flatMap((pool) =>
      isCounted(pool) ? [] : Array.from({ length: pool.nodes }, (_, node) => ({ pool: pool.name, node })),
    )
    const chosen = nodes[wish.pick % Math.max(1, nodes.length)]
    return chosen && { type: 'node', ...chosen, to: wish.to }
  }
  if (wish.type === 'target') {
    const targets = wish.acceleratorsMilli.map((acceleratorsMilli, i) => ({
      account: config.associations[Math.floor(i / 3)]!.account,
      user: config.associations[Math.floor(i / 3)]!.user,
      pool: config.pools[i % 3]?.name,
      acceleratorsMilli,
    }))
    return {
      type: 'target',
      // In any order, and some say that there is none.
      targets: targets.flatMap(({ pool, ...target }) => (pool === undefined ? [] : [{ ...target, pool }])).toReversed(),
    }
  }
  if (wish.type === 'power-cap') return { type: 'power-cap', capW: capAt(config, wish.tenths) }
  const jobs = wish.type === 'finish' ? center.running() : center.live()
  const chosen = jobs[wish.pick % Math.max(1, jobs.length)]
  if (chosen === undefined) return undefined
  const { job, attempt } = chosen
  switch (wish.type) {
    case 'finish':
      // Now and then an old attempt's report comes late.
      return { type: 'finish', job, attempt: wish.pick % 10 === 9 ? attempt - 1 : attempt, exitCode: wish.exitCode }
    case 'cancel':
      return { type: 'cancel', job }
    default:
      return { type: wish.type, job, by: wish.by }
  }
}

/** One step as it is played: commands at a moment, and whether a pass follows. */
export interface PlayedStep {
  readonly atMs: number
  readonly commands: readonly Command[]
  readonly schedule: boolean
}

/**
 * Makes a story's wishes into commands, one step at a time, as `center` stands when each step begins. `lateMs`: how long after
 * something is due its host looks, at the most.
 */
export function* played(story: Story, center: Known & { nextDueMs(): number }, lateMs = 0): Generator<PlayedStep> {
  const lookMs = (): number => center.nextDueMs() + lateMs
  let atMs = 0
  let nextJob = 1
  for (const { afterMs, wishes, schedule } of story.steps) {
    const limitMs = lookMs()
    // A host never lets a time limit pass without a look.
    const thenMs = afterMs === null ? (limitMs === Number.POSITIVE_INFINITY ? atMs + 1000 : limitMs) : atMs + afterMs
    for (; atMs < thenMs && lookMs() < thenMs; ) {
      atMs = lookMs()
      yield { atMs, commands: [], schedule: true }
    }
    atMs = thenMs
    const commands: Command[] = []
    for (const wish of wishes) {
      const command = commandOf(wish, center, nextJob)
      if (command === undefined) continue
      if (command.type === 'submit') nextJob++
      commands.push(command)
    }
    yield { atMs, commands, schedule: schedule || lookMs() <= atMs }
  }
}
