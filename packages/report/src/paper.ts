// What a report for a terminal is written on.

import type { Language } from '@dure/contract'
import type { Ink } from './strip.ts'

export interface Paper extends Ink {
  readonly language: Language
  /** Terminal columns, Infinity where nobody looks. */
  readonly width: number
  readonly emphasis: (text: string) => string
}

/** Where nobody said how wide a line may be: as many columns as one reads with ease. */
const COLUMNS_READ = 100

/** Terminal columns that sentences may take. */
export const proseWidth = ({ width }: Pick<Paper, 'width'>): number => (Number.isFinite(width) ? width : COLUMNS_READ)
