// Where keys, sessions and sign-in codes are kept. Nothing here can be used to sign in: secrets are stored as hashes only.

import { Role } from '@dure/contract'
import { type RedisSettings, StoreError } from '@dure/engine'
import type { Redis } from 'ioredis'
import { z } from 'zod'

const StoredKey = z.object({
  id: z.string(),
  /** SHA-256 of the secret, 64 hex digits. */
  secretHash: z.string(),
  user: z.string(),
  role: Role,
  note: z.string().nullable(),
  createdAtMs: z.int(),
  expiresAtMs: z.int().nullable(),
  revokedAtMs: z.int().nullable(),
})
export type StoredKey = z.output<typeof StoredKey>

const KeyClaim = z.object({ keyId: z.string(), bodyHash: z.string() })
type KeyClaim = z.output<typeof KeyClaim>

/** Every operation throws `StoreError`. */
export interface CredentialStore {
  putKey(key: StoredKey): Promise<void>
  dropKey(id: string): Promise<void>
  key(id: string): Promise<StoredKey | undefined>
  keys(): Promise<readonly StoredKey[]>
  /** Wall time of each key's last use, by id; of keys that were used. */
  lastUses(): Promise<ReadonlyMap<string, number>>
  noteUse(id: string, atMs: number): Promise<void>

  /** Notes which key a request made; undefined: it is the first, else what was noted before. */
  claimRequest(requestHash: string, claim: KeyClaim, lifeMs: number): Promise<KeyClaim | undefined>

  putSignInCode(codeHash: string, keyId: string, lifeMs: number): Promise<void>
  /** The id of the key a code stands for; a code is found once. */
  takeSignInCode(codeHash: string): Promise<string | undefined>

  putSession(tokenHash: string, keyId: string, lifeMs: number): Promise<void>
  session(tokenHash: string): Promise<string | undefined>
  dropSession(tokenHash: string): Promise<void>
}

/** For tests, and for nothing that must outlive its process. `nowMs` ends lives. */
export function memoryCredentials(nowMs: () => number): CredentialStore {
  const keys = new Map<string, StoredKey>()
  const uses = new Map<string, number>()
  const claims = new Map<string, KeyClaim & { readonly untilMs: number }>()
  const codes = new Map<string, { readonly keyId: string; readonly untilMs: number }>()
  const sessions = new Map<string, { readonly keyId: string; readonly untilMs: number }>()
  const alive = (found: { keyId: string; untilMs: number } | undefined): string | undefined =>
    found !== undefined && found.untilMs > nowMs() ? found.keyId : undefined
  return {
    putKey: async (key) => void keys.set(key.id, key),
    dropKey: async (id) => void keys.delete(id),
    key: async (id) => keys.get(id),
    keys: async () => [...keys.values()],
    lastUses: async () => uses,
    noteUse: async (id, atMs) => void uses.set(id, atMs),
    claimRequest: async (hash, claim, lifeMs) => {
      const earlier = claims.get(hash)
      if (earlier !== undefined && earlier.untilMs > nowMs()) return earlier
      claims.set(hash, { ...claim, untilMs: nowMs() + lifeMs })
      return undefined
    },
    putSignInCode: async (hash, keyId, lifeMs) => void codes.set(hash, { keyId, untilMs: nowMs() + lifeMs }),
    takeSignInCode: async (hash) => {
      const found = alive(codes.get(hash))
      codes.delete(hash)
      return found
    },
    putSession: async (hash, keyId, lifeMs) => void sessions.set(hash, { keyId, untilMs: nowMs() + lifeMs }),
    session: async (hash) => alive(sessions.get(hash)),
    dropSession: async (hash) => void sessions.delete(hash),
  }
}

export function redisCredentials(redis: Redis, { prefix }: RedisSettings): CredentialStore {
  const keysKey = `${prefix}access:keys`
  const usesKey = `${prefix}access:uses`
  const claimKey = (hash: string): string => `${prefix}access:request:${hash}`
  const codeKey = (hash: string): string => `${prefix}access:code:${hash}`
  const sessionKey = (hash: string): string => `${prefix}access:session:${hash}`
  const read = (json: string): StoredKey => StoredKey.parse(JSON.parse(json))
  return {
    putKey: (key) => told('store a key', async () => void (await redis.hset(keysKey, key.id, JSON.stringify(key)))),
    dropKey: (id) => told('drop a key', async () => void (await redis.hdel(keysKey, id))),
    key: (id) =>
      told('look up a key', async () => {
        const json = await redis.hget(keysKey, id)
        return json === null ? undefined : read(json)
      }),
    keys: () => told('list keys', async () => (await redis.hvals(keysKey)).map(read)),
    lastUses: () =>
      told('list the uses of keys', async () => {
        const uses = await redis.hgetall(usesKey)
        return new Map(Object.entries(uses).map(([id, atMs]) => [id, Number(atMs)]))
      }),
    noteUse: (id, atMs) => told('note the use of a key', async () => void (await redis.hset(usesKey, id, atMs))),
    claimRequest: (hash, claim, lifeMs) =>
      told('note the request for a key', async () => {
        const isFirst = await redis.set(claimKey(hash), JSON.stringify(claim), 'PX', lifeMs, 'NX')
        if (isFirst !== null) return undefined
        const json = await redis.get(claimKey(hash))
        return json === null ? undefined : KeyClaim.parse(JSON.parse(json))
      }),
    putSignInCode: (hash, keyId, lifeMs) =>
      told('store a sign-in code', async () => void (await redis.set(codeKey(hash), keyId, 'PX', lifeMs))),
    takeSignInCode: (hash) =>
      told('look up a sign-in code', async () => (await redis.getdel(codeKey(hash))) ?? undefined),
    putSession: (hash, keyId, lifeMs) =>
      told('store a session', async () => void (await redis.set(sessionKey(hash), keyId, 'PX', lifeMs))),
    session: (hash) => told('look up a session', async () => (await redis.get(sessionKey(hash))) ?? undefined),
    dropSession: (hash) => told('end a session', async () => void (await redis.del(sessionKey(hash)))),
  }
}

async function told<T>(doing: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (cause) {
    throw new StoreError('unknown', doing, cause)
  }
}
