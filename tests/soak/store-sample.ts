// What lies in Redis, and whose it is.

import type { connectPrompt } from '@dure/engine'

type Redis = Awaited<ReturnType<typeof connectPrompt>>

export interface StoreSample {
  readonly usedMib: number
  readonly keys: number
  /** In the ledger's stream. */
  readonly entries: number
  /** Of the first of them. */
  readonly firstRevision: number
}

/** Keys that begin alike. */
export interface KeyGroup {
  readonly name: string
  readonly keys: number
  /** Estimated from some of them. */
  readonly bytes: number
}

const MIB = 2 ** 20
const KEYS_PER_SCAN = 1_000
/** Of each group that are asked for their size. */
const WEIGHED_MAX = 50

export async function sampleStore(redis: Redis, prefix: string): Promise<StoreSample> {
  const [memory, keys, entries, first] = await Promise.all([
    redis.info('memory'),
    redis.dbsize(),
    redis.xlen(`${prefix}ledger`),
    redis.xrange(`${prefix}ledger`, '-', '+', 'COUNT', 1),
  ])
  return {
    usedMib: Number(/^used_memory:(\d+)/m.exec(memory)?.[1]) / MIB,
    keys,
    entries,
    firstRevision: Number(first[0]?.[0].split('-')[0] ?? 0),
  }
}

/** All keys, by how they begin. Takes a pass over all of them, a thousand at a time. */
export async function keyGroups(redis: Redis, prefix: string): Promise<KeyGroup[]> {
  const groups = new Map<string, string[]>()
  let cursor = '0'
  do {
    const [next, keys] = await redis.scan(cursor, 'COUNT', KEYS_PER_SCAN)
    cursor = next
    for (const key of keys) {
      const name = groupOf(key.slice(prefix.length))
      const members = groups.get(name)
      if (members === undefined) groups.set(name, [key])
      else members.push(key)
    }
  } while (cursor !== '0')
  return Promise.all(
    [...groups].map(async ([name, keys]) => {
      const step = Math.ceil(keys.length / WEIGHED_MAX)
      const weighed = keys.filter((_, i) => i % step === 0)
      const sizes = await Promise.all(weighed.map((key) => redis.memory('USAGE', key)))
      const mean = sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0) / weighed.length
      return { name, keys: keys.length, bytes: Math.round(mean * keys.length) }
    }),
  )
}

/** `bull:commands:17` belongs to `bull:commands`, `reserved:17` to `reserved`. */
function groupOf(key: string): string {
  const [first = '', second = ''] = key.split(':')
  return first === 'bull' ? `${first}:${second}` : first
}
