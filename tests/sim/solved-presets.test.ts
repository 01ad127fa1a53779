// The smallest capacity that is enough, found for scenarios that come with Dure: it keeps the promise, 5 % less of it does not, and the next
// value above does. Their demand is what their groups ask for, whatever stands there.

import { availableParallelism } from 'node:os'
import { withFields } from '@dure/contract'
import { loadScenario } from '@dure/contract/scenarios'
import { outcomeOf, type Study, studyOf } from '@dure/study'
import { runLocally } from '@dure/study/local'
import { expect, it } from 'vitest'

interface Asked {
  readonly preset: string
  /** Of its demand, and of its machine: a tenth of a nation takes a tenth of the time. */
  readonly pressure: number
  readonly from: number
  readonly to: number
  /** The 95th percentile of waits stays below so many seconds. */
  readonly waitS: number
}

/** Few days and one seed: the answer is for the test, not for a ministry. */
function studyFor({ preset, pressure, from, to, waitS }: Asked): Study {
  const read = loadScenario(preset)
  if (!read.ok) throw new Error(read.findings[0]?.detail)
  const { load: _, ...demand } = read.scenario.demand
  const set = withFields({ ...read.scenario, demand }, { days: 2, warmup_days: 0.5, 'demand.pressure': pressure })
  if (!set.ok) throw new Error(set.findings[0]?.detail)
  const solve = { knob: 'capacity_ef', from, to, tolerance: 0.05, promise: `wait_p95_s<${waitS}` }
  const reading = studyOf({ ...set.scenario, study: { solve, seeds: 1 } })
  if (!reading.ok) throw new Error(reading.findings[0]?.detail)
  return reading.study
}

it.each<Asked>([
  // In EF of FP64.
  { preset: 'baseline-2024', pressure: 1, from: 0.35, to: 0.8, waitS: 21_600 },
  // In EF of BF16.
  { preset: 'bridge-2026', pressure: 0.1, from: 0.8, to: 1.8, waitS: 3_600 },
])(
  'finds for $preset a capacity that is enough, and whose neighbour 5 % below is not',
  { timeout: 600_000 },
  async (asked) => {
    const study = studyFor(asked)
    const signal = new AbortController().signal
    const rows = await runLocally({ study, rows: [], threads: availableParallelism(), onRow() {}, signal })
    const { keeps, misses, tried } = outcomeOf(study, rows).solutions[0]!
    expect(misses! / keeps!).toBeCloseTo(0.95, 4)
    const isEnough = (capacity: number): boolean => {
      const point = study.axes[0]!.values.indexOf(capacity)
      return rows.find((row) => row.point === point)!.wait_p95_s < asked.waitS
    }
    const above = Math.min(...tried.map(({ value }) => value).filter((value) => value > keeps!))
    expect([misses!, keeps!, above].map(isEnough)).toEqual([false, true, true])
  },
)
