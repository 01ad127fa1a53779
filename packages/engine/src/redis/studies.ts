// Studies: a hash for each with its question and how it stands, a hash of its rows by piece, a sorted set of them all by age; and the
// BullMQ queue `studies`, one piece to a message, because a piece takes from seconds to minutes.

import { Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import type { Studies, StudyPiece, StudyRecord, StudyState } from '../ports.ts'
import { type RedisSettings, withStoreErrors } from './connect.ts'
import { bullPrefix, consumeMessages, queueBacklog } from './message-consumer.ts'
import { loadScript, runScript } from './script.ts'

const beginScript = loadScript('study-begin')
const rowScript = loadScript('study-row')
const endScript = loadScript('study-end')

const QUEUE = 'studies'

/** Messages queued in one go. */
const CHUNK_PIECES = 500
/** An ended study is forgotten after a month. */
const LIFE_MS = 30 * 86_400_000

const begun = ['known', 'begun', 'resumed'] as const
const fields = ['askedBy', 'askedAtMs', 'state', 'sentence'] as const

export interface RedisStudies extends Studies {
  close(): Promise<void>
}

export function redisStudies(redis: Redis, settings: RedisSettings): RedisStudies {
  const indexKey = `${settings.prefix}studies`
  const recordKey = (id: string): string => `${settings.prefix}study:${id}`
  const rowsKey = (id: string): string => `${settings.prefix}study:${id}:rows`
  const queue = new Queue(QUEUE, {
    connection: redis,
    prefix: bullPrefix(settings),
    streams: { events: { maxLen: 1000 } },
    skipWaitingForReady: true,
  })
  queue.on('error', () => {})

  /** undefined: forgotten. */
  async function standingOf(id: string): Promise<Omit<StudyRecord, 'study'> | undefined> {
    const [[askedBy, askedAtMs, state, sentence], rows] = await Promise.all([
      redis.hmget(recordKey(id), ...fields),
      redis.hlen(rowsKey(id)),
    ])
    if (!state) return undefined
    return {
      id,
      askedBy: askedBy ?? '',
      askedAtMs: Number(askedAtMs),
      state: state as StudyState,
      sentence: sentence || null,
      rows,
    }
  }

  return {
    begin: ({ id, study, askedBy, askedAtMs }) =>
      withStoreErrors(`keep study ${id}`, async () => {
        const keys = [recordKey(id), rowsKey(id), indexKey]
        const reply = await runScript(redis, beginScript, keys, [id, JSON.stringify(study), askedBy, askedAtMs])
        return begun[Number(reply)]!
      }),
    find: (id) =>
      withStoreErrors(`read study ${id}`, async () => {
        const [standing, study] = await Promise.all([standingOf(id), redis.hget(recordKey(id), 'study')])
        return standing === undefined || study === null ? undefined : { ...standing, study: JSON.parse(study) }
      }),
    list: () =>
      withStoreErrors('list studies', async () => {
        const ids = await redis.zrevrange(indexKey, 0, -1)
        const found = await Promise.all(ids.map(standingOf))
        const forgotten = ids.filter((_, i) => found[i] === undefined)
        if (forgotten.length > 0) await redis.zrem(indexKey, ...forgotten)
        return found.filter((standing) => standing !== undefined)
      }),
    addRow: (study, piece, row) =>
      withStoreErrors(`keep a row of study ${study}`, async () => {
        const keys = [recordKey(study), rowsKey(study)]
        const count = Number(await runScript(redis, rowScript, keys, [piece, JSON.stringify(row)]))
        return count < 0 ? undefined : count
      }),
    hasRow: (study, piece) =>
      withStoreErrors(
        `look for a row of study ${study}`,
        async () => (await redis.hexists(rowsKey(study), piece)) === 1,
      ),
    rows: (study) =>
      withStoreErrors(`read the rows of study ${study}`, async () =>
        (await redis.hvals(rowsKey(study))).map((row): unknown => JSON.parse(row)),
      ),
    end: (study, state, sentence = '') =>
      withStoreErrors(`end study ${study}`, async () => {
        const keys = [recordKey(study), rowsKey(study)]
        return Number(await runScript(redis, endScript, keys, [state, sentence, LIFE_MS])) === 1
      }),
    dispatch: (study, pieces) =>
      withStoreErrors(`queue ${pieces.length} pieces of study ${study}`, async () => {
        for (let from = 0; from < pieces.length; from += CHUNK_PIECES) {
          const chunk = pieces.slice(from, from + CHUNK_PIECES)
          await queue.addBulk(
            chunk.map((piece) => ({ name: QUEUE, data: { study, piece }, opts: { jobId: `${study}-${piece.id}` } })),
          )
        }
      }),
    consume: async (concurrency, handler) => {
      const consumption = await consumeMessages(redis, settings, {
        queue: QUEUE,
        concurrency,
        onRejected: 'retry',
        handler: async (messages) => {
          for (const { data, deliveries, done } of messages) {
            handler({ ...(data as { study: string; piece: StudyPiece }), deliveries, settle: done })
          }
        },
      })
      if (consumption === undefined) throw new Error('unreachable: consumers of studies are not fenced')
      return consumption
    },
    backlog: () => queueBacklog(redis, settings, QUEUE),
    close: () => queue.close(),
  }
}
