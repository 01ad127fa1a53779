// A client that writes down what it asked and what it was told, and gives up on an answer after a while.

import type { JobAccepted, JobActAccepted } from '@dure/contract'
import type { Call, History, NamedJob, Outcome } from './history.ts'

/** The API gives up on Redis after five seconds, and on a request after ten. */
const ANSWER_MS_MAX = 12_000

export interface Door {
  readonly url: string
  readonly key: string
}

export class CenterClient {
  readonly #door: Door
  readonly history: History

  constructor(door: Door, history: History) {
    this.#door = door
    this.history = history
  }

  /** Submits a job whose name is its Idempotency-Key. */
  async submit(job: NamedJob): Promise<Call> {
    const call = this.#begin('submit', job)
    await this.repeat(call)
    return call
  }

  /** The same submit again, under the same key, for a call of which nobody knows what came of it. */
  async repeat(call: Call): Promise<void> {
    const body = JSON.stringify(call.asked)
    const answer = await this.#ask(call, 'POST', '/v1/jobs', { 'idempotency-key': call.name }, body)
    if (call.outcome !== 'ok') return
    const { id } = answer as JobAccepted
    call.job = id
    call.command = `c${id}`
  }

  async act(act: 'cancel' | 'hold' | 'release', job: number): Promise<Call> {
    const call = this.#begin(act)
    call.job = job
    const path = act === 'cancel' ? `/v1/jobs/${job}` : `/v1/jobs/${job}/${act}`
    const answer = await this.#ask(call, act === 'cancel' ? 'DELETE' : 'POST', path, {})
    if (call.outcome === 'ok') call.command = (answer as JobActAccepted).command
    return call
  }

  async get(path: string): Promise<{ readonly status: number; readonly body: unknown }> {
    try {
      const response = await fetch(`${this.#door.url}${path}`, {
        headers: { authorization: `Bearer ${this.#door.key}` },
        signal: AbortSignal.timeout(ANSWER_MS_MAX),
      })
      return { status: response.status, body: await response.json() }
    } catch {
      return { status: 0, body: undefined }
    }
  }

  #begin(act: Call['act'], asked?: NamedJob): Call {
    const nowMs = Date.now()
    return this.history.add({
      act,
      name: asked?.name ?? '',
      ...(asked && { asked }),
      job: undefined,
      command: undefined,
      outcome: 'unknown',
      status: 0,
      invokedMs: nowMs,
      answeredMs: nowMs,
    })
  }

  async #ask(call: Call, method: string, path: string, headers: Record<string, string>, body?: string) {
    let answer: unknown
    try {
      const response = await fetch(`${this.#door.url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${this.#door.key}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body }),
        signal: AbortSignal.timeout(ANSWER_MS_MAX),
      })
      call.status = response.status
      answer = await response.json()
      call.outcome = outcomeOf(response.status)
    } catch {
      call.status = 0
      call.outcome = 'unknown'
    }
    call.answeredMs = Date.now()
    return answer
  }
}

function outcomeOf(status: number): Outcome {
  if (status < 300) return 'ok'
  // 429 is answered before anything is done, like every other 4xx.
  return status < 500 ? 'failed' : 'unknown'
}
