// Who has used the rights of an operator or administrator.

import { AuditList, PageQuery } from '@dure/contract'
import { keyReaders } from '../access.ts'
import type { Api } from '../api.ts'
import type { AuditTrail } from '../audit-trail.ts'
import { answers } from '../openapi.ts'
import { cursorAfter, readCursor } from '../page.ts'

export function auditRoutes(app: Api, audit: AuditTrail): void {
  app.get(
    '/v1/audit',
    {
      config: { access: keyReaders },
      schema: {
        operationId: 'listAudit',
        summary: 'Who did what as operator or administrator, newest first',
        description:
          'Each entry is sealed with the one before it; `broken_at` names the newest one that is not what was written.',
        tags: ['keys'],
        querystring: PageQuery,
        response: answers(200, AuditList),
      },
    },
    async (request) => {
      const { limit, cursor } = request.query
      const { entries, brokenAt } = await audit.page(limit, readCursor(cursor))
      const last = entries.at(-1)
      const isMore = entries.length === limit && last !== undefined && last.seq > 1
      return { items: [...entries], next_cursor: isMore ? cursorAfter(last.seq) : null, broken_at: brokenAt }
    },
  )
}
