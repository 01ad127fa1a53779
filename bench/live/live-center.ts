// A whole live center for a bench: the real scheduler and the real executor as processes, commands sent through the ports,
// and the ledger read as any read model reads it.

import { commandIdOf, decodeLedgerEntry } from '@dure/contract'
import { type Command, decodeFacts } from '@dure/core'
import { audit, type RedisSettings, redisPorts } from '@dure/engine'
import { endProcess, messageOf, startProcess } from '../process.ts'

export interface LiveCenter {
  /** Resolves when the command is durably queued. */
  submit(job: number, command: Command): Promise<void>
  /** Resolves when so many jobs have started in the ledger. */
  started(jobs: number): Promise<void>
  /** Resolves when so many jobs have completed in the ledger, each once. */
  completed(jobs: number): Promise<void>
  /** Wall time at which the ledger was seen to have started a job. */
  startedMs(job: number): number
  /** Decides the whole ledger anew. Throws where the facts differ. Returns their hash. */
  replayed(): Promise<string>
  /** Process ids: of the scheduler, then of the executors. */
  readonly pids: readonly number[]
  stop(): Promise<void>
}

/** @param preset a preset's name, or the path of a center file */
export async function startLiveCenter(settings: RedisSettings, preset: string, executors = 1): Promise<LiveCenter> {
  const env = {
    DURE_REDIS_URL: settings.url,
    DURE_REDIS_PREFIX: settings.prefix.slice(0, -1),
    DURE_PRESET: preset,
    DURE_SPEED: '1',
    DURE_LOG_LEVEL: 'warn',
  }
  const services = ['scheduler', ...Array<string>(executors).fill('executor')].map((name) =>
    startProcess(new URL(`../../services/${name}/src/main.ts`, import.meta.url), [], env),
  )
  await Promise.all(services.map(messageOf))
  const ports = await redisPorts(settings, 'bench')

  const started: number[] = []
  const attempts: number[] = []
  const starts = new Milestone()
  const isCompleted: boolean[] = []
  const completions = new Milestone()
  const over = new AbortController()
  const configured = Promise.withResolvers<void>()

  async function follow(): Promise<void> {
    for await (const entries of ports.ledger.follow(1, over.signal)) {
      const seenMs = performance.now()
      for (const { body } of entries) {
        for (const fact of decodeFacts(decodeLedgerEntry(body).facts)) {
          if (fact.type === 'configured') configured.resolve()
          else if (fact.type === 'started') {
            started[fact.job] = seenMs
            attempts[fact.job] = (attempts[fact.job] ?? 0) + 1
            if (attempts[fact.job] === 1) starts.reach(starts.reached + 1)
          } else if (fact.type === 'refused') throw new Error(`job ${fact.job} was refused: ${fact.reason}`)
          else if (fact.type === 'ended') complete(fact.job, fact.state)
        }
      }
    }
  }

  function complete(job: number, state: string): void {
    if (state !== 'COMPLETED' || attempts[job] !== 1)
      throw new Error(`job ${job} ended ${state} after ${attempts[job]} starts`)
    if (isCompleted[job]) throw new Error(`job ${job} completed twice`)
    isCompleted[job] = true
    completions.reach(completions.reached + 1)
  }

  const following = follow()
  await Promise.race([configured.promise, following])

  return {
    submit: (job, command) => ports.commands.send({ id: commandIdOf(job), seq: job, command }),
    started: (jobs) => Promise.race([following, starts.at(jobs)]),
    completed: (jobs) => Promise.race([following, completions.at(jobs)]),
    startedMs: (job) => started[job]!,
    replayed: async () => (await audit(ports.ledger)).factsHash,
    pids: services.map(({ pid }) => pid!),
    stop: async () => {
      over.abort()
      await following.catch(() => {})
      await Promise.all(services.map(endProcess))
      await ports.close()
    },
  }
}

/** A count that only grows, and somebody who waits for it. */
class Milestone {
  reached = 0
  #awaited: { readonly count: number; readonly resolve: () => void } | undefined

  reach(count: number): void {
    this.reached = count
    if (this.#awaited !== undefined && count >= this.#awaited.count) this.#awaited.resolve()
  }

  at(count: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.reached >= count) resolve()
      else this.#awaited = { count, resolve }
    })
  }
}
