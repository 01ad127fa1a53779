// What ends a command without success on this side: a code of the contract's registry with what happened here. What goes wrong
// with the center is a `ClientError`; anything else that is thrown is our mistake.

import type { Bilingual, ErrorCode, Finding } from '@dure/contract'

export interface FailureDetails {
  /** What happened here, with names and numbers; a plain text is in the language of whoever said it. Default: the title of the code. */
  readonly detail?: string | Bilingual
  readonly findings?: readonly Finding[]
  /** The file or the address it is about. */
  readonly where?: string
  readonly cause?: unknown
}

export class Failure extends Error {
  readonly code: ErrorCode
  readonly details: FailureDetails

  constructor(code: ErrorCode, details: FailureDetails = {}) {
    const { detail = code } = details
    super(typeof detail === 'string' ? detail : detail.en, { cause: details.cause })
    this.code = code
    this.details = details
  }
}
