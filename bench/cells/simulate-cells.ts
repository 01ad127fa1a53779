// A center in cells, on virtual time: groups of pools that each have a `Center` and a ledger of their own, as where one Redis is not
// enough. A job goes to one of the cells that have a pool it accepts when it is submitted, and stays there. What was used elsewhere, cells
// tell each other every so often; it counts one interval later than in one center.
//
// The loop is that of `simulate`, without failures, speeds and checkpoints: a pass in every cell to which something happened at an instant.
// With one cell it comes to the same facts.

import type { CenterConfig, CenterListener, JobRequest } from '@dure/core'
import { type Demand, EventQueue, type SimulationObserver, width } from '@dure/sim'
import { Cell } from './cell.ts'
import { UsedSince } from './used-since.ts'

export interface CellsOptions {
  /** Names of the pools of each cell. Every pool is in one. */
  readonly groups: readonly (readonly string[])[]
  /** Between two exchanges of what was used; Infinity: there are none. */
  readonly exchangeMs: number
  /** Stop at this moment: what is due then still happens. */
  readonly untilMs: number
  readonly observer: SimulationObserver
  /** Milliseconds of any steady clock, to time what each cell decides by. */
  readonly clock?: () => number
}

export interface CellRun {
  readonly factsHash: string
  /** Sent there. */
  readonly jobs: number
  readonly passes: number
  /** In its own jobs and its passes; and in what it was told of others. */
  readonly decidingMs: number
  readonly toldMs: number
}

/** A cell that could take a request, with those of its pools that the request accepts. */
interface Home {
  readonly cell: number
  readonly request: JobRequest
}

const WAITING = 1
const RUNNING = 2
const ENDED = 3

export function simulateCells(config: CenterConfig, demand: Demand, options: CellsOptions): CellRun[] {
  const { groups, exchangeMs, untilMs, observer, clock = () => 0 } = options
  const { count, submitMs, runMs, limitMs, cancelMs, stopped } = demand
  if (demand.checkpointMs !== undefined) throw new RangeError('cells take no demand with checkpoints')
  if (demand.requests.some(({ speedsMille }) => speedsMille !== undefined)) throw new RangeError('cells know no speeds')
  const firstMs = submitMs[0] ?? 0
  const widths = demand.requests.map(width)
  const indexOf = new Map(Array.from(demand.job, (job, i) => [job, i]))
  const firstJobElsewhere = demand.job.reduce((most, job) => Math.max(most, job), 0) + 1
  const state = new Uint8Array(count)
  const startMs = new Float64Array(count).fill(-1)
  const cellOf = new Int16Array(count)
  const ends = new EventQueue()
  const patience = new EventQueue()

  const cells = groups.map((pools, c) => {
    const listener: Pick<CenterListener, 'started' | 'ended'> = {
      started(job, _, atMs, pool) {
        const i = indexOf.get(job)!
        state[i] = RUNNING
        startMs[i] = atMs
        used[c]!.change(demand.association[i]!, widths[demand.request[i]!]!, atMs)
        ends.push(atMs + Math.min(runMs[i]!, limitMs[i]!), 0, i)
        observer.started(i, atMs, pool)
      },
      ended(job, attempt, endState, atMs) {
        const i = indexOf.get(job)!
        state[i] = ENDED
        live[c]! -= widths[demand.request[i]!]!
        if (attempt > 0) used[c]!.change(demand.association[i]!, -widths[demand.request[i]!]!, atMs)
        observer.ended(i, startMs[i]!, atMs, endState)
      },
    }
    return new Cell({ whole: config, pools, atMs: firstMs, firstJobElsewhere, clock, listener })
  })
  const used = cells.map(() => new UsedSince(config.associations.length, firstMs))
  /** By cell: accelerators that its jobs hold or wait for, and jobs that were sent there. */
  const live = cells.map(() => 0)
  const jobs = cells.map(() => 0)
  const homes = demand.requests.map((request) => homesOf(request, groups))
  const touched = new Set<number>()

  /** Where the least is asked for, the job itself counted in, for what there is; among equals where the job's first pool is. */
  const homeFor = (i: number): Home => {
    const request = demand.request[i]!
    const loadAt = ({ cell }: Home): number => (live[cell]! + widths[request]!) / cells[cell]!.accelerators
    return homes[request]!.reduce((best, home) => (loadAt(home) < loadAt(best) ? home : best))
  }
  const submit = (i: number, atMs: number): void => {
    const { cell, request } = homeFor(i)
    const { account, user } = config.associations[demand.association[i]!]!
    const job = demand.job[i]!
    state[i] = WAITING
    cellOf[i] = cell
    live[cell]! += widths[demand.request[i]!]!
    jobs[cell]!++
    touched.add(cell)
    cells[cell]!.apply(
      { type: 'submit', job, account, user, request, timeLimitMs: limitMs[i]!, held: null, label: '' },
      atMs,
    )
    observer.submitted(i, atMs)
    if (cancelMs !== undefined && cancelMs[i]! < Infinity) patience.push(atMs + cancelMs[i]!, 0, i)
  }
  /** A run that outlasts its limit is ended by the pass. */
  const end = (i: number, atMs: number): void => {
    touched.add(cellOf[i]!)
    if (runMs[i]! > limitMs[i]!) return
    const job = demand.job[i]!
    if (stopped?.[i] === 1) cells[cellOf[i]!]!.apply({ type: 'cancel', job }, atMs)
    else cells[cellOf[i]!]!.apply({ type: 'finish', job, attempt: 1, exitCode: demand.exitCode[i]! }, atMs)
  }
  const exchange = (atMs: number): void => {
    const lately = used.map((book) => book.take(atMs))
    cells.forEach((cell, c) => {
      const elsewhere = config.associations.map((_, association) =>
        lately.reduce((sum, of, other) => (other === c ? sum : sum + of[association]!), 0),
      )
      cell.tell(elsewhere, atMs, exchangeMs)
      touched.add(c)
    })
  }

  let next = 0
  let exchangeNextMs = cells.length === 1 ? Infinity : firstMs + exchangeMs
  const nextMs = (): number => Math.min(ends.nextMs(), next < count ? submitMs[next]! : Infinity, patience.nextMs())
  // What cells tell each other makes nothing happen where nothing else does.
  for (let dueMs = nextMs(); dueMs !== Infinity && dueMs <= untilMs; dueMs = nextMs()) {
    const atMs = Math.min(dueMs, exchangeNextMs, ...cells.map(({ nextToldMs }) => nextToldMs))
    for (const cell of cells) cell.endTold(atMs)
    while (ends.nextMs() === atMs) end(ends.pop(), atMs)
    if (exchangeNextMs === atMs) {
      exchange(atMs)
      exchangeNextMs += exchangeMs
    }
    while (patience.nextMs() === atMs) {
      const i = patience.pop()
      if (state[i] !== WAITING) continue
      touched.add(cellOf[i]!)
      cells[cellOf[i]!]!.apply({ type: 'cancel', job: demand.job[i]! }, atMs)
    }
    for (; next < count && submitMs[next] === atMs; next++) submit(next, atMs)
    for (const c of touched) {
      cells[c]!.pass(atMs)
      observer.passed?.(atMs, cells[c]!.center)
    }
    touched.clear()
  }
  for (let i = 0; i < next; i++) {
    if (state[i] === WAITING || state[i] === RUNNING) observer.unfinished(i, startMs[i]!, untilMs)
  }
  return cells.map(({ factsHash, passes, decidingMs, toldMs }, c) => ({
    ...{ factsHash, jobs: jobs[c]!, passes },
    ...{ decidingMs, toldMs },
  }))
}

/** The one with the request's first pool first. */
function homesOf(request: JobRequest, groups: CellsOptions['groups']): Home[] {
  return groups
    .flatMap((pools, cell): Home[] => {
      const accepted = request.pools.filter((name) => pools.includes(name))
      return accepted.length === 0 ? [] : [{ cell, request: { ...request, pools: accepted } }]
    })
    .sort((a, b) => request.pools.indexOf(a.request.pools[0]!) - request.pools.indexOf(b.request.pools[0]!))
}
