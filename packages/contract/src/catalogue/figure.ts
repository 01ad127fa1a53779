// A number that somebody printed, how sure we are of it, and what else was printed. A number that nobody has published is no
// figure at all but null: it adds nothing to any sum, and whoever shows it says so.

import type { SourceKey } from './sources.ts'

/**
 * - `verified`: read in a page that names its own source, or in the vendor's documentation.
 * - `weak`: read, but in a secondary page: an aggregator, a shop, a vendor's advertisement.
 * - `derived`: reckoned from figures that were read, as the note says.
 * - `unverified`: nobody has shown us a page; to be checked before it is shown as a fact.
 */
export type FigureStatus = 'verified' | 'weak' | 'derived' | 'unverified'

export interface Reading {
  readonly value: number
  readonly status: FigureStatus
  readonly sources: readonly SourceKey[]
}

/** The reading that is reckoned with, and those of sources that disagree. */
export interface Figure extends Reading {
  readonly others: readonly Reading[]
  readonly note: string | null
}

type Figures<Name extends string> = Readonly<Record<Name, Figure>>

function figures<Name extends string>(
  status: FigureStatus,
  sources: readonly SourceKey[],
  values: Readonly<Record<Name, number>>,
  note: string | null,
): Figures<Name> {
  const entries = Object.entries<number>(values).map(([name, value]) => [
    name,
    { value, status, sources, others: [], note },
  ])
  return Object.fromEntries(entries)
}

/** Several figures of one origin. A peak of 0 says that the device has no such format. */
export const verified = <Name extends string>(
  sources: readonly SourceKey[],
  values: Readonly<Record<Name, number>>,
  note: string | null = null,
): Figures<Name> => figures('verified', sources, values, note)

export const weak = <Name extends string>(
  sources: readonly SourceKey[],
  values: Readonly<Record<Name, number>>,
  note: string | null = null,
): Figures<Name> => figures('weak', sources, values, note)

export const derived = <Name extends string>(
  sources: readonly SourceKey[],
  values: Readonly<Record<Name, number>>,
  note: string,
): Figures<Name> => figures('derived', sources, values, note)

export const unverified = <Name extends string>(
  values: Readonly<Record<Name, number>>,
  note: string | null = null,
): Figures<Name> => figures('unverified', ['unread'], values, note)

export const reading = (value: number, status: FigureStatus, sources: readonly SourceKey[]): Reading => ({
  value,
  status,
  sources,
})

/** A figure on which sources disagree: the first reading is reckoned with, the others are kept beside it. */
export const disputed = (chosen: Reading, others: readonly Reading[], note: string): Figure => ({
  ...chosen,
  others,
  note,
})
