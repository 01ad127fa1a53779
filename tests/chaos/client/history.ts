// Every call to the center and what came of it. An answer that did not come, or a 5xx, says nothing: the call may have had
// its effect all the same. Only what was acknowledged is owed, and only what was refused with 4xx must not be there.

import type { SubmitJobBody } from '@dure/contract'

export type NamedJob = SubmitJobBody & { readonly name: string }

export type Outcome = 'ok' | 'failed' | 'unknown'

export interface Call {
  readonly act: 'submit' | 'cancel' | 'hold' | 'release'
  /** Of a submit: the name of its job, which is its Idempotency-Key too. Of the others: nothing. */
  readonly name: string
  /** Of a submit: the job as it was asked for. */
  readonly asked?: NamedJob
  /** The job: what was asked about, or what a submit was answered. */
  job: number | undefined
  /** The command that was acknowledged. */
  command: string | undefined
  outcome: Outcome
  /** HTTP status; 0: none came. */
  status: number
  /** Wall milliseconds since 1970. */
  readonly invokedMs: number
  answeredMs: number
}

/** A call without an answer is still waiting. */
export const waitedMs = ({ invokedMs, answeredMs, status }: Call): number =>
  (status === 0 && answeredMs === invokedMs ? Date.now() : answeredMs) - invokedMs

export class History {
  readonly calls: Call[] = []

  add(call: Call): Call {
    this.calls.push(call)
    return call
  }

  get acknowledged(): Call[] {
    return this.calls.filter(({ outcome }) => outcome === 'ok')
  }

  /** Submits of which nobody knows what became of them. */
  get unknownSubmits(): Call[] {
    return this.calls.filter(({ act, outcome }) => act === 'submit' && outcome === 'unknown')
  }

  /** A line of JSON for each call, in the order in which they were made. */
  text(): string {
    return this.calls.map((call) => `${JSON.stringify(call)}\n`).join('')
  }
}
