// Those who use the center: they ask one of the API processes, wait for an answer, and ask again under the same key until they
// have one. What the API does between a request and its answer is what `services/api` does: number durably, queue durably,
// answer.

import { commandIdOf } from '@dure/contract'
import type { Command, SubmitCommand } from '@dure/core'
import type { Stream } from '@dure/sim'
import type { Ports } from '../ports.ts'
import type { Operation } from './history.ts'
import type { Life } from './life.ts'
import type { Plan, Wish } from './plan.ts'
import type { World } from './world.ts'

/** A request that has had no answer for so long is made anew, somewhere else. */
const PATIENCE_MS = 3_000
const RETRY_MS = 400
/** Between a person and an API, one way. */
const WAY_MS_MEAN = 2

export interface Api {
  readonly life: Life
  readonly ports: Ports
}

export class People {
  /** Everything that was asked, in order. */
  readonly history: Operation[] = []
  readonly #world: World
  readonly #random: Stream
  readonly #apis: () => readonly Api[]
  /** Numbers of jobs that are known to be accepted. */
  readonly #jobs = new Set<number>()
  #underWay = 0

  /** `apis`: those that take requests at the moment. */
  constructor(world: World, apis: () => readonly Api[]) {
    this.#world = world
    this.#random = world.stream('people')
    this.#apis = apis
  }

  /** Requests that have not been answered. */
  get underWay(): number {
    return this.#underWay
  }

  comeWith({ wishes }: Pick<Plan, 'wishes'>): void {
    for (const wish of wishes) {
      this.#underWay++
      this.#world.at(wish.atMs, () => {
        this.#underWay--
        this.#wish(wish)
      })
    }
  }

  /** Brings nodes back and lets go of what is held of the jobs that are not over, so that everything can come to an end. */
  putInOrder({ config }: Pick<Plan, 'config'>, live: Iterable<number>): void {
    for (const pool of config.pools) {
      if (!('nodes' in pool)) continue
      for (let node = 0; node < pool.nodes; node++) {
        this.#insist(undefined, { type: 'node', pool: pool.name, node, to: 'up' })
      }
    }
    for (const job of live) this.#insist(undefined, { type: 'release', job, by: 'admin' })
  }

  #wish(wish: Wish): void {
    switch (wish.kind) {
      case 'submit':
        this.#insist(wish.key, { type: 'submit', job: 1, ...wish.submit })
        break
      case 'node':
        void this.#ask(undefined, { type: 'node', pool: wish.pool, node: wish.node, to: wish.to })
        break
      default: {
        const jobs = [...this.#jobs]
        const job = jobs[Math.floor(wish.chosen * jobs.length)]
        if (job === undefined) return
        const command: Command =
          wish.kind === 'cancel' ? { type: 'cancel', job } : { type: wish.kind, job, by: 'user' as const }
        void this.#ask(undefined, command)
      }
    }
  }

  /** Asks until there is an answer. */
  #insist(key: string | undefined, command: Command): void {
    this.#underWay++
    void (async () => {
      while ((await this.#ask(key, command)) !== 'accepted') {
        await new Promise<void>((resolve) => {
          this.#world.after(RETRY_MS * (0.5 + this.#random.uniform()), resolve)
        })
      }
      this.#underWay--
    })()
  }

  #ask(key: string | undefined, command: Command): Promise<Operation['outcome']> {
    const operation: Operation = {
      invokedMs: this.#world.nowMs,
      key,
      command,
      outcome: 'under way',
      endedMs: Number.POSITIVE_INFINITY,
      seq: undefined,
    }
    this.history.push(operation)
    const { promise, resolve } = Promise.withResolvers<Operation['outcome']>()
    const end = (outcome: Operation['outcome'], seq?: number): void => {
      if (operation.outcome !== 'under way') return
      callOff()
      operation.outcome = outcome
      operation.endedMs = this.#world.nowMs
      operation.seq = seq
      if (seq !== undefined && command.type === 'submit') this.#jobs.add(seq)
      resolve(outcome)
    }
    const callOff = this.#world.after(PATIENCE_MS, () => end('unknown'))
    const apis = this.#apis()
    const api = apis[this.#random.int(0, Math.max(0, apis.length - 1))]
    if (api === undefined) {
      this.#way(() => end('refused'))
      return promise
    }
    this.#way(() =>
      api.life.hears(() => {
        accept(api.ports, key, command).then(
          (seq) => this.#way(() => end('accepted', seq)),
          // 503: whoever gets it asks again.
          () => this.#way(() => end('refused')),
        )
      }),
    )
    return promise
  }

  #way(act: () => void): void {
    this.#world.after(this.#random.exponential(WAY_MS_MEAN), act)
  }
}

async function accept({ intake, commands }: Ports, key: string | undefined, command: Command): Promise<number> {
  const idempotency = key === undefined ? undefined : { scope: 'people', key, bodyHash: key }
  const reserved = await intake.reserve({ ...(idempotency && { idempotency }), accepted: command })
  if (reserved.kind === 'mismatch') throw new Error(`key ${key} came with another body`)
  const { seq } = reserved
  if (reserved.kind === 'replay') return seq
  await commands.send({ id: commandIdOf(seq), seq, command: numbered(command, seq) })
  // Not getting the answer stored only means that a repeat is sent again, under the same number.
  if (idempotency) intake.settle(idempotency.scope, idempotency.key, { seq }).catch(() => {})
  return seq
}

/** A submit is the job of its own number. */
export const numbered = (command: Command, seq: number): Command =>
  command.type === 'submit' ? ({ ...command, job: seq } satisfies SubmitCommand) : command
