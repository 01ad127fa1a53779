// Who has used the rights of an operator or administrator, on what and why: a stream of its own beside the ledger, which says what came
// of it. An entry is written before the act, so that nothing is done that is not in here; an act that failed afterwards is in here, too.

import { createHash } from 'node:crypto'
import { AuditEntry, type AuditedAct } from '@dure/contract'
import { type RedisSettings, StoreError, withStoreErrors } from '@dure/engine'
import type { FastifyRequest } from 'fastify'
import type { Redis } from 'ioredis'
import { callerOf } from './access.ts'

interface Audited {
  readonly act: AuditedAct
  /** The key, node, job or study; `center` for what concerns all of it. */
  readonly target: string
  readonly detail?: string | undefined
  readonly reason?: string | undefined
  /** Id of the command by which it is carried out. */
  readonly command?: string | undefined
}

interface AuditPage {
  /** Newest first. */
  readonly entries: readonly AuditEntry[]
  /** `seq` of the newest entry here that does not follow from the one before it. */
  readonly brokenAt: number | null
}

export interface AuditTrail {
  /** Resolves when it is durably written. Throws `StoreError`: then it must not be done. */
  note(request: FastifyRequest, audited: Audited): Promise<void>
  /** Up to `limit` entries before `before`, or the newest. */
  page(limit: number, before: number | undefined): Promise<AuditPage>
}

type Unsealed = Omit<AuditEntry, 'sha'>

/** Where entries are kept; `append` answers false where somebody else has written that `seq` meanwhile. */
interface AuditStore {
  append(entry: AuditEntry): Promise<boolean>
  /** Up to `count` entries with `seq` below `before`, newest first. */
  read(count: number, before: number | undefined): Promise<readonly AuditEntry[]>
}

const NOTHING_BEFORE = '0'.repeat(64)
/** Writers that meet at one `seq`: all but one try again. */
const ATTEMPTS_MAX = 100

export const memoryAudit = (nowMs: () => number): AuditTrail => {
  const entries: AuditEntry[] = []
  return auditTrail(
    {
      append: async (entry) => entry.seq === entries.length + 1 && entries.push(entry) > 0,
      read: async (count, before = entries.length + 1) =>
        entries
          .slice(0, before - 1)
          .reverse()
          .slice(0, count),
    },
    nowMs,
  )
}

/** `nowMs` is wall time since 1970. */
export function redisAudit(redis: Redis, { prefix }: RedisSettings, nowMs: () => number): AuditTrail {
  const key = `${prefix}audit`
  return auditTrail(
    {
      append: (entry) =>
        withStoreErrors('write the audit trail', async () => {
          try {
            await redis.xadd(key, `${entry.seq}-0`, 'entry', JSON.stringify(entry))
            return true
          } catch (error) {
            // An id that is not above the last one: it has been taken.
            if (error instanceof Error && error.message.includes('equal or smaller')) return false
            throw error
          }
        }),
      read: (count, before) =>
        withStoreErrors('read the audit trail', async () => {
          const from = before === undefined ? '+' : `(${before}-0`
          const found = await redis.xrevrange(key, from, '-', 'COUNT', count)
          return found.map(([, fields]) => AuditEntry.parse(JSON.parse(fields[1] ?? 'null')))
        }),
    },
    nowMs,
  )
}

function auditTrail(store: AuditStore, nowMs: () => number): AuditTrail {
  return {
    note: async (request, { act, target, detail, reason, command }) => {
      const { user, role, keyId, via } = callerOf(request)
      for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
        const [last] = await store.read(1, undefined)
        const entry: Unsealed = {
          seq: (last?.seq ?? 0) + 1,
          at_ms: nowMs(),
          user,
          role,
          key: keyId,
          via,
          act,
          target,
          detail: detail ?? null,
          reason: reason ?? null,
          command: command ?? null,
          request_id: request.id,
        }
        if (await store.append({ ...entry, sha: seal(last?.sha ?? NOTHING_BEFORE, entry) })) return
      }
      throw new StoreError('none', 'write the audit trail', 'too many others write it')
    },
    page: async (limit, before) => {
      // One more, to check the last one by.
      const read = await store.read(limit + 1, before)
      const entries = read.slice(0, limit)
      const broken = entries.find((entry, i) => !follows(entry, read[i + 1]))
      return { entries, brokenAt: broken?.seq ?? null }
    },
  }
}

function follows({ sha, ...entry }: AuditEntry, previous: AuditEntry | undefined): boolean {
  if ((previous?.seq ?? 0) !== entry.seq - 1) return false
  return sha === seal(previous?.sha ?? NOTHING_BEFORE, entry)
}

/** Over the fields by name, in an order that does not depend on who wrote them down. */
function seal(before: string, entry: Unsealed): string {
  const fields = Object.entries(entry).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256')
    .update(`${before}\n${JSON.stringify(fields)}`)
    .digest('hex')
}
