// One job as its owner hands it in, and what will become of it if nobody stops it.

import type { JobRequest } from '@dure/core'

export interface Submission {
  readonly atMs: number
  /** Sessions are numbered as they begin; what one user submits in one go has one number. */
  readonly session: number
  readonly kind: string
  readonly name: string
  readonly account: string
  readonly user: string
  readonly request: JobRequest
  readonly timeLimitMs: number
  /** How long it would run if the center did not stop it. */
  readonly runTimeMs: number
  readonly exitCode: number
  /** Its owner ends it after `runTimeMs`: it does not end by itself. */
  readonly stopped: boolean
  /** Its owner cancels it if it still waits after this time; Infinity: never. */
  readonly patienceMs: number
  /** How often it writes one, how long that takes, and beginning anew from it; null: it writes none. */
  readonly checkpoint: { readonly everyMs: number; readonly writeMs: number; readonly restartMs: number } | null
}
