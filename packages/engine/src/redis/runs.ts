// Starts on their way to executors: a BullMQ queue for each kind of accelerator, many runs to a message.

import { Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import { isSound, sumOf } from '../message-sum.ts'
import type { Run, RunKind, Runs } from '../ports.ts'
import { type RedisSettings, withStoreErrors } from './connect.ts'
import { bullPrefix, consumeMessages, type Message, queueBacklog } from './message-consumer.ts'

/** Runs in a message at most. Several messages let several executors share the starts of a large commit. */
const MESSAGE_RUNS_MAX = 128

const queueName = (kind: RunKind): string => `runs-${kind}`

export interface RedisRuns extends Runs {
  close(): Promise<void>
}

export function redisRuns(redis: Redis, settings: RedisSettings): RedisRuns {
  const queues = new Map<RunKind, Queue>()

  function queueOf(kind: RunKind): Queue {
    const open = queues.get(kind)
    if (open !== undefined) return open
    const queue = new Queue(queueName(kind), {
      connection: redis,
      prefix: bullPrefix(settings),
      streams: { events: { maxLen: 1000 } },
      skipWaitingForReady: true,
    })
    queue.on('error', () => {})
    queues.set(kind, queue)
    return queue
  }

  async function dispatch(kind: RunKind, runs: readonly Run[]): Promise<void> {
    if (runs.length === 0) return
    const messages: { name: string; data: { runs: readonly Run[]; sum: number } }[] = []
    for (let from = 0; from < runs.length; from += MESSAGE_RUNS_MAX) {
      const some = runs.slice(from, from + MESSAGE_RUNS_MAX)
      messages.push({ name: queueName(kind), data: { runs: some, sum: sumOf(some) } })
    }
    await withStoreErrors(`dispatch ${runs.length} runs to ${queueName(kind)}`, () => queueOf(kind).addBulk(messages))
  }

  return {
    dispatch,
    backlog: (kind) => queueBacklog(redis, settings, queueName(kind)),
    consume: async (kind, concurrency, handler) => {
      const consumption = await consumeMessages(redis, settings, {
        queue: queueName(kind),
        concurrency,
        onRejected: 'retry',
        handler: async (messages) => {
          await handler(messages.flatMap(runsOf))
          for (const message of messages) message.done()
        },
      })
      if (consumption === undefined) throw new Error('unreachable: consumers of runs are not fenced')
      return consumption
    },
    close: async () => {
      await Promise.all([...queues.values()].map((queue) => queue.close()))
    },
  }
}

/** A message that was damaged, or that `dispatch` never wrote, has none: the leader tells again of what is not recorded. */
function runsOf({ data }: Message): readonly Run[] {
  const { runs, sum } = data as { readonly runs?: unknown; readonly sum?: unknown }
  return Array.isArray(runs) && runs.every(isRun) && isSound(runs, sum) ? runs : []
}

function isRun(value: unknown): value is Run {
  const { job, attempt, dueMs } = (value ?? {}) as Partial<Run>
  return [job, attempt, dueMs].every(Number.isSafeInteger)
}
