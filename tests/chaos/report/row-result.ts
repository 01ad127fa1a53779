// What became of a row's rounds.

import type { PlayedRound } from '../play.ts'
import type { Row } from '../rows/row.ts'

/** Fewer rounds than this show that a row can be played, and nothing about how often it holds. */
const EVIDENCE_ROUNDS_MIN = 30

export interface RowResult {
  readonly row: string
  readonly fault: string
  readonly promise: string
  readonly rounds: number
  /** Rounds in which something was wrong. */
  readonly violated: number
  /** Rounds in which a promise of time was missed. */
  readonly late: number
  readonly is_smoke: boolean
  /** From the end of the fault until all was as before; null where nothing had to come back. */
  readonly recovery_ms: { readonly p50: number; readonly p99: number; readonly max: number } | null
  readonly counts: Readonly<Record<string, number>>
  /** What a round took, its part of starting a center included. */
  readonly round_ms?: number
  /** The first few. */
  readonly violations: readonly string[]
}

const VIOLATIONS_KEPT = 5

export function rowResult({ name, fault, promise }: Row, played: readonly PlayedRound[], tookMs: number): RowResult {
  const recoveries = played
    .flatMap(({ recoveryMs }) => (recoveryMs === undefined ? [] : [recoveryMs]))
    .sort((a, b) => a - b)
  const at = (share: number): number => Math.round(recoveries[Math.max(0, Math.ceil(recoveries.length * share) - 1)]!)
  const counts: Record<string, number> = {}
  for (const one of played)
    for (const [what, count] of Object.entries(one.counts ?? {})) counts[what] = (counts[what] ?? 0) + count
  return {
    row: name,
    fault,
    promise,
    rounds: played.length,
    violated: played.filter(({ violations }) => violations.length > 0).length,
    late: played.filter(({ late = [] }) => late.length > 0).length,
    is_smoke: played.length < EVIDENCE_ROUNDS_MIN,
    recovery_ms: recoveries.length === 0 ? null : { p50: at(0.5), p99: at(0.99), max: at(1) },
    counts,
    round_ms: Math.round(tookMs / played.length),
    violations: played
      .toSorted((a, b) => a.round - b.round)
      .flatMap(({ round, violations, late = [] }) => [...violations, ...late].map((one) => `round ${round}: ${one}`))
      .slice(0, VIOLATIONS_KEPT),
  }
}
