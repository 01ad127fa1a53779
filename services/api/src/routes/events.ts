// The event stream.

import { EventsQuery } from '@dure/contract'
import type { ReadModel } from '@dure/engine'
import { callerOf, everyone, maySee, seesEverything, visibleAccounts } from '../access.ts'
import type { Api } from '../api.ts'
import type { EventStreams } from '../event-stream.ts'
import type { KeyRing } from '../keys.ts'
import type { CenterGlance } from '../overview.ts'
import { Trouble } from '../trouble.ts'

/** Open streams of one caller. */
const STREAMS_MAX = 32
/** Another API process may have folded more than this one: so long its revision is waited for. */
const CATCH_UP_MS_MAX = 1000

export interface EventRouteOptions {
  readonly model: ReadModel
  readonly glance: CenterGlance
  readonly streams: EventStreams
  readonly keys: Pick<KeyRing, 'whenRevoked'>
}

export function eventRoutes(app: Api, { model, glance, streams, keys }: EventRouteOptions): void {
  app.get(
    '/v1/events',
    {
      config: { access: everyone },
      schema: {
        operationId: 'streamEvents',
        summary: 'Server-sent events: commits as they happen, and the center at a glance',
        description:
          'Events `commit` (with `id:`, the revision), `overview` (at most one a second) and `reset` (what you missed is gone: read the snapshot and go on). Send `Last-Event-ID` to resume.',
        tags: ['events'],
        querystring: EventsQuery,
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      const { config } = model.center ?? {}
      if (config === undefined) throw new Trouble('ERR_CATCHING_UP', { retryAfterS: 1 })
      const after = readLastEventId(request.headers['last-event-id']) ?? request.query.after
      if (streams.sizeOf(caller.keyId) >= STREAMS_MAX) {
        throw new Trouble('ERR_RATE_LIMITED', {
          retryAfterS: 10,
          detail: {
            ko: `한 키로 여는 이벤트 스트림은 ${STREAMS_MAX}개까지입니다.`,
            en: `One key may keep ${STREAMS_MAX} event streams open.`,
          },
        })
      }
      if (after !== undefined && after > model.revision) await model.atRevision(after, CATCH_UP_MS_MAX)

      const accounts = visibleAccounts(caller, config)
      const response = reply.raw
      reply.hijack()
      response.once(
        'close',
        keys.whenRevoked(caller.keyId, () => response.destroy()),
      )
      response.writeHead(200, {
        ...(reply.getHeaders() as Record<string, string>),
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      })
      streams.open({
        response,
        owner: caller.keyId,
        view: {
          // What somebody may see hangs on who it is and on the accounts that a token names, and on nothing else.
          name: accounts === undefined ? 'everything' : JSON.stringify([caller.user, caller.accounts && [...accounts]]),
          overview: () => glance.overview((job) => maySee(caller, config, job)),
          shows: (change) => {
            if (change.type === 'node' || change.type === 'power-capped') return true
            if (change.type === 'rejected') return seesEverything(caller)
            return maySee(caller, config, change)
          },
        },
        only: request.query.only,
        after,
      })
    },
  )
}

function readLastEventId(header: string | string[] | undefined): number | undefined {
  if (header === undefined || header === '') return undefined
  const id = Number(header)
  if (typeof header !== 'string' || !/^\d+$/.test(header) || !Number.isSafeInteger(id))
    throw new Trouble('ERR_EVENT_ID')
  return id
}
