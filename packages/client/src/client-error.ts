// What a request can come to besides its answer, told apart by what the caller can do about it.

import {
  type ErrorCode,
  errors,
  exitCodeOfStatus,
  isErrorCode,
  type Language,
  type Problem,
  problemOf,
} from '@dure/contract'

/** The center said no, nobody answered, or the answer made no sense. */
export class ClientError extends Error {
  readonly problem: Problem
  /** What a command that fails by this exits with. */
  readonly exitCode: number
  /** When asking again makes sense, as far as the center said. */
  readonly retryAfterMs: number | null

  constructor(problem: Problem, retryAfterMs: number | null = null, cause?: unknown) {
    super(`${problem.detail} ${problem.what_to_do}`.trim(), { cause })
    this.name = 'ClientError'
    this.problem = problem
    this.exitCode = isErrorCode(problem.code) ? errors[problem.code].exit : exitCodeOfStatus(problem.status)
    this.retryAfterMs = retryAfterMs
  }

  /** Whether the same request may well succeed in a moment. */
  get isPassing(): boolean {
    const { code, status } = this.problem
    return code === 'ERR_UNREACHABLE' || code === 'ERR_IDEMPOTENCY_IN_PROGRESS' || [429, 502, 503, 504].includes(status)
  }
}

export const clientError = (code: ErrorCode, language: Language, detail: string, cause?: unknown): ClientError =>
  new ClientError(problemOf(code, language, { detail }), null, cause)
