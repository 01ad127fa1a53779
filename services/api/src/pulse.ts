// What an API process asks the store again and again instead of at every request: center time, how far the ledger has
// got, how much waits in the queue of commands, how full the store is.

import { type Backlog, type ClockReading, centerTimeMs, type Ports, type ReadModel } from '@dure/engine'

const PERIOD_MS = 500
/** Center time is carried on from the leader's last word for this long. */
const CARRY_ON_MS_MAX = 2000
/** A leader silent for longer is gone. */
export const LEADER_SILENT_MS_MAX = 5000

export interface Pulse {
  /** Center time now; never before the last commit that was folded. */
  centerNowMs(): number
  /** Center seconds a second, as the leader last said; 1 before the first leader. */
  readonly speed: number
  /** How long ago a leader published center time; Infinity: never. */
  leaderSilentMs(): number
  /** The newest revision of the ledger. */
  readonly ledgerRevision: number
  /** How many of its entries are in the store; the others are in segments. */
  readonly ledgerEntries: number
  readonly backlog: Backlog
  /** Part of the memory it may use that the store uses. */
  readonly fullness: number
  /** How late this process was the last two times that it looked, at least: once may be anything, twice it does not keep up. */
  readonly lagMs: number
  /** What is unreachable, if anything is. */
  readonly trouble: unknown
  refresh(): Promise<void>
  start(): void
  stop(): void
}

export interface PulseOptions {
  readonly ports: Pick<Ports, 'clock' | 'ledger' | 'commands'>
  readonly model: ReadModel
  /** Asks the store what part of the memory it may use it uses. */
  readonly askFullness: () => Promise<number>
}

export function pulse({ ports, model, askFullness }: PulseOptions): Pulse {
  let reading: ClockReading | undefined
  let readAtMs = 0
  let ledgerRevision = 0
  let ledgerEntries = 0
  let backlog: Backlog = { waiting: 0, active: 0 }
  let fullness = 0
  let lagMs = 0
  let lastLagMs = 0
  let trouble: unknown
  let timer: NodeJS.Timeout | undefined

  async function refresh(): Promise<void> {
    try {
      const [clock, extent, queued, full] = await Promise.all([
        ports.clock.read(),
        ports.ledger.extent(),
        ports.commands.backlog(),
        askFullness(),
      ])
      reading = clock
      readAtMs = performance.now()
      ledgerRevision = extent?.lastRevision ?? 0
      ledgerEntries = extent === undefined ? 0 : extent.lastRevision - extent.firstRevision + 1
      backlog = queued
      fullness = full
      trouble = undefined
    } catch (error) {
      trouble = error
    }
  }

  function again(): void {
    const dueMs = performance.now() + PERIOD_MS
    timer = setTimeout(() => {
      const lateMs = Math.max(0, performance.now() - dueMs)
      lagMs = Math.min(lateMs, lastLagMs)
      lastLagMs = lateMs
      void refresh().then(() => timer !== undefined && again())
    }, PERIOD_MS)
    timer.unref()
  }

  return {
    centerNowMs: () => {
      if (reading === undefined) return model.atMs
      return Math.max(model.atMs, centerTimeMs(reading, performance.now() - readAtMs, CARRY_ON_MS_MAX))
    },
    get speed() {
      return reading?.speed ?? 1
    },
    leaderSilentMs: () =>
      reading === undefined ? Number.POSITIVE_INFINITY : reading.ageMs + performance.now() - readAtMs,
    get ledgerRevision() {
      return Math.max(ledgerRevision, model.revision)
    },
    get ledgerEntries() {
      return ledgerEntries
    },
    get backlog() {
      return backlog
    },
    get fullness() {
      return fullness
    },
    get lagMs() {
      return lagMs
    },
    get trouble() {
      return trouble
    },
    refresh,
    start: again,
    stop: () => {
      clearTimeout(timer)
      timer = undefined
    },
  }
}
