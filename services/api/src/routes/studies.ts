// Studies: ask, follow, read what came of them. Workers do the work (services/studies); here questions are checked and kept, and rows
// handed out.

import {
  CreateStudy,
  PageQuery,
  preferredLanguage,
  type ResultRow,
  StudyList,
  StudyParams,
  StudyResults,
  StudyView,
} from '@dure/contract'
import type { Intake, Studies, StudyRecord } from '@dure/engine'
import { inOrder, nextUnits, type Study, studyId, unitsExpected } from '@dure/study'
import { z } from 'zod'
import { callerOf, operates, planners, studyReaders } from '../access.ts'
import type { Api } from '../api.ts'
import type { AuditTrail } from '../audit-trail.ts'
import { type Idempotency, idempotencyOf } from '../idempotency.ts'
import { answers } from '../openapi.ts'
import { pageOfAll } from '../page.ts'
import type { StudyDesk } from '../study-desk.ts'
import { Trouble } from '../trouble.ts'

/** A scenario with everything that it extends; that of a whole nation is some 60 KB. */
const BODY_BYTES_MAX = 2 * 1024 * 1024
/** What is checked and drawn in a thread may take its time. */
const SLOW_MS_MAX = 60_000

export interface StudyRouteOptions {
  readonly studies: Studies
  readonly intake: Intake
  readonly desk: StudyDesk
  readonly audit: AuditTrail
  readonly nowMs: () => number
}

export function studyRoutes(app: Api, { studies, intake, desk, audit, nowMs }: StudyRouteOptions): void {
  const tags = ['studies']
  /** What lists say of a study never changes, but for its standing. */
  const asked = new Map<string, Study>()

  async function found(id: string): Promise<StudyRecord> {
    const record = await studies.find(id)
    if (record !== undefined) return record
    throw new Trouble('ERR_STUDY_NOT_FOUND', {
      detail: { ko: `스터디 ${id}이(가) 없습니다.`, en: `There is no study ${id}.` },
    })
  }

  async function studyOfId(id: string): Promise<Study> {
    const known = asked.get(id)
    if (known !== undefined) return known
    const study = (await found(id)).study as Study
    asked.set(id, study)
    return study
  }

  /** Reserves the key, where there is one. undefined: the answer was given before, and is to be given again. */
  async function answeredBefore(idempotency: Idempotency | undefined): Promise<StudyView | undefined> {
    if (idempotency === undefined) return undefined
    const reserved = await intake.reserve({ idempotency })
    if (reserved.kind === 'mismatch') throw new Trouble('ERR_IDEMPOTENCY_MISMATCH')
    return reserved.kind === 'replay' ? (reserved.response as StudyView) : undefined
  }

  app.post(
    '/v1/studies',
    {
      config: { access: planners, answerMsMax: SLOW_MS_MAX },
      bodyLimit: BODY_BYTES_MAX,
      schema: {
        operationId: 'createStudy',
        summary: 'Ask for a study',
        description:
          'Answers 202 once the question is durably kept. Equal questions are one study: asked again, one that has failed or was cancelled goes on from its rows.',
        tags,
        body: CreateStudy,
        response: answers(202, StudyView),
      },
    },
    async (request, reply) => {
      const idempotency = idempotencyOf(request)
      const before = await answeredBefore(idempotency)
      if (before !== undefined) {
        return reply.code(202).header('idempotent-replayed', 'true').header('location', before.links.self).send(before)
      }
      const language = preferredLanguage(request.headers['accept-language'])
      const answer = await desk.read(request.body, language)
      if (answer.kind === 'findings') throw new Trouble('ERR_INVALID_REQUEST', { findings: () => answer.findings })
      const { study } = answer
      const id = studyId(study)
      const begun = await studies.begin({ id, study, askedBy: callerOf(request).user, askedAtMs: nowMs() })
      // A worker would find them too, in its own time.
      if (begun !== 'known') await studies.dispatch(id, nextUnits(study, (await studies.rows(id)) as ResultRow[]))
      request.log.info({ study: id, begun }, 'study asked for')
      const view = viewOf(study, await found(id))
      if (idempotency !== undefined) await intake.settle(idempotency.scope, idempotency.key, view)
      return reply.code(202).header('location', view.links.self).send(view)
    },
  )

  app.get(
    '/v1/studies',
    {
      config: { access: studyReaders, tagged: true },
      schema: {
        operationId: 'listStudies',
        summary: 'Studies, newest first',
        tags,
        querystring: PageQuery,
        response: answers(200, StudyList),
      },
    },
    async (request) => {
      const { limit, cursor } = request.query
      const all = await studies.list()
      const known = new Set(all.map(({ id }) => id))
      for (const id of asked.keys()) if (!known.has(id)) asked.delete(id)
      const page = pageOfAll(all, limit, cursor)
      const items = await Promise.all(page.items.map(async (one) => viewOf(await studyOfId(one.id), one)))
      return { ...page, items }
    },
  )

  app.get(
    '/v1/studies/:id',
    {
      config: { access: studyReaders },
      schema: {
        operationId: 'getStudy',
        summary: 'One study',
        tags,
        params: StudyParams,
        response: answers(200, StudyView),
      },
    },
    async (request) => {
      const record = await found(request.params.id)
      return viewOf(record.study as Study, record)
    },
  )

  app.delete(
    '/v1/studies/:id',
    {
      config: { access: planners },
      schema: {
        operationId: 'cancelStudy',
        summary: 'Cancel a study; its rows stay',
        tags,
        params: StudyParams,
        response: answers(200, StudyView),
      },
    },
    async (request) => {
      const { id } = request.params
      const record = await found(id)
      const caller = callerOf(request)
      if (record.askedBy !== caller.user && !operates(caller)) {
        throw new Trouble('ERR_ROLE', {
          detail: {
            ko: `스터디를 요청한 사람은 ${record.askedBy}입니다. 그 사람이나 operator, administrator만 취소할 수 있습니다.`,
            en: `The study is ${record.askedBy}'s; only who asked for it, an operator or an administrator may cancel it.`,
          },
        })
      }
      if (record.askedBy !== caller.user) {
        await audit.note(request, { act: 'study-cancelled', target: id, detail: `study of ${record.askedBy}` })
      }
      if (!(await studies.end(id, 'cancelled'))) throw new Trouble('ERR_STUDY_ENDED')
      request.log.info({ study: id }, 'study cancelled')
      return viewOf(record.study as Study, await found(id))
    },
  )

  app.get(
    '/v1/studies/:id/results',
    {
      config: { access: studyReaders, tagged: true },
      schema: {
        operationId: 'getStudyResults',
        summary: 'The rows of a study, as far as there are any',
        tags,
        params: StudyParams,
        response: answers(200, StudyResults),
      },
    },
    async (request) => {
      const { id } = request.params
      return inOrder(await studyOfId(id), (await studies.rows(id)) as ResultRow[])
    },
  )

  app.get(
    '/v1/studies/:id/report',
    {
      config: { access: studyReaders, answerMsMax: SLOW_MS_MAX },
      schema: {
        operationId: 'getStudyReport',
        summary: 'The report of a study, as one HTML page',
        tags,
        params: StudyParams,
        produces: ['text/html'],
        response: { default: z.string() },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const study = await studyOfId(id)
      const rows = (await studies.rows(id)) as ResultRow[]
      if (rows.length === 0) throw new Trouble('ERR_STUDY_EMPTY')
      const html = await desk.report(study, rows)
      // The page lets in what it brings along, by its hashes, and nothing else.
      const own = /Content-Security-Policy" content="([^"]+)"/.exec(html)?.[1]
      if (own !== undefined) reply.header('content-security-policy', `${own}; frame-ancestors 'none'`)
      return reply.type('text/html; charset=utf-8').serializer(String).send(html)
    },
  )
}

function viewOf(study: Study, record: Omit<StudyRecord, 'study'>): StudyView {
  const { id, state, sentence, askedBy, askedAtMs, rows } = record
  const self = `/v1/studies/${id}`
  return {
    id,
    name: study.name,
    title: study.title,
    kind: study.kind,
    state,
    detail: sentence,
    asked_by: askedBy,
    asked_at_ms: askedAtMs,
    rows,
    rows_expected: state === 'completed' ? rows : Math.max(rows, unitsExpected(study, [])),
    links: { self, results: `${self}/results`, report: `${self}/report` },
  }
}
