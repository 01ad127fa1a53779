// A Redis as far as the engine can tell: one command at a time, each whole; a clock of its own, which may jump; a file that is
// synchronised each time (`always`) or once a second (`everysec`). Killed, it comes back with everything it had answered; without
// power it comes back with what was synchronised. What is kept is what the memory adapters keep, and queues as BullMQ has them.

import type { Stream } from '@dure/sim'
import { memoryLease } from '../memory/lease.ts'
import { createMemoryStore, type MemoryStore } from '../memory/store.ts'
import type { Connection, Link, OperationKind } from './connection.ts'
import type { Trap } from './life.ts'
import { type QueueState, type StoredMessage, StoredQueue } from './stored-queue.ts'
import { Watcher } from './watcher.ts'
import type { World } from './world.ts'

export type Fsync = 'always' | 'everysec'

/** What does not fit any more: new keys and values, or anything at all. */
export type Full = 'nothing' | 'memory' | 'disk'

/** What was written between the two is gone. */
export interface PowerCut {
  readonly syncedMs: number
  readonly atMs: number
}

const FSYNC_MS = 1_000
const POWER_CUTS_APART_MS = 10_000
/** A connection that was lost is made anew within this time. */
const RECONNECT_MS_MAX = 2_000
/** A worker that found nothing asks again after this time. */
const FETCH_BLOCK_MS = 5_000

interface Waiter {
  readonly connection: Connection
  readonly token: string
  readonly give: (message: StoredMessage | undefined) => void
}

/** What was on disk at some moment. */
interface Synced {
  readonly atMs: number
  readonly store: Omit<MemoryStore, 'nowMs' | 'followers' | 'losses' | 'segments'>
  readonly queues: ReadonlyMap<string, QueueState>
}

export class RedisModel {
  readonly store: MemoryStore
  readonly connections = new Set<Connection>()
  readonly links = new Set<Link>()
  readonly powerCuts: PowerCut[] = []
  readonly watcher: Watcher
  full: Full = 'nothing'
  trap: Trap | undefined
  /** How far its clock is off. */
  clockOffMs = 0
  readonly #world: World
  readonly #random: Stream
  readonly #fsync: Fsync
  readonly #queues = new Map<string, StoredQueue>()
  readonly #waiters = new Map<string, Waiter[]>()
  #synced: Synced
  #isUp = true
  #isFrozen = false

  constructor(world: World, fsync: Fsync, watcher = new Watcher(() => world.nowMs)) {
    this.#world = world
    this.#fsync = fsync
    this.#random = world.stream('redis')
    this.watcher = watcher
    this.store = createMemoryStore(() => world.nowMs + this.clockOffMs)
    this.#synced = this.#save()
    if (fsync === 'everysec') this.#syncEachSecond()
  }

  get isUp(): boolean {
    return this.#isUp
  }

  /** Whether commands are being carried out. */
  get answers(): boolean {
    return this.#isUp && !this.#isFrozen
  }

  refuses(kind: OperationKind): boolean {
    if (this.full === 'nothing' || kind === 'read') return false
    return this.full === 'disk' || kind === 'write'
  }

  queue(name: string): StoredQueue {
    const known = this.#queues.get(name)
    if (known !== undefined) return known
    const queue = new StoredQueue(this.store.nowMs, () => this.#serve(name))
    this.#queues.set(name, queue)
    return queue
  }

  get queueNames(): readonly string[] {
    return [...this.#queues.keys()]
  }

  /** The next message, as soon as there is one; undefined: there was none for a while. */
  fetch(name: string, token: string, connection: Connection): Promise<StoredMessage | undefined> {
    const { promise, resolve } = Promise.withResolvers<StoredMessage | undefined>()
    const waiter: Waiter = { connection, token, give: resolve }
    const waiters = this.#waitersOf(name)
    waiters.push(waiter)
    this.#world.after(FETCH_BLOCK_MS, () => {
      const at = waiters.indexOf(waiter)
      if (at < 0) return
      waiters.splice(at, 1)
      resolve(undefined)
    })
    this.#serve(name)
    return promise
  }

  /** The store has noticed that nobody is at the other end. */
  closed(connection: Connection): void {
    for (const waiters of this.#waiters.values()) {
      for (let i = waiters.length - 1; i >= 0; i--) if (waiters[i]!.connection === connection) waiters.splice(i, 1)
    }
  }

  flushAll(link: Link): void {
    for (const connection of [...this.connections]) if (connection.link === link) connection.flush()
  }

  resetAll(link: Link): void {
    for (const connection of [...this.connections]) if (connection.link === link) connection.reset()
  }

  // ---- faults

  freeze(): void {
    this.#isFrozen = true
  }

  thaw(): void {
    this.#isFrozen = false
    for (const connection of [...this.connections]) connection.flush()
  }

  /** `power`: what the file did not have on disk is gone, which with fsync `always` is nothing that anybody was told of. */
  crash(cause: 'kill' | 'power'): void {
    if (!this.#isUp) return
    this.#isUp = false
    this.#isFrozen = false
    this.#waiters.clear()
    for (const link of this.links) link.usableFromMs = Infinity
    for (const connection of [...this.connections]) connection.reset()
    // A machine that has just come back stays on for longer than it takes to synchronise.
    const isSynced = this.#world.nowMs - (this.powerCuts.at(-1)?.atMs ?? -Infinity) > POWER_CUTS_APART_MS
    if (cause === 'kill' || this.#fsync === 'always' || !isSynced) return
    this.powerCuts.push({ syncedMs: this.#synced.atMs, atMs: this.#world.nowMs })
    this.#restore(this.#synced)
    this.store.losses++
    this.watcher.powerLost(this.store.ledger.at(-1)?.revision ?? 0)
  }

  restart(): void {
    if (this.#isUp) return
    this.#isUp = true
    for (const link of this.links) this.reconnect(link)
  }

  /** Connections over this way can be made again soon. */
  reconnect(link: Link): void {
    link.usableFromMs = this.#world.nowMs + this.#random.uniform() * RECONNECT_MS_MAX
  }

  /** The lease is gone, as if somebody had deleted its key. */
  loseLease(): void {
    this.store.lease = undefined
  }

  takeLease(owner: string, ttlMs: number): void {
    this.loseLease()
    void memoryLease(this.store).acquire(owner, ttlMs)
    this.watcher.acquired(this.store.epoch, owner)
  }

  // ---- parts

  #waitersOf(name: string): Waiter[] {
    const known = this.#waiters.get(name)
    if (known !== undefined) return known
    const waiters: Waiter[] = []
    this.#waiters.set(name, waiters)
    return waiters
  }

  #serve(name: string): void {
    const queue = this.queue(name)
    const waiters = this.#waitersOf(name)
    while (waiters.length > 0 && queue.waiting.length > 0) {
      const [waiter] = waiters.splice(this.#random.int(0, waiters.length - 1), 1)
      if (waiter!.connection.isOpen) waiter!.give(queue.fetch(waiter!.token))
    }
  }

  #syncEachSecond(): void {
    this.#world.after(FSYNC_MS, () => {
      if (this.answers) this.#synced = this.#save()
      this.#syncEachSecond()
    })
  }

  #save(): Synced {
    return {
      atMs: this.#world.nowMs,
      store: copyOf(this.store),
      queues: new Map([...this.#queues].map(([name, queue]) => [name, queue.save()])),
    }
  }

  #restore({ store, queues }: Synced): void {
    const { ledger, requests, accepted, runs, executors, studies, queues: _, ...values } = copyOf(store)
    Object.assign(this.store, values)
    this.store.ledger.splice(0, Infinity, ...ledger)
    refill(this.store.requests, requests)
    refill(this.store.accepted, accepted)
    refill(this.store.runs, runs)
    refill(this.store.executors, executors)
    refill(this.store.studies, studies)
    const nothing: QueueState = { waiting: [], active: [], stalled: [], nextStallCheckMs: Number.NEGATIVE_INFINITY }
    for (const [name, queue] of this.#queues) queue.restore(queues.get(name) ?? nothing)
  }
}

/** As deep as the memory adapters change things in place. */
function copyOf(store: Synced['store']): Synced['store'] {
  const {
    epoch,
    lease,
    clock,
    ledger,
    queues,
    intake,
    intakeLosses,
    requests,
    accepted,
    runs,
    executors,
    savepoint,
    studies,
  } = store
  return {
    epoch,
    lease: lease && { ...lease },
    clock,
    ledger: [...ledger],
    queues,
    intake,
    intakeLosses,
    requests: copiesIn(requests),
    accepted: copiesIn(accepted),
    runs: copiesIn(runs),
    executors: new Map(executors),
    savepoint,
    studies: new Map([...studies].map(([id, { record, rows }]) => [id, { record, rows: new Map(rows) }])),
  }
}

const copiesIn = <V extends object>(map: ReadonlyMap<string, V> | ReadonlyMap<number, V>): Map<never, V> =>
  new Map([...map].map(([key, value]) => [key as never, { ...value }]))

function refill<K, V>(map: Map<K, V>, from: ReadonlyMap<K, V>): void {
  map.clear()
  for (const [key, value] of from) map.set(key, value)
}
