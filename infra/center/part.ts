// One process of the center: started, watched, started again when it crashes, and stopped.
//
//   down ──start──▶ starting ──ready──▶ up ──stop──▶ down
//                      │                 │
//                      └──── crash ──────┴──▶ waiting (0.5 s, 1 s, 2 s … 10 s) ──▶ starting
//
// A crash before the very first `ready` is not retried: a center that has never come up is not half-started.
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { exitCode, Refusal } from './refusal.ts'

/** What a part says when it can be used; which fields there are depends on the part. */
export interface Ready {
  /** Where the API listens. */
  readonly url?: string
  /** Opens the console in a browser, once. */
  readonly sign_in_url?: string
}

export interface PartSpec {
  readonly name: string
  spawn(): ChildProcess
  /** Settles when the child can be used. Need not watch for the child's end. */
  ready(child: ChildProcess): Promise<Ready>
  /** Asks the child to put things in order and end. */
  askToStop(child: ChildProcess): void
  /** Ends the child at once. */
  kill(child: ChildProcess): void
  /** The last thing the child said that explains its end; undefined when it said nothing. */
  lastWords(): string | undefined
  /** Where to read more. */
  readonly log: string
  /** A part whose task can be done: its exit with status 0 is the end of it and no crash. */
  readonly mayFinish?: boolean
}

export interface PartEvents {
  crashed(name: string, sentence: string): void
  restarted(name: string, ready: Ready): void
  /** The part cannot go on, and starting it again would not help. */
  hopeless(refusal: Refusal): void
}

export interface Part {
  readonly name: string
  /** @throws Refusal when the child ends or stays silent before it is ready */
  start(): Promise<Ready>
  /** Resolves when the child is gone: of itself, or killed after `patienceMs`. */
  stop(patienceMs: number): Promise<'stopped' | 'killed'>
  /** Ends the child without waiting for its good will. A `stop` under way resolves soon after. */
  kill(): void
}

const READY_MS_MAX = 120_000
const BACK_OFF_MS_MIN = 500
const BACK_OFF_MS_MAX = 10_000
/** A child that stayed up this long was healthy; its next crash starts the back-off anew. */
const HEALTHY_MS = 30_000

export function supervise(spec: PartSpec, events: PartEvents): Part {
  let child: ChildProcess | undefined
  let stopping = false
  let backOffMs = BACK_OFF_MS_MIN
  let restart: NodeJS.Timeout | undefined

  async function start(): Promise<Ready> {
    const started = spec.spawn()
    child = started
    const ended = endOf(started)
    const patience = new AbortController()
    try {
      const ready = await Promise.race([
        spec.ready(started),
        ended.then((end) => {
          throw refusalOf(end)
        }),
        silence(patience.signal),
      ])
      watch(started, ended)
      return ready
    } catch (error) {
      if (isAlive(started)) spec.kill(started)
      await ended
      throw error
    } finally {
      patience.abort()
    }
  }

  async function silence(signal: AbortSignal): Promise<never> {
    const { promise, reject } = Promise.withResolvers<never>()
    const timer = setTimeout(
      () =>
        reject(
          new Refusal(
            `${spec.name} did not come up within ${READY_MS_MAX / 1000} s; see ${spec.log}`,
            exitCode.unavailable,
          ),
        ),
      READY_MS_MAX,
    )
    signal.addEventListener('abort', () => clearTimeout(timer))
    return promise
  }

  async function watch(running: ChildProcess, ended: Promise<End>): Promise<void> {
    const upSinceMs = performance.now()
    const end = await ended
    if (stopping || child !== running) return
    if (end.status === exitCode.ok && spec.mayFinish) return
    if (end.status === exitCode.badConfiguration) return events.hopeless(refusalOf(end))
    if (performance.now() - upSinceMs > HEALTHY_MS) backOffMs = BACK_OFF_MS_MIN
    startAgainLater(refusalOf(end))
  }

  function startAgainLater(cause: Error): void {
    events.crashed(spec.name, `${cause.message} (starting it again in ${backOffMs / 1000} s)`)
    restart = setTimeout(startAgain, backOffMs)
    backOffMs = Math.min(backOffMs * 2, BACK_OFF_MS_MAX)
  }

  async function startAgain(): Promise<void> {
    try {
      const ready = await start()
      if (!stopping) events.restarted(spec.name, ready)
    } catch (error) {
      if (stopping) return
      if (error instanceof Refusal && error.exitCode !== exitCode.badConfiguration) startAgainLater(error)
      else if (error instanceof Refusal) events.hopeless(error)
      else throw error
    }
  }

  function refusalOf(end: End): Refusal {
    const words = spec.lastWords()
    const how = end.signal ? `was ended by ${end.signal}` : `ended with status ${end.status}`
    if (end.status === exitCode.badConfiguration && words) return new Refusal(`${spec.name}: ${words}`)
    return new Refusal(
      words ? `${spec.name} ${how}: ${words}; see ${spec.log}` : `${spec.name} ${how}; see ${spec.log}`,
      end.status === exitCode.badConfiguration ? exitCode.badConfiguration : exitCode.failed,
    )
  }

  return {
    name: spec.name,
    start,

    async stop(patienceMs) {
      stopping = true
      clearTimeout(restart)
      if (!child || !isAlive(child)) return 'stopped'
      const running = child
      const gone = once(running, 'exit')
      let outcome: 'stopped' | 'killed' = 'stopped'
      const impatience = setTimeout(() => {
        outcome = 'killed'
        spec.kill(running)
      }, patienceMs)
      spec.askToStop(running)
      await gone
      clearTimeout(impatience)
      return outcome
    },

    kill() {
      stopping = true
      clearTimeout(restart)
      if (child && isAlive(child)) spec.kill(child)
    },
  }
}

interface End {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
}

/** A program that cannot be started at all ends like one that could not be found in a shell. */
function endOf(child: ChildProcess): Promise<End> {
  return new Promise((resolve) => {
    child.once('exit', (status, signal) => resolve({ status, signal }))
    child.once('error', () => resolve({ status: 127, signal: null }))
  })
}

function isAlive(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null
}
