// The service about itself: version, readiness, keys, and who used the rights of an operator.

import { z } from 'zod'
import { AtMs, Count, Name, pageOf, Revision } from './primitive.ts'

export const Version = z.object({
  name: z.literal('dure'),
  version: z.string(),
  node: z.string(),
  /** Hash of the source revision where the build knows it. */
  commit: z.string().nullable(),
})
export type Version = z.output<typeof Version>

export const Livez = z.object({ status: z.literal('ok') })

/** What a 202 promises, by the Redis it stands on. */
export const Durability = z.enum(['fsync-always', 'fsync-everysec', 'memory-only'])

/** 200 when `status` is `ready`, else 503 with the same body: every check by name, with one sentence where it fails. */
export const Readyz = z.object({
  status: z.enum(['ready', 'not-ready']),
  durability: Durability.nullable(),
  revision: Revision.nullable(),
  checks: z.array(
    z.object({
      name: z.enum(['redis', 'leader', 'ledger', 'executors']),
      ok: z.boolean(),
      detail: z.string().nullable(),
    }),
  ),
})
export type Readyz = z.output<typeof Readyz>

/** researcher: own accounts' jobs. planner: + studies. operator: + nodes, everyone's jobs. administrator: all. auditor: reads all, changes nothing. */
export const Role = z.enum(['researcher', 'planner', 'operator', 'administrator', 'auditor'])
export type Role = z.output<typeof Role>

export const CreateKey = z.strictObject({
  user: Name,
  role: Role,
  note: z.string().max(200).optional(),
  /** Default: never. */
  expires_at_ms: AtMs.optional(),
})
export type CreateKey = z.output<typeof CreateKey>

export const Key = z.object({
  id: z.string(),
  user: z.string(),
  role: Role,
  note: z.string().nullable(),
  created_at_ms: AtMs,
  expires_at_ms: AtMs.nullable(),
  revoked_at_ms: AtMs.nullable(),
  last_used_at_ms: AtMs.nullable(),
  /** The key in whose place it was made. */
  replaces: z.string().nullable(),
})
export type Key = z.output<typeof Key>
export const KeyList = pageOf(Key)
export type KeyList = z.output<typeof KeyList>
export const KeyParams = z.strictObject({ id: z.string().min(1).max(64) })

/** The only answer that ever shows the secret. */
export const CreatedKey = Key.extend({ key: z.string() })
export type CreatedKey = z.output<typeof CreatedKey>

/** Both keys are good for so long, 24 hours where nothing is said; 0 ends the old one at once. */
export const RotateKey = z.strictObject({
  overlap_ms: z
    .int()
    .min(0)
    .max(30 * 86_400_000)
    .default(86_400_000),
})
export type RotateKey = z.output<typeof RotateKey>

/** `POST /v1/sign-in-links` → 201: an address that signs a browser in as the holder of the key, once. */
export const SignInLink = z.object({ url: z.string(), expires_at_ms: AtMs })
export type SignInLink = z.output<typeof SignInLink>

/** `GET /v1/me`: who the key or session stands for, and the accounts that user may charge. */
export const Me = z.object({
  user: z.string(),
  role: Role,
  accounts: z.array(z.string()),
  jobs_pending: Count,
  jobs_running: Count,
})
export type Me = z.output<typeof Me>

export const AuditedAct = z.enum([
  'key-made',
  'key-rotated',
  'key-revoked',
  'node-drained',
  'node-resumed',
  'power-capped',
  'job-cancelled',
  'job-held',
  'job-released',
  'study-cancelled',
])
export type AuditedAct = z.output<typeof AuditedAct>

/** Written before the act is carried out: who has asked for what, as somebody who may do it to others. */
export const AuditEntry = z.object({
  /** From 1 without gaps. */
  seq: z.int().min(1),
  /** Wall time. */
  at_ms: AtMs,
  user: z.string(),
  role: Role,
  /** The key that was sent or that opened the session, or whose token it was. */
  key: z.string(),
  via: z.enum(['key', 'session', 'token']),
  act: AuditedAct,
  /** The key, node, job or study it was done to; `center` for the power cap. */
  target: z.string(),
  /** What was asked for beyond the act: a role, a cap, an overlap. */
  detail: z.string().nullable(),
  reason: z.string().nullable(),
  /** Under which id the ledger has it and says what came of it; null: it is no command. */
  command: z.string().nullable(),
  /** Of the request, as in the log. */
  request_id: z.string(),
  /** SHA-256 over the sha of the entry before and this one: none can be changed or left out unseen. */
  sha: z.string(),
})
export type AuditEntry = z.output<typeof AuditEntry>

/** `GET /v1/audit`: newest first. `broken_at`: the newest entry of the page that does not follow from the one before it. */
export const AuditList = pageOf(AuditEntry).extend({ broken_at: z.int().nullable() })
export type AuditList = z.output<typeof AuditList>
