// A bound on one column of a study's rows, as people write it: `wait_p95_s<3600`. What a plan promises and what a script checks are
// both made of these.

import type { Bilingual } from '../language.ts'
import type { StudyPromise } from './study-outcome.ts'

/** What `parseThreshold` reads, for messages. */
export const thresholdForms: Bilingual = {
  ko: '열 이름, <, <=, >, >= 가운데 하나, 숫자 (예: wait_p95_s<3600)',
  en: 'a column, <, <=, > or >=, and a number: wait_p95_s<3600',
}

const pattern = /^\s*([^\s<>=]+)\s*(<=|>=|<|>)\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)\s*$/i

/** The bound that a text says, or null where it says none. */
export function parseThreshold(text: string): StudyPromise | null {
  const [, column, comparison, value] = pattern.exec(text) ?? []
  if (column === undefined || !Number.isFinite(Number(value))) return null
  return { column, comparison: comparison as StudyPromise['comparison'], value: Number(value) }
}

export const thresholdText = ({ column, comparison, value }: StudyPromise): string => `${column} ${comparison} ${value}`

/** Whether a value is on the right side of the bound. */
export function keepsThreshold({ comparison, value: bound }: StudyPromise, value: number): boolean {
  switch (comparison) {
    case '<':
      return value < bound
    case '<=':
      return value <= bound
    case '>':
      return value > bound
    case '>=':
      return value >= bound
    default: {
      const never: never = comparison
      throw new Error(`no comparison ${never}`)
    }
  }
}
