// A scenario for people: what it is about, and year by year what stands there in every unit, what is asked for, what it draws and costs.

import { type Bilingual, type CapacityGap, type CapacityUnit, type Language, ScenarioFile } from '@dure/contract'
import { type Column, facts, formatAmount, formatCount, formatPercent, table } from '@dure/report'
import type { YearOutlook } from '@dure/study'

interface Paper {
  readonly language: Language
  /** Terminal columns, Infinity where nobody looks. */
  readonly width: number
  readonly emphasis: (text: string) => string
}

const KRW_PER_BILLION = 1e9

/** What people call the units that capacity is counted in. */
const unitTitles: Readonly<Record<CapacityUnit, Bilingual>> = {
  fp64: { ko: 'EF (FP64)', en: 'EF FP64' },
  bf16: { ko: 'EF (BF16)', en: 'EF BF16' },
  fp8: { ko: 'EF (FP8)', en: 'EF FP8' },
  h100_equivalents: { ko: 'H100 환산 (BF16)', en: 'H100-equivalents, BF16' },
  h100_equivalents_fp64: { ko: 'H100 환산 (FP64)', en: 'H100-equivalents, FP64' },
}

export function scenarioReport(file: ScenarioFile, years: readonly YearOutlook[], paper: Paper): string {
  const { language, emphasis } = paper
  return [
    [emphasis(file.name), file.description?.[language]].filter(Boolean).join(': '),
    about(file, language),
    yearTable(years, paper),
    gapsInWords(years, language),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

function about(file: ScenarioFile, language: Language): string {
  const { unit, pools, demand, outages, faults, power, promises, policy, days, study } = ScenarioFile.parse(file)
  const ko = language === 'ko'
  const many = (count: number, one: string, several: string): string | null =>
    count === 0 ? null : ko ? `${count}개` : `${count} ${count === 1 ? one : several}`
  const asked =
    demand.load === undefined
      ? ko
        ? `${demand.groups.length}개 집단, ${demand.base_year}년 기준, 배율 ${demand.pressure}`
        : `${demand.groups.length} groups from the base year ${demand.base_year}, times ${demand.pressure}`
      : ko
        ? `용량의 ${demand.load * demand.pressure}배`
        : `${demand.load * demand.pressure} of what stands there`
  return facts([
    [ko ? '시뮬레이션' : 'simulated', ko ? `${file.date}부터 ${days}일` : `${days} days from ${file.date}`],
    [ko ? '단위' : 'unit', unitTitles[unit][language]],
    [ko ? '풀' : 'pools', pools.map(({ name }) => name).join(', ')],
    [ko ? '수요' : 'demand', asked],
    [ko ? '고장 법칙' : 'failures', many(faults.length, 'law', 'laws')],
    [ko ? '계획 중단' : 'outages', many(outages.length, 'outage', 'outages')],
    [ko ? '전력 상한' : 'power caps', many(power?.caps.length ?? 0, 'cap', 'caps')],
    [ko ? '정책' : 'policy', typeof policy === 'string' ? policy : (policy.name ?? policy.base)],
    [ko ? '약속' : 'promises', promises.length === 0 ? null : promises.join(', ')],
    [ko ? '연구' : 'study', study === undefined ? null : `dure study ${file.name}`],
  ])
}

function yearTable(years: readonly YearOutlook[], { language, width, emphasis }: Paper): string {
  const ko = language === 'ko'
  const amount = (value: number): string =>
    value === 0 ? '0' : value < 10 ? value.toFixed(3) : value < 100 ? value.toFixed(2) : formatCount(value)
  const capacity = (unit: CapacityUnit, title: string, expendable?: number): Column<YearOutlook> => ({
    title,
    value: ({ capacity }) => amount(capacity[unit]),
    align: 'right',
    ...(expendable !== undefined && { expendable }),
  })
  const columns: readonly Column<YearOutlook>[] = [
    { title: ko ? '연말' : 'END OF', value: ({ year }) => year },
    {
      title: ko ? '가속기' : 'ACC',
      value: ({ accelerators }) => formatCount(accelerators),
      align: 'right',
      expendable: 1,
    },
    {
      title: ko ? 'NPU·PIM' : 'NPU+PIM',
      value: ({ npuShare }) => formatPercent(npuShare),
      align: 'right',
      expendable: 4,
    },
    capacity('fp64', 'EF FP64'),
    capacity('bf16', 'EF BF16'),
    capacity('fp8', 'EF FP8', 6),
    capacity('h100_equivalents', ko ? 'H100(BF16)' : 'H100 BF16', 3),
    capacity('h100_equivalents_fp64', ko ? 'H100(FP64)' : 'H100 FP64', 7),
    {
      title: ko ? '이식' : 'READY',
      value: ({ readiness }) => formatPercent(readiness),
      align: 'right',
      expendable: 5,
    },
    {
      title: ko ? '수요' : 'DEMAND',
      value: ({ demandIndex, h100sAsked }) =>
        h100sAsked === null ? `× ${formatAmount(demandIndex, 2)}` : formatCount(h100sAsked),
      align: 'right',
    },
    {
      title: ko ? '최대 MW' : 'MW MAX',
      value: ({ siteMwFull }) => (siteMwFull === null ? null : formatAmount(siteMwFull, 1)),
      align: 'right',
      expendable: 2,
    },
    {
      title: ko ? '도입비 십억 원' : 'BN KRW',
      value: ({ capexKrw }) => (capexKrw === null ? null : formatCount(capexKrw / KRW_PER_BILLION)),
      align: 'right',
      expendable: 2,
    },
  ]
  const notes = ko
    ? '수요는 계속 돌아가는 H100의 수입니다. ×는 기준 연도에 대한 배율입니다. 전력은 모두 일할 때 계량기에서 잰 값입니다.'
    : 'Demand is in H100 kept busy, or with × beside the base year. MW are at the meter, with everything at work.'
  return `${table(columns, years, { width, emphasis })}\n${notes}`
}

const reasons: Readonly<Record<CapacityGap['reason'], Bilingual>> = {
  'no-format': { ko: '이 형식이 없음', en: 'have no such format' },
  unpublished: { ko: '성능이 발표되지 않음', en: 'nobody has published how fast' },
  'no-such-model': { ko: '목록에 없는 모델', en: 'not in the catalogue' },
  'no-model': { ko: '모델을 적지 않음', en: 'the model is not said' },
}

/** What adds nothing to which number, once for all years. */
function gapsInWords(years: readonly YearOutlook[], language: Language): string {
  const formats = new Map<string, { model: string; reason: CapacityGap['reason']; formats: Set<string> }>()
  for (const { model, format, reason } of years.flatMap(({ gaps }) => gaps)) {
    const key = `${model} ${reason}`
    const known = formats.get(key) ?? { model: model ?? '?', reason, formats: new Set() }
    known.formats.add(format.toUpperCase())
    formats.set(key, known)
  }
  if (formats.size === 0) return ''
  const lines = [...formats.values()].map(
    ({ model, reason, formats: some }) => `  ${model}: ${[...some].join(', ')} (${reasons[reason][language]})`,
  )
  return [{ ko: '용량에 더해지지 않은 것', en: 'Counted as nothing' }[language], ...lines].join('\n')
}
