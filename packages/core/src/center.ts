// The deterministic state machine: what a center is, and how it decides. Commands and the passing of time go in, facts come
// out, and nothing else changes its state. The same sequence of `apply` and `schedule` gives the same facts, byte for byte,
// in Node, in a worker and in a browser; folding those facts into another center gives the same state.
//
// Every change is made by one `#enact…` method, which writes the fact and does what it says. Deciding (`apply`, `schedule`)
// and replaying (`fold`) both end there, so they cannot drift apart.

import { assert, broken } from './assert.ts'
import type { Shape } from './backlog.ts'
import {
  type Command,
  type HoldBy,
  holders,
  type NamedTarget,
  type NodeState,
  type Outcome,
  type RefusalCode,
  type SubmitCommand,
} from './command.ts'
import type { CenterConfig } from './config.ts'
import { WORTH_MILLE_MAX } from './device-rule.ts'
import { entryOf } from './entry.ts'
import { explain } from './explain.ts'
import type { EndState, Fact, StartCause, UnreserveCause } from './fact.ts'
import type { FactLog } from './fact-codec.ts'
import { followers, HELD, liveStates, PENDING, RUNNING, type Step, steps } from './job-states.ts'
import { NONE } from './jobs.ts'
import { Pass, type PassContext } from './pass.ts'
import type { Round } from './place-pass.ts'
import type { PowerPolicy } from './policy.ts'
import { isCounted, type PoolConfig, WHOLE_ACCELERATOR_MILLI } from './pool-config.ts'
import type { CountedPool } from './pools/counted-pool.ts'
import { ACCELERATORS_PER_NODE_MAX, NodePool, type NodePromise, type PromiseListener } from './pools/node-pool.ts'
import type { WaitReason } from './reason.ts'
import { hashState, restoreState, saveState } from './savepoint.ts'
import { billedInPool } from './shares/billing.ts'
import type { Target, TargetBook } from './shares/targets.ts'
import type { SitePower } from './site-power.ts'
import { limitInMs } from './speed.ts'
import { createState, type State } from './state.ts'
import {
  type DemandView,
  demandViews,
  type JobView,
  jobView,
  type NodeView,
  nodeViews,
  type PoolView,
  type PowerView,
  poolViews,
  type ShareView,
  shareViews,
} from './views.ts'
import { WordReader, WordWriter } from './words.ts'

/** A host's ear for what it must act on at once. Called in the order of the facts, while deciding; not while folding. */
export interface CenterListener {
  /** `pool`: index into `CenterConfig.pools`. */
  started(job: number, attempt: number, atMs: number, pool: number): void
  ended(job: number, attempt: number, state: EndState, atMs: number): void
  requeued(job: number, attempt: number, atMs: number): void
}

const DONE: Outcome = { kind: 'done' }
const OLD_ATTEMPT: Outcome = { kind: 'ignored', reason: 'old-attempt' }
const NO_CHANGE: Outcome = { kind: 'ignored', reason: 'no-change' }
const refused = (reason: RefusalCode): Outcome => ({ kind: 'refused', reason })

const NO_NODES = new Int32Array(0)

export class Center {
  readonly #state: State
  readonly #log: FactLog
  readonly #listener: CenterListener | undefined
  readonly #pass: Pass
  readonly #poolIndex: ReadonlyMap<string, number>
  readonly #associationIndex: ReadonlyMap<string, ReadonlyMap<string, number>>
  #folding = false
  /** The ranking being made, by association. */
  readonly #ranks: Int32Array
  // Like jobs come in runs: the last request's pools need not be looked up again.
  #lastPoolNames: readonly string[] | undefined
  #lastPools: readonly number[] = []

  private constructor(state: State, log: FactLog, listener: CenterListener | undefined) {
    this.#state = state
    this.#log = log
    this.#listener = listener
    const { config } = state
    this.#ranks = new Int32Array(config.associations.length)
    this.#poolIndex = new Map(config.pools.map(({ name }, index) => [name, index]))
    const byAccount = new Map<string, Map<string, number>>()
    config.associations.forEach(({ account, user }, index) => {
      const users = byAccount.get(account) ?? new Map<string, number>()
      byAccount.set(account, users.set(user, index))
    })
    this.#associationIndex = byAccount
    this.#pass = new Pass(this.#passContext())
  }

  /** An empty center, which begins its log. Throws a `RangeError` where the configuration makes no sense. */
  static create(config: CenterConfig, log: FactLog, atMs: number, listener?: CenterListener): Center {
    assertConfig(config)
    const state = createState(config)
    state.nowMs = atMs
    const center = new Center(state, log, listener)
    log.configured(atMs, config)
    return center
  }

  /** A center as it was saved, which goes on with its log. `log` must be new. */
  static restore(savepoint: Uint8Array, log: FactLog, listener?: CenterListener): Center {
    const saved = new WordReader(savepoint)
    log.restore(saved)
    return new Center(restoreState(saved), log, listener)
  }

  get config(): CenterConfig {
    return this.#state.config
  }

  get nowMs(): number {
    return this.#state.nowMs
  }

  /** Jobs that wait for a turn, held ones aside. */
  get pendingCount(): number {
    return this.#state.backlog.pending
  }

  /** Pending, held and running jobs. */
  get liveCount(): number {
    return this.#state.jobs.count
  }

  /** Whether waiting jobs keep places: one of these may come when nothing else happens, see `nextDueMs`. */
  get keepsPlaces(): boolean {
    return this.#state.backlog.keepsPlaces
  }

  /** When something is next due by the passing of time alone: a time limit, or the place of a waiting job. Infinity where nothing is. */
  nextDueMs(): number {
    const { limits, pools } = this.#state
    let nextMs = limits.nextMs
    for (const pool of pools) if (pool.counted && pool.places.length > 0) nextMs = Math.min(nextMs, pool.nextPlaceMs)
    return nextMs
  }

  // ---- deciding

  /** Answers one command at a moment that is not before the last. */
  apply(command: Command, atMs: number): Outcome {
    this.advance(atMs)
    switch (command.type) {
      case 'submit':
        return this.#submit(command)
      case 'finish':
        return this.#finish(command.job, command.attempt, command.exitCode)
      case 'cancel':
        return this.#cancel(command.job)
      case 'hold':
        return this.#hold(command.job, command.by)
      case 'release':
        return this.#release(command.job, command.by)
      case 'node':
        return this.#setNode(command.pool, command.node, command.to)
      case 'power-cap':
        return this.#setPowerCap(command.capW)
      case 'reject':
        this.#log.rejected(atMs, command.command, command.reason)
        return DONE
      case 'target':
        return this.#target(command.targets)
      default: {
        const never: never = command
        throw new RangeError(`unknown command ${JSON.stringify(never)}`)
      }
    }
  }

  /** Ends the jobs whose time limit has come, then starts what may start now. Live centers leave `round` alone. */
  schedule(atMs: number, round: Round = 'due'): void {
    this.advance(atMs)
    const state = this.#state
    while (state.limits.nextMs <= atMs) this.#enactEnd(state.limits.first, 'TIMEOUT', 0)
    this.#pass.run(atMs, round)
  }

  #submit(command: SubmitCommand): Outcome {
    const { job, account, user, timeLimitMs, held, label } = command
    if (this.#state.jobs.find(job) !== NONE) return refused('DuplicateJob')
    const association = this.#associationIndex.get(account)?.get(user)
    const shape = association === undefined ? 'InvalidAccount' : this.#acceptable(command, association)
    if (association === undefined || typeof shape === 'string') {
      const reason = typeof shape === 'string' ? shape : 'InvalidAccount'
      this.#log.refused(this.nowMs, job, account, user, reason, label)
      return refused(reason)
    }
    this.#enactSubmit(job, association, shape, timeLimitMs, held, label)
    return DONE
  }

  /** What a submit asks for, or why it cannot be taken. */
  #acceptable({ job, request, timeLimitMs }: SubmitCommand, association: number): Shape | RefusalCode {
    if (request.pools !== this.#lastPoolNames) {
      this.#lastPools = request.pools.map((name) => this.#poolIndex.get(name) ?? NONE)
      this.#lastPoolNames = request.pools
    }
    const pools = this.#lastPools
    if (pools.length === 0 || pools.includes(NONE)) return 'InvalidPool'
    const { speedsMille, nodes, acceleratorsMilli, cpuMilli, memoryMib } = request
    const isWhole = acceleratorsMilli % WHOLE_ACCELERATOR_MILLI === 0
    const isSlice = acceleratorsMilli < WHOLE_ACCELERATOR_MILLI && nodes === 1
    if (
      !(isCount(job) && isCount(nodes) && isCount(acceleratorsMilli) && isCount(timeLimitMs)) ||
      !(isWord(cpuMilli) && isWord(memoryMib) && isWord(nodes) && isWord(acceleratorsMilli)) ||
      !(isWhole || isSlice) ||
      !(speedsMille === undefined || areSpeeds(speedsMille, pools.length))
    ) {
      return 'BadRequest'
    }
    const sizes = [nodes, acceleratorsMilli, cpuMilli, memoryMib] as const
    const shape = this.#state.backlog.intern(pools, ...sizes, speedsMille, association)
    for (const pool of shape.pools) if (this.#state.pools[pool]!.couldEverFit(shape)) return shape
    return 'BadConstraints'
  }

  #finish(job: number, attempt: number, exitCode: number): Outcome {
    const { jobs } = this.#state
    const slot = jobs.find(job)
    if (slot === NONE || jobs.state[slot] !== RUNNING || jobs.attempt[slot] !== attempt) return OLD_ATTEMPT
    this.#enactEnd(slot, exitCode === 0 ? 'COMPLETED' : 'FAILED', exitCode)
    return DONE
  }

  #cancel(job: number): Outcome {
    const slot = this.#state.jobs.find(job)
    if (slot === NONE) return refused('UnknownJob')
    this.#enactEnd(slot, 'CANCELLED', 0)
    return DONE
  }

  #hold(job: number, by: HoldBy): Outcome {
    const { jobs } = this.#state
    const slot = jobs.find(job)
    if (slot === NONE) return refused('UnknownJob')
    if (jobs.state[slot] === RUNNING || holders[jobs.heldBy[slot]!] === 'admin' || holders[jobs.heldBy[slot]!] === by)
      return NO_CHANGE
    this.#enactHold(slot, by)
    return DONE
  }

  #release(job: number, by: HoldBy): Outcome {
    const { jobs } = this.#state
    const slot = jobs.find(job)
    if (slot === NONE) return refused('UnknownJob')
    if (jobs.state[slot] !== HELD) return NO_CHANGE
    if (by === 'user' && holders[jobs.heldBy[slot]!] === 'admin') return refused('NotAllowed')
    this.#enactRelease(slot)
    return DONE
  }

  #setNode(poolName: string, node: number, to: NodeState): Outcome {
    const index = this.#poolIndex.get(poolName)
    const pool = index === undefined ? undefined : this.#state.pools[index]
    if (
      index === undefined ||
      !(pool instanceof NodePool) ||
      !(Number.isInteger(node) && node >= 0 && node < pool.config.nodes)
    ) {
      return refused('UnknownNode')
    }
    if (pool.state(node) === to) return NO_CHANGE
    if (to !== 'up') for (const promise of pool.promisesOf(node)) this.#enactUnpromise(promise, 'node')
    this.#enactNode(index, pool, node, to)
    if (to !== 'down') {
      this.#voidPromisesWithoutWatts()
      return DONE
    }
    for (const slot of pool.jobsOn(node)) {
      if (this.config.policy.requeueOnNodeFail) this.#enactRequeue(slot)
      else this.#enactEnd(slot, 'NODE_FAIL', 0)
    }
    return DONE
  }

  #target(named: readonly NamedTarget[]): Outcome {
    if (this.#state.targets === null) return NO_CHANGE
    const targets: Target[] = []
    const seen = new Set<number>()
    for (const { account, user, pool: poolName, acceleratorsMilli } of named) {
      const association = this.#associationIndex.get(account)?.get(user)
      if (association === undefined) return refused('InvalidAccount')
      const pool = this.#poolIndex.get(poolName)
      if (pool === undefined) return refused('InvalidPool')
      const pair = association * this.config.pools.length + pool
      if (!isWord(acceleratorsMilli) || seen.has(pair)) return refused('BadRequest')
      seen.add(pair)
      if (acceleratorsMilli > 0) targets.push({ association, pool, acceleratorsMilli })
    }
    targets.sort((a, b) => a.association - b.association || a.pool - b.pool)
    this.#enactTarget(targets)
    return DONE
  }

  #setPowerCap(capW: number | null): Outcome {
    const { power } = this.#state
    if (power === undefined) return refused('UnknownWatts')
    if (capW !== null && !isWatts(capW)) return refused('BadRequest')
    if (power.capW === capW) return NO_CHANGE
    this.#enactPowerCap(power, capW)
    this.#voidPromisesWithoutWatts()
    return DONE
  }

  /** A lower cap, or a node that came back, has taken watts that jobs were promised. */
  #voidPromisesWithoutWatts(): void {
    this.#state.power?.beginPass(this.nowMs)
    this.#state.power?.voidLost('power', this.#voiding)
  }

  /** Brings turns up to date, if that is due; whether any has moved. */
  #rank(atMs: number): boolean {
    if (this.config.policy.order !== 'fairshare') return false
    if (this.#state.shareRule.movesWith === 'holdings') return this.#isMovedByRanking() && this.#enactRank()
    return this.#isRankDue(atMs) && this.#enactRank()
  }

  #isRankDue(atMs: number): boolean {
    const { rankedMs, config } = this.#state
    const { rerankMs } = config.policy
    return rankedMs < 0 || Math.floor(atMs / rerankMs) > Math.floor(rankedMs / rerankMs)
  }

  #passContext(): PassContext {
    const { jobs, backlog, pools, config, power } = this.#state
    return {
      jobs,
      backlog,
      pools,
      power,
      policy: config.policy,
      targets: this.#state.targets,
      rank: (nowMs) => this.#rank(nowMs),
      ranksEachStart: config.policy.order === 'fairshare' && this.#state.shareRule.movesWith === 'holdings',
      start: (slot, pool, cause) => this.#enactStart(slot, pool, cause),
      place: (slot, pool, startMs) => this.#enactPlace(slot, pool, startMs),
      unplace: (slot) => this.#enactUnplace(slot, 'turn'),
      made: (pool, promise) => {
        const { nodes, startMs, slot } = promise
        const elsewhere = this.#promiseOf(slot)
        if (elsewhere !== undefined) this.#enactUnpromise(elsewhere.promise, 'turn') // a job holds one promise
        this.#log.reserved(this.nowMs, jobs.id[slot]!, pools.indexOf(pool), startMs, nodes)
      },
      voided: this.#voiding.voided,
    }
  }

  readonly #voiding: Pick<PromiseListener, 'voided'> = {
    voided: (promise, cause) => this.#log.unreserved(this.nowMs, this.#state.jobs.id[promise.slot]!, cause),
  }

  /** Time has passed, and nothing else. Hosts need not call this: every other call says its time. */
  advance(atMs: number): void {
    if (!(atMs >= this.#state.nowMs)) broken(`time does not go back: ${atMs} after ${this.#state.nowMs}`)
    this.#state.nowMs = atMs
  }

  // ---- replaying

  /** Does what a fact says was done. Facts come in the order they were written in; `configured` makes a center and is not folded. */
  fold(fact: Fact): void {
    this.advance(fact.atMs)
    this.#folding = true
    try {
      this.#foldIn(fact)
    } finally {
      this.#folding = false
    }
  }

  #foldIn(fact: Fact): void {
    switch (fact.type) {
      case 'submitted':
        this.#foldSubmit(fact)
        break
      case 'refused':
        this.#log.refused(fact.atMs, fact.job, fact.account, fact.user, fact.reason, fact.label)
        break
      case 'held':
        this.#enactHold(this.#slot(fact.job), fact.by)
        break
      case 'released':
        this.#enactRelease(this.#slot(fact.job))
        break
      case 'started': {
        const pool = this.#state.pools[fact.pool]!
        if (!pool.counted) {
          fact.placement.forEach(({ node, devices }, i) => {
            pool.chosenNodes[i] = node
            pool.chosenDevices[i] = devices
          })
        }
        this.#enactStart(this.#slot(fact.job), fact.pool, fact.cause)
        break
      }
      case 'ended':
        this.#enactEnd(this.#slot(fact.job), fact.state, fact.exitCode)
        break
      case 'requeued':
        this.#enactRequeue(this.#slot(fact.job))
        break
      case 'reserved':
        this.#foldPromise(fact.job, fact.pool, fact.startMs, fact.nodes)
        break
      case 'unreserved':
        if (this.keepsPlaces) this.#enactUnplace(this.#slot(fact.job), fact.cause)
        else this.#enactUnpromise(this.#promiseOf(this.#slot(fact.job))!.promise, fact.cause)
        break
      case 'node':
        this.#enactNode(fact.pool, this.#state.pools[fact.pool] as NodePool, fact.node, fact.to)
        break
      case 'ranked':
        this.#enactRank()
        break
      case 'rejected':
        this.#log.rejected(fact.atMs, fact.command, fact.reason)
        break
      case 'targeted':
        this.#enactTarget(fact.targets)
        break
      case 'power-capped':
        this.#enactPowerCap(this.#state.power!, fact.capW)
        break
      case 'configured':
        throw new RangeError('a center is configured once, at the beginning of its log')
      default: {
        const never: never = fact
        throw new RangeError(`unknown fact ${JSON.stringify(never)}`)
      }
    }
  }

  /** A pass was made at this moment, and its facts are folded: nothing is left to look at until something changes. */
  foldPass(atMs: number): void {
    this.advance(atMs)
    this.#pass.skip()
  }

  #foldSubmit({ job, association, request, timeLimitMs, held, label }: Extract<Fact, { type: 'submitted' }>): void {
    const { pools, speedsMille, nodes, acceleratorsMilli, cpuMilli, memoryMib } = request
    const sizes = [nodes, acceleratorsMilli, cpuMilli, memoryMib] as const
    const shape = this.#state.backlog.intern(pools, ...sizes, speedsMille, association)
    this.#enactSubmit(job, association, shape, timeLimitMs, held, label)
  }

  #foldPromise(job: number, poolIndex: number, startMs: number, nodes: readonly number[]): void {
    const slot = this.#slot(job)
    const pool = this.#state.pools[poolIndex]!
    if (pool.counted) {
      this.#enactPlace(slot, poolIndex, startMs)
      return
    }
    this.#dropPromise(slot)
    const endMs = startMs + this.#limitMs(slot, poolIndex)
    pool.keep({ slot, shape: this.#shape(slot), madeMs: this.nowMs, startMs, endMs, nodes: Int32Array.from(nodes) })
    this.#log.reserved(this.nowMs, job, poolIndex, startMs, Int32Array.from(nodes))
  }

  #slot(job: number): number {
    const slot = this.#state.jobs.find(job)
    if (slot === NONE) broken(`job ${job} is live where a fact changes it`)
    return slot
  }

  // ---- what facts do

  #enactSubmit(
    job: number,
    association: number,
    shape: Shape,
    timeLimitMs: number,
    held: HoldBy | null,
    label: string,
  ): void {
    const { jobs, backlog, nowMs } = this.#state
    const slot = jobs.add(job)
    jobs.sequence[slot] = this.#state.nextSequence++
    jobs.association[slot] = association
    jobs.shape[slot] = shape.index
    jobs.timeLimitMs[slot] = timeLimitMs
    jobs.submittedMs[slot] = nowMs
    if (held === null) backlog.add(slot)
    else {
      jobs.state[slot] = HELD
      jobs.heldBy[slot] = holders.indexOf(held)
    }
    this.#log.submitted(nowMs, job, association, shape, timeLimitMs, held, label)
  }

  #enactHold(slot: number, by: HoldBy): void {
    const { jobs } = this.#state
    if (jobs.state[slot] === PENDING) {
      this.#leaveQueue(slot)
      this.#become(slot, 'hold')
    }
    jobs.heldBy[slot] = holders.indexOf(by)
    this.#log.held(this.nowMs, jobs.id[slot]!, by)
  }

  #enactRelease(slot: number): void {
    const { jobs, backlog } = this.#state
    this.#become(slot, 'release')
    jobs.heldBy[slot] = 0
    backlog.add(slot)
    this.#log.released(this.nowMs, jobs.id[slot]!)
  }

  /** The pool has admitted the job: a pool of nodes has its choice in `chosenNodes` and `chosenDevices`. */
  #enactStart(slot: number, poolIndex: number, cause: StartCause): void {
    const { jobs, backlog, limits, pools, running, usage, claims, targets, power, nowMs } = this.#state
    const shape = this.#shape(slot)
    const pool = pools[poolIndex]!
    const endMs = nowMs + this.#limitMs(slot, poolIndex)
    if (power?.fits(poolIndex, shape) === false) broken('no start takes the center over its power cap')
    this.#dropPromise(slot)
    backlog.remove(slot)
    this.#become(slot, 'start')
    jobs.startedMs[slot] = nowMs
    jobs.limitEndMs[slot] = endMs
    jobs.pool[slot] = poolIndex
    jobs.attempt[slot]!++
    limits.add(slot, endMs)
    running[poolIndex]!++
    const association = jobs.association[slot]!
    usage.setRate(association, usage.rateMilli(association) + this.#rateMilli(shape, poolIndex), nowMs)
    claims.started(association, shape, poolIndex)
    targets?.started(association, poolIndex, shape.totalMilli, nowMs)
    power?.start(poolIndex, shape, endMs)
    const id = jobs.id[slot]!
    const attempt = jobs.attempt[slot]!
    if (pool.counted) {
      pool.take(shape.units, nowMs, endMs)
      this.#log.started(nowMs, id, attempt, poolIndex, cause, NO_NODES, NO_NODES, 0)
    } else {
      pool.take(slot, shape, shape.nodes)
      this.#log.started(nowMs, id, attempt, poolIndex, cause, pool.chosenNodes, pool.chosenDevices, shape.nodes)
    }
    if (!this.#folding) this.#listener?.started(id, attempt, nowMs, poolIndex)
  }

  #enactEnd(slot: number, state: EndState, exitCode: number): void {
    const { jobs, nowMs } = this.#state
    if (jobs.state[slot] === RUNNING) this.#stop(slot)
    else if (jobs.state[slot] === PENDING) this.#leaveQueue(slot)
    const from = jobs.state[slot]!
    if (!followers[from]!.has(state)) broken(`a ${liveStates[from]} job does not become ${state}`)
    const id = jobs.id[slot]!
    const attempt = jobs.attempt[slot]!
    jobs.remove(slot)
    this.#log.ended(nowMs, id, attempt, state, exitCode)
    if (!this.#folding) this.#listener?.ended(id, attempt, state, nowMs)
  }

  #enactRequeue(slot: number): void {
    const { jobs, backlog, nowMs } = this.#state
    this.#stop(slot)
    this.#become(slot, 'requeue')
    backlog.add(slot)
    this.#log.requeued(nowMs, jobs.id[slot]!, jobs.attempt[slot]!)
    if (!this.#folding) this.#listener?.requeued(jobs.id[slot]!, jobs.attempt[slot]!, nowMs)
  }

  #enactNode(poolIndex: number, pool: NodePool, node: number, to: NodeState): void {
    const wasDown = pool.state(node) === 'down'
    pool.setState(node, to)
    if (wasDown !== (to === 'down')) this.#state.power?.nodeIsDown(poolIndex, !wasDown)
    this.#log.node(this.nowMs, poolIndex, node, to)
  }

  /** That a newcomer has the present for its place goes without saying: it starts in the same pass. */
  #enactPlace(slot: number, poolIndex: number, startMs: number): void {
    const { jobs, backlog, pools, nowMs } = this.#state
    const pool = pools[poolIndex] as CountedPool
    const isNew = this.#shape(slot).partition.unplaced!.has(slot)
    this.#dropPromise(slot)
    const endMs = startMs + this.#limitMs(slot, poolIndex)
    pool.keep({ slot, startMs, endMs, units: this.#shape(slot).units })
    backlog.placed(slot)
    if (!isNew || startMs > nowMs) this.#log.reserved(nowMs, jobs.id[slot]!, poolIndex, startMs, NO_NODES)
  }

  #enactUnplace(slot: number, cause: UnreserveCause): void {
    const { jobs, backlog, nowMs } = this.#state
    this.#dropPromise(slot)
    backlog.unplaced(slot)
    this.#log.unreserved(nowMs, jobs.id[slot]!, cause)
  }

  #enactUnpromise(promise: NodePromise, cause: UnreserveCause): void {
    const { pool } = this.#promiseOf(promise.slot)!
    pool.unpromise(promise)
    this.#log.unreserved(this.nowMs, this.#state.jobs.id[promise.slot]!, cause)
  }

  #enactTarget(targets: readonly Target[]): void {
    this.#state.targets!.set(targets, this.nowMs)
    this.#log.targeted(this.nowMs, targets)
  }

  #enactPowerCap(power: SitePower, capW: number | null): void {
    power.setCap(capW)
    power.release()
    this.#log.powerCapped(this.nowMs, capW)
  }

  #enactRank(): boolean {
    const { backlog, nowMs } = this.#state
    this.#computeRanks()
    this.#state.rankedMs = nowMs
    this.#log.ranked(nowMs)
    return backlog.rerank(this.#ranks)
  }

  // ---- parts of the above

  /** What the share rule says of this moment, in `#ranks`. */
  #computeRanks(): void {
    const { backlog, usage, shareRule, claims, targets, jobs, nowMs } = this.#state
    usage.allAt(nowMs, claims.claims.usage)
    targets?.lookAt(nowMs)
    if (shareRule.movesWith === 'holdings') claims.lookAt(backlog, jobs)
    shareRule.rank(claims.claims, this.#ranks)
  }

  /** A rule that is asked at every start would fill the log with rankings that change nothing. */
  #isMovedByRanking(): boolean {
    this.#computeRanks()
    return this.#state.backlog.isMovedBy(this.#ranks)
  }

  /** How much usage a job accrues in a pool, in thousandths. */
  #rateMilli(shape: Shape, poolIndex: number): number {
    const { billing } = this.config.policy
    return billing === undefined ? shape.totalMilli : 1000 * billedInPool(billing, this.config.pools[poolIndex]!, shape)
  }

  /** Takes a running job off its accelerators and charges what it held them for. */
  #stop(slot: number): void {
    const { jobs, limits, pools, running, usage, claims, targets, charged, power, nowMs } = this.#state
    const shape = this.#shape(slot)
    const poolIndex = jobs.pool[slot]!
    const pool = pools[poolIndex]!
    const startedMs = jobs.startedMs[slot]!
    limits.delete(slot)
    if (pool.counted) pool.release(shape.units, nowMs, jobs.limitEndMs[slot]!)
    else pool.release(slot, shape)
    power?.stop(poolIndex, shape, jobs.limitEndMs[slot]!)
    running[poolIndex]!--
    jobs.pool[slot] = NONE
    const association = jobs.association[slot]!
    usage.setRate(association, usage.rateMilli(association) - this.#rateMilli(shape, poolIndex), nowMs)
    claims.stopped(association, shape, poolIndex)
    targets?.stopped(association, poolIndex, shape.totalMilli, nowMs)
    charged.addProduct(association, shape.totalMilli, nowMs - startedMs)
  }

  /** Takes a pending job out of the queue unstarted, which may let others pass. */
  #leaveQueue(slot: number): void {
    const { backlog, pools, power } = this.#state
    this.#dropPromise(slot)
    backlog.remove(slot)
    for (const pool of this.#shape(slot).pools) pools[pool]!.released = true
    power?.letPass()
  }

  /** Whatever the job was promised, it gives up. */
  #dropPromise(slot: number): void {
    if (this.#state.backlog.keepsPlaces) {
      for (const index of this.#shape(slot).pools) {
        const pool = this.#state.pools[index] as CountedPool
        const place = pool.placeOf(slot)
        if (place !== undefined) pool.unkeep(place)
      }
      return
    }
    const found = this.#promiseOf(slot)
    if (found !== undefined) found.pool.unpromise(found.promise)
  }

  #promiseOf(slot: number): { pool: NodePool; promise: NodePromise } | undefined {
    for (const index of this.#shape(slot).pools) {
      const pool = this.#state.pools[index]!
      const promise = pool.counted ? undefined : pool.promiseOf(slot)
      if (!pool.counted && promise !== undefined) return { pool, promise }
    }
    return undefined
  }

  #shape(slot: number): Shape {
    return this.#state.backlog.shapes[this.#state.jobs.shape[slot]!]!
  }

  /** How long a job may run in a pool. */
  #limitMs(slot: number, poolIndex: number): number {
    return limitInMs(this.#shape(slot), poolIndex, this.#state.jobs.timeLimitMs[slot]!)
  }

  #become(slot: number, by: Step): void {
    const { jobs } = this.#state
    const from = jobs.state[slot]!
    const to = steps[by][from]!
    if (to < 0) broken(`a ${liveStates[from]} job does not ${by}`)
    jobs.state[slot] = to
  }

  // ---- asking

  /** All the reasons why a pending job waits, by the allocator's own tests on the present state; undefined for any other job. */
  explain(job: number): readonly WaitReason[] | undefined {
    const slot = this.#state.jobs.find(job)
    return slot === NONE || this.#state.jobs.state[slot] === RUNNING ? undefined : explain(this.#state, slot)
  }

  job(job: number): JobView | undefined {
    const slot = this.#state.jobs.find(job)
    return slot === NONE ? undefined : jobView(this.#state, slot)
  }

  /** Up to `limit` pending jobs in turn order. */
  pending(limit: number): JobView[] {
    return this.#state.backlog.inTurn(limit).map((slot) => jobView(this.#state, slot))
  }

  /** Running jobs by end of their time limit. */
  running(): JobView[] {
    return this.#state.limits.inOrder().map((slot) => jobView(this.#state, slot))
  }

  /** All live jobs by submission. */
  live(): JobView[] {
    return this.#state.jobs.inSequence().map((slot) => jobView(this.#state, slot))
  }

  /** What associations ask for and run, a row a request. */
  demand(): DemandView[] {
    return demandViews(this.#state)
  }

  pools(): PoolView[] {
    return poolViews(this.#state)
  }

  /** What the center draws; undefined where the policy does not say what its nodes do. */
  power(): PowerView | undefined {
    const { power } = this.#state
    return power && { capW: power.capW, drawW: power.drawW, idleW: power.idleDrawW }
  }

  nodes(pool: string): NodeView[] {
    return nodeViews(this.#state, this.#poolIndex.get(pool) ?? NONE)
  }

  /** The share tree as of now. */
  shares(): ShareView[] {
    return shareViews(this.#state)
  }

  // ---- keeping

  /** Everything needed to go on from here with `restore`. */
  save(): Uint8Array {
    const out = new WordWriter()
    this.#log.save(out)
    saveState(this.#state, out)
    return out.toBytes()
  }

  /** 32 hex digits of the state, the same in every center that has had the same facts. */
  stateHash(): string {
    return hashState(this.#state)
  }

  /** Asserts the whole state. After every change what it touched is asserted anyway. */
  assertInvariants(): void {
    const { backlog, pools, jobs, limits, running, usage, targets, power } = this.#state
    backlog.assertInvariants()
    for (const pool of pools) {
      pool.assertInvariants(this.nowMs)
      for (const { slot } of pool.counted ? pool.places : pool.promises)
        assert(jobs.state[slot] === PENDING, 'only who waits is promised a start')
    }
    const runningSlots = limits.inOrder()
    assert(runningSlots.length === running.reduce((sum, count) => sum + count, 0), 'pools count their running jobs')
    const rateMilli = new Float64Array(usage.size)
    for (const slot of runningSlots) {
      assert(jobs.state[slot] === RUNNING, 'only running jobs have a time limit to come')
      rateMilli[jobs.association[slot]!]! += this.#rateMilli(this.#shape(slot), jobs.pool[slot]!)
    }
    assert(
      rateMilli.every((rate, association) => rate === usage.rateMilli(association)),
      'usage grows by what runs',
    )
    if (targets !== null) this.#assertHeld(targets, runningSlots)
    power?.assertInvariants(runningSlots.map((slot) => ({ pool: jobs.pool[slot]!, shape: this.#shape(slot) })))
    const held = jobs.inSequence().filter((slot) => jobs.state[slot] === HELD).length
    assert(jobs.count === backlog.pending + held + runningSlots.length, 'every live job is pending, held or running')
  }

  #assertHeld(targets: TargetBook, runningSlots: readonly number[]): void {
    const { jobs } = this.#state
    for (let association = 0; association < this.config.associations.length; association++) {
      for (let pool = 0; pool < this.config.pools.length; pool++) {
        const heldMilli = runningSlots
          .filter((slot) => jobs.association[slot] === association && jobs.pool[slot] === pool)
          .reduce((sum, slot) => sum + this.#shape(slot).totalMilli, 0)
        assert(heldMilli === targets.heldMilli(association, pool), 'targets are measured by what runs')
      }
    }
  }
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value > 0

/** What a fact has room for. */
const isWord = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff

/** One for each pool; a job that does not move never ends. */
const areSpeeds = (speedsMille: readonly number[], pools: number): boolean =>
  speedsMille.length === pools && speedsMille.every((speedMille) => speedMille > 0 && isWord(speedMille))

function assertConfig(config: CenterConfig): void {
  const names = new Set<string>()
  for (const pool of config.pools) {
    if (names.has(pool.name)) throw new RangeError(`pool ${pool.name} is listed twice`)
    names.add(pool.name)
    const sizes = isCounted(pool) ? [pool.processors] : [pool.nodes, pool.perNode.accelerators]
    if (!sizes.every(isCount)) throw new RangeError(`pool ${pool.name}: sizes must be whole numbers above 0`)
    if (!isCounted(pool) && pool.perNode.accelerators > ACCELERATORS_PER_NODE_MAX) {
      throw new RangeError(`pool ${pool.name}: a node has at most ${ACCELERATORS_PER_NODE_MAX} accelerators`)
    }
  }
  const associations = new Set(config.associations.map(({ account, user }) => JSON.stringify([account, user])))
  if (associations.size < config.associations.length) throw new RangeError('a user is listed twice in one account')
  const { reservationDepth, rerankMs, halfLifeMs, billing, devices, roundMs } = config.policy
  if (reservationDepth !== 'all' && !(Number.isSafeInteger(reservationDepth) && reservationDepth >= 0)) {
    throw new RangeError(`reservationDepth must be a whole number or 'all', not ${reservationDepth}`)
  }
  if (!(Number.isFinite(halfLifeMs) && halfLifeMs >= 0)) {
    throw new RangeError(`halfLifeMs must be 0 (no decay) or more, not ${halfLifeMs}`)
  }
  if (billing !== undefined) {
    const { perCpu, perGib, perNode, perAccelerator, perLicence = {} } = billing
    const weights = [perCpu, perGib, perNode, ...Object.values(perAccelerator), ...Object.values(perLicence)]
    if (!weights.every((weight) => weight >= 0 && weight < Number.POSITIVE_INFINITY))
      throw new RangeError('billing weights must be 0 or more')
  }
  if (devices?.rule === 'most-good') {
    for (const [name, worthMille] of Object.entries(devices.worthMille)) {
      if (!names.has(name)) throw new RangeError(`what pool ${name} is worth is said, but there is no such pool`)
      if (!isCount(worthMille) || worthMille > WORTH_MILLE_MAX) {
        throw new RangeError(
          `pool ${name}: its worth must be a whole number from 1 to ${WORTH_MILLE_MAX}, not ${worthMille}`,
        )
      }
    }
  }
  if (roundMs !== undefined && !isCount(roundMs)) {
    throw new RangeError(`roundMs must be a whole number above 0, not ${roundMs}`)
  }
  if (!isCount(rerankMs)) throw new RangeError(`rerankMs must be a whole number above 0, not ${rerankMs}`)
  if (config.policy.power !== undefined) assertPower(config.policy.power, config.pools)
}

/** What a node or an accelerator may draw at the most, and a cap be: a terawatt in milliwatts is exact, and so is a sum of a few. */
const isWatts = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= 1e12

function assertPower({ capW, pools: drawing }: PowerPolicy, pools: readonly PoolConfig[]): void {
  if (capW !== null && !isWatts(capW)) throw new RangeError(`a power cap is in whole watts from 0 on, not ${capW}`)
  for (const pool of pools) {
    const { name } = pool
    if (isCounted(pool)) throw new RangeError(`pool ${name} is counted: it has no nodes whose power could be capped`)
    const { idleWPerNode = 0, busyWPerAccelerator = 0 } = entryOf(drawing, name) ?? {}
    if (!isWatts(idleWPerNode) || !isWatts(busyWPerAccelerator))
      throw new RangeError(`pool ${name}: a power policy is in whole watts from 0 on`)
  }
  const unknown = Object.keys(drawing).find((name) => !pools.some((pool) => pool.name === name))
  if (unknown !== undefined) throw new RangeError(`a power policy names pool ${unknown}, which is not there`)
}
