// What a kind of work asks for on a given center: how many sessions of it come, of which sizes, and in which pools they may run.

import {
  type CenterConfig,
  isCounted,
  type JobRequest,
  type NodeShape,
  type PoolConfig,
  REFERENCE_SPEED_MILLE,
  WHOLE_ACCELERATOR_MILLI,
} from '@dure/core'
import type { KindSpeed } from './demand-group.ts'
import { withoutFp64 } from './job-kinds.ts'
import { roulette } from './roulette.ts'
import type { Stream } from './streams.ts'
import { meanTimeS } from './time-law.ts'
import { WEEK_MS } from './week.ts'
import type { EstimateHabit, JobKind, Weighted, WorkloadModel } from './workload-model.ts'

/** A session is over well before twice the mean time of the longest there are. */
const GAPS_AT_MOST = 2

/** A pool by what one node of it has, and how fast the kind runs there; processors that are only counted are one large node. */
interface Room {
  readonly pool: PoolConfig
  readonly nodes: number
  readonly perNode: NodeShape
  readonly mille: number
}

/** A kind with what is known of it on a given center. */
export interface Offer {
  readonly kind: JobKind
  /** By how much of the software runs where: those whose software runs in the most pools first. */
  readonly ports: readonly Port[]
  readonly pickSize: (draws: Stream) => number
  readonly sessionJobs: readonly number[]
  readonly pickSessionJobs: (draws: Stream) => number
  /** Sessions per millisecond on the average of a week. */
  readonly rate: number
  /** How long a session takes at most, but for one in thousands. */
  readonly sessionMs: number
}

/** Sessions of a kind whose software runs in the same pools. */
interface Port {
  /** They, and those of the ports before them, as a part of all. */
  readonly upTo: number
  readonly sizes: readonly Size[]
}

interface Size {
  readonly accelerators: number
  /** Where nodes are unlike, a job is written for one sort of them. */
  readonly shapes: readonly Shape[]
  readonly pickShape: (draws: Stream) => number
}

interface Shape {
  readonly groups: readonly Group[]
  /** By which pool of each group comes first. */
  readonly requests: JobRequest[]
}

/** Rooms that are as good as each other, and which of them comes first: in proportion to what they have, so that load spreads. */
interface Group {
  readonly rooms: readonly Room[]
  readonly pickFirst: (draws: Stream) => number
}

interface Asked {
  readonly config: CenterConfig
  readonly model: WorkloadModel
  readonly load: number | undefined
  readonly speeds: readonly KindSpeed[] | undefined
  /** Mean time on the accelerators. */
  readonly runMeanMs: (kind: JobKind, habit: EstimateHabit) => number
}

/** The kinds that the center can run at all, at rates that make up the load asked for, or the number of jobs that the model has. */
export function offersOf({ config, model, load, speeds, runMeanMs }: Asked): Offer[] {
  const { jobsPerWeek, kinds, percentsOf } = model
  if (load === undefined ? jobsPerWeek === null : !(load > 0 && load < Infinity)) {
    throw new Error(`load ${load} is not a positive number: give a fraction of capacity, such as 0.9`)
  }
  if (speeds !== undefined) assertSpeeds(config, speeds)
  const takesAny = speeds === undefined && kinds.some(({ runsOn }) => runsOn === 'any')
  const rooms = config.pools.filter((pool) => takesAny || !isCounted(pool)).map(roomOf)
  const runnable = kinds
    .map((kind) => ({ kind, ports: speeds === undefined ? [portTo(kind, rooms)] : portsOf(kind, rooms, speeds) }))
    .filter(({ ports }) => ports.length > 0 && ports[0]!.sizes.length > 0)
  if (runnable.length === 0) {
    throw new Error(
      `center ${config.name} has no pool of GPU, NPU or PIM nodes: the workload model has nothing to ask of it`,
    )
  }
  const capacity = capacityFor(config, model, speeds)
  const percents = runnable.reduce((sum, { kind }) => sum + kind.percent, 0)
  const withWork = runnable.map(({ kind, ports }) => {
    const sizeMean = ports.reduce(
      (sum, { upTo, sizes }, p) => sum + (upTo - (ports[p - 1]?.upTo ?? 0)) * mean(weighed(kind, sizes)),
      0,
    )
    // Where the model knows how many jobs come and nobody asks for a load, no work need be known.
    const workMs = load === undefined ? 1 : sizeMean * runMeanMs(kind, model.estimates)
    return { kind, ports, workMs, part: kind.percent / percents }
  })
  // Jobs a millisecond, of all kinds, where the percents are of jobs.
  const allJobs =
    load === undefined
      ? jobsPerWeek! / WEEK_MS
      : (load * capacity) / withWork.reduce((sum, { part, workMs }) => sum + part * workMs, 0)
  return withWork.map(({ kind, ports, workMs, part }) => {
    const { jobs, think, awaitsUpToS } = kind.sessions
    const jobRate = percentsOf === 'jobs' || load === undefined ? allJobs * part : (load * capacity * part) / workMs
    const gapMs = 1000 * (meanTimeS(think) + Math.min(awaitsUpToS, meanTimeS(kind.run)))
    const jobsMax = jobs.reduce((most, [count]) => Math.max(most, count), 0)
    return {
      kind,
      ports,
      pickSize: roulette(kind.sizes.map(([, weight]) => weight)),
      sessionJobs: jobs.map(([count]) => count),
      pickSessionJobs: roulette(jobs.map(([, weight]) => weight)),
      rate: jobRate / mean(jobs),
      sessionMs: GAPS_AT_MOST * (jobsMax - 1) * gapMs,
    }
  })
}

/**
 * What a center could do of the work of a model, in accelerators of the reference speed: what a load of 1 asks for. Pools that none
 * of the work could use count as accelerators all the same, for they are there to be used.
 */
export function capacityFor(
  { pools }: Pick<CenterConfig, 'pools'>,
  { kinds }: Pick<WorkloadModel, 'kinds'>,
  speeds: readonly KindSpeed[] | undefined,
): number {
  const takesAny = speeds === undefined && kinds.some(({ runsOn }) => runsOn === 'any')
  return pools
    .filter((pool) => takesAny || !isCounted(pool))
    .map(roomOf)
    .reduce((sum, room) => sum + capacityOf(room) * meanSpeed(room.pool, kinds, speeds), 0)
}

function assertSpeeds({ name, pools }: CenterConfig, speeds: readonly KindSpeed[]): void {
  const listed = new Set<string>()
  for (const { kind, pool, mille, portableMille } of speeds) {
    const what = `${kind} in pool ${pool}`
    if (!pools.some((one) => one.name === pool && !isCounted(one))) {
      throw new RangeError(`speed of ${what}: center ${name} has no such pool of nodes`)
    }
    if (!(Number.isInteger(mille) && mille > 0)) throw new RangeError(`speed of ${what}: ${mille} is no speed`)
    if (!(portableMille >= 0 && portableMille <= 1000)) {
      throw new RangeError(`speed of ${what}: ${portableMille} thousandths cannot be portable`)
    }
    if (listed.has(what)) throw new RangeError(`speed of ${what} is listed twice`)
    listed.add(what)
  }
}

const roomOf = (pool: PoolConfig): Room =>
  isCounted(pool)
    ? {
        pool,
        nodes: 1,
        perNode: { cpuMilli: 0, memoryMib: 0, accelerators: pool.processors },
        mille: REFERENCE_SPEED_MILLE,
      }
    : { pool, nodes: pool.nodes, perNode: pool.perNode, mille: REFERENCE_SPEED_MILLE }

const capacityOf = ({ nodes, perNode }: Room): number => nodes * perNode.accelerators

/** How fast the work of a model is in a pool, in the mean of the kinds that run there. */
function meanSpeed(pool: PoolConfig, kinds: readonly JobKind[], speeds: readonly KindSpeed[] = []): number {
  let percents = 0
  let sum = 0
  for (const { kind: name, pool: listed, mille, portableMille } of speeds) {
    const kind = kinds.find((one) => one.name === name)
    if (listed !== pool.name || portableMille === 0 || kind === undefined || !hasFp64For(kind, pool)) continue
    const { percent } = kind
    percents += percent
    sum += percent * mille
  }
  return percents > 0 ? sum / (percents * REFERENCE_SPEED_MILLE) : 1
}

const hasFp64For = ({ needsFp64 }: JobKind, pool: PoolConfig): boolean =>
  isCounted(pool) || !(needsFp64 && withoutFp64.includes(pool.model))

/** A kind that runs everywhere as fast, wherever its devices are. */
function portTo(kind: JobKind, rooms: readonly Room[]): Port {
  const { runsOn } = kind
  const together =
    runsOn === 'any'
      ? [rooms]
      : runsOn.map((devices) =>
          rooms.filter(({ pool }) => !isCounted(pool) && devices.includes(pool.kind) && hasFp64For(kind, pool)),
        )
  const groups = together.filter((found) => found.length > 0).map(groupOf)
  return { upTo: 1, sizes: sizesIn(kind, groups, () => [groups]) }
}

/** A kind that runs in the pools that are listed for it, as fast as it says there: the sessions whose software runs in most of them first. */
function portsOf(kind: JobKind, rooms: readonly Room[], speeds: readonly KindSpeed[]): Port[] {
  const listed = speeds
    .filter((speed) => speed.kind === kind.name && speed.portableMille > 0)
    .flatMap(({ pool, mille, portableMille }) =>
      rooms
        .filter((room) => room.pool.name === pool && hasFp64For(kind, room.pool))
        .map((room) => ({ room: { ...room, mille }, portableMille })),
    )
  const steps = [...new Set(listed.map(({ portableMille }) => portableMille))].sort((a, b) => a - b)
  // Sessions that run nowhere are not asked for.
  const most = steps.at(-1) ?? 0
  return steps.map((step) => {
    const own = listed.filter(({ portableMille }) => portableMille >= step).map(({ room }) => room)
    const fastest = [...new Set(own.map(({ mille }) => mille))].sort((a, b) => b - a)
    const bySpeed = (some: readonly Room[]): Group[] =>
      fastest
        .map((mille) => some.filter((room) => room.mille === mille))
        .filter((found) => found.length > 0)
        .map(groupOf)
    const groups = bySpeed(own)
    return {
      upTo: step / most,
      sizes: sizesIn(kind, groups, (accelerators) => {
        const fitting = own.filter((room) => capacityOf(room) >= accelerators)
        const onEach = (room: Room): number => Math.min(accelerators, room.perNode.accelerators)
        return [...new Set(fitting.map(onEach))].map((each) => bySpeed(fitting.filter((room) => onEach(room) === each)))
      }),
    }
  })
}

const groupOf = (rooms: readonly Room[]): Group => ({ rooms, pickFirst: roulette(rooms.map(capacityOf)) })

/** The sizes of a kind, cut to the largest of its rooms. None where there is no room. */
function sizesIn(
  kind: JobKind,
  groups: readonly Group[],
  shapesFor: (accelerators: number) => readonly (readonly Group[])[],
): Size[] {
  if (groups.length === 0) return []
  const largest = groups.flatMap(({ rooms }) => rooms).reduce((most, room) => Math.max(most, capacityOf(room)), 0)
  return kind.sizes.map(([size]) => {
    const accelerators = Math.min(size, largest)
    const shapes = shapesFor(accelerators)
    const speed = ({ rooms }: Group): number => rooms.reduce((sum, room) => sum + capacityOf(room) * room.mille, 0)
    return {
      accelerators,
      shapes: shapes.map((own) => ({ groups: own, requests: [] })),
      pickShape: roulette(shapes.map((own) => own.reduce((sum, group) => sum + speed(group), 0))),
    }
  })
}

const weighed = (kind: JobKind, sizes: readonly Size[]): Weighted[] =>
  sizes.map(({ accelerators }, i): Weighted => [accelerators, kind.sizes[i]![1]])

const mean = (table: readonly Weighted[]): number => {
  const total = table.reduce((sum, [, weight]) => sum + weight, 0)
  return table.reduce((sum, [value, weight]) => sum + value * weight, 0) / total
}

/** How the pools of a request are drawn. */
export interface RequestDraws {
  readonly pools: Stream
  readonly shapes: Stream
  /** Equal requests are one object: a center has few shapes, however many jobs. */
  readonly shared: Map<string, JobRequest>
}

/** What a job of a size asks for. */
export function requestOf({ accelerators, shapes, pickShape }: Size, draws: RequestDraws): JobRequest {
  const { groups, requests } = shapes[shapes.length > 1 ? pickShape(draws.shapes) : 0]!
  const firsts = groups.map(({ pickFirst }) => pickFirst(draws.pools))
  const at = groups.reduce((code, { rooms }, g) => code * rooms.length + firsts[g]!, 0)
  const known = requests[at]
  if (known !== undefined) return known
  // Groups in order of preference, and of one group the drawn room first.
  const rooms = groups.flatMap(({ rooms }, g) => [rooms[firsts[g]!]!, ...rooms.filter((_, i) => i !== firsts[g])])
  const key = `${accelerators} ${rooms.map(({ pool, mille }) => `${pool.name} ${mille}`).join(' ')}`
  const request = draws.shared.get(key) ?? requestFor(accelerators, rooms)
  draws.shared.set(key, request)
  requests[at] = request
  return request
}

/** A request of `size` accelerators in all: on one node where it fits, else on whole nodes of the first pool that is large enough. */
function requestFor(size: number, rooms: readonly Room[]): JobRequest {
  // `size` was cut to the largest room, so one is large enough.
  const fitting = rooms.find((room) => capacityOf(room) >= size)!
  const acceleratorsPerNode = Math.min(size, fitting.perNode.accelerators)
  const nodes = Math.ceil(size / acceleratorsPerNode)
  const accepted = rooms.filter(
    ({ nodes: has, perNode }) => has >= nodes && perNode.accelerators >= acceleratorsPerNode,
  )
  const portion = (has: (room: Room) => number): number =>
    accepted.reduce(
      (least, room) => Math.min(least, Math.floor((has(room) * acceleratorsPerNode) / room.perNode.accelerators)),
      Infinity,
    )
  return {
    pools: accepted.map(({ pool }) => pool.name),
    ...(accepted.some(({ mille }) => mille !== REFERENCE_SPEED_MILLE) && {
      speedsMille: accepted.map(({ mille }) => mille),
    }),
    nodes,
    acceleratorsMilli: acceleratorsPerNode * WHOLE_ACCELERATOR_MILLI,
    cpuMilli: portion(({ perNode }) => perNode.cpuMilli),
    memoryMib: portion(({ perNode }) => perNode.memoryMib),
  }
}
