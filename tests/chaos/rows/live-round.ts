// One round on a center at work: users call, the fault is put on, and when it is over everything that was acknowledged has to
// come to its end and a job that is new has to run. Then the invariants are checked.

import { setTimeout as pause } from 'node:timers/promises'
import { type Stream, stream } from '@dure/sim'
import type { ChaosCenter } from '../center/chaos-center.ts'
import { CenterClient } from '../client/center-client.ts'
import type { History, NamedJob } from '../client/history.ts'
import { Workload } from '../client/workload.ts'
import { checkInvariants } from '../ledger/invariants.ts'
import type { Injected, LiveRow, RoundResult } from './row.ts'

const PER_SECOND = 30
/** Of center time: a sixth of a second on the wall. */
const RUN_MS = 10_000
/** How long the users call before the fault. */
const BEFORE_MS = [400, 1500] as const
/** Unknown submits that nobody asks about again: they may have happened, or not. */
const LEFT_UNKNOWN = 0.2
const REPEATED_AT_ONCE = 8
/** Beyond the promise, only to tell a late recovery from none. */
const PATIENCE_MS = 90_000

export async function playLiveRound(
  row: LiveRow,
  center: ChaosCenter,
  history: History,
  seed: number,
  round: number,
  patienceMs = row.recoveryMsMax + PATIENCE_MS,
): Promise<RoundResult> {
  const random = stream(seed, `${row.name} ${round}`)
  const client = new CenterClient(center.door, history)
  const workload = new Workload({
    client,
    random: stream(seed, `${row.name} ${round} users`),
    prefix: `r${round}`,
    perSecond: row.perSecond ?? PER_SECOND,
    runMs: RUN_MS,
  })
  const accidentsBefore = center.accidents.length
  const violations: string[] = []

  workload.start()
  await pause(random.int(...BEFORE_MS))
  let injected: Injected | undefined
  try {
    injected = await row.inject({ round, center, random, client, history })
  } catch (error) {
    violations.push(`the fault could not be put on: ${(error as Error).message}`)
  }
  const overMs = performance.now()
  const stopped = workload.stop()
  const giveUpMs = overMs + patienceMs
  await runProbe(workload.draw(), client, center, giveUpMs)
  await bringToEnd(client, center, giveUpMs)
  const recoveryMs = performance.now() - overMs
  const isBack = performance.now() < giveUpMs

  // What callers do not know yet is no part of the recovery, but has to come out right as well.
  await stopped
  const settleUntilMs = Math.max(giveUpMs, performance.now() + PATIENCE_MS / 2)
  if (isBack && center.watch.failure === undefined) {
    await repeatUnknown(client, `r${round}-`, random, settleUntilMs)
    await bringToEnd(client, center, settleUntilMs)
  }

  violations.push(...(injected?.violations ?? []))
  const late = [...(injected?.late ?? [])]
  if (!isBack) violations.push(`it did not recover within ${Math.round(recoveryMs)} ms: ${unfinished(client, center)}`)
  else if (recoveryMs > row.recoveryMsMax)
    late.push(`it took ${Math.round(recoveryMs)} ms to recover, and ${row.recoveryMsMax} ms were promised`)
  violations.push(...center.accidents.slice(accidentsBefore))
  if (center.watch.failure !== undefined) violations.push(`the ledger broke: ${String(center.watch.failure)}`)
  for (const { invariant, sentence } of (await checkInvariants({ ledger: center.ports.ledger, history })).violations)
    violations.push(`${invariant}: ${sentence}`)
  return { violations, late, recoveryMs, ...(injected?.counts && { counts: injected.counts }) }
}

/** What keeps a round from its end, in words. */
function unfinished({ history }: CenterClient, { watch }: ChaosCenter): string {
  const missing = history.acknowledged.filter(({ act, job }) => act === 'submit' && !watch.jobs.has(job!)).length
  const states = Map.groupBy(watch.jobs.values(), ({ state }) => state)
  const counts = [...states].map(([state, jobs]) => `${jobs.length} ${state}`)
  return `${missing} acknowledged jobs are not in the ledger; of those that are, ${counts.join(', ')}`
}

/** A new job is accepted, runs and ends. */
async function runProbe(probe: NamedJob, client: CenterClient, center: ChaosCenter, giveUpMs: number): Promise<void> {
  const call = await client.submit({ ...probe, name: `${probe.name}-probe`, hold: false, run_time_ms: 1 })
  while (call.outcome !== 'ok' && performance.now() < giveUpMs && center.watch.failure === undefined) {
    await pause(50)
    await client.repeat(call)
  }
  await center.watch.until(() => center.watch.hasEnded(call.job ?? 0), giveUpMs - performance.now())
}

async function repeatUnknown(client: CenterClient, prefix: string, random: Stream, giveUpMs: number): Promise<void> {
  const again = client.history.unknownSubmits.filter(
    ({ name }) => name.startsWith(prefix) && !random.chance(LEFT_UNKNOWN),
  )
  const one = async (): Promise<void> => {
    for (let call = again.pop(); call !== undefined; call = again.pop()) {
      await client.repeat(call)
      while (call.outcome === 'unknown' && performance.now() < giveUpMs) {
        await pause(50)
        await client.repeat(call)
      }
    }
  }
  await Promise.all(Array.from({ length: REPEATED_AT_ONCE }, one))
}

/** Releases what is held and waits until every job that is known has ended. */
async function bringToEnd(client: CenterClient, { watch }: ChaosCenter, giveUpMs: number): Promise<void> {
  const acknowledged = (): number[] =>
    client.history.calls.flatMap(({ act, job, outcome }) => (act === 'submit' && outcome === 'ok' ? [job!] : []))
  const isOver = (): boolean =>
    acknowledged().every((job) => watch.hasEnded(job)) &&
    [...watch.jobs.values()].every(({ state }) => state === 'ended')
  while (!isOver() && watch.failure === undefined && performance.now() < giveUpMs) {
    const held = [...watch.jobs].filter(([, { state }]) => state === 'held')
    await Promise.all(held.map(([job]) => client.act('release', job)))
    await watch.until(isOver, 250)
  }
}
