// The API's durable numbering: a counter, a record for each idempotency key, and what may be told of a job that the
// ledger does not have yet.

import { createHash } from 'node:crypto'
import type { Redis } from 'ioredis'
import type { Intake, Reservation, ReserveOutcome } from '../ports.ts'
import { type RedisSettings, withStoreErrors } from './connect.ts'
import { loadScript, runScript } from './script.ts'

const reserveScript = loadScript('intake-reserve')
const settleScript = loadScript('intake-settle')
const continueScript = loadScript('intake-continue')

const DAY_MS = 86_400_000
const IDEMPOTENCY_LIFE_MS = DAY_MS
/** Long enough for a scheduler that is down over a long week-end. */
const ACCEPTED_LIFE_MS = 7 * DAY_MS
/** Another API process may fold a little later than the one that says it has. */
const FOLDED_LIFE_MS = 60_000

type ReserveReply = ['reserved', string] | ['replay', string, string] | ['pending', string, string] | ['mismatch']

export function redisIntake(redis: Redis, settings: RedisSettings): Intake {
  const intakeKey = `${settings.prefix}intake`
  const acceptedPrefix = `${settings.prefix}reserved:`

  /** Keys are chosen by strangers: hashed, they are short and cannot run into each other. */
  function recordKey(scope: string, key: string): string {
    const digest = createHash('sha256')
      .update(JSON.stringify([scope, key]))
      .digest('hex')
    return `${settings.prefix}idempotency:${digest}`
  }

  function reserve({ idempotency, accepted }: Reservation): Promise<ReserveOutcome> {
    return withStoreErrors('reserve a sequence number', async () => {
      const reply = (await runScript(
        redis,
        reserveScript,
        [intakeKey, idempotency === undefined ? intakeKey : recordKey(idempotency.scope, idempotency.key)],
        [
          idempotency?.bodyHash ?? '',
          IDEMPOTENCY_LIFE_MS,
          accepted === undefined ? '' : JSON.stringify(accepted),
          acceptedPrefix,
          ACCEPTED_LIFE_MS,
        ],
      )) as ReserveReply
      switch (reply[0]) {
        case 'reserved':
          return { kind: 'reserved', seq: Number(reply[1]) }
        case 'replay':
          return { kind: 'replay', seq: Number(reply[1]), response: JSON.parse(reply[2]) }
        case 'pending':
          return { kind: 'pending', seq: Number(reply[1]), ageMs: Math.max(Number(reply[2]), 0) }
        case 'mismatch':
          return { kind: 'mismatch' }
      }
    })
  }

  return {
    reserve,
    settle: async (scope, key, response) => {
      await withStoreErrors('store the response to a request', () =>
        runScript(redis, settleScript, [recordKey(scope, key)], [JSON.stringify(response)]),
      )
    },
    accepted: async (job) => {
      const json = await withStoreErrors(`look up job ${job}`, () => redis.get(`${acceptedPrefix}${job}`))
      return json === null ? undefined : JSON.parse(json)
    },
    folded: async (jobs) => {
      if (jobs.length === 0) return
      await withStoreErrors('let go of accepted jobs', async () => {
        const pipeline = redis.pipeline()
        for (const job of jobs) pipeline.pexpire(`${acceptedPrefix}${job}`, FOLDED_LIFE_MS)
        await pipeline.exec()
      })
    },
    continueAfter: async (seq) => {
      await withStoreErrors('continue the intake', () => runScript(redis, continueScript, [intakeKey], [seq]))
    },
    last: async () => Number((await withStoreErrors('read the intake', () => redis.get(intakeKey))) ?? 0),
  }
}
