// Being leader for as long as it lasts, and standing by otherwise: campaign for the lease, serve a term, and begin again
// when it ends. Everything a term knows is dropped with it; the ledger has it all.

import type { Logger } from '../logger.ts'
import { machineTimers, pause, type Timers, wakeup } from '../pause.ts'
import { type Consumption, type Ports, Relieved, StoreError } from '../ports.ts'
import type { Archive } from './archive.ts'
import { PoisonousCommand, Term, TermEnded, type TermOptions } from './term.ts'

export interface LeadOptions extends Omit<TermOptions, 'poisonous' | 'suspects' | 'troubled'> {
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
const RENEW_RETRY_MS = 100
/** Of a leader that is asked to stop; its lease lives about as long. */
const SAVEPOINT_AT_END_MS_MAX = 3_000
/** How often a leader looks for entries that can be moved to segments; after some that were, and after a failure. */
const ARCHIVE_MS = 1_000
const ARCHIVE_MORE_MS = 100
const ARCHIVE_RETRY_MS = 30_000
/** A disk that does not answer holds up nobody's end for longer. */
const ARCHIVE_AT_END_MS_MAX = 500

/** Leads, or stands by to lead, until `signal` aborts. Throws `LedgerBroken` and whatever else no new term could mend. */
export async function lead(ports: Ports, options: LeadOptions, signal: AbortSignal): Promise<void> {
  const { logger } = options
  const ofTerms = {
    poisonous: new Set<string>(),
    suspects: new Set<string>(),
    troubled: (error: unknown, what: string): void => logger.warn({ err: error }, what),
  }
  while (!signal.aborted) {
    try {
      const lease = await ports.lease.campaign(options.owner, options.leaseTtlMs, signal)
      if (lease === null) return
      await serve(ports, { ...options, ...ofTerms }, lease.epoch, signal)
    } catch (error) {
      if (!endsOnlyTheTerm(error)) throw error
      logger.warn({ err: error }, 'the term ended; standing for the lease again')
      await pause(PAUSE_AFTER_FAILURE_MS, signal, options.timers)
    }
  }
}

/** The consumption of commands, the lease and the ledger may each be the first to say that another leader has come. */
const endsOnlyTheTerm = (error: unknown): boolean =>
  error instanceof TermEnded ||
  error instanceof Relieved ||
  error instanceof StoreError ||
  error instanceof PoisonousCommand

async function serve(
  ports: Ports,
  options: LeadOptions & TermOptions,
  epoch: number,
  signal: AbortSignal,
): Promise<void> {
  const { logger, leaseTtlMs, timers = machineTimers } = options
  // Aborted by whatever ends the term: the outside, a lost lease, or a failure of any of its parts.
  const over = new AbortController()
  const stop = (): void => over.abort()
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  let failure: unknown
  const fail = (error: unknown): void => {
    failure ??= error
    stop()
  }
  // The lease must be kept from the first moment, for recovery may take longer than it lives.
  const keeping = every(leaseTtlMs / 3, over.signal, timers, fail, async () => {
    if (!(await renewed(ports, epoch, leaseTtlMs, options.monotonicMs, timers))) fail(new TermEnded('lease lost'))
  })
  let consumption: Consumption | undefined
  let aside: readonly Promise<void>[] = []
  let archiving: Promise<void> | undefined
  try {
    const term = await Term.begin(ports, options, epoch, over.signal)
    const wake = wakeup(timers)
    await term.reconcile()
    const taken = new Taken()
    consumption = await ports.commands.consume({
      epoch,
      concurrency: options.concurrency,
      handler: (batch) => {
        term.receive(batch)
        wake.now()
        return taken.nextCommit()
      },
    })
    if (consumption === undefined) throw new TermEnded('fenced')
    consumption.done.catch(fail)
    logger.info({ epoch, revision: term.revision, center: term.center.config.name }, 'leading')
    options.onTerm?.(term)
    aside = [
      every(CLOCK_MS, over.signal, timers, fail, async () => {
        await ports.clock.publish({ epoch, atMs: term.toldMs(), speed: options.speed })
      }),
      every(RECONCILE_MS, over.signal, timers, fail, () => term.reconcile()),
    ]
    archiving = options.archive && keepMoving(options.archive, term, options, over.signal)
    while (!over.signal.aborted) {
      const committed = await term.step()
      taken.all()
      if (!committed) await wake.within(term.idleMs(), over.signal)
    }
    if (failure === undefined) {
      // Commands and lease go back first: a stand-by need not wait for the savepoint, and begins at an older one.
      await consumption.stop()
      await ports.lease.release(epoch).catch(() => undefined)
      await within(SAVEPOINT_AT_END_MS_MAX, timers, term.savepoint())
    }
  } catch (error) {
    fail(error)
  } finally {
    stop()
    signal.removeEventListener('abort', stop)
    await consumption?.stop().catch((error: unknown) => logger.warn({ err: error }, 'could not hand commands back'))
    await Promise.all([keeping, ...aside])
    if (archiving !== undefined) await within(ARCHIVE_AT_END_MS_MAX, timers, archiving)
    await ports.lease.release(epoch).catch(() => undefined) // it ends by itself
  }
  if (failure !== undefined) throw failure
}

/** Waits for `promise` until `ms` have passed. */
async function within(ms: number, timers: Timers, promise: Promise<void>): Promise<void> {
  const late = new AbortController()
  await Promise.race([promise, pause(ms, late.signal, timers)])
  late.abort()
}

/** Whether the lease is still ours. Trouble on the way is tried again as long as the lease would live. */
async function renewed(
  ports: Ports,
  epoch: number,
  ttlMs: number,
  monotonicMs: () => number,
  timers: Timers,
): Promise<boolean> {
  const untilMs = monotonicMs() + (ttlMs * 2) / 3
  for (;;) {
    try {
      return await ports.lease.renew(epoch, ttlMs)
    } catch (error) {
      if (!(error instanceof StoreError) || monotonicMs() > untilMs) return false
      await new Promise<void>((resolve) => timers.after(RENEW_RETRY_MS, resolve))
    }
  }
}

/** Repeats `act`, a pause after each time, until `signal` aborts. Passing trouble with the store is left to the next time. */
async function every(
  pauseMs: number,
  signal: AbortSignal,
  timers: Timers,
  fail: (error: unknown) => void,
  act: () => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    await act().catch((error: unknown) => {
      if (!(error instanceof StoreError)) fail(error)
    })
    await pause(pauseMs, signal, timers)
  }
}

/** Moves the ledger's older entries to segments until `signal` aborts. What fails ends no term: the entries stay where they are. */
async function keepMoving(
  archive: Archive,
  term: Term,
  { timers = machineTimers, troubled }: TermOptions,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const pauseMs = await archive.move(term.storedRevision).then(
      (hasMoved) => (hasMoved ? ARCHIVE_MORE_MS : ARCHIVE_MS),
      (error: unknown) => {
        troubled?.(error, 'older entries of the ledger stay in Redis: they could not be moved to segments')
        return ARCHIVE_RETRY_MS
      },
    )
    await pause(pauseMs, signal, timers)
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
