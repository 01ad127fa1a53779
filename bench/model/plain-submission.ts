// One job of a published load, which says of it no more than what it asks for and how long it runs: it ends well by itself, and nobody cancels it.

import type { JobRequest } from '@dure/core'
import type { Submission } from '@dure/sim'

export interface PlainJob {
  readonly atMs: number
  /** Of its class, which is what it is called, too. */
  readonly kind: string
  readonly account: string
  readonly user: string
  readonly request: JobRequest
  readonly timeLimitMs: number
  readonly runTimeMs: number
}

export const plainSubmission = (job: PlainJob): Submission => ({
  ...job,
  name: job.kind,
  session: 0,
  exitCode: 0,
  stopped: false,
  patienceMs: Infinity,
  checkpoint: null,
})
