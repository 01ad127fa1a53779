// The last words of a command that fails: what, where, and what to do next, for a person or as a problem document.

import { basename } from 'node:path'
import { ClientError } from '@dure/client'
import { errors, exitCodes, type Finding, type Language, type Problem, problemOf } from '@dure/contract'
import { printable } from '@dure/report'
import { Failure } from './failure.ts'

/** Findings shown to a person; all of them are in the problem document. */
const FINDINGS_SHOWN = 20

export interface FailureReport {
  /** For standard error, with its newline. */
  readonly text: string
  readonly exitCode: number
}

export function reportFailure(error: unknown, language: Language, json: boolean): FailureReport {
  const { problem, exitCode, where } = described(error, language)
  return { text: json ? `${JSON.stringify(problem)}\n` : inWords(problem, language, where), exitCode }
}

function described(error: unknown, language: Language): { problem: Problem; exitCode: number; where?: string } {
  if (error instanceof ClientError) return { problem: error.problem, exitCode: error.exitCode }
  if (error instanceof Failure) {
    const { detail: said, findings, where } = error.details
    const detail = typeof said === 'object' ? said[language] : said
    return {
      problem: problemOf(error.code, language, { detail, findings, instance: where }),
      exitCode: errors[error.code].exit,
      ...(where !== undefined && { where }),
    }
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { problem: problemOf('ERR_INTERNAL', language, { detail }), exitCode: exitCodes.failed }
}

function inWords(problem: Problem, language: Language, where?: string): string {
  // A single finding mostly says what the detail says already.
  const findings = (problem.errors ?? []).filter(({ detail }) => detail !== problem.detail)
  // A detail that is a stack trace keeps its lines; what came over the network does not get to draw.
  const detail = problem.code === 'ERR_INTERNAL' ? problem.detail : printable(problem.detail)
  const place = where === undefined ? '' : `${printable(where)}: `
  const lines = [`dure: ${place}${detail}`]
  for (const finding of findings.slice(0, FINDINGS_SHOWN)) lines.push(`  ${findingInWords(finding, language, where)}`)
  if (findings.length > FINDINGS_SHOWN) lines.push(`  … +${findings.length - FINDINGS_SHOWN}`)
  lines.push(`  ${problem.what_to_do}`)
  // Only where an operator has to look into the log; what the user can mend needs no number.
  if (problem.request_id !== undefined && problem.status >= 500)
    lines.push(`  request ${printable(problem.request_id)}`)
  return `${lines.join('\n')}\n`
}

/** @param where the file that has been named already */
export function findingInWords({ file, line, detail }: Finding, language: Language, where?: string): string {
  const place = [
    ...(file === undefined || basename(file) === where ? [] : [printable(file)]),
    ...(line === undefined ? [] : [{ ko: `${line}번째 줄`, en: `line ${line}` }[language]]),
  ]
  return `${place.length === 0 ? '' : `${place.join(', ')}: `}${printable(detail)}`
}
