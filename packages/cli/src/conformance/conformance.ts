// Conformance cases: what other schedulers, their documents or a careful hand say must come out, and whether it does here.
// Cases lie with the core (`golden/`), a folder a kind; each states where its numbers come from.

import { readdirSync, readFileSync } from 'node:fs'
import type { CaseHead } from './case.ts'
import { kinds } from './kinds.ts'

export interface Verdict {
  readonly system: string
  readonly kind: string
  readonly name: string
  readonly source: string
  /** The expected values were computed from the system's formula: nobody has published them. */
  readonly derived: boolean
  readonly passed: boolean
  /** What differs, one line each; empty where it passed. */
  readonly differences: readonly string[]
}

/** Where the cases lie: a folder a kind. */
export const goldenFolder = new URL('../golden/', import.meta.resolve('@dure/core'))

/** Every case of every kind, ordered by kind and file. */
export function conformanceCases(): CaseHead[] {
  return kinds.flatMap(({ kind }) => {
    const folder = new URL(`${kind}/`, goldenFolder)
    return readdirSync(folder)
      .sort()
      .map((file): CaseHead => JSON.parse(readFileSync(new URL(file, folder), 'utf8')))
  })
}

export function judge(conformanceCase: CaseHead): Verdict {
  const { system, kind, name, source, derived = false } = conformanceCase
  const judged = kinds.find((each) => each.kind === kind)
  const differences = judged?.differences(conformanceCase) ?? [`there is no kind of case ${kind}`]
  return { system, kind, name, source, derived, passed: differences.length === 0, differences }
}
