import { describe, expect, it } from 'vitest'
import { type Bounds, missedBounds, wrongAnswers } from './bounds.ts'
import { type BenchReport, figure, latency, printed } from './report.ts'

const report: BenchReport = {
  bench: 'b',
  size: 'ten of them',
  figures: [figure('rate', 'jobs/s', [30, 10, 20]), latency('delay', 'ms', [1, 2, 9])],
  answers: { one: 'aa' },
}
const bounds = (bound: Bounds[string]): Bounds => ({ b: bound })

describe('bounds', () => {
  it('hold the median, or the p99 where that was promised', () => {
    expect(missedBounds(report, bounds({ rate: { at_least: 20, evidence: '' } }))).toEqual([])
    expect(missedBounds(report, bounds({ delay: { at_most: 2, evidence: '' } }))).toEqual([])
    expect(missedBounds(report, bounds({ rate: { at_least: 21, evidence: '' } }))).toEqual([
      'b: rate is 20 jobs/s, bound at least 21',
    ])
    expect(missedBounds(report, bounds({ delay: { at_most: 2, of: 'p99', evidence: '' } }))).toHaveLength(1)
  })

  it('tell of a bound for something that is no longer measured', () => {
    expect(missedBounds(report, bounds({ speed: { at_least: 1, evidence: '' } }))).toEqual([
      expect.stringContaining('speed, which is not measured'),
    ])
  })
})

describe('answers', () => {
  const recorded = (hash: string) => ({ full: {}, small: { b: { one: hash } } })

  it('must be the recorded ones, and must have been recorded', () => {
    expect(wrongAnswers(report, 'small', recorded('aa'))).toEqual([])
    expect(wrongAnswers(report, 'small', recorded('bb'))).toHaveLength(1)
    expect(wrongAnswers(report, 'full', recorded('aa'))).toHaveLength(1)
  })

  it('are not compared where wall time is in them', () => {
    expect(wrongAnswers({ ...report, timed: true }, 'small', recorded('bb'))).toEqual([])
  })
})

it('a report shows what was measured and how it spreads', () => {
  expect(printed(report).split('\n')).toEqual([
    'b: ten of them',
    '  rate            20 jobs/s  median of 3, 10 to 30',
    '  delay                2 ms  p50 of 3, p99 9, worst 9',
    '  = one aa',
  ])
})
