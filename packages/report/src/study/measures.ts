// What the columns of a study are called where people read them, in which unit, and which way is better.

import {
  type Bilingual,
  type CapacityUnit,
  type Language,
  type StudyOutcome,
  sizeClasses,
  waitColumn,
} from '@dure/contract'
import { formatDigits, formatIn, inPercent, inSpans, inUnit, inWon, type UnitChoice } from './amounts.ts'

export interface Measure {
  readonly column: string
  readonly title: Bilingual
  /** In English its title takes the verbs of several. */
  readonly isPlural?: true
  readonly choice: UnitChoice
  /** `wait`: over five decades and with a zero; `part`: of a whole; `index`: up to one; `amount`: from zero. */
  readonly scale: 'amount' | 'part' | 'index' | 'wait'
  /** null: neither way is better by itself. */
  readonly better: 'more' | 'less' | null
}

/** What capacity is counted in: never a bare "exaflops". */
export const capacityUnits: Readonly<Record<CapacityUnit, Bilingual>> = {
  fp64: { ko: 'EF(FP64)', en: 'EF (FP64)' },
  bf16: { ko: 'EF(BF16)', en: 'EF (BF16)' },
  fp8: { ko: 'EF(FP8)', en: 'EF (FP8)' },
  h100_equivalents: { ko: 'H100 환산(BF16)', en: 'H100-equivalents (BF16)' },
  h100_equivalents_fp64: { ko: 'H100 환산(FP64)', en: 'H100-equivalents (FP64)' },
}

type Words = Omit<Measure, 'column'>

const wait = (ko: string, en: string): Words => ({
  title: { ko, en },
  choice: inSpans,
  scale: 'wait',
  better: 'less',
})

const measureWords = (outcome: Pick<StudyOutcome, 'unit' | 'provenance'>): Readonly<Record<string, Words>> => {
  const unit = capacityUnits[outcome.unit]
  const days = outcome.provenance.days - outcome.provenance.warmup_days
  const amount = (ko: string, en: string, of: Bilingual, better: Measure['better'] = null): Words => ({
    title: { ko, en },
    choice: inUnit(of),
    scale: 'amount',
    better,
  })
  return {
    capacity_ef: amount('설치 성능', 'Installed capacity', unit),
    delivered_ef: amount('실제로 쓰인 성능', 'Delivered capacity', unit, 'more'),
    accelerators: { ...amount('가속기', 'Accelerators', { ko: '개', en: '' }), isPlural: true },
    offered_load: {
      title: { ko: '요청 부하', en: 'Offered load' },
      choice: inPercent,
      scale: 'amount',
      better: null,
    },
    jobs: { ...amount('작업', 'Jobs', { ko: '건', en: '' }, 'more'), isPlural: true },
    jobs_per_hour: {
      ...amount('시간당 끝난 작업', 'Jobs completed per hour', { ko: '건', en: 'jobs/h' }, 'more'),
      isPlural: true,
    },
    utilization: {
      title: { ko: '가동률', en: 'Utilization' },
      choice: inPercent,
      scale: 'part',
      better: 'more',
    },
    wait_p50_s: wait('대기 시간 중앙값(p50)', 'Median wait (p50)'),
    wait_p95_s: wait('대기 시간(p95)', 'Wait (p95)'),
    wait_p99_s: wait('대기 시간(p99)', 'Wait (p99)'),
    bounded_slowdown_mean: amount('평균 지연 배수', 'Mean bounded slowdown', { ko: '배', en: 'times' }, 'less'),
    jain_index: {
      title: { ko: 'Jain 공정성 지수', en: 'Jain’s fairness index' },
      choice: inUnit(),
      scale: 'index',
      better: 'more',
    },
    share_error_max: {
      title: { ko: '가장 큰 배분 오차', en: 'Largest share error' },
      choice: inPercent,
      scale: 'amount',
      better: 'less',
    },
    // Whoever lost its nodes to a failure is counted too.
    preemptions: {
      ...amount('대기열로 되돌아간 작업', 'Jobs sent back to the queue', { ko: '건', en: '' }, 'less'),
      isPlural: true,
    },
    lost_accelerator_hours: amount('잃은 계산', 'Lost work', { ko: '가속기·시간', en: 'accelerator-hours' }, 'less'),
    power_mw_mean: amount('평균 전력', 'Mean power', { ko: 'MW', en: 'MW' }, 'less'),
    energy_mwh: amount('전력량', 'Energy', { ko: 'MWh', en: 'MWh' }, 'less'),
    cost_krw: {
      title: { ko: `비용(${formatDigits(days)}일분)`, en: `Cost of ${formatDigits(days)} days` },
      choice: inWon,
      scale: 'amount',
      better: 'less',
    },
    tco2e: amount('온실가스', 'Greenhouse gas', { ko: 'tCO₂e', en: 'tCO₂e' }, 'less'),
    jobs_waiting_end: {
      ...amount('끝날 때 기다리던 작업', 'Jobs still waiting at the end', { ko: '건', en: '' }, 'less'),
      isPlural: true,
    },
  }
}

/** How a class of sizes is called: by the accelerators of its jobs. */
export function sizeTitle({ from, to }: (typeof sizeClasses)[number]): Bilingual {
  if (to === null) return { ko: `${from}개 이상`, en: `${from} or more` }
  if (from === to) return { ko: `${from}개`, en: `${from}` }
  return { ko: `${from}–${to}개`, en: `${from}–${to}` }
}

/** A sector as columns of waits name it. */
export const sectorGroup = (name: string): string => `sector_${name}`

/** The measure of any column: those that every study has, waits of single groups, and what else rows may carry. */
export function measureOf(column: string, outcome: StudyOutcome): Measure {
  const words = measureWords(outcome)[column]
  if (words !== undefined) return { column, ...words }
  const groups = [
    ...sizeClasses.map((size) => {
      const { ko, en } = sizeTitle(size)
      return { name: size.name, title: { ko: `가속기 ${ko} 작업`, en: `jobs of ${en} accelerators` } }
    }),
    ...outcome.sectors.map(({ name, title }) => ({ name: sectorGroup(name), title })),
  ]
  for (const { name, title } of groups) {
    for (const percentile of [50, 95, 99] as const) {
      if (column !== waitColumn(percentile, name)) continue
      const { ko, en } = title
      return { column, ...wait(`${ko} 대기 시간(p${percentile})`, `Wait of ${en} (p${percentile})`) }
    }
  }
  const swept = outcome.fields.find((field) => field.column === column)?.title
  return {
    column,
    title: swept ?? { ko: column, en: column },
    choice: inUnit(),
    scale: 'amount',
    better: null,
  }
}

/** A value with its unit, and half its interval where one is known. */
export function sayAmount(measure: Measure, value: number, halfWidth: number | null, language: Language): string {
  if (measure.scale === 'wait' && value === 0 && (halfWidth ?? 0) === 0)
    return { ko: '대기 없음', en: 'no wait' }[language]
  return formatIn(measure.choice, language, value, halfWidth)
}

/** An English title where it does not begin a sentence. Names keep their capital. */
export const inSentence = (title: string): string =>
  /^(Jain|[A-Z][A-Z0-9])/.test(title) ? title : `${title.charAt(0).toLowerCase()}${title.slice(1)}`
