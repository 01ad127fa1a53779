// A scenario for people: what it is about, and year by year what stands there in every unit, what is asked for, what it draws and costs.

import {
  type Bilingual,
  type CapacityGap,
  type CapacityUnit,
  type CheckedScenario,
  type Language,
  ScenarioFile,
} from '@dure/contract'
import { type Column, facts, formatAmount, formatCount, formatPercent, proseWidth, table, wrapped } from '@dure/report'
import { logName, logsIn, type YearOutlook } from '@dure/study'

interface Paper {
  readonly language: Language
  /** Terminal columns, Infinity where nobody looks. */
  readonly width: number
  readonly emphasis: (text: string) => string
}

const KRW_PER_BILLION = 1e9
const KRW_PER_JO = 1e12

/** What people call the units that capacity is counted in. */
const unitTitles: Readonly<Record<CapacityUnit, Bilingual>> = {
  fp64: { ko: 'EF (FP64)', en: 'EF FP64' },
  bf16: { ko: 'EF (BF16)', en: 'EF BF16' },
  fp8: { ko: 'EF (FP8)', en: 'EF FP8' },
  h100_equivalents: { ko: 'H100 환산 (BF16)', en: 'H100-equivalents, BF16' },
  h100_equivalents_fp64: { ko: 'H100 환산 (FP64)', en: 'H100-equivalents, FP64' },
}

export function scenarioReport(file: ScenarioFile, years: readonly YearOutlook[], paper: Paper): string {
  const { language, width, emphasis } = paper
  const [first = '', ...others] = wrapped(
    [file.name, file.description?.[language]].filter((part) => part !== undefined).join(': '),
    width,
  )
  return [
    // Only what comes first is emphasised, or a long description would shout.
    [first.replace(file.name, emphasis), ...others].join('\n'),
    about(file, paper),
    yearTable(file, years, paper),
    gapsInWords(years, paper),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

function about(file: ScenarioFile, { language, width }: Paper): string {
  const { unit, pools, demand, policy, promises, days } = ScenarioFile.parse(file)
  const ko = language === 'ko'
  const { faults = [], outages = [], maintenance = [], study } = file
  const listed = (items: readonly (string | Bilingual)[]): string | null =>
    items.length === 0 ? null : items.map((item) => (typeof item === 'string' ? item : item[language])).join(', ')
  return facts(
    [
      [ko ? '시뮬레이션' : 'simulated', ko ? `${file.date}부터 ${days}일` : `${days} days from ${file.date}`],
      [ko ? '단위' : 'unit', unitTitles[unit][language]],
      [ko ? '풀' : 'pools', listed(pools.map(({ name }) => name))],
      [ko ? '수요' : 'demand', demandInWords(demand)[language]],
      [ko ? '작업 기록' : 'job logs', listed([...new Set(logsIn(file).map((log) => logName(log.file)))])],
      [ko ? '수요 급증' : 'surges', listed(surgesInWords(file))],
      [ko ? '고장 법칙' : 'failures', listed(faults.map(({ name }) => name))],
      [ko ? '계획 중단' : 'outages', listed(outages.map(outageInWords))],
      [ko ? '정비' : 'maintenance', listed(maintenance.map(maintenanceInWords))],
      [ko ? '전력 상한' : 'power caps', listed((file.power?.caps ?? []).map(capInWords))],
      [ko ? '정책' : 'policy', typeof policy === 'string' ? policy : (policy.name ?? policy.base)],
      [ko ? '약속' : 'promises', listed(promises)],
      [ko ? '스터디' : 'study', study === undefined ? null : `dure study ${file.name}`],
    ],
    width,
  )
}

function demandInWords({ load, pressure, groups, base_year }: CheckedScenario['demand']): Bilingual {
  if (load !== undefined) {
    const part = formatAmount(load * pressure, 4)
    return { ko: `용량의 ${part}배`, en: `${part} of what stands there` }
  }
  const times = formatAmount(pressure, 4)
  return {
    ko: `${groups.length}개 집단, ${base_year}년 기준${pressure === 1 ? '' : `, ${times}배`}`,
    en: `${groups.length} groups from the base year ${base_year}${pressure === 1 ? '' : `, times ${times}`}`,
  }
}

/** As it is written, for people. */
const momentInWords = (written: string): string => written.replace('T', ' ')

/** Each once, with all groups that it is of. */
function surgesInWords({ demand }: ScenarioFile): Bilingual[] {
  const all = (demand.groups ?? []).flatMap((group) =>
    (group.surges ?? []).map((surge) => ({ ...surge, of: group.name })),
  )
  const alike = Map.groupBy(all, ({ name, from, for: lasts, factor }) => [name, from, lasts, factor].join())
  return [...alike.values()].map((same) => {
    const { from, for: lasts, factor } = same[0]!
    const groups = same.map(({ of }) => of).join(' + ')
    return {
      ko: `${groups} ${factor}배, ${momentInWords(from)}부터 ${lasts} 동안`,
      en: `${groups} × ${factor} for ${lasts} from ${momentInWords(from)}`,
    }
  })
}

type Listed<Name extends 'outages' | 'maintenance'> = NonNullable<ScenarioFile[Name]>[number]

const outageInWords = ({ name, pool, nodes, from, for: lasts }: Listed<'outages'>): Bilingual => ({
  ko: `${name}: 풀 ${pool}${nodes === undefined ? '' : `의 노드 ${formatCount(nodes)}개`}, ${momentInWords(from)}부터 ${lasts} 동안`,
  en: `${name}: ${nodes === undefined ? '' : `${formatCount(nodes)} nodes of `}pool ${pool} for ${lasts} from ${momentInWords(from)}`,
})

const maintenanceInWords = ({ name, nodes_at_once, each, from }: Listed<'maintenance'>): Bilingual => ({
  ko: `${name}: ${momentInWords(from)}부터 노드 ${formatCount(nodes_at_once)}개씩, ${each}`,
  en: `${name}: ${formatCount(nodes_at_once)} nodes at once for ${each} each, from ${momentInWords(from)}`,
})

function capInWords(cap: NonNullable<NonNullable<ScenarioFile['power']>['caps']>[number]): Bilingual {
  const { name, site, part_of_full, from, until } = cap
  const [since, to] = [from, until ?? ''].map(momentInWords)
  const named = name === undefined ? '' : `${name}: `
  return {
    ko: `${named}${site ?? `최대 전력의 ${formatAmount(100 * part_of_full!)}%`}, ${since}부터${until === undefined ? '' : ` ${to}까지`}`,
    en: `${named}${site ?? `${formatAmount(100 * part_of_full!)} % of full power`} from ${since}${until === undefined ? '' : ` to ${to}`}`,
  }
}

function yearTable({ demand }: ScenarioFile, years: readonly YearOutlook[], paper: Paper): string {
  const { language, width, emphasis } = paper
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
        demand.load !== undefined
          ? formatPercent(demand.load * (demand.pressure ?? 1))
          : h100sAsked === null
            ? `× ${formatAmount(demandIndex, 2)}`
            : formatCount(h100sAsked),
      align: 'right',
    },
    {
      title: ko ? '최대 MW' : 'MW MAX',
      value: ({ siteMwFull }) => (siteMwFull === null ? null : formatAmount(siteMwFull, 1)),
      align: 'right',
      expendable: 2,
    },
    {
      title: ko ? '조 원' : 'BN KRW',
      value: ({ capexKrw }) =>
        capexKrw === null || capexKrw === 0
          ? capexKrw
          : ko
            ? (capexKrw / KRW_PER_JO).toFixed(2)
            : formatCount(capexKrw / KRW_PER_BILLION),
      align: 'right',
      expendable: 2,
    },
  ]
  const asked = askedIn(demand, years)
  const notes = ko
    ? `수요는 ${asked.ko}. 최대 MW는 모두 일할 때 계량기에서 잰 값, 조 원은 도입비, 이식은 NPU 소프트웨어로 옮길 수 있는 추론의 비율입니다.`
    : `DEMAND is ${asked.en}. MW MAX is at the meter, with everything at work; BN KRW is what it all cost to buy; READY is the part of inference that NPU software can run.`
  return [table(columns, years, { width, emphasis }), ...wrapped(notes, proseWidth(paper))].join('\n')
}

/** What the numbers of the demand are. */
function askedIn({ load }: ScenarioFile['demand'], years: readonly YearOutlook[]): Bilingual {
  if (load !== undefined) return { ko: '그해 용량에 대한 비율입니다', en: 'a part of what stands there in the year' }
  return years.some(({ h100sAsked }) => h100sAsked === null)
    ? { ko: '기준 연도에 대한 배율입니다', en: 'beside that of the base year' }
    : { ko: '계속 돌아가는 H100의 수입니다', en: 'in H100 kept busy' }
}

const reasons: Readonly<Record<CapacityGap['reason'], Bilingual>> = {
  'no-format': { ko: '이 형식이 없음', en: 'no such format' },
  unpublished: { ko: '성능이 발표되지 않음', en: 'nobody has published how fast' },
  'no-such-model': { ko: '목록에 없는 모델', en: 'not in the catalogue' },
  'no-model': { ko: '모델을 적지 않음', en: 'the model is not said' },
}

/** What adds nothing to which number, once for all years. */
function gapsInWords(years: readonly YearOutlook[], { language, width }: Paper): string {
  const formats = new Map<string, { model: string; reason: CapacityGap['reason']; formats: Set<string> }>()
  for (const { model, format, reason } of years.flatMap(({ gaps }) => gaps)) {
    const key = `${model} ${reason}`
    const known = formats.get(key) ?? { model: model ?? '?', reason, formats: new Set() }
    known.formats.add(format.toUpperCase())
    formats.set(key, known)
  }
  if (formats.size === 0) return ''
  const lines = [...formats.values()].flatMap(({ model, reason, formats: some }) =>
    wrapped(`${model}: ${[...some].join(', ')} (${reasons[reason][language]})`, width - 2).map((line) => `  ${line}`),
  )
  return [{ ko: '용량에 더해지지 않은 것', en: 'Counted as nothing' }[language], ...lines].join('\n')
}
