// The service about itself: version, readiness, keys.

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
})
export type Key = z.output<typeof Key>
export const KeyList = pageOf(Key)
export type KeyList = z.output<typeof KeyList>
export const KeyParams = z.strictObject({ id: z.string().min(1).max(64) })

/** The only answer that ever shows the secret. */
export const CreatedKey = Key.extend({ key: z.string() })
export type CreatedKey = z.output<typeof CreatedKey>

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
