// Submits at a rate that the center does not choose: each has a moment of its own, keeps it whatever happens to those before,
// and is timed from that moment on.

import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { json } from 'node:stream/consumers'
import type { JobAccepted, SubmitJobBody } from '@dure/contract'
import type { Door } from '../chaos/client/center-client.ts'

interface OpenLoopOptions {
  readonly door: Door
  readonly perSecond: number
  readonly draw: () => SubmitJobBody
  /** Sends each under an Idempotency-Key of its own. */
  readonly isKeyed: boolean
}

/** How often it looks for what is due. */
const TICK_MS = 5
const ACCEPTED = 202

export class OpenLoop {
  /** Numbers of the jobs that were answered 202. */
  readonly accepted: number[] = []
  /** Answers that were something else, by status; 0: none came. */
  readonly others = new Map<number, number>()
  /** From the moment a submit was due until its answer was read, in order of answers. */
  readonly latenciesMs: number[] = []
  readonly #options: OpenLoopOptions
  readonly #agent = new Agent({ keepAlive: true })
  readonly #underWay = new Set<Promise<void>>()
  #timer: NodeJS.Timeout | undefined
  #beganMs = 0
  #sent = 0

  constructor(options: OpenLoopOptions) {
    this.#options = options
  }

  start(): void {
    this.#beganMs = performance.now()
    this.#timer = setInterval(() => this.#sendDue(), TICK_MS)
  }

  /** Sends nothing more; resolves when all that was sent has been answered. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await Promise.all(this.#underWay)
    this.#agent.destroy()
  }

  #sendDue(): void {
    const nowMs = performance.now()
    for (;;) {
      const dueMs = this.#beganMs + (1000 * this.#sent) / this.#options.perSecond
      if (dueMs > nowMs) return
      this.#sent++
      const sending = this.#send(dueMs)
      this.#underWay.add(sending)
      void sending.finally(() => this.#underWay.delete(sending))
    }
  }

  async #send(dueMs: number): Promise<void> {
    const { status, answer } = await this.#ask().catch(() => ({ status: 0, answer: undefined }))
    this.latenciesMs.push(performance.now() - dueMs)
    if (status === ACCEPTED) this.accepted.push((answer as JobAccepted).id)
    else this.others.set(status, (this.others.get(status) ?? 0) + 1)
  }

  async #ask(): Promise<{ readonly status: number; readonly answer: unknown }> {
    const { door, draw, isKeyed } = this.#options
    const asking = request(`${door.url}/v1/jobs`, {
      method: 'POST',
      agent: this.#agent,
      headers: {
        authorization: `Bearer ${door.key}`,
        'content-type': 'application/json',
        ...(isKeyed && { 'idempotency-key': `soak-${this.#sent}` }),
      },
    })
    asking.end(JSON.stringify(draw()))
    try {
      const [response] = await once(asking, 'response')
      return { status: response.statusCode, answer: await json(response) }
    } catch (error) {
      // The API has closed a connection that rested, in the moment in which it was used again: it has read nothing.
      if (asking.reusedSocket && (error as NodeJS.ErrnoException).code === 'ECONNRESET') return this.#ask()
      throw error
    }
  }
}
