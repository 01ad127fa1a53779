// Keys, the sessions they open and the one-time links that open those. A key reads `dure_<id>_<secret>`; only a hash of
// the secret is kept. A secret has 256 random bits, so that a plain SHA-256 protects it: there is nothing to guess.

import { hash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { CreateKey, Role } from '@dure/contract'
import type { CredentialStore, StoredKey } from './credential-store.ts'
import type { Idempotency } from './idempotency.ts'

const KEY = /^dure_([a-z0-9]{12})_([\w-]{43})$/
const ID_LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** A key that was found good stays good this long without asking the store, unless the store says that it has changed. */
const TRUST_MS = 5000
/** The last use of a key is noted at most this often. */
const NOTE_USE_MS = 60_000
const IDEMPOTENCY_LIFE_MS = 24 * 3_600_000
const SIGN_IN_CODE_LIFE_MS = 10 * 60_000
export const SESSION_LIFE_MS = 12 * 3_600_000

/** Whom a request comes from. */
export interface Caller {
  readonly user: string
  readonly role: Role
  /** Of the key that was sent or that opened the session; of a token, whose it is. */
  readonly keyId: string
  readonly via: 'key' | 'session' | 'token'
  /** The accounts that a token speaks for; absent: all of the user's. */
  readonly accounts?: ReadonlySet<string>
}

type Recognition =
  | { readonly kind: 'caller'; readonly caller: Caller }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'expired' }

interface MadeKey {
  readonly stored: StoredKey
  readonly key: string
}

type KeyMaking =
  | ({ readonly kind: 'made' } & MadeKey)
  | { readonly kind: 'made-before'; readonly id: string }
  /** The same Idempotency-Key came with another request before. */
  | { readonly kind: 'mismatch' }

export interface KeyRing {
  create(wanted: CreateKey): Promise<MadeKey>
  /** The same request makes one key in 24 hours, whose secret is told once. */
  createOnce(wanted: CreateKey, idempotency: Idempotency): Promise<KeyMaking>
  list(): Promise<readonly { readonly stored: StoredKey; readonly lastUsedAtMs: number | null }[]>
  find(id: string): Promise<StoredKey | undefined>
  /** A key for the same user in the same role; the old one ends after the overlap, and both end when it would have. Undefined: it has ended. */
  rotate(old: StoredKey, overlapMs: number): Promise<MadeKey | undefined>
  /** Every process hears of it as it happens; one that cannot hear asks the store each time. Undefined: there is none of that id. */
  revoke(id: string): Promise<StoredKey | undefined>
  /** Calls `ended` once the key is good no more. Answers how to stop waiting for it. */
  whenRevoked(id: string, ended: () => void): () => void
  /** Whose key a bearer token is. */
  recognize(token: string): Promise<Recognition>
  /** A code that opens one session for a key, once. */
  signInCode(keyId: string): Promise<{ readonly code: string; readonly expiresAtMs: number }>
  /** The token of a new session; undefined: the code was used, has expired or never was. */
  openSession(code: string): Promise<string | undefined>
  recognizeSession(token: string): Promise<Recognition>
  closeSession(token: string): Promise<void>
  close(): void
}

const sha256 = (text: string): string => hash('sha256', text)
const secret = (): string => randomBytes(32).toString('base64url')

function newId(): string {
  // 252 is the largest multiple of 36 within a byte: beyond it some letters would come more often.
  let id = ''
  while (id.length < 12)
    for (const byte of randomBytes(16)) if (byte < 252 && id.length < 12) id += ID_LETTERS[byte % 36]
  return id
}

/** `nowMs` is wall time since 1970. */
export function keyRing(store: CredentialStore, nowMs: () => number): KeyRing {
  const trusted = new Map<string, { readonly stored: StoredKey; readonly untilMs: number }>()
  const notedUses = new Map<string, number>()
  const endings = new Map<string, Set<() => void>>()
  /** Grows with each change that is heard of: what was asked for before one must not be trusted after it. */
  let changes = 0

  const watch = store.watch((changed) => {
    changes += 1
    for (const id of changed === null ? trusted.keys() : [changed]) trusted.delete(id)
    for (const id of changed === null ? endings.keys() : [changed]) if (endings.has(id)) void tellEnding(id)
  })

  async function tellEnding(id: string): Promise<void> {
    // Where nobody can tell, whoever waits is let go, too: it will come back, and be recognized or not.
    const stored = await store.key(id).catch(() => undefined)
    if (stored !== undefined && hasNotEnded(stored)) return
    for (const ended of endings.get(id) ?? []) ended()
    endings.delete(id)
  }

  async function find(id: string): Promise<StoredKey | undefined> {
    const known = trusted.get(id)
    if (known !== undefined && known.untilMs > nowMs() && watch.isLive) return known.stored
    const before = changes
    const stored = await store.key(id)
    if (stored === undefined) trusted.delete(id)
    else if (changes === before) trusted.set(id, { stored, untilMs: nowMs() + TRUST_MS })
    return stored
  }

  const hasNotEnded = ({ expiresAtMs, revokedAtMs }: StoredKey): boolean =>
    revokedAtMs === null && (expiresAtMs === null || expiresAtMs > nowMs())

  async function put(made: Pick<StoredKey, 'user' | 'role' | 'note' | 'expiresAtMs' | 'replaces'>): Promise<MadeKey> {
    const [id, own] = [newId(), secret()]
    const stored = { id, secretHash: sha256(own), createdAtMs: nowMs(), ...made }
    await store.putKey(stored)
    return { stored: { ...stored, revokedAtMs: null }, key: `dure_${id}_${own}` }
  }

  function judge(stored: StoredKey, via: Caller['via']): Recognition {
    const { id, user, role } = stored
    if (!hasNotEnded(stored)) return { kind: 'expired' }
    noteUse(id)
    return { kind: 'caller', caller: { user, role, keyId: id, via } }
  }

  function noteUse(id: string): void {
    const atMs = nowMs()
    if (atMs - (notedUses.get(id) ?? Number.NEGATIVE_INFINITY) < NOTE_USE_MS) return
    notedUses.set(id, atMs)
    // Nobody's request fails because this note could not be made.
    store.noteUse(id, atMs).catch(() => notedUses.delete(id))
  }

  const create = ({ user, role, note, expires_at_ms }: CreateKey): Promise<MadeKey> =>
    put({ user, role, note: note ?? null, expiresAtMs: expires_at_ms ?? null, replaces: null })

  return {
    create,
    find: (id) => store.key(id),
    rotate: async (old, overlapMs) => {
      if (!hasNotEnded(old)) return undefined
      const { id, user, role, note, expiresAtMs } = old
      const created = await put({ user, role, note, expiresAtMs, replaces: id })
      const endMs = nowMs() + overlapMs
      await store.putKey({ ...old, expiresAtMs: expiresAtMs === null ? endMs : Math.min(expiresAtMs, endMs) })
      return created
    },
    createOnce: async (wanted, { scope, key, bodyHash }) => {
      const made = await create(wanted)
      const { id } = made.stored
      const request = sha256(JSON.stringify([scope, key]))
      const earlier = await store.claimRequest(request, { keyId: id, bodyHash }, IDEMPOTENCY_LIFE_MS)
      if (earlier === undefined) return { kind: 'made', ...made }
      // Nobody has seen this one. Had it been stored after the claim, a crash between them would leave a claim to nothing.
      await store.dropKey(id)
      return earlier.bodyHash === bodyHash ? { kind: 'made-before', id: earlier.keyId } : { kind: 'mismatch' }
    },
    list: async () => {
      const [keys, uses] = await Promise.all([store.keys(), store.lastUses()])
      return keys
        .toSorted((a, b) => b.createdAtMs - a.createdAtMs || (a.id < b.id ? -1 : 1))
        .map((stored) => ({ stored, lastUsedAtMs: uses.get(stored.id) ?? null }))
    },
    revoke: async (id) => {
      const stored = await store.key(id)
      if (stored === undefined || stored.revokedAtMs !== null) return stored
      await store.revokeKey(id, nowMs())
      trusted.delete(id)
      return store.key(id)
    },
    whenRevoked: (id, ended) => {
      const waiting = endings.get(id) ?? new Set()
      endings.set(id, waiting.add(ended))
      return () => {
        waiting.delete(ended)
        if (waiting.size === 0 && endings.get(id) === waiting) endings.delete(id)
      }
    },
    recognize: async (token) => {
      const [, id, given] = KEY.exec(token) ?? []
      if (id === undefined || given === undefined) return { kind: 'unknown' }
      const stored = await find(id)
      const expected = Buffer.from(stored?.secretHash ?? sha256(''), 'hex')
      const isSame = timingSafeEqual(expected, Buffer.from(sha256(given), 'hex'))
      return stored !== undefined && isSame ? judge(stored, 'key') : { kind: 'unknown' }
    },
    signInCode: async (keyId) => {
      const code = secret()
      await store.putSignInCode(sha256(code), keyId, SIGN_IN_CODE_LIFE_MS)
      return { code, expiresAtMs: nowMs() + SIGN_IN_CODE_LIFE_MS }
    },
    openSession: async (code) => {
      const keyId = await store.takeSignInCode(sha256(code))
      if (keyId === undefined) return undefined
      const token = secret()
      await store.putSession(sha256(token), keyId, SESSION_LIFE_MS)
      return token
    },
    recognizeSession: async (token) => {
      const keyId = await store.session(sha256(token))
      const stored = keyId === undefined ? undefined : await find(keyId)
      return stored === undefined ? { kind: 'unknown' } : judge(stored, 'session')
    },
    closeSession: (token) => store.dropSession(sha256(token)),
    close: () => watch.stop(),
  }
}
