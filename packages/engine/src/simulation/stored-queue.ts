// What Redis holds of one BullMQ queue: messages that wait, messages in somebody's hands with a lock that expires, and the
// mark of the stall check. Delivery is at least once, in all the ways in which BullMQ makes it so: a lock that nobody renewed in
// time, a fetch whose answer was lost, a holder that was relieved.

export interface StoredMessage {
  readonly id: string
  /** As bytes, for nobody shares memory with a store. */
  readonly data: string
  deliveries: number
}

interface Held {
  readonly message: StoredMessage
  /** Whose worker has it; undefined: its lock was lost. */
  token: string | undefined
  lockedUntilMs: number
}

export const LOCK_MS = 10_000
export const STALL_CHECK_MS = 5_000

export interface QueueState {
  readonly waiting: readonly StoredMessage[]
  readonly active: readonly Held[]
  readonly stalled: readonly string[]
  readonly nextStallCheckMs: number
}

export class StoredQueue {
  /** The next one first. */
  #waiting: StoredMessage[] = []
  #active = new Map<string, Held>()
  #ids = new Set<string>()
  #stalled = new Set<string>()
  #nextStallCheckMs = Number.NEGATIVE_INFINITY
  readonly #nowMs: () => number
  /** Called when a message waits. */
  readonly #filled: () => void

  constructor(nowMs: () => number, filled: () => void) {
    this.#nowMs = nowMs
    this.#filled = filled
  }

  get waiting(): readonly StoredMessage[] {
    return this.#waiting
  }

  get activeCount(): number {
    return this.#active.size
  }

  /** A message whose name is queued or held already is dropped. */
  add(id: string, data: unknown): boolean {
    if (this.#ids.has(id)) return false
    this.#ids.add(id)
    this.#waiting.push({ id, data: JSON.stringify(data), deliveries: 0 })
    this.#filled()
    return true
  }

  fetch(token: string): StoredMessage | undefined {
    const message = this.#waiting.shift()
    if (message === undefined) return undefined
    message.deliveries++
    this.#active.set(message.id, { message, token, lockedUntilMs: this.#nowMs() + LOCK_MS })
    return { ...message }
  }

  renew(token: string, ids: readonly string[]): void {
    for (const id of ids) {
      const held = this.#active.get(id)
      if (held === undefined || !this.#isLockedBy(held, token)) continue
      held.lockedUntilMs = this.#nowMs() + LOCK_MS
      this.#stalled.delete(id)
    }
  }

  /** The message is done with, if it is still in this worker's hands. */
  complete(token: string, id: string): boolean {
    const held = this.#active.get(id)
    if (held === undefined || !this.#isLockedBy(held, token)) return false
    this.#active.delete(id)
    this.#ids.delete(id)
    this.#stalled.delete(id)
    return true
  }

  /** Puts messages back to the front in their old order: everybody's, those of others, or this worker's own. */
  takeOver(whose: 'all' | 'foreign' | 'own', token: string): number {
    // A clock that was set back makes nothing live longer than it was made for.
    this.#nextStallCheckMs = Math.min(this.#nextStallCheckMs, this.#nowMs() + STALL_CHECK_MS)
    const lockedUntilMs = this.#nowMs() + LOCK_MS
    for (const held of this.#active.values()) held.lockedUntilMs = Math.min(held.lockedUntilMs, lockedUntilMs)
    return this.#putBack(
      [...this.#active.values()].filter((held) => {
        const isOwn = this.#isLockedBy(held, token)
        return whose === 'all' || (whose === 'own' ? isOwn : this.#isLocked(held) && !isOwn)
      }),
    )
  }

  /** BullMQ's own recovery: what was marked the last time and is locked by nobody goes back; everything held is marked. */
  checkStalled(): number {
    if (this.#nowMs() < this.#nextStallCheckMs) return 0
    this.#nextStallCheckMs = this.#nowMs() + STALL_CHECK_MS
    const back = this.#putBack(
      [...this.#active.values()].filter((held) => this.#stalled.has(held.message.id) && !this.#isLocked(held)),
    )
    this.#stalled = new Set(this.#active.keys())
    return back
  }

  /** A held message is out a second time, its first holder none the wiser. False: nothing is held. */
  duplicate(choose: (count: number) => number): boolean {
    const held = [...this.#active.values()]
    if (held.length === 0) return false
    this.#putBack([held[choose(held.length)]!])
    return true
  }

  /** The messages that wait, in another order. */
  shuffle(choose: (count: number) => number): void {
    for (let last = this.#waiting.length - 1; last > 0; last--) {
      const other = choose(last + 1)
      const moved = this.#waiting[last]!
      this.#waiting[last] = this.#waiting[other]!
      this.#waiting[other] = moved
    }
  }

  save(): QueueState {
    return {
      waiting: this.#waiting.map((message) => ({ ...message })),
      active: [...this.#active.values()].map((held) => ({ ...held, message: { ...held.message } })),
      stalled: [...this.#stalled],
      nextStallCheckMs: this.#nextStallCheckMs,
    }
  }

  restore({ waiting, active, stalled, nextStallCheckMs }: QueueState): void {
    this.#waiting = waiting.map((message) => ({ ...message }))
    this.#active = new Map(active.map((held) => [held.message.id, { ...held, message: { ...held.message } }]))
    this.#ids = new Set([...this.#waiting.map(({ id }) => id), ...this.#active.keys()])
    this.#stalled = new Set(stalled)
    this.#nextStallCheckMs = nextStallCheckMs
  }

  #isLocked = (held: Held): boolean => held.token !== undefined && held.lockedUntilMs > this.#nowMs()

  #isLockedBy = (held: Held, token: string): boolean => this.#isLocked(held) && held.token === token

  #putBack(back: readonly Held[]): number {
    for (const { message } of back) {
      this.#active.delete(message.id)
      this.#stalled.delete(message.id)
    }
    this.#waiting.unshift(...back.map(({ message }) => message))
    if (back.length > 0) this.#filled()
    return back.length
  }
}
