// The pending jobs, arranged so that a pass never walks them one by one.
//
//   partition   jobs that accept the same list of pools
//     shape     ... and ask for the same on each node
//       bin     ... and for as long: if one of them cannot start in a pass, none can, nor any of a longer bin
//         class ... and belong to the same lane (fair-share association): a first-in-first-out queue
//
// Each level keeps the next in a heap by turn, so that the next job of a partition is at hand, and a shape that does not
// fit is passed over whole. Work per pass grows with the number of shapes, not with the number of jobs.

import { assert } from './assert.ts'
import { asRequested, type PoolOrder } from './device-rule.ts'
import type { PlacedRequest } from './fact.ts'
import { IdTable } from './id-table.ts'
import { type Jobs, NONE } from './jobs.ts'
import { byTurn, type PlacedTurn, popHeap, pushHeap, type Turn, TurnHeap } from './turn-heap.ts'

/** The shortest time limit with which a shape has failed in a pass. The next forgets it, unless nothing has changed since that could help. */
class FailedLimit {
  #pass = 0
  #limitMs = Number.POSITIVE_INFINITY
  #changes = Number.NaN

  inPass(pass: number): number {
    return this.#pass === pass ? this.#limitMs : Number.POSITIVE_INFINITY
  }

  /** `changes`: number of changes so far that could have helped; NaN, which equals nothing, where nobody counts them. */
  set(pass: number, limitMs: number, changes: number): void {
    this.#limitMs = Math.min(limitMs, this.inPass(pass))
    this.#pass = pass
    this.#changes = changes
  }

  /** What failed in an earlier pass fails in this one, if nothing has changed since. */
  carryOver(pass: number, changes: number): void {
    if (changes === this.#changes) this.#pass = pass
  }
}

/** What is asked for on each node, and where: interned, so that jobs share it. */
export interface Shape extends PlacedRequest, PlacedTurn {
  readonly kind: 'shape'
  readonly index: number
  /** Whose it is alone, where that matters to where its jobs may start; NONE where it is everybody's. */
  readonly lane: number
  /** `pools` in the order in which they are tried. */
  readonly tried: readonly number[]
  readonly partition: Partition
  /** Whole accelerators a node, 0 for a slice of one device. */
  readonly accelerators: number
  /** Thousandths of an accelerator over all nodes: what usage is charged by. */
  readonly totalMilli: number
  readonly bins: TurnHeap<Bin>
  /** Id of each bin by time limit. */
  readonly binIds: IdTable
  /** Time limits of its bins, as a heap; some of bins that are gone. */
  readonly limitsMs: number[]
  readonly failedLimit: FailedLimit
  /** Processors, in a counted pool; Infinity for a slice, which only devices have. */
  readonly units: number
}

export interface Partition {
  /** Pool indices, the preferred first. */
  readonly pools: readonly number[]
  /** Those with pending jobs. */
  readonly shapes: TurnHeap<Shape>
  pending: number
  /** Whether a job came, left the queue unstarted, or changed its turn since the last pass. */
  arrived: boolean
  /** Those that share a pool with it: turns count across them. */
  readonly neighbours: Partition[]
  /** Whether the present pass looks at it: 0 no, 1 it has news, or a neighbour that has, 2 and something could start. */
  attention: 0 | 1 | 2
  /** Where waiting jobs keep places (`place-pass.ts`): those that have none yet. */
  readonly unplaced: Set<number> | null
}

/** Jobs of one shape that ask for as long. Once empty, it is used again for others. */
export interface Bin extends PlacedTurn {
  readonly kind: 'bin'
  readonly id: number
  shape: Shape
  timeLimitMs: number
  readonly classes: TurnHeap<JobClass>
}

/** One job's turn. */
export interface Candidate {
  readonly kind: 'job'
  readonly rank: number
  readonly sequence: number
  readonly bin: Bin
  readonly slot: number
}

interface JobClass extends PlacedTurn {
  readonly id: number
  count: number
  lane: number
  bin: Bin
  head: number
  tail: number
}

/** Keys join two small numbers in one below 2^53. */
const KEY_BASE = 0x20_0000

export class Backlog {
  readonly shapes: Shape[] = []
  readonly partitions: Partition[] = []
  readonly #jobs: Jobs
  /** Whether every association has a lane of its own. */
  readonly #hasLanes: boolean
  /** Whether waiting jobs keep places. */
  readonly keepsPlaces: boolean
  readonly #poolOrder: PoolOrder
  readonly #splitsShapes: boolean
  /** Rank by lane. */
  #rank: Int32Array
  readonly #shapeIds = new IdTable()
  readonly #bins: Bin[] = []
  readonly #emptyBins: Bin[] = []
  readonly #classes: JobClass[] = []
  readonly #emptyClasses: JobClass[] = []
  /** Id of each class by bin and lane; not needed where there is one lane. */
  readonly #classIds = new IdTable()
  #pending = 0

  /**
   * `perAssociation`: whether every fair-share association has a lane of its own, or there is one for all where submission order rules.
   * `poolOrder`: which pools are tried first. `splitsShapes`: no two associations share a shape.
   */
  constructor(
    jobs: Jobs,
    associations: number,
    perAssociation: boolean,
    keepsPlaces: boolean,
    poolOrder: PoolOrder = asRequested,
    splitsShapes = false,
  ) {
    this.#jobs = jobs
    this.#splitsShapes = splitsShapes
    this.#poolOrder = poolOrder
    this.keepsPlaces = keepsPlaces
    this.#hasLanes = perAssociation
    this.#rank = new Int32Array(perAssociation ? associations : 1)
  }

  /** Jobs that wait for a turn; held ones do not. */
  get pending(): number {
    return this.#pending
  }

  get ranks(): Int32Array {
    return this.#rank
  }

  /** The shape of a request by an association. */
  intern(
    pools: readonly number[],
    nodes: number,
    acceleratorsMilli: number,
    cpuMilli: number,
    memoryMib: number,
    speedsMille?: readonly number[],
    association = NONE,
  ): Shape {
    const partition = this.partition(pools)
    const lane = this.#splitsShapes ? association : NONE
    let key = sizesHash(nodes, acceleratorsMilli, cpuMilli, memoryMib)
    for (let known = this.#shapeIds.get(key); known >= 0; known = this.#shapeIds.get(++key)) {
      const shape = this.shapes[known]!
      if (
        shape.partition === partition &&
        shape.lane === lane &&
        shape.nodes === nodes &&
        shape.acceleratorsMilli === acceleratorsMilli &&
        shape.cpuMilli === cpuMilli &&
        shape.memoryMib === memoryMib &&
        areAlike(shape.speedsMille, speedsMille)
      ) {
        return shape
      }
    }
    this.#shapeIds.set(key, this.shapes.length)
    const totalMilli = nodes * acceleratorsMilli
    const shape: Shape = {
      kind: 'shape',
      rank: 0,
      sequence: 0,
      place: NONE,
      bins: new TurnHeap(),
      binIds: new IdTable(8),
      limitsMs: [],
      pools: partition.pools,
      lane,
      tried: this.#poolOrder(partition.pools, speedsMille),
      speedsMille: speedsMille && [...speedsMille],
      nodes,
      acceleratorsMilli,
      cpuMilli,
      memoryMib,
      index: this.shapes.length,
      partition,
      accelerators: Math.floor(acceleratorsMilli / 1000),
      totalMilli,
      failedLimit: new FailedLimit(),
      units: totalMilli % 1000 === 0 ? totalMilli / 1000 : Number.POSITIVE_INFINITY,
    }
    this.shapes.push(shape)
    return shape
  }

  /** Puts a pending job into its class queue, by its sequence. */
  add(slot: number): void {
    const jobs = this.#jobs
    const shape = this.shapes[jobs.shape[slot]!]!
    const jobClass = this.#class(this.#bin(shape, jobs.timeLimitMs[slot]!), this.#laneOf(slot))
    const sequence = jobs.sequence[slot]!
    // Nearly always the newest; a released or requeued job goes back to its old place.
    let before = jobClass.tail
    while (before !== NONE && jobs.sequence[before]! > sequence) before = jobs.previous[before]!
    const after = before === NONE ? jobClass.head : jobs.next[before]!
    jobs.previous[slot] = before
    jobs.next[slot] = after
    jobs.place[slot] = jobClass.id
    if (before === NONE) jobClass.head = slot
    else jobs.next[before] = slot
    if (after === NONE) jobClass.tail = slot
    else jobs.previous[after] = slot
    jobClass.count++
    if (before === NONE) this.#headChanged(jobClass)
    shape.partition.pending++
    shape.partition.arrived = true
    shape.partition.unplaced?.add(slot)
    this.#pending++
  }

  /** Takes a job out of its queue, to start it or because it left. */
  remove(slot: number): void {
    const jobs = this.#jobs
    const jobClass = this.#classes[jobs.place[slot]!]!
    const before = jobs.previous[slot]!
    const after = jobs.next[slot]!
    if (before === NONE) jobClass.head = after
    else jobs.next[before] = after
    if (after === NONE) jobClass.tail = before
    else jobs.previous[after] = before
    jobs.place[slot] = NONE
    jobClass.count--
    if (before === NONE) this.#headChanged(jobClass)
    const { partition } = jobClass.bin.shape
    partition.pending--
    partition.unplaced?.delete(slot)
    this.#pending--
  }

  /** A job of a partition that keeps places has one now. */
  placed(slot: number): void {
    this.shapes[this.#jobs.shape[slot]!]!.partition.unplaced!.delete(slot)
  }

  /** It has none any more. */
  unplaced(slot: number): void {
    this.shapes[this.#jobs.shape[slot]!]!.partition.unplaced!.add(slot)
  }

  /** Negative where the turn of pending job `a` is before that of `b`. */
  compareTurns(a: number, b: number): number {
    const { sequence } = this.#jobs
    const rankOf = (slot: number): number => this.#rank[this.#laneOf(slot)]!
    return rankOf(a) - rankOf(b) || sequence[a]! - sequence[b]!
  }

  /** The shortest time limit among the pending jobs of a shape; Infinity where there are none. */
  shortestLimitMs({ limitsMs, binIds }: Shape): number {
    while (limitsMs.length > 0 && binIds.get(limitsMs[0]!) === NONE) popHeap(limitsMs, isLess)
    return limitsMs[0] ?? Number.POSITIVE_INFINITY
  }

  /** The bin of a shape with a time limit that some pending job of it has. */
  binOf(shape: Shape, timeLimitMs: number): Bin {
    return this.#bins[shape.binIds.get(timeLimitMs)]!
  }

  /** The job whose turn it is in a bin. */
  first(bin: Bin): number {
    return bin.classes.first!.head
  }

  /** The first `limit` jobs of a bin as candidates in turn order; O(log) each. */
  candidates(bin: Bin, limit = Number.POSITIVE_INFINITY): Candidate[] {
    const found: Candidate[] = []
    const { items } = bin.classes
    // Behind a job may come the next of its class, and the classes that stand below its own in the heap.
    const ahead: Candidate[] = []
    const add = (slot: number, { rank }: JobClass): void => {
      const candidate: Candidate = { kind: 'job', rank, sequence: this.#jobs.sequence[slot]!, bin, slot }
      pushHeap(ahead, candidate, byTurn)
    }
    add(items[0]!.head, items[0]!)
    while (ahead.length > 0 && found.length < limit) {
      const candidate = popHeap(ahead, byTurn)
      found.push(candidate)
      const jobClass = this.#classes[this.#jobs.place[candidate.slot]!]!
      const next = this.#jobs.next[candidate.slot]!
      if (next !== NONE) add(next, jobClass)
      if (candidate.slot !== jobClass.head) continue
      for (const below of items.slice(2 * jobClass.place + 1, 2 * jobClass.place + 3)) add(below.head, below)
    }
    return found
  }

  /** The turn of one pending job. */
  turn(slot: number): { rank: number; sequence: number } {
    return { rank: this.#classes[this.#jobs.place[slot]!]!.rank, sequence: this.#jobs.sequence[slot]! }
  }

  /** Whether a fair-share order is another than the present one. */
  isMovedBy(ranks: Int32Array): boolean {
    for (let lane = 0; lane < ranks.length; lane++) if (ranks[lane] !== this.#rank[lane]) return true
    return false
  }

  /** Takes a new fair-share order (rank by lane). Whether anything moved. */
  rerank(ranks: Int32Array): boolean {
    if (!this.isMovedBy(ranks)) return false
    this.#rank.set(ranks)
    for (const partition of this.partitions) {
      let isMoved = false
      for (const shape of partition.shapes.items) isMoved = this.#rerankShape(shape) || isMoved
      if (isMoved) partition.shapes.rebuild()
      partition.arrived = true
    }
    return true
  }

  /** Up to `limit` pending jobs in turn order, over all partitions. */
  inTurn(limit: number): number[] {
    return [...this.#allBins()]
      .flatMap((bin) => this.candidates(bin))
      .sort((a, b) => (byTurn(a, b) ? -1 : 1))
      .slice(0, limit)
      .map(({ slot }) => slot)
  }

  /** Turns of the pending jobs that accept a pool and come before another turn, in turn order. */
  before(turn: Turn, pool: number): Candidate[] {
    return [...this.#allBins()]
      .filter((bin) => bin.shape.pools.includes(pool) && byTurn(bin, turn))
      .flatMap((bin) => this.candidates(bin))
      .filter((candidate) => byTurn(candidate, turn))
      .sort((a, b) => (byTurn(a, b) ? -1 : 1))
  }

  /** Shape, lane, number of jobs and the first of them, of every class, in no order that matters. */
  forEachClass(tell: (shape: Shape, lane: number, count: number, head: number) => void): void {
    for (const bin of this.#allBins()) {
      for (const { lane, count, head } of bin.classes.items) tell(bin.shape, lane, count, head)
    }
  }

  *#allBins(): Generator<Bin> {
    for (const { shapes } of this.partitions) for (const { bins } of shapes.items) yield* bins.items
  }

  /** Every queue is linked both ways, every heap in order, and the counts add up. */
  assertInvariants(): void {
    let pending = 0
    for (const partition of this.partitions) {
      let inPartition = 0
      assertOrder(partition.shapes.items)
      for (const shape of partition.shapes.items) {
        assert(shape.partition === partition, 'a shape stands in its partition')
        assertOrder(shape.bins.items)
        const [first] = shape.bins.items
        assert(first?.sequence === shape.sequence && first.rank === shape.rank, 'a shape has the turn of its first bin')
        const shortestMs = Math.min(...shape.bins.items.map(({ timeLimitMs }) => timeLimitMs))
        assert(this.shortestLimitMs(shape) === shortestMs, 'a shape knows its shortest time limit')
        for (const bin of shape.bins.items) {
          assert(bin.shape === shape, 'a bin stands in its shape')
          assertOrder(bin.classes.items)
          for (const jobClass of bin.classes.items) inPartition += this.#assertQueue(jobClass)
        }
      }
      assert(inPartition === partition.pending, 'a partition counts its pending jobs')
      pending += inPartition
    }
    assert(pending === this.#pending, 'the backlog counts its pending jobs')
  }

  /** Checks one class queue; says how many jobs are in it. */
  #assertQueue(jobClass: JobClass): number {
    const { head, tail } = jobClass
    let count = 0
    let previous = NONE
    for (let slot = head; slot !== NONE; slot = this.#jobs.next[slot]!) {
      assert(this.#jobs.previous[slot] === previous, 'a class queue is linked both ways')
      assert(
        previous === NONE || this.#jobs.sequence[previous]! < this.#jobs.sequence[slot]!,
        'a class queue is in sequence',
      )
      previous = slot
      count++
    }
    assert(previous === tail && previous !== NONE, 'a class queue ends at its tail and is not empty')
    assert(count === jobClass.count, 'a class queue counts its jobs')
    return count
  }

  /** Whether the turn of anything in the shape has changed. */
  #rerankShape(shape: Shape): boolean {
    let isMoved = false
    for (const bin of shape.bins.items) isMoved = this.#rerankBin(bin) || isMoved
    if (!isMoved) return false
    shape.bins.rebuild()
    takeTurnOf(shape, shape.bins.first!)
    return true
  }

  #rerankBin(bin: Bin): boolean {
    let isMoved = false
    for (const jobClass of bin.classes.items) {
      const rank = this.#rank[jobClass.lane]!
      if (rank === jobClass.rank) continue
      jobClass.rank = rank
      isMoved = true
    }
    if (!isMoved) return false
    bin.classes.rebuild()
    takeTurnOf(bin, bin.classes.first!)
    return true
  }

  /** The first job of a class is another, or there is none: everything above it takes its new turn. */
  #headChanged(jobClass: JobClass): void {
    const { bin } = jobClass
    if (jobClass.head === NONE) {
      bin.classes.delete(jobClass)
      if (this.#hasLanes) this.#classIds.delete(classKey(bin, jobClass.lane))
      this.#emptyClasses.push(jobClass)
    } else {
      jobClass.sequence = this.#jobs.sequence[jobClass.head]!
      settle(bin.classes, jobClass)
    }
    this.#firstChanged(bin)
  }

  #firstChanged(bin: Bin): void {
    const { shape } = bin
    const { shapes } = shape.partition
    const first = bin.classes.first
    if (first === undefined) {
      shape.bins.delete(bin)
      shape.binIds.delete(bin.timeLimitMs)
      this.#emptyBins.push(bin)
    } else {
      takeTurnOf(bin, first)
      settle(shape.bins, bin)
    }
    if (shape.bins.first === undefined) {
      shapes.delete(shape)
      shape.place = NONE
    } else {
      takeTurnOf(shape, shape.bins.first)
      settle(shapes, shape)
    }
  }

  /** The partition of the jobs that accept these pools in this order. */
  partition(pools: readonly number[]): Partition {
    for (const partition of this.partitions) {
      if (partition.pools === pools) return partition
      if (partition.pools.length === pools.length && partition.pools.every((pool, i) => pool === pools[i]))
        return partition
    }
    const partition: Partition = {
      pools: [...pools],
      shapes: new TurnHeap(),
      pending: 0,
      arrived: false,
      neighbours: this.partitions.filter((other) => other.pools.some((pool) => pools.includes(pool))),
      attention: 0,
      unplaced: this.keepsPlaces ? new Set() : null,
    }
    for (const other of partition.neighbours) other.neighbours.push(partition)
    this.partitions.push(partition)
    return partition
  }

  #laneOf(slot: number): number {
    return this.#hasLanes ? this.#jobs.association[slot]! : 0
  }

  #bin(shape: Shape, timeLimitMs: number): Bin {
    const known = shape.binIds.get(timeLimitMs)
    if (known !== NONE) return this.#bins[known]!
    const bin = this.#emptyBins.pop() ?? this.#newBin(shape)
    bin.shape = shape
    bin.timeLimitMs = timeLimitMs
    bin.place = NONE
    shape.binIds.set(timeLimitMs, bin.id)
    pushHeap(shape.limitsMs, timeLimitMs, isLess)
    return bin
  }

  #newBin(shape: Shape): Bin {
    const id = this.#bins.length
    const bin: Bin = {
      kind: 'bin',
      id,
      shape,
      timeLimitMs: 0,
      rank: 0,
      sequence: 0,
      place: NONE,
      classes: new TurnHeap(),
    }
    this.#bins.push(bin)
    return bin
  }

  #class(bin: Bin, lane: number): JobClass {
    if (!this.#hasLanes && bin.classes.first !== undefined) return bin.classes.first
    const known = this.#hasLanes ? this.#classIds.get(classKey(bin, lane)) : NONE
    if (known !== NONE) return this.#classes[known]!
    const jobClass = this.#emptyClasses.pop() ?? this.#newClass(bin)
    jobClass.bin = bin
    jobClass.lane = lane
    jobClass.place = NONE
    jobClass.rank = this.#rank[lane]!
    if (this.#hasLanes) this.#classIds.set(classKey(bin, lane), jobClass.id)
    return jobClass
  }

  #newClass(bin: Bin): JobClass {
    const id = this.#classes.length
    const jobClass: JobClass = { id, count: 0, lane: 0, bin, head: NONE, tail: NONE, place: NONE, rank: 0, sequence: 0 }
    this.#classes.push(jobClass)
    return jobClass
  }
}

const sizesHash = (nodes: number, acceleratorsMilli: number, cpuMilli: number, memoryMib: number): number => {
  let h = Math.imul(nodes, 0x9e3779b1) ^ Math.imul(acceleratorsMilli, 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 15), 0xc2b2ae35) ^ Math.imul(cpuMilli, 0x27d4eb2f) ^ memoryMib
  return (h ^ (h >>> 13)) >>> 0
}

function areAlike(some: readonly number[] | undefined, others: readonly number[] | undefined): boolean {
  if (some === undefined || others === undefined || some.length !== others.length) return some === others
  for (let i = 0; i < some.length; i++) if (some[i] !== others[i]) return false
  return true
}

const classKey = (bin: Bin, lane: number): number => bin.id * KEY_BASE + lane

const isLess = (a: number, b: number): boolean => a < b

function takeTurnOf(above: Turn, first: Turn): void {
  above.rank = first.rank
  above.sequence = first.sequence
}

/** Puts an item whose turn has changed, or that is new, where it belongs. */
function settle<T extends PlacedTurn>(heap: TurnHeap<T>, item: T): void {
  if (item.place === NONE) heap.push(item)
  else heap.moved(item)
}

function assertOrder(items: readonly PlacedTurn[]): void {
  items.forEach((item, place) => {
    assert(item.place === place, 'everything stands where its heap has it')
    assert(place === 0 || !byTurn(item, items[(place - 1) >> 1]!), 'heaps are in turn order')
  })
}
