// What an error looks like on the wire: RFC 9457 `application/problem+json`, with our code and what to do next.

import { z } from 'zod'
import { type ErrorCode, errors } from './errors.ts'
import type { Language } from './language.ts'

/** One thing that is wrong: where (a JSON pointer, or a line of a file) and what, in a sentence. */
export const Finding = z.object({
  /** JSON pointer into the body, such as `/nodes`; `?name` for a query parameter; empty for the whole. */
  pointer: z.string(),
  code: z.string(),
  detail: z.string(),
  /** The file, where what was read is made of several. */
  file: z.string().optional(),
  /** Line of the file it stands on, from 1. */
  line: z.int().min(1).optional(),
})
export type Finding = z.output<typeof Finding>

export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  /** The next thing to do, in one sentence. */
  what_to_do: z.string(),
  errors: z.array(Finding).optional(),
  /** The path it happened on. */
  instance: z.string().optional(),
  /** Finds the matching lines in the log. */
  request_id: z.string().optional(),
})
export type Problem = z.output<typeof Problem>

export const PROBLEM_MEDIA_TYPE = 'application/problem+json'

interface ProblemDetails {
  /** What happened here, with names and numbers. Default: the title. */
  readonly detail?: string | undefined
  readonly findings?: readonly Finding[] | undefined
  readonly instance?: string | undefined
  readonly requestId?: string | undefined
}

/** The problem document for a code, in one language. A code that only the command line knows has status 0 there. */
export function problemOf(code: ErrorCode, language: Language, details: ProblemDetails = {}): Problem {
  const { status, title, whatToDo } = errors[code]
  return {
    type: `urn:dure:error:${code}`,
    title: title[language],
    status: status ?? 0,
    detail: details.detail ?? title[language],
    code,
    what_to_do: whatToDo[language],
    ...(details.findings !== undefined && { errors: [...details.findings] }),
    ...(details.instance !== undefined && { instance: details.instance }),
    ...(details.requestId !== undefined && { request_id: details.requestId }),
  }
}
