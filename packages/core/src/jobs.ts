// The live jobs (pending, held, running) as flat columns by slot. A slot is an internal handle that is reused after the
// job has ended; nothing is ever decided by its number. Jobs are told apart outside by their id, and ordered by `sequence`.

import { assert } from './assert.ts'
import { IdTable } from './id-table.ts'
import { PENDING } from './job-states.ts'

/** No slot, no link. */
export const NONE = -1

const FIRST_CAPACITY = 1024

export class Jobs {
  id = new Float64Array(FIRST_CAPACITY)
  /** Submission order; kept when a job is requeued, so that it goes back to its old place. */
  sequence = new Float64Array(FIRST_CAPACITY)
  association = new Int32Array(FIRST_CAPACITY)
  /** Index into the backlog's shapes: what is asked for on each node. */
  shape = new Int32Array(FIRST_CAPACITY)
  /** At the speed it is written for; what that comes to in a pool says `limitInMs`. */
  timeLimitMs = new Float64Array(FIRST_CAPACITY)
  submittedMs = new Float64Array(FIRST_CAPACITY)
  state = new Uint8Array(FIRST_CAPACITY)
  /** 0 nobody, 1 user, 2 admin. */
  heldBy = new Uint8Array(FIRST_CAPACITY)
  /** Attempts started so far. */
  attempt = new Int32Array(FIRST_CAPACITY)
  /** Of the running attempt. */
  startedMs = new Float64Array(FIRST_CAPACITY)
  /** When its time limit ends, at the speed it has in its pool. */
  limitEndMs = new Float64Array(FIRST_CAPACITY)
  pool = new Int32Array(FIRST_CAPACITY)
  /** First of the attempt's grants in its pool of nodes. */
  grant = new Int32Array(FIRST_CAPACITY)
  /** Neighbours in the class queue while pending. */
  next = new Int32Array(FIRST_CAPACITY)
  previous = new Int32Array(FIRST_CAPACITY)
  /** The class queue it waits in; place in the heap of time limits while running. */
  place = new Int32Array(FIRST_CAPACITY)

  readonly #slots = new IdTable()
  #free: number[] = []
  #used = 0

  get count(): number {
    return this.#slots.size
  }

  /** The slot of a job id, or NONE. */
  find(id: number): number {
    return this.#slots.get(id)
  }

  add(id: number): number {
    const slot = this.#free.pop() ?? this.#used++
    if (slot >= this.id.length) this.#grow()
    this.id[slot] = id
    this.state[slot] = PENDING
    this.heldBy[slot] = 0
    this.attempt[slot] = 0
    this.pool[slot] = NONE
    this.grant[slot] = NONE
    this.place[slot] = NONE
    this.#slots.set(id, slot)
    return slot
  }

  remove(slot: number): void {
    this.#slots.delete(this.id[slot]!)
    this.id[slot] = 0
    this.#free.push(slot)
  }

  /** Slots of all live jobs in order of submission. */
  inSequence(): number[] {
    const slots: number[] = []
    for (let slot = 0; slot < this.#used; slot++) if (this.id[slot] !== 0) slots.push(slot)
    assert(slots.length === this.count, 'every live job has one slot')
    return slots.sort((a, b) => this.sequence[a]! - this.sequence[b]!)
  }

  #grow(): void {
    this.id = grown(this.id)
    this.sequence = grown(this.sequence)
    this.association = grown(this.association)
    this.shape = grown(this.shape)
    this.timeLimitMs = grown(this.timeLimitMs)
    this.submittedMs = grown(this.submittedMs)
    this.state = grown(this.state)
    this.heldBy = grown(this.heldBy)
    this.attempt = grown(this.attempt)
    this.startedMs = grown(this.startedMs)
    this.limitEndMs = grown(this.limitEndMs)
    this.pool = grown(this.pool)
    this.grant = grown(this.grant)
    this.next = grown(this.next)
    this.previous = grown(this.previous)
    this.place = grown(this.place)
  }
}

type Column = Float64Array | Int32Array | Uint8Array

/** A column of twice the length with the same beginning. */
export function grown<T extends Column>(column: T): T {
  const larger = new (column.constructor as new (length: number) => T)(column.length * 2)
  larger.set(column)
  return larger
}
