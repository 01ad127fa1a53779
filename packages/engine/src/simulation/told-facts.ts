// What the facts of a ledger say for themselves, followed by somebody who knows nothing of how the allocator decides: who holds
// what, on which node, from when to when.

import { readLabel } from '@dure/contract'
import { type Center, type CenterConfig, type Fact, type PlacedRequest, WHOLE_ACCELERATOR_MILLI } from '@dure/core'
import type { Invariant, Violation } from './history.ts'

interface ToldJob {
  readonly association: number
  readonly request: PlacedRequest
  readonly timeLimitMs: number
  /** What its label says; a label that cannot be read says nothing. */
  readonly runTimeMs: number
  attempt: number
  /** While it runs. */
  running: Extract<Fact, { type: 'started' }> | undefined
  isOver: boolean
}

interface ToldNode {
  cpuMilli: number
  memoryMib: number
  readonly devicesMilli: number[]
}

/** Follows facts of one center, in order. */
export class ToldFacts {
  readonly violations: Violation[] = []
  readonly #jobs = new Map<number, ToldJob>()
  readonly #nodes: readonly (readonly ToldNode[])[]
  readonly #config: CenterConfig
  readonly #chargedUs: bigint[]
  #nowMs = 0

  constructor(config: CenterConfig) {
    this.#config = config
    this.#chargedUs = config.associations.map(() => 0n)
    this.#nodes = config.pools.map((pool) =>
      'nodes' in pool
        ? Array.from({ length: pool.nodes }, () => ({
            cpuMilli: 0,
            memoryMib: 0,
            devicesMilli: new Array(pool.perNode.accelerators).fill(0),
          }))
        : [],
    )
  }

  /** Jobs that have been submitted and are not over. */
  get live(): number[] {
    return [...this.#jobs].flatMap(([job, { isOver }]) => (isOver ? [] : [job]))
  }

  follow(fact: Fact): void {
    if (fact.atMs < this.#nowMs) this.#violated('chain', `${fact.type} at ${fact.atMs} comes after ${this.#nowMs}`)
    this.#nowMs = fact.atMs
    switch (fact.type) {
      case 'submitted': {
        const { job, association, request, timeLimitMs, label } = fact
        if (this.#jobs.has(job)) this.#violated('one-allocation', `job ${job} is submitted a second time`)
        const runTimeMs = readLabel(label)?.run_time_ms ?? Number.POSITIVE_INFINITY
        const known = { attempt: 0, running: undefined, isOver: false }
        this.#jobs.set(job, { association, request, timeLimitMs, runTimeMs, ...known })
        break
      }
      case 'started':
        this.#start(fact)
        break
      case 'ended':
        this.#end(fact)
        break
      case 'requeued': {
        const job = this.#jobs.get(fact.job)
        if (job?.running === undefined || job.attempt !== fact.attempt) {
          this.#violated('one-allocation', `attempt ${fact.attempt} of job ${fact.job} goes back and does not run`)
        } else this.#release(job, fact.atMs)
        break
      }
      default:
    }
  }

  /** Compares what was charged with what was held. */
  compare(center: Center): void {
    const rows = center.shares()
    this.#config.associations.forEach(({ account, user }, i) => {
      const charged = rows.find((row) => row.account === account && row.user === user)?.chargedAcceleratorUs
      if (charged !== this.#chargedUs[i]) {
        this.#violated('charged', `${user} of ${account} held ${this.#chargedUs[i]} and is charged ${charged}`)
      }
    })
  }

  #start(fact: Extract<Fact, { type: 'started' }>): void {
    const job = this.#jobs.get(fact.job)
    if (job === undefined || job.isOver || job.running !== undefined || fact.attempt !== job.attempt + 1) {
      this.#violated('one-allocation', `attempt ${fact.attempt} of job ${fact.job} starts out of turn`)
      return
    }
    job.attempt = fact.attempt
    job.running = fact
    this.#hold(job, 1)
  }

  #end({ job: id, attempt, state, atMs }: Extract<Fact, { type: 'ended' }>): void {
    const job = this.#jobs.get(id)
    if (job === undefined || job.isOver || attempt !== job.attempt) {
      this.#violated('one-allocation', `job ${id} is over a second time, or before it was submitted`)
      return
    }
    job.isOver = true
    if (job.running === undefined) return
    const ranMs = atMs - job.running.atMs
    const isFinish = state === 'COMPLETED' || state === 'FAILED'
    const dueMs = isFinish ? job.runTimeMs : state === 'TIMEOUT' ? job.timeLimitMs : ranMs
    if (ranMs !== dueMs) this.#violated('on-time', `job ${id} is ${state} after ${ranMs} ms and not after ${dueMs}`)
    this.#release(job, atMs)
  }

  #release(job: ToldJob, atMs: number): void {
    const heldMs = atMs - job.running!.atMs
    const totalMilli = job.request.nodes * job.request.acceleratorsMilli
    this.#chargedUs[job.association]! += BigInt(totalMilli) * BigInt(heldMs)
    this.#hold(job, -1)
    job.running = undefined
  }

  #hold({ running, request }: ToldJob, sign: 1 | -1): void {
    const { pool, placement, job } = running!
    const config = this.#config.pools[pool]!
    if (!('nodes' in config)) return
    if (placement.length !== request.nodes) {
      this.#violated('capacity', `job ${job} asks for ${request.nodes} nodes and has ${placement.length}`)
    }
    const { acceleratorsMilli } = request
    const eachMilli = Math.min(acceleratorsMilli, WHOLE_ACCELERATOR_MILLI)
    for (const { node, devices } of placement) {
      const held = this.#nodes[pool]![node]!
      held.cpuMilli += sign * request.cpuMilli
      held.memoryMib += sign * request.memoryMib
      let givenMilli = 0
      held.devicesMilli.forEach((_, device) => {
        if ((devices & (1 << device)) === 0) return
        held.devicesMilli[device]! += sign * eachMilli
        givenMilli += eachMilli
      })
      const isOver =
        held.cpuMilli > config.perNode.cpuMilli ||
        held.memoryMib > config.perNode.memoryMib ||
        held.devicesMilli.some((milli) => milli > WHOLE_ACCELERATOR_MILLI)
      if (isOver || givenMilli !== acceleratorsMilli) {
        this.#violated('capacity', `node ${node} of ${config.name} gives job ${job} what it does not have`)
      }
    }
  }

  #violated(invariant: Invariant, what: string): void {
    this.violations.push({ invariant, what })
  }
}
