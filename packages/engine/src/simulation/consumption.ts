// A worker on a stored queue, as the engine's own consumer is one on BullMQ's: it fetches while it has places, keeps its locks
// alive, hands out in batches what has gathered, looks each second whether another leader has come, and hands back what is
// left when it stops.

import { type Consumption, type ConsumptionCounts, Relieved, StoreError } from '../ports.ts'
import type { Connection, OperationKind } from './connection.ts'
import type { Life } from './life.ts'
import type { RedisModel } from './redis-model.ts'
import { LOCK_MS, STALL_CHECK_MS } from './stored-queue.ts'

export interface Message {
  readonly id: string
  readonly data: unknown
  readonly deliveries: number
  done(): void
}

export interface Worker {
  readonly queue: string
  readonly concurrency: number
  readonly handler: (messages: readonly Message[]) => Promise<void>
  readonly onRejected: 'end' | 'retry'
  /** Hears of a message that has left the queue. */
  readonly completed?: (data: unknown) => void
  /** Present: only the leader consumes. */
  readonly epoch?: number
}

const GATHER_MS = 1
const RETRY_MS = 1_000
const WATCH_MS = 1_000
const STOP_MS_MAX = 5_000
/** A worker whose connection was lost tries again after this time. */
const FETCH_RETRY_MS = 500
/** Longer than a fetch that finds nothing takes. */
const FETCH_PATIENCE_MS = 8_000

interface Outstanding extends Message {
  gathered: boolean
}

export class StoredConsumption implements Consumption {
  readonly counts: ConsumptionCounts = { messages: 0, batches: 0, takenOver: 0, repeated: 0, recreated: 0 }
  readonly done: Promise<void>
  readonly #life: Life
  readonly #redis: RedisModel
  readonly #worker: Worker
  readonly #token: string
  readonly #commands: Connection
  readonly #fetches: Connection
  readonly #settled = Promise.withResolvers<void>()
  readonly #outstanding = new Map<string, Outstanding>()
  #gathering: Outstanding[] = []
  #isWorking = false
  #isGathering = false
  #stopping: Promise<void> | undefined
  #freed: (() => void) | undefined
  #fetching: Promise<void>

  private constructor(life: Life, redis: RedisModel, worker: Worker, token: string, connections: Connection[]) {
    this.#life = life
    this.#redis = redis
    this.#worker = worker
    this.#token = token
    this.#commands = connections[0]!
    this.#fetches = connections[1]!
    this.done = this.#settled.promise
    this.done.catch(() => {})
    this.#fetching = this.#fetchOn()
    this.#each(LOCK_MS / 2, () => this.#renew())
    this.#each(STALL_CHECK_MS, () => this.#call('check stalled', 'free', () => this.#queue.checkStalled()))
    if (worker.epoch !== undefined) this.#each(WATCH_MS, () => this.#watch())
  }

  /** Undefined: a newer epoch exists. */
  static async begin(
    life: Life,
    redis: RedisModel,
    worker: Worker,
    token: string,
    connect: (name: string) => Connection,
  ): Promise<StoredConsumption | undefined> {
    const connections = [connect(`${token} commands`), connect(`${token} fetches`)]
    if (worker.epoch === undefined) return new StoredConsumption(life, redis, worker, token, connections)
    const taken = await connections[0]!.call(`${worker.queue} take over`, 'free', () =>
      worker.epoch === redis.store.epoch ? redis.queue(worker.queue).takeOver('all', '') : -1,
    )
    if (taken < 0) return undefined
    const consumption = new StoredConsumption(life, redis, worker, token, connections)
    consumption.counts.takenOver += taken
    return consumption
  }

  stop(error?: unknown): Promise<void> {
    this.#stopping ??= this.#stop(error)
    return this.#stopping
  }

  get #queue() {
    return this.#redis.queue(this.#worker.queue)
  }

  #call<T>(what: string, kind: OperationKind, act: () => T): Promise<T> {
    return this.#commands.call(`${this.#worker.queue} ${what}`, kind, act)
  }

  // ---- fetching

  async #fetchOn(): Promise<void> {
    const { queue, concurrency } = this.#worker
    while (this.#stopping === undefined) {
      if (this.#outstanding.size >= concurrency) {
        await new Promise<void>((resolve) => {
          this.#freed = resolve
        })
        continue
      }
      try {
        const found = await this.#fetches.call(
          `${queue} fetch`,
          'free',
          () => this.#redis.fetch(queue, this.#token, this.#fetches),
          FETCH_PATIENCE_MS,
        )
        if (found !== undefined) this.#receive(found)
      } catch (error) {
        if (!(error instanceof StoreError)) throw error
        if (this.#stopping === undefined) await this.#pause(FETCH_RETRY_MS)
      }
    }
  }

  #receive({
    id,
    data,
    deliveries,
  }: {
    readonly id: string
    readonly data: string
    readonly deliveries: number
  }): void {
    if (this.#stopping !== undefined) return
    if (this.#outstanding.has(id)) {
      this.counts.repeated++
      return
    }
    const message: Outstanding = {
      id,
      data: JSON.parse(data),
      deliveries,
      gathered: false,
      done: () => {
        if (!this.#outstanding.delete(id)) return
        this.#freed?.()
        this.#freed = undefined
        void this.#complete(message)
      },
    }
    this.#outstanding.set(id, message)
    this.counts.messages++
    this.#gather(message)
  }

  /** Tried until the store has heard it: one that is not completed comes again. */
  async #complete({ id, data }: Message): Promise<void> {
    for (;;) {
      try {
        await this.#call('complete', 'free', () => {
          if (this.#queue.complete(this.#token, id)) this.#worker.completed?.(data)
        })
        return
      } catch (error) {
        if (!(error instanceof StoreError)) throw error
        if (this.#stopping !== undefined) return
        await this.#pause(FETCH_RETRY_MS)
      }
    }
  }

  // ---- batches

  #gather(message: Outstanding): void {
    message.gathered = true
    this.#gathering.push(message)
    if (this.#isWorking || this.#isGathering) return
    this.#isGathering = true
    this.#life.after(GATHER_MS, () => {
      this.#isGathering = false
      this.#handOut()
    })
  }

  #handOut(): void {
    if (this.#isWorking || this.#stopping !== undefined || this.#gathering.length === 0) return
    this.#isWorking = true
    const batch = this.#gathering
    this.#gathering = []
    for (const message of batch) message.gathered = false
    this.counts.batches++
    this.#worker
      .handler(batch)
      .catch((error: unknown) => this.#rejected(batch, error))
      .finally(() => {
        this.#isWorking = false
        this.#handOut()
      })
  }

  #rejected(batch: readonly Outstanding[], error: unknown): void {
    if (this.#worker.onRejected === 'end') {
      void this.stop(error)
      return
    }
    this.#life.after(RETRY_MS, () => {
      for (const message of batch) {
        if (this.#outstanding.has(message.id) && !message.gathered) this.#gather(message)
      }
    })
  }

  // ---- keeping

  async #renew(): Promise<void> {
    if (this.#outstanding.size === 0) return
    const ids = [...this.#outstanding.keys()]
    await this.#call('renew locks', 'free', () => this.#queue.renew(this.#token, ids))
  }

  /** A former leader that does not know it yet may have fetched messages after it was relieved of its others. */
  async #watch(): Promise<void> {
    const { epoch } = this.#worker
    const taken = await this.#call('take over', 'free', () =>
      epoch === this.#redis.store.epoch ? this.#queue.takeOver('foreign', this.#token) : -1,
    )
    if (taken < 0) await this.stop(new Relieved(epoch!))
    else this.counts.takenOver += taken
  }

  #each(pauseMs: number, act: () => Promise<unknown>): void {
    this.#life.after(pauseMs, () => {
      if (this.#stopping !== undefined) return
      act()
        .catch(() => {}) // trouble with the store: the next time will do
        .finally(() => this.#each(pauseMs, act))
    })
  }

  // ---- stopping

  async #stop(error: unknown): Promise<void> {
    this.#freed?.()
    await Promise.race([this.#handBack(), this.#pause(STOP_MS_MAX)])
    this.#commands.close()
    if (error === undefined) this.#settled.resolve()
    else this.#settled.reject(error)
  }

  async #handBack(): Promise<void> {
    this.#outstanding.clear()
    this.#fetches.close()
    await this.#fetching
    // What was done a moment ago is on its way, before this.
    await this.#call('hand back', 'free', () => this.#queue.takeOver('own', this.#token)).catch(() => {})
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#life.after(ms, resolve)
    })
  }
}
