// A share tree with usage, as `dure fairtree` reads it: JSON of nested accounts and users.

import { z } from 'zod'
import { findingsOf } from './findings.ts'
import type { Finding } from './problem.ts'

const shares = z.union([z.number().min(0), z.literal('parent')])
const usage = z.number().min(0)

export interface FairTreeUser {
  readonly type: 'user'
  readonly name: string
  readonly shares: number | 'parent'
  readonly usage: number
}

export interface FairTreeAccount {
  readonly type: 'account'
  readonly name: string
  readonly shares: number | 'parent'
  readonly children: readonly (FairTreeAccount | FairTreeUser)[]
}

const User = z.strictObject({ type: z.literal('user'), name: z.string().min(1), shares, usage: usage.default(0) })

/** An account may state a usage as Slurm's printouts do; it is the sum of its users' and therefore not read. */
const Account = z.strictObject({
  type: z.literal('account'),
  name: z.string().min(1),
  shares: shares.default(1),
  usage: usage.optional(),
  get children(): z.ZodType<FairTreeAccount['children']> {
    return z.array(z.discriminatedUnion('type', [Account, User])).default([])
  },
})

export type FairTreeReading =
  | { readonly ok: true; readonly tree: FairTreeAccount }
  | { readonly ok: false; readonly findings: readonly Finding[] }

/** Deeper trees than this are a slip, and would otherwise end in a stack overflow. */
const DEPTH_MAX = 100

function depthOf(text: string): number {
  let depth = 0
  let deepest = 0
  for (const character of text) {
    if (character === '{') deepest = Math.max(deepest, ++depth)
    else if (character === '}') depth--
  }
  return deepest
}

/** Reads the file's text: the root account with everything below it. */
export function readFairTreeFile(text: string): FairTreeReading {
  const failure = (code: string, detail: string): FairTreeReading => ({
    ok: false,
    findings: [{ pointer: '', code, detail }],
  })
  if (depthOf(text) > DEPTH_MAX) return failure('too_deep', `The tree is more than ${DEPTH_MAX} levels deep.`)
  let value: unknown
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    return failure('json', `The file is not valid JSON: ${(error as Error).message}.`)
  }
  const read = Account.safeParse(value)
  if (read.success) return { ok: true, tree: read.data }
  return { ok: false, findings: findingsOf(read.error.issues, value, ['type', 'name', 'shares', 'children', 'usage']) }
}
