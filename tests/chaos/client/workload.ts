// Users of a center, drawn from a seed: they submit, cancel, hold and release, at a rate, whatever the center answers.

import type { Stream } from '@dure/sim'
import type { CenterClient } from './center-client.ts'
import type { Call, NamedJob } from './history.ts'

const USERS = ['ada', 'ben', 'mina', 'cho', 'dan'] as const
/** Of center time, so that no limit of a healthy run is ever met. */
const LIMIT_MS = 600_000

export interface WorkloadOptions {
  readonly client: CenterClient
  readonly random: Stream
  /** Before the names of its jobs. */
  readonly prefix: string
  /** Calls a second. */
  readonly perSecond: number
  /** Mean run time of a job, of center time. */
  readonly runMs: number
}

export class Workload {
  readonly #options: WorkloadOptions
  readonly #underWay = new Set<Promise<unknown>>()
  #timer: NodeJS.Timeout | undefined
  #made = 0

  constructor(options: WorkloadOptions) {
    this.#options = options
  }

  start(): void {
    this.#timer = setTimeout(
      () => {
        this.#call()
        this.start()
      },
      this.#options.random.exponential(1000 / this.#options.perSecond),
    )
  }

  /** No call is made any more; resolves when all that were made are answered, or given up. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    await Promise.all(this.#underWay)
  }

  /** A job as this workload draws them. */
  draw(): NamedJob {
    const { random, prefix, runMs } = this.#options
    const isNpu = random.chance(0.2)
    return {
      name: `${prefix}-${++this.#made}`,
      user: USERS[random.int(0, USERS.length - 1)]!,
      accelerator: isNpu ? 'npu' : 'gpu',
      nodes: random.chance(0.15) ? random.int(2, isNpu ? 3 : 5) : 1,
      accelerators_per_node: 1 << random.int(0, isNpu ? 2 : 3),
      time_limit_ms: LIMIT_MS,
      run_time_ms: Math.round(random.exponential(runMs)),
      exit_code: random.chance(0.05) ? random.int(1, 255) : 0,
      hold: random.chance(0.05),
    }
  }

  #call(): void {
    const { client, random } = this.#options
    const kind = random.choice([85, 6, 4, 5])
    if (kind === 0) {
      this.#track(client.submit(this.draw()))
      return
    }
    const known = client.history.calls.filter(({ act, job }) => act === 'submit' && job !== undefined)
    const one = known[known.length - 1 - random.int(0, Math.min(20, Math.max(0, known.length - 1)))]
    if (one?.job !== undefined) this.#track(client.act((['cancel', 'hold', 'release'] as const)[kind - 1]!, one.job))
  }

  #track(call: Promise<Call>): void {
    this.#underWay.add(call)
    void call.finally(() => this.#underWay.delete(call))
  }
}
