// A center for the page to be developed and tested against: the real allocator on a clock that only `tick` moves, with a
// seeded demand and everything the page asks for, in the contract's forms. What it is not: durable, or served by BullMQ.

import {
  type Admission,
  admissionOf,
  type Change,
  type CommitEvent,
  type Explain,
  fleetPeak,
  type Job,
  nodeId,
  type Overview,
  readLabel,
  type SubmitJob,
  SubmitJob as SubmitJobSchema,
  summarize,
  wordWaitReason,
} from '@dure/contract'
import { loadPreset } from '@dure/contract/presets'
import {
  atSpeedMs,
  Center,
  type Command,
  decodeFacts,
  type Fact,
  FactLog,
  isCounted,
  REFERENCE_SPEED_MILLE,
  WHOLE_ACCELERATOR_MILLI,
} from '@dure/core'

/** 2026-03-02 09:00 in Korea, a Monday. */
const OPENS_AT_MS = Date.UTC(2026, 2, 2, 0, 0, 0)
const TICK_MS = 60_000
const HOUR_MS = 3_600_000

type MutableJob = { -readonly [Field in keyof Job]: Job[Field] }

export interface StandInCenter {
  /** Time goes on by a minute: ends, new submits, one pass. Returns what a stream would carry. */
  readonly tick: () => CommitEvent
  readonly admit: (job: SubmitJob, user: string) => Admission
  /** The id; it is `accepted` until the next tick takes it up. */
  readonly submit: (admitted: Extract<Admission, { kind: 'admitted' }>) => number
  readonly act: (job: number, act: 'cancel' | 'hold' | 'release') => void
  readonly overview: () => Overview
  readonly explain: (job: number) => Explain
  readonly job: (job: number) => Job | undefined
  /** Newest first. */
  readonly jobs: () => readonly Job[]
  readonly accountsOf: (user: string) => string[]
  readonly revision: () => number
  leads: boolean
}

/** A small generator of our own: the demand is the same in every run. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 4_294_967_296
  }
}

export function standInCenter(seed = 1): StandInCenter {
  const { config } = loadPreset('purchase-2025')
  const admit = admissionOf(config)
  const draw = seeded(seed)
  const log = new FactLog({ keep: true })
  let atMs = OPENS_AT_MS
  let revision = 1
  let nextId = 1
  const center = Center.create(config, log, atMs)
  log.drain()
  const jobs = new Map<number, MutableJob>()
  const due: { job: number; attempt: number; atMs: number; exitCode: number }[] = []
  const waiting: Command[] = []
  const latest: Overview['latest_starts'] = []
  const totals = {
    submitted: 0,
    started: 0,
    completed: 0,
    failed: 0,
    cancelled: 0,
    timed_out: 0,
    node_failed: 0,
    refused: 0,
  }
  let rates = { submitted_per_min: 0, started_per_min: 0, ended_per_min: 0 }
  const endTotals = {
    COMPLETED: 'completed',
    FAILED: 'failed',
    CANCELLED: 'cancelled',
    TIMEOUT: 'timed_out',
    NODE_FAIL: 'node_failed',
  } as const
  const between = (low: number, high: number): number => low + Math.floor(draw() * (high - low + 1))
  const oneOf = <T>(items: readonly T[]): T => items[between(0, items.length - 1)]!
  const pools = config.pools.filter((pool) => !isCounted(pool))

  /** Mostly small jobs, some gangs, now and then one that takes half a cluster; more than the center can run at once. */
  function demand(): SubmitJob {
    const pool = oneOf(pools)
    const size = draw()
    const nodes = size < 0.6 ? between(1, 4) : size < 0.95 ? between(8, Math.max(8, pool.nodes >> 2)) : pool.nodes >> 1
    const limitMs = between(1, 12) * HOUR_MS
    return SubmitJobSchema.parse({
      name: oneOf(['pretrain-7b', 'finetune', 'eval-ko', 'inference', '단백질-접힘', 'climate', 'speech']),
      pools: [pool.name],
      nodes: Math.min(nodes, pool.nodes),
      accelerators_per_node: pool.perNode.accelerators,
      time_limit_ms: limitMs,
      run_time_ms: Math.floor(limitMs * (0.2 + draw())),
      exit_code: draw() < 0.08 ? 1 : 0,
      hold: draw() < 0.03,
    })
  }

  function submit({ command }: Extract<Admission, { kind: 'admitted' }>): number {
    const id = nextId++
    waiting.push({ type: 'submit', job: id, ...command })
    const label = readLabel(command.label)
    jobs.set(id, {
      id,
      name: label?.name ?? '',
      state: 'accepted',
      held_by: null,
      reason: null,
      account: command.account,
      user: command.user,
      pools: [...command.request.pools],
      speeds: command.request.speedsMille?.map((speedMille) => speedMille / REFERENCE_SPEED_MILLE) ?? null,
      accelerator: config.pools.find(({ name }) => name === command.request.pools[0])?.kind ?? null,
      pool: null,
      speed: null,
      nodes: command.request.nodes,
      accelerators_per_node: command.request.acceleratorsMilli / WHOLE_ACCELERATOR_MILLI,
      accelerators: (command.request.nodes * command.request.acceleratorsMilli) / WHOLE_ACCELERATOR_MILLI,
      cpus_per_node: command.request.cpuMilli / 1000,
      memory_mib_per_node: command.request.memoryMib,
      time_limit_ms: command.timeLimitMs,
      run_time_ms: label?.run_time_ms ?? null,
      comment: label?.comment ?? null,
      submitted_at_ms: null,
      started_at_ms: null,
      ended_at_ms: null,
      wait_ms: null,
      attempt: 0,
      exit_code: null,
      start_cause: null,
      promised_start_at_ms: null,
      placement: [],
      revision,
    })
    return id
  }

  /** Brings a job's row up to a fact; the row, where the fact is about one. */
  function fold(fact: Fact): MutableJob | undefined {
    const job = 'job' in fact ? jobs.get(fact.job) : undefined
    if (job === undefined) return undefined
    switch (fact.type) {
      case 'submitted':
        totals.submitted++
        job.state = 'PENDING'
        job.held_by = fact.held
        job.submitted_at_ms = fact.atMs
        break
      case 'refused':
        totals.refused++
        job.state = 'FAILED'
        job.reason = fact.reason
        break
      case 'held':
        job.held_by = fact.by
        break
      case 'released':
        job.held_by = null
        break
      case 'started': {
        totals.started++
        const pool = config.pools[fact.pool]!.name
        job.state = 'RUNNING'
        job.reason = null
        job.pool = pool
        job.speed = job.speeds?.[job.pools.indexOf(pool)] ?? 1
        job.attempt = fact.attempt
        job.started_at_ms = fact.atMs
        job.start_cause = fact.cause
        job.promised_start_at_ms = null
        job.placement = fact.placement.map(({ node, devices }) => ({
          node: nodeId(pool, node),
          devices: Array.from({ length: 16 }, (_, device) => device).filter((device) => (devices >> device) & 1),
        }))
        latest.unshift({
          job: job.id,
          name: job.name,
          account: job.account,
          user: job.user,
          pool,
          nodes: job.nodes,
          accelerators: job.accelerators,
          cause: fact.cause,
          wait_ms: fact.atMs - (job.submitted_at_ms ?? fact.atMs),
          started_at_ms: fact.atMs,
        })
        latest.length = Math.min(latest.length, 10)
        const runMs = Math.min(job.run_time_ms ?? job.time_limit_ms, job.time_limit_ms)
        const takenMs = atSpeedMs(runMs, job.speed * REFERENCE_SPEED_MILLE)
        due.push({ job: job.id, attempt: fact.attempt, atMs: fact.atMs + takenMs, exitCode: draw() < 0.08 ? 1 : 0 })
        break
      }
      case 'ended':
        totals[endTotals[fact.state]]++
        job.state = fact.state
        job.ended_at_ms = fact.atMs
        job.exit_code = fact.attempt > 0 ? fact.exitCode : null
        break
      case 'reserved':
        job.promised_start_at_ms = fact.startMs
        break
      case 'unreserved':
        job.promised_start_at_ms = null
        break
      default:
        return undefined
    }
    job.revision = revision
    return job
  }

  function tick(): CommitEvent {
    atMs += TICK_MS
    revision++
    const before = { ...totals }
    const commands: Command[] = []
    for (let index = due.length - 1; index >= 0; index--) {
      const { job, attempt, atMs: dueMs, exitCode } = due[index]!
      if (dueMs > atMs) continue
      due.splice(index, 1)
      commands.push({ type: 'finish', job, attempt, exitCode })
    }
    for (let submits = between(0, 4); submits > 0; submits--) {
      const { user } = oneOf(config.associations)
      const admitted = admit(demand(), user)
      if (admitted.kind === 'admitted') submit(admitted)
    }
    for (const command of [...waiting.splice(0), ...commands]) center.apply(command, atMs)
    center.schedule(atMs)

    const changed = new Map<number, MutableJob>()
    for (const fact of decodeFacts(log.drain())) {
      const job = fold(fact)
      if (job !== undefined) changed.set(job.id, job)
    }
    for (const view of center.pending(30)) {
      const job = jobs.get(view.job)
      if (job !== undefined) job.reason = center.explain(view.job)?.[0]?.code ?? null
    }
    for (const job of jobs.values()) {
      if (job.state === 'PENDING' && job.submitted_at_ms !== null) job.wait_ms = atMs - job.submitted_at_ms
      else if (job.started_at_ms !== null && job.submitted_at_ms !== null)
        job.wait_ms = job.started_at_ms - job.submitted_at_ms
      if (job.state === 'PENDING' && job.held_by !== null)
        job.reason = job.held_by === 'user' ? 'JobHeldUser' : 'JobHeldAdmin'
    }
    rates = {
      submitted_per_min: totals.submitted - before.submitted,
      started_per_min: totals.started - before.started,
      ended_per_min: totals.completed + totals.failed - before.completed - before.failed,
    }
    const changes = [...changed.values()].map(
      ({ id, state, account, user, pool, attempt, held_by, start_cause, reason }): Change => ({
        type: 'job',
        job: id,
        state,
        account,
        user,
        pool,
        attempt,
        held_by,
        start_cause,
        reason,
      }),
    )
    return { revision, at_ms: atMs, changes }
  }

  /** What the sectors are promised of the center, and what their part of the usage is. */
  function topAccounts(): Overview['top_accounts'] {
    const rows = center.shares().filter(({ user }) => user === null)
    const used = rows.filter(({ parent }) => parent === null).reduce((sum, row) => sum + row.usageAcceleratorS, 0)
    const shareOf = (account: string): number => {
      const row = rows.find((one) => one.account === account)!
      const siblings = rows.filter(({ parent }) => parent === row.parent)
      const all = siblings.reduce((sum, { shares }) => sum + (shares === 'parent' ? 0 : shares), 0)
      const own = row.shares === 'parent' ? 0 : row.shares
      return (own / all) * (row.parent === null ? 1 : shareOf(row.parent))
    }
    const inside = (account: string, of: string): boolean => {
      for (
        let row = rows.find((one) => one.account === account);
        row !== undefined;
        row = rows.find((one) => one.account === row?.parent)
      )
        if (row.account === of) return true
      return false
    }
    const running = center.running()
    return rows
      .map((row) => ({
        account: row.account,
        share_of_center: shareOf(row.account),
        usage_of_center: used === 0 ? 0 : Math.min(1, row.usageAcceleratorS / used),
        jobs_running: running.filter(({ account }) => inside(account, row.account)).length,
        jobs_pending: row.pendingJobs,
      }))
      .toSorted((a, b) => b.share_of_center - a.share_of_center)
      .slice(0, 8)
  }

  function overview(): Overview {
    const views = center.pools()
    const waitingJobs = [...jobs.values()].filter(({ state, held_by }) => state === 'PENDING' && held_by === null)
    const oldest = waitingJobs[0]
    const busyOf = (view: (typeof views)[number]): number =>
      view.accelerators - view.acceleratorsFree - view.acceleratorsOut
    const all = views.reduce((sum, view) => sum + view.accelerators, 0)
    return {
      center: config.name,
      policy: config.policy.name,
      revision,
      at_ms: atMs,
      speed: 60,
      queue: {
        accepted: waiting.length,
        pending: waitingJobs.length,
        held: [...jobs.values()].filter(({ state, held_by }) => state === 'PENDING' && held_by !== null).length,
        running: views.reduce((sum, { running }) => sum + running, 0),
        oldest_wait_ms: oldest?.wait_ms ?? null,
        oldest_job: oldest?.id ?? null,
      },
      totals: { ...totals },
      rates,
      pools: views.map((view) => ({
        name: view.name,
        kind: view.kind,
        model: view.model,
        jobs_pending: view.pending,
        jobs_running: view.running,
        accelerators: view.accelerators,
        accelerators_busy: busyOf(view),
        accelerators_out: view.acceleratorsOut,
        utilization: busyOf(view) / Math.max(1, view.accelerators - view.acceleratorsOut),
      })),
      utilization: views.reduce((sum, view) => sum + busyOf(view), 0) / all,
      capacity: fleetPeak(views.map((view) => ({ model: view.model, count: view.accelerators }))),
      delivered: fleetPeak(views.map((view) => ({ model: view.model, count: busyOf(view) }))),
      top_accounts: topAccounts(),
      latest_starts: [...latest],
      leader: { owner: standIn.leads ? 'stand-in' : null, epoch: 1, lag_ms: 0, revisions_behind: 0 },
    }
  }

  const standIn: StandInCenter = {
    tick,
    admit,
    submit,
    act(job, act) {
      waiting.push(act === 'cancel' ? { type: 'cancel', job } : { type: act, job, by: 'admin' })
    },
    overview,
    explain(id) {
      const state = jobs.get(id)?.state ?? 'accepted'
      const reasons = (center.explain(id) ?? []).map((reason) => wordWaitReason(reason, atMs))
      return {
        job: id,
        state,
        revision,
        at_ms: atMs,
        summary: summarize(state, reasons),
        reasons: reasons.map((reason) => ({ ...reason, numbers: { ...reason.numbers } })),
      }
    },
    job: (id) => jobs.get(id),
    jobs: () => [...jobs.values()].reverse(),
    accountsOf: (user) => config.associations.filter((one) => one.user === user).map(({ account }) => account),
    revision: () => revision,
    leads: true,
  }
  // A few nodes are out from the start, so that this shows too.
  center.apply({ type: 'node', pool: 'h200-c', node: 3, to: 'drain' }, atMs)
  center.apply({ type: 'node', pool: 'rngd', node: 7, to: 'down' }, atMs)
  center.apply({ type: 'node', pool: 'rngd', node: 8, to: 'down' }, atMs)
  return standIn
}
