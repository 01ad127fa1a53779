// The pending jobs, arranged so that a pass never walks them one by one.
//
//   partition   jobs that accept the same list of pools
//     bin       ... and ask for the same request and time limit: if one cannot start in a pass, none of them can
//       class   ... and belong to the same lane (fair-share association): a first-in-first-out queue
//
// Each bin keeps its classes, and each partition its bins, in a heap by turn; so the next job of a partition is at hand,
// and a bin is dropped from a pass whole. Work per pass grows with the number of bins, not with the number of jobs.

import { assert } from './assert.ts'
import type { PlacedRequest } from './fact.ts'
import { IdTable } from './id-table.ts'
import { type Jobs, NONE } from './jobs.ts'
import { byTurn, type PlacedTurn, TurnHeap } from './turn-heap.ts'

/** The shortest time limit with which a shape has failed in a pass; it is forgotten by the next. */
export class FailedLimit {
  #pass = 0
  #limitMs = Number.POSITIVE_INFINITY

  inPass(pass: number): number {
    return this.#pass === pass ? this.#limitMs : Number.POSITIVE_INFINITY
  }

  set(pass: number, limitMs: number): void {
    this.#limitMs = Math.min(limitMs, this.inPass(pass))
    this.#pass = pass
  }
}

/** What is asked for on each node, and where: interned, so that jobs share it. */
export interface Shape extends PlacedRequest {
  readonly index: number
  readonly partition: Partition
  /** Whole accelerators a node, 0 for a slice of one device. */
  readonly accelerators: number
  /** Thousandths of an accelerator over all nodes: what usage is charged by. */
  readonly totalMilli: number
  readonly failedLimit: FailedLimit
  /** Processors, in a counted pool; Infinity for a slice, which only devices have. */
  readonly units: number
}

export interface Partition {
  /** Pool indices, the preferred first. */
  readonly pools: readonly number[]
  readonly bins: TurnHeap<Bin>
  pending: number
  /** Whether a job came, left the queue unstarted, or changed its turn since the last pass. */
  arrived: boolean
}

/** One turn of a pass: a bin stands for its next job; a job that waits behind a blocked one of its bin stands for itself. */
export interface Candidate {
  rank: number
  sequence: number
  readonly bin: Bin
  /** Slot of the job; NONE stands for whichever is next in the bin. */
  readonly slot: number
}

export interface Bin extends PlacedTurn, Candidate {
  readonly id: number
  readonly shape: Shape
  readonly timeLimitMs: number
  readonly classes: TurnHeap<JobClass>
  /** The pass in which a job of this bin could not start. */
  blockedInPass: number
}

interface JobClass extends PlacedTurn {
  readonly id: number
  readonly lane: number
  readonly bin: Bin
  head: number
  tail: number
}

/** Keys join two small numbers in one below 2^53. */
const KEY_BASE = 0x20_0000

export class Backlog {
  readonly shapes: Shape[] = []
  readonly partitions: Partition[] = []
  readonly #jobs: Jobs
  readonly #laneOf: (association: number) => number
  /** Rank by lane. */
  #rank: Int32Array
  readonly #shapeIds = new IdTable()
  readonly #limitIds = new IdTable()
  readonly #bins = new Registry<Bin>()
  readonly #classes = new Registry<JobClass>()
  #pending = 0

  /** `lanes`: how many separate queues there are, one a fair-share association, or one for all where submission order rules. */
  constructor(jobs: Jobs, associations: number, perAssociation: boolean) {
    this.#jobs = jobs
    this.#laneOf = perAssociation ? (association) => association : () => 0
    this.#rank = new Int32Array(perAssociation ? associations : 1)
  }

  /** Jobs that wait for a turn; held ones do not. */
  get pending(): number {
    return this.#pending
  }

  get ranks(): Int32Array {
    return this.#rank
  }

  /** The shape of a request. */
  intern(request: PlacedRequest): Shape {
    const partition = this.partition(request.pools)
    let key = requestHash(request)
    for (let known = this.#shapeIds.get(key); known >= 0; known = this.#shapeIds.get(++key)) {
      const shape = this.shapes[known]!
      if (shape.partition === partition && sameSizes(shape, request)) return shape
    }
    this.#shapeIds.set(key, this.shapes.length)
    const totalMilli = request.nodes * request.acceleratorsMilli
    const shape: Shape = {
      ...request,
      pools: partition.pools,
      index: this.shapes.length,
      partition,
      accelerators: Math.floor(request.acceleratorsMilli / 1000),
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
    const jobClass = this.#class(this.#bin(shape, jobs.timeLimitMs[slot]!), this.#laneOf(jobs.association[slot]!))
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
    if (before === NONE) this.#headChanged(jobClass)
    shape.partition.pending++
    shape.partition.arrived = true
    this.#pending++
  }

  /** Takes a job out of its queue, to start it or because it left. */
  remove(slot: number): void {
    const jobs = this.#jobs
    const jobClass = this.#classes.get(jobs.place[slot]!)
    const before = jobs.previous[slot]!
    const after = jobs.next[slot]!
    if (before === NONE) jobClass.head = after
    else jobs.next[before] = after
    if (after === NONE) jobClass.tail = before
    else jobs.previous[after] = before
    jobs.place[slot] = NONE
    if (before === NONE) this.#headChanged(jobClass)
    jobClass.bin.shape.partition.pending--
    this.#pending--
  }

  /** The job whose turn it is in a bin. */
  first(bin: Bin): number {
    return bin.classes.first!.head
  }

  /** The first `limit` jobs of a bin as candidates in turn order. */
  candidates(bin: Bin, limit = Number.POSITIVE_INFINITY): Candidate[] {
    const found: Candidate[] = []
    for (const { head, rank } of bin.classes.items) {
      let taken = 0
      for (let slot = head; slot !== NONE && taken < limit; slot = this.#jobs.next[slot]!, taken++) {
        found.push({ rank, sequence: this.#jobs.sequence[slot]!, bin, slot })
      }
    }
    found.sort((a, b) => (byTurn(a, b) ? -1 : 1))
    return found.length > limit ? found.slice(0, limit) : found
  }

  /** The turn of one pending job. */
  turn(slot: number): { rank: number; sequence: number } {
    return { rank: this.#classes.get(this.#jobs.place[slot]!).rank, sequence: this.#jobs.sequence[slot]! }
  }

  /** Takes a new fair-share order (rank by lane). Whether anything moved. */
  rerank(ranks: Int32Array): boolean {
    if (ranks.every((rank, lane) => rank === this.#rank[lane])) return false
    this.#rank.set(ranks)
    for (const partition of this.partitions) {
      let isMoved = false
      for (const bin of partition.bins.items) isMoved = this.#rerankBin(bin) || isMoved
      if (isMoved) partition.bins.rebuild()
      partition.arrived = true
    }
    return true
  }

  /** Up to `limit` pending jobs in turn order, over all partitions. */
  inTurn(limit: number): number[] {
    const all = this.partitions.flatMap((partition) => partition.bins.items.flatMap((bin) => this.candidates(bin)))
    return all
      .sort((a, b) => (byTurn(a, b) ? -1 : 1))
      .slice(0, limit)
      .map(({ slot }) => slot)
  }

  /** Every queue is linked both ways, every heap in order, and the counts add up. */
  assertInvariants(): void {
    let pending = 0
    for (const partition of this.partitions) {
      let inPartition = 0
      partition.bins.items.forEach((bin, place) => {
        assert(bin.place === place && bin.shape.partition === partition, 'a bin stands where its partition has it')
        assert(place === 0 || !byTurn(bin, partition.bins.items[(place - 1) >> 1]!), 'bins are in turn order')
        for (const jobClass of bin.classes.items) {
          let previous = NONE
          for (let slot = jobClass.head; slot !== NONE; slot = this.#jobs.next[slot]!) {
            assert(this.#jobs.previous[slot] === previous, 'a class queue is linked both ways')
            assert(
              previous === NONE || this.#jobs.sequence[previous]! < this.#jobs.sequence[slot]!,
              'a class queue is in sequence',
            )
            previous = slot
            inPartition++
          }
          assert(previous === jobClass.tail && previous !== NONE, 'a class queue ends at its tail and is not empty')
        }
      })
      assert(inPartition === partition.pending, 'a partition counts its pending jobs')
      pending += inPartition
    }
    assert(pending === this.#pending, 'the backlog counts its pending jobs')
  }

  /** Whether any class of the bin has another rank now. */
  #rerankBin(bin: Bin): boolean {
    let isMoved = false
    for (const jobClass of bin.classes.items) {
      const rank = this.#rank[jobClass.lane]!
      if (rank === jobClass.rank) continue
      jobClass.rank = rank
      isMoved = true
    }
    if (!isMoved) return false
    if (bin.classes.items.length > 1) bin.classes.rebuild()
    takeTurnOfFirstClass(bin)
    return true
  }

  #headChanged(jobClass: JobClass): void {
    const { bin } = jobClass
    const { bins } = bin.shape.partition
    const wasQueued = jobClass.place !== NONE
    if (jobClass.head === NONE) {
      bin.classes.delete(jobClass)
      this.#classes.delete(classKey(bin, jobClass.lane), jobClass.id)
      if (bin.classes.first === undefined) {
        bins.delete(bin)
        this.#bins.delete(this.#binKey(bin.shape, bin.timeLimitMs), bin.id)
        return
      }
    } else {
      jobClass.sequence = this.#jobs.sequence[jobClass.head]!
      if (wasQueued) bin.classes.moved(jobClass)
      else bin.classes.push(jobClass)
    }
    takeTurnOfFirstClass(bin)
    if (bin.place === NONE) bins.push(bin)
    else bins.moved(bin)
  }

  /** The partition of the jobs that accept these pools in this order. */
  partition(pools: readonly number[]): Partition {
    for (const partition of this.partitions) {
      if (partition.pools === pools) return partition
      if (partition.pools.length === pools.length && partition.pools.every((pool, i) => pool === pools[i]))
        return partition
    }
    const partition: Partition = { pools: [...pools], bins: new TurnHeap(), pending: 0, arrived: false }
    this.partitions.push(partition)
    return partition
  }

  #binKey(shape: Shape, timeLimitMs: number): number {
    let limitId = this.#limitIds.get(timeLimitMs)
    if (limitId < 0) {
      limitId = this.#limitIds.size
      this.#limitIds.set(timeLimitMs, limitId)
    }
    return limitId * KEY_BASE + shape.index
  }

  #bin(shape: Shape, timeLimitMs: number): Bin {
    return this.#bins.getOrAdd(this.#binKey(shape, timeLimitMs), (id) => new BinOfLikeJobs(id, shape, timeLimitMs))
  }

  #class(bin: Bin, lane: number): JobClass {
    return this.#classes.getOrAdd(classKey(bin, lane), (id) => ({
      id,
      lane,
      bin,
      head: NONE,
      tail: NONE,
      place: NONE,
      rank: this.#rank[lane]!,
      sequence: 0,
    }))
  }
}

class BinOfLikeJobs implements Bin {
  rank = 0
  sequence = 0
  place = NONE
  blockedInPass = 0
  readonly slot = NONE
  readonly bin: Bin = this
  readonly classes = new TurnHeap<JobClass>()
  readonly id: number
  readonly shape: Shape
  readonly timeLimitMs: number

  constructor(id: number, shape: Shape, timeLimitMs: number) {
    this.id = id
    this.shape = shape
    this.timeLimitMs = timeLimitMs
  }
}

const sameSizes = (a: PlacedRequest, b: PlacedRequest): boolean =>
  a.nodes === b.nodes &&
  a.acceleratorsMilli === b.acceleratorsMilli &&
  a.cpuMilli === b.cpuMilli &&
  a.memoryMib === b.memoryMib

const requestHash = (request: PlacedRequest): number => {
  let h = Math.imul(request.nodes, 0x9e3779b1) ^ Math.imul(request.acceleratorsMilli, 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 15), 0xc2b2ae35) ^ Math.imul(request.cpuMilli, 0x27d4eb2f) ^ request.memoryMib
  return (h ^ (h >>> 13)) >>> 0
}

const classKey = (bin: Bin, lane: number): number => bin.id * KEY_BASE + lane

function takeTurnOfFirstClass(bin: Bin): void {
  const first = bin.classes.first!
  bin.rank = first.rank
  bin.sequence = first.sequence
}

/** Things found by key while they exist, each with a small id that is used again afterwards. */
class Registry<T> {
  readonly #ids = new IdTable()
  readonly #things: (T | undefined)[] = []
  readonly #free: number[] = []

  get(id: number): T {
    return this.#things[id]!
  }

  getOrAdd(key: number, make: (id: number) => T): T {
    const known = this.#ids.get(key)
    if (known >= 0) return this.#things[known]!
    const id = this.#free.pop() ?? this.#things.length
    const thing = make(id)
    this.#things[id] = thing
    this.#ids.set(key, id)
    return thing
  }

  delete(key: number, id: number): void {
    this.#ids.delete(key)
    this.#things[id] = undefined
    this.#free.push(id)
  }
}
