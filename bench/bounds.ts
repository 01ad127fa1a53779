// What is held against a report: answers, which must be the recorded ones, and bounds, which a figure must keep.

import { readFileSync, writeFileSync } from 'node:fs'
import { type BenchReport, figureValue } from './report.ts'

export type Size = 'full' | 'small'

/** Bounds are for the full size; at the small one a figure says nothing but that it could be measured. */
interface Bound {
  readonly at_least?: number
  readonly at_most?: number
  /** `median`, unless the bad case is what was promised. */
  readonly of?: 'median' | 'p99'
  /** The runs and the margin that the bound comes from. */
  readonly evidence: string
}

/** By bench and figure. */
export type Bounds = Readonly<Record<string, Readonly<Record<string, Bound>>>>

/** By size, bench and case. */
export type Answers = Readonly<Record<Size, Readonly<Record<string, Readonly<Record<string, string>>>>>>

const boundsFile = new URL('./bounds.json', import.meta.url)
const answersFile = new URL('./answers.json', import.meta.url)

export const readBounds = (): Bounds => JSON.parse(readFileSync(boundsFile, 'utf8'))
export const readAnswers = (): Answers => JSON.parse(readFileSync(answersFile, 'utf8'))

/** A sentence for each bound that is missed, and for each that is for a figure nobody measured. */
export function missedBounds({ bench, figures }: BenchReport, bounds: Bounds): string[] {
  const byName = new Map(figures.map((one) => [one.name, one]))
  return Object.entries(bounds[bench] ?? {}).flatMap(([name, bound]) => {
    const found = byName.get(name)
    if (found === undefined) return [`${bench}: bounds.json has a bound for ${name}, which is not measured`]
    const value = figureValue(found, bound.of)
    const isKept = value >= (bound.at_least ?? Number.NEGATIVE_INFINITY) && value <= (bound.at_most ?? Infinity)
    return isKept ? [] : [`${bench}: ${name} is ${value} ${found.unit}, bound ${limitsOf(bound)}`]
  })
}

/** A sentence for each answer that is not the recorded one. */
export function wrongAnswers({ bench, answers, timed }: BenchReport, size: Size, recorded: Answers): string[] {
  if (timed) return []
  return Object.entries(answers).flatMap(([name, hash]) => {
    const expected = recorded[size][bench]?.[name]
    if (expected === hash) return []
    const was = expected === undefined ? 'none is recorded' : `${expected} is recorded`
    return [`${bench}: the answer of ${name} is ${hash}, but ${was}; if the change is meant, run again with --accept`]
  })
}

/** Records the answers of a report, in place of what was recorded for its bench and size. */
export function accept({ bench, answers, timed }: BenchReport, size: Size): void {
  if (timed) return
  const recorded = readAnswers()
  const ofSize = { ...recorded[size], [bench]: { ...recorded[size][bench], ...answers } }
  writeFileSync(answersFile, `${JSON.stringify({ ...recorded, [size]: ofSize }, null, 2)}\n`)
}

const limitsOf = ({ at_least, at_most }: Bound): string =>
  [at_least === undefined ? [] : `at least ${at_least}`, at_most === undefined ? [] : `at most ${at_most}`]
    .flat()
    .join(' and ')
