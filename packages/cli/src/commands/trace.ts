import { formatDuration, type Language } from '@dure/contract'
import { facts, formatAmount, formatCount, formatMoment, printable, table } from '@dure/report'
import { groupName, nearestRank, queuesOf, type Trace, type TraceJobs, transformed, writeSwf } from '@dure/sim'
import type { Command } from 'commander'
import { Failure } from '../failure.ts'
import { interruption } from '../interruption.ts'
import { openOutputFile, writeText } from '../output-file.ts'
import { openScreen, type Screen } from '../screen.ts'
import {
  addTraceOptions,
  countOf,
  failIfStrict,
  openTrace,
  rejectionInWords,
  type TraceFlags,
  traceFileText,
  transformationNotes,
} from '../trace-file.ts'
import { fitTrace } from '../trace-fit.ts'

interface Options extends TraceFlags {
  readonly procs?: number
  readonly writeSwf?: string
  readonly renumber?: boolean
  readonly fit?: boolean
  readonly out?: string
}

export function declare(command: Command, language: Language): void {
  command.argument('<FILE>', traceFileText[language])
  command.option(
    '--procs <N>',
    {
      ko: '시스템의 프로세서 또는 가속기 수 (기본: 기록의 머리말)',
      en: 'processors or accelerators of the machine (default: what the header says)',
    }[language],
    countOf('--procs'),
  )
  addTraceOptions(command, language)
  command
    .option('--renumber', { ko: '1부터 다시 번호 매김', en: 'number the jobs from 1' }[language])
    .optionsGroup({ ko: '출력:', en: 'Output:' }[language])
    .option(
      '--write-swf <OUT.swf>',
      { ko: '18개 항목과 머리말을 갖춘 SWF로 기록', en: 'write it as SWF, with all 18 fields and the header' }[
        language
      ],
    )
    .option(
      '--fit',
      {
        ko: '이 기록처럼 요청하는 작업 모델을 맞추고 얼마나 가까운지 보임',
        en: 'fit a workload model to it, and say how close it comes',
      }[language],
    )
    .option(
      '--out <FIT.yaml>',
      { ko: '맞춘 모델을 YAML 또는 JSON으로', en: 'write the fitted model, as YAML or JSON' }[language],
    )
    .addHelpText(
      'after',
      '\n  $ dure trace log.swf.gz --from 30d --until 60d --load-factor 1.2 --write-swf busy-month.swf' +
        '\n  $ dure trace log.swf.gz --fit --out fit.yaml && dure sim --model fit.yaml --procs 128',
    )
    .action(async (file: string) => {
      const options = command.optsWithGlobals<Options>()
      const screen = openScreen(options, language)
      if (options.out !== undefined && !options.fit)
        throw new Failure('ERR_USAGE', {
          detail: {
            ko: '--out은 --fit이 만드는 모델을 둘 곳입니다. 둘을 함께 주십시오',
            en: '--out is for the model that --fit makes: give both',
          },
        })
      const out = options.writeSwf === undefined ? null : openOutputFile(options.writeSwf, '--write-swf')
      const read = await openTrace(file, options, screen, {
        ...(options.procs !== undefined && { processors: options.procs }),
        everyField: out !== null,
      })
      const trace = options.renumber ? transformed(read, [{ kind: 'renumber' }]) : read
      if (out !== null) {
        const pieces = writeSwf(trace, transformationNotes(options))
        if (!(await out.put((path) => writeText(path, pieces), interruption())))
          throw new Failure('ERR_INTERRUPTED', { where: options.writeSwf! })
      }
      if (options.fit) {
        await fitTrace(trace, file, options.out, screen)
        failIfStrict(options, trace.rejected, file)
        return
      }
      const contents = contentsOf(trace)
      if (screen.json) screen.document(contents)
      else show(contents, trace, screen)
      failIfStrict(options, trace.rejected, file)
    })
}

type Contents = ReturnType<typeof contentsOf>

function contentsOf(trace: Trace) {
  const { jobs, processors, startUnixS } = trace
  const firstS = jobs.submitS[0] ?? 0
  const lastS = jobs.submitS[jobs.count - 1] ?? 0
  return {
    format: trace.format,
    unit: trace.unit,
    jobs: jobs.count,
    lines: trace.lines,
    steps: trace.steps,
    rejected: trace.rejected,
    rejections: trace.rejections.map(({ reason, count, firstLines }) => ({ reason, count, first_lines: firstLines })),
    out_of_order: trace.outOfOrder,
    overran: trace.overran,
    has_estimates: !trace.estimated,
    processors,
    first_submit_s: firstS,
    last_submit_s: lastS,
    span_s: lastS - firstS,
    first_submit_at_ms: startUnixS === null ? null : 1000 * (startUnixS + firstS),
    users: distinct(jobs.user),
    groups: distinct(jobs.group),
    queues: queuesOf(trace).size,
    completed: jobs.status.filter((status) => status === 1).length,
    failed: jobs.status.filter((status) => status === 0).length,
    cancelled: jobs.status.filter((status) => status === 5).length,
    work_processor_s: workOf(jobs),
    /** Work ÷ what the machine could do in the time span of the submissions. */
    offered_load: processors !== null && lastS > firstS ? workOf(jobs) / (processors * (lastS - firstS)) : null,
    run_s: spread(jobs.runS),
    estimate_s: spread(jobs.estimateS),
    processors_per_job: spread(jobs.processors),
    sizes: sizesOf(jobs),
    accounts: accountsOf(trace),
  }
}

const distinct = (column: Float64Array): number => new Set(column.filter((value) => value >= 0)).size

const workOfJob = ({ runS, estimateS, processors }: TraceJobs, i: number): number =>
  Math.min(runS[i]!, estimateS[i]!) * processors[i]!

function workOf(jobs: TraceJobs): number {
  let sum = 0
  for (let i = 0; i < jobs.count; i++) sum += workOfJob(jobs, i)
  return sum
}

function spread(column: Float64Array): { min: number; p50: number; p95: number; max: number } {
  const sorted = column.slice().sort()
  return {
    min: sorted[0] ?? 0,
    p50: nearestRank(sorted, 50),
    p95: nearestRank(sorted, 95),
    max: sorted.at(-1) ?? 0,
  }
}

/** Jobs by size, in classes that double: 1, 2, 3–4, 5–8, … */
function sizesOf(jobs: TraceJobs) {
  const classes = new Map<number, { from: number; to: number; jobs: number; work_processor_s: number }>()
  for (let i = 0; i < jobs.count; i++) {
    const size = jobs.processors[i]!
    let to = 1
    while (to < size) to *= 2
    const found = classes.get(to) ?? { from: Math.floor(to / 2) + 1, to, jobs: 0, work_processor_s: 0 }
    found.jobs++
    found.work_processor_s += workOfJob(jobs, i)
    classes.set(to, found)
  }
  return [...classes.values()].sort((a, b) => a.to - b.to)
}

/** Those with the most work first. */
function accountsOf({ jobs, names }: Trace) {
  const accounts = new Map<number, { jobs: number; users: Set<number>; work: number }>()
  for (let i = 0; i < jobs.count; i++) {
    const group = jobs.group[i]!
    const account = accounts.get(group) ?? { jobs: 0, users: new Set(), work: 0 }
    accounts.set(group, account)
    account.jobs++
    account.users.add(jobs.user[i]!)
    account.work += workOfJob(jobs, i)
  }
  return [...accounts]
    .map(([group, { jobs, users, work }]) => ({
      account: groupName(names, group),
      jobs,
      users: users.size,
      work_processor_s: work,
    }))
    .sort((a, b) => b.work_processor_s - a.work_processor_s || (a.account < b.account ? -1 : 1))
}

const units = { processors: '프로세서', accelerators: '가속기' } as const

/** Rows of accounts for a person; all of them are in the JSON. */
const ACCOUNTS_SHOWN = 10

function show(contents: Contents, trace: Trace, screen: Screen): void {
  const { header } = trace
  const ko = screen.language === 'ko'
  const { offered_load: load, completed, failed, cancelled } = contents
  screen.data(
    facts([
      [ko ? '형식' : 'format', contents.format],
      [ko ? '시스템' : 'computer', header.get('Computer') ?? null],
      [ko ? '기관' : 'installation', header.get('Installation') ?? null],
      [ko ? '출처' : 'acknowledge', header.get('Acknowledge') ?? null],
      [ko ? '작업' : 'jobs', formatCount(contents.jobs)],
      [ko ? '거부된 줄' : 'rejected lines', formatCount(contents.rejected)],
      [ko ? '단계 줄' : 'lines of steps', contents.steps === 0 ? null : formatCount(contents.steps)],
      [
        ko ? units[contents.unit] : contents.unit,
        contents.processors === null
          ? ko
            ? '적혀 있지 않음: --procs를 주십시오'
            : 'not stated: give --procs'
          : formatCount(contents.processors),
      ],
      [
        ko ? '첫 제출' : 'first submit',
        contents.first_submit_at_ms === null
          ? ko
            ? `${contents.first_submit_s}초`
            : `${contents.first_submit_s} s`
          : formatMoment(contents.first_submit_at_ms),
      ],
      [ko ? '기간' : 'span', formatDuration(1000 * contents.span_s)],
      [ko ? '사용자' : 'users', formatCount(contents.users)],
      [ko ? '그룹' : 'groups', formatCount(contents.groups)],
      [ko ? '큐' : 'queues', formatCount(contents.queues)],
      [ko ? '제공 부하' : 'offered load', load === null ? null : formatAmount(load, 3)],
      [ko ? '실행 시간' : 'run time', inDurations(contents.run_s, ko)],
      [
        ko ? '요청 시간' : 'estimate',
        contents.has_estimates ? inDurations(contents.estimate_s, ko) : ko ? '기록에 없음' : 'none in the log',
      ],
      [ko ? '요청 시간 초과' : 'past estimate', contents.overran === 0 ? null : formatCount(contents.overran)],
      [
        ko ? '종료' : 'ended',
        completed + failed + cancelled === 0
          ? null
          : ko
            ? `완료 ${formatCount(completed)}, 실패 ${formatCount(failed)}, 취소 ${formatCount(cancelled)}`
            : `${formatCount(completed)} completed, ${formatCount(failed)} failed, ${formatCount(cancelled)} cancelled`,
      ],
      [ko ? '순서가 아닌 줄' : 'out of order', contents.out_of_order === 0 ? null : formatCount(contents.out_of_order)],
    ]),
  )
  const accounts = contents.accounts.slice(0, ACCOUNTS_SHOWN)
  if (contents.accounts.length > 1) {
    screen.data('')
    screen.data(
      table(
        [
          { title: ko ? '계정' : 'ACCOUNT', value: ({ account }) => printable(account) },
          { title: ko ? '사용자' : 'USERS', value: ({ users }) => formatCount(users), align: 'right' },
          { title: ko ? '작업' : 'JOBS', value: ({ jobs }) => formatCount(jobs), align: 'right' },
          {
            title: ko ? '작업량 %' : 'WORK %',
            value: (row) => percent(row.work_processor_s / contents.work_processor_s),
            align: 'right',
          },
        ],
        accounts,
        screen,
      ),
    )
    if (accounts.length < contents.accounts.length) {
      const more = contents.accounts.length - accounts.length
      screen.data(ko ? `… 그 밖에 ${more}개` : `… and ${more} more`)
    }
  }
  screen.data('')
  screen.data(
    table(
      [
        {
          title: ko ? units[contents.unit] : contents.unit.toUpperCase(),
          value: ({ from, to }) => (from === to ? `${to}` : `${from}-${to}`),
        },
        { title: ko ? '작업' : 'JOBS', value: ({ jobs }) => formatCount(jobs), align: 'right' },
        { title: ko ? '작업 %' : 'JOBS %', value: ({ jobs }) => percent(jobs / contents.jobs), align: 'right' },
        {
          title: ko ? '작업량 %' : 'WORK %',
          value: (row) => percent(row.work_processor_s / contents.work_processor_s),
          align: 'right',
        },
      ],
      contents.sizes,
      screen,
    ),
  )
  if (trace.rejections.length === 0) return
  screen.data('')
  screen.data(ko ? '거부된 줄:' : 'Rejected lines:')
  for (const rejection of trace.rejections) screen.data(`  ${rejectionInWords(rejection, screen.language)}`)
}

const percent = (ratio: number): string => (100 * ratio).toFixed(1)

const inDurations = ({ min, p50, p95, max }: Contents['run_s'], ko: boolean): string => {
  const [least, median, most95, most] = [min, p50, p95, max].map((value) => formatDuration(1000 * value))
  return ko
    ? `최소 ${least}, 중앙값 ${median}, p95 ${most95}, 최대 ${most}`
    : `${least} min, ${median} median, ${most95} p95, ${most} max`
}
