import type { StudyOutcome } from '@dure/contract'
import { describe, expect, it } from 'vitest'
import { sampleComparison, sampleScenarios, sampleSolution, sampleSweep } from '../../testing/index.ts'
import { answerOf } from './answer.ts'
import { measureOf } from './measures.ts'
import { detailOf, groupsSummaryOf, headlineOf, summaryOf } from './sentences.ts'

const HOUR_S = 3_600
// Below the chord of the waits, with parts of the way 0, 0.06, 0.20, 0.33, …: 0, 0.35, 0.64, 0.61, … so the knee is at 0.5 EF.
const falling = [100, 60, 20, 10, 8, 6, 5, 4]

/** A sweep with such columns at the eight capacities; the seeds differ by nothing, or by as much as `spread`. */
function sweep(columns: Readonly<Record<string, readonly number[]>>, spread = 0): StudyOutcome {
  const outcome = sampleSweep()
  const rows = outcome.rows.map((row) => ({
    ...row,
    ...Object.fromEntries(
      Object.entries(columns).map(([column, values]) => [column, values[row.point]! * (1 + spread * (row.seed - 2))]),
    ),
  }))
  return { ...outcome, rows }
}

const hours = (values: readonly number[]): number[] => values.map((value) => value * HOUR_S)
const headline = (outcome: StudyOutcome) => headlineOf(outcome, answerOf(outcome))

describe('the headline of a sweep', () => {
  const outcome = sweep({
    wait_p95_s: hours(falling),
    wait_p95_s_size_513_up: hours(falling),
    delivered_ef: [0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.2, 1.6],
  })

  it('says from where on the promise is kept, and where the knee is', () => {
    expect(headline(outcome)).toEqual({
      ko: '0.5 EF(FP64)부터 ‘대기 시간(p95) 24시간 미만’ 약속을 지키고, 대기 시간은 0.5 EF(FP64)에서 꺾입니다.',
      en: 'From 0.5 EF (FP64) on the promise “wait (p95) under 24 h” is kept, and waits have their knee at 0.5 EF (FP64).',
    })
  })

  it('is followed by what that means', () => {
    expect(detailOf(outcome, answerOf(outcome))).toEqual({
      ko: '0.5 EF(FP64)에서는 0.4 EF(FP64)가 실제로 쓰이고, 작업 100건 가운데 95건이 20시간 안에 시작합니다(시드 3개의 평균과 95 % 신뢰구간).',
      en: 'At 0.5 EF (FP64), 0.4 EF (FP64) are delivered and 95 of 100 jobs start within 20 h (mean of 3 seeds and its 95 % interval).',
    })
  })

  it('names the size that clearly waits longer than was promised to all', () => {
    const large = {
      ...outcome,
      rows: outcome.rows.map((row) => ({ ...row, wait_p95_s_size_513_up: (row.point === 2 ? 99 : 30) * HOUR_S })),
    }
    // At 0.25 EF they wait for longer still, but there the promise is not kept in any case.
    large.rows
      .filter(({ point }) => point === 1)
      .forEach((row) => Object.assign(row, { wait_p95_s_size_513_up: 900 * HOUR_S }))
    const { ko, en } = detailOf(large, answerOf(large))
    expect(en).toMatch(
      /\)\. Large jobs wait longer: at 0\.5 EF \(FP64\), the wait of jobs of 513 or more accelerators \(p95\) is 4\.13 d\.$/,
    )
    expect(ko).toMatch(
      / 큰 작업은 더 기다립니다\. 0\.5 EF\(FP64\)에서 가속기 513개 이상 작업 대기 시간\(p95\)은 4\.13일입니다\.$/,
    )
  })

  it('says that nothing keeps the promise', () => {
    expect(headline(sweep({ wait_p95_s: hours(falling.map((value) => value + 30)) }))).toEqual({
      ko: '시험한 2 EF(FP64)까지 어디에서도 ‘대기 시간(p95) 24시간 미만’ 약속을 지키지 못합니다.',
      en: 'Nothing tried up to 2 EF (FP64) keeps the promise “wait (p95) under 24 h”.',
    })
  })

  it('has the knee alone where nothing is promised', () => {
    expect(headline({ ...outcome, promises: [] }).en).toBe(
      'Waits have their knee at 0.5 EF (FP64): beyond it, more of it changes little.',
    )
  })

  it('has what changed where there is no knee either', () => {
    const straight = sweep({ wait_p95_s: outcome.fields[0]!.values.map((ef) => (3 - Number(ef)) * HOUR_S) })
    expect(headline({ ...straight, promises: [] })).toEqual({
      ko: '0.134 EF(FP64)에서 2 EF(FP64)까지 대기 시간(p95)은 2.87시간에서 1시간으로 줄어듭니다.',
      en: 'From 0.134 EF (FP64) to 2 EF (FP64), wait (p95) falls from 2.87 h to 1 h.',
    })
  })

  it('says of no wait that jobs start at once', () => {
    const idle = sweep({ wait_p95_s: falling.map(() => 0) })
    const { ko, en } = detailOf(idle, answerOf(idle))
    expect(ko).toContain('작업 100건 가운데 95건이 기다리지 않고 시작합니다')
    expect(en).toContain('95 of 100 jobs start at once')
  })
})

describe('the headline of a comparison', () => {
  const outcome = sampleComparison()
  const difference = (column: string, mean: number, half_width: number | null) => ({
    column,
    base: { point: 0, policy: 'easy' },
    other: { point: 0, policy: 'fairshare' },
    mean,
    half_width,
  })

  it('says what is clear and what may be chance', () => {
    const differences = [difference('wait_p95_s', -9_000, 1_800), difference('delivered_ef', 0.004, 0.023)]
    expect(headline({ ...outcome, differences })).toEqual({
      ko: 'easy 대신 fairshare을(를) 택하면 대기 시간(p95)은 2.50 ± 0.50시간 줄고, 실제로 쓰인 성능은 뚜렷이 달라지지 않습니다(+0.004 ± 0.023 EF(FP64)).',
      en: 'With fairshare instead of easy, wait (p95) falls by 2.50 ± 0.50 h, and delivered capacity shows no clear change (+0.004 ± 0.023 EF (FP64)).',
    })
  })

  it('is sure of nothing with one seed, and says no interval', () => {
    expect(headline({ ...outcome, differences: [difference('wait_p95_s', 3_600, null)] }).en).toBe(
      'With fairshare instead of easy, wait (p95) rises by 1 h.',
    )
  })

  it('counts the scenarios that keep the promise where nothing is paired', () => {
    const scenarios = sampleScenarios()
    const waits = hours([90, 20, 10, 5, 200])
    const rows = scenarios.rows.map((row) => ({ ...row, wait_p95_s: waits[row.point]! }))
    expect(headline({ ...scenarios, rows })).toEqual({
      ko: '시나리오 5개 가운데 3개가 ‘대기 시간(p95) 24시간 미만’ 약속을 지키며, 대기 시간(p95)은 2 엑사플롭스에서 가장 짧고(5시간) 마감 직전 몰림에서 가장 깁니다(8.33일).',
      en: '3 of 5 scenarios keep the promise “wait (p95) under 24 h”; the wait (p95) is shortest in two-exaflops (5 h) and longest in deadline-spike (8.33 d).',
    })
  })
})

describe('the headline of a search', () => {
  const outcome = sampleSolution()
  const [solution] = outcome.solutions
  const found = (keeps: number | null, misses: number | null) =>
    headline({ ...outcome, solutions: [{ ...solution!, keeps, misses }] })

  it('says what keeps the promise and what misses it', () => {
    expect(found(0.397, 0.383)).toEqual({
      ko: '‘대기 시간(p95) 24시간 미만’ 약속을 지키는 가장 작은 용량은 0.397 EF(FP64)이고, 0.383 EF(FP64)로는 지키지 못합니다.',
      en: 'The smallest capacity that keeps the promise “wait (p95) under 24 h” is 0.397 EF (FP64); 0.383 EF (FP64) misses it.',
    })
  })

  it('says that the smallest does already', () => {
    expect(found(0.134, null).en).toBe(
      'The smallest, 0.134 EF (FP64), already keeps the promise “wait (p95) under 24 h”.',
    )
  })

  it('says that nothing does', () => {
    expect(found(null, 2).ko).toBe(
      '0.134 EF(FP64)에서 2 EF(FP64)까지 어떤 값으로도 ‘대기 시간(p95) 24시간 미만’ 약속을 지키지 못합니다.',
    )
  })
})

describe('the sentence of a chart', () => {
  const summary = (outcome: StudyOutcome, column: string) =>
    summaryOf(answerOf(outcome).arrangement, measureOf(column, outcome))

  it('says how far something rises', () => {
    expect(summary(sweep({ jobs_per_hour: [60, 110, 220, 330, 440, 550, 660, 900] }), 'jobs_per_hour')).toEqual({
      ko: '0.134 EF(FP64)에서 2 EF(FP64)까지 시간당 끝난 작업은 60건에서 900건으로 늘어납니다.',
      en: 'From 0.134 EF (FP64) to 2 EF (FP64), jobs completed per hour rise from 60 jobs/h to 900 jobs/h.',
    })
  })

  it('claims no change that the intervals do not bear', () => {
    // Seeds ± 5 %: the interval is 4.303 × 5 % / √3 = 12.4 % on either side.
    expect(summary(sweep({ utilization: [0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.77] }, 0.05), 'utilization')).toEqual({
      ko: '0.134 EF(FP64)에서 2 EF(FP64)까지 가동률은 70.0 ± 8.7 %에서 77.0 ± 9.6 % 사이로, 뚜렷이 달라지지 않습니다.',
      en: 'From 0.134 EF (FP64) to 2 EF (FP64), utilization does not clearly change: 70.0 ± 8.7 % and 77.0 ± 9.6 %.',
    })
  })

  it('says what nobody did', () => {
    expect(summary(sweep({ preemptions: falling.map(() => 0) }), 'preemptions').en).toBe(
      'From 0.134 EF (FP64) to 2 EF (FP64), jobs sent back to the queue stay at 0.',
    )
  })

  it('names the highest and the lowest where the axis has names', () => {
    const scenarios = sampleScenarios()
    const rows = scenarios.rows.map((row) => ({ ...row, utilization: [0.5, 0.6, 0.9, 0.8, 0.7][row.point]! }))
    expect(summary({ ...scenarios, rows }, 'utilization')).toEqual({
      ko: '가동률은 2024년 기준선에서 가장 낮고(50 %) 2028년 국가 AI컴퓨팅센터에서 가장 높습니다(90 %).',
      en: 'Utilization is lowest in baseline-2024 (50 %) and highest in nacc-2028 (90 %).',
    })
  })

  it('says who waits longest and who shortest', () => {
    const outcome = sweep({
      wait_p95_s: hours(falling),
      small: falling.map(() => 0),
      large: hours(falling.map((value) => value * 2)),
    })
    const groups = [
      { column: 'small', title: { ko: '작은 작업', en: 'small jobs' } },
      { column: 'large', title: { ko: '큰 작업', en: 'large jobs' } },
      { column: 'absent', title: { ko: '없는 작업', en: 'no jobs' } },
    ]
    expect(groupsSummaryOf(outcome, answerOf(outcome), groups)).toEqual({
      ko: '0.5 EF(FP64)에서 가장 오래 기다리는 쪽은 큰 작업(p95 40시간), 가장 짧게 기다리는 쪽은 작은 작업(p95 대기 없음)입니다.',
      en: 'At 0.5 EF (FP64), large jobs wait longest (p95 40 h) and small jobs shortest (p95 no wait).',
    })
  })
})
