// The newest savepoint in one Redis hash, under a checksum of its own: Redis loads a flipped bit without a word.

import { createHash } from 'node:crypto'
import type { Redis } from 'ioredis'
import { LedgerBroken, type Savepoint, type Savepoints } from '../ports.ts'
import { type RedisSettings, withStoreErrors } from './connect.ts'
import { loadScript, runScript } from './script.ts'

const storeScript = loadScript('savepoint-store')

const checksum = ({ revision, sha, bytes }: Savepoint): string =>
  createHash('sha256').update(`${revision} ${sha}\n`).update(bytes).digest('hex')

export function redisSavepoints(redis: Redis, settings: RedisSettings): Savepoints {
  const key = `${settings.prefix}savepoint`
  return {
    store: async (savepoint) => {
      const { revision, sha, bytes } = savepoint
      const args = [revision, sha, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), checksum(savepoint)]
      await withStoreErrors(`store a savepoint of revision ${revision}`, () =>
        runScript(redis, storeScript, [key], args),
      )
    },
    newest: () =>
      withStoreErrors('read the newest savepoint', async () => {
        const [revision, sha, bytes, sum] = await redis.hmgetBuffer(key, 'revision', 'sha', 'bytes', 'checksum')
        if (!revision || !sha || !bytes || !sum) return undefined
        const savepoint = { revision: Number(revision), sha: sha.toString(), bytes: new Uint8Array(bytes) }
        if (checksum(savepoint) !== sum.toString()) {
          throw new LedgerBroken(savepoint.revision, 'the savepoint taken after it does not match its checksum')
        }
        return savepoint
      }),
  }
}
