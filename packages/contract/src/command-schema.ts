// `Command` of the core as it crosses a process boundary. The core trusts what it is given; this is where the trust comes from.

import type { Command } from '@dure/core'
import { z } from 'zod'

const job = z.int().min(1)
const holdBy = z.enum(['user', 'admin'])

const JobRequest = z.strictObject({
  pools: z.array(z.string().min(1)).min(1).readonly(),
  speedsMille: z.array(z.int().min(1)).readonly().optional(),
  nodes: z.int().min(1),
  acceleratorsMilli: z.int().min(0),
  cpuMilli: z.int().min(0),
  memoryMib: z.int().min(0),
})

/** Mirrors `Command`; the types are compared at compile time in the test beside this file. */
export const CommandSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('submit'),
    job,
    account: z.string(),
    user: z.string(),
    request: JobRequest,
    timeLimitMs: z.int().min(0),
    held: holdBy.nullable(),
    label: z.string().max(8_192),
  }),
  z.strictObject({ type: z.literal('cancel'), job }),
  z.strictObject({ type: z.literal('hold'), job, by: holdBy }),
  z.strictObject({ type: z.literal('release'), job, by: holdBy }),
  z.strictObject({ type: z.literal('finish'), job, attempt: z.int().min(1), exitCode: z.int() }),
  z.strictObject({
    type: z.literal('node'),
    pool: z.string(),
    node: z.int().min(0),
    to: z.enum(['up', 'drain', 'down']),
  }),
  z.strictObject({
    type: z.literal('target'),
    targets: z
      .array(
        z.strictObject({ account: z.string(), user: z.string(), pool: z.string(), acceleratorsMilli: z.int().min(0) }),
      )
      .readonly(),
  }),
  z.strictObject({ type: z.literal('power-cap'), capW: z.int().min(0).nullable() }),
  z.strictObject({ type: z.literal('reject'), command: z.string(), reason: z.string() }),
]) satisfies z.ZodType<Command>
