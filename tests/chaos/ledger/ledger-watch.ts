// What a reader of the ledger sees of jobs as it is written. It waits outages out, as every reader does.

import { readLabel } from '@dure/contract'
import { type Folded, foldEntry, type Ledger } from '@dure/engine'
import { readEntry } from './ledger-reading.ts'

interface SeenJob {
  readonly name: string
  state: 'waiting' | 'held' | 'running' | 'ended'
  seenMs: number
}

export class LedgerWatch {
  readonly jobs = new Map<number, SeenJob>()
  readonly #over = new AbortController()
  readonly #done: Promise<void>
  #waiting: (() => void)[] = []
  /** Of the newest entry seen. */
  epoch = 0
  revision = 0
  /** Revisions in which something happened to a job: those that readers of events are told of. */
  readonly eventful: number[] = []
  /** Terms that have begun. */
  terms = 0
  /** Why nothing more is seen. */
  failure: unknown

  constructor(ledger: Ledger) {
    this.#done = this.#follow(ledger).catch((error: unknown) => {
      this.failure = error
      this.#tell()
    })
  }

  /** Resolves with true as soon as `holds`, with false after `ms`, and with false where the ledger cannot be followed. */
  async until(holds: () => boolean, ms: number): Promise<boolean> {
    const untilMs = performance.now() + ms
    for (;;) {
      if (holds()) return true
      const leftMs = untilMs - performance.now()
      if (leftMs <= 0 || this.failure !== undefined) return false
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(leftMs, 1000))
        this.#waiting.push(() => {
          clearTimeout(timer)
          resolve()
        })
      })
    }
  }

  hasEnded(job: number): boolean {
    return this.jobs.get(job)?.state === 'ended'
  }

  async stop(): Promise<void> {
    this.#over.abort()
    await this.#done
  }

  async #follow(ledger: Ledger): Promise<void> {
    let folded: Folded | undefined
    for await (const entries of ledger.follow(1, this.#over.signal)) {
      for (const raw of entries) {
        folded = foldEntry(folded, raw, { keep: false }, () => {}).folded
        const { revision, epoch, head, facts } = readEntry(raw)
        this.revision = revision
        this.epoch = epoch
        if (head.type === 'lease') this.terms++
        if (facts.some((fact) => 'job' in fact && fact.type !== 'reserved' && fact.type !== 'unreserved'))
          this.eventful.push(revision)
        for (const fact of facts) {
          if (fact.type === 'submitted') {
            const state = fact.held === null ? 'waiting' : 'held'
            this.jobs.set(fact.job, { name: readLabel(fact.label)?.name ?? '', state, seenMs: performance.now() })
          } else if ('job' in fact) {
            const job = this.jobs.get(fact.job)
            const state = stateAfter[fact.type]
            if (job !== undefined && state !== undefined) Object.assign(job, { state, seenMs: performance.now() })
          }
        }
      }
      this.#tell()
    }
  }

  #tell(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}

const stateAfter: Readonly<Record<string, SeenJob['state']>> = {
  held: 'held',
  released: 'waiting',
  started: 'running',
  requeued: 'waiting',
  ended: 'ended',
}
