// Being leader for as long as it lasts, and standing by otherwise: campaign for the lease, serve a term, and begin again
// when it ends. Everything a term knows is dropped with it; the ledger has it all.

import type { Logger } from '../logger.ts'
import { pause } from '../pause.ts'
import { type Consumption, type Ports, StoreError } from '../ports.ts'
import { PoisonousCommand, Term, TermEnded, type TermOptions } from './term.ts'

export interface LeadOptions extends Omit<TermOptions, 'poisonous'> {
  readonly leaseTtlMs: number
  /** Messages of commands out at one time. */
  readonly concurrency: number
  readonly logger: Logger
  /** Hears when a term has begun and commands are taken. */
  readonly onTerm?: (term: Term) => void
}

const CLOCK_MS = 200
const RECONCILE_MS = 5_000
const PAUSE_AFTER_FAILURE_MS = 500

/** Leads, or stands by to lead, until `signal` aborts. Throws `LedgerBroken` and whatever else no new term could mend. */
export async function lead(ports: Ports, options: LeadOptions, signal: AbortSignal): Promise<void> {
  const poisonous = new Set<string>()
  while (!signal.aborted) {
    try {
      const lease = await ports.lease.campaign(options.owner, options.leaseTtlMs, signal)
      if (lease === null) return
      await serve(ports, { ...options, poisonous }, lease.epoch, signal)
    } catch (error) {
      if (!(error instanceof TermEnded || error instanceof StoreError || error instanceof PoisonousCommand)) throw error
      options.logger.warn({ err: error }, 'the term ended; standing for the lease again')
      await pause(PAUSE_AFTER_FAILURE_MS, signal)
    }
  }
}

async function serve(
  ports: Ports,
  options: LeadOptions & TermOptions,
  epoch: number,
  signal: AbortSignal,
): Promise<void> {
  const { logger, leaseTtlMs } = options
  // Aborted by whatever ends the term: the outside, a lost lease, or a failure of any of its parts.
  const over = new AbortController()
  const stop = (): void => over.abort()
  signal.addEventListener('abort', stop, { once: true })
  let failure: unknown
  const fail = (error: unknown): void => {
    failure ??= error
    stop()
  }
  let term: Term | undefined
  over.signal.addEventListener('abort', () => failure !== undefined && term?.end())
  // The lease must be kept from the first moment, for recovery may take longer than it lives.
  const keeping = every(leaseTtlMs / 3, over.signal, fail, async () => {
    if (!(await renewed(ports, epoch, leaseTtlMs, options.monotonicMs))) fail(new TermEnded('lease lost'))
  })
  let consumption: Consumption | undefined
  try {
    term = await Term.begin(ports, options, epoch)
    const serving = term
    const wake = new Wakeup()
    await serving.reconcile()
    const taken = new Taken()
    consumption = await ports.commands.consume({
      epoch,
      concurrency: options.concurrency,
      handler: (batch) => {
        serving.receive(batch)
        wake.now()
        return taken.nextCommit()
      },
    })
    if (consumption === undefined) throw new TermEnded('fenced')
    consumption.done.catch(fail)
    logger.info({ epoch, revision: serving.revision, center: serving.center.config.name }, 'leading')
    options.onTerm?.(serving)
    const publishing = every(CLOCK_MS, over.signal, fail, async () => {
      await ports.clock.publish({ epoch, atMs: serving.nowMs(), speed: options.speed })
    })
    const reconciling = every(RECONCILE_MS, over.signal, fail, () => serving.reconcile())
    while (!over.signal.aborted) {
      const committed = await serving.step()
      taken.all()
      if (!committed) await wake.within(serving.idleMs(), over.signal)
    }
    await Promise.all([publishing, reconciling])
    if (failure === undefined) await serving.savepoint()
  } catch (error) {
    fail(error)
  } finally {
    stop()
    signal.removeEventListener('abort', stop)
    await consumption?.stop().catch((error: unknown) => logger.warn({ err: error }, 'could not hand commands back'))
    await keeping
    await ports.lease.release(epoch).catch(() => undefined) // it ends by itself
  }
  if (failure !== undefined) throw failure
}

/** Whether the lease is still ours. Trouble on the way is tried again as long as the lease would live. */
async function renewed(ports: Ports, epoch: number, ttlMs: number, monotonicMs: () => number): Promise<boolean> {
  const untilMs = monotonicMs() + (ttlMs * 2) / 3
  for (;;) {
    try {
      return await ports.lease.renew(epoch, ttlMs)
    } catch (error) {
      if (!(error instanceof StoreError) || monotonicMs() > untilMs) return false
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

/** Repeats `act`, a pause after each time, until `signal` aborts. Passing trouble with the store is left to the next time. */
async function every(
  pauseMs: number,
  signal: AbortSignal,
  fail: (error: unknown) => void,
  act: () => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    await act().catch((error: unknown) => {
      if (!(error instanceof StoreError)) fail(error)
    })
    await pause(pauseMs, signal)
  }
}

/** Wakes the loop when commands come in. */
class Wakeup {
  #ringing = false
  #ring: (() => void) | undefined

  now(): void {
    this.#ringing = true
    this.#ring?.()
  }

  async within(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#ringing) {
      const rung = new AbortController()
      this.#ring = () => rung.abort()
      // Timers of Node reach no further than 2^31 ms.
      await pause(Math.min(ms, 60_000), AbortSignal.any([signal, rung.signal]))
      this.#ring = undefined
    }
    this.#ringing = false
  }
}

/** Lets the next batch of commands be gathered while the one before is committed, and handed over when it is. */
class Taken {
  #waiting: (() => void)[] = []

  nextCommit(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  all(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}
