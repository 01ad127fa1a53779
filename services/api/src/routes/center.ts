// The center: its pools, nodes and accounts, and all of it at a glance.

import {
  AccountList,
  AccountListQuery,
  Me,
  type Node,
  NodeAction,
  NodeActionAccepted,
  NodeList,
  NodeListQuery,
  NodeParams,
  Overview,
  PageQuery,
  PoolList,
  PowerCap,
  PowerCapAccepted,
  readNodeId,
} from '@dure/contract'
import { type Center, isCounted } from '@dure/core'
import type { ReadModel } from '@dure/engine'
import { accountsOfCaller, callerOf, everyone, maySee, operators } from '../access.ts'
import type { Api } from '../api.ts'
import type { AuditTrail } from '../audit-trail.ts'
import { nodeView, poolsView, powerView } from '../center-view.ts'
import type { Caller } from '../keys.ts'
import { answers } from '../openapi.ts'
import type { CenterGlance } from '../overview.ts'
import { pageOfAll } from '../page.ts'
import type { Submissions } from '../submission.ts'
import { Trouble } from '../trouble.ts'

export interface CenterRouteOptions {
  readonly model: ReadModel
  readonly glance: CenterGlance
  readonly submissions: Submissions
  readonly audit: AuditTrail
}

export function centerRoutes(app: Api, { model, glance, submissions, audit }: CenterRouteOptions): void {
  const tags = ['center']

  function configured(): Center {
    if (model.center === undefined) throw new Trouble('ERR_CATCHING_UP', { retryAfterS: 1 })
    return model.center
  }

  const showsJob = (caller: Caller, center: Center) => (job: number) => {
    const record = model.jobs.get(job)
    return record !== undefined && maySee(caller, center.config, record)
  }

  app.get(
    '/v1/overview',
    {
      config: { access: everyone },
      schema: {
        operationId: 'getOverview',
        summary: 'The center at a glance',
        tags,
        response: answers(200, Overview),
      },
    },
    async (request) => {
      const { config } = configured()
      const caller = callerOf(request)
      return glance.overview((job) => maySee(caller, config, job))!
    },
  )

  app.get(
    '/v1/pools',
    {
      config: { access: everyone, tagged: true },
      schema: {
        operationId: 'listPools',
        summary: 'Pools, and how much of each is free',
        tags,
        querystring: PageQuery,
        response: answers(200, PoolList),
      },
    },
    async (request) => {
      const { limit, cursor } = request.query
      const center = configured()
      const pools = poolsView(center, model.nodesOut)
      return {
        ...pageOfAll(pools, limit, cursor),
        revision: model.revision,
        at_ms: model.atMs,
        ...powerView(center),
      }
    },
  )

  app.get(
    '/v1/nodes',
    {
      config: { access: everyone, tagged: true },
      schema: {
        operationId: 'listNodes',
        summary: 'Nodes, by pool and number',
        tags,
        querystring: NodeListQuery,
        response: answers(200, NodeList),
      },
    },
    async (request) => {
      const { limit, cursor, pool: wanted, state } = request.query
      const center = configured()
      const shows = showsJob(callerOf(request), center)
      const nodes = center.config.pools
        .filter(({ name }) => wanted === undefined || name === wanted)
        .flatMap(({ name }) => center.nodes(name).map((view) => ({ name, view })))
        .filter(({ view }) => state === undefined || view.state === state)
      const page = pageOfAll(nodes, limit, cursor)
      return { ...page, items: page.items.map(({ name, view }) => nodeView(name, view, shows)) }
    },
  )

  for (const [act, to, audited] of [
    ['drain', 'drain', 'node-drained'],
    ['resume', 'up', 'node-resumed'],
  ] as const) {
    app.post(
      `/v1/nodes/:id/${act}`,
      {
        config: { access: operators },
        schema: {
          operationId: `${act}Node`,
          summary: act === 'drain' ? 'Let a node’s jobs finish and give it no more' : 'Put a node back into service',
          tags,
          params: NodeParams,
          body: NodeAction.nullish(),
          response: answers(202, NodeActionAccepted),
        },
      },
      async (request, reply) => {
        const { id } = request.params
        const { pool, index } = findNode(configured(), id)
        const reason = request.body?.reason
        const command = await submissions.act({ type: 'node', pool, node: index, to }, (command) =>
          audit.note(request, { act: audited, target: id, reason, command }),
        )
        request.log.info({ node: id, to, reason, command }, 'node state asked for')
        return reply.code(202).send({ id, to, command })
      },
    )
  }

  app.post(
    '/v1/power-cap',
    {
      config: { access: operators },
      schema: {
        operationId: 'capPower',
        summary: 'Start nothing that takes the center over so many watts',
        tags,
        body: PowerCap,
        response: answers(202, PowerCapAccepted),
      },
    },
    async (request, reply) => {
      if (configured().power() === undefined) throw new Trouble('ERR_WATTS_UNKNOWN')
      const { cap_w, reason } = request.body
      const detail = cap_w === null ? 'no cap' : `${cap_w} W`
      const command = await submissions.act({ type: 'power-cap', capW: cap_w }, (command) =>
        audit.note(request, { act: 'power-capped', target: 'center', detail, reason, command }),
      )
      request.log.info({ cap_w, reason, command }, 'power cap asked for')
      return reply.code(202).send({ cap_w, command })
    },
  )

  app.get(
    '/v1/accounts',
    {
      config: { access: everyone, tagged: true },
      schema: {
        operationId: 'listAccounts',
        summary: 'The share tree with usage',
        tags,
        querystring: AccountListQuery,
        response: answers(200, AccountList),
      },
    },
    async (request) => {
      configured()
      const { limit, cursor, account, user } = request.query
      const { rows, revision, atMs } = glance.shares()!
      const wanted = rows.filter(
        (row) => (account === undefined || row.account === account) && (user === undefined || row.user === user),
      )
      return { ...pageOfAll(wanted, limit, cursor), revision, at_ms: atMs }
    },
  )

  app.get(
    '/v1/me',
    {
      config: { access: everyone },
      schema: {
        operationId: 'getMe',
        summary: 'Whose key this is',
        tags,
        response: answers(200, Me),
      },
    },
    async (request) => {
      const caller = callerOf(request)
      const { user, role } = caller
      const accounts = model.center === undefined ? [] : [...accountsOfCaller(caller, model.center.config)]
      const counts = accounts.map((account) => model.jobs.countsOf(account, user))
      return {
        user,
        role,
        accounts,
        jobs_pending: counts.reduce((sum, { pending, held }) => sum + pending + held, 0),
        jobs_running: counts.reduce((sum, { running }) => sum + running, 0),
      }
    },
  )
}

function findNode({ config }: Center, id: string): { pool: string; index: Node['index'] } {
  const named = readNodeId(id)
  const pool = config.pools.find(({ name }) => name === named?.pool)
  if (named !== null && pool !== undefined && !isCounted(pool) && named.index < pool.nodes) return named
  throw new Trouble('ERR_NODE_NOT_FOUND', {
    detail: { ko: `노드 ${id}이(가) 없습니다.`, en: `There is no node ${id}.` },
  })
}
