// A second host of a center, as plain as can be: it looks at all there is to find out what comes next, keeps every fact, and
// lets nodes fail. What `simulate` does with an event queue must come to the same facts.

import { Center, type CenterConfig, type Command, decodeFacts, type Fact, FactLog, type NodeState } from '@dure/core'
import type { Demand } from '../src/demand.ts'

export interface NodeAct {
  readonly atMs: number
  readonly pool: string
  readonly node: number
  readonly to: NodeState
}

export interface PlayedDemand {
  readonly facts: readonly Fact[]
  readonly factsHash: string
}

type Due = { readonly atMs: number; readonly command: Command }

/** At each instant: ends in order of their starts, what happens to nodes, cancels, submissions, a pass. `acts` in order of time. */
export function playDemand(config: CenterConfig, demand: Demand, acts: readonly NodeAct[] = []): PlayedDemand {
  const log = new FactLog({ keep: true })
  const indices = Array.from({ length: demand.count }, (_, i) => i)
  const submissions = indices.map((i): Due => ({ atMs: demand.submitMs[i]!, command: submitOf(config, demand, i) }))
  const mishaps = acts.map(({ atMs, ...act }): Due => ({ atMs, command: { type: 'node', ...act } }))
  /** Jobs whose owners would cancel them; whoever has seen a job start does not come back. */
  let impatient: readonly Due[] = []
  let ends: readonly Due[] = []
  /** What jobs have left to compute that have a checkpoint, and when the present attempt writes some. */
  const left = new Map<number, number>()
  const saves = new Map<number, { startedMs: number; speedMille: number; saved: Stages['saved'] }>()
  const without = (dues: readonly Due[], job: number): readonly Due[] =>
    dues.filter(({ command }) => !('job' in command) || command.job !== job)
  const forget = (job: number): void => {
    ends = without(ends, job)
    impatient = without(impatient, job)
  }
  const firstMs = Math.min(...[...submissions, ...mishaps].map(({ atMs }) => atMs))
  const center = Center.create(config, log, firstMs, {
    started(job, attempt, atMs, pool) {
      const i = demand.job.indexOf(job)
      const { pools, speedsMille } = demand.requests[demand.request[i]!]!
      const speedMille = speedsMille?.[pools.indexOf(config.pools[pool]!.name)] ?? 1000
      const stages = stagesOf(demand, i, left.get(job), speedMille)
      const endMs = atMs + stages.takesMs
      saves.set(job, { startedMs: atMs, speedMille, saved: stages.saved })
      forget(job)
      if (stages.takesMs > Math.ceil((demand.limitMs[i]! * 1000) / speedMille)) return
      const command: Command =
        demand.stopped?.[i] === 1
          ? { type: 'cancel', job }
          : { type: 'finish', job, attempt, exitCode: demand.exitCode[i]! }
      ends = [...ends, { atMs: endMs, command }]
    },
    ended: forget,
    requeued(job, _, atMs) {
      forget(job)
      const { startedMs, speedMille, saved } = saves.get(job)!
      const last = saved.findLast(({ afterMs }) => startedMs + afterMs <= atMs)
      if (last === undefined) return
      const keptMs = Math.floor((last.computedMs * speedMille) / 1000)
      left.set(job, (left.get(job) ?? demand.runMs[demand.job.indexOf(job)]!) - keptMs)
    },
  })
  const submit = (i: number, atMs: number): void => {
    const job = demand.job[i]!
    const isRefused = center.apply(submissions[i]!.command, atMs).kind === 'refused'
    const cancelMs = isRefused ? Infinity : (demand.cancelMs?.[i] ?? Infinity)
    impatient = [...impatient, { atMs: atMs + cancelMs, command: { type: 'cancel', job } }]
  }
  for (let lastMs = -Infinity; ; ) {
    const toCome = [ends, impatient, submissions, mishaps].flat().map(({ atMs }) => atMs)
    const nowMs = Math.min(center.nextDueMs(), ...toCome.filter((atMs) => atMs > lastMs))
    if (nowMs === Infinity) break
    if (nowMs <= lastMs) throw new Error(`what was due at ${nowMs} ms is still to come after it`)
    const now = ({ atMs }: Due): boolean => atMs === nowMs
    for (const { command } of ends.filter(now)) center.apply(command, nowMs)
    for (const { command } of mishaps.filter(now)) center.apply(command, nowMs)
    for (const { command } of impatient.filter(now)) center.apply(command, nowMs)
    for (const i of indices) if (demand.submitMs[i] === nowMs) submit(i, nowMs)
    center.schedule(nowMs)
    center.assertInvariants()
    lastMs = nowMs
  }
  return { facts: [...decodeFacts(log.drain())], factsHash: log.hash() }
}

interface Stages {
  readonly takesMs: number
  /** After how long a checkpoint is written, and how much has been computed by then. */
  readonly saved: readonly { readonly afterMs: number; readonly computedMs: number }[]
}

/** An attempt piece by piece: reading the last checkpoint, then computing and writing by turns. @param leftMs of a job that has one */
function stagesOf(demand: Demand, i: number, leftMs: number | undefined, speedMille: number): Stages {
  const everyMs = demand.checkpointMs?.[i] ?? Infinity
  const toComputeMs = Math.ceil(((leftMs ?? demand.runMs[i]!) * 1000) / speedMille)
  const saved: { afterMs: number; computedMs: number }[] = []
  let takesMs = leftMs === undefined ? 0 : demand.restartMs![i]!
  let computedMs = 0
  while (toComputeMs - computedMs > everyMs) {
    takesMs += everyMs + demand.writeMs![i]!
    computedMs += everyMs
    saved.push({ afterMs: takesMs, computedMs })
  }
  return { takesMs: takesMs + toComputeMs - computedMs, saved }
}

function submitOf({ associations }: CenterConfig, demand: Demand, i: number): Command {
  const { account, user } = associations[demand.association[i]!]!
  return {
    type: 'submit',
    job: demand.job[i]!,
    account,
    user,
    request: demand.requests[demand.request[i]!]!,
    timeLimitMs: demand.limitMs[i]!,
    held: null,
    label: '',
  }
}
