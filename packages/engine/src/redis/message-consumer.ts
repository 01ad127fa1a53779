// Takes messages from a BullMQ queue and hands them out in batches that form while the previous batch is being worked on.
//
// A message goes: waiting → fetched by a BullMQ worker, which keeps its lock alive → gathered → in a batch → done, which
// removes it. It may be handed out for long before it is done; it may also come a second time while it is (its lock was
// lost in an outage, or the worker was replaced). Then it stays the same message here, and doing it once does both.
//
// A BullMQ worker can stop fetching for ever without an error. A watchdog replaces one that has fetched nothing for a
// while although messages wait, places are free and Redis answers.

import { setImmediate as turn } from 'node:timers/promises'
import { type Job, type JobJson, WaitingError, Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import { type Backlog, type Consumption, type ConsumptionCounts, Relieved } from '../ports.ts'
import { connectPatient, type RedisSettings, withStoreErrors } from './connect.ts'
import { loadScript, runScript } from './script.ts'

const takeOverScript = loadScript('take-over')

/** A dead consumer's messages are free again after the lock and two passes of the stall check: 20 s at worst. */
export const LOCK_MS = 10_000
const STALL_CHECK_MS = 5000

/** How long the first message of a batch waits for company when nothing is being worked on. */
const GATHER_MS = 1
/** Pause before messages whose handler failed are handed out again. */
const RETRY_MS = 1000
/** A worker that starves this long is replaced. */
const STARVED_MS_MAX = 10_000
const WATCH_MS = 1000
/** A consumption that cannot hand back in good order gives up after this time; its locks will expire. */
const STOP_MS_MAX = 5000

export interface Message {
  readonly id: string
  readonly data: unknown
  /** How often it has been fetched, by anybody; 1 the first time. */
  readonly deliveries: number
  /** It leaves the queue. */
  done(): void
}

export interface MessageConsumer {
  readonly queue: string
  readonly concurrency: number
  readonly handler: (messages: readonly Message[]) => Promise<void>
  /** What becomes of a batch whose handler rejects: the consumption ends with it, or it is handed out again after a pause. */
  readonly onRejected: 'end' | 'retry'
  /** Present: only the leader consumes; what others hold is taken from them, at the start and from time to time. */
  readonly epoch?: number
  readonly starvedMsMax?: number
  readonly watchMs?: number
}

interface Fetching {
  readonly worker: Worker
  readonly connection: Redis
  /** The worker fetches nothing any more, and nothing it has fetched is on its way. */
  readonly ended: Promise<void>
}

interface Outstanding extends Message {
  /** What the worker waits for before it completes the message: one for each time it was fetched. */
  readonly outcomes: PromiseWithResolvers<void>[]
  gathered: boolean
}

/** Hands out a message whose content is no JSON as it is: left to BullMQ it would stop the fetching, come back, and stop it again. */
class ReadingWorker extends Worker {
  protected override createJob(stored: JobJson, id: string): Job {
    try {
      return super.createJob(stored, id)
    } catch {
      return super.createJob({ ...stored, data: JSON.stringify({ unreadable: stored.data }) }, id)
    }
  }
}

export const bullPrefix = (settings: RedisSettings): string => `${settings.prefix}bull`

const queueKey = (settings: RedisSettings, queue: string, part: string): string =>
  `${bullPrefix(settings)}:${queue}:${part}`

export async function queueBacklog(redis: Redis, settings: RedisSettings, queue: string): Promise<Backlog> {
  return withStoreErrors(`measure the backlog of ${queue}`, async () => {
    const [waiting, active] = await Promise.all([
      redis.llen(queueKey(settings, queue, 'wait')),
      redis.llen(queueKey(settings, queue, 'active')),
    ])
    return { waiting, active }
  })
}

/** Undefined: a newer epoch exists. `redis` is used for what is not BullMQ's. */
export async function consumeMessages(
  redis: Redis,
  settings: RedisSettings,
  consumer: MessageConsumer,
): Promise<Consumption | undefined> {
  const { queue, concurrency } = consumer
  const starvedMsMax = consumer.starvedMsMax ?? STARVED_MS_MAX
  const counts: ConsumptionCounts = { messages: 0, batches: 0, takenOver: 0, repeated: 0, recreated: 0 }
  const outstanding = new Map<string, Outstanding>()
  const outcomes = new WeakMap<Job, PromiseWithResolvers<void>>()
  const gathering: Outstanding[] = []
  const settled = Promise.withResolvers<void>()
  settled.promise.catch(() => {})

  let working = false
  let gatherTimer: NodeJS.Timeout | undefined
  let retryTimer: NodeJS.Timeout | undefined
  let stopping: Promise<void> | undefined
  let fetched = 0
  let starving: { readonly sinceMs: number; readonly fetched: number } | undefined

  // ── Fetching ──────────────────────────────────────────────────────────────────────────────────────────────────────

  function startWorker(): Fetching {
    const connection = connectPatient(settings, `work-${queue}`)
    const worker = new ReadingWorker(queue, async (job) => outcomes.get(job)?.promise, {
      connection,
      prefix: bullPrefix(settings),
      concurrency,
      lockDuration: LOCK_MS,
      stalledInterval: STALL_CHECK_MS,
      // Losing its worker is not the message's fault; one that keeps killing leaders shows in `deliveries`.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
      runRetryDelay: 500,
      // What is done is of no further use: the ledger knows which ids it has consumed.
      removeOnComplete: { count: 0 },
      autorun: false,
    })
    // A worker fetches one message after another for as long as there are any and has places, and only then begins to
    // process the first. Waiting for that would cost a second under a steady stream; `active` tells of each as it comes.
    worker.on('active', receive)
    // Lost locks and lost connections end in a second delivery, which is provided for. Nobody needs to be told here.
    worker.on('error', () => {})
    return { worker, connection, ended: worker.run().catch(() => {}) }
  }

  function receive(job: Job): void {
    const outcome = Promise.withResolvers<void>()
    outcome.promise.catch(() => {})
    outcomes.set(job, outcome)
    if (stopping !== undefined) {
      outcome.reject(new WaitingError())
      return
    }

    fetched += 1
    const id = job.id ?? ''
    const again = outstanding.get(id)
    if (again !== undefined) {
      again.outcomes.push(outcome)
      counts.repeated += 1
      return
    }
    const message: Outstanding = {
      id,
      data: job.data,
      deliveries: job.attemptsStarted,
      outcomes: [outcome],
      gathered: true,
      done: () => {
        if (!outstanding.delete(id)) return
        for (const { resolve } of message.outcomes) resolve()
      },
    }
    outstanding.set(id, message)
    counts.messages += 1
    gather(message)
  }

  // ── Batches ───────────────────────────────────────────────────────────────────────────────────────────────────────

  function gather(message: Outstanding): void {
    message.gathered = true
    gathering.push(message)
    if (!working) gatherTimer ??= setTimeout(handOut, GATHER_MS)
  }

  function handOut(): void {
    gatherTimer = undefined
    if (working || stopping !== undefined || gathering.length === 0) return
    working = true
    const batch = gathering.splice(0)
    for (const message of batch) message.gathered = false
    counts.batches += 1
    void workOn(batch).finally(() => {
      working = false
      handOut()
    })
  }

  async function workOn(batch: readonly Outstanding[]): Promise<void> {
    try {
      await consumer.handler(batch)
    } catch (error) {
      rejected(batch, error)
    }
  }

  function rejected(batch: readonly Outstanding[], error: unknown): void {
    if (consumer.onRejected === 'end') {
      void stop(error)
      return
    }
    retryTimer = setTimeout(() => {
      for (const message of batch) {
        if (outstanding.has(message.id) && !message.gathered) gather(message)
      }
    }, RETRY_MS)
  }

  // ── Taking over, and watching ─────────────────────────────────────────────────────────────────────────────────────

  async function takeOver(on: Redis, whose: 'all' | 'foreign' | 'own', workerId: string): Promise<number> {
    const reply = await withStoreErrors(`take over messages of ${queue}`, () =>
      runScript(
        on,
        takeOverScript,
        [
          ...['active', 'wait', 'stalled', 'marker'].map((part) => queueKey(settings, queue, part)),
          epochKey,
          queueKey(settings, queue, 'stalled-check'),
        ],
        [
          queueKey(settings, queue, ''),
          whose,
          workerId,
          whose === 'own' ? '' : (consumer.epoch ?? ''),
          LOCK_MS,
          STALL_CHECK_MS,
        ],
      ),
    )
    return Number(reply)
  }

  async function watch(): Promise<void> {
    if (consumer.epoch !== undefined) {
      // A former leader that does not know it yet may have fetched messages after it was relieved of its others.
      const taken = await takeOver(redis, 'foreign', fetching.worker.id)
      if (taken < 0) return stop(new Relieved(consumer.epoch))
      counts.takenOver += taken
    }
    const { waiting } = await queueBacklog(redis, settings, queue)
    const starves = waiting > 0 && outstanding.size < concurrency
    if (!starves || starving === undefined || starving.fetched !== fetched) {
      starving = starves ? { sinceMs: performance.now(), fetched } : undefined
    } else if (performance.now() - starving.sinceMs >= starvedMsMax && stopping === undefined) {
      starving = undefined
      counts.recreated += 1
      abandon(fetching)
      fetching = startWorker()
    }
  }

  /** Leaves a worker to its fate. What it still holds comes again, and is recognised. */
  function abandon({ worker, connection }: Fetching): void {
    worker
      .close(true)
      .catch(() => {})
      .finally(() => connection.disconnect())
  }

  // ── Stopping ──────────────────────────────────────────────────────────────────────────────────────────────────────

  function stop(error?: unknown): Promise<void> {
    stopping ??= (async () => {
      clearInterval(watchTimer)
      clearTimeout(gatherTimer)
      clearTimeout(retryTimer)
      // What was done a moment ago is still on its way to Redis.
      await turn()
      await within(STOP_MS_MAX, handBack()).catch(() => {})
      fetching.connection.disconnect()
      if (error === undefined) settled.resolve()
      else settled.reject(error)
    })()
    return stopping
  }

  async function handBack(): Promise<void> {
    const { worker, connection, ended } = fetching
    await worker.close(true)
    // BullMQ's sign that a message is neither completed nor failed: it stays where it is, under this worker's lock.
    for (const { outcomes } of outstanding.values()) for (const { reject } of outcomes) reject(new WaitingError())
    outstanding.clear()
    // A fetch may still be under way. Only when the worker has ended is all that it holds in the list of active messages.
    await ended
    await takeOver(connection, 'own', worker.id)
  }

  const epochKey = `${settings.prefix}epoch`
  if (consumer.epoch !== undefined) {
    const taken = await takeOver(redis, 'all', '')
    if (taken < 0) return undefined
    counts.takenOver += taken
  }
  let fetching = startWorker()
  const watchTimer = setInterval(() => void watch().catch(() => {}), consumer.watchMs ?? WATCH_MS)

  return { stop: () => stop(), done: settled.promise, counts }
}

/** Gives up on a promise after `ms`: what is handed back politely otherwise comes back when its locks expire. */
async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms)
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
