// Where keys, sessions and sign-in codes are kept. Nothing here can be used to sign in: secrets are stored as hashes only.

import { Role } from '@dure/contract'
import { connectPatient, type RedisSettings, withStoreErrors } from '@dure/engine'
import type { ChainableCommander, Redis } from 'ioredis'
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
  /** The key in whose place it was made. Keys from before there was such a thing say nothing. */
  replaces: z.string().nullable().default(null),
})
export type StoredKey = z.output<typeof StoredKey>

const KeyClaim = z.object({ keyId: z.string(), bodyHash: z.string() })
type KeyClaim = z.output<typeof KeyClaim>

/** Every operation throws `StoreError`. */
export interface CredentialStore {
  /** Says nothing of revocation: whoever changes a key must not bring one back that somebody else revokes meanwhile. */
  putKey(key: Omit<StoredKey, 'revokedAtMs'>): Promise<void>
  /** For good. A key that is revoked already keeps its time. */
  revokeKey(id: string, atMs: number): Promise<void>
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

  /** `changed` hears the id of every key that any process puts or revokes; null where it may have missed some. */
  watch(changed: (id: string | null) => void): KeyWatch
}

interface KeyWatch {
  /** False: changes may be missed now, so that nothing found earlier is to be trusted. */
  readonly isLive: boolean
  stop(): void
}

/** For tests, and for nothing that must outlive its process. `nowMs` ends lives. */
export function memoryCredentials(nowMs: () => number): CredentialStore {
  const keys = new Map<string, Omit<StoredKey, 'revokedAtMs'>>()
  const revocations = new Map<string, number>()
  const uses = new Map<string, number>()
  const claims = new Map<string, KeyClaim & { readonly untilMs: number }>()
  const codes = new Map<string, { readonly keyId: string; readonly untilMs: number }>()
  const sessions = new Map<string, { readonly keyId: string; readonly untilMs: number }>()
  const watchers = new Set<(id: string) => void>()
  const alive = (found: { keyId: string; untilMs: number } | undefined): string | undefined =>
    found !== undefined && found.untilMs > nowMs() ? found.keyId : undefined
  const tell = (id: string): void => {
    for (const changed of watchers) changed(id)
  }
  const whole = (key: Omit<StoredKey, 'revokedAtMs'>): StoredKey => ({
    ...key,
    revokedAtMs: revocations.get(key.id) ?? null,
  })
  return {
    putKey: async (key) => {
      keys.set(key.id, key)
      tell(key.id)
    },
    revokeKey: async (id, atMs) => {
      if (!revocations.has(id)) revocations.set(id, atMs)
      tell(id)
    },
    dropKey: async (id) => {
      keys.delete(id)
      tell(id)
    },
    key: async (id) => {
      const key = keys.get(id)
      return key === undefined ? undefined : whole(key)
    },
    keys: async () => [...keys.values()].map(whole),
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
    watch: (changed) => {
      watchers.add(changed)
      return { isLive: true, stop: () => void watchers.delete(changed) }
    },
  }
}

/** A subscription that says nothing for so long is taken for lost. */
const HEARTBEAT_MS = 1000

export function redisCredentials(redis: Redis, settings: RedisSettings): CredentialStore {
  const { prefix } = settings
  const keysKey = `${prefix}access:keys`
  const revocationsKey = `${prefix}access:revocations`
  const usesKey = `${prefix}access:uses`
  const claimKey = (hash: string): string => `${prefix}access:request:${hash}`
  const codeKey = (hash: string): string => `${prefix}access:code:${hash}`
  const sessionKey = (hash: string): string => `${prefix}access:session:${hash}`
  const changesChannel = `${prefix}access:changes`
  // Keys that were revoked before revocations had a place of their own say so themselves.
  function read(json: string, revokedAt: string | null | undefined): StoredKey {
    const key = StoredKey.parse(JSON.parse(json))
    return { ...key, revokedAtMs: revokedAt ? Number(revokedAt) : key.revokedAtMs }
  }

  return {
    putKey: (key) =>
      withStoreErrors('store a key', async () => {
        const json = JSON.stringify({ ...key, revokedAtMs: null })
        await all(redis.multi().hset(keysKey, key.id, json).publish(changesChannel, key.id))
      }),
    revokeKey: (id, atMs) =>
      withStoreErrors('revoke a key', () =>
        all(redis.multi().hsetnx(revocationsKey, id, atMs).publish(changesChannel, id)),
      ),
    dropKey: (id) =>
      withStoreErrors('drop a key', () => all(redis.multi().hdel(keysKey, id).publish(changesChannel, id))),
    key: (id) =>
      withStoreErrors('look up a key', async () => {
        const [json, revokedAt] = await Promise.all([redis.hget(keysKey, id), redis.hget(revocationsKey, id)])
        return json === null ? undefined : read(json, revokedAt)
      }),
    keys: () =>
      withStoreErrors('list keys', async () => {
        const [keys, revocations] = await Promise.all([redis.hgetall(keysKey), redis.hgetall(revocationsKey)])
        return Object.entries(keys).map(([id, json]) => read(json, revocations[id]))
      }),
    lastUses: () =>
      withStoreErrors('list the uses of keys', async () => {
        const uses = await redis.hgetall(usesKey)
        return new Map(Object.entries(uses).map(([id, atMs]) => [id, Number(atMs)]))
      }),
    noteUse: (id, atMs) =>
      withStoreErrors('note the use of a key', async () => void (await redis.hset(usesKey, id, atMs))),
    claimRequest: (hash, claim, lifeMs) =>
      withStoreErrors('note the request for a key', async () => {
        const isFirst = await redis.set(claimKey(hash), JSON.stringify(claim), 'PX', lifeMs, 'NX')
        if (isFirst !== null) return undefined
        const json = await redis.get(claimKey(hash))
        return json === null ? undefined : KeyClaim.parse(JSON.parse(json))
      }),
    putSignInCode: (hash, keyId, lifeMs) =>
      withStoreErrors('store a sign-in code', async () => void (await redis.set(codeKey(hash), keyId, 'PX', lifeMs))),
    takeSignInCode: (hash) =>
      withStoreErrors('look up a sign-in code', async () => (await redis.getdel(codeKey(hash))) ?? undefined),
    putSession: (hash, keyId, lifeMs) =>
      withStoreErrors('store a session', async () => void (await redis.set(sessionKey(hash), keyId, 'PX', lifeMs))),
    session: (hash) =>
      withStoreErrors('look up a session', async () => (await redis.get(sessionKey(hash))) ?? undefined),
    dropSession: (hash) => withStoreErrors('end a session', async () => void (await redis.del(sessionKey(hash)))),
    watch: (changed) => watchChannel(settings, changesChannel, changed),
  }
}

function watchChannel(settings: RedisSettings, channel: string, changed: (id: string | null) => void): KeyWatch {
  const connection = connectPatient(settings, 'api-keys', { autoResubscribe: false })
  let isSubscribed = false
  /** What was said before an answer has been heard when the answer has. */
  let isAnswered = true
  let isAsked = false
  connection.on('message', (_, id) => changed(id))
  connection.on('close', () => {
    isSubscribed = false
  })
  // The subscription is ours to renew, because only its answer says from when on nothing is missed.
  connection.on('ready', () => {
    connection.subscribe(channel).then(
      () => {
        isSubscribed = true
        isAnswered = true
        changed(null)
      },
      () => connection.disconnect(true),
    )
  })
  const heartbeat = setInterval(() => {
    if (isAsked) isAnswered = false
    if (isAsked || !isSubscribed) return
    isAsked = true
    connection
      .ping()
      .then(
        () => {
          isAnswered = true
        },
        () => {},
      )
      .finally(() => {
        isAsked = false
      })
  }, HEARTBEAT_MS)
  heartbeat.unref()
  return {
    get isLive() {
      return isSubscribed && isAnswered
    },
    stop: () => {
      clearInterval(heartbeat)
      connection.disconnect()
    },
  }
}

/** Carries out a transaction whole; throws what the first of its commands was refused for. */
async function all(transaction: ChainableCommander): Promise<void> {
  for (const [error] of (await transaction.exec()) ?? []) if (error !== null) throw error
}
