// Prometheus metrics. Everything about the center is read from the same folded facts as every screen, when somebody
// scrapes; no series carries a user or a job.

import { acceleratorOf, type CommitEvent, figureOf } from '@dure/contract'
import type { ReadModel } from '@dure/engine'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { AcceptedJobs } from './accepted-jobs.ts'
import { busyIn } from './center-view.ts'
import type { CenterGlance } from './overview.ts'
import { LEADER_SILENT_MS_MAX, type Pulse } from './pulse.ts'
import type { Release } from './release.ts'

/** One second to seven days, in 24 steps that grow by three quarters or so. */
const WAIT_BUCKETS_S = [
  1, 2, 4, 7, 15, 30, 60, 120, 240, 420, 900, 1800, 3600, 7200, 14_400, 21_600, 28_800, 43_200, 64_800, 86_400, 129_600,
  172_800, 345_600, 604_800,
]
const REQUEST_BUCKETS_S = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10]
const TOP_ACCOUNTS = 30
const FLOPS_PER_TFLOPS = 1e12

export interface Metrics {
  readonly contentType: string
  text(): Promise<string>
  observeRequest(method: string, route: string, status: number, seconds: number): void
  countReplay(): void
}

export interface MetricsOptions {
  readonly model: ReadModel
  readonly pulse: Pulse
  readonly glance: CenterGlance
  readonly accepted: AcceptedJobs
  readonly streams: { readonly size: number }
  readonly release: Release
}

export function apiMetrics(options: MetricsOptions): Metrics {
  const { model, pulse, glance, accepted, streams, release } = options
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })

  /** A gauge that is worked out at each scrape. */
  function gauge<Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    collect: (set: (labels: Record<Label, string>, value: number) => void) => void,
  ): void {
    new Gauge({
      name,
      help,
      labelNames: [...labelNames],
      registers,
      collect() {
        this.reset()
        collect((labels, value) => this.set(labels, value))
      },
    })
  }

  gauge('dure_build_info', 'Always 1; what runs is in the labels.', ['version', 'sha'], (set) =>
    set({ version: release.version, sha: release.commit ?? '' }, 1),
  )
  gauge('dure_jobs', 'Jobs that have not ended.', ['state'], (set) => {
    set({ state: 'accepted' }, accepted.size)
    for (const state of ['PENDING', 'HELD', 'RUNNING'] as const) set({ state }, model.jobs.count(state))
  })
  gauge('dure_pool_jobs', 'Jobs by pool; a waiting job counts in every pool it accepts.', ['pool', 'state'], (set) => {
    for (const { name, pending, running } of model.center?.pools() ?? []) {
      set({ pool: name, state: 'PENDING' }, pending)
      set({ pool: name, state: 'RUNNING' }, running)
    }
  })
  gauge('dure_oldest_wait_seconds', 'Longest wait among pending jobs nobody holds, center time.', [], (set) => {
    const oldest = model.jobs.oldestPending
    set({}, oldest === undefined ? 0 : Math.max(0, pulse.centerNowMs() - oldest.submittedMs) / 1000)
  })
  gauge('dure_pool_accelerators', 'Accelerators by what they do.', ['pool', 'kind', 'state'], (set) => {
    for (const pool of model.center?.pools() ?? []) {
      set({ pool: pool.name, kind: pool.kind, state: 'busy' }, busyIn(pool))
      set({ pool: pool.name, kind: pool.kind, state: 'free' }, pool.acceleratorsFree)
      set({ pool: pool.name, kind: pool.kind, state: 'out' }, pool.acceleratorsOut)
    }
  })
  gauge('dure_pool_capacity_flops', 'Dense peak, where it is published.', ['pool', 'format'], (set) => {
    for (const { name, model: accelerator, accelerators } of model.center?.pools() ?? []) {
      const known = accelerator === null ? undefined : acceleratorOf(accelerator)
      if (known === undefined) continue
      for (const format of ['fp64', 'bf16', 'fp8'] as const) {
        const tflops = figureOf(known, format)
        if (tflops !== null) set({ pool: name, format }, accelerators * tflops * FLOPS_PER_TFLOPS)
      }
    }
  })
  gauge(
    'dure_account_share_ratio',
    'Promised part of the center, of the accounts with most usage.',
    ['account'],
    (set) => {
      for (const { account, share_of_center } of heaviestAccounts(glance)) set({ account }, share_of_center ?? 0)
    },
  )
  gauge(
    'dure_account_usage_ratio',
    'Part of the decayed usage, of the accounts with most of it.',
    ['account'],
    (set) => {
      for (const { account, usage_of_center } of heaviestAccounts(glance)) set({ account }, usage_of_center)
    },
  )
  gauge('dure_leader_epoch', 'Epoch of the newest leader in the ledger.', [], (set) =>
    set({}, model.leader?.epoch ?? 0),
  )
  gauge('dure_is_led', '1 while a leader publishes center time.', [], (set) =>
    set({}, pulse.leaderSilentMs() < LEADER_SILENT_MS_MAX ? 1 : 0),
  )
  gauge('dure_center_time_seconds', 'Center time.', [], (set) => set({}, pulse.centerNowMs() / 1000))
  gauge('dure_commit_lag_seconds', 'Center time since the last folded commit.', [], (set) =>
    set({}, (pulse.centerNowMs() - model.atMs) / 1000),
  )
  gauge('dure_ledger_revision', 'Newest revision of the ledger.', [], (set) => set({}, pulse.ledgerRevision))
  gauge('dure_ledger_entries', 'Entries of the ledger in Redis; the others are in segments.', [], (set) =>
    set({}, pulse.ledgerEntries),
  )
  gauge('dure_revisions_behind', 'Revisions this process has yet to fold.', [], (set) =>
    set({}, pulse.ledgerRevision - model.revision),
  )
  gauge('dure_command_messages', 'Messages in the queue of commands.', ['state'], (set) => {
    set({ state: 'waiting' }, pulse.backlog.waiting)
    set({ state: 'active' }, pulse.backlog.active)
  })
  gauge('dure_sse_clients', 'Open event streams.', [], (set) => set({}, streams.size))

  new Counter({
    name: 'dure_job_transitions_total',
    help: 'Jobs that came into a state, since the ledger began.',
    labelNames: ['to'],
    registers,
    collect() {
      const { totals } = model.jobs
      this.reset()
      this.inc({ to: 'PENDING' }, totals.submitted + totals.requeued)
      this.inc({ to: 'RUNNING' }, totals.started)
      this.inc({ to: 'COMPLETED' }, totals.completed)
      this.inc({ to: 'FAILED' }, totals.failed + totals.refused)
      this.inc({ to: 'CANCELLED' }, totals.cancelled)
      this.inc({ to: 'TIMEOUT' }, totals.timedOut)
      this.inc({ to: 'NODE_FAIL' }, totals.nodeFailed)
    },
  })
  const waits = new Histogram({
    name: 'dure_job_wait_seconds',
    help: 'Submit to start, center time.',
    labelNames: ['pool'],
    buckets: WAIT_BUCKETS_S,
    registers,
  })
  const runs = new Histogram({
    name: 'dure_job_run_seconds',
    help: 'Start to end of jobs that ran, center time.',
    labelNames: ['pool'],
    buckets: WAIT_BUCKETS_S,
    registers,
  })
  const requests = new Histogram({
    name: 'http_server_request_duration_seconds',
    help: 'Requests answered.',
    labelNames: ['method', 'route', 'status'],
    buckets: REQUEST_BUCKETS_S,
    registers,
  })
  const replays = new Counter({
    name: 'dure_idempotent_replays_total',
    help: 'Requests answered as an earlier one with the same Idempotency-Key.',
    registers,
  })

  function observeJobs({ changes }: CommitEvent): void {
    for (const change of changes) {
      if (change.type !== 'job' || change.pool === null) continue
      const record = model.jobs.get(change.job)
      if (record?.startedMs == null) continue
      if (change.state === 'RUNNING') {
        waits.observe({ pool: change.pool }, Math.max(0, record.startedMs - record.submittedMs) / 1000)
      } else if (record.endedMs !== null) {
        runs.observe({ pool: change.pool }, Math.max(0, record.endedMs - record.startedMs) / 1000)
      }
    }
  }
  model.subscribe(observeJobs)

  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    observeRequest: (method, route, status, seconds) =>
      requests.observe({ method, route, status: String(status) }, seconds),
    countReplay: () => replays.inc(),
  }
}

const heaviestAccounts = (glance: CenterGlance) =>
  (glance.shares()?.rows ?? [])
    .filter(({ user }) => user === null)
    .toSorted((a, b) => b.usage_accelerator_s - a.usage_accelerator_s)
    .slice(0, TOP_ACCOUNTS)
