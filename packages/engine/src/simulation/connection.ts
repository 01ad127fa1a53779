// What lies between a process and the store: commands of one connection arrive in order, after a while; so do answers. A
// connection that breaks leaves its caller with every operation under way undecided; one that is known to be broken refuses
// at once. Bytes of a network that was cut arrive when it is whole again, be it long after their sender gave up.

import type { Stream } from '@dure/sim'
import { StoreError } from '../ports.ts'
import type { Life } from './life.ts'
import type { RedisModel } from './redis-model.ts'

/** The way between one machine and the store; it outlives the processes on that machine. */
export interface Link {
  readonly name: string
  isCutToStore: boolean
  isCutFromStore: boolean
  /** All ways take so many times as long. */
  slowness: number
  /** Connections are refused until then. */
  usableFromMs: number
  /** How often it has been cut. */
  cuts: number
}

export const soundLink = (name: string): Link => ({
  name,
  isCutToStore: false,
  isCutFromStore: false,
  slowness: 1,
  usableFromMs: 0,
  cuts: 0,
})

/** What the store does with an operation when its memory (`write`) or its disk (`write`, `free`) is full: refuse it. */
export type OperationKind = 'read' | 'write' | 'free'

interface Call {
  readonly operation: string
  readonly kind: OperationKind
  readonly act: () => unknown
  readonly arrivesMs: number
  readonly settle: (settle: () => void) => void
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
  isOver: boolean
}

interface Answer {
  readonly call: Call
  readonly failed: boolean
  readonly value: unknown
  readonly arrivesMs: number
}

/** A way takes so long, ms; one in a hundred much longer. */
const WAY_MS_MIN = 0.05
const WAY_MS_MEAN = 0.4
const SLOW_WAY_MS_MEAN = 40
const SLOW_WAYS = 0.01
/** Two commands of one connection never arrive at once. */
const APART_MS = 1e-6
/** How long a command that has not been answered is waited for. */
const PATIENCE_MS = 5_000

export class Connection {
  readonly #life: Life
  readonly link: Link
  readonly #redis: RedisModel
  readonly #random: Stream
  readonly #resets: number
  #sent: Call[] = []
  #answers: Answer[] = []
  readonly #underWay = new Set<Call>()
  #lastArrivesMs = 0
  #lastAnswerMs = 0
  #isClosed = false

  /** `resets`: the part of operations during which the connection breaks. */
  constructor(life: Life, link: Link, redis: RedisModel, name: string, resets: number) {
    this.#life = life
    this.link = link
    this.#redis = redis
    this.#random = life.world.stream(`way ${name} of ${life.name}`)
    this.#resets = resets
    redis.connections.add(this)
  }

  /** Whether the process at the other end can still take an answer, as far as the store knows. */
  get isOpen(): boolean {
    return !this.#isClosed && !this.#life.isDead
  }

  /** Has the store do something, in one step. Rejects with what `act` rejects with, or with a `StoreError`. */
  call<T>(operation: string, kind: OperationKind, act: () => T | Promise<T>, patienceMs = PATIENCE_MS): Promise<T> {
    const life = this.#life
    const { world } = life
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    life.trap?.at(operation, 'before')
    if (life.isDead) return promise
    if (life.isStopped) {
      life.hears(() => resolve(this.call(operation, kind, act, patienceMs)))
      return promise
    }
    if (!this.#isUsable()) {
      life.after(0, () => reject(new StoreError('none', operation, "connection isn't writeable")))
      return promise
    }
    const arrivesMs = Math.max(this.#lastArrivesMs + APART_MS, world.nowMs + this.#wayMs())
    this.#lastArrivesMs = arrivesMs
    const call: Call = {
      operation,
      kind,
      act,
      arrivesMs,
      isOver: false,
      resolve: resolve as (value: unknown) => void,
      reject,
      settle: (settle) => {
        if (call.isOver) return
        call.isOver = true
        callOff()
        this.#underWay.delete(call)
        settle()
      },
    }
    const callOff = life.after(patienceMs, () => this.#fail(call, 'timed out'))
    this.#underWay.add(call)
    this.#sent.push(call)
    world.at(arrivesMs, () => this.flush())
    if (this.#random.chance(this.#resets)) world.after(2 * this.#wayMs(), () => this.reset())
    return promise
  }

  /** Lets through what has arrived by now, unless something is in its way. */
  flush(): void {
    const { nowMs } = this.#life.world
    while (!this.link.isCutToStore && this.#redis.answers && (this.#sent[0]?.arrivesMs ?? Infinity) <= nowMs) {
      this.#carryOut(this.#sent.shift()!)
    }
    while (!this.link.isCutFromStore && (this.#answers[0]?.arrivesMs ?? Infinity) <= nowMs) {
      const { call, failed, value } = this.#answers.shift()!
      this.#life.hears(() =>
        call.settle(() => {
          if (failed) call.reject(value)
          else call.resolve(value)
          // What follows from the answer is over by the next task.
          const { trap } = this.#life
          if (trap !== undefined) this.#life.world.after(0, () => trap.at(call.operation, 'after'))
        }),
      )
    }
  }

  /** The connection breaks: what has not arrived never does, and nobody hears what became of the rest. */
  reset(): void {
    this.#sent = []
    this.#answers = []
    const undecided = [...this.#underWay]
    this.#life.hears(() => {
      for (const call of undecided) this.#fail(call, 'connection lost')
    })
  }

  close(): void {
    this.#isClosed = true
    this.#redis.connections.delete(this)
    this.#redis.closed(this)
    this.reset()
  }

  #isUsable(): boolean {
    return !this.#isClosed && this.#redis.isUp && this.#life.world.nowMs >= this.link.usableFromMs
  }

  #carryOut(call: Call): void {
    const { world } = this.#life
    if (this.#redis.refuses(call.kind)) {
      this.#answer(call, true, new StoreError('none', call.operation, 'the store is full'))
      return
    }
    if (world.trace !== undefined) world.tell(`${this.#life.name} ${call.operation}`)
    this.#redis.trap?.at(call.operation, 'before')
    if (!this.#redis.answers) return
    const done = call.act()
    if (done instanceof Promise) {
      done.then(
        (value) => this.#answer(call, false, value),
        (error) => this.#answer(call, true, error),
      )
    } else this.#answer(call, false, done)
    this.#redis.trap?.at(call.operation, 'during')
    this.#life.trap?.at(call.operation, 'during')
  }

  #answer(call: Call, failed: boolean, value: unknown): void {
    if (!this.#underWay.has(call)) return
    const { world } = this.#life
    const arrivesMs = Math.max(this.#lastAnswerMs + APART_MS, world.nowMs + this.#wayMs())
    this.#lastAnswerMs = arrivesMs
    this.#answers.push({ call, failed, value, arrivesMs })
    world.at(arrivesMs, () => this.flush())
  }

  #fail(call: Call, why: string): void {
    call.settle(() => call.reject(new StoreError('unknown', call.operation, why)))
  }

  #wayMs(): number {
    const meanMs = this.#random.chance(SLOW_WAYS) ? SLOW_WAY_MS_MEAN : WAY_MS_MEAN
    return this.link.slowness * (WAY_MS_MIN + this.#random.exponential(meanMs))
  }
}
