// What ends a command without success: a code of the contract's registry with what happened here. Everything that a command
// expects to go wrong is thrown as one of these; anything else that is thrown is our mistake.

import type { ErrorCode, Finding, Problem } from '@dure/contract'

export interface FailureDetails {
  /** What happened here, with names and numbers. Default: the title of the code. */
  readonly detail?: string
  readonly findings?: readonly Finding[]
  /** The file or the address it is about. */
  readonly where?: string
  readonly cause?: unknown
}

export class Failure extends Error {
  readonly code: ErrorCode
  readonly details: FailureDetails

  constructor(code: ErrorCode, details: FailureDetails = {}) {
    super(details.detail ?? code, { cause: details.cause })
    this.code = code
    this.details = details
  }
}

/** What the center answered instead of what was asked for. */
export class Refused extends Error {
  readonly status: number
  readonly problem: Problem
  /** When asking again makes sense, by its `Retry-After`. */
  readonly retryAfterMs: number | null

  constructor(status: number, problem: Problem, retryAfterMs: number | null) {
    super(problem.detail)
    this.status = status
    this.problem = problem
    this.retryAfterMs = retryAfterMs
  }
}

/** Whether asking again in a moment makes sense: nobody answered, or the center said "not now". */
export const isPassing = (error: unknown): error is Failure | Refused =>
  error instanceof Failure
    ? error.code === 'ERR_UNREACHABLE'
    : error instanceof Refused &&
      ([429, 502, 503, 504].includes(error.status) || error.problem.code === 'ERR_IDEMPOTENCY_IN_PROGRESS')
