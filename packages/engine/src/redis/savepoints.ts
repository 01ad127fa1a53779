// The newest savepoint: a Redis hash that names a list of parts, under a checksum of its own, because Redis loads a flipped
// bit without a word. In one value the savepoint of a million jobs would stop Redis, and every lease with it, for as long
// as it takes to write a hundred megabytes; parts let everybody else in between.

import { createHash, type Hash, randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import { LedgerBroken, type Savepoint, type Savepoints, StoreError } from '../ports.ts'
import { type RedisSettings, withStoreErrors } from './connect.ts'
import { loadScript, runScript } from './script.ts'

const storeScript = loadScript('savepoint-store')

const PART_BYTES = 512 * 1024
/** Parts that nobody comes to name, because their writer died, go after this time without another. */
const PARTS_LIFE_MS = 600_000

const checksumOf = ({ revision, sha }: Omit<Savepoint, 'bytes'>): Hash =>
  createHash('sha256').update(`${revision} ${sha}\n`)

export function redisSavepoints(redis: Redis, settings: RedisSettings): Savepoints {
  const key = `${settings.prefix}savepoint`

  async function store(savepoint: Savepoint): Promise<void> {
    const { revision, sha, bytes } = savepoint
    const partsKey = `${key}:${revision}:${randomUUID()}`
    const checksum = checksumOf(savepoint)
    let parts = 0
    await withStoreErrors(`store a savepoint of revision ${revision}`, async () => {
      for (let from = 0; from === 0 || from < bytes.length; from += PART_BYTES) {
        const part = bytes.subarray(from, from + PART_BYTES)
        checksum.update(part)
        await redis
          .multi()
          .rpush(partsKey, Buffer.from(part.buffer, part.byteOffset, part.byteLength))
          .pexpire(partsKey, PARTS_LIFE_MS)
          .exec()
        parts++
      }
      const args = [revision, sha, checksum.digest('hex'), parts, partsKey]
      const reply = await runScript(redis, storeScript, [key, partsKey], args)
      if (reply === -1) throw new StoreError('none', `store a savepoint of revision ${revision}`, 'parts were lost')
    })
  }

  async function newest(): Promise<Savepoint | undefined> {
    for (;;) {
      const [revision, sha, checksum, partsKey] = await redis.hmget(key, 'revision', 'sha', 'checksum', 'parts')
      if (!revision || !sha || !checksum || !partsKey) return undefined
      const savepoint = { revision: Number(revision), sha, bytes: await readParts(partsKey) }
      if (checksumOf(savepoint).update(savepoint.bytes).digest('hex') === checksum) return savepoint
      // A newer one may have taken its place while it was read.
      if ((await redis.hget(key, 'parts')) === partsKey)
        throw new LedgerBroken(savepoint.revision, 'the savepoint taken after it does not match its checksum')
    }
  }

  async function readParts(partsKey: string): Promise<Uint8Array> {
    const parts: Buffer[] = []
    for (;;) {
      const part = await redis.lindexBuffer(partsKey, parts.length)
      if (part === null) return new Uint8Array(Buffer.concat(parts))
      parts.push(part)
    }
  }

  return { store, newest: () => withStoreErrors('read the newest savepoint', newest) }
}
