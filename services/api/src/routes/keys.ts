// Keys: made, listed, rotated and revoked by administrators.

import { CreatedKey, CreateKey, Key, KeyList, KeyParams, PageQuery, RotateKey } from '@dure/contract'
import { administrators, callerOf, keyReaders } from '../access.ts'
import type { Api } from '../api.ts'
import type { AuditTrail } from '../audit-trail.ts'
import type { StoredKey } from '../credential-store.ts'
import { idempotencyOf } from '../idempotency.ts'
import type { KeyRing } from '../keys.ts'
import { answers } from '../openapi.ts'
import { pageOfAll } from '../page.ts'
import { Trouble } from '../trouble.ts'

export function keyRoutes(app: Api, keys: KeyRing, audit: AuditTrail): void {
  const tags = ['keys']

  async function found(id: string): Promise<StoredKey> {
    const key = await keys.find(id)
    if (key === undefined) throw unknownKey(id)
    return key
  }

  app.post(
    '/v1/keys',
    {
      config: { access: administrators },
      schema: {
        operationId: 'createKey',
        summary: 'Make a key',
        description:
          'The only answer that ever shows the key. The same request with the same Idempotency-Key makes no second key for 24 hours, but is answered 409 with the id of the first: an answer with a secret in it is not stored.',
        tags,
        body: CreateKey,
        response: answers(201, CreatedKey),
      },
    },
    async (request, reply) => {
      const { body } = request
      const idempotency = idempotencyOf(request)
      // Before there is a key, so that it has no id yet.
      await audit.note(request, { act: 'key-made', target: `${body.user} as ${body.role}`, reason: body.note })
      const made =
        idempotency === undefined
          ? { kind: 'made' as const, ...(await keys.create(body)) }
          : await keys.createOnce(body, idempotency)
      if (made.kind === 'mismatch') throw new Trouble('ERR_IDEMPOTENCY_MISMATCH')
      if (made.kind === 'made-before') {
        // The secret cannot be told again, because it is not kept; which key it was can.
        const { id } = made
        throw new Trouble('ERR_KEY_SHOWN', { detail: { ko: `만든 키는 ${id}입니다.`, en: `It made the key ${id}.` } })
      }
      const { stored, key } = made
      request.log.info(
        { keyId: stored.id, role: stored.role, keyUser: stored.user, by: callerOf(request).user },
        'key made',
      )
      return reply
        .code(201)
        .header('cache-control', 'no-store')
        .send({ ...keyView(stored, null), key })
    },
  )

  app.post(
    '/v1/keys/:id/rotate',
    {
      config: { access: administrators },
      schema: {
        operationId: 'rotateKey',
        summary: 'Make a key in the place of another',
        description:
          'For the same user in the same role. Both are good for the overlap, so that nobody is cut off while it is handed out; then the old one ends, with the sessions it opened. The only answer that ever shows the new key.',
        tags,
        params: KeyParams,
        body: RotateKey.nullish(),
        response: answers(201, CreatedKey),
      },
    },
    async (request, reply) => {
      const old = await found(request.params.id)
      const { overlap_ms } = RotateKey.parse(request.body ?? {})
      await audit.note(request, { act: 'key-rotated', target: old.id, detail: `overlap ${overlap_ms / 1000} s` })
      const created = await keys.rotate(old, overlap_ms)
      if (created === undefined) throw new Trouble('ERR_KEY_ENDED')
      const { stored, key } = created
      request.log.info({ keyId: stored.id, replaces: old.id, by: callerOf(request).user }, 'key rotated')
      return reply
        .code(201)
        .header('cache-control', 'no-store')
        .send({ ...keyView(stored, null), key })
    },
  )

  app.get(
    '/v1/keys',
    {
      config: { access: keyReaders },
      schema: {
        operationId: 'listKeys',
        summary: 'Keys, newest first',
        tags,
        querystring: PageQuery,
        response: answers(200, KeyList),
      },
    },
    async (request) => {
      const { limit, cursor } = request.query
      const all = await keys.list()
      const page = pageOfAll(all, limit, cursor)
      return { ...page, items: page.items.map(({ stored, lastUsedAtMs }) => keyView(stored, lastUsedAtMs)) }
    },
  )

  app.delete(
    '/v1/keys/:id',
    {
      config: { access: administrators },
      schema: {
        operationId: 'revokeKey',
        summary: 'Revoke a key and the sessions it opened',
        tags,
        params: KeyParams,
        response: answers(200, Key),
      },
    },
    async (request) => {
      const { id } = await found(request.params.id)
      await audit.note(request, { act: 'key-revoked', target: id })
      const revoked = await keys.revoke(id)
      if (revoked === undefined) throw unknownKey(id)
      request.log.info({ keyId: id, by: callerOf(request).user }, 'key revoked')
      return keyView(revoked, null)
    },
  )
}

const unknownKey = (id: string): Trouble =>
  new Trouble('ERR_KEY_NOT_FOUND', {
    detail: { ko: `키 ${id}이(가) 없습니다.`, en: `There is no key ${id}.` },
  })

const keyView = (stored: StoredKey, lastUsedAtMs: number | null): Key => ({
  id: stored.id,
  user: stored.user,
  role: stored.role,
  note: stored.note,
  created_at_ms: stored.createdAtMs,
  expires_at_ms: stored.expiresAtMs,
  revoked_at_ms: stored.revokedAtMs,
  last_used_at_ms: lastUsedAtMs,
  replaces: stored.replaces,
})
