// The few scalar forms that every request and answer is made of.

import { z } from 'zod'

/** Live times: integer milliseconds since 1970-01-01 UTC on the center's own clock. */
export const AtMs = z.int().min(0)
export const Ms = z.int().min(0)
export const Count = z.int().min(0)
export const JobId = z.int().min(1)

/** Position in the ledger; also the SSE `id:` and `Last-Event-ID`. */
export const Revision = z.int().min(0)

/** Names of accounts, users and pools: letters (Hangul too), digits and `. _ @ -`, starting with a letter or digit. */
export const Name = z
  .string()
  .max(64)
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._@-]*$/u)

export const AcceleratorKind = z.enum(['gpu', 'npu', 'pim'])

/** One sentence in Korean and in English. */
export const Sentence = z.object({ ko: z.string(), en: z.string() })

/** A decimal integer that may exceed 2^53, such as exact accelerator-milliseconds. */
export const BigCount = z.string().regex(/^\d+$/)

/** One page of a list. `next_cursor` goes back as `?cursor=` unchanged; null on the last page. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next_cursor: z.string().nullable() })

/** What every list route accepts. */
export const PageQuery = z.strictObject({
  limit: z.coerce.number<string>().int().min(1).max(200).default(50),
  cursor: z.string().min(1).max(512).optional(),
})

/** `GET /v1/jobs/{id}` and its relatives. */
export const JobParams = z.strictObject({ id: z.coerce.number<string>().int().min(1).max(Number.MAX_SAFE_INTEGER) })

/** The header every POST that creates accepts: 1 to 128 visible ASCII characters, kept for 24 hours. */
export const IdempotencyKey = z
  .string()
  .max(128)
  .regex(/^[\x21-\x7e]+$/)
