// One process from its start to its end. Its timers and the answers it gets come through here, so that it can be stopped for a
// while, as by SIGSTOP, or for good, as by SIGKILL: then nothing that it began ever goes on.

import type { Timers } from '../pause.ts'
import type { World } from './world.ts'

/** Of an operation: before it is sent, when it is done and nobody has heard of it, when its answer has come. */
export type Moment = 'before' | 'during' | 'after'

/** Something that happens the next time somebody comes to an operation. */
export class Trap {
  readonly #operation: string
  readonly #moment: Moment
  readonly #spring: () => void
  #skip: number

  /** `operation`: as `Connection.call` names it. `skip`: so many of them are let pass. */
  constructor(operation: string, moment: Moment, skip: number, spring: () => void) {
    this.#operation = operation
    this.#moment = moment
    this.#skip = skip
    this.#spring = spring
  }

  /** Somebody comes to this operation. */
  at(operation: string, moment: Moment): void {
    if (operation === this.#operation && moment === this.#moment && this.#skip-- === 0) this.#spring()
  }
}

/** Between two things that are due while a process is stopped, when it goes on. */
const TURN_MS = 0.001
/** Timers are seldom early and often a little late. */
const LATE_MS = 1

export class Life implements Timers {
  /** Unique: a process that starts again is another one. */
  readonly name: string
  readonly world: World
  trap: Trap | undefined
  /** Called once, when it is dead. */
  ended: () => void = () => {}
  readonly #lateness
  #isDead = false
  #isStopped = false
  #kept: (() => void)[] = []

  constructor(world: World, name: string) {
    this.world = world
    this.name = name
    this.#lateness = world.stream(`timers of ${name}`)
  }

  get isDead(): boolean {
    return this.#isDead
  }

  get isStopped(): boolean {
    return this.#isStopped
  }

  readonly monotonicMs = (): number => this.world.nowMs

  after(ms: number, act: () => void): () => void {
    let isOff = false
    const callOff = this.world.after(ms + this.#lateness.uniform() * LATE_MS, () =>
      this.hears(() => {
        if (!isOff) act()
      }),
    )
    return () => {
      isOff = true
      callOff()
    }
  }

  /** Lets something reach the process: now, when it goes on, or never. */
  hears(act: () => void): void {
    if (this.#isDead) return
    if (this.#isStopped) this.#kept.push(act)
    else act()
  }

  stop(): void {
    if (this.#isDead) return
    this.#isStopped = true
    this.world.tell(`${this.name} is stopped`)
  }

  goOn(): void {
    if (this.#isDead || !this.#isStopped) return
    this.#isStopped = false
    this.world.tell(`${this.name} goes on`)
    this.#kept.splice(0).forEach((act, i) => this.world.after(i * TURN_MS, () => this.hears(act)))
  }

  kill(): void {
    if (this.#isDead) return
    this.#isDead = true
    this.#kept = []
    this.world.tell(`${this.name} is dead`)
    this.ended()
  }
}
