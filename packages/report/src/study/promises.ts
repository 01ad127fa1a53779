// Whether what is promised is kept, and from where on.

import { type Bilingual, keepsThreshold, type StudyOutcome, type StudyPromise } from '@dure/contract'
import { bandAt, type Series, type Stop } from './arrangement.ts'
import { inSentence, measureOf, sayAmount } from './measures.ts'

/** Whether the means over the seeds keep all promises at a stop. Of a column without numbers nobody knows: that is not kept. */
export const keptAt = (promises: readonly StudyPromise[], series: Series, { point }: Stop): boolean =>
  promises.every((promise) => {
    const band = bandAt(series, promise.column, point)
    return band !== undefined && keepsThreshold(promise, band.mean)
  })

/**
 * Where along a series the promises are kept: everywhere, nowhere, from a stop on to the end, up to a stop, or here and there.
 */
export type Kept =
  | { readonly kind: 'everywhere' | 'nowhere' }
  | { readonly kind: 'from' | 'up-to'; readonly stop: Stop }
  | { readonly kind: 'at'; readonly stops: readonly Stop[] }

export function keptAlong(promises: readonly StudyPromise[], series: Series): Kept {
  const kept = series.stops.map((stop) => keptAt(promises, series, stop))
  const first = kept.indexOf(true)
  if (first < 0) return { kind: 'nowhere' }
  if (!kept.includes(false)) return { kind: 'everywhere' }
  if (kept.lastIndexOf(false) < first) return { kind: 'from', stop: series.stops[first]! }
  if (kept.indexOf(false) > kept.lastIndexOf(true))
    return { kind: 'up-to', stop: series.stops[kept.lastIndexOf(true)]! }
  return { kind: 'at', stops: series.stops.filter((_, index) => kept[index]) }
}

const comparisons: Readonly<Record<StudyPromise['comparison'], Bilingual>> = {
  '<': { ko: '미만', en: 'under' },
  '<=': { ko: '이하', en: 'at most' },
  '>': { ko: '초과', en: 'over' },
  '>=': { ko: '이상', en: 'at least' },
}

/** `대기 시간(p95) 24시간 미만`, `wait (p95) under 24 h`. */
function sayPromise(promise: StudyPromise, outcome: StudyOutcome): Bilingual {
  const measure = measureOf(promise.column, outcome)
  const { ko, en } = comparisons[promise.comparison]
  return {
    ko: `${measure.title.ko} ${sayAmount(measure, promise.value, null, 'ko')} ${ko}`,
    en: `${inSentence(measure.title.en)} ${en} ${sayAmount(measure, promise.value, null, 'en')}`,
  }
}

export const sayPromises = (outcome: StudyOutcome): Bilingual => {
  const said = outcome.promises.map((promise) => sayPromise(promise, outcome))
  return { ko: said.map(({ ko }) => ko).join(', '), en: said.map(({ en }) => en).join(' and ') }
}
