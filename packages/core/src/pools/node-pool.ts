// A pool of like nodes, each with CPU, memory and accelerator devices. Here a start needs particular nodes, and a promise
// names them: a blocked job is promised nodes and the moment by which all of them can take it, if every running job used
// its whole time limit. A job that passes it may use those nodes only until then.
//
// Promises stand from pass to pass. They are made anew when the job that is next changes, when one of the nodes fails or is
// drained, and now and then while they stand, as jobs that end early may have brought a better place.
// Nodes are chosen the tightest first (or by the policy's rule of placement), then by number; promised nodes last.

import { assert, broken } from '../assert.ts'
import type { Shape } from '../backlog.ts'
import { type NodeState, nodeStates } from '../command.ts'
import type { UnreserveCause } from '../fact.ts'
import { grown, type Jobs, NONE } from '../jobs.ts'
import type { PlacementRule } from '../policy.ts'
import { type NodePoolConfig, WHOLE_ACCELERATOR_MILLI } from '../pool-config.ts'
import { giveBack, isRest, pick } from './devices.ts'
import { FreeNodes } from './free-nodes.ts'
import { KBest } from './k-best.ts'
import type { NodeSet } from './node-set.ts'
import { NodeStates } from './node-states.ts'
import { type NodeValue, nodeValueOf, placing } from './placement.ts'

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

/** `limitMs` is a job's time limit at the speed it has here. */
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
  /** What would be left on the devices of one node. */
  readonly #scratch: Int32Array
  /** When those of one node that are held are free again, ascending. */
  readonly #heldUntilMs: Float64Array
  /** Thousandths left, by node × device. */
  readonly #left: Int32Array
  readonly #wholeFree: Uint8Array
  /**
   * When each device is free again if all limits are used up, ascending, by rank × node; -Infinity: it is. A promise looks at one rank of every
   * node, so that is what lies together.
   */
  readonly #freeAgainMs: Float64Array
  /** Grants on the node that are slices, or take more CPU or memory than their devices' part: only then do not devices alone decide. */
  readonly #uneven: Uint16Array
  readonly #partlyUsed: Uint8Array
  readonly #cpuLeft: Float64Array
  readonly #memoryLeft: Float64Array
  /** 0 up, 1 drain, 2 down. */
  readonly #state: Uint8Array
  /** First grant on each node. */
  readonly #grants: Int32Array
  /** Nodes in service that no promise names, and those that one does. */
  readonly #open: NodeIndex
  readonly #promised: NodeIndex
  /** How many promises name the node. */
  readonly #promises: Uint16Array
  #freeMilli: number
  #inServiceFreeMilli: number
  #outOfService = 0
  /** By whole devices a node: the last change after which some node may take such a part that none could take before. */
  readonly #lastChange: Float64Array
  #changes = 0

  /** Of the promise being made: when each node could take its part. */
  readonly #earliestMs: Float64Array

  // Grants: what one job holds on one node, linked per job and per node.
  #grantNode = new Int32Array(256)
  #grantDevices = new Int32Array(256)
  #grantSlot = new Int32Array(256)
  #nextOfJob = new Int32Array(256)
  #nextOnNode = new Int32Array(256)
  #previousOnNode = new Int32Array(256)
  readonly #freeGrants: number[] = []
  #usedGrants = 0

  /** What nodes are chosen by; undefined for the tightest. */
  readonly #value: NodeValue | undefined
  readonly #depth: number
  readonly #refreshMs: number
  /** Standing promises, in turn order. */
  readonly promises: NodePromise[] = []
  /** Whether anything came free since the last promise: only then may a new one be better. */
  releasedSincePromise = false
  // The blocked jobs of this pass, in turn order; the first `#settled` of them have their promises checked.
  #nowMs = 0
  #blocked = 0
  readonly #blockedSlots: number[] = []
  readonly #blockedLimitsMs: number[] = []
  #settled = 0

  /** `shapes`: the backlog's, by index. `refreshMs`: a promise is reconsidered at most this often. `placement`: the tightest where absent. */
  constructor(
    config: NodePoolConfig,
    jobs: Jobs,
    shapes: readonly Shape[],
    reservationDepth: number,
    refreshMs: number,
    placement?: PlacementRule,
  ) {
    const { nodes, perNode } = config
    this.config = config
    this.#jobs = jobs
    this.#shapes = shapes
    this.#depth = reservationDepth
    this.#refreshMs = refreshMs
    this.#value = nodeValueOf(placement, config)
    this.#perNode = perNode.accelerators
    this.#scratch = new Int32Array(perNode.accelerators)
    this.#heldUntilMs = new Float64Array(perNode.accelerators)
    this.#left = new Int32Array(nodes * perNode.accelerators).fill(WHOLE_ACCELERATOR_MILLI)
    this.#wholeFree = new Uint8Array(nodes).fill(perNode.accelerators)
    this.#freeAgainMs = new Float64Array(nodes * perNode.accelerators).fill(Number.NEGATIVE_INFINITY)
    this.#uneven = new Uint16Array(nodes)
    this.#partlyUsed = new Uint8Array(nodes)
    this.#cpuLeft = new Float64Array(nodes).fill(perNode.cpuMilli)
    this.#memoryLeft = new Float64Array(nodes).fill(perNode.memoryMib)
    this.#state = new Uint8Array(nodes)
    this.#grants = new Int32Array(nodes).fill(NONE)
    this.#promises = new Uint16Array(nodes)
    this.#lastChange = new Float64Array(perNode.accelerators + 1)
    this.#earliestMs = new Float64Array(nodes)
    this.#open = this.#newIndex()
    this.#promised = this.#newIndex()
    this.chosenNodes = new Int32Array(nodes)
    this.chosenDevices = new Int32Array(nodes)
    for (let node = 0; node < nodes; node++) this.#enter(this.#open, node)
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

  /** Up or drained: they are switched on. O(nodes). */
  get nodesNotDown(): number {
    return this.#state.reduce((sum, state) => sum + Number(nodeStates[state] !== 'down'), 0)
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

  /** Whether a job could start on the nodes in service if nothing else ran. */
  fitsInService(shape: Shape): boolean {
    return this.couldEverFit(shape) && shape.nodes <= this.config.nodes - this.#outOfService
  }

  /** Promises, CPU and memory aside: whether enough devices are free. */
  fitsNow(shape: Shape): boolean {
    if (shape.accelerators > 0)
      return this.#open.free.count(shape.accelerators) + this.#promised.free.count(shape.accelerators) >= shape.nodes
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
    this.#blocked = 0
    this.#settled = 0
  }

  /** Forgets the pass; its promises stand. */
  endPass(): void {
    this.beginPass(this.#nowMs)
  }

  get promisesLeft(): number {
    return this.#depth - this.#blocked
  }

  /**
   * Number of the last change since which more parts of so many whole devices may fit, or pass promises. Between two changes whoever
   * could not start cannot start later: devices are only taken, and a job that begins later ends later.
   */
  lastChangeFor(accelerators: number): number {
    return this.#lastChange[accelerators]!
  }

  /** Whether the standing promises are those of this pass's blocked jobs, all of them. */
  get isConfirmed(): boolean {
    return this.#settled === this.#blocked && this.#settled === this.promises.length
  }

  /** Confirms the promises that stand as they are owed. Others are left until somebody could pass them. */
  confirm(): void {
    while (this.#settled < this.#blocked && this.#stands(this.#blockedSlots[this.#settled]!)) this.#settled++
  }

  get hasPromises(): boolean {
    return this.#blocked > 0
  }

  /** The job of this slot is blocked and next in turn: it is to be promised nodes, unless it could not run even on an idle pool. */
  promise(slot: number, _shape: Shape, limitMs: number): void {
    this.#blockedSlots[this.#blocked] = slot
    this.#blockedLimitsMs[this.#blocked] = limitMs
    this.#blocked++
  }

  /**
   * Whether a job may start now: it fits, and delays no promise. If so its nodes and devices are in `chosenNodes` and
   * `chosenDevices`. Promises that blocked jobs of this pass are owed are made first: `voided` and `made` tell of them.
   */
  admits(slot: number, shape: Shape, limitMs: number, told: PromiseListener): boolean {
    if (!this.fitsNow(shape)) return false
    this.#settle(told)
    return this.#choose(slot, shape, this.#nowMs + limitMs)
  }

  /** Where `admits` said no: the shortest limit, in the place of `limitMs`, for which the same promises are in the way; 0 where none is. */
  failsFromMs(limitMs: number): number {
    let fromMs = 0
    for (let i = 0; i < this.#settled && i < this.promises.length; i++) {
      const untilPromiseMs = this.promises[i]!.startMs - this.#nowMs
      if (untilPromiseMs < limitMs) fromMs = Math.max(fromMs, untilPromiseMs + 1)
    }
    return fromMs
  }

  /** Before an admitted job starts: one whose turn is before those of standing promises may take what they need. These are void. */
  voidBroken(slot: number, shape: Shape, limitMs: number, told: PromiseListener): void {
    if (this.promises.length === this.#settled) return
    const endMs = this.#nowMs + limitMs
    const nodes = this.chosenNodes.subarray(0, shape.nodes)
    const isBroken = (promise: NodePromise): boolean =>
      promise.slot !== slot &&
      endMs > promise.startMs &&
      nodes.some((node) => includes(promise.nodes, node) && !this.#leavesRoom(node, shape, promise))
    for (const promise of this.promises.slice(this.#settled).filter(isBroken)) this.#void(promise, 'turn', told)
  }

  #void(promise: NodePromise, cause: 'turn' | 'power', told: PromiseListener): void {
    told.voided(promise, cause)
    this.unpromise(promise)
  }

  /** Makes or confirms the promises of this pass's blocked jobs. Left until a job could pass them, as often none can. */
  #settle(told: PromiseListener): void {
    while (this.#settled < this.#blocked) this.settleNext(told)
  }

  /** Makes or confirms the promise of the next of this pass's blocked jobs; `watts`: where a power cap binds, it needs them too. */
  settleNext(told: PromiseListener, watts?: WattsForecast): NodePromise {
    const slot = this.#blockedSlots[this.#settled]!
    if (this.#stands(slot)) {
      const standing = this.promises[this.#settled]!
      if (watts?.keeps(standing) ?? true) {
        this.#settled++
        return standing
      }
      this.#void(standing, 'power', told)
    }
    // A later promise was made around the earlier ones, so it falls with them.
    while (this.promises.length > this.#settled) {
      const last = this.promises.at(-1)!
      if (last.slot === slot)
        this.unpromise(last) // a job's new promise voids its old one
      else this.#void(last, 'turn', told)
    }
    const made = this.#promiseFor(slot, this.#blockedLimitsMs[this.#settled]!, watts)
    told.made(this, made)
    this.keep(made)
    this.#settled++
    return made
  }

  /** Whether the next promise is a job's already, and need not be made anew. */
  #stands(slot: number): boolean {
    const standing = this.promises[this.#settled]
    return standing?.slot === slot && !this.#outdated(standing)
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
    const at = this.promises.indexOf(promise)
    assert(at >= 0, 'what is taken back was promised')
    this.promises.splice(at, 1)
    for (const node of promise.nodes) {
      if (--this.#promises[node]! > 0 || this.#state[node] !== 0) continue
      this.#move(node, this.#promised, this.#open)
    }
    this.#changed(this.#perNode)
  }

  /** Standing promises that this pass has not confirmed. */
  get unsettled(): NodePromise[] {
    return this.promises.slice(this.#settled)
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
    let freeMost = 0
    for (let grant = this.#jobs.grant[slot]!; grant !== NONE; grant = this.#nextOfJob[grant]!) {
      this.#releaseOn(grant, shape)
      this.#freeGrants.push(grant)
      freeMost = Math.max(freeMost, this.#wholeFree[this.#grantNode[grant]!]!)
      width++
    }
    this.#changed(freeMost)
    assert(width === shape.nodes, 'a gang ends whole')
    this.#jobs.grant[slot] = NONE
    this.#freeMilli += shape.totalMilli
    if (this.#freeMilli > this.capacity * WHOLE_ACCELERATOR_MILLI)
      broken(`pool ${this.config.name} frees no more than it has`)
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
    this.#changed(this.#perNode)
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

  /** Fills `chosen*` with `shape.nodes` nodes, ascending, and their devices; false where there are not so many. */
  #choose(slot: number, shape: Shape, endMs: number): boolean {
    // Often the open nodes are too few, and nobody may pass on the promised ones.
    const isShort = shape.accelerators > 0 && this.#open.free.count(shape.accelerators) < shape.nodes
    const mayPass = isShort && this.#mayPass(slot, shape, endMs)
    if (isShort && !mayPass) return false
    let width = this.#collect(this.#open, 0, slot, shape, Number.NEGATIVE_INFINITY)
    if (width < shape.nodes && (mayPass || this.#mayPass(slot, shape, endMs))) {
      width = this.#collect(this.#promised, width, slot, shape, endMs)
    }
    if (width < shape.nodes) return false
    if (width > 1) this.chosenNodes.subarray(0, width).sort()
    for (let i = 0; i < width; i++) this.chosenDevices[i] = this.#devicesFor(this.chosenNodes[i]!, shape)
    return true
  }

  /** The devices a part of a shape takes on a node, as a mask. */
  #devicesFor(node: number, shape: Shape): number {
    if (this.#value === undefined || shape.accelerators > 0) {
      const from = node * this.#perNode
      return pick(this.#left, from, from + this.#perNode, shape)
    }
    return placing(this.#value, this.#leftOn(node), this.#cpuLeft[node]!, this.#memoryLeft[node]!, shape)?.devices ?? 0
  }

  /** Adds nodes of an index to the `width` chosen so far until there are enough: in the order of the policy's rule, then by number. */
  #collect({ free: index, states }: NodeIndex, width: number, slot: number, shape: Shape, endMs: number): number {
    let chosen = width
    if (states !== undefined) {
      states.visitByCost(shape, (node) => {
        if (this.#passes(node, slot, shape, endMs)) this.chosenNodes[chosen++] = node
        return chosen < shape.nodes
      })
      return chosen
    }
    if (shape.accelerators === 0) {
      for (let rest = shape.acceleratorsMilli; rest < index.restEnd && chosen < shape.nodes; rest++) {
        const nodes = index.withRest(rest)
        if (nodes !== undefined) chosen = this.#collectFrom(nodes, chosen, slot, shape, endMs)
      }
    }
    for (let free = Math.max(1, shape.accelerators); free <= this.#perNode && chosen < shape.nodes; free++) {
      chosen = this.#collectFrom(index.withFree(free), chosen, slot, shape, endMs)
    }
    return chosen
  }

  #collectFrom(nodes: NodeSet, width: number, slot: number, shape: Shape, endMs: number): number {
    let chosen = width
    if (nodes.size === 0) return chosen
    for (let node = nodes.next(0); node >= 0 && chosen < shape.nodes; node = nodes.next(node + 1)) {
      if (this.#cpuLeft[node]! < shape.cpuMilli || this.#memoryLeft[node]! < shape.memoryMib) continue
      if (this.#passes(node, slot, shape, endMs)) this.chosenNodes[chosen++] = node
    }
    return chosen
  }

  /** Whether any promised node could take a job that ends at `endMs`: a look at the promises that often spares one at their nodes. */
  #mayPass(slot: number, shape: Shape, endMs: number): boolean {
    for (let i = 0; i < this.promises.length; i++) {
      const promise = this.promises[i]!
      if (i >= this.#settled || promise.slot === slot || endMs <= promise.startMs) return true
      if (promise.shape.accelerators + Math.max(1, shape.accelerators) <= this.#perNode) return true
    }
    return false
  }

  /** Whether a job that ends at `endMs` may use a node without being in the way of a promise. */
  #passes(node: number, slot: number, shape: Shape, endMs: number): boolean {
    for (let i = 0; i < this.#settled && i < this.promises.length; i++) {
      const promise = this.promises[i]!
      if (endMs <= promise.startMs || promise.slot === slot || !includes(promise.nodes, node)) continue
      if (!this.#leavesRoom(node, shape, promise)) return false
    }
    return true
  }

  /** Whether the promised part still fits on the node at its start beside the new job. */
  #leavesRoom(node: number, shape: Shape, promise: NodePromise): boolean {
    const { shape: promised, startMs } = promise
    if (this.#devicesDecide(node, shape) && this.#isEven(promised)) {
      return this.#freeBy(node, startMs) - shape.accelerators >= promised.accelerators
    }
    let cpu = this.#cpuLeft[node]! - shape.cpuMilli
    let memory = this.#memoryLeft[node]! - shape.memoryMib
    const devices = this.#devicesFor(node, shape)
    const left = this.#leftOn(node)
    giveBack(left, devices, shape, -1)
    for (let grant = this.#grants[node]!; grant !== NONE; grant = this.#nextOnNode[grant]!) {
      const slot = this.#grantSlot[grant]!
      if (this.#jobs.limitEndMs[slot]! > startMs) continue
      const held = this.#shape(slot)
      cpu += held.cpuMilli
      memory += held.memoryMib
      giveBack(left, this.#grantDevices[grant]!, held, 1)
    }
    return cpu >= promised.cpuMilli && memory >= promised.memoryMib && pick(left, 0, left.length, promised) !== 0
  }

  /** Whether whole devices are all that counts for a shape on a node: nobody there takes more than their part of the rest. */
  #devicesDecide(node: number, shape: Shape): boolean {
    return this.#uneven[node] === 0 && this.#isEven(shape)
  }

  /** Whether a shape takes whole devices and no more of a node's CPU and memory than their part. */
  #isEven(shape: Shape): boolean {
    const { cpuMilli, memoryMib } = this.config.perNode
    const { accelerators } = shape
    return (
      accelerators > 0 &&
      shape.cpuMilli * this.#perNode <= cpuMilli * accelerators &&
      shape.memoryMib * this.#perNode <= memoryMib * accelerators
    )
  }

  /** Devices of a node that are free at `atMs` if all limits are used up. */
  #freeBy(node: number, atMs: number): number {
    const { nodes } = this.config
    let free = 0
    while (free < this.#perNode && this.#freeAgainMs[free * nodes + node]! <= atMs) free++
    return free
  }

  /** A copy that may be changed, until the next call. */
  #leftOn(node: number): Int32Array {
    const from = node * this.#perNode
    for (let device = 0; device < this.#perNode; device++) this.#scratch[device] = this.#left[from + device]!
    return this.#scratch
  }

  // ---- promising

  /**
   * The earliest start, all limits used up: when the k-th node can take its part, and its watts are there. Its nodes are those that come free last among the ones ready by then, so that idle ones stay open to others.
   */
  #promiseFor(slot: number, limitMs: number, watts?: WattsForecast): NodePromise {
    const shape = this.#shape(slot)
    assert(this.fitsInService(shape), 'a promise can be kept')
    const soonest = new KBest(shape.nodes)
    const { nodes } = this.config
    const devicesAlone = this.#settled === 0 && this.#isEven(shape)
    const rank = (shape.accelerators - 1) * nodes
    for (let node = 0; node < nodes; node++) {
      let atMs = Number.POSITIVE_INFINITY
      if (this.#state[node] === 0) {
        // On most nodes one look tells.
        atMs =
          devicesAlone && this.#uneven[node] === 0
            ? Math.max(this.#nowMs, this.#freeAgainMs[rank + node]!)
            : this.#earliest(node, shape, this.#settled, this.#nowMs)
        soonest.offer(atMs, node)
      }
      this.#earliestMs[node] = atMs
    }
    const startMs = watts?.earliestMs(shape, soonest.worst, limitMs) ?? soonest.worst
    // Of the nodes that are ready by then, those that are ready last: the others stay open meanwhile.
    const latest = new KBest(shape.nodes)
    for (let node = 0; node < nodes; node++) {
      const atMs = this.#earliestMs[node]!
      if (atMs <= startMs) latest.offer(-atMs, -node)
    }
    return {
      slot,
      shape,
      madeMs: this.#nowMs,
      startMs,
      endMs: startMs + limitMs,
      nodes: Int32Array.from(latest.numbers, (number) => -number).sort(),
    }
  }

  /** When a node can take its part of a shape, at the earliest at `nowMs`, after the first `promises` promises. */
  #earliest(node: number, shape: Shape, promises: number, nowMs: number): number {
    let atMs = nowMs
    for (let i = 0; i < promises; i++) {
      const promise = this.promises[i]!
      if (promise.endMs > atMs && includes(promise.nodes, node)) atMs = promise.endMs
    }
    if (this.#devicesDecide(node, shape)) {
      return Math.max(atMs, this.#freeAgainMs[(shape.accelerators - 1) * this.config.nodes + node]!)
    }
    let cpu = this.#cpuLeft[node]!
    let memory = this.#memoryLeft[node]!
    const left = this.#leftOn(node)
    const ending: number[] = []
    for (let grant = this.#grants[node]!; grant !== NONE; grant = this.#nextOnNode[grant]!) ending.push(grant)
    ending.sort((a, b) => this.#jobs.limitEndMs[this.#grantSlot[a]!]! - this.#jobs.limitEndMs[this.#grantSlot[b]!]!)
    for (let i = 0; cpu < shape.cpuMilli || memory < shape.memoryMib || pick(left, 0, left.length, shape) === 0; i++) {
      const grant = ending[i]
      assert(grant !== undefined, 'an idle node can take what the pool accepted')
      const slot = this.#grantSlot[grant]!
      const held = this.#shape(slot)
      cpu += held.cpuMilli
      memory += held.memoryMib
      giveBack(left, this.#grantDevices[grant]!, held, 1)
      atMs = Math.max(atMs, this.#jobs.limitEndMs[slot]!)
    }
    return atMs
  }

  /** Parts of up to so many whole devices may fit where they did not. */
  #changed(accelerators: number): void {
    this.#changes++
    for (let each = 0; each <= accelerators; each++) this.#lastChange[each] = this.#changes
  }

  #shape(slot: number): Shape {
    return this.#shapes[this.#jobs.shape[slot]!]!
  }

  // ---- bookkeeping of one node

  #takeOn(node: number, devices: number, slot: number, shape: Shape): void {
    this.#unindex(node)
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
    if (this.#cpuLeft[node]! < 0 || this.#memoryLeft[node]! < 0)
      broken(`node ${this.config.name}/${node} is not over-allocated`)
    if (!this.#isEven(shape)) this.#uneven[node]!++
    this.#index(node)
    this.#link(node, devices, slot)
    this.#orderFreeAgain(node)
  }

  #link(node: number, devices: number, slot: number): void {
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
    this.#unindex(node)
    const each = shape.accelerators > 0 ? WHOLE_ACCELERATOR_MILLI : shape.acceleratorsMilli
    for (let device = 0; device < this.#perNode; device++) {
      if ((devices & (1 << device)) === 0) continue
      this.#setLeft(node, device, this.#left[node * this.#perNode + device]! + each)
    }
    this.#cpuLeft[node]! += shape.cpuMilli
    this.#memoryLeft[node]! += shape.memoryMib
    if (!this.#isEven(shape)) this.#uneven[node]!--
    this.#index(node)
    const before = this.#previousOnNode[grant]!
    const after = this.#nextOnNode[grant]!
    if (before === NONE) this.#grants[node] = after
    else this.#nextOnNode[before] = after
    if (after !== NONE) this.#previousOnNode[after] = before
    this.#orderFreeAgain(node)
  }

  /** Works out anew when the devices of a node are free again. Not asked of a node with slices, where devices are shared. */
  #orderFreeAgain(node: number): void {
    if (this.#uneven[node]! > 0) return
    const { nodes } = this.config
    const untilMs = this.#heldUntilMs
    let held = 0
    for (let grant = this.#grants[node]!; grant !== NONE; grant = this.#nextOnNode[grant]!) {
      const endMs = this.#jobs.limitEndMs[this.#grantSlot[grant]!]!
      for (let devices = this.#grantDevices[grant]!; devices !== 0; devices &= devices - 1) {
        let at = held++
        for (; at > 0 && untilMs[at - 1]! > endMs; at--) untilMs[at] = untilMs[at - 1]!
        untilMs[at] = endMs
      }
    }
    const free = this.#wholeFree[node]!
    assert(free + held === this.#perNode, 'each device is free or held once')
    for (let rank = 0; rank < free; rank++) this.#freeAgainMs[rank * nodes + node] = Number.NEGATIVE_INFINITY
    for (let i = 0; i < held; i++) this.#freeAgainMs[(free + i) * nodes + node] = untilMs[i]!
  }

  #setLeft(node: number, device: number, milli: number): void {
    const at = node * this.#perNode + device
    const before = this.#left[at]!
    if (milli < 0 || milli > WHOLE_ACCELERATOR_MILLI)
      broken(`device ${this.config.name}/${node}/${device} holds what it can`)
    this.#left[at] = milli
    this.#wholeFree[node]! += Number(milli === WHOLE_ACCELERATOR_MILLI) - Number(before === WHOLE_ACCELERATOR_MILLI)
    this.#partlyUsed[node]! += Number(isRest(milli)) - Number(isRest(before))
    if (this.#state[node] === 0) this.#inServiceFreeMilli += milli - before
  }

  #newIndex(): NodeIndex {
    const { nodes } = this.config
    return {
      free: new FreeNodes(nodes, this.#perNode),
      states: this.#value && new NodeStates(nodes, this.#value),
    }
  }

  /** The index a node in service is in. */
  #indexOf(node: number): NodeIndex {
    return this.#promises[node]! > 0 ? this.#promised : this.#open
  }

  #enter({ free, states }: NodeIndex, node: number): void {
    free.add(node, this.#wholeFree[node]!, this.#rests(node))
    const from = node * this.#perNode
    states?.add(node, this.#left, from, from + this.#perNode, this.#cpuLeft[node]!, this.#memoryLeft[node]!)
  }

  #leave({ free, states }: NodeIndex, node: number): void {
    free.delete(node, this.#wholeFree[node]!, this.#rests(node))
    states?.delete(node)
  }

  #unindex(node: number): void {
    if (this.#state[node] === 0) this.#leave(this.#indexOf(node), node)
  }

  #index(node: number): void {
    if (this.#state[node] === 0) this.#enter(this.#indexOf(node), node)
  }

  #move(node: number, from: NodeIndex, to: NodeIndex): void {
    this.#leave(from, node)
    this.#enter(to, node)
  }

  #rests(node: number): readonly number[] | undefined {
    if (this.#partlyUsed[node] === 0) return undefined
    return Array.from(this.#left.subarray(node * this.#perNode, (node + 1) * this.#perNode)).filter(isRest)
  }

  #withdraw(node: number): void {
    this.#leave(this.#indexOf(node), node)
    this.#inServiceFreeMilli -= this.#nodeFreeMilli(node)
    this.#outOfService++
  }

  #reinstate(node: number): void {
    this.#enter(this.#indexOf(node), node)
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

/** Nodes in service, ready to be chosen from: by free devices, and by state where the rule of placement asks for it. */
interface NodeIndex {
  readonly free: FreeNodes
  readonly states: NodeStates | undefined
}

/** Hears of promises as they are made and voided. */
export interface PromiseListener {
  made(pool: NodePool, promise: NodePromise): void
  voided(promise: NodePromise, cause: UnreserveCause): void
}

/** Asked while a promise is made in a center with a power cap that binds. */
export interface WattsForecast {
  /** Whether a standing promise has its watts still. */
  keeps(promise: NodePromise): boolean
  /** The first moment from `fromMs` on from which a job can have its watts for so long. */
  earliestMs(shape: Shape, fromMs: number, forMs: number): number
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
