// What the page asks the center over HTTP. Every answer is checked against the contract's schema and comes back as a value:
// what was asked for, a problem in the center's own words, or no answer at all.

import { type Language, Problem, problemOf } from '@dure/contract'
import type { z } from 'zod'

export type Answer<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'problem'; readonly problem: Problem }
  | { readonly kind: 'unreachable' }

/** What went wrong in one sentence; `unreachable` is the page's own word for no answer. */
export const detailOf = (answer: Exclude<Answer<unknown>, { kind: 'ok' }>, unreachable: string): string =>
  answer.kind === 'problem' ? answer.problem.detail : unreachable

export const isSignedOut = (answer: Answer<unknown>): boolean =>
  answer.kind === 'problem' && answer.problem.status === 401

interface Sending {
  readonly method: 'POST' | 'DELETE'
  readonly body?: unknown
  readonly idempotencyKey?: string
}

/** Long enough for a center that is catching up, short enough that nobody stares at a dead page. */
const PATIENCE_MS = 15_000

async function ask<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  language: Language,
  sending?: Sending,
): Promise<Answer<z.output<Schema>>> {
  let response: Response
  let value: unknown
  try {
    response = await fetch(path, {
      method: sending?.method ?? 'GET',
      headers: {
        Accept: 'application/json',
        'Accept-Language': language,
        ...(sending?.body !== undefined && { 'Content-Type': 'application/json' }),
        ...(sending?.idempotencyKey !== undefined && { 'Idempotency-Key': sending.idempotencyKey }),
      },
      credentials: 'same-origin',
      signal: AbortSignal.timeout(PATIENCE_MS),
      ...(sending?.body !== undefined && { body: JSON.stringify(sending.body) }),
    })
    value = await response.json()
  } catch {
    // No connection, no answer in time, or a proxy's page instead of the center's.
    return { kind: 'unreachable' }
  }
  if (!response.ok) {
    const read = Problem.safeParse(value)
    return { kind: 'problem', problem: read.success ? read.data : problemOf('ERR_BAD_ANSWER', language) }
  }
  const read = schema.safeParse(value)
  return read.success
    ? { kind: 'ok', value: read.data }
    : { kind: 'problem', problem: problemOf('ERR_BAD_ANSWER', language) }
}

export const read = <Schema extends z.ZodType>(path: string, schema: Schema, language: Language) =>
  ask(path, schema, language)

export const send = <Schema extends z.ZodType>(path: string, schema: Schema, language: Language, sending: Sending) =>
  ask(path, schema, language, sending)
