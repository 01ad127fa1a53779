// Users who always have as much to do: a center in which every job that ends is followed by its like at once. Papers measure share rules
// so, and long runs come to what the rule makes of a center, whatever was first.

import { Center, type CenterConfig, type Command, decodeFacts, type Fact, FactLog, type JobRequest } from '@dure/core'

export interface Worker {
  /** Index into `CenterConfig.associations`. */
  readonly association: number
  readonly request: JobRequest
  /** How many such jobs there are at any time, waiting or running. */
  readonly jobs: number
  /** At the reference speed, of the n-th job. */
  readonly runMs: (n: number) => number
}

export interface ClosedRun {
  readonly config: CenterConfig
  /** Devices held on the average, by association and pool. */
  readonly held: readonly (readonly number[])[]
  /** Work per unit of time, a device at the reference speed being 1, by association. */
  readonly rate: readonly number[]
  readonly facts: readonly Fact[]
  readonly factsHash: string
}

/** Plays until `untilMs`. `before` is asked at every instant for what else the center is told. */
export function playClosed(
  config: CenterConfig,
  workers: readonly Worker[],
  untilMs: number,
  before: (atMs: number, center: Center) => Command | undefined = () => undefined,
): ClosedRun {
  const log = new FactLog({ keep: true })
  const workerOf = new Map<number, Worker>()
  const ends: {
    readonly job: number
    readonly attempt: number
    readonly fromMs: number
    readonly toMs: number
    readonly pool: number
  }[] = []
  const held = config.associations.map(() => config.pools.map(() => 0))
  const rate = config.associations.map(() => 0)
  const speedIn = ({ pools, speedsMille }: JobRequest, pool: number): number =>
    (speedsMille?.[pools.indexOf(config.pools[pool]!.name)] ?? 1000) / 1000
  const center = Center.create(config, log, 0, {
    started(job, attempt, atMs, pool) {
      const { request, runMs } = workerOf.get(job)!
      ends.push({ job, attempt, fromMs: atMs, toMs: atMs + Math.ceil(runMs(job) / speedIn(request, pool)), pool })
    },
    ended() {},
    requeued() {},
  })
  let jobs = 0
  const submit = (worker: Worker, atMs: number): void => {
    const { account, user } = config.associations[worker.association]!
    workerOf.set(++jobs, worker)
    const timeLimitMs = 1000 * worker.runMs(jobs)
    center.apply(
      { type: 'submit', job: jobs, account, user, request: worker.request, timeLimitMs, held: null, label: '' },
      atMs,
    )
  }
  const count = ({ job, fromMs, toMs, pool }: (typeof ends)[number]): void => {
    const { association, request } = workerOf.get(job)!
    const devices = (request.nodes * request.acceleratorsMilli) / 1000
    const part = Math.min(toMs, untilMs) - fromMs
    held[association]![pool]! += (devices * part) / untilMs
    rate[association]! += (devices * part * speedIn(request, pool)) / untilMs
  }
  for (const worker of workers) for (let job = 0; job < worker.jobs; job++) submit(worker, 0)
  for (let nowMs = 0; nowMs < untilMs; nowMs = Math.min(...ends.map(({ toMs }) => toMs))) {
    for (const end of ends.filter(({ toMs }) => toMs === nowMs)) {
      ends.splice(ends.indexOf(end), 1)
      count(end)
      center.apply({ type: 'finish', job: end.job, attempt: end.attempt, exitCode: 0 }, nowMs)
      submit(workerOf.get(end.job)!, nowMs)
    }
    const command = before(nowMs, center)
    if (command !== undefined) center.apply(command, nowMs)
    center.schedule(nowMs)
  }
  for (const end of ends) count(end)
  return { config, held, rate, facts: [...decodeFacts(log.drain())], factsHash: log.hash() }
}
