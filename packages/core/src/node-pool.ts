// A pool of like nodes, each with CPU, memory and accelerator devices. Here a start needs particular nodes, and a promise
// names them: a blocked job is promised nodes and the moment by which all of them can take it, if every running job used
// its whole time limit. A job that passes it may use those nodes only until then.
//
// Promises stand from pass to pass. They are made anew when the job that is next changes, when one of the nodes fails or is
// drained, and now and then while they stand, as jobs that end early may have brought a better place.
// Nodes are chosen the tightest first, then by number; promised nodes last.

import { assert } from './assert.ts'
import type { Shape } from './backlog.ts'
import type { NodeState } from './command.ts'
import { type NodePoolConfig, WHOLE_ACCELERATOR_MILLI } from './config.ts'
import { FreeNodes } from './free-nodes.ts'
import { grown, type Jobs, NONE } from './jobs.ts'

/** Bit masks name devices, so a node has at most this many. */
export const ACCELERATORS_PER_NODE_MAX = 31

export interface NodePromise {
  readonly slot: number
  readonly shape: Shape
  readonly madeMs: number
  /** When every one of the nodes can take the job's part. */
  readonly startMs: number
  /** When it must be over. */
  readonly endMs: number
  /** Ascending. */
  readonly nodes: Int32Array
}

export class NodePool {
  readonly counted = false
  readonly config: NodePoolConfig
  /** Whether anything came free, or back into service, since the last pass. */
  released = false
  /** Chosen by the last `admits`: its first `width` entries. */
  readonly chosenNodes: Int32Array
  readonly chosenDevices: Int32Array

  readonly #jobs: Jobs
  readonly #shapes: readonly Shape[]
  readonly #perNode: number
  /** Thousandths left, by node × device. */
  readonly #left: Int32Array
  readonly #wholeFree: Uint8Array
  readonly #partlyUsed: Uint8Array
  readonly #cpuLeft: Float64Array
  readonly #memoryLeft: Float64Array
  /** 0 up, 1 drain, 2 down. */
  readonly #state: Uint8Array
  /** First grant on each node. */
  readonly #grants: Int32Array
  /** Nodes in service that no promise names, and those that one does. */
  readonly #open: FreeNodes
  readonly #promised: FreeNodes
  /** How many promises name the node. */
  readonly #promises: Uint16Array
  #freeMilli: number
  #inServiceFreeMilli: number
  #outOfService = 0

  // Grants: what one job holds on one node, linked per job and per node.
  #grantNode = new Int32Array(256)
  #grantDevices = new Int32Array(256)
  #grantSlot = new Int32Array(256)
  #nextOfJob = new Int32Array(256)
  #nextOnNode = new Int32Array(256)
  #previousOnNode = new Int32Array(256)
  readonly #freeGrants: number[] = []
  #usedGrants = 0

  readonly #depth: number
  readonly #refreshMs: number
  /** Standing promises, in turn order. */
  readonly promises: NodePromise[] = []
  /** Whether anything came free since the last promise: only then may a new one be better. */
  releasedSincePromise = false
  // The blocked jobs of this pass, in turn order; the first `#settled` of them have their promises checked.
  #nowMs = 0
  readonly #blocked: number[] = []
  #settled = 0

  /** `shapes`: the backlog's, by index. `refreshMs`: a promise is reconsidered at most this often. */
  constructor(
    config: NodePoolConfig,
    jobs: Jobs,
    shapes: readonly Shape[],
    reservationDepth: number,
    refreshMs: number,
  ) {
    const { nodes, perNode } = config
    this.config = config
    this.#jobs = jobs
    this.#shapes = shapes
    this.#depth = reservationDepth
    this.#refreshMs = refreshMs
    this.#perNode = perNode.accelerators
    this.#left = new Int32Array(nodes * perNode.accelerators).fill(WHOLE_ACCELERATOR_MILLI)
    this.#wholeFree = new Uint8Array(nodes).fill(perNode.accelerators)
    this.#partlyUsed = new Uint8Array(nodes)
    this.#cpuLeft = new Float64Array(nodes).fill(perNode.cpuMilli)
    this.#memoryLeft = new Float64Array(nodes).fill(perNode.memoryMib)
    this.#state = new Uint8Array(nodes)
    this.#grants = new Int32Array(nodes).fill(NONE)
    this.#promises = new Uint16Array(nodes)
    this.#open = new FreeNodes(nodes, perNode.accelerators)
    this.#promised = new FreeNodes(nodes, perNode.accelerators)
    this.chosenNodes = new Int32Array(nodes)
    this.chosenDevices = new Int32Array(nodes)
    for (let node = 0; node < nodes; node++) this.#open.add(node, perNode.accelerators, undefined)
    this.#freeMilli = this.#inServiceFreeMilli = this.capacity * WHOLE_ACCELERATOR_MILLI
  }

  /** Accelerators, in service or not. */
  get capacity(): number {
    return this.config.nodes * this.#perNode
  }

  get hasFree(): boolean {
    return this.#inServiceFreeMilli > 0
  }

  /** Whole accelerators free on nodes in service. */
  get free(): number {
    return Math.floor(this.#inServiceFreeMilli / WHOLE_ACCELERATOR_MILLI)
  }

  /** Whole accelerators idle because their node is drained or down. */
  get idleOutOfService(): number {
    return Math.floor((this.#freeMilli - this.#inServiceFreeMilli) / WHOLE_ACCELERATOR_MILLI)
  }

  get nodesOutOfService(): number {
    return this.#outOfService
  }

  state(node: number): NodeState {
    return nodeStates[this.#state[node]!]!
  }

  /** Thousandths of accelerators in use on a node. */
  busyMilli(node: number): number {
    let busy = 0
    for (let device = 0; device < this.#perNode; device++)
      busy += WHOLE_ACCELERATOR_MILLI - this.#left[node * this.#perNode + device]!
    return busy
  }

  couldEverFit(shape: Shape): boolean {
    const { perNode } = this.config
    return (
      shape.nodes <= this.config.nodes &&
      shape.acceleratorsMilli <= perNode.accelerators * WHOLE_ACCELERATOR_MILLI &&
      shape.cpuMilli <= perNode.cpuMilli &&
      shape.memoryMib <= perNode.memoryMib
    )
  }

  /** Promises, CPU and memory aside: whether enough devices are free. */
  fitsNow(shape: Shape): boolean {
    if (shape.accelerators > 0)
      return this.#open.count(shape.accelerators) + this.#promised.count(shape.accelerators) >= shape.nodes
    return this.#inServiceFreeMilli >= shape.acceleratorsMilli
  }

  /** How many nodes in service could take their part of the job now. */
  nodesFitting(shape: Shape): number {
    let fitting = 0
    for (let node = 0; node < this.config.nodes; node++) {
      if (
        this.#state[node] === 0 &&
        this.#earliest(node, shape, 0, Number.NEGATIVE_INFINITY) === Number.NEGATIVE_INFINITY
      )
        fitting++
    }
    return fitting
  }

  beginPass(nowMs: number): void {
    this.#nowMs = nowMs
    this.#blocked.length = 0
    this.#settled = 0
  }

  get mayPromise(): boolean {
    return this.#blocked.length < this.#depth
  }

  get hasPromises(): boolean {
    return this.#blocked.length > 0
  }

  /** The job of this slot is blocked and next in turn: it is to be promised nodes, unless it could not run even on an idle pool. */
  promise(slot: number): void {
    this.#blocked.push(slot)
  }

  /**
   * Whether a job may start now: it fits, and delays no promise. If so its nodes and devices are in `chosenNodes` and
   * `chosenDevices`. Promises that blocked jobs of this pass are owed are made first: `voided` and `made` tell of them.
   */
  admits(slot: number, shape: Shape, timeLimitMs: number, told: PromiseListener): boolean {
    if (!this.fitsNow(shape)) return false
    this.#settle(told)
    const width = this.#choose(slot, shape, this.#nowMs + timeLimitMs)
    return width === shape.nodes
  }

  /** Makes or confirms the promises of this pass's blocked jobs. Left until a job could pass them, as often none can. */
  #settle(told: PromiseListener): void {
    for (; this.#settled < this.#blocked.length; this.#settled++) {
      const slot = this.#blocked[this.#settled]!
      const standing = this.promises[this.#settled]
      if (standing?.slot === slot && !this.#outdated(standing)) continue
      // A later promise was made around the earlier ones, so it falls with them.
      while (this.promises.length > this.#settled) {
        const last = this.promises.at(-1)!
        if (last.slot !== slot) told.voided(last, 'turn') // a job's new promise voids its old one
        this.unpromise(last)
      }
      const made = this.#promiseFor(slot)
      if (made === undefined) {
        this.#blocked.splice(this.#settled--, 1)
        continue
      }
      told.made(this, made)
      this.keep(made)
    }
  }

  #outdated(promise: NodePromise): boolean {
    return this.releasedSincePromise && this.#nowMs - promise.madeMs >= this.#refreshMs
  }

  /** Enters a promise: its nodes are kept for it from its start on. */
  keep(promise: NodePromise): void {
    for (const node of promise.nodes) {
      if (this.#promises[node]!++ > 0 || this.#state[node] !== 0) continue
      this.#move(node, this.#open, this.#promised)
    }
    this.promises.push(promise)
    this.releasedSincePromise = false
  }

  unpromise(promise: NodePromise): void {
    this.promises.splice(this.promises.indexOf(promise), 1)
    for (const node of promise.nodes) {
      if (--this.#promises[node]! > 0 || this.#state[node] !== 0) continue
      this.#move(node, this.#promised, this.#open)
    }
  }

  /** Standing promises that name a node. */
  promisesOf(node: number): NodePromise[] {
    return this.promises.filter((promise) => includes(promise.nodes, node))
  }

  /** The standing promise of a job. */
  promiseOf(slot: number): NodePromise | undefined {
    return this.promises.find((promise) => promise.slot === slot)
  }

  /** The promise that keeps a job from starting although it would fit. */
  promiseInTheWay(endMs: number): NodePromise | undefined {
    return this.promises.find((promise) => promise.startMs < endMs)
  }

  /** Gives the job the first `width` chosen nodes and devices. */
  take(slot: number, shape: Shape, width: number): void {
    assert(width === shape.nodes, 'a gang starts whole')
    this.#jobs.grant[slot] = NONE
    for (let i = width - 1; i >= 0; i--) {
      const node = this.chosenNodes[i]!
      assert(i === 0 || this.chosenNodes[i - 1]! < node, 'a gang has each of its nodes once, in order')
      this.#takeOn(node, this.chosenDevices[i]!, slot, shape)
    }
    this.#freeMilli -= shape.totalMilli
  }

  release(slot: number, shape: Shape): void {
    let width = 0
    for (let grant = this.#jobs.grant[slot]!; grant !== NONE; grant = this.#nextOfJob[grant]!) {
      this.#releaseOn(grant, shape)
      this.#freeGrants.push(grant)
      width++
    }
    assert(width === shape.nodes, 'a gang ends whole')
    this.#jobs.grant[slot] = NONE
    this.#freeMilli += shape.totalMilli
    assert(
      this.#freeMilli <= this.capacity * WHOLE_ACCELERATOR_MILLI,
      `pool ${this.config.name} frees no more than it has`,
    )
    this.released = true
    this.releasedSincePromise = true
  }

  setState(node: number, to: NodeState): void {
    const from = this.#state[node]!
    const next = nodeStates.indexOf(to)
    this.#state[node] = next
    if (from === 0 && next !== 0) this.#withdraw(node)
    if (from !== 0 && next === 0) this.#reinstate(node)
    this.released = true // a promise that named the node is void, which may let others pass
  }

  /** Slots of the jobs on a node, by submission. */
  jobsOn(node: number): number[] {
    const slots: number[] = []
    for (let grant = this.#grants[node]!; grant !== NONE; grant = this.#nextOnNode[grant]!)
      slots.push(this.#grantSlot[grant]!)
    return slots.sort((a, b) => this.#jobs.sequence[a]! - this.#jobs.sequence[b]!)
  }

  /** What a running job holds: `visit` gets each node, ascending, with its devices. */
  forEachGrant(slot: number, visit: (node: number, devices: number) => void): void {
    for (let grant = this.#jobs.grant[slot]!; grant !== NONE; grant = this.#nextOfJob[grant]!) {
      visit(this.#grantNode[grant]!, this.#grantDevices[grant]!)
    }
  }

  /** Nothing is over-allocated, every index says what the nodes say. */
  assertInvariants(): void {
    const { perNode, nodes, name } = this.config
    let free = 0
    let inService = 0
    for (let node = 0; node < nodes; node++) {
      let cpu = perNode.cpuMilli
      let memory = perNode.memoryMib
      const left = new Int32Array(this.#perNode).fill(WHOLE_ACCELERATOR_MILLI)
      for (let grant = this.#grants[node]!; grant !== NONE; grant = this.#nextOnNode[grant]!) {
        const shape = this.#shape(this.#grantSlot[grant]!)
        cpu -= shape.cpuMilli
        memory -= shape.memoryMib
        const each = shape.accelerators > 0 ? WHOLE_ACCELERATOR_MILLI : shape.acceleratorsMilli
        for (let device = 0; device < this.#perNode; device++)
          if (this.#grantDevices[grant]! & (1 << device)) left[device]! -= each
      }
      assert(
        cpu === this.#cpuLeft[node] && memory === this.#memoryLeft[node],
        `node ${name}/${node} adds up in CPU and memory`,
      )
      assert(cpu >= 0 && memory >= 0 && left.every((milli) => milli >= 0), `node ${name}/${node} is not over-allocated`)
      assert(
        left.every((milli, device) => milli === this.#left[node * this.#perNode + device]),
        `the devices of node ${name}/${node} add up`,
      )
      const whole = left.filter((milli) => milli === WHOLE_ACCELERATOR_MILLI).length
      assert(whole === this.#wholeFree[node], `node ${name}/${node} counts its free devices`)
      const milli = left.reduce((sum, rest) => sum + rest, 0)
      free += milli
      if (this.#state[node] === 0) inService += milli
    }
    assert(free === this.#freeMilli && inService === this.#inServiceFreeMilli, `pool ${name} adds up`)
  }

  // ---- choosing

  /** Fills `chosen*` with up to `shape.nodes` nodes, ascending; returns how many there are. */
  #choose(slot: number, shape: Shape, endMs: number): number {
    let width = 0
    const visit = (node: number): boolean => {
      if (this.#cpuLeft[node]! < shape.cpuMilli || this.#memoryLeft[node]! < shape.memoryMib) return false
      this.chosenNodes[width++] = node
      return width === shape.nodes
    }
    const visitPromised = (node: number): boolean => this.#passes(node, slot, shape, endMs) && visit(node)
    const done =
      this.#find(this.#open, shape, visit) ||
      (this.#promised.count(0) > 0 && this.#find(this.#promised, shape, visitPromised))
    if (!done) return 0
    if (width > 1) this.chosenNodes.subarray(0, width).sort()
    for (let i = 0; i < width; i++) this.chosenDevices[i] = this.#chooseDevices(this.chosenNodes[i]!, shape)
    return width
  }

  #find(among: FreeNodes, shape: Shape, visit: (node: number) => boolean): boolean {
    if (shape.accelerators > 0) return among.findWhole(shape.accelerators, visit)
    return among.findRest(shape.acceleratorsMilli, visit) || among.findWhole(1, visit)
  }

  /** Whether a job that ends at `endMs` may use a promised node without being in the way of a promise. */
  #passes(node: number, slot: number, shape: Shape, endMs: number): boolean {
    for (let i = 0; i < this.#settled && i < this.promises.length; i++) {
      const promise = this.promises[i]!
      if (promise.slot === slot || endMs <= promise.startMs || !includes(promise.nodes, node)) continue
      if (!this.#leavesRoom(node, shape, promise)) return false
    }
    return true
  }

  /** Whether the promised part still fits on the node at its start beside the new job. */
  #leavesRoom(node: number, shape: Shape, promise: NodePromise): boolean {
    let cpu = this.#cpuLeft[node]! - shape.cpuMilli
    let memory = this.#memoryLeft[node]! - shape.memoryMib
    const left = this.#leftOn(node)
    takeFrom(left, shape)
    for (let grant = this.#grants[node]!; grant !== NONE; grant = this.#nextOnNode[grant]!) {
      const slot = this.#grantSlot[grant]!
      if (this.#endMs(slot) > promise.startMs) continue
      const held = this.#shape(slot)
      cpu += held.cpuMilli
      memory += held.memoryMib
      giveBack(left, this.#grantDevices[grant]!, held)
    }
    return cpu >= promise.shape.cpuMilli && memory >= promise.shape.memoryMib && holds(left, promise.shape)
  }

  /** The lowest-numbered devices that do; for a slice the tightest. */
  #chooseDevices(node: number, shape: Shape): number {
    return pick(this.#leftOn(node), shape)
  }

  #leftOn(node: number): Int32Array {
    return this.#left.slice(node * this.#perNode, (node + 1) * this.#perNode)
  }

  // ---- promising

  /** The earliest place, all limits used up: the k nodes that can take their part first. Undefined where too few are in service. */
  #promiseFor(slot: number): NodePromise | undefined {
    const shape = this.#shape(slot)
    const inService = this.config.nodes - this.#outOfService
    if (shape.nodes > inService) return undefined
    const earliestMs: number[] = []
    const nodes: number[] = []
    for (let node = 0; node < this.config.nodes; node++) {
      if (this.#state[node] !== 0) continue
      const atMs = this.#earliest(node, shape, this.#settled, this.#nowMs)
      if (nodes.length < shape.nodes) pushLatest(earliestMs, nodes, atMs, node)
      else if (atMs < earliestMs[0]!) replaceLatest(earliestMs, nodes, atMs, node)
    }
    const startMs = earliestMs[0]!
    return {
      slot,
      shape,
      madeMs: this.#nowMs,
      startMs,
      endMs: startMs + this.#jobs.timeLimitMs[slot]!,
      nodes: Int32Array.from(nodes).sort(),
    }
  }

  /** When a node can take its part of a shape, at the earliest at `nowMs`, after the first `promises` promises. */
  #earliest(node: number, shape: Shape, promises: number, nowMs: number): number {
    let atMs = nowMs
    for (let i = 0; i < promises; i++) {
      const promise = this.promises[i]!
      if (promise.endMs > atMs && includes(promise.nodes, node)) atMs = promise.endMs
    }
    let cpu = this.#cpuLeft[node]!
    let memory = this.#memoryLeft[node]!
    if (
      cpu >= shape.cpuMilli &&
      memory >= shape.memoryMib &&
      shape.accelerators > 0 &&
      this.#wholeFree[node]! >= shape.accelerators
    ) {
      return atMs
    }
    const left = this.#leftOn(node)
    const ending: number[] = []
    for (let grant = this.#grants[node]!; grant !== NONE; grant = this.#nextOnNode[grant]!) ending.push(grant)
    ending.sort((a, b) => this.#endMs(this.#grantSlot[a]!) - this.#endMs(this.#grantSlot[b]!))
    for (let i = 0; cpu < shape.cpuMilli || memory < shape.memoryMib || !holds(left, shape); i++) {
      const grant = ending[i]
      assert(grant !== undefined, 'an idle node can take what the pool accepted')
      const slot = this.#grantSlot[grant]!
      const held = this.#shape(slot)
      cpu += held.cpuMilli
      memory += held.memoryMib
      giveBack(left, this.#grantDevices[grant]!, held)
      atMs = Math.max(atMs, this.#endMs(slot))
    }
    return atMs
  }

  #endMs(slot: number): number {
    return this.#jobs.startedMs[slot]! + this.#jobs.timeLimitMs[slot]!
  }

  #shape(slot: number): Shape {
    return this.#shapes[this.#jobs.shape[slot]!]!
  }

  // ---- bookkeeping of one node

  #takeOn(node: number, devices: number, slot: number, shape: Shape): void {
    this.#reindexed(node, () => {
      const each = shape.accelerators > 0 ? WHOLE_ACCELERATOR_MILLI : shape.acceleratorsMilli
      let taken = 0
      for (let device = 0; device < this.#perNode; device++) {
        if ((devices & (1 << device)) === 0) continue
        this.#setLeft(node, device, this.#left[node * this.#perNode + device]! - each)
        taken += each
      }
      assert(taken === shape.acceleratorsMilli, 'a job gets the accelerators it asked for')
      this.#cpuLeft[node]! -= shape.cpuMilli
      this.#memoryLeft[node]! -= shape.memoryMib
      assert(
        this.#cpuLeft[node]! >= 0 && this.#memoryLeft[node]! >= 0,
        `node ${this.config.name}/${node} is not over-allocated`,
      )
    })
    const grant = this.#newGrant()
    this.#grantNode[grant] = node
    this.#grantDevices[grant] = devices
    this.#grantSlot[grant] = slot
    this.#nextOfJob[grant] = this.#jobs.grant[slot]!
    this.#jobs.grant[slot] = grant
    const first = this.#grants[node]!
    this.#nextOnNode[grant] = first
    this.#previousOnNode[grant] = NONE
    if (first !== NONE) this.#previousOnNode[first] = grant
    this.#grants[node] = grant
  }

  #releaseOn(grant: number, shape: Shape): void {
    const node = this.#grantNode[grant]!
    const devices = this.#grantDevices[grant]!
    this.#reindexed(node, () => {
      const each = shape.accelerators > 0 ? WHOLE_ACCELERATOR_MILLI : shape.acceleratorsMilli
      for (let device = 0; device < this.#perNode; device++) {
        if ((devices & (1 << device)) !== 0)
          this.#setLeft(node, device, this.#left[node * this.#perNode + device]! + each)
      }
      this.#cpuLeft[node]! += shape.cpuMilli
      this.#memoryLeft[node]! += shape.memoryMib
    })
    const before = this.#previousOnNode[grant]!
    const after = this.#nextOnNode[grant]!
    if (before === NONE) this.#grants[node] = after
    else this.#nextOnNode[before] = after
    if (after !== NONE) this.#previousOnNode[after] = before
  }

  #setLeft(node: number, device: number, milli: number): void {
    const at = node * this.#perNode + device
    const before = this.#left[at]!
    assert(
      milli >= 0 && milli <= WHOLE_ACCELERATOR_MILLI,
      `device ${this.config.name}/${node}/${device} holds what it can`,
    )
    this.#left[at] = milli
    this.#wholeFree[node]! += Number(milli === WHOLE_ACCELERATOR_MILLI) - Number(before === WHOLE_ACCELERATOR_MILLI)
    this.#partlyUsed[node]! += Number(isRest(milli)) - Number(isRest(before))
    if (this.#state[node] === 0) this.#inServiceFreeMilli += milli - before
  }

  /** Changes a node's devices and moves it in the index it is in. */
  #reindexed(node: number, change: () => void): void {
    if (this.#state[node] !== 0) {
      change()
      return
    }
    const index = this.#promises[node]! > 0 ? this.#promised : this.#open
    index.delete(node, this.#wholeFree[node]!, this.#rests(node))
    change()
    index.add(node, this.#wholeFree[node]!, this.#rests(node))
  }

  #move(node: number, from: FreeNodes, to: FreeNodes): void {
    const rests = this.#rests(node)
    from.delete(node, this.#wholeFree[node]!, rests)
    to.add(node, this.#wholeFree[node]!, rests)
  }

  #rests(node: number): readonly number[] | undefined {
    return this.#partlyUsed[node] === 0 ? undefined : [...this.#leftOn(node)].filter(isRest)
  }

  #withdraw(node: number): void {
    const index = this.#promises[node]! > 0 ? this.#promised : this.#open
    index.delete(node, this.#wholeFree[node]!, this.#rests(node))
    this.#inServiceFreeMilli -= this.#nodeFreeMilli(node)
    this.#outOfService++
  }

  #reinstate(node: number): void {
    const index = this.#promises[node]! > 0 ? this.#promised : this.#open
    index.add(node, this.#wholeFree[node]!, this.#rests(node))
    this.#inServiceFreeMilli += this.#nodeFreeMilli(node)
    this.#outOfService--
    this.releasedSincePromise = true
  }

  #nodeFreeMilli(node: number): number {
    return this.#perNode * WHOLE_ACCELERATOR_MILLI - this.busyMilli(node)
  }

  #newGrant(): number {
    const grant = this.#freeGrants.pop() ?? this.#usedGrants++
    if (grant === this.#grantNode.length) {
      this.#grantNode = grown(this.#grantNode)
      this.#grantDevices = grown(this.#grantDevices)
      this.#grantSlot = grown(this.#grantSlot)
      this.#nextOfJob = grown(this.#nextOfJob)
      this.#nextOnNode = grown(this.#nextOnNode)
      this.#previousOnNode = grown(this.#previousOnNode)
    }
    return grant
  }
}

/** Hears of promises as they are made and voided. */
export interface PromiseListener {
  made(pool: NodePool, promise: NodePromise): void
  voided(promise: NodePromise, cause: 'turn' | 'node'): void
}

const nodeStates: readonly NodeState[] = ['up', 'drain', 'down']

/** Neither wholly free nor used up. */
const isRest = (milli: number): boolean => milli > 0 && milli < WHOLE_ACCELERATOR_MILLI

/** Whether devices with so much left can hold one node's part of a shape. */
const holds = (left: Int32Array, shape: Shape): boolean => pick(left, shape) !== 0

/** The devices one node's part of a shape would take, as a mask: the lowest-numbered, or the tightest for a slice; 0 if it does not fit. */
function pick(left: Int32Array, shape: Shape): number {
  if (shape.accelerators === 0) return pickSlice(left, shape.acceleratorsMilli)
  let devices = 0
  let missing = shape.accelerators
  for (let device = 0; device < left.length && missing > 0; device++) {
    if (left[device] !== WHOLE_ACCELERATOR_MILLI) continue
    devices |= 1 << device
    missing--
  }
  return missing === 0 ? devices : 0
}

function pickSlice(left: Int32Array, milli: number): number {
  let tightest = NONE
  for (let device = 0; device < left.length; device++) {
    if (left[device]! >= milli && (tightest === NONE || left[device]! < left[tightest]!)) tightest = device
  }
  return tightest === NONE ? 0 : 1 << tightest
}

function takeFrom(left: Int32Array, shape: Shape): void {
  giveBack(left, pick(left, shape), shape, -1)
}

function giveBack(left: Int32Array, devices: number, shape: Shape, sign: 1 | -1 = 1): void {
  const each = shape.accelerators > 0 ? WHOLE_ACCELERATOR_MILLI : shape.acceleratorsMilli
  for (let device = 0; device < left.length; device++) if ((devices & (1 << device)) !== 0) left[device]! += sign * each
}

/** Whether ascending `nodes` has `node`. */
function includes(nodes: Int32Array, node: number): boolean {
  let low = 0
  let high = nodes.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const found = nodes[middle]!
    if (found === node) return true
    if (found < node) low = middle + 1
    else high = middle - 1
  }
  return false
}

// The k nodes that are free first, as a heap with the latest on top; of two as late the higher number is the later.

const isLater = (earliestMs: readonly number[], nodes: readonly number[], a: number, b: number): boolean =>
  earliestMs[a]! > earliestMs[b]! || (earliestMs[a] === earliestMs[b] && nodes[a]! > nodes[b]!)

function swap(earliestMs: number[], nodes: number[], a: number, b: number): void {
  const [atMs, node] = [earliestMs[a]!, nodes[a]!]
  earliestMs[a] = earliestMs[b]!
  nodes[a] = nodes[b]!
  earliestMs[b] = atMs
  nodes[b] = node
}

function pushLatest(earliestMs: number[], nodes: number[], atMs: number, node: number): void {
  let at = nodes.length
  earliestMs.push(atMs)
  nodes.push(node)
  for (
    let parent = (at - 1) >> 1;
    at > 0 && isLater(earliestMs, nodes, at, parent);
    at = parent, parent = (at - 1) >> 1
  ) {
    swap(earliestMs, nodes, at, parent)
  }
}

function replaceLatest(earliestMs: number[], nodes: number[], atMs: number, node: number): void {
  earliestMs[0] = atMs
  nodes[0] = node
  let at = 0
  for (;;) {
    let child = 2 * at + 1
    if (child >= nodes.length) return
    if (child + 1 < nodes.length && isLater(earliestMs, nodes, child + 1, child)) child++
    if (!isLater(earliestMs, nodes, child, at)) return
    swap(earliestMs, nodes, at, child)
    at = child
  }
}
