// The center at a glance. Working it out looks at every account and every live job, so it is done at most once in a while
// and shared by all who ask; only the latest starts differ, because everyone sees their own tenants' alone.

import { fleetPeak, type Overview, readLabel, type ShareRow } from '@dure/contract'
import { type Center, isCounted, WHOLE_ACCELERATOR_MILLI } from '@dure/core'
import type { JobRecord, ReadModel } from '@dure/engine'
import { busyIn, powerView, sharesView, utilizationOf } from './center-view.ts'
import { LEADER_SILENT_MS_MAX, type Pulse } from './pulse.ts'

const TOP_ACCOUNTS = 12
const LATEST_STARTS = 10

export interface CenterGlance {
  /** Undefined until the center is configured. */
  overview(maySee: (job: JobRecord) => boolean): Overview | undefined
  /** The share tree with the revision it is of. */
  shares(): { readonly rows: readonly ShareRow[]; readonly revision: number; readonly atMs: number } | undefined
}

export interface GlanceOptions {
  readonly model: ReadModel
  readonly pulse: Pulse
  /** Jobs accepted that no commit has taken up. */
  readonly accepted: () => number
  /** Shares of the same revision, or not older than this, are not worked out again. */
  readonly sharesAgeMsMax: number
}

export function centerGlance({ model, pulse, accepted, sharesAgeMsMax }: GlanceOptions): CenterGlance {
  let known: ReturnType<CenterGlance['shares']>
  let knownAtMs = 0

  function shares(): ReturnType<CenterGlance['shares']> {
    const { center } = model
    if (center === undefined) return undefined
    const isFresh =
      known !== undefined && (known.revision === model.revision || performance.now() - knownAtMs < sharesAgeMsMax)
    if (!isFresh) {
      known = { rows: sharesView(center, model.jobs), revision: model.revision, atMs: center.nowMs }
      knownAtMs = performance.now()
    }
    return known
  }

  return {
    shares,
    overview: (maySee) => {
      const { center, jobs, rates, leader } = model
      if (center === undefined) return undefined
      const { totals } = jobs
      const oldest = jobs.oldestPending
      const isLed = leader !== undefined && pulse.leaderSilentMs() < LEADER_SILENT_MS_MAX
      const nowMs = pulse.centerNowMs()
      const revisionsBehind = Math.max(0, pulse.ledgerRevision - model.revision)
      // A center with nothing to do makes no commits, and is not late for that.
      const isWorkWaiting = revisionsBehind > 0 || pulse.backlog.waiting + pulse.backlog.active > 0
      return {
        center: center.config.name,
        policy: center.config.policy.name,
        revision: model.revision,
        at_ms: model.atMs,
        speed: pulse.speed,
        queue: {
          accepted: accepted(),
          pending: jobs.count('PENDING'),
          held: jobs.count('HELD'),
          running: jobs.count('RUNNING'),
          oldest_wait_ms: oldest === undefined ? null : Math.max(0, nowMs - oldest.submittedMs),
          oldest_job: oldest !== undefined && maySee(oldest) ? oldest.id : null,
        },
        totals: {
          submitted: totals.submitted,
          started: totals.started,
          completed: totals.completed,
          failed: totals.failed,
          cancelled: totals.cancelled,
          timed_out: totals.timedOut,
          node_failed: totals.nodeFailed,
          refused: totals.refused,
        },
        rates: {
          submitted_per_min: rates.submitted.perMinute(),
          started_per_min: rates.started.perMinute(),
          ended_per_min: rates.ended.perMinute(),
        },
        ...capacityView(center),
        ...powerView(center),
        top_accounts: topAccounts(shares()?.rows ?? []),
        latest_starts: latestStarts(model, center, maySee),
        leader: {
          owner: isLed ? leader.owner : null,
          epoch: leader?.epoch ?? 0,
          lag_ms: isWorkWaiting ? Math.max(0, Math.floor((nowMs - model.atMs) / pulse.speed)) : 0,
          revisions_behind: revisionsBehind,
        },
      }
    },
  }
}

function capacityView(center: Center): Pick<Overview, 'pools' | 'utilization' | 'capacity' | 'delivered'> {
  const views = center.pools()
  const sum = (of: (view: (typeof views)[number]) => number): number =>
    views.reduce((total, view) => total + of(view), 0)
  return {
    pools: views.map((view) => ({
      name: view.name,
      kind: view.kind,
      model: view.model,
      jobs_pending: view.pending,
      jobs_running: view.running,
      accelerators: view.accelerators,
      accelerators_busy: busyIn(view),
      accelerators_out: view.acceleratorsOut,
      utilization: utilizationOf(busyIn(view), view.accelerators, view.acceleratorsOut),
    })),
    utilization: utilizationOf(
      sum(busyIn),
      sum(({ accelerators }) => accelerators),
      sum(({ acceleratorsOut }) => acceleratorsOut),
    ),
    capacity: fleetPeak(views.map(({ model, accelerators }) => ({ model, count: accelerators }))),
    // Parts of an accelerator deliver parts of its peak; the count of unknown ones stays a whole number.
    delivered: wholeUnknown(fleetPeak(views.map((view) => ({ model: view.model, count: busyIn(view) })))),
  }
}

const wholeUnknown = (peak: ReturnType<typeof fleetPeak>) => ({
  ...peak,
  accelerators_unknown: Math.ceil(peak.accelerators_unknown),
})

/** Accounts that people submit from, by how much they have used of late. */
function topAccounts(rows: readonly ShareRow[]): Overview['top_accounts'] {
  const withUsers = new Set(rows.filter(({ user }) => user !== null).map(({ account }) => account))
  return rows
    .filter(({ account, user }) => user === null && withUsers.has(account))
    .toSorted((a, b) => b.usage_accelerator_s - a.usage_accelerator_s || b.jobs_pending - a.jobs_pending)
    .slice(0, TOP_ACCOUNTS)
    .map((row) => ({
      account: row.account,
      share_of_center: row.share_of_center ?? 0,
      usage_of_center: row.usage_of_center,
      jobs_running: row.jobs_running,
      jobs_pending: row.jobs_pending,
    }))
}

function latestStarts(
  model: ReadModel,
  center: Center,
  maySee: (job: JobRecord) => boolean,
): Overview['latest_starts'] {
  const shown: Overview['latest_starts'] = []
  for (const record of model.jobs.latestStarts()) {
    const { request, startedMs, pool, cause } = record
    if (request === null || startedMs === null || pool === null || cause === null || !maySee(record)) continue
    const counted = isCounted(center.config.pools[pool]!)
    shown.push({
      job: record.id,
      name: readLabel(record.label)?.name ?? 'job',
      account: record.account,
      user: record.user,
      pool: center.config.pools[pool]!.name,
      nodes: counted ? 1 : request.nodes,
      accelerators: (request.nodes * request.acceleratorsMilli) / WHOLE_ACCELERATOR_MILLI,
      cause,
      wait_ms: Math.max(0, startedMs - record.submittedMs),
      started_at_ms: startedMs,
    })
    if (shown.length === LATEST_STARTS) break
  }
  return shown
}
