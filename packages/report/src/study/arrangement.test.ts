import type { StudyOutcome } from '@dure/contract'
import { describe, expect, it } from 'vitest'
import { samplePressures, sampleScenarios, sampleSolution, sampleSweep } from '../../testing/index.ts'
import { arrange, bandsOf, saySpot } from './arrangement.ts'

const titles = (outcome: StudyOutcome): string[] => arrange(outcome).series.map(({ title }) => title.en)

describe('a study on paper', () => {
  it('has capacity along the axis, in its unit', () => {
    const { axis, base } = arrange(sampleSweep())
    expect(axis.column).toBe('capacity_ef')
    expect(base.stops.map((stop) => saySpot(axis, stop).en)).toEqual([
      '0.134 EF (FP64)',
      '0.25 EF (FP64)',
      '0.5 EF (FP64)',
      '0.75 EF (FP64)',
      '1 EF (FP64)',
      '1.25 EF (FP64)',
      '1.5 EF (FP64)',
      '2 EF (FP64)',
    ])
  })

  it('has a line for each value of the other field, and speaks of the one that is as planned', () => {
    const { series, base } = arrange(samplePressures())
    expect(series.map(({ title }) => title.en)).toEqual(['demand × 0.4', 'demand × 1', 'demand × 2', 'demand × 3.25'])
    expect(series.map(({ stops }) => stops.length)).toEqual([8, 8, 8, 8])
    expect(base.title.en).toBe('demand × 1')
  })

  it('has names along the axis where nothing is a number', () => {
    const { axis, base } = arrange(sampleScenarios())
    expect(axis.column).toBeNull()
    expect(base.stops.map((stop) => saySpot(axis, stop).ko)).toContain('2028년 국가 AI컴퓨팅센터')
  })

  it('has one line of scenarios that each have a policy of their own', () => {
    const outcome = sampleScenarios()
    const own = ['easy', 'fairshare', 'easy', 'fairshare', 'easy']
    const rows = outcome.rows.map((row) => ({ ...row, policy: own[row.point]! }))
    const { series } = arrange({ ...outcome, policies: ['easy', 'fairshare'], rows })
    expect(series.map(({ stops }) => stops.map(({ point }) => point))).toEqual([[0, 1, 2, 3, 4]])
  })

  it('has the swept field along the axis where it is another than capacity', () => {
    const outcome = sampleSweep()
    const shares = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]
    const { axis, base } = arrange({
      ...outcome,
      fields: [{ column: 'npu_share', title: { ko: 'NPU 비중', en: 'NPU share' }, values: shares }],
      points: outcome.points.map((point, at) => ({ ...point, values: { npu_share: shares[at]! } })),
    })
    expect(saySpot(axis, base.stops[3]!)).toEqual({ ko: 'NPU 비중 30 %', en: 'NPU share 30 %' })
  })

  it('has what a search tried in the order of its values', () => {
    const { base } = arrange(sampleSolution())
    const tried = base.stops.map(({ x }) => x!)
    expect(tried).toEqual(tried.toSorted((a, b) => a - b))
  })

  it('names policies where there are several', () => {
    const outcome = sampleSweep()
    const both = outcome.rows.flatMap((row) => [row, { ...row, policy: 'easy' }])
    expect(titles({ ...outcome, policies: ['fairshare', 'easy'], rows: both })).toEqual(['fairshare', 'easy'])
  })

  it('is nothing without rows', () => {
    expect(() => arrange({ ...sampleSweep(), rows: [] })).toThrow(RangeError)
  })
})

describe('a band', () => {
  const outcome = sampleSweep()
  const [first] = outcome.rows
  const of = (values: readonly (number | null)[]) => {
    const rows = values.map((value, at) => ({ ...first!, seed: at, tco2e: value }))
    return bandsOf(arrange({ ...outcome, rows }).base, 'tco2e')
  }

  it('is the mean over seeds with its 95 % interval by Student’s t', () => {
    // 1, 2 and 3: mean 2, deviation 1, t of 97.5 % with two degrees of freedom 4.302653, over √3.
    expect(of([1, 2, 3])).toMatchObject([{ mean: 2, values: [1, 2, 3] }])
    expect(of([1, 2, 3])[0]!.halfWidth).toBeCloseTo(4.302653 / Math.sqrt(3), 6)
  })

  it('has no interval of one seed', () => expect(of([5])).toMatchObject([{ mean: 5, halfWidth: null }]))

  it('is not there where no row has a number', () => expect(of([null, null])).toEqual([]))
})
