// Centers drawn in a line and told as a transcript, so that a test reads as the story it is about:
//
//   tell(center({ gpu: 4 }, easy), job('a').wide(3).for('1h'), at('10m').cancel('a'))
//   → ['0s a starts on 0 1 2', '10m a CANCELLED']

import type { AccountConfig, AssociationConfig } from '../src/account-config.ts'
import { Center } from '../src/center.ts'
import type { Command, HoldBy, NodeState, Outcome } from '../src/command.ts'
import type { CenterConfig } from '../src/config.ts'
import type { Fact } from '../src/fact.ts'
import { decodeFacts, FactLog } from '../src/fact-codec.ts'
import { fairshare, type Policy } from '../src/policy.ts'
import type { CountedPoolConfig, NodePoolConfig, NodeShape } from '../src/pool-config.ts'
import type { JobView } from '../src/views.ts'

const unitsMs = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const

/** `1h30m` in milliseconds. */
export function ms(text: string): number {
  const parts = [...text.matchAll(/(\d+)(ms|[dhms])/g)]
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) throw new RangeError(`no duration: ${text}`)
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * unitsMs.find(([name]) => name === unit)![1], 0)
}

/** The shortest way to write so many milliseconds. */
export function duration(totalMs: number): string {
  let rest = totalMs
  let text = ''
  for (const [name, unitMs] of unitsMs) {
    const count = Math.floor(rest / unitMs)
    if (count > 0) text += `${count}${name}`
    rest -= count * unitMs
  }
  return text === '' ? '0s' : text
}

type PoolSketch = Omit<NodePoolConfig, 'name'> | Omit<CountedPoolConfig, 'name'>

/** So many nodes of one accelerator each, or of the shape given. */
export const nodes = (count: number, perNode: Partial<NodeShape> = {}): PoolSketch => ({
  kind: 'gpu',
  model: 'H100',
  nodes: count,
  perNode: { cpuMilli: 64_000, memoryMib: 65_536, accelerators: 1, ...perNode },
})

/** So many interchangeable processors. */
export const processors = (count: number): PoolSketch => ({ kind: 'cpu', processors: count })

export interface ShareTreeSketch {
  readonly accounts: readonly AccountConfig[]
  readonly associations: readonly AssociationConfig[]
}

/** One account, `lab`, with one user, `kim`. */
const oneUser: ShareTreeSketch = {
  accounts: [{ name: 'lab', parent: null, shares: 1 }],
  associations: [{ account: 'lab', user: 'kim', shares: 1 }],
}

/** A center of named pools; a bare number is so many nodes of one accelerator each. */
export const center = (
  pools: Readonly<Record<string, number | PoolSketch>>,
  policy: Policy = { ...fairshare, name: 'plain easy', order: 'submit' },
  shares: ShareTreeSketch = oneUser,
): CenterConfig => ({
  name: 'a center',
  pools: Object.entries(pools).map(([name, pool]) => ({ ...(typeof pool === 'number' ? nodes(pool) : pool), name })),
  ...shares,
  policy,
})

export interface JobSketch {
  readonly name: string
  readonly from: (time: string) => JobSketch
  readonly wide: (nodes: number) => JobSketch
  /** Whole accelerators on each node. */
  readonly devices: (count: number) => JobSketch
  /** Thousandths of one accelerator. */
  readonly slice: (milli: number) => JobSketch
  /** CPU cores on each node. */
  readonly cores: (count: number) => JobSketch
  /** MiB on each node. */
  readonly memory: (mib: number) => JobSketch
  /** Time limit. */
  readonly for: (time: string) => JobSketch
  /** How long it really runs; until its limit where nothing is said. */
  readonly running: (time: string) => JobSketch
  /** Pools it accepts, the preferred first; the first of the center where nothing is said. */
  readonly in: (...pools: string[]) => JobSketch
  /** How fast it runs in each of these, in thousandths. */
  readonly at: (...speedsMille: number[]) => JobSketch
  /** `account/user`. */
  readonly by: (association: string) => JobSketch
  readonly held: (by: HoldBy) => JobSketch
  readonly sketch: JobDetails
}

interface JobDetails {
  readonly submitMs: number
  readonly nodes: number
  readonly acceleratorsMilli: number
  readonly cpuMilli: number
  readonly memoryMib: number
  readonly timeLimitMs: number
  readonly runMs: number
  readonly pools: readonly string[]
  readonly speedsMille: readonly number[] | undefined
  readonly association: string
  readonly held: HoldBy | null
}

function jobOf(name: string, sketch: JobDetails): JobSketch {
  const but = (change: Partial<JobDetails>): JobSketch => jobOf(name, { ...sketch, ...change })
  return {
    name,
    sketch,
    from: (time) => but({ submitMs: ms(time) }),
    wide: (count) => but({ nodes: count }),
    devices: (count) => but({ acceleratorsMilli: count * 1000 }),
    slice: (milli) => but({ acceleratorsMilli: milli }),
    cores: (count) => but({ cpuMilli: count * 1000 }),
    memory: (mib) => but({ memoryMib: mib }),
    for: (time) => but({ timeLimitMs: ms(time) }),
    running: (time) => but({ runMs: ms(time) }),
    in: (...pools) => but({ pools }),
    at: (...speedsMille) => but({ speedsMille }),
    by: (association) => but({ association }),
    held: (by) => but({ held: by }),
  }
}

/** A job of one accelerator on one node, for an hour at most. */
export const job = (name: string): JobSketch =>
  jobOf(name, {
    submitMs: 0,
    nodes: 1,
    acceleratorsMilli: 1000,
    cpuMilli: 0,
    memoryMib: 0,
    timeLimitMs: ms('1h'),
    runMs: Number.POSITIVE_INFINITY,
    pools: [],
    speedsMille: undefined,
    association: '',
    held: null,
  })

/** What somebody does at a moment. */
export interface Act {
  readonly atMs: number
  readonly command: (jobIds: ReadonlyMap<string, number>) => Command
}

/** What somebody does at a moment, about jobs by name. */
export const at = (time: string) => {
  const act = (command: Act['command']): Act => ({ atMs: ms(time), command })
  const about = (name: string, ids: ReadonlyMap<string, number>): number => {
    const id = ids.get(name)
    if (id === undefined) throw new RangeError(`no job ${name} in this story`)
    return id
  }
  return {
    cancel: (name: string) => act((ids) => ({ type: 'cancel', job: about(name, ids) })),
    hold: (name: string, by: HoldBy = 'user') => act((ids) => ({ type: 'hold', job: about(name, ids), by })),
    release: (name: string, by: HoldBy = 'user') => act((ids) => ({ type: 'release', job: about(name, ids), by })),
    finish: (name: string, attempt = 1, exitCode = 0) =>
      act((ids) => ({ type: 'finish', job: about(name, ids), attempt, exitCode })),
    /** Thousandths of an accelerator by `account/user` and pool. */
    target: (targets: Readonly<Record<string, Readonly<Record<string, number>>>>) =>
      act(() => ({
        type: 'target',
        targets: Object.entries(targets).flatMap(([association, byPool]) =>
          Object.entries(byPool).map(([pool, acceleratorsMilli]) => {
            const [account, user] = association.split('/') as [string, string]
            return { account, user, pool, acceleratorsMilli }
          }),
        ),
      })),
    node: (node: number, to: NodeState, pool = 'gpu') => act(() => ({ type: 'node', pool, node, to })),
    powerCap: (capW: number | null) => act(() => ({ type: 'power-cap', capW })),
  }
}

/** The submit command of a sketched job. */
export function submitOf({ name, sketch }: JobSketch, id: number, config: CenterConfig): Command {
  const { account: firstAccount, user: firstUser } = config.associations[0]!
  const [account, user] = sketch.association === '' ? [firstAccount, firstUser] : sketch.association.split('/')
  return {
    type: 'submit',
    job: id,
    account: account!,
    user: user ?? '',
    request: {
      pools: sketch.pools.length === 0 ? [config.pools[0]!.name] : sketch.pools,
      ...(sketch.speedsMille && { speedsMille: sketch.speedsMille }),
      nodes: sketch.nodes,
      acceleratorsMilli: sketch.acceleratorsMilli,
      cpuMilli: sketch.cpuMilli,
      memoryMib: sketch.memoryMib,
    },
    timeLimitMs: sketch.timeLimitMs,
    held: sketch.held,
    label: name,
  }
}

const isAct = (happening: JobSketch | Act): happening is Act => 'command' in happening

export interface Told {
  /** What happened, a line a fact; submissions and fair-share ranking aside. */
  readonly lines: readonly string[]
  readonly facts: readonly Fact[]
  readonly outcomes: readonly Outcome[]
  readonly center: Center
  readonly ids: ReadonlyMap<string, number>
}

/**
 * Plays a story: at every moment at which something happens, finishes first, then submissions and acts in the order
 * listed, then a pass. Goes on until nothing is left to happen, or up to and with `untilMs`.
 */
export function play(config: CenterConfig, happenings: readonly (JobSketch | Act)[], untilMs = Infinity): Told {
  const jobs = happenings.filter((happening): happening is JobSketch => !isAct(happening))
  const ids = new Map(jobs.map(({ name }, i) => [name, i + 1]))
  const runMs = new Map(jobs.map(({ name, sketch }) => [ids.get(name)!, sketch.runMs]))
  const lengthMs = ({ job: id, speedMille }: JobView): number =>
    Math.ceil(((runMs.get(id) ?? Infinity) * 1000) / speedMille!)
  const queue = happenings
    .map((happening) =>
      isAct(happening)
        ? { atMs: happening.atMs, command: happening.command(ids) }
        : { atMs: happening.sketch.submitMs, command: submitOf(happening, ids.get(happening.name)!, config) },
    )
    .toSorted((a, b) => a.atMs - b.atMs)
  const log = new FactLog({ keep: true })
  const played = Center.create(config, log, 0)
  const outcomes: Outcome[] = []
  for (;;) {
    const finishes = played.running().map((run) => ({
      command: { type: 'finish', job: run.job, attempt: run.attempt, exitCode: 0 } as const,
      atMs: run.startedMs! + lengthMs(run),
    }))
    const nowMs = Math.min(played.nextDueMs(), queue[0]?.atMs ?? Infinity, ...finishes.map(({ atMs }) => atMs))
    if (nowMs === Infinity || nowMs > untilMs) break
    for (const { command, atMs } of finishes) if (atMs === nowMs) played.apply(command, nowMs)
    while (queue[0]?.atMs === nowMs) outcomes.push(played.apply(queue.shift()!.command, nowMs))
    played.schedule(nowMs)
    played.assertInvariants()
  }
  const facts = [...decodeFacts(log.drain())]
  const names = new Map([...ids].map(([name, id]) => [id, name]))
  const lines = facts.flatMap((fact) => lineOf(fact, (id) => names.get(id) ?? `job ${id}`, config) ?? [])
  return { lines, facts, outcomes, center: played, ids }
}

/** The transcript of a story. */
export const tell = (config: CenterConfig, ...happenings: (JobSketch | Act)[]): readonly string[] =>
  play(config, happenings).lines

/** When each job started first, or `never`. */
export function starts(config: CenterConfig, ...happenings: (JobSketch | Act)[]): Record<string, string> {
  const { facts, ids } = play(config, happenings)
  const startOf = (id: number): string => {
    const started = facts.find((fact) => fact.type === 'started' && fact.job === id)
    return started === undefined ? 'never' : duration(started.atMs)
  }
  return Object.fromEntries([...ids].map(([name, id]) => [name, startOf(id)]))
}

function lineOf(fact: Fact, name: (job: number) => string, config: CenterConfig): string | undefined {
  const time = duration(fact.atMs)
  const pool = (index: number): string => (config.pools.length > 1 ? ` in ${config.pools[index]!.name}` : '')
  switch (fact.type) {
    case 'started': {
      const why = fact.cause === 'turn' ? '' : ` (${fact.cause})`
      return `${time} ${name(fact.job)} starts${placed(fact, config)}${pool(fact.pool)}${why}`
    }
    case 'ended':
      return `${time} ${name(fact.job)} ${fact.state}`
    case 'requeued':
      return `${time} ${name(fact.job)} requeued`
    case 'held':
      return `${time} ${name(fact.job)} held by ${fact.by}`
    case 'released':
      return `${time} ${name(fact.job)} released`
    case 'reserved':
      return `${time} ${name(fact.job)} promised ${duration(fact.startMs)} on ${fact.nodes.join(' ')}${pool(fact.pool)}`
    case 'unreserved':
      return `${time} promise to ${name(fact.job)} void (${fact.cause})`
    case 'node':
      return `${time} node ${fact.node}${pool(fact.pool)} ${fact.to}`
    case 'power-capped':
      return fact.capW === null ? `${time} no power cap` : `${time} power capped at ${fact.capW} W`
    case 'refused':
      return `${time} ${name(fact.job)} refused: ${fact.reason}`
    default:
      return undefined
  }
}

/** Nodes, each with its devices where a node has several. */
function placed({ pool, placement }: Extract<Fact, { type: 'started' }>, config: CenterConfig): string {
  if (placement.length === 0) return ''
  const { perNode } = config.pools[pool] as NodePoolConfig
  const devices = (mask: number): number[] =>
    Array.from({ length: perNode.accelerators }, (_, device) => device).filter((device) => mask & (1 << device))
  const places = placement.map(({ node, devices: mask }) =>
    perNode.accelerators === 1 ? `${node}` : `${node}:${devices(mask).join('+')}`,
  )
  return ` on ${places.join(' ')}`
}
