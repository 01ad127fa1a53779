// `GET /v1/events`: server-sent events. `event:` is the name of a schema below, `data:` its JSON, `id:` the revision.
//
// - `commit` carries an `id:`, one per ledger entry that changed something people see; nothing is left out between two ids.
// - `overview` is a snapshot, at most one a second and without `id:`: only the newest matters.
// - `reset` means the `Last-Event-ID` is older than what is kept (or from another ledger): read `snapshot`, then go on from `revision`.

import { z } from 'zod'
import { NodeState } from './center.ts'
import { HoldBy, JobState, StartCause } from './job.ts'
import { Overview } from './overview.ts'
import { AtMs, Count, JobId, Revision } from './primitive.ts'

const JobChange = z.object({
  type: z.literal('job'),
  job: JobId,
  state: JobState,
  account: z.string(),
  user: z.string(),
  pool: z.string().nullable(),
  attempt: Count,
  held_by: HoldBy.nullable(),
  start_cause: StartCause.nullable(),
  reason: z.string().nullable(),
})
const NodeChange = z.object({ type: z.literal('node'), node: z.string(), state: NodeState })
/** In watts; null: no cap any more. */
const PowerCapChange = z.object({ type: z.literal('power-capped'), cap_w: z.number().min(0).nullable() })
const Rejection = z.object({ type: z.literal('rejected'), command: z.string(), reason: z.string() })

export const Change = z.discriminatedUnion('type', [JobChange, NodeChange, PowerCapChange, Rejection])
export type Change = z.output<typeof Change>

export const CommitEvent = z.object({ revision: Revision, at_ms: AtMs, changes: z.array(Change) })
export type CommitEvent = z.output<typeof CommitEvent>

export const ResetEvent = z.object({ revision: Revision, snapshot: z.string() })
export type ResetEvent = z.output<typeof ResetEvent>

export const events = { commit: CommitEvent, overview: Overview, reset: ResetEvent } as const
export type EventName = keyof typeof events
export type EventData = {
  [Name in EventName]: { readonly event: Name; readonly data: z.output<(typeof events)[Name]> }
}[EventName]

/** `after` starts the stream behind a revision, for readers that cannot send `Last-Event-ID`; the header wins. */
export const EventsQuery = z.strictObject({
  after: z.coerce.number<string>().int().min(0).optional(),
  only: z.enum(['commit', 'overview']).optional(),
})
export type EventsQuery = z.output<typeof EventsQuery>
