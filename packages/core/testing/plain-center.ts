// A second center, written to be obviously right and nothing else: one list of jobs, everything else worked out from it
// whenever it is needed. It follows the words of `pass.ts` and `node-pool.ts`, not their code, and gives the same facts.
// A property test feeds both the same commands; where they differ, one of them does not do what those words say.

import type { Command, HoldBy, NamedTarget, NodeState, Outcome, RefusalCode, SubmitCommand } from '../src/command.ts'
import type { CenterConfig } from '../src/config.ts'
import type { EndState, Fact, NodePlacement, PlacedRequest, StartCause, UnreserveCause } from '../src/fact.ts'
import type { ExpectedTask } from '../src/policy.ts'
import { isCounted, type NodeShape, type PoolConfig } from '../src/pool-config.ts'
import { ShareTree } from '../src/shares/fair-tree.ts'
import type { Claims } from '../src/shares/share-rule.ts'
import { shareRuleOf } from '../src/shares/share-rules.ts'
import type { Target } from '../src/shares/targets.ts'
import { decayedAcceleratorS, type Holding, placesInTurn } from './plain-turns.ts'

interface PlainJob {
  readonly job: number
  /** Which submission it was: its place among equals for ever. */
  readonly sequence: number
  readonly association: number
  readonly request: PlacedRequest
  readonly timeLimitMs: number
  state: 'PENDING' | 'HELD' | 'RUNNING'
  heldBy: HoldBy | null
  attempt: number
  /** Of the running attempt. */
  startedMs: number
  pool: number
  placement: readonly NodePlacement[]
  /** Where and when a job that keeps a place will start. */
  place: { readonly pool: number; readonly startMs: number } | undefined
}

interface PlainPromise {
  readonly job: PlainJob
  readonly madeMs: number
  readonly startMs: number
  readonly nodes: readonly number[]
}

interface PlainPool {
  readonly index: number
  readonly config: PoolConfig
  /** Of each node. */
  readonly states: NodeState[]
  /** Standing promises by turn, in a pool of nodes. */
  promises: PlainPromise[]
  /** Whether anything came free since the last promise. */
  freedSincePromise: boolean
  /** Whether anything came free or arrived since the last pass. */
  changed: boolean
  /** Whether a job that ran or waited there left it since the last pass. */
  freed: boolean
  // Of one pass:
  /** Blocked jobs that are owed a promise. */
  blocked: PlainJob[]
  /** How many of their promises have been checked. */
  settled: number
  closed: boolean
  /** In a counted pool: processors promised. */
  promised: { readonly units: number; readonly fromMs: number; readonly toMs: number }[]
}

/** Watts of a promised job, under a power cap. */
interface BookedWatts {
  readonly watts: number
  readonly fromMs: number
  readonly toMs: number
}

export interface PlainCenter {
  readonly config: CenterConfig
  readonly facts: readonly Fact[]
  apply(command: Command, atMs: number): Outcome
  schedule(atMs: number): void
  live(): readonly PlainJob[]
  running(): readonly PlainJob[]
  /** In turn order. */
  pending(): readonly PlainJob[]
  nextDueMs(): number
  /** Accelerator-microseconds of ended attempts, by association. */
  chargedUs(): readonly bigint[]
  /** How many nodes in service (processors, in a counted pool) could take their part of a job now, promises aside. */
  fitting(pool: number, job: number): number
  /** How many of these nodes could without delaying a promise to a job ahead. */
  fittingBesidePromises(pool: number, job: number): number
  pools(): readonly PlainPool[]
  /** Under targets: whether a pool owes the association of a job more than it holds there. */
  owes(pool: number, job: number): boolean
  /** Watts drawn now, what the job would add in a pool, and what promises to jobs ahead would leave it there. */
  drawW(): number
  neededW(pool: number, job: number): number
  leftW(pool: number, job: number): number
}

const DONE: Outcome = { kind: 'done' }
const ignored = (reason: 'old-attempt' | 'no-change'): Outcome => ({ kind: 'ignored', reason })
const refused = (reason: RefusalCode): Outcome => ({ kind: 'refused', reason })

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value > 0
/** What the binary form of a fact has room for. */
const isAmount = (value: number): boolean => Number.isInteger(value) && value >= 0 && value < 0x1_0000_0000

const isSlice = ({ acceleratorsMilli }: PlacedRequest): boolean => acceleratorsMilli < 1000
const unitsOf = ({ nodes, acceleratorsMilli }: PlacedRequest): number => (nodes * acceleratorsMilli) / 1000
/** How long it may run in a pool. */
function limitIn(pool: number, { request: { pools, speedsMille }, timeLimitMs }: PlainJob): number {
  const speed = speedsMille === undefined ? 1 : speedsMille[pools.indexOf(pool)]! / 1000
  return Math.ceil(timeLimitMs / speed)
}
const endOf = (job: PlainJob): number => job.startedMs + limitIn(job.pool, job)

/** What is left of a node. */
interface Rest {
  readonly devices: readonly number[]
  readonly cpuMilli: number
  readonly memoryMib: number
}

/** The devices a part of a request takes, as a mask: the lowest-numbered, for a slice the tightest; 0 where it does not fit. */
function pickDevices(devices: readonly number[], request: PlacedRequest): number {
  const numbered = devices.map((left, device) => ({ left, device }))
  const picked = isSlice(request)
    ? numbered
        .filter(({ left }) => left >= request.acceleratorsMilli)
        .toSorted((a, b) => a.left - b.left || a.device - b.device)
        .slice(0, 1)
    : numbered.filter(({ left }) => left === 1000).slice(0, request.acceleratorsMilli / 1000)
  const needed = isSlice(request) ? 1 : request.acceleratorsMilli / 1000
  return picked.length < needed ? 0 : picked.reduce((mask, { device }) => mask + 2 ** device, 0)
}

const hasDevice = (mask: number, device: number): boolean => Math.floor(mask / 2 ** device) % 2 === 1

const take = (rest: Rest, request: PlacedRequest, mask: number): Rest => ({
  devices: rest.devices.map((left, device) =>
    hasDevice(mask, device) ? left - Math.min(1000, request.acceleratorsMilli) : left,
  ),
  cpuMilli: rest.cpuMilli - request.cpuMilli,
  memoryMib: rest.memoryMib - request.memoryMib,
})

const fits = (rest: Rest, request: PlacedRequest): boolean =>
  rest.cpuMilli >= request.cpuMilli && rest.memoryMib >= request.memoryMib && pickDevices(rest.devices, request) !== 0

/** Accelerator-thousandths that are of no use to a task: all that is free where it does not fit, else what its devices cannot be. */
function uselessMilli(rest: Rest, task: ExpectedTask, pool: string): number {
  const { acceleratorsMilli, cpuMilli, memoryMib = 0, pools = [pool] } = task
  const sum = (all: readonly number[]): number => all.reduce((total, one) => total + one, 0)
  const needed = acceleratorsMilli < 1000 ? [acceleratorsMilli] : Array(acceleratorsMilli / 1000).fill(1000)
  const fitting = rest.devices.filter((left) => left >= needed[0])
  const isOfUse =
    acceleratorsMilli > 0 &&
    pools.includes(pool) &&
    fitting.length >= needed.length &&
    cpuMilli <= rest.cpuMilli &&
    memoryMib <= rest.memoryMib
  return sum(rest.devices) - (isOfUse ? sum(fitting) : 0)
}

const byKey = (a: readonly number[], b: readonly number[]): number => {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!
  return 0
}

export function plainCenter(config: CenterConfig, atMs: number): PlainCenter {
  const { policy } = config
  const depth = policy.reservationDepth === 'all' ? Number.POSITIVE_INFINITY : policy.reservationDepth
  const facts: Fact[] = []
  const charged: bigint[] = config.associations.map(() => 0n)
  const holdings: Holding[] = []
  /** Targets as they were set, one after the other. */
  const targetings: { readonly atMs: number; readonly targets: readonly Target[] }[] = []
  const pools = config.pools.map(
    (pool, index): PlainPool => ({
      index,
      config: pool,
      states: isCounted(pool) ? [] : Array.from({ length: pool.nodes }, (): NodeState => 'up'),
      promises: [],
      freedSincePromise: false,
      changed: false,
      freed: false,
      blocked: [],
      settled: 0,
      closed: false,
      promised: [],
    }),
  )
  let jobs: PlainJob[] = []
  let submissions = 0
  let nowMs = atMs
  let rankedMs = -1
  let places: readonly number[] = config.associations.map(() => 0)

  let capW = policy.power?.capW ?? null
  /** Whether watts came free since the last pass, or the cap changed. */
  let wattsFreed = false
  // Of one pass: pools of the blocked jobs that are owed a promise, in turn order, and the watts of the first of them.
  let owed: number[] = []
  let booked: BookedWatts[] = []

  const find = (id: number): PlainJob | undefined => jobs.find(({ job }) => job === id)
  const running = (): PlainJob[] => jobs.filter(({ state }) => state === 'RUNNING')
  const turnOf = (job: PlainJob): readonly [number, number] => [places[job.association]!, job.sequence]
  const byTurn = (a: PlainJob, b: PlainJob): number => byKey(turnOf(a), turnOf(b))
  const pending = (): PlainJob[] => jobs.filter(({ state }) => state === 'PENDING').toSorted(byTurn)

  // ---- what is free

  const perNode = (pool: PlainPool): NodeShape => {
    if (isCounted(pool.config)) throw new RangeError('a counted pool has no nodes')
    return pool.config.perNode
  }

  /** What is left of a node once the jobs that are over by `byMs` have gone. */
  function restOf(pool: PlainPool, node: number, byMs = Number.NEGATIVE_INFINITY): Rest {
    const shape = perNode(pool)
    let rest: Rest = { ...shape, devices: Array.from({ length: shape.accelerators }, () => 1000) }
    for (const job of running()) {
      if (job.pool !== pool.index || endOf(job) <= byMs) continue
      for (const part of job.placement) if (part.node === node) rest = take(rest, job.request, part.devices)
    }
    return rest
  }

  const nodesInService = (pool: PlainPool): number[] =>
    pool.states.flatMap((state, node) => (state === 'up' ? [node] : []))

  const wholeFree = (rest: Rest): number => rest.devices.filter((left) => left === 1000).length

  const freeProcessors = (pool: PlainPool, byMs = Number.NEGATIVE_INFINITY): number =>
    running()
      .filter((job) => job.pool === pool.index && endOf(job) > byMs)
      .reduce((free, { request }) => free - unitsOf(request), isCounted(pool.config) ? pool.config.processors : 0)

  /** Whether the pool could ever hold the job, were it idle and every node in service. */
  function couldEverHold(pool: PlainPool, request: PlacedRequest): boolean {
    if (isCounted(pool.config)) return !isSlice(request) && unitsOf(request) <= pool.config.processors
    const { cpuMilli, memoryMib, accelerators } = perNode(pool)
    return (
      request.nodes <= pool.config.nodes &&
      request.acceleratorsMilli <= accelerators * 1000 &&
      request.cpuMilli <= cpuMilli &&
      request.memoryMib <= memoryMib
    )
  }

  /** Whether it can be promised a start there: it could run on the nodes that are in service, were they idle. */
  const couldBePromised = (pool: PlainPool, request: PlacedRequest): boolean =>
    couldEverHold(pool, request) &&
    (isCounted(pool.config) || request.nodes <= nodesInService(pool).length) &&
    couldEverHaveWatts(pool, request)

  /** Enough devices are free; promises, CPU and memory aside. */
  function fitsNow(pool: PlainPool, request: PlacedRequest): boolean {
    if (isCounted(pool.config)) return !isSlice(request) && unitsOf(request) <= freeProcessors(pool)
    const rests = nodesInService(pool).map((node) => restOf(pool, node))
    if (isSlice(request))
      return rests.flatMap(({ devices }) => devices).reduce((sum, left) => sum + left, 0) >= request.acceleratorsMilli
    return rests.filter((rest) => wholeFree(rest) * 1000 >= request.acceleratorsMilli).length >= request.nodes
  }

  // ---- what is drawn

  const drawOf = ({ config: { name } }: PlainPool): { idleWPerNode: number; busyWPerAccelerator: number } =>
    policy.power?.pools[name] ?? { idleWPerNode: 0, busyWPerAccelerator: 0 }

  const wattsOf = (pool: PlainPool, { nodes, acceleratorsMilli }: PlacedRequest): number =>
    (nodes * acceleratorsMilli * drawOf(pool).busyWPerAccelerator) / 1000

  const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)

  const idleW = (): number =>
    sumOf(pools.map((pool) => pool.states.filter((state) => state !== 'down').length * drawOf(pool).idleWPerNode))

  /** Once the jobs that are over by `byMs` have gone. */
  const drawW = (byMs = Number.NEGATIVE_INFINITY): number =>
    idleW() +
    sumOf(
      running()
        .filter((job) => endOf(job) > byMs)
        .map(({ pool, request }) => wattsOf(pools[pool]!, request)),
    )

  /** Whether the cap could ever keep anybody from starting. */
  function isCapped(): boolean {
    const mostW = sumOf(
      pools.map((pool) =>
        isCounted(pool.config)
          ? 0
          : pool.config.nodes *
            (drawOf(pool).idleWPerNode + perNode(pool).accelerators * drawOf(pool).busyWPerAccelerator),
      ),
    )
    return capW !== null && capW < mostW
  }

  const hasWattsNow = (pool: PlainPool, request: PlacedRequest): boolean =>
    !isCapped() || wattsOf(pool, request) === 0 || drawW() + wattsOf(pool, request) <= capW!

  const couldEverHaveWatts = (pool: PlainPool, request: PlacedRequest): boolean =>
    !isCapped() || wattsOf(pool, request) === 0 || idleW() + wattsOf(pool, request) <= capW!

  /** Whether so many watts can be had throughout [fromMs, toMs); none can always be. */
  const canHave = (watts: number, fromMs: number, toMs: number): boolean =>
    watts === 0 || leastWatts(fromMs, toMs) >= watts

  /** The least that the cap leaves at any moment of [fromMs, toMs) to others than running and promised jobs. */
  function leastWatts(fromMs: number, toMs: number): number {
    const leftAt = (momentMs: number): number =>
      capW! -
      drawW(momentMs) -
      sumOf(booked.filter((part) => part.fromMs <= momentMs && momentMs < part.toMs).map(({ watts }) => watts))
    const moments = [fromMs, ...booked.map((part) => part.fromMs)]
    return Math.min(...moments.filter((momentMs) => momentMs >= fromMs && momentMs < toMs).map(leftAt))
  }

  /** When first from `fromMs` on a job could have its watts for as long as it may run. */
  function earliestWattsMs(pool: PlainPool, job: PlainJob, fromMs: number): number {
    return [fromMs, ...running().map(endOf), ...booked.map(({ toMs }) => toMs)]
      .filter((momentMs) => momentMs >= fromMs)
      .toSorted((a, b) => a - b)
      .find((momentMs) => canHave(wattsOf(pool, job.request), momentMs, momentMs + limitIn(pool.index, job)))!
  }

  /** Somebody else may have the watts now, wherever they wait. */
  function freeWatts(): void {
    wattsFreed = true
    for (const pool of pools) pool.freedSincePromise = true
  }

  // ---- promises

  const unreserve = (pool: PlainPool, promise: PlainPromise, cause: UnreserveCause): void => {
    pool.promises = pool.promises.filter((standing) => standing !== promise)
    facts.push({ type: 'unreserved', atMs: nowMs, job: promise.job.job, cause })
  }

  const dropPromise = (job: PlainJob): void => {
    job.place = undefined
    for (const pool of pools) pool.promises = pool.promises.filter((promise) => promise.job !== job)
  }

  /** What the rule of placement makes least: for a start on these devices, by the state of the node before and after. */
  function costOf(pool: PlainPool, before: Rest, request: PlacedRequest, mask: number): number {
    const after = take(before, request, mask)
    if (policy.placement?.rule === 'least-fragmentation') {
      const growth = (task: ExpectedTask): number =>
        uselessMilli(after, task, pool.config.name) - uselessMilli(before, task, pool.config.name)
      const { workload, stepMilli = 40 } = policy.placement
      const tasks = workload.map((task) => ({ task, popularity: task.popularity * (task.nodes ?? 1) }))
      const grown = tasks.reduce((sum, { task, popularity }) => sum + growth(task) * popularity, 0)
      const step = tasks.reduce((sum, { popularity }) => sum + popularity, 0) * stepMilli
      return Math.ceil(grown / step)
    }
    const { cpuMilli, accelerators } = perNode(pool)
    return after.devices.reduce((sum, left) => sum + left, 0) * cpuMilli + after.cpuMilli * accelerators * 1000
  }

  /** The devices a part of a request takes on a node, by the rule of placement. */
  function devicesFor(pool: PlainPool, rest: Rest, request: PlacedRequest): number {
    const { rule = 'tightest' } = policy.placement ?? {}
    if (rule === 'tightest' || !isSlice(request)) return pickDevices(rest.devices, request)
    const [best] = rest.devices
      .map((left, device) => ({ left, device, mask: 2 ** device }))
      .filter(({ left }) => left >= request.acceleratorsMilli)
      .map(({ left, device, mask }) => ({ mask, key: [costOf(pool, rest, request, mask), left, device] }))
      .toSorted((a, b) => byKey(a.key, b.key))
    return best?.mask ?? 0
  }

  /** Which of the nodes that could take a job come first. */
  function placementKey(pool: PlainPool, rest: Rest, request: PlacedRequest): readonly number[] {
    const { rule = 'tightest' } = policy.placement ?? {}
    if (rule !== 'tightest') return [costOf(pool, rest, request, devicesFor(pool, rest, request))]
    const started = rest.devices.filter((left) => left < 1000 && left >= request.acceleratorsMilli)
    return isSlice(request) && started.length > 0
      ? [0, Math.min(...started)]
      : [Number(isSlice(request)), wholeFree(rest)]
  }

  /** Whether a promised part still fits on a node at its start if another job starts there now. */
  function leavesRoom(pool: PlainPool, node: number, job: PlainJob, promise: PlainPromise): boolean {
    const mask = devicesFor(pool, restOf(pool, node), job.request)
    return fits(take(restOf(pool, node, promise.startMs), job.request, mask), promise.job.request)
  }

  const isInTheWay = (pool: PlainPool, node: number, job: PlainJob, promise: PlainPromise): boolean =>
    promise.job !== job &&
    nowMs + limitIn(pool.index, job) > promise.startMs &&
    promise.nodes.includes(node) &&
    !leavesRoom(pool, node, job, promise)

  /** When a node can take its part, all limits used up, after the promises that come before. */
  function earliestMs(pool: PlainPool, node: number, request: PlacedRequest): number {
    const promisedUntil = pool.promises
      .slice(0, pool.settled)
      .filter(({ nodes }) => nodes.includes(node))
      .map(({ startMs, job }) => startMs + limitIn(pool.index, job))
    const ends = running()
      .filter((job) => job.pool === pool.index && job.placement.some((part) => part.node === node))
      .map(endOf)
      .toSorted((a, b) => a - b)
    const freeFrom = [Number.NEGATIVE_INFINITY, ...ends].find((byMs) => fits(restOf(pool, node, byMs), request))!
    return Math.max(nowMs, freeFrom, ...promisedUntil)
  }

  /** The promises owed to the blocked jobs of this pass are made or confirmed when first a job could pass them. */
  function settle(pool: PlainPool): void {
    for (; pool.settled < pool.blocked.length; pool.settled++) {
      const job = pool.blocked[pool.settled]!
      if (isCounted(pool.config)) promiseProcessors(pool, job)
      else promiseNodes(pool, job)
    }
  }

  /** Under a power cap all promises of the pass are settled in turn order, whichever pools they are in, and each has its watts. */
  function settleAll(): void {
    for (const index of owed.slice(booked.length)) {
      const pool = pools[index]!
      promiseNodes(pool, pool.blocked[pool.settled]!)
      const promise = pool.promises[pool.settled++]!
      booked.push(bookingOf(pool, promise))
      if (promise.madeMs === nowMs) voidWithoutWatts('turn')
    }
  }

  function bookingOf(pool: PlainPool, { job, startMs }: PlainPromise): BookedWatts {
    const fromMs = Math.max(nowMs, startMs)
    return { watts: wattsOf(pool, job.request), fromMs, toMs: fromMs + limitIn(pool.index, job) }
  }

  /** Standing promises that the pass has not looked at yet lose what others have taken: without their watts they are void. */
  function voidWithoutWatts(cause: UnreserveCause): void {
    if (!isCapped()) return
    const ofPass = booked
    const standing = pools
      .flatMap((pool) => pool.promises.slice(pool.settled).map((promise) => ({ pool, promise })))
      .toSorted((a, b) => byTurn(a.promise.job, b.promise.job))
    for (const { pool, promise } of standing) {
      const booking = bookingOf(pool, promise)
      if (canHave(booking.watts, booking.fromMs, booking.toMs)) booked = [...booked, booking]
      else unreserve(pool, promise, cause)
    }
    booked = ofPass
  }

  function promiseNodes(pool: PlainPool, job: PlainJob): void {
    const standing = pool.promises[pool.settled]
    const isOutdated = standing !== undefined && pool.freedSincePromise && nowMs - standing.madeMs >= policy.rerankMs
    if (standing?.job === job && !isOutdated) {
      const { watts, fromMs, toMs } = bookingOf(pool, standing)
      if (!isCapped() || canHave(watts, fromMs, toMs)) return
      unreserve(pool, standing, 'power')
    }
    // Those made after it were made around it.
    for (const promise of pool.promises.slice(pool.settled).reverse()) {
      if (promise.job !== job) unreserve(pool, promise, 'turn')
    }
    for (const other of pools)
      for (const promise of other.promises) if (other !== pool && promise.job === job) unreserve(other, promise, 'turn')
    dropPromise(job)
    const ready = nodesInService(pool).map((node) => ({ node, atMs: earliestMs(pool, node, job.request) }))
    const readyMs = ready.map(({ atMs }) => atMs).toSorted((a, b) => a - b)[job.request.nodes - 1]!
    const startMs = isCapped() ? earliestWattsMs(pool, job, readyMs) : readyMs
    // Of the nodes that are ready by then those that are ready last, of them the higher numbers: the others stay open.
    const nodes = ready
      .filter(({ atMs }) => atMs <= startMs)
      .toSorted((a, b) => b.atMs - a.atMs || b.node - a.node)
      .slice(0, job.request.nodes)
      .map(({ node }) => node)
      .toSorted((a, b) => a - b)
    facts.push({ type: 'reserved', atMs: nowMs, job: job.job, pool: pool.index, startMs, nodes })
    pool.promises.push({ job, madeMs: nowMs, startMs, nodes })
    pool.freedSincePromise = false
  }

  /** The least of the processors that neither a running job nor a promise has at any moment of [fromMs, toMs). */
  function leastFree(pool: PlainPool, fromMs: number, toMs: number): number {
    const promised = [...pool.promised, ...placesIn(pool)]
    const steps = [fromMs, ...running().map(endOf), ...promised.flatMap((part) => [part.fromMs, part.toMs])]
    const freeAt = (momentMs: number): number =>
      promised
        .filter((part) => part.fromMs <= momentMs && momentMs < part.toMs)
        .reduce((free, { units }) => free - units, freeProcessors(pool, momentMs))
    return Math.min(...steps.filter((stepMs) => stepMs >= fromMs && stepMs < toMs).map(freeAt))
  }

  /** When first the job could have its processors for as long as it may run. */
  function earliestHoleMs(pool: PlainPool, job: PlainJob): number {
    const over = [...running().map(endOf), ...[...pool.promised, ...placesIn(pool)].map(({ toMs }) => toMs)]
    return [nowMs, ...over]
      .filter((momentMs) => momentMs >= nowMs)
      .toSorted((a, b) => a - b)
      .find((momentMs) => leastFree(pool, momentMs, momentMs + limitIn(pool.index, job)) >= unitsOf(job.request))!
  }

  function promiseProcessors(pool: PlainPool, job: PlainJob): void {
    const fromMs = earliestHoleMs(pool, job)
    pool.promised.push({ units: unitsOf(job.request), fromMs, toMs: fromMs + limitIn(pool.index, job) })
  }

  const placesIn = (pool: PlainPool): { units: number; fromMs: number; toMs: number }[] =>
    jobs.flatMap((job) => {
      const { place, request } = job
      if (place?.pool !== pool.index) return []
      return [{ units: unitsOf(request), fromMs: place.startMs, toMs: place.startMs + limitIn(pool.index, job) }]
    })

  // ---- targets

  const takesTargets = policy.order === 'fairshare' && policy.shares?.rule === 'targets'
  const roundMs = policy.roundMs ?? 3_600_000
  /** Of a pass: whether only who is owed a pool may start there. */
  let owedOnly = false

  const targetIn = (targets: readonly Target[], association: number, pool: number): number =>
    targets.find((target) => target.association === association && target.pool === pool)?.acceleratorsMilli ?? 0

  /** Thousandths × milliseconds that an association held in a pool. */
  const heldBetween = (association: number, pool: number, fromMs: number, toMs: number): number =>
    [...holdings, ...running().map(holdingOf)]
      .filter((holding) => holding.association === association && holding.pool === pool)
      .reduce((sum, { milli, ...held }) => {
        return sum + milli * Math.max(0, Math.min(toMs, held.toMs) - Math.max(fromMs, held.fromMs))
      }, 0)

  /** What it was owed less what it held, carried over for 24 rounds of the next target at most. */
  function balanceOf(association: number, pool: number): number {
    let balance = 0
    targetings.forEach(({ atMs: fromMs, targets }, i) => {
      const target = targetIn(targets, association, pool)
      const most = 24 * roundMs * target
      const toMs = targetings[i + 1]?.atMs ?? nowMs
      const carried = Math.min(most, Math.max(-most, balance))
      balance = target === 0 ? 0 : carried + target * (toMs - fromMs) - heldBetween(association, pool, fromMs, toMs)
    })
    return balance
  }

  function isOwed(association: number, pool: number): boolean {
    const targets = targetings.at(-1)?.targets ?? []
    if (!targets.some((target) => target.association === association)) return true
    const target = targetIn(targets, association, pool)
    const held = running()
      .filter((job) => job.association === association && job.pool === pool)
      .reduce((sum, { request }) => sum + request.nodes * request.acceleratorsMilli, 0)
    return target > 0 && target - held + balanceOf(association, pool) / roundMs > 0
  }

  const isOpen = (pool: number, { association }: PlainJob): boolean => !owedOnly || isOwed(association, pool)

  /** Who lags most in one of its pools goes first, then by Fair Tree. */
  function placesByLag(fair: readonly number[]): number[] {
    const targets = targetings.at(-1)?.targets ?? []
    const keys = config.associations.map((_, association) => {
      const lags = targets
        .filter((target) => target.association === association)
        .map(({ pool, acceleratorsMilli }) => balanceOf(association, pool) / acceleratorsMilli)
      return [lags.length === 0 ? 0 : -Math.max(...lags), fair[association]!]
    })
    const distinct = [...new Map(keys.map((key) => [key.join(), key])).values()].toSorted(byKey)
    return keys.map((key) => distinct.findIndex((other) => byKey(key, other) === 0))
  }

  // ---- a pass

  /** The pools of a job as they are tried: by gain, then as it prefers. */
  function inOrder({ request: { pools: accepted, speedsMille } }: PlainJob): readonly number[] {
    const { devices = { rule: 'preferred' } } = policy
    const gainOf = (pool: number): number => {
      if (devices.rule === 'preferred') return 1
      const speed = speedsMille?.[accepted.indexOf(pool)] ?? 1000
      return devices.rule === 'fastest' ? speed : speed / (devices.worthMille[config.pools[pool]!.name] ?? 1000)
    }
    return accepted.toSorted((a, b) => gainOf(b) - gainOf(a))
  }

  /** Where the job would run now without delaying a promise; undefined where it cannot. */
  function admit(pool: PlainPool, job: PlainJob): NodePlacement[] | undefined {
    const { request } = job
    if (pool.closed || !isOpen(pool.index, job)) return undefined
    if (!fitsNow(pool, request) || !hasWattsNow(pool, request)) return undefined
    if (isCapped()) {
      settleAll()
      if (!canHave(wattsOf(pool, request), nowMs, nowMs + limitIn(pool.index, job))) return undefined
    }
    settle(pool)
    if (isCounted(pool.config)) {
      return leastFree(pool, nowMs, nowMs + limitIn(pool.index, job)) >= unitsOf(request) ? [] : undefined
    }
    const promises = pool.promises.slice(0, pool.settled)
    const candidates = nodesInService(pool)
      .map((node) => ({ node, rest: restOf(pool, node) }))
      .filter(
        ({ node, rest }) => fits(rest, request) && !promises.some((promise) => isInTheWay(pool, node, job, promise)),
      )
      .map(({ node, rest }) => {
        const isPromised = pool.promises.some(({ nodes }) => nodes.includes(node))
        return { node, rest, key: [Number(isPromised), ...placementKey(pool, rest, request), node] }
      })
      .toSorted((a, b) => byKey(a.key, b.key))
      .slice(0, request.nodes)
    if (candidates.length < request.nodes) return undefined
    return candidates
      .map(({ node, rest }) => ({ node, devices: devicesFor(pool, rest, request) }))
      .toSorted((a, b) => a.node - b.node)
  }

  function tryStart(job: PlainJob): boolean {
    for (const index of inOrder(job)) {
      const pool = pools[index]!
      const placement = admit(pool, job)
      if (placement === undefined) continue
      const isPromised = pool.promises.some((promise) => promise.job === job)
      const isPassing = pool.blocked.length > 0 || (isCapped() && owed.length > 0)
      const cause: StartCause = isPromised ? 'reservation' : isPassing ? 'backfill' : 'turn'
      // A job whose turn is earlier may need what a later one was promised.
      for (const promise of pool.promises.slice(pool.settled)) {
        if (placement.some(({ node }) => isInTheWay(pool, node, job, promise))) unreserve(pool, promise, 'turn')
      }
      start(job, index, cause, placement)
      voidWithoutWatts('turn')
      return true
    }
    return false
  }

  function start(job: PlainJob, pool: number, cause: StartCause, placement: readonly NodePlacement[]): void {
    dropPromise(job)
    Object.assign(job, { state: 'RUNNING', startedMs: nowMs, pool, placement })
    job.attempt++
    facts.push({ type: 'started', atMs: nowMs, job: job.job, attempt: job.attempt, pool, cause, placement })
  }

  // ---- places, where everybody is promised a start in counted pools

  const keepsPlaces = policy.backfill !== 'none' && policy.reservationDepth === 'all' && config.pools.every(isCounted)

  /** The job takes the earliest place there is beside those of the others, the preferred pool first. */
  function takePlace(job: PlainJob): void {
    const before = job.place
    job.place = undefined
    const best = inOrder(job)
      .filter((pool) => couldEverHold(pools[pool]!, job.request))
      .map((pool) => ({ pool, startMs: earliestHoleMs(pools[pool]!, job) }))
      .reduce((first, other) => (other.startMs < first.startMs ? other : first))
    job.place = best
    const isSame = best.pool === before?.pool && best.startMs === before.startMs
    if (isSame || (before === undefined && best.startMs === nowMs)) return
    facts.push({ type: 'reserved', atMs: nowMs, job: job.job, pool: best.pool, startMs: best.startMs, nodes: [] })
  }

  /** `freed`: pools in which something came free, so that earlier places may be had. */
  function placing(queue: readonly PlainJob[], freed: ReadonlySet<number>): void {
    for (const pool of pools) pool.promised = []
    const placed = queue.filter(({ place }) => place !== undefined)
    const isLate = placed.some(({ place }) => place!.startMs < nowMs)
    if (isLate) {
      for (const job of placed) {
        job.place = undefined
        facts.push({ type: 'unreserved', atMs: nowMs, job: job.job, cause: 'turn' })
      }
    }
    for (const job of placed) if (isLate || job.request.pools.some((pool) => freed.has(pool))) takePlace(job)
    for (const job of queue) if (!placed.includes(job)) takePlace(job)
    for (const job of queue.filter(({ place }) => place!.startMs === nowMs)) {
      const isPassing = queue.some(
        (other) => other.place?.pool === job.place!.pool && other.place.startMs > nowMs && byTurn(other, job) < 0,
      )
      start(job, job.place!.pool, placed.includes(job) ? 'reservation' : isPassing ? 'backfill' : 'turn', [])
    }
  }

  /** Pending jobs of the pools in which something changed, and of those that share jobs with them, in turn order. */
  function jobsToLookAt(): PlainJob[] {
    const waiting = pending()
    const due = waiting.filter(({ place }) => place !== undefined && place.startMs <= nowMs)
    const reached = new Set([
      ...pools.filter(({ changed }) => changed).map(({ index }) => index),
      ...due.map(({ place }) => place!.pool),
    ])
    for (const pool of pools) pool.changed = false
    if (wattsFreed) for (const { index } of pools) reached.add(index)
    wattsFreed = false
    const reaches = ({ request }: PlainJob): boolean => request.pools.some((pool) => reached.has(pool))
    for (let before = -1; before < reached.size; ) {
      before = reached.size
      for (const { request } of waiting.filter(reaches)) for (const pool of request.pools) reached.add(pool)
    }
    // Under a power cap all pools share watts.
    if (isCapped() && waiting.some(reaches)) return waiting
    return waiting.filter(reaches)
  }

  function pass(): void {
    let freed = pools.filter((pool) => pool.freed)
    for (const pool of pools) pool.freed = false
    let queue = jobsToLookAt()
    const fitsSomewhere = ({ request }: PlainJob): boolean =>
      request.pools.some((pool) => fitsNow(pools[pool]!, request) && hasWattsNow(pools[pool]!, request))
    if (keepsPlaces ? queue.length === 0 : !queue.some(fitsSomewhere)) return
    if (keepsPlaces) {
      if (rankIfDue()) {
        queue = jobsToLookAt()
        freed = pools
      }
      placing(queue, new Set(freed.map(({ index }) => index)))
      return
    }
    // Where turns go by what people hold, each start begins the pass anew.
    for (let again = true; again && queue.some(fitsSomewhere); ) {
      if (rankIfDue()) queue = jobsToLookAt()
      again = passing(queue) && ranksEachStart
      queue = queue.filter(({ state }) => state === 'PENDING')
    }
  }

  /** Whether anybody started. Where each start may change the turns, nobody else does after the first. */
  function passing(queue: readonly PlainJob[]): boolean {
    const isStarted = takingTurns(queue)
    forgetPass()
    return isStarted
  }

  function forgetPass(): void {
    for (const pool of pools) Object.assign(pool, { blocked: [], settled: 0, closed: false, promised: [] })
    owed = []
    booked = []
  }

  function takingTurns(queue: readonly PlainJob[]): boolean {
    let started = 0
    const tryStartOne = (job: PlainJob): boolean => {
      const isStarted = tryStart(job)
      started += Number(isStarted)
      return isStarted
    }
    // Where a job is blocked, so is every other that asks for the same for as long or longer.
    const blockedJobs: PlainJob[] = []
    const isAlike = (a: PlainJob, b: PlainJob): boolean =>
      JSON.stringify(a.request) === JSON.stringify(b.request) && (!takesTargets || a.association === b.association)
    const isBlocked = (job: PlainJob): boolean =>
      blockedJobs.some((other) => other.timeLimitMs <= job.timeLimitMs && isAlike(other, job))
    owedOnly = takesTargets && policy.backfill !== 'none'
    const later: PlainJob[] = []
    for (const job of queue) {
      if (ranksEachStart && started > 0) return true
      const accepted = inOrder(job).map((index) => pools[index]!)
      const canPromise = (pool: PlainPool): boolean => pool.blocked.length < depth
      if (policy.backfill !== 'none' && !accepted.some(canPromise)) {
        later.push(job)
        continue
      }
      if (!isBlocked(job) && tryStartOne(job)) continue
      blockedJobs.push(job)
      if (policy.backfill === 'none') {
        // Who lacks but watts lets nobody pass anywhere.
        const lacksWatts = (pool: PlainPool): boolean =>
          !pool.closed &&
          fitsNow(pool, job.request) &&
          !hasWattsNow(pool, job.request) &&
          couldEverHaveWatts(pool, job.request)
        for (const pool of accepted.some(lacksWatts) ? pools : accepted) pool.closed = true
        continue
      }
      const pool = accepted.find(
        (one) => canPromise(one) && couldBePromised(one, job.request) && isOpen(one.index, job),
      )
      if (pool === undefined) continue
      pool.blocked.push(job)
      owed.push(pool.index)
    }
    const backfill = (jobs: readonly PlainJob[]): void => {
      const byLength = (a: PlainJob, b: PlainJob): number => a.timeLimitMs - b.timeLimitMs || byTurn(a, b)
      for (const job of jobs.toSorted(policy.backfill === 'shortest' ? byLength : byTurn)) {
        if (ranksEachStart && started > 0) return
        if (!isBlocked(job) && !tryStartOne(job)) blockedJobs.push(job)
      }
    }
    backfill(later)
    if (owedOnly) {
      // What is left is for whoever can use it; who was promised a start waits for it.
      owedOnly = false
      blockedJobs.splice(0, blockedJobs.length, ...pools.flatMap(({ blocked }) => blocked))
      backfill(queue.filter(({ state }) => state === 'PENDING'))
    }
    return started > 0
  }

  /** Whether any turn has moved. */
  function rankIfDue(): boolean {
    const { order, rerankMs, halfLifeMs } = policy
    if (order !== 'fairshare') return false
    if (ranksEachStart) {
      const next = new Int32Array(places.length)
      shareRule.rank(claimsNow(), next)
      if (next.every((place, association) => place === places[association])) return false
      places = [...next]
      facts.push({ type: 'ranked', atMs: nowMs })
      for (const pool of pools) pool.changed = true
      return true
    }
    if (rankedMs >= 0 && Math.floor(nowMs / rerankMs) <= Math.floor(rankedMs / rerankMs)) return false
    const used = config.associations.map((_, association) => {
      const ongoing = running().map((job) => holdingOf(job))
      return [...holdings, ...ongoing]
        .filter((holding) => holding.association === association)
        .reduce((sum, holding) => sum + decayedAcceleratorS(holding, nowMs, halfLifeMs), 0)
    })
    const before = places
    const fair = placesInTurn(config, used)
    places = takesTargets ? placesByLag(fair) : fair
    rankedMs = nowMs
    facts.push({ type: 'ranked', atMs: nowMs })
    const isMoved = places.some((place, association) => place !== before[association])
    if (isMoved) for (const pool of pools) pool.changed = true
    return isMoved
  }

  const tree = ShareTree.of(config.accounts, config.associations)
  const shareRule = shareRuleOf(policy.shares ?? { rule: 'fair-tree' }, tree, policy)
  const ranksEachStart = policy.order === 'fairshare' && shareRule.movesWith === 'holdings'

  /** What a rule by holdings may look at, counted anew. */
  function claimsNow(): Claims {
    const kindOf = (pool: PoolConfig): string => (isCounted(pool) ? 'processors' : pool.kind)
    const resources = ['cpu', 'memory', ...new Set(config.pools.map(kindOf))]
    const amounts = ({ nodes, cpuMilli, memoryMib, acceleratorsMilli }: PlacedRequest, pool: number): number[] =>
      resources.map((resource) => {
        if (resource === 'cpu') return nodes * cpuMilli
        if (resource === 'memory') return nodes * memoryMib
        return resource === kindOf(config.pools[pool]!) ? nodes * acceleratorsMilli : 0
      })
    const rows = (all: (association: number) => readonly (readonly number[])[]): Float64Array =>
      Float64Array.from(
        config.associations.flatMap((_, association) =>
          resources.map((_, at) => all(association).reduce((sum, row) => sum + row[at]!, 0)),
        ),
      )
    const waitingOf = (association: number): PlainJob[] =>
      jobs.filter((job) => job.state === 'PENDING' && job.association === association)
    const capacity = resources.map((resource) =>
      config.pools.reduce((sum, pool) => {
        if (isCounted(pool)) return sum + (resource === 'processors' ? pool.processors * 1000 : 0)
        const { cpuMilli, memoryMib, accelerators } = pool.perNode
        if (resource === 'cpu') return sum + pool.nodes * cpuMilli
        if (resource === 'memory') return sum + pool.nodes * memoryMib
        return sum + (resource === pool.kind ? pool.nodes * accelerators * 1000 : 0)
      }, 0),
    )
    return {
      tree,
      resources,
      capacity: Float64Array.from(capacity),
      held: rows((association) =>
        running()
          .filter((job) => job.association === association)
          .map(({ request, pool }) => amounts(request, pool)),
      ),
      asked: rows((association) => waitingOf(association).map(({ request }) => amounts(request, request.pools[0]!))),
      next: rows((association) =>
        waitingOf(association)
          .toSorted((a, b) => a.sequence - b.sequence)
          .slice(0, 1)
          .map(({ request }) => amounts(request, request.pools[0]!)),
      ),
      usage: new Float64Array(config.associations.length),
    }
  }

  // ---- commands

  const holdingOf = ({ association, request, startedMs, pool }: PlainJob): Holding => ({
    association,
    pool,
    milli: request.nodes * request.acceleratorsMilli,
    fromMs: startedMs,
    toMs: nowMs,
  })

  const touch = (job: PlainJob): void => {
    for (const pool of job.request.pools) pools[pool]!.changed = true
  }

  const leave = (job: PlainJob): void => {
    touch(job)
    for (const pool of job.request.pools) pools[pool]!.freed = true
    if (isCapped()) freeWatts()
  }

  function stop(job: PlainJob): void {
    const pool = pools[job.pool]!
    pool.freed = true
    const holding = holdingOf(job)
    holdings.push(holding)
    charged[job.association]! += BigInt(holding.milli) * BigInt(holding.toMs - holding.fromMs)
    pool.changed = true
    pool.freedSincePromise = true
    if (isCapped()) freeWatts()
    job.placement = []
  }

  function end(job: PlainJob, state: EndState, exitCode: number): void {
    if (job.state === 'RUNNING') stop(job)
    else if (job.state === 'PENDING') leave(job)
    dropPromise(job)
    jobs = jobs.filter((other) => other !== job)
    facts.push({ type: 'ended', atMs: nowMs, job: job.job, attempt: job.attempt, state, exitCode })
  }

  function submit(command: SubmitCommand): Outcome {
    const { job, account, user, timeLimitMs, held, label } = command
    if (find(job) !== undefined) return refused('DuplicateJob')
    const association = config.associations.findIndex((row) => row.account === account && row.user === user)
    const { pools: names, speedsMille, nodes, acceleratorsMilli, cpuMilli, memoryMib } = command.request
    const accepted = names.map((name) => config.pools.findIndex((pool) => pool.name === name))
    const request: PlacedRequest = {
      pools: accepted,
      ...(speedsMille && { speedsMille }),
      ...{ nodes, acceleratorsMilli, cpuMilli, memoryMib },
    }
    const isSensible =
      [job, nodes, acceleratorsMilli, timeLimitMs].every(isCount) &&
      [nodes, acceleratorsMilli, cpuMilli, memoryMib].every(isAmount) &&
      (acceleratorsMilli % 1000 === 0 || (acceleratorsMilli < 1000 && nodes === 1)) &&
      (speedsMille ?? accepted).length === accepted.length &&
      (speedsMille ?? []).every((speed) => isCount(speed) && isAmount(speed))
    const reason: RefusalCode | undefined =
      association < 0
        ? 'InvalidAccount'
        : accepted.length === 0 || accepted.includes(-1)
          ? 'InvalidPool'
          : !isSensible
            ? 'BadRequest'
            : accepted.some((pool) => couldEverHold(pools[pool]!, request))
              ? undefined
              : 'BadConstraints'
    if (reason !== undefined) {
      facts.push({ type: 'refused', atMs: nowMs, job, account, user, reason, label })
      return refused(reason)
    }
    const added: PlainJob = {
      job,
      sequence: ++submissions,
      association,
      request,
      timeLimitMs,
      state: held === null ? 'PENDING' : 'HELD',
      heldBy: held,
      attempt: 0,
      startedMs: 0,
      pool: -1,
      placement: [],
      place: undefined,
    }
    jobs.push(added)
    if (held === null) touch(added)
    facts.push({ type: 'submitted', atMs: nowMs, job, association, request, timeLimitMs, held, label })
    return DONE
  }

  function hold(job: PlainJob, by: HoldBy): Outcome {
    if (job.state === 'RUNNING' || job.heldBy === 'admin' || job.heldBy === by) return ignored('no-change')
    if (job.state === 'PENDING') {
      leave(job)
      dropPromise(job)
    }
    job.state = 'HELD'
    job.heldBy = by
    facts.push({ type: 'held', atMs: nowMs, job: job.job, by })
    return DONE
  }

  function release(job: PlainJob, by: HoldBy): Outcome {
    if (job.state !== 'HELD') return ignored('no-change')
    if (job.heldBy === 'admin' && by === 'user') return refused('NotAllowed')
    job.state = 'PENDING'
    job.heldBy = null
    touch(job)
    facts.push({ type: 'released', atMs: nowMs, job: job.job })
    return DONE
  }

  function setNode(name: string, node: number, to: NodeState): Outcome {
    const pool = pools.find((candidate) => candidate.config.name === name)
    if (pool?.states[node] === undefined) return refused('UnknownNode')
    if (pool.states[node] === to) return ignored('no-change')
    if (to !== 'up')
      for (const promise of pool.promises) if (promise.nodes.includes(node)) unreserve(pool, promise, 'node')
    const wasDown = pool.states[node] === 'down'
    pool.states[node] = to
    pool.changed = true
    if (to === 'down' && isCapped()) freeWatts()
    // It takes watts that others were promised, in whatever pool.
    if (wasDown && isCapped()) wattsFreed = true
    if (to === 'up') pool.freedSincePromise = true
    facts.push({ type: 'node', atMs: nowMs, pool: pool.index, node, to })
    if (to !== 'down') {
      voidWithoutWatts('power')
      return DONE
    }
    const lost = running().filter((job) => job.pool === pool.index && job.placement.some((part) => part.node === node))
    for (const job of lost) {
      if (!policy.requeueOnNodeFail) {
        end(job, 'NODE_FAIL', 0)
        continue
      }
      stop(job)
      job.state = 'PENDING'
      touch(job)
      facts.push({ type: 'requeued', atMs: nowMs, job: job.job, attempt: job.attempt, cause: 'NODE_FAIL' })
    }
    return DONE
  }

  function target(named: readonly NamedTarget[]): Outcome {
    if (!takesTargets) return ignored('no-change')
    const targets = named.map(({ account, user, pool, acceleratorsMilli }) => ({
      association: config.associations.findIndex((row) => row.account === account && row.user === user),
      pool: config.pools.findIndex(({ name }) => name === pool),
      acceleratorsMilli,
    }))
    const written = targets
      .filter(({ acceleratorsMilli }) => acceleratorsMilli > 0)
      .toSorted((a, b) => a.association - b.association || a.pool - b.pool)
    targetings.push({ atMs: nowMs, targets: written })
    facts.push({ type: 'targeted', atMs: nowMs, targets: written })
    return DONE
  }

  function setPowerCap(watts: number | null): Outcome {
    if (policy.power === undefined) return refused('UnknownWatts')
    if (watts !== null && !(Number.isInteger(watts) && watts >= 0)) return refused('BadRequest')
    if (watts === capW) return ignored('no-change')
    capW = watts
    freeWatts()
    facts.push({ type: 'power-capped', atMs: nowMs, capW: watts })
    voidWithoutWatts('power')
    return DONE
  }

  function apply(command: Command): Outcome {
    switch (command.type) {
      case 'submit':
        return submit(command)
      case 'node':
        return setNode(command.pool, command.node, command.to)
      case 'power-cap':
        return setPowerCap(command.capW)
      case 'reject':
        facts.push({ type: 'rejected', atMs: nowMs, command: command.command, reason: command.reason })
        return DONE
      case 'target':
        return target(command.targets)
      case 'finish': {
        const job = find(command.job)
        if (job?.state !== 'RUNNING' || job.attempt !== command.attempt) return ignored('old-attempt')
        end(job, command.exitCode === 0 ? 'COMPLETED' : 'FAILED', command.exitCode)
        return DONE
      }
      default: {
        const job = find(command.job)
        if (job === undefined) return refused('UnknownJob')
        if (command.type === 'hold') return hold(job, command.by)
        if (command.type === 'release') return release(job, command.by)
        end(job, 'CANCELLED', 0)
        return DONE
      }
    }
  }

  const byLimit = (a: PlainJob, b: PlainJob): number => endOf(a) - endOf(b) || a.sequence - b.sequence

  return {
    config,
    facts,
    apply(command, at) {
      nowMs = at
      return apply(command)
    },
    schedule(at) {
      nowMs = at
      for (const job of running().toSorted(byLimit)) if (endOf(job) <= nowMs) end(job, 'TIMEOUT', 0)
      pass()
    },
    live: () => jobs,
    running: () => running().toSorted(byLimit),
    pending,
    nextDueMs: () =>
      Math.min(
        Number.POSITIVE_INFINITY,
        ...running().map(endOf),
        ...jobs.flatMap(({ place }) => (place === undefined ? [] : [place.startMs])),
      ),
    chargedUs: () => charged,
    fitting(poolIndex, id) {
      const pool = pools[poolIndex]!
      if (isCounted(pool.config)) return freeProcessors(pool)
      return nodesInService(pool).filter((node) => fits(restOf(pool, node), find(id)!.request)).length
    },
    fittingBesidePromises(poolIndex, id) {
      const pool = pools[poolIndex]!
      const job = find(id)!
      const ahead = pool.promises.filter((promise) => byTurn(promise.job, job) < 0)
      return nodesInService(pool)
        .filter((node) => fits(restOf(pool, node), job.request))
        .filter((node) => !ahead.some((promise) => isInTheWay(pool, node, job, promise))).length
    },
    pools: () => pools,
    owes: (pool, id) => isOwed(find(id)!.association, pool),
    drawW: () => drawW(),
    neededW: (pool, id) => wattsOf(pools[pool]!, find(id)!.request),
    leftW(pool, id) {
      const job = find(id)!
      if (!isCapped()) return Number.POSITIVE_INFINITY
      const ahead = (promise: PlainPromise): boolean => byTurn(promise.job, job) < 0
      booked = pools.flatMap((one) => one.promises.filter(ahead).map((promise) => bookingOf(one, promise)))
      const leftW = leastWatts(nowMs, nowMs + limitIn(pool, job))
      booked = []
      return leftW
    },
  }
}
