// `dure trace LOG --fit`: a workload model that asks for what the log asked for, and how close it comes.

import { formatDuration, modelFileOf, modelFileText } from '@dure/contract'
import { facts, formatAmount, formatCount, formatPercent, table } from '@dure/report'
import {
  type Closeness,
  checkFit,
  fitModel,
  type Marginal,
  observedIn,
  type Trace,
  type WorkloadModel,
} from '@dure/sim'
import { Failure } from './failure.ts'
import { nameOf } from './input-file.ts'
import { interruption } from './interruption.ts'
import { openOutputFile, writeText } from './output-file.ts'
import type { Screen } from './screen.ts'

/** Seed of what is drawn to compare the model with its log. */
const CHECK_SEED = 1

/** Distances up to these are called close and fair; beyond, a tenth of the jobs or more are elsewhere. */
const CLOSE_MAX = 0.05
const FAIR_MAX = 0.1

interface Fit {
  readonly model: WorkloadModel
  readonly closeness: Closeness
}

/**
 * Fits a model to a log, compares, prints, and writes the model where a file is named, as YAML or JSON by its ending.
 * @throws {Failure} ERR_BAD_TRACE when there is too little in the log
 */
export async function fitTrace(trace: Trace, file: string, out: string | undefined, screen: Screen): Promise<void> {
  const form = out === undefined ? null : formOf(out)
  const fit = fitOf(trace, nameOf(file))
  if (out !== undefined && form !== null) {
    const text = modelFileText(fit.model, form)
    const isWhole = await openOutputFile(out, '--out').put((path) => writeText(path, [text]), interruption())
    if (!isWhole) throw new Failure('ERR_INTERRUPTED', { where: out })
  }
  if (screen.json) screen.document({ seed: CHECK_SEED, model: modelFileOf(fit.model), closeness: fit.closeness })
  else show(fit, trace, screen)
}

function formOf(file: string): 'json' | 'yaml' {
  if (file.endsWith('.json')) return 'json'
  if (file.endsWith('.yaml') || file.endsWith('.yml')) return 'yaml'
  throw new Failure('ERR_USAGE', {
    detail: {
      ko: `--out은 .yaml이나 .json으로 끝나야 합니다. 받은 값은 "${file}"입니다`,
      en: `--out must end in .yaml or .json; it is "${file}"`,
    },
  })
}

function fitOf(trace: Trace, name: string): Fit {
  const log = observedIn(trace)
  const zoneS = Number(trace.header.get('TimeZone') ?? 0)
  const offsetHours = Number.isFinite(zoneS) ? zoneS / 3600 : 0
  try {
    const model = fitModel(log, { name, unixS: trace.startUnixS, offsetHours })
    return { model, closeness: checkFit(model, log, { seed: CHECK_SEED, processors: trace.processors }) }
  } catch (error) {
    throw new Failure('ERR_BAD_TRACE', { where: name, detail: (error as Error).message, cause: error })
  }
}

const words = {
  size: { ko: '작업 크기', en: 'size' },
  run_s: { ko: '실행 시간', en: 'run time' },
  estimate_s: { ko: '요청 시간', en: 'time asked for' },
  used_of_estimate: { ko: '요청 시간 중 쓴 몫', en: 'used of it' },
  between_submissions_s: { ko: '제출 간격', en: 'between submissions' },
  jobs_of_session: { ko: '한 번에 제출한 작업 수', en: 'jobs of a session' },
} as const

const verdicts = {
  close: { ko: '가까움', en: 'close' },
  fair: { ko: '보통', en: 'fair' },
  poor: { ko: '멂', en: 'poor' },
} as const

const verdictOf = (distance: number): keyof typeof verdicts =>
  distance <= CLOSE_MAX ? 'close' : distance <= FAIR_MAX ? 'fair' : 'poor'

interface Line {
  readonly marginal: Marginal
  readonly of: 'log' | 'model'
}

function show({ model, closeness }: Fit, trace: Trace, screen: Screen): void {
  const { language } = screen
  const ko = language === 'ko'
  const { log, model: drawn, marginals } = closeness
  const { processors, unit } = trace
  const endingsKnown = trace.jobs.status.some((status) => status >= 0)
  screen.data(
    facts([
      [ko ? '작업 종류' : 'kinds of job', `${model.kinds.length}: ${model.kinds.map(({ name }) => name).join(', ')}`],
      [ko ? '사용자' : 'users', model.users.seen === null ? null : formatCount(model.users.seen.users)],
      [
        ko ? '활동 불균등' : 'activity',
        ko
          ? `k번째 사용자의 활동은 1/k^${formatAmount(model.users.activityExponent, 2)}`
          : `the k-th busiest user does 1/k^${formatAmount(model.users.activityExponent, 2)} of the busiest`,
      ],
      [ko ? '작업/주' : 'jobs a week', formatCount(model.jobsPerWeek ?? 0)],
      [ko ? '요청 시간' : 'times asked for', habitInWords(model, ko)],
      [ko ? '시간대' : 'hours of the day', hoursInWords(model, ko)],
    ]),
  )
  screen.data('')
  screen.data(
    table<Line>(
      [
        { title: '', value: ({ marginal, of }) => (of === 'log' ? words[marginal.name][language] : null) ?? '' },
        { title: '', value: ({ of }) => (of === 'log' ? (ko ? '기록' : 'log') : ko ? '모델' : 'model') },
        ...(['mean', 'p50', 'p90', 'p99'] as const).map((figure) => ({
          title: { mean: ko ? '평균' : 'MEAN', p50: 'P50', p90: 'P90', p99: 'P99' }[figure],
          value: ({ marginal, of }: Line) => inUnits(marginal.name, marginal[of][figure]),
          align: 'right' as const,
        })),
        {
          title: ko ? '거리' : 'DISTANCE',
          value: ({ marginal, of }) => (of === 'log' ? '' : marginal.distance.toFixed(3)),
          align: 'right',
        },
        {
          title: '',
          value: ({ marginal, of }) => (of === 'log' ? '' : verdicts[verdictOf(marginal.distance)][language]),
        },
      ],
      marginals.flatMap((marginal) => [
        { marginal, of: 'log' as const },
        { marginal, of: 'model' as const },
      ]),
      screen,
    ),
  )
  screen.data('')
  screen.data(
    table<readonly [string, number, number, (value: number) => string]>(
      [
        { title: '', value: ([name]) => name },
        { title: ko ? '기록' : 'LOG', value: ([, value, , form]) => form(value), align: 'right' },
        { title: ko ? '모델' : 'MODEL', value: ([, , value, form]) => form(value), align: 'right' },
      ],
      [
        [ko ? '작업' : 'jobs', log.jobs, drawn.jobs, formatCount],
        [
          ko ? (unit === 'accelerators' ? '평균 사용 가속기' : '평균 사용 프로세서') : `${unit} kept busy`,
          log.busy_mean,
          drawn.busy_mean,
          (value) => formatAmount(value, 1),
        ],
        ...(processors === null
          ? []
          : [[ko ? '부하' : 'load', log.busy_mean / processors, drawn.busy_mean / processors, formatPercent] as const]),
        ...(endingsKnown
          ? [
              [ko ? '실패' : 'failed', log.failed, drawn.failed, formatPercent] as const,
              [ko ? '취소' : 'cancelled', log.cancelled, drawn.cancelled, formatPercent] as const,
            ]
          : []),
        ...(trace.estimated
          ? []
          : [[ko ? '제한 시간까지' : 'ran to their limit', log.at_limit, drawn.at_limit, formatPercent] as const]),
        [
          ko ? '상위 10% 사용자의 작업' : 'jobs of the busiest tenth',
          log.busiest_tenth,
          drawn.busiest_tenth,
          formatPercent,
        ],
      ],
      screen,
    ),
  )
  screen.data('')
  for (const sentence of sentences(closeness, trace, ko)) screen.data(sentence)
}

const inUnits = (name: Marginal['name'], value: number): string =>
  name === 'used_of_estimate'
    ? formatPercent(value)
    : name.endsWith('_s') && value >= 60
      ? formatDuration(1000 * Math.round(value))
      : `${formatAmount(value, 1)}${name.endsWith('_s') ? ' s' : ''}`

/** Popular limits that are counted when one says how many values make up most of them. */
const POPULAR = 20

function habitInWords({ estimates }: WorkloadModel, ko: boolean): string | null {
  if (estimates.habit !== 'table') return ko ? '기록에 없음' : 'none in the log'
  const counts = new Map<number, number>()
  let total = 0
  for (const [limitS, count] of estimates.classes.flatMap(({ limitsS }) => limitsS)) {
    counts.set(limitS, (counts.get(limitS) ?? 0) + count)
    total += count
  }
  const sorted = [...counts].sort(([, a], [, b]) => b - a)
  const popular = sorted.slice(0, POPULAR).reduce((sum, [, count]) => sum + count, 0)
  const first = sorted.slice(0, 3).map(([limitS]) => formatDuration(1000 * limitS))
  return ko
    ? `많이 쓰인 ${POPULAR}개 값이 ${formatPercent(popular / total)}, 먼저 ${first.join(', ')}`
    : `${POPULAR} values make up ${formatPercent(popular / total)}; first ${first.join(', ')}`
}

function hoursInWords({ week }: WorkloadModel, ko: boolean): string {
  const ofDay = Array.from(
    { length: 24 },
    (_, hour) => week.reduce((sum, rate, i) => sum + (i % 24 === hour ? rate : 0), 0) / 7,
  )
  const [most, least] = [Math.max(...ofDay), Math.min(...ofDay)]
  if (most === least)
    return ko ? '기록에 시작 시각이 없어 고르게 봄' : 'taken for alike: the log does not say when it began'
  const at = (value: number): string => `${String(ofDay.indexOf(value)).padStart(2, '0')}:00`
  return ko
    ? `가장 많은 ${at(most)}에 가장 적은 ${at(least)}의 ${formatAmount(most / Math.max(least, 0.01))}배`
    : `${formatAmount(most / Math.max(least, 0.01))} times as many sessions begin at ${at(most)} as at ${at(least)}`
}

/** What the figures are, how far they go, and where the model is not to be trusted. */
function sentences({ marginals, log, model }: Closeness, trace: Trace, ko: boolean): string[] {
  const poor = marginals.filter(({ distance }) => verdictOf(distance) === 'poor')
  const off = model.busy_mean / log.busy_mean - 1
  return [
    ko
      ? `모델은 시드 ${CHECK_SEED}로 기록과 같은 기간을 만든 것입니다. 거리는 콜모고로프-스미르노프 통계량입니다: 0이면 같고 1이면 전혀 다릅니다.`
      : `The model's side is drawn with seed ${CHECK_SEED} over as long a time. Distances are those of Kolmogorov and Smirnov: 0 is the same, 1 nothing in common.`,
    ...poor.map(({ name, distance }) =>
      ko
        ? `${words[name].ko}: 작업의 ${formatPercent(distance)}까지 기록과 다른 곳에 있습니다. 이것에 달린 연구에는 쓰지 마십시오.`
        : `Poor fit of ${words[name].en}: up to ${formatPercent(distance)} of it lies elsewhere than in the log. Do not use the model for a study that turns on it.`,
    ),
    ...(Math.abs(off) > FAIR_MAX
      ? [
          ko
            ? `모델의 일은 기록보다 ${formatPercent(Math.abs(off))} ${off > 0 ? '많습니다' : '적습니다'}. 몇 안 되는 긴 작업에 달린 값이라 시드마다 다릅니다.`
            : `The model asks for ${formatPercent(Math.abs(off))} ${off > 0 ? 'more' : 'less'} work than the log. It hangs on a few very long jobs and differs from seed to seed: use several, or give a load.`,
        ]
      : []),
    ...(trace.jobs.user.some((user) => user >= 0)
      ? []
      : [
          ko
            ? '기록에 사용자가 없어 계정마다 2분 넘게 쉬지 않은 제출을 한 묶음으로 보았습니다.'
            : 'The log names no users: submissions of an account without a pause of two minutes are taken for one session.',
        ]),
    ko
      ? '추세, 휴일, 실행 전에 취소된 작업은 모델에 없습니다.'
      : 'Not in the model: trends, holidays, and jobs that were cancelled before they ran.',
  ]
}
