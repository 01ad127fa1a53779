// The API's durable numbering: a counter, a record for each idempotency key, and what may be told of a job that the
// ledger does not have yet. Requests that come together are numbered in one round trip.

import { hash } from 'node:crypto'
import type { Redis } from 'ioredis'
import { LOST_NUMBERS_MAX } from '../lost-numbers.ts'
import type { Intake, ReserveOutcome } from '../ports.ts'
import { forgetfulRun, type RedisSettings, withStoreErrors } from './connect.ts'
import { gathered } from './gathered.ts'
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

/** Two calls, so that one is on its way while the other is being written to disk. */
const bounds = { togetherMax: 256, underWayMax: 2 }

type ReserveReply = ['reserved', string] | ['replay', string, string] | ['pending', string, string] | ['mismatch']

/** A reservation as the script takes it. */
interface Asked {
  /** Empty without an idempotency key. */
  readonly recordKey: string
  readonly bodyHash: string
  readonly accepted: string
}

interface Answered {
  readonly recordKey: string
  readonly response: string
}

export function redisIntake(redis: Redis, settings: RedisSettings): Intake {
  const intakeKey = `${settings.prefix}intake`
  const serverKey = `${settings.prefix}intake:server`
  const acceptedPrefix = `${settings.prefix}reserved:`

  /** Of the server at the other end of this connection, once it was asked. */
  let run: string | undefined
  redis.on('close', () => {
    run = undefined
  })

  /** Keys are chosen by strangers: hashed, they are short and cannot run into each other. */
  function recordKey(scope: string, key: string): string {
    return `${settings.prefix}idempotency:${hash('sha256', JSON.stringify([scope, key]))}`
  }

  const reserve = gathered(bounds, (asked: readonly Asked[]) =>
    withStoreErrors(asked.length === 1 ? 'reserve a sequence number' : `reserve ${asked.length} numbers`, async () => {
      run ??= await forgetfulRun(redis)
      const replies = await runScript(
        redis,
        reserveScript,
        [intakeKey, serverKey, ...asked.map(({ recordKey }) => recordKey || intakeKey)],
        [
          ...[IDEMPOTENCY_LIFE_MS, acceptedPrefix, ACCEPTED_LIFE_MS, run, LOST_NUMBERS_MAX],
          ...asked.flatMap(({ bodyHash, accepted }) => [bodyHash, accepted]),
        ],
      )
      return replies as ReserveReply[]
    }),
  )

  const settle = gathered(bounds, (answered: readonly Answered[]) =>
    withStoreErrors('store the response to a request', async () => {
      const keys = answered.map(({ recordKey }) => recordKey)
      const responses = answered.map(({ response }) => response)
      await runScript(redis, settleScript, keys, responses)
      return answered
    }),
  )

  return {
    // What cannot be written down, or read back, fails here alone: not in the call that it shares with others.
    reserve: async ({ idempotency, accepted }) =>
      outcomeOf(
        await reserve({
          recordKey: idempotency === undefined ? '' : recordKey(idempotency.scope, idempotency.key),
          bodyHash: idempotency?.bodyHash ?? '',
          accepted: accepted === undefined ? '' : JSON.stringify(accepted),
        }),
      ),
    settle: async (scope, key, response) => {
      await settle({ recordKey: recordKey(scope, key), response: JSON.stringify(response) })
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

function outcomeOf(reply: ReserveReply): ReserveOutcome {
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
}
