// A queue of messages with at-least-once delivery, as far as it can be told apart from BullMQ's through the ports: messages
// wait, are held by a consumer, and are done or come back to the front.

import { type Backlog, type Consumption, type ConsumptionCounts, Relieved } from '../ports.ts'

export interface QueuedMessage {
  readonly id: string
  readonly data: unknown
  deliveries: number
}

interface HeldMessage extends QueuedMessage {
  done(): void
}

export interface QueueConsumer {
  readonly concurrency: number
  readonly handler: (messages: readonly HeldMessage[]) => Promise<void>
  readonly onRejected: 'end' | 'retry'
  /** Present: the one consumer of this queue, as leader of this epoch. It relieves the one before it. */
  readonly epoch?: number
}

/** Pause before messages whose handler failed are handed out again. */
const RETRY_MS = 20

interface Holder {
  readonly held: Map<string, QueuedMessage>
  fetch(): void
  relieve(): void
}

export class MessageQueue {
  private readonly waiting: QueuedMessage[] = []
  private readonly ids = new Set<string>()
  private readonly holders = new Set<Holder>()

  /** A message whose id is already queued or held is dropped. */
  add(id: string, data: unknown): void {
    if (this.ids.has(id)) return
    this.ids.add(id)
    this.waiting.push({ id, data: structuredClone(data), deliveries: 0 })
    this.wake()
  }

  backlog(): Backlog {
    let active = 0
    for (const { held } of this.holders) active += held.size
    return { waiting: this.waiting.length, active }
  }

  consume({ concurrency, handler, onRejected, epoch }: QueueConsumer): Consumption {
    const counts: ConsumptionCounts = { messages: 0, batches: 0, takenOver: 0, repeated: 0, recreated: 0 }
    const settled = Promise.withResolvers<void>()
    settled.promise.catch(() => {})
    const gathering: QueuedMessage[] = []
    const held = new Map<string, QueuedMessage>()
    let working = false
    let isStopped = false

    const fetch = () => {
      while (!isStopped && held.size < concurrency) {
        const message = this.waiting.shift()
        if (message === undefined) break
        message.deliveries += 1
        counts.messages += 1
        held.set(message.id, message)
        gathering.push(message)
      }
      if (gathering.length > 0) setImmediate(handOut)
    }

    const handOut = () => {
      if (working || isStopped || gathering.length === 0) return
      working = true
      counts.batches += 1
      const batch = gathering.splice(0)
      handler(batch.map((message) => ({ ...message, done: () => done(message) })))
        .catch((error: unknown) => rejected(batch, error))
        .finally(() => {
          working = false
          handOut()
        })
    }

    const done = (message: QueuedMessage) => {
      // Not ours any more: another consumer was given it, and will be done with it itself.
      if (held.get(message.id) !== message) return
      held.delete(message.id)
      this.ids.delete(message.id)
      fetch()
    }

    const rejected = (batch: readonly QueuedMessage[], error: unknown) => {
      if (onRejected === 'end') return stop(error)
      setTimeout(() => {
        gathering.push(...batch.filter((message) => held.get(message.id) === message))
        handOut()
      }, RETRY_MS)
    }

    const stop = (error?: unknown) => {
      if (isStopped) return
      isStopped = true
      this.holders.delete(holder)
      this.putBack(holder)
      if (error === undefined) settled.resolve()
      else settled.reject(error)
    }

    const holder: Holder = { held, fetch, relieve: () => stop(new Relieved(epoch ?? 0)) }
    if (epoch !== undefined) {
      for (const former of this.holders) {
        counts.takenOver += former.held.size
        former.relieve()
      }
    }
    this.holders.add(holder)
    fetch()
    return { stop: async () => stop(), done: settled.promise, counts }
  }

  private putBack({ held }: Holder): void {
    // Copies, so that a former holder's `done` no longer means these.
    const messages = [...held.values()].map((message) => ({ ...message }))
    held.clear()
    this.waiting.unshift(...messages)
    this.wake()
  }

  private wake(): void {
    setImmediate(() => {
      for (const holder of this.holders) holder.fetch()
    })
  }
}
