// Who ran where and when, read from facts alone: nothing here asks the center that wrote them.

import type { CenterConfig, EndState, Fact, NodePlacement, PlacedRequest } from '@dure/core'
import { isCounted } from '@dure/core'

/** One attempt of a job on its processors or nodes, in [fromMs, toMs). */
interface Run {
  readonly job: number
  readonly attempt: number
  readonly request: PlacedRequest
  readonly pool: number
  readonly placement: readonly NodePlacement[]
  readonly fromMs: number
  readonly toMs: number
}

interface Life {
  readonly submittedMs: number
  readonly request: PlacedRequest
  readonly timeLimitMs: number
  readonly runs: Run[]
  ended: { readonly atMs: number; readonly state: EndState } | undefined
}

/** By job number. @throws {Error} where a job does what one in its state cannot do, such as ending twice. */
export function livesOf(facts: readonly Fact[]): ReadonlyMap<number, Life> {
  const lives = new Map<number, Life>()
  const alive = (fact: Fact & { readonly job: number }): Life => {
    const life = lives.get(fact.job)
    if (life === undefined || life.ended !== undefined) throw new Error(`${fact.type}: job ${fact.job} is not there`)
    return life
  }
  const stop = ({ runs }: Life, { job, attempt, atMs }: Extract<Fact, { readonly attempt: number }>): void => {
    const last = runs.pop()
    if (last?.attempt !== attempt || last.toMs !== Infinity) throw new Error(`job ${job} does not run`)
    runs.push({ ...last, toMs: atMs })
  }
  for (const fact of facts) {
    switch (fact.type) {
      case 'submitted': {
        if (lives.has(fact.job)) throw new Error(`job ${fact.job} is submitted twice`)
        const { atMs: submittedMs, request, timeLimitMs } = fact
        lives.set(fact.job, { submittedMs, request, timeLimitMs, runs: [], ended: undefined })
        break
      }
      case 'started': {
        const { job, attempt, pool, placement, atMs: fromMs } = fact
        const { runs, request } = alive(fact)
        if (attempt !== runs.length + 1 || runs.some(({ toMs }) => toMs === Infinity))
          throw new Error(`job ${job} starts out of turn of its attempts`)
        runs.push({ job, attempt, request, pool, placement, fromMs, toMs: Infinity })
        break
      }
      case 'requeued':
        stop(alive(fact), fact)
        break
      case 'ended': {
        const life = alive(fact)
        // Who waits can only be cancelled.
        if (fact.state !== 'CANCELLED' || life.runs.at(-1)?.toMs === Infinity) stop(life, fact)
        life.ended = { atMs: fact.atMs, state: fact.state }
        break
      }
    }
  }
  return lives
}

const unitsOf = ({ nodes, acceleratorsMilli }: PlacedRequest): number => (nodes * acceleratorsMilli) / 1000

const bits = (mask: number): number[] => Array.from({ length: 32 }, (_, i) => i).filter((i) => mask & (1 << i))

/** What is used twice at some moment, or by a job that did not get what it asked for: empty where all is well. */
export function overAllocations(config: CenterConfig, lives: ReadonlyMap<number, Life>): string[] {
  const runs = [...lives.values()].flatMap((life) => life.runs)
  const wrong = runs
    .filter((run) => !isAsAskedFor(config, run))
    .map(({ job }) => `job ${job} got what it did not ask for`)
  // What is used only grows when somebody starts.
  for (const atMs of new Set(runs.map(({ fromMs }) => fromMs))) {
    const used = new Map<string, number>()
    const use = (what: string, amount: number): void => {
      used.set(what, (used.get(what) ?? 0) + amount)
    }
    for (const { request, pool, placement, fromMs, toMs } of runs) {
      if (fromMs > atMs || toMs <= atMs) continue
      if (isCounted(config.pools[pool]!)) use(`${pool}`, unitsOf(request))
      for (const { node, devices } of placement) {
        for (const device of bits(devices)) use(`${pool}/${node}/${device}`, Math.min(1000, request.acceleratorsMilli))
        use(`${pool}/${node}/cpu`, request.cpuMilli)
        use(`${pool}/${node}/memory`, request.memoryMib)
      }
    }
    for (const [what, amount] of used) {
      if (amount > roomOf(config, what))
        wrong.push(`${what} has ${roomOf(config, what)}, at ${atMs} ms ${amount} are used`)
    }
  }
  return wrong
}

function roomOf(config: CenterConfig, what: string): number {
  const [index, , part] = what.split('/')
  const pool = config.pools[Number(index)]!
  if (isCounted(pool)) return pool.processors
  return part === 'cpu' ? pool.perNode.cpuMilli : part === 'memory' ? pool.perNode.memoryMib : 1000
}

function isAsAskedFor(config: CenterConfig, { request, pool: index, placement }: Run): boolean {
  const pool = config.pools[index]!
  if (!request.pools.includes(index)) return false
  if (isCounted(pool)) return placement.length === 0
  const devices = request.acceleratorsMilli < 1000 ? 1 : request.acceleratorsMilli / 1000
  return (
    placement.length === request.nodes &&
    new Set(placement.map(({ node }) => node)).size === request.nodes &&
    placement.every(({ node, devices: mask }) => {
      const held = bits(mask)
      return node < pool.nodes && held.length === devices && held.every((device) => device < pool.perNode.accelerators)
    })
  )
}

/** Jobs that start on a node while it is drained or down, or run on as it goes down: empty where all is well. */
export function strayRuns(facts: readonly Fact[]): string[] {
  const runs = [...livesOf(facts).values()].flatMap((life) => life.runs)
  return facts.flatMap((fact, i) => {
    if (fact.type !== 'node' || fact.to === 'up') return []
    const { pool, node, atMs, to } = fact
    const isBack = (later: Fact): boolean =>
      later.type === 'node' && later.to === 'up' && later.pool === pool && later.node === node
    const backMs = facts.slice(i + 1).find(isBack)?.atMs ?? Infinity
    return runs
      .filter((run) => run.pool === pool && run.placement.some((part) => part.node === node))
      .filter(({ fromMs, toMs }) => (fromMs < atMs ? to === 'down' && atMs < toMs : fromMs < backMs))
      .map(({ job, fromMs }) => `job ${job}, started at ${fromMs} ms, is on node ${pool}/${node}, ${to} at ${atMs} ms`)
  })
}

/** Promises that were not kept, or moved back without a stated cause: empty where all is well. */
export function brokenPromises(facts: readonly Fact[]): string[] {
  const standing = new Map<number, number>()
  const broken: string[] = []
  for (const fact of facts) {
    for (const [job, startMs] of standing) {
      if (startMs < fact.atMs) {
        broken.push(`job ${job}, promised ${startMs} ms, still waits at ${fact.atMs} ms`)
        standing.delete(job)
      }
    }
    if (fact.type === 'reserved') {
      const before = standing.get(fact.job)
      if (before !== undefined && before < fact.startMs)
        broken.push(`job ${fact.job}, promised ${before} ms, is put off to ${fact.startMs} ms at ${fact.atMs} ms`)
      standing.set(fact.job, fact.startMs)
    }
    if (fact.type === 'unreserved' || fact.type === 'started' || fact.type === 'ended') standing.delete(fact.job)
  }
  return broken
}

/**
 * Of a counted pool whose turns are in order of submission: jobs that start later than they could have counted on when they
 * came first in the queue, if everybody before them had used up their limits. Worked out from who runs, never from what was promised.
 */
export function delayedHeads(facts: readonly Fact[], processors: number): string[] {
  const queue: { readonly job: number; readonly units: number; readonly timeLimitMs: number }[] = []
  const running = new Map<number, { readonly units: number; readonly limitMs: number }>()
  const bounds = new Map<number, number>()
  const delayed: string[] = []
  const shadowMs = (units: number, nowMs: number): number => {
    let free = [...running.values()].reduce((left, run) => left - run.units, processors)
    let atMs = nowMs
    for (const run of [...running.values()].sort((a, b) => a.limitMs - b.limitMs)) {
      if (free >= units) break
      free += run.units
      atMs = run.limitMs
    }
    return atMs
  }
  facts.forEach((fact, i) => {
    if (fact.type === 'submitted')
      queue.push({ job: fact.job, units: unitsOf(fact.request), timeLimitMs: fact.timeLimitMs })
    const place = 'job' in fact ? queue.findIndex(({ job }) => job === fact.job) : -1
    if (fact.type === 'ended' && !running.delete(fact.job)) queue.splice(place, 1)
    if (fact.type === 'started') {
      const [{ units, timeLimitMs }] = queue.splice(place, 1) as [(typeof queue)[number]]
      running.set(fact.job, { units, limitMs: fact.atMs + timeLimitMs })
      const bound = bounds.get(fact.job) ?? Infinity
      if (fact.atMs > bound)
        delayed.push(`job ${fact.job}, which could count on ${bound} ms, starts at ${fact.atMs} ms`)
    }
    const isLastOfInstant = facts[i + 1]?.atMs !== fact.atMs
    const head = queue[0]
    if (isLastOfInstant && head !== undefined && !bounds.has(head.job))
      bounds.set(head.job, shadowMs(head.units, fact.atMs))
  })
  return delayed
}
