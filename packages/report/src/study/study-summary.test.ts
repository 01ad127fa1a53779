import { describe, expect, it } from 'vitest'
import * as samples from '../../testing/index.ts'
import { width } from '../text.ts'
import { studySummary } from './study-summary.ts'

const paper = { language: 'en', width: 100, ascii: false, emphasis: (text: string) => text } as const

/** The sample sweep with columns that are multiples of the capacity, the same for all seeds. */
function plainSweep() {
  const outcome = samples.sampleSweep()
  const rows = outcome.rows.map((row) => ({
    ...row,
    jobs_per_hour: 400 * row.capacity_ef,
    delivered_ef: 0.8 * row.capacity_ef,
    utilization: 0.8,
    wait_p95_s: (10 * 3_600) / row.capacity_ef,
    wait_p95_s_size_513_up: (11 * 3_600) / row.capacity_ef,
    power_mw_mean: 20 * row.capacity_ef,
    cost_krw: 1e10 * row.capacity_ef,
  }))
  return { ...outcome, rows }
}

describe('a study at a terminal', () => {
  it('is an answer, what it means, and a line for each machine', () => {
    expect(studySummary(plainSweep(), paper).split('\n')).toEqual([
      'From 0.5 EF (FP64) on the promise “wait (p95) under 24 h” is kept, and waits have their knee at',
      '0.5 EF (FP64).',
      '',
      'At 0.5 EF (FP64), 0.4 EF (FP64) are delivered and 95 of 100 jobs start within 20 h (mean of 3 seeds',
      'and its 95 % interval).',
      '',
      'EF (FP64)  JOBS/h  DELIVERED  USED  WAIT p95    MW              COST  KEPT',
      '    0.134    53.6      0.107  80 %    3.11 d  2.68  KRW 1.34 billion  no',
      '     0.25     100        0.2  80 %      40 h     5   KRW 2.5 billion  no',
      '      0.5     200        0.4  80 %      20 h    10     KRW 5 billion  yes',
      '     0.75     300        0.6  80 %    13.3 h    15   KRW 7.5 billion  yes',
      '        1     400        0.8  80 %      10 h    20    KRW 10 billion  yes',
      '     1.25     500          1  80 %       8 h    25  KRW 12.5 billion  yes',
      '      1.5     600        1.2  80 %    6.67 h    30    KRW 15 billion  yes',
      '        2     800        1.6  80 %       5 h    40    KRW 20 billion  yes',
    ])
  })

  it('leaves out in a narrow window what can be done without', () => {
    const lines = studySummary(plainSweep(), { ...paper, language: 'ko', width: 46 }).split('\n')
    expect(lines.find((line) => line.startsWith('EF'))).toBe('EF(FP64)  쓰인 성능  가동률  대기 p95  약속')
    expect(Math.max(...lines.map(width))).toBeLessThanOrEqual(46)
  })

  it('says a value with its interval, and a dash where nobody knows', () => {
    const outcome = samples.sampleSweep()
    const rows = outcome.rows.map((row) => ({ ...row, wait_p95_s: 3_600 * (9 + row.seed), cost_krw: null }))
    // 10, 11 and 12 h: 11 ± 4.303/√3.
    expect(studySummary({ ...outcome, rows }, paper)).toMatch(/ 11\.0 ± 2\.5 h .* - {2}yes$/m)
  })

  it.each(Object.entries(samples))('of %s fits a window of eighty columns in either language', (_, sample) => {
    for (const language of ['ko', 'en'] as const) {
      const lines = studySummary(sample(), { ...paper, language, width: 80 }).split('\n')
      expect(Math.max(...lines.map(width))).toBeLessThanOrEqual(80)
      expect(lines.join('\n')).not.toMatch(/NaN|undefined|Infinity/)
    }
  })

  it('has the fields in which lines differ as columns, and policies where there are several', () => {
    expect(studySummary(samples.samplePressures(), paper)).toContain('DEMAND ×  EF (FP64)')
    expect(studySummary(samples.sampleComparison(), paper)).toMatch(/^POLICY +SCENARIO/m)
  })
})
