// Jobs: submit, look at, cancel, hold, release, and ask why one waits.

import {
  type AuditedAct,
  Explain,
  Job,
  JobAccepted,
  JobActAccepted,
  JobList,
  JobListQuery,
  JobParams,
  SubmitJob,
} from '@dure/contract'
import type { CenterConfig, Command, SubmitCommand } from '@dure/core'
import type { JobRecord, ReadModel } from '@dure/engine'
import type { FastifyRequest } from 'fastify'
import type { AcceptedJobs } from '../accepted-jobs.ts'
import { callerOf, everyone, maySee, operates, submitters, visibleAccounts, withinAccounts } from '../access.ts'
import type { Api } from '../api.ts'
import type { AuditTrail } from '../audit-trail.ts'
import { idempotencyOf } from '../idempotency.ts'
import { acceptedJobView, explainAccepted, explainView, jobView, reasonOf } from '../job-view.ts'
import type { Caller } from '../keys.ts'
import type { Metrics } from '../metrics.ts'
import { answers } from '../openapi.ts'
import { cursorAfter, readCursor } from '../page.ts'
import type { Pulse } from '../pulse.ts'
import type { Submissions } from '../submission.ts'
import { Trouble } from '../trouble.ts'

export interface JobRouteOptions {
  readonly model: ReadModel
  readonly pulse: Pulse
  readonly accepted: AcceptedJobs
  readonly submissions: Submissions
  readonly metrics: Metrics
  readonly audit: AuditTrail
}

type Found =
  | { readonly kind: 'known'; readonly record: JobRecord }
  | { readonly kind: 'accepted'; readonly command: SubmitCommand }

const ENDED_STATES = new Set(['COMPLETED', 'FAILED', 'CANCELLED', 'TIMEOUT', 'NODE_FAIL'])

export function jobRoutes(app: Api, { model, pulse, accepted, submissions, metrics, audit }: JobRouteOptions): void {
  const tags = ['jobs']

  /** The center, as far as it is known. Throws ERR_CATCHING_UP before its configuration is. */
  function configured(): CenterConfig {
    if (model.center === undefined) throw new Trouble('ERR_CATCHING_UP', { retryAfterS: 1 })
    return model.center.config
  }

  const moment = (config: CenterConfig) => ({ config, nowMs: pulse.centerNowMs(), revision: model.revision })

  async function find(request: FastifyRequest, job: number): Promise<Found> {
    const config = configured()
    request.jobId = job
    const caller = callerOf(request)
    const notFound = () =>
      new Trouble('ERR_JOB_NOT_FOUND', {
        detail: { ko: `작업 ${job}이(가) 없습니다.`, en: `There is no job ${job}.` },
      })
    const record = model.jobs.get(job)
    if (record !== undefined) {
      if (!maySee(caller, config, record)) throw notFound()
      return { kind: 'known', record }
    }
    const command = await accepted.find(job)
    // While the store was asked, a commit may have taken it up.
    const since = model.jobs.get(job)
    if (since !== undefined && maySee(caller, config, since)) return { kind: 'known', record: since }
    if (command === undefined || !maySee(caller, config, command)) throw notFound()
    return { kind: 'accepted', command }
  }

  /** A job that has not ended and that the caller may change. */
  async function findToChange(request: FastifyRequest, job: number): Promise<Found> {
    const found = await find(request, job)
    assertMayAct(callerOf(request), found)
    assertNotEnded(found)
    return found
  }

  /** Changes a job; the audit trail has it first where it is somebody else's. */
  function change(
    request: FastifyRequest,
    found: Found,
    act: AuditedAct,
    command: Exclude<Command, SubmitCommand>,
  ): Promise<string> {
    const target = String(found.kind === 'known' ? found.record.id : found.command.job)
    if (isOwner(callerOf(request), found)) return submissions.act(command)
    return submissions.act(command, (id) =>
      audit.note(request, { act, target, detail: `job of ${ownerOf(found)}`, command: id }),
    )
  }

  app.post(
    '/v1/jobs',
    {
      config: { access: submitters },
      schema: {
        operationId: 'submitJob',
        summary: 'Submit a job',
        description:
          'Answers 202 once the job is durably queued. Send an Idempotency-Key: the same request with the same key gives the same job for 24 hours, however often it is sent.',
        tags,
        body: SubmitJob,
        response: answers(202, JobAccepted),
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      const { accepted: answer, isReplay } = await submissions.submit(
        withinAccounts(request.body, caller, configured()),
        caller,
        idempotencyOf(request),
      )
      request.jobId = answer.id
      if (isReplay) {
        metrics.countReplay()
        reply.header('idempotent-replayed', 'true')
      }
      return reply.code(202).header('location', answer.links.self).send(answer)
    },
  )

  app.get(
    '/v1/jobs',
    {
      config: { access: everyone, tagged: true },
      schema: {
        operationId: 'listJobs',
        summary: 'Jobs, newest first',
        tags,
        querystring: JobListQuery,
        response: answers(200, JobList),
      },
    },
    async (request, reply) => {
      const page = listJobs(request.query, callerOf(request), configured())
      if (page.next_cursor !== null) {
        const next = new URLSearchParams(request.url.split('?')[1])
        next.set('cursor', page.next_cursor)
        reply.header('link', `</v1/jobs?${next}>; rel="next"`)
      }
      return page
    },
  )

  function listJobs(query: JobListQuery, caller: Caller, config: CenterConfig): JobList {
    const before = readCursor(query.cursor)
    const { limit, user, account } = query
    const pool = query.pool === undefined ? undefined : config.pools.findIndex(({ name }) => name === query.pool)
    const visible = visibleAccounts(caller, config)
    const states = query.state?.flatMap((state): JobRecord['state'][] =>
      state === 'accepted' ? [] : state === 'PENDING' ? ['PENDING', 'HELD'] : [state],
    )
    // One more than asked for tells whether there is a next page.
    const filter = { states, user, account, pool, visibleAccounts: visible }
    const known = states?.length === 0 ? [] : model.jobs.list(filter, limit + 1, before)
    const isShown = (command: SubmitCommand): boolean =>
      (query.state === undefined || query.state.includes('accepted')) &&
      (user === undefined || command.user === user) &&
      (account === undefined || command.account === account) &&
      (query.pool === undefined || command.request.pools.includes(query.pool)) &&
      maySee(caller, config, command)
    const waiting =
      accepted.size === 0
        ? []
        : accepted
            .list(before)
            .filter(isShown)
            .slice(0, limit + 1)
    const merged = [
      ...waiting.map((command) => ({ id: command.job, view: () => acceptedJobView(command, moment(config)) })),
      ...known.map((record) => ({
        id: record.id,
        view: () => jobView(record, reasonOf(record, model, true), moment(config)),
      })),
    ].sort((a, b) => b.id - a.id)
    const items = merged.slice(0, limit)
    const last = items.at(-1)
    return {
      items: items.map(({ view }) => view()),
      next_cursor: merged.length > limit && last !== undefined ? cursorAfter(last.id) : null,
    }
  }

  app.get(
    '/v1/jobs/:id',
    {
      config: { access: everyone },
      schema: {
        operationId: 'getJob',
        summary: 'One job',
        tags,
        params: JobParams,
        response: answers(200, Job),
      },
    },
    async (request) => {
      const found = await find(request, request.params.id)
      return found.kind === 'known'
        ? jobView(found.record, reasonOf(found.record, model, false), moment(configured()))
        : acceptedJobView(found.command, moment(configured()))
    },
  )

  app.get(
    '/v1/jobs/:id/explain',
    {
      config: { access: everyone },
      schema: {
        operationId: 'explainJob',
        summary: 'Why a job waits',
        description: 'All binding reasons, by the allocator’s own tests on the state at the revision given.',
        tags,
        params: JobParams,
        response: answers(200, Explain),
      },
    },
    async (request) => {
      const found = await find(request, request.params.id)
      return found.kind === 'known' ? explainView(found.record, model) : explainAccepted(request.params.id, model)
    },
  )

  app.delete(
    '/v1/jobs/:id',
    {
      config: { access: submitters },
      schema: {
        operationId: 'cancelJob',
        summary: 'Cancel a job',
        tags,
        params: JobParams,
        response: answers(202, JobActAccepted),
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const found = await findToChange(request, id)
      const command = await change(request, found, 'job-cancelled', { type: 'cancel', job: id })
      return reply.code(202).send({ id, act: 'cancel', command })
    },
  )

  app.post(
    '/v1/jobs/:id/hold',
    {
      config: { access: submitters },
      schema: {
        operationId: 'holdJob',
        summary: 'Hold a waiting job',
        tags,
        params: JobParams,
        response: answers(202, JobActAccepted),
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const found = await findToChange(request, id)
      const caller = callerOf(request)
      if (found.kind === 'known' && found.record.state === 'RUNNING') throw new Trouble('ERR_JOB_RUNNING')
      const by = isOwner(caller, found) ? 'user' : 'admin'
      const command = await change(request, found, 'job-held', { type: 'hold', job: id, by })
      return reply.code(202).send({ id, act: 'hold', command })
    },
  )

  app.post(
    '/v1/jobs/:id/release',
    {
      config: { access: submitters },
      schema: {
        operationId: 'releaseJob',
        summary: 'Release a held job',
        tags,
        params: JobParams,
        response: answers(202, JobActAccepted),
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const found = await findToChange(request, id)
      const caller = callerOf(request)
      if (!operates(caller) && found.kind === 'known' && found.record.heldBy === 'admin') {
        throw new Trouble('ERR_HELD_BY_OPERATOR')
      }
      const by = operates(caller) ? 'admin' : 'user'
      const command = await change(request, found, 'job-released', { type: 'release', job: id, by })
      return reply.code(202).send({ id, act: 'release', command })
    },
  )
}

const ownerOf = (found: Found): string => (found.kind === 'known' ? found.record.user : found.command.user)
const isOwner = (caller: Caller, found: Found): boolean => ownerOf(found) === caller.user

/** Members of an account see each other's jobs; only their owners, and whoever operates the center, change them. */
function assertMayAct(caller: Caller, found: Found): void {
  if (operates(caller) || isOwner(caller, found)) return
  throw new Trouble('ERR_ROLE', {
    detail: {
      ko: `작업의 주인은 ${ownerOf(found)}입니다. 주인이나 operator, administrator만 바꿀 수 있습니다.`,
      en: `The job is ${ownerOf(found)}'s; only its owner, an operator or an administrator may change it.`,
    },
  })
}

function assertNotEnded(found: Found): void {
  if (found.kind === 'accepted' || !ENDED_STATES.has(found.record.state)) return
  const { id, state } = found.record
  throw new Trouble('ERR_JOB_ENDED', {
    detail: {
      ko: `작업 ${id}은(는) 이미 ${state} 상태로 끝났습니다.`,
      en: `Job ${id} has ended already, as ${state}.`,
    },
  })
}
