// What a simulation came to, for people: how busy the center was over time, how long whom had to wait, who was served,
// how jobs ended. Numbers are those of the JSON summary; nothing is worked out here but where they stand.

import { type Bilingual, formatDuration, type Language } from '@dure/contract'
import {
  type Column,
  facts,
  formatAmount,
  formatCount,
  formatMoment,
  formatPercent,
  type Paper,
  printable,
  strip,
  table,
  timeAxis,
  width,
} from '@dure/report'
import {
  type AccountGroupMeasures,
  type AccountMeasures,
  type GroupMeasures,
  type Measures,
  meansOf,
  type SizeMeasures,
  type Summary,
} from '@dure/sim'
import type { Asked } from './model-file.ts'
import type { SimulatedScenario } from './scenario-run.ts'

export interface SimReport {
  readonly policy: string
  /** Where the jobs are drawn and not read from a log: from what. */
  readonly asked?: Asked
  /** Of a capacity scenario: what was planned, and what it draws and costs. */
  readonly scenario?: SimulatedScenario
  /** What sizes count. */
  readonly unit: 'processors' | 'accelerators'
  readonly measures: Measures
  readonly summary: Summary
  /** Unix time of the first millisecond of virtual time, null where the log does not say. */
  readonly startUnixMs: number | null
}

/** Without a window, and in one that is wider than anybody reads. */
const WIDTH = { ofPipes: 80, max: 110 } as const
const ACCOUNTS_MAX = 10

/** The whole report, blank lines between its parts. */
export function simReport(report: SimReport, paper: Paper): string {
  return [
    headline(report, paper),
    overTime(report, paper),
    factsOf(report, paper.language),
    waits(report, paper),
    sectors(report, paper),
    accounts(report, paper),
    endings(report, paper),
    slowest(report, paper),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

const words = {
  accelerators: { ko: '가속기', en: 'accelerators' },
  processors: { ko: '프로세서', en: 'processors' },
  busy: { ko: '사용', en: 'in use' },
  queue: { ko: '대기', en: 'waiting' },
} satisfies Record<string, Bilingual>

function headline({ policy, unit, measures, summary }: SimReport, { language, emphasis }: Paper): string {
  const jobs = formatCount(summary.jobs)
  const capacity = `${words[unit][language]} ${formatCount(measures.capacity)}`
  const span = spanInWords(measures.makespanMs, language)
  return emphasis(
    language === 'ko'
      ? `${policy}: 작업 ${jobs}개, ${capacity}개, ${span}`
      : `${policy}: ${jobs} job${summary.jobs === 1 ? '' : 's'} on ${formatCount(measures.capacity)} ${unit} in ${span}`,
  )
}

/** `4 days 49 min`: two units at most. */
function spanInWords(ms: number, language: Language): string {
  const units: readonly (readonly [sizeMs: number, ko: string, en: string])[] = [
    [DAY_MS, '일', 'day'],
    [HOUR_MS, '시간', 'hour'],
    [MINUTE_MS, '분', 'minute'],
    [1000, '초', 'second'],
  ]
  const first = units.findIndex(([sizeMs]) => ms >= sizeMs)
  if (first < 0) return language === 'ko' ? '0초' : 'no time'
  return units
    .slice(first, first + 2)
    .map(([sizeMs, ko, en], i) => {
      const amount = Math.floor((i === 0 ? ms : ms % units[first]![0]) / sizeMs)
      if (amount === 0) return ''
      return language === 'ko'
        ? `${formatCount(amount)}${ko}`
        : `${formatCount(amount)} ${en}${amount === 1 ? '' : 's'}`
    })
    .filter((text) => text !== '')
    .join(' ')
}

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
const KST_OFFSET_MS = 9 * HOUR_MS

const stepsMs = [
  ...[1, 5, 15, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR_MS),
  ...[1, 2, 7, 14, 28, 56, 112, 182, 364, 728, 1820, 3640].map((days) => days * DAY_MS),
]

/** Two strips of one scale of time: accelerators in use, and jobs waiting. */
function overTime({ measures, startUnixMs }: SimReport, { width: columnsMax, language, ascii }: Paper): string {
  const { busy, queue, queueMax, toMs, capacity, utilization } = measures
  if (toMs <= busy.fromMs) return ''
  const labels = [words.busy[language], words.queue[language]]
  const labelColumns = Math.max(...labels.map(width))
  const lead = (label: string): string => `${label}${' '.repeat(labelColumns - width(label))}  `
  const most = formatCount(queueMax)
  const notes = [formatPercent(utilization), language === 'ko' ? `최대 ${most}` : `at most ${most}`]
  const all = Number.isFinite(columnsMax) ? Math.min(columnsMax, WIDTH.max) : WIDTH.ofPipes
  const columns = Math.max(10, all - labelColumns - Math.max(...notes.map(width)) - 4)
  const inUse = meansOf(busy, columns, toMs)
  const waiting = meansOf(queue, columns, toMs)
  const lines = [strip(inUse, capacity, { ascii }), strip(waiting, Math.max(...waiting), { ascii })]
  const beginMs = startUnixMs ?? -busy.fromMs
  const axis = timeAxis({
    columns,
    fromMs: busy.fromMs + beginMs,
    toMs: toMs + beginMs,
    stepsMs,
    zeroMs: startUnixMs === null ? 0 : -KST_OFFSET_MS,
    label: (atMs, stepMs) => (startUnixMs === null ? sinceStart(atMs, stepMs, language) : dateInKorea(atMs, stepMs)),
    ascii,
  })
  const strips = lines.map((line, i) => `${lead(labels[i]!)}${line}  ${notes[i]!}`)
  return [...strips, `${' '.repeat(labelColumns + 2)}${axis}`].join('\n')
}

function sinceStart(atMs: number, stepMs: number, language: Language): string {
  if (stepMs >= DAY_MS) return language === 'ko' ? `${atMs / DAY_MS}일` : `day ${atMs / DAY_MS}`
  if (stepMs >= HOUR_MS) return language === 'ko' ? `${atMs / HOUR_MS}시간` : `${atMs / HOUR_MS} h`
  return language === 'ko' ? `${atMs / MINUTE_MS}분` : `${atMs / MINUTE_MS} min`
}

function dateInKorea(atMs: number, stepMs: number): string {
  const iso = new Date(atMs + KST_OFFSET_MS).toISOString()
  if (stepMs < DAY_MS) return iso.slice(11, 16)
  return stepMs < 182 * DAY_MS ? iso.slice(5, 10) : iso.slice(0, 7)
}

/** One line a measure. What did not happen is left out. */
export function factsOf(report: SimReport, language: Language): string {
  const { policy, asked, scenario, unit, measures, summary } = report
  const ko = language === 'ko'
  const s = (seconds: number): string => `${formatCount(seconds)} s`
  const unlessZero = (value: number, text: string): string | null => (value === 0 ? null : text)
  const within = (halfWidth: number | null, decimals: number, suffix: string): string =>
    halfWidth === null ? '' : ` ± ${formatAmount(halfWidth, decimals)}${suffix} (95 %)`
  const lost = [
    [ko ? '재대기' : 'requeued', summary.lost_requeued_accelerator_hours],
    [ko ? '실패' : 'failed', summary.lost_failed_accelerator_hours],
    [ko ? '시간 초과' : 'timed out', summary.lost_timeout_accelerator_hours],
  ] as const
  const lostParts = lost.filter(([, hours]) => hours > 0).map(([cause, hours]) => `${cause} ${formatAmount(hours, 1)}`)
  return facts([
    [ko ? '정책' : 'policy', policy],
    [ko ? '모델' : 'model', asked === undefined ? null : askedInWords(asked, ko)],
    ...(scenario === undefined ? [] : scenarioFacts(scenario, language)),
    [words[unit][language], formatCount(measures.capacity)],
    [ko ? '작업' : 'jobs', formatCount(summary.jobs)],
    [ko ? '제외' : 'rejected', formatCount(summary.rejected)],
    [ko ? '준비 구간' : 'warm-up', unlessZero(summary.warmup_s, s(summary.warmup_s))],
    [ko ? '전체 시간' : 'makespan', s(summary.makespan_s)],
    [ko ? '이용률' : 'utilization', formatPercent(summary.utilization)],
    [ko ? '완료에 쓰임' : 'goodput', formatPercent(summary.goodput)],
    [ko ? '대기 중 유휴' : 'idle while wanted', formatPercent(summary.idle_while_wanted)],
    [
      ko ? '쓸 수 없는 유휴' : 'fragmentation',
      // Where processors are counted it is the same.
      summary.fragmentation === null || summary.fragmentation === summary.idle_while_wanted
        ? null
        : formatPercent(summary.fragmentation),
    ],
    [
      ko ? '평균 대기' : 'wait mean',
      `${formatAmount(summary.wait_mean_s, 1)} s${within(summary.wait_mean_ci95_s, 1, ' s')}`,
    ],
    [
      ko ? '대기 p50, p95, p99' : 'wait p50, p95, p99',
      [summary.wait_p50_s, summary.wait_p95_s, summary.wait_p99_s].map(s).join(', '),
    ],
    [
      ko ? '가장 긴 대기' : 'longest wait',
      s(summary.wait_max_s) +
        (summary.jobs_starved === 0
          ? ''
          : ko
            ? `; ${formatCount(summary.jobs_starved)}개가 ${spanInWords(1000 * summary.starvation_bound_s, language)} 넘게 기다림`
            : `; ${formatCount(summary.jobs_starved)} waited over ${spanInWords(1000 * summary.starvation_bound_s, language)}`),
    ],
    [ko ? '평균 소요' : 'turnaround mean', `${formatAmount(summary.turnaround_mean_s, 1)} s`],
    [
      ko ? '지연 배수' : 'bounded slowdown',
      `${formatAmount(summary.bounded_slowdown_mean, 3)}${within(summary.bounded_slowdown_mean_ci95, 3, '')}`,
    ],
    [ko ? '지분 오차' : 'share error', formatPercent(summary.share_error_max)],
    [ko ? 'Jain 지수' : 'Jain index', formatAmount(summary.jain_index, 4)],
    [
      ko ? '잃은 시간' : 'lost',
      unlessZero(
        summary.lost_accelerator_hours,
        ko
          ? `${formatAmount(summary.lost_accelerator_hours, 1)} ${words[unit].ko}·시간 (${lostParts.join(', ')})`
          : `${formatAmount(summary.lost_accelerator_hours, 1)} ${unit.slice(0, -1)}-hours (${lostParts.join(', ')})`,
      ),
    ],
    [ko ? '아직 대기' : 'still waiting', unlessZero(summary.jobs_waiting_end, formatCount(summary.jobs_waiting_end))],
    [
      ko ? '모의 속도' : 'simulated',
      ko ? `초당 작업 ${formatCount(summary.jobs_per_second)}개` : `${formatCount(summary.jobs_per_second)} jobs/s`,
    ],
    ['facts_hash', summary.facts_hash],
  ])
}

const KRW_PER_BILLION = 1e9

/** What a plan is made of, and what its measured days came to. */
function scenarioFacts(scenario: SimulatedScenario, language: Language): [string, string | null][] {
  const { file, plan, seed, measures, energy, costs } = scenario
  const ko = language === 'ko'
  const { fp64, bf16, h100_equivalents: h100s } = plan.capacity
  const billions = (krw: number): string => formatAmount(krw / KRW_PER_BILLION, 2)
  return [
    [
      ko ? '시나리오' : 'scenario',
      ko
        ? `${file.name}: ${file.date}부터 ${plan.days}일, 시드 ${seed}`
        : `${file.name}: ${plan.days} day${plan.days === 1 ? '' : 's'} from ${file.date}, seed ${seed}`,
    ],
    [
      ko ? '첫날 용량' : 'capacity on day 1',
      `${formatAmount(fp64, 3)} EF FP64, ${formatAmount(bf16, 2)} EF BF16, ${formatCount(h100s)} H100 (BF16)`,
    ],
    [ko ? '요청된 일' : 'offered load', formatPercent(measures.offeredLoad)],
    [
      ko ? '전력' : 'power',
      energy === null
        ? null
        : ko
          ? `평균 ${formatAmount(energy.powerMwMean, 2)} MW, 최대 ${formatAmount(energy.powerMwMax, 2)} MW`
          : `${formatAmount(energy.powerMwMean, 2)} MW in the mean, ${formatAmount(energy.powerMwMax, 2)} MW at most`,
    ],
    [
      ko ? '전력량과 탄소' : 'energy and carbon',
      energy === null ? null : `${formatCount(energy.energyMwh)} MWh, ${formatCount(energy.tco2e)} tCO2e`,
    ],
    [
      ko ? '비용, 십억 원' : 'cost, bn KRW',
      costs === null
        ? null
        : ko
          ? `${billions(costs.krw)} (도입 ${billions(costs.capexKrw)}, 유지 ${billions(costs.upkeepKrw)}, 전기 ${billions(costs.energyKrw)})`
          : `${billions(costs.krw)} (machines ${billions(costs.capexKrw)}, upkeep ${billions(costs.upkeepKrw)}, energy ${billions(costs.energyKrw)})`,
    ],
  ]
}

function askedInWords({ model, days, load, seed }: Asked, ko: boolean): string {
  const name = printable(model)
  return ko
    ? `${name}: ${days}일, ${load === null ? '기록만큼의 작업' : `부하 ${load}`}, 시드 ${seed}`
    : `${name}: ${days} day${days === 1 ? '' : 's'}, ${load === null ? 'as many jobs as its log had' : `load ${load}`}, seed ${seed}`
}

const duration = (ms: number): string => formatDuration(1000 * Math.round(ms / 1000))

const waitColumns = <Row extends GroupMeasures>(language: Language): readonly Column<Row>[] => [
  { title: { ko: '작업', en: 'JOBS' }[language], value: ({ jobs }) => formatCount(jobs), align: 'right' },
  {
    title: { ko: '평균', en: 'MEAN' }[language],
    value: ({ waitMeanMs }) => duration(waitMeanMs),
    align: 'right',
    expendable: 2,
  },
  { title: 'P50', value: ({ waits: all }) => duration(all.at(50)), align: 'right', expendable: 3 },
  { title: 'P95', value: ({ waits: all }) => duration(all.at(95)), align: 'right' },
  { title: 'P99', value: ({ waits: all }) => duration(all.at(99)), align: 'right', expendable: 4 },
  {
    title: { ko: '최장', en: 'LONGEST' }[language],
    value: ({ waitMaxMs }) => duration(waitMaxMs),
    align: 'right',
    expendable: 5,
  },
]

const titled = (title: Bilingual, body: string, { language, emphasis }: Paper): string =>
  `${emphasis(title[language])}\n${body}`

function waits({ measures, unit }: SimReport, paper: Paper): string {
  if (measures.sizes.length === 0) return ''
  const size: Column<SizeMeasures> = {
    title: { ko: words[unit].ko, en: unit.toUpperCase() }[paper.language],
    value: ({ from, to }) =>
      to === from ? from : to === Infinity ? `> ${from - 1}` : `${from}${paper.ascii ? '-' : '–'}${to}`,
    align: 'right',
  }
  return titled(
    { ko: '크기별 대기', en: 'Waits by size' },
    table([size, ...waitColumns<SizeMeasures>(paper.language)], measures.sizes, { width: paper.width }),
    paper,
  )
}

/** Sums over the headings of a scenario. */
function sectors({ measures, scenario }: SimReport, paper: Paper): string {
  const served = measures.groups.filter(({ jobs }) => jobs > 0)
  if (scenario === undefined || served.length === 0) return ''
  const { language } = paper
  const titleOf = (name: string): string =>
    scenario.file.sectors?.find((one) => one.name === name)?.title[language] ?? name
  const columns: readonly Column<AccountGroupMeasures>[] = [
    { title: { ko: '부문', en: 'SECTOR' }[language], value: ({ name }) => titleOf(name), elastic: 1, widthMin: 6 },
    {
      title: { ko: '사용 h', en: 'USED h' }[language],
      value: ({ usedAcceleratorMs }) => formatCount(usedAcceleratorMs / HOUR_MS),
      align: 'right',
      expendable: 1,
    },
    ...waitColumns<AccountGroupMeasures>(language),
  ]
  return titled({ ko: '부문별 대기', en: 'Waits by sector' }, table(columns, served, { width: paper.width }), paper)
}

function accounts({ measures }: SimReport, paper: Paper): string {
  const byUse = measures.accounts.toSorted((a, b) => b.usedAcceleratorMs - a.usedAcceleratorMs)
  if (byUse.length === 0) return ''
  const { language } = paper
  const ko = language === 'ko'
  const columns: readonly Column<AccountMeasures>[] = [
    { title: ko ? '계정' : 'ACCOUNT', value: ({ account }) => account, elastic: 1, widthMin: 6 },
    {
      title: ko ? '사용 h' : 'USED h',
      value: ({ usedAcceleratorMs }) => formatCount(usedAcceleratorMs / HOUR_MS),
      align: 'right',
      expendable: 1,
    },
    { title: ko ? '몫' : 'PART', value: ({ usedPart }) => formatPercent(usedPart), align: 'right' },
    { title: ko ? '약속' : 'PROMISED', value: ({ promisedPart }) => formatPercent(promisedPart), align: 'right' },
    ...waitColumns<AccountMeasures>(language),
  ]
  const more = byUse.length - ACCOUNTS_MAX
  const rest = more > 0 ? `\n${ko ? `그 밖에 ${more}개` : `and ${more} more`}` : ''
  const body = table(columns, byUse.slice(0, ACCOUNTS_MAX), { width: paper.width })
  return titled({ ko: '누가 썼는가', en: 'Who was served' }, body + rest, paper)
}

function endings({ measures }: SimReport, paper: Paper): string {
  const ended = Object.entries(measures.ended).sort(([, a], [, b]) => b - a)
  const all = ended.reduce((sum, [, jobs]) => sum + jobs, 0)
  if (all === 0) return ''
  const columns: readonly Column<readonly [state: string, jobs: number]>[] = [
    { title: { ko: '상태', en: 'STATE' }[paper.language], value: ([state]) => state },
    { title: { ko: '작업', en: 'JOBS' }[paper.language], value: ([, jobs]) => formatCount(jobs), align: 'right' },
    {
      title: { ko: '비율', en: 'PART' }[paper.language],
      value: ([, jobs]) => formatPercent(jobs / all),
      align: 'right',
    },
  ]
  return titled({ ko: '어떻게 끝났는가', en: 'How they ended' }, table(columns, ended, { width: paper.width }), paper)
}

function slowest({ measures, unit, startUnixMs }: SimReport, paper: Paper): string {
  if (measures.slowest.length === 0) return ''
  const { language } = paper
  const ko = language === 'ko'
  const submitted = (ms: number): string =>
    startUnixMs === null ? `+${duration(ms - measures.busy.fromMs)}` : formatMoment(ms + startUnixMs)
  return titled(
    { ko: '가장 오래 기다린 작업', en: 'Longest waits' },
    table(
      [
        { title: ko ? '작업' : 'JOBID', value: ({ job }) => job, align: 'right' },
        { title: ko ? '계정' : 'ACCOUNT', value: ({ account }) => account, elastic: 1, widthMin: 6, expendable: 2 },
        {
          title: ko ? words[unit].ko : unit.toUpperCase(),
          value: ({ accelerators }) => formatCount(accelerators),
          align: 'right',
        },
        {
          title: ko ? '제출' : 'SUBMITTED',
          value: ({ submitMs }) => submitted(submitMs),
          align: 'right',
          expendable: 1,
        },
        { title: ko ? '대기' : 'WAITED', value: ({ waitMs }) => duration(waitMs), align: 'right' },
      ],
      measures.slowest,
      { width: paper.width },
    ),
    paper,
  )
}

/**
 * Whether the locale names a character set that has no blocks to draw with. One that names none, `C` among them, says nothing of
 * the terminal, which is UTF-8 almost everywhere.
 */
export function isAscii(environment: NodeJS.ProcessEnv): boolean {
  const locale = environment.LC_ALL || environment.LC_CTYPE || environment.LANG || ''
  return /\.(?!utf-?8)/i.test(locale)
}
