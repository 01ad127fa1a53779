// What makes two requests one: whose they are, where they go, the Idempotency-Key and all that was sent.

import { hash } from 'node:crypto'
import { IdempotencyKey } from '@dure/contract'
import type { Reservation } from '@dure/engine'
import type { FastifyRequest } from 'fastify'
import { callerOf } from './access.ts'
import { Trouble } from './trouble.ts'

export type Idempotency = NonNullable<Reservation['idempotency']>

/** Undefined: the request came without a key. Throws ERR_INVALID_IDEMPOTENCY_KEY. */
export function idempotencyOf(request: FastifyRequest): Idempotency | undefined {
  const given = request.headers['idempotency-key']
  if (given === undefined) return undefined
  const read = IdempotencyKey.safeParse(given)
  if (!read.success) throw new Trouble('ERR_INVALID_IDEMPOTENCY_KEY')
  return {
    scope: `${callerOf(request).user} ${request.method} ${request.routeOptions.url}`,
    key: read.data,
    bodyHash: hash('sha256', JSON.stringify(request.body)),
  }
}
