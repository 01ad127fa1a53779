// The service about itself.

import { type Durability, Livez, Readyz, Version } from '@dure/contract'
import type { Backlog, Ports, ReadModel } from '@dure/engine'
import type { z } from 'zod'
import type { Api } from '../api.ts'
import type { Metrics } from '../metrics.ts'
import { answers } from '../openapi.ts'
import { LEADER_SILENT_MS_MAX, type Pulse } from '../pulse.ts'
import type { Release } from '../release.ts'

type Check = Readyz['checks'][number]

/** Revisions a process may be behind and still count as up to date: a few commits are always on their way. */
const REVISIONS_BEHIND_MAX = 50
/** More than are between two savepoints and in a segment that is not full: so many entries above those that are to stay are too many. */
const UNMOVED_MAX = 20_000

export interface ServiceRouteOptions {
  readonly model: ReadModel
  readonly pulse: Pulse
  readonly metrics: Metrics
  readonly release: Release
  readonly isCaughtUp: () => boolean
  /** How many entries of the ledger are to stay in the store; undefined: all of them. */
  readonly keptEntries: number | undefined
  readonly runs: Pick<Ports['runs'], 'backlog'>
  /** What a 202 promises, by the Redis behind; null: nobody could find out. */
  readonly durability: z.output<typeof Durability> | null
  /** Writes something, to know that the store takes writes. Throws `StoreError`. */
  readonly probe: () => Promise<void>
}

const durabilityWords = {
  'fsync-always': '202 survives a power cut: every write is on disk before it is answered.',
  'fsync-everysec': '202 survives a crash of Redis, but a power cut may lose the last second, at worst two.',
  'memory-only': '202 survives a crash of Redis as far as the kernel has what was written; a power cut may lose it.',
} as const

export function serviceRoutes(app: Api, options: ServiceRouteOptions): void {
  const { model, pulse, metrics, release, isCaughtUp, keptEntries = Infinity, runs, durability, probe } = options
  const tags = ['service']

  app.get(
    '/livez',
    {
      config: { access: 'public' },
      schema: { operationId: 'getLivez', summary: 'Whether the process answers', tags, response: answers(200, Livez) },
    },
    async () => ({ status: 'ok' as const }),
  )

  app.get(
    '/readyz',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'getReadyz',
        summary: 'Whether the whole center does its work, and what a 202 promises',
        tags,
        response: { 200: Readyz, 503: Readyz },
      },
    },
    async (_, reply) => {
      await pulse.refresh()
      const checks = await Promise.all([redisCheck(), leaderCheck(), ledgerCheck(), executorsCheck()])
      const isReady = checks.every(({ ok }) => ok)
      reply.header('cache-control', 'no-store')
      if (!isReady) reply.header('retry-after', 1)
      return reply.code(isReady ? 200 : 503).send({
        status: isReady ? 'ready' : 'not-ready',
        durability,
        revision: model.revision,
        checks,
      })
    },
  )

  async function redisCheck(): Promise<Check> {
    try {
      await probe()
      const promise = durability === null ? 'Redis does not tell its appendfsync policy.' : durabilityWords[durability]
      return { name: 'redis', ok: true, detail: promise }
    } catch (error) {
      return { name: 'redis', ok: false, detail: error instanceof Error ? error.message : String(error) }
    }
  }

  function leaderCheck(): Check {
    const silentMs = pulse.leaderSilentMs()
    if (silentMs === Number.POSITIVE_INFINITY) return { name: 'leader', ok: false, detail: 'No scheduler has led yet.' }
    const age = `The leader was heard ${Math.round(silentMs)} ms ago.`
    return { name: 'leader', ok: silentMs < LEADER_SILENT_MS_MAX, detail: age }
  }

  function ledgerCheck(): Check {
    const behind = pulse.ledgerRevision - model.revision
    if (model.center === undefined) return { name: 'ledger', ok: false, detail: 'The center is not configured yet.' }
    const ok = isCaughtUp() && behind <= REVISIONS_BEHIND_MAX
    if (!ok) return { name: 'ledger', ok, detail: `${behind} of ${pulse.ledgerRevision} revisions are yet to be read.` }
    // The center does its work all the same, until Redis has no room for more.
    const isUnmoved = pulse.ledgerEntries > keptEntries + UNMOVED_MAX
    const detail = `${pulse.ledgerEntries} entries are in Redis, most of which should be in segments: the scheduler's log says what keeps it from moving them.`
    return { name: 'ledger', ok, detail: isUnmoved ? detail : null }
  }

  /** Executors are not asked; their work tells. Runs that wait while none is being taken up mean that nobody takes them. */
  async function executorsCheck(): Promise<Check> {
    try {
      const kinds = ['gpu', 'npu', 'pim'] as const
      const backlogs = await Promise.all(kinds.map((kind) => runs.backlog(kind)))
      const stuck = kinds.filter((_, i) => isStuck(backlogs[i]!))
      const detail = stuck.length === 0 ? null : `Runs wait that no executor takes: ${stuck.join(', ')}.`
      return { name: 'executors', ok: stuck.length === 0, detail }
    } catch (error) {
      return { name: 'executors', ok: false, detail: error instanceof Error ? error.message : String(error) }
    }
  }

  app.get(
    '/version',
    {
      config: { access: 'public' },
      schema: { operationId: 'getVersion', summary: 'What runs here', tags, response: answers(200, Version) },
    },
    async () => ({ name: 'dure' as const, version: release.version, node: process.version, commit: release.commit }),
  )

  // No tenant, user or job is in it, so that a scraper needs no key.
  app.get('/metrics', { config: { access: 'public' }, schema: { hide: true } }, async (_, reply) =>
    reply.type(metrics.contentType).send(await metrics.text()),
  )
}

const isStuck = ({ waiting, active }: Backlog): boolean => waiting > 0 && active === 0
