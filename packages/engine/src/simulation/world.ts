// A world whose time is a number: nothing happens in it but tasks that fall due, one after the other, and whatever their
// promises lead to is over before the next one. The same seed gives the same world, whatever the machine is doing.

import { EventQueue, type Stream, stream } from '@dure/sim'
import type { Timers } from '../pause.ts'

interface Task {
  readonly act: () => void
  isOff: boolean
}

/** What is due at the same moment goes in an order that the seed decides. */
const RANK_MAX = 255
const TASKS_PER_TURN = 64

export class World implements Timers {
  readonly seed: number
  /** What happened, a line each; undefined: nobody wants to know. */
  readonly trace: string[] | undefined
  readonly #due = new EventQueue()
  readonly #tasks: (Task | undefined)[] = []
  readonly #free: number[] = []
  readonly #ranks: Stream
  #nowMs = 0
  #events = 0

  constructor(seed: number, trace?: string[]) {
    this.seed = seed
    this.trace = trace
    this.#ranks = this.stream('ranks')
  }

  /** Numbers of their own for each purpose, so that one more draw for one moves nothing else. */
  stream(name: string): Stream {
    return stream(this.seed, name)
  }

  get nowMs(): number {
    return this.#nowMs
  }

  /** Tasks carried out so far. */
  get events(): number {
    return this.#events
  }

  /** Carries `act` out in `ms`. Returns what calls it off. */
  after(ms: number, act: () => void): () => void {
    return this.at(this.#nowMs + Math.max(0, ms), act)
  }

  at(atMs: number, act: () => void): () => void {
    const task: Task = { act, isOff: false }
    const index = this.#free.pop() ?? this.#tasks.length
    this.#tasks[index] = task
    this.#due.push(Math.max(atMs, this.#nowMs), this.#ranks.int(0, RANK_MAX), index)
    return () => {
      task.isOff = true
    }
  }

  tell(what: string): void {
    this.trace?.push(`${this.#nowMs.toFixed(3)} ${what}`)
  }

  /**
   * Lets the world go on until `untilMs`, until `isOver`, or until nothing is left to do. Rejects with whatever a task throws.
   * Each task is an immediate of its own: between two of them Node lets all follow that follows from promises, and reports
   * rejections that nobody handles. Many are queued at a time, for a whole turn of the event loop costs ten times as much.
   */
  run(untilMs: number, isOver: () => boolean = () => false): Promise<void> {
    return new Promise((resolve, reject) => {
      let isRunning = true
      const next = (): void => {
        if (!isRunning) return
        try {
          if (!isOver() && this.#next(untilMs)) return
          isRunning = false
          resolve()
        } catch (error) {
          isRunning = false
          reject(error)
        }
      }
      const turn = (): void => {
        for (let i = 0; i < TASKS_PER_TURN; i++) setImmediate(next)
        setImmediate(() => {
          if (isRunning) turn()
        })
      }
      turn()
    })
  }

  /** Carries out the next task; false: none is due by then, and it is `untilMs` now. */
  #next(untilMs: number): boolean {
    for (;;) {
      const dueMs = this.#due.nextMs()
      if (dueMs > untilMs) {
        this.#nowMs = Math.max(this.#nowMs, untilMs === Infinity ? this.#nowMs : untilMs)
        return false
      }
      if (this.#due.length === 0) return false
      const index = this.#due.pop()
      const task = this.#tasks[index]!
      this.#tasks[index] = undefined
      this.#free.push(index)
      if (task.isOff) continue
      this.#nowMs = dueMs
      this.#events++
      task.act()
      return true
    }
  }
}
