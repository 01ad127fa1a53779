// One run: a seed played to its end and checked. Equal seeds give equal runs, to the byte.

import type { Term } from '../leader/term.ts'
import { type PortsChange, SimulatedCenter } from './center.ts'
import { check } from './check.ts'
import type { Fault, FaultKind } from './faults.ts'
import type { Violation } from './history.ts'
import { type Mode, type Plan, planOf, WISHES_MS } from './plan.ts'

export interface SimulateOptions {
  /** Puts something else in the place of some ports of every process: to break what is to be found. */
  readonly change?: PortsChange
  /** Of which the plan's faults are; some of all where absent. */
  readonly kinds?: readonly FaultKind[] | undefined
  /** Which of the plan's faults happen; all where absent. */
  readonly faults?: (fault: Fault, index: number) => boolean
  /** Takes a line for everything that happens. */
  readonly trace?: string[]
}

export interface SimulatedRun {
  readonly plan: Plan
  readonly violations: readonly Violation[]
  /** Tasks carried out, and virtual time at the end. */
  readonly events: number
  readonly endedMs: number
  /** Of the ledger. */
  readonly revision: number
  readonly sha: string
  /** From the end of the last fault, or of what people want, until everything was over; undefined in safety mode. */
  readonly settledMs: number | undefined
  /** From the death of each leader to the next leader's term. */
  readonly failoversMs: readonly number[]
  /** Appends of former leaders that were refused. */
  readonly staleAppends: number
}

/** Faults go on until shortly before it. */
const SAFETY_MS = 30_000
/** After the last fault everything that was accepted is over within this time. */
const SETTLED_MS_MAX = 120_000
/** How often nodes are brought back and jobs let go. */
const PUT_IN_ORDER_MS = 5_000
/** A process that is asked to stop has this much time. */
const STOPPED_MS_MAX = 10_000

export async function simulate(seed: number, mode: Mode, options: SimulateOptions = {}): Promise<SimulatedRun> {
  const whole = planOf(seed, mode, options.kinds)
  const plan: Plan = { ...whole, faults: whole.faults.filter(options.faults ?? (() => true)) }
  const center = new SimulatedCenter(plan, options.change ?? (() => ({})), options.trace)
  const { world, redis, people, violations } = center
  const unhandled = (error: unknown): void => {
    violations.push({ invariant: 'alive', what: `nobody handled ${String(error)}` })
  }
  process.on('unhandledRejection', unhandled)
  try {
    const settled = mode === 'liveness' ? await settle(center, plan) : undefined
    if (mode === 'safety') await world.run(SAFETY_MS)
    violations.push(...(await check({ history: people.history, redis, term: settled?.term })))
    const last = redis.store.ledger.at(-1)
    return {
      plan,
      violations,
      events: world.events,
      endedMs: world.nowMs,
      revision: last?.revision ?? 0,
      sha: last?.sha ?? '',
      settledMs: settled?.ms,
      failoversMs: center.failoversMs,
      staleAppends: redis.watcher.staleAppends,
    }
  } finally {
    process.off('unhandledRejection', unhandled)
  }
}

/** Lets the faults end and everything come to its end; how long the latter took. */
async function settle(
  center: SimulatedCenter,
  plan: Plan,
): Promise<{ readonly ms: number; readonly term: Term | undefined } | undefined> {
  const { world, people, redis, violations } = center
  await world.run(Math.max(center.calmMs, WISHES_MS))
  center.disarm()
  await world.run(center.calmMs)
  const calmMs = world.nowMs
  // Again and again: what somebody had asked for before may come later.
  while (!center.isFinished && world.nowMs < calmMs + SETTLED_MS_MAX) {
    people.putInOrder(plan, redis.watcher.ledger.live)
    await world.run(world.nowMs + PUT_IN_ORDER_MS, () => center.isFinished)
  }
  const settledMs = world.nowMs - calmMs
  if (!center.isFinished) {
    violations.push({ invariant: 'finished', what: `after ${settledMs} ms there are left: ${center.leftovers}` })
    return undefined
  }
  const { term } = center
  center.stopAll()
  await world.run(world.nowMs + STOPPED_MS_MAX, () => center.living.length === 0)
  if (center.living.length > 0) {
    violations.push({ invariant: 'stopped', what: `${center.living.join(', ')} did not stop` })
  }
  return { ms: settledMs, term }
}
