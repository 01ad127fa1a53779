// What a study says before anybody looks at a chart: what is kept where, where the knee is, and where figures are read off.

import type { StudyOutcome } from '@dure/contract'
import { type Arrangement, areApart, arrange, bandsOf, type Series, type Stop } from './arrangement.ts'
import { kneeOf } from './knee.ts'
import { type Kept, keptAlong } from './promises.ts'

interface SeriesAnswer {
  readonly series: Series
  /** null: nothing is promised. */
  readonly kept: Kept | null
  /** The value of the axis at which the 95th percentile of waits has its knee. */
  readonly knee: number | null
}

export interface Answer {
  readonly arrangement: Arrangement
  /** Where figures are read off, along the base series. */
  readonly stop: Stop
  readonly bySeries: readonly SeriesAnswer[]
  /** That of the base series. */
  readonly base: SeriesAnswer
}

export function answerOf(outcome: StudyOutcome): Answer {
  const arrangement = arrange(outcome)
  const { series, base, axis } = arrangement
  const answers = series.map((one): SeriesAnswer => {
    return {
      series: one,
      kept: outcome.promises.length === 0 ? null : keptAlong(outcome.promises, one),
      // Where a search has looked says nothing of the shape of the curve.
      knee: axis.column === null || outcome.kind === 'solve' ? null : kneeOfWaits(one),
    }
  })
  const own = answers.find((answer) => answer.series === base)!
  return { arrangement, stop: stopOf(outcome, own), bySeries: answers, base: own }
}

/** A curve whose ends are no further apart than seeds are has no shape to speak of. */
function kneeOfWaits(series: Series): number | null {
  const waits = bandsOf(series, 'wait_p95_s').filter(({ x }) => x !== null)
  const [first, last] = [waits[0], waits.at(-1)]
  if (first === undefined || last === undefined || !areApart(first, last)) return null
  return kneeOf(waits.map(({ x, mean }) => ({ x: x!, y: mean })))
}

/** Where the promise begins to be kept, else the knee, else the last. */
function stopOf({ solutions }: StudyOutcome, { series, kept, knee }: SeriesAnswer): Stop {
  const { stops } = series
  const solved = solutions.find(({ policy }) => policy === series.policy)?.keeps ?? null
  const found = stops.find(({ x }) => x !== null && x === (solved ?? knee))
  if (solved !== null && found !== undefined) return found
  if (kept !== null && (kept.kind === 'from' || kept.kind === 'up-to')) return kept.stop
  if (kept?.kind === 'everywhere' && stops[0]!.x !== null) return stops[0]!
  return found ?? stops.at(-1)!
}
