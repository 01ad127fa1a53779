// What a report for a terminal is written on.

import type { Language } from '@dure/contract'
import type { Ink } from './strip.ts'

export interface Paper extends Ink {
  readonly language: Language
  /** Terminal columns, Infinity where nobody looks. */
  readonly width: number
  readonly emphasis: (text: string) => string
}
