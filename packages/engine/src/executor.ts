// Plays the node agents of a center: takes the runs that the leader has started, and reports each as finished when its
// time has come. A run is recorded in the store before its message is done, and one sorted set by due time ends them all,
// so that a dead executor's runs are adopted and finished by another. Center time is read, never made, here.
//
// Finishes are reported a little ahead of their moment: the leader keeps them until then, and center time need not stand
// still while a report is on its way. A run that is stopped in between has been reported in vain, which is harmless. The
// executor looks for what is due a few times a second, which is often enough for whatever is due later than that; a run
// that is due sooner wakes it, because center time may be waiting for it already.

import { finishIdOf } from '@dure/contract'
import type { Logger } from './logger.ts'
import { pause, type Timers, type Wakeup, wakeup } from './pause.ts'
import { type ClockReading, centerTimeMs, type Ports, type Run, type RunKind, StoreError } from './ports.ts'

export interface ExecutorOptions {
  /** Unique among executors, and new at each start. */
  readonly owner: string
  readonly kinds: readonly RunKind[]
  /** Messages of runs out at one time, a kind. */
  readonly concurrency: number
  /** An executor silent for so long is dead, and its runs are adopted. */
  readonly silentMsMax: number
  readonly monotonicMs: () => number
  /** What pauses are waited for with; the machine's own where absent. */
  readonly timers?: Timers
  readonly logger: Logger
  /** Hears of what was reported and adopted, for metrics. */
  readonly counts?: ExecutorCounts
}

export interface ExecutorCounts {
  recorded: number
  finished: number
  adopted: number
}

/** Wall time by which a finish is reported ahead. */
const AHEAD_MS = 250
/** How long a published center time is believed: a leader silent for longer is gone, and center time stands still. */
const LEADER_SILENT_MS_MAX = 2_000
const CLOCK_READ_MS = 100
const FINISHES_PER_REPORT = 512
const IDLE_MS_MAX = 200
const PAUSE_AFTER_TROUBLE_MS = 200

/** What a run's `detail` says. */
interface RunDetail {
  readonly exitCode: number
  /** The time limit ends it: there is no finish to report. */
  readonly outlasts: boolean
}

/** Plays until `signal` aborts; what is recorded then stays so, and others adopt it at once. */
export async function execute(ports: Ports, options: ExecutorOptions, signal: AbortSignal): Promise<void> {
  const { owner, kinds, concurrency, counts, logger } = options
  const time = centerTime(ports, options.monotonicMs)
  const wake = wakeup(options.timers)
  const consumptions = await Promise.all(
    kinds.map((kind) =>
      ports.runs.consume(kind, concurrency, async (runs) => {
        const recorded = await ports.registry.record(owner, runs)
        if (counts !== undefined) counts.recorded += recorded
        const horizonMs = time.horizonMs()
        if (runs.some(({ dueMs }) => dueMs <= horizonMs)) wake.now()
      }),
    ),
  )
  try {
    await Promise.all([report(ports, options, time, wake, signal), keepAlive(ports, options, signal)])
  } finally {
    await Promise.all(consumptions.map((consumption) => consumption.stop()))
    await ports.registry
      .retire(owner)
      .catch((error: unknown) => logger.warn({ err: error }, 'could not retire; the runs are adopted after a while'))
  }
}

/** Center time as far as an executor needs to know it. */
interface CenterTime {
  /** Reads it anew if that was a while ago. */
  refresh(): Promise<void>
  /** Center milliseconds per wall millisecond; undefined: no leader has ever told. */
  readonly speed: number | undefined
  nowMs(): number
  /** What is due by then is reported now. -Infinity while no leader has told the time. */
  horizonMs(): number
}

function centerTime(ports: Ports, monotonicMs: () => number): CenterTime {
  let reading: ClockReading | undefined
  let readMs = Number.NEGATIVE_INFINITY
  const nowMs = (): number =>
    reading === undefined
      ? Number.NEGATIVE_INFINITY
      : centerTimeMs(reading, monotonicMs() - readMs, LEADER_SILENT_MS_MAX)
  return {
    get speed() {
      return reading?.speed
    },
    nowMs,
    horizonMs: () => nowMs() + AHEAD_MS * (reading?.speed ?? 0),
    refresh: async () => {
      if (monotonicMs() - readMs < CLOCK_READ_MS) return
      reading = await ports.clock.read()
      readMs = monotonicMs()
    },
  }
}

/** Reports what is due, in batches, until `signal` aborts. */
async function report(
  ports: Ports,
  { owner, counts, logger, timers }: ExecutorOptions,
  time: CenterTime,
  wake: Wakeup,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await time.refresh()
      const { speed } = time
      if (speed === undefined) {
        await pause(IDLE_MS_MAX, signal, timers)
        continue
      }
      const { runs, nextDueMs } = await ports.registry.due(owner, time.horizonMs(), FINISHES_PER_REPORT)
      await finish(ports, runs)
      if (counts !== undefined) counts.finished += runs.length
      if (runs.length === FINISHES_PER_REPORT) continue
      const dueInMs = (nextDueMs - time.nowMs()) / speed - AHEAD_MS
      await wake.within(Math.max(1, Math.min(dueInMs, IDLE_MS_MAX)), signal)
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      logger.warn({ err: error }, 'could not report finishes; trying again')
      await pause(PAUSE_AFTER_TROUBLE_MS, signal, timers)
    }
  }
}

/** Reports first and forgets then: a crash in between reports once more, which the leader ignores. */
async function finish(ports: Ports, runs: readonly Run[]): Promise<void> {
  const ended = runs.filter(({ detail }) => !(detail as RunDetail).outlasts)
  if (ended.length > 0) {
    await ports.commands.sendMany(
      ended.map(({ job, attempt, detail }) => ({
        id: finishIdOf(job, attempt),
        command: { type: 'finish', job, attempt, exitCode: (detail as RunDetail).exitCode },
      })),
    )
  }
  if (runs.length > 0) await ports.registry.remove(runs)
}

/** Shows that this executor lives, and takes over the runs of those that do not. */
async function keepAlive(ports: Ports, options: ExecutorOptions, signal: AbortSignal): Promise<void> {
  const { owner, silentMsMax, logger, counts, timers } = options
  while (!signal.aborted) {
    try {
      await ports.registry.heartbeat(owner)
      const adopted = await ports.registry.adopt(owner, silentMsMax)
      if (counts !== undefined) counts.adopted += adopted
      if (adopted > 0) logger.info({ adopted }, 'adopted the runs of a silent executor')
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      logger.warn({ err: error }, 'could not show that this executor lives; trying again')
    }
    await pause(silentMsMax / 5, signal, timers)
  }
}
