// A job log as commands meet it: opened, unzipped, read in whatever format it is, cut to what was asked for, given a center, and refused
// where nothing in it is usable. What was left out or changed is said; nothing is skipped in silence.

import { type Bilingual, type Language, parseDurationMs } from '@dure/contract'
import { presetNames } from '@dure/contract/presets'
import { type CenterConfig, fairshare, type Policy } from '@dure/core'
import {
  openbCenter,
  queuesOf,
  type Rejection,
  type RejectionReason,
  readOpenbNodes,
  readTrace,
  type SizeUnit,
  type Trace,
  type TraceCenter,
  type TraceFormat,
  type TraceOptions,
  type TraceTarget,
  type Transformation,
  traceCenter,
  traceFormats,
  transformed,
  UnreadableTrace,
} from '@dure/sim'
import { type Command, Option } from 'commander'
import { openCenterSource } from './center-source.ts'
import type { CommonOptions } from './common-options.ts'
import { Failure } from './failure.ts'
import { nameOf, readUnzipped } from './input-file.ts'
import type { Screen } from './screen.ts'

/** Which log it is, and what of it to take. */
export interface TraceFlags extends CommonOptions {
  readonly format: TraceFormat | 'auto'
  readonly unit?: SizeUnit
  readonly from?: number
  readonly until?: number
  readonly users?: readonly string[]
  readonly first?: number
  readonly loadFactor?: number
  readonly map?: ReadonlyMap<string, string>
  readonly strict?: boolean
}

/** Which machine it is to run on. */
export interface MachineFlags {
  readonly procs?: number
  readonly center?: string
  readonly nodes?: string
}

export const traceFileText: Bilingual = {
  ko: '작업 기록: SWF, sacct -P, Philly, openb, Helios, AcmeTrace. gzip 가능, - 는 표준 입력',
  en: 'job log: SWF, sacct -P, Philly, openb, Helios or AcmeTrace, gzipped or not; - reads standard input',
}

export function addFormatOptions(command: Command, language: Language): void {
  command
    .addOption(
      new Option('--format <FORMAT>', { ko: '기록 형식', en: 'format of the log' }[language])
        .choices(['auto', ...traceFormats])
        .default('auto', { ko: '내용으로 판단', en: 'by content' }[language]),
    )
    .addOption(
      new Option(
        '--unit <UNIT>',
        {
          ko: '작업 크기를 세는 단위 (기본: 가속기가 있으면 가속기)',
          en: 'what to count (default: accelerators where the log has any)',
        }[language],
      ).choices(['processors', 'accelerators']),
    )
}

/** `--format`, `--unit`, `--strict` and what of the log to take. Flags are applied in the order in which they are listed. */
export function addTraceOptions(command: Command, language: Language): void {
  addFormatOptions(command, language)
  command
    .option('--strict', { ko: '거부된 줄이 있으면 실패', en: 'fail where a line of the log is rejected' }[language])
    .optionsGroup({ ko: '기록의 일부 (적힌 순서로 적용):', en: 'Part of the log (applied in this order):' }[language])
    .option(
      '--from <TIME>',
      { ko: '첫 제출 뒤 이때부터: 초 또는 30d', en: 'from so long after the first submit: seconds, or 30d' }[language],
      secondsOf('--from'),
    )
    .option('--until <TIME>', { ko: '이때 전까지', en: 'and before so long after it' }[language], secondsOf('--until'))
    .option(
      '--users <NAMES>',
      { ko: '이 사용자들만, 쉼표로 구분', en: 'these users only, separated by commas' }[language],
      (text: string) => text.split(',').filter((name) => name !== ''),
    )
    .option('--first <N>', { ko: '처음 N개 작업만', en: 'the first N jobs only' }[language], countOf('--first'))
    .option(
      '--load-factor <F>',
      { ko: '제출 간격을 F로 나눔', en: 'submissions come F times as fast' }[language],
      factorOf,
    )
    .option(
      '--map <QUEUE=POOL>',
      {
        ko: '기록의 큐·파티션·GPU 모델을 풀로 (여러 번)',
        en: 'a queue, partition or GPU model of the log goes to this pool (repeatable)',
      }[language],
      collectMap,
    )
}

/** `--procs`, `--center` and `--nodes`. */
export function addMachineOptions(command: Command, language: Language): void {
  command
    .optionsGroup({ ko: '시스템:', en: 'The machine:' }[language])
    .option(
      '--procs <N>',
      {
        ko: '프로세서 또는 가속기 수 (기본: 기록의 MaxProcs)',
        en: 'so many processors or accelerators (default: the log’s MaxProcs, else MaxNodes)',
      }[language],
      countOf('--procs'),
    )
    .option(
      '--center <FILE>',
      { ko: `센터 파일, 또는 ${presetNames().join(', ')}`, en: `a center file, or ${presetNames().join(', ')}` }[
        language
      ],
    )
    .option('--nodes <FILE>', { ko: '노드 목록 (openb)', en: 'the list of nodes of an openb log' }[language])
}

/** A positive whole number of at most nine digits, for options that count something. */
export function countOf(option: string): (text: string) => number {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : 0
    if (value < 1)
      throw new Failure('ERR_USAGE', {
        detail: {
          ko: `${option}은(는) 1 이상의 정수여야 합니다. 받은 값은 "${text}"입니다`,
          en: `${option} must be a whole number of at least 1; it is "${text}"`,
        },
      })
    return value
  }
}

/** A bare number is seconds, as everything in a log is. */
function secondsOf(option: string): (text: string) => number {
  return (text) => {
    const seconds = /^\d{1,12}$/.test(text) ? Number(text) : (parseDurationMs(text) ?? Number.NaN) / 1000
    if (Number.isFinite(seconds)) return seconds
    throw new Failure('ERR_USAGE', {
      detail: {
        ko: `${option}은(는) 초 또는 30d, 12h와 같은 시간이어야 합니다. 받은 값은 "${text}"입니다`,
        en: `${option} must be seconds or a duration such as 30d or 12h; it is "${text}"`,
      },
    })
  }
}

function factorOf(text: string): number {
  const factor = /^\d{1,6}(\.\d{1,6})?$/.test(text) ? Number(text) : 0
  if (factor > 0) return factor
  throw new Failure('ERR_USAGE', {
    detail: {
      ko: `--load-factor는 1.5와 같이 0보다 큰 숫자여야 합니다. 받은 값은 "${text}"입니다`,
      en: `--load-factor must be a number above 0, such as 1.5; it is "${text}"`,
    },
  })
}

function collectMap(text: string, before: ReadonlyMap<string, string> = new Map()): ReadonlyMap<string, string> {
  const equals = text.indexOf('=')
  const [queue, pool] = [text.slice(0, equals), text.slice(equals + 1)]
  if (equals < 1 || pool === '') {
    throw new Failure('ERR_USAGE', {
      detail: {
        ko: `--map은 QUEUE=POOL 형식이어야 합니다. 받은 값은 "${text}"입니다`,
        en: `--map must be of the form QUEUE=POOL; it is "${text}"`,
      },
    })
  }
  const earlier = before.get(queue)
  return new Map([...before, [queue, earlier === undefined ? pool : `${earlier}|${pool}`]])
}

/**
 * Reads a log, and takes of it what is asked for. What was left out is for the caller to tell (`sayRejected`).
 * @throws {Failure} ERR_BAD_TRACE when it has no usable job; ERR_USAGE when none is left of those asked for
 */
export async function openTrace(
  file: string,
  flags: Partial<TraceFlags>,
  screen: Screen,
  options: TraceOptions = {},
): Promise<Trace> {
  const trace = await readWhole(file, flags, screen, options)
  if (trace.outOfOrder > 0) {
    screen.warn(
      {
        ko: `제출 시각 순서가 아닌 줄이 ${trace.outOfOrder}개 있어 정렬했습니다.`,
        en: `${plural(trace.outOfOrder, 'line was', 'lines were')} not in order of submission, and sorted in.`,
      }[screen.language],
    )
  }
  const left = transformed(trace, transformationsOf(flags, trace))
  if (left.jobs.count === 0) {
    const detail = {
      ko: `--from, --until, --users를 적용하면 작업 ${trace.jobs.count}개 가운데 남는 것이 없습니다`,
      en: `none of its ${plural(trace.jobs.count, 'job', 'jobs')} is left by --from, --until and --users`,
    }
    throw new Failure('ERR_USAGE', { where: nameOf(file), detail })
  }
  if (left.jobs.count < trace.jobs.count) {
    const [kept, all] = [left.jobs.count, trace.jobs.count]
    screen.say(
      {
        ko: `작업 ${all}개 가운데 ${kept}개를 씁니다.`,
        en: `${kept} of its ${all} jobs ${kept === 1 ? 'is' : 'are'} taken.`,
      }[screen.language],
    )
  }
  return left
}

/** A log with the center it is to run on. */
export interface OpenedTrace extends TraceCenter {
  readonly trace: Trace
}

/**
 * Reads a log and makes the center and the demand of it.
 * @param policy null: that of the center file, else the default
 * @throws {Failure} ERR_USAGE when nothing tells how large the machine is; otherwise as `openTrace`
 * @returns `rejected` and `rejections` of the lines and of the jobs that the center could never run, taken together
 */
export async function openTraceCenter(
  file: string,
  flags: TraceFlags & MachineFlags,
  policy: Policy | null,
  screen: Screen,
): Promise<OpenedTrace> {
  const center = await centerOf(flags, policy, screen)
  const sized = flags.procs === undefined ? {} : { processors: flags.procs }
  const trace = await openTrace(file, flags, screen, center === null ? sized : { processors: null })
  const target: TraceTarget =
    center === null ? { kind: 'counted', processors: sizeOf(trace, file) } : { kind: 'center', config: center }
  sayRejected(trace, screen)
  if (center !== null) checkMap(flags.map, center)
  const opened = traceCenter(trace, target, policy ?? center?.policy ?? fairshare)
  if (opened.demand.count === 0) {
    const detail = {
      ko: `작업 ${trace.jobs.count}개 가운데 ${opened.config.name}에서 실행할 수 있는 것이 없습니다`,
      en: `none of its ${plural(trace.jobs.count, 'job', 'jobs')} could ever run on ${opened.config.name}`,
    }
    throw new Failure('ERR_BAD_TRACE', { where: nameOf(file), detail })
  }
  if (opened.rejected > 0) {
    const [out, all] = [opened.rejected, trace.jobs.count]
    screen.say(
      {
        ko: `작업 ${all}개 가운데 ${out}개는 여기서 실행할 수 없어 제외했습니다:`,
        en: `${out} of ${plural(all, 'job', 'jobs')} could never run there and ${out === 1 ? 'is' : 'are'} left out:`,
      }[screen.language],
    )
    sayRejections(opened.rejections, screen)
  }
  if (opened.unmatched.length > 0) {
    const names = `${opened.unmatched.slice(0, 8).join(', ')}${opened.unmatched.length > 8 ? ', …' : ''}`
    screen.say(
      {
        ko: `이름이 같은 풀이 없어 어느 풀에서나 실행합니다: ${names}`,
        en: `No pool is named like these, so their jobs may run in any: ${names}`,
      }[screen.language],
    )
  }
  return {
    ...opened,
    trace,
    rejected: trace.rejected + opened.rejected,
    rejections: [...trace.rejections, ...opened.rejections],
  }
}

/** To be called when the result is out: a rejected line is none of its business, but it is one of `--strict`. */
export function failIfStrict(flags: Pick<TraceFlags, 'strict'>, rejected: number, file: string): void {
  if (!flags.strict || rejected === 0) return
  const detail = {
    ko: `${rejected}줄이 거부되었고 --strict는 하나도 허용하지 않습니다`,
    en: `${plural(rejected, 'line is', 'lines are')} rejected, and --strict allows none`,
  }
  throw new Failure('ERR_REJECTED_LINES', { where: nameOf(file), detail })
}

async function readWhole(
  file: string,
  { format = 'auto', unit }: Partial<TraceFlags>,
  screen: Screen,
  options: TraceOptions,
): Promise<Trace> {
  const trace = await readOrFail(file, () =>
    readTrace(readUnzipped(file), format === 'auto' ? undefined : format, { ...options, ...(unit && { unit }) }),
  )
  if (trace.cutOffAtLine !== null) {
    const detail = {
      ko: `마지막 줄(${trace.cutOffAtLine})이 중간에 끊겼으니 파일이 잘린 것입니다. 온전한 파일을 다시 받거나 그 줄을 지우십시오`,
      en: `line ${trace.cutOffAtLine}, the last, breaks off in the middle, so the file is cut off: get it again whole, or delete that line`,
    }
    throw new Failure('ERR_BAD_TRACE', { where: nameOf(file), detail })
  }
  if (trace.jobs.count > 0) return trace
  const detail =
    trace.lines === 0
      ? { ko: '작업을 적은 줄이 없습니다', en: 'there is no job line in it' }
      : trace.lines === 1
        ? { ko: '한 줄뿐인데 그 줄이 거부됩니다', en: 'its only line is rejected' }
        : { ko: `${trace.lines}줄이 모두 거부됩니다`, en: `all ${trace.lines} lines are rejected` }
  const findings = trace.rejections.map((rejection) => ({
    pointer: '',
    code: rejection.reason,
    detail: rejectionInWords(rejection, screen.language),
    line: rejection.firstLines[0] ?? 1,
  }))
  throw new Failure('ERR_BAD_TRACE', { where: nameOf(file), detail, ...(findings.length > 0 && { findings }) })
}

async function readOrFail<T>(file: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof UnreadableTrace)) throw error
    throw new Failure('ERR_BAD_TRACE', { where: nameOf(file), detail: error.message, cause: error })
  }
}

function transformationsOf(flags: Partial<TraceFlags>, trace: Trace): Transformation[] {
  const { from, until, users, first, loadFactor, map } = flags
  if (map !== undefined) {
    const queues = queuesOf(trace)
    const absent = [...map.keys()].find((queue) => !queues.has(queue))
    if (absent !== undefined) {
      const some = [...queues].slice(0, 12).join(', ')
      const detail = {
        ko: `--map: 기록의 어떤 작업도 큐 ${absent}에 있지 않습니다. ${some === '' ? '큐가 없습니다' : `있는 큐: ${some}`}`,
        en: `--map: no job of the log is in a queue ${absent}; there ${some === '' ? 'are no queues' : `are ${some}`}`,
      }
      throw new Failure('ERR_USAGE', { detail })
    }
  }
  return [
    ...(from === undefined && until === undefined
      ? []
      : [{ kind: 'cut', fromS: from ?? 0, untilS: until ?? Number.POSITIVE_INFINITY } as const]),
    ...(users === undefined ? [] : [{ kind: 'users', users } as const]),
    ...(first === undefined ? [] : [{ kind: 'first', jobs: first } as const]),
    ...(loadFactor === undefined ? [] : [{ kind: 'load', factor: loadFactor } as const]),
    ...(map === undefined ? [] : [{ kind: 'map', to: map } as const]),
  ]
}

/** The same as notes in a file that was made that way. */
export function transformationNotes({ from, until, users, first, loadFactor, map }: Partial<TraceFlags>): string[] {
  return [
    ...(from === undefined ? [] : [`only jobs submitted ${from} s after the first or later`]),
    ...(until === undefined ? [] : [`only jobs submitted less than ${until} s after the first`]),
    ...(users === undefined ? [] : [`only jobs of ${users.join(', ')}`]),
    ...(first === undefined ? [] : [`only the first ${first} jobs`]),
    ...(loadFactor === undefined ? [] : [`time between submissions divided by ${loadFactor}`]),
    ...[...(map ?? [])].map(([queue, pool]) => `partition ${pool} for queue ${queue}`),
  ]
}

function sizeOf(trace: Trace, file: string): number {
  if (trace.processors !== null) return trace.processors
  const detail =
    trace.format === 'swf'
      ? {
          ko: '기록에 MaxProcs도 MaxNodes도 없습니다. --procs를 주십시오',
          en: 'the log does not state MaxProcs or MaxNodes: give --procs',
        }
      : trace.format === 'openb'
        ? {
            ko: '파드 목록에는 어떤 노드가 있는지 없습니다. --nodes LIST, --procs N, --center FILE 가운데 하나를 주십시오',
            en: 'the list of pods does not say which nodes there are: give --nodes LIST, --procs N or --center FILE',
          }
        : {
            ko: `${trace.format} 형식의 기록에는 시스템의 크기가 없습니다. --procs N(${trace.unit})이나 --center FILE을 주십시오`,
            en: `a log of format ${trace.format} does not say how large its machine is: give --procs N (${trace.unit}) or --center FILE`,
          }
  throw new Failure('ERR_USAGE', { where: nameOf(file), detail })
}

async function centerOf(
  { procs, center, nodes }: MachineFlags,
  policy: Policy | null,
  screen: Screen,
): Promise<CenterConfig | null> {
  const given = [procs !== undefined && '--procs', center !== undefined && '--center', nodes !== undefined && '--nodes']
  const names = given.filter((name) => name !== false)
  if (names.length > 1)
    throw new Failure('ERR_USAGE', {
      detail: {
        ko: `${names.join(', ')} 가운데 하나만 주십시오. 각각이 시스템 하나를 뜻합니다`,
        en: `give one of ${names.join(' and ')}: each is a machine`,
      },
    })
  if (nodes !== undefined) {
    const { pools, withoutAccelerators, rejections } = await readOrFail(nodes, () =>
      readOpenbNodes(readUnzipped(nodes)),
    )
    sayRejections(rejections, screen)
    if (withoutAccelerators > 0) {
      screen.say(
        {
          ko: `${nameOf(nodes)}: 가속기가 없는 노드 ${withoutAccelerators}개를 제외했습니다.`,
          en: `${nameOf(nodes)}: ${plural(withoutAccelerators, 'node without accelerators is', 'nodes without accelerators are')} left out.`,
        }[screen.language],
      )
    }
    return openbCenter(pools, policy ?? fairshare)
  }
  return center === undefined ? null : openCenterSource(center, screen.language)
}

function checkMap(map: TraceFlags['map'], { name, pools }: CenterConfig): void {
  for (const target of map?.values() ?? []) {
    for (const pool of target.split('|')) {
      if (pools.some((one) => one.name === pool)) continue
      const detail = {
        ko: `--map: ${name}에는 풀 ${pool}이(가) 없습니다. 있는 풀: ${pools.map((one) => one.name).join(', ')}`,
        en: `--map: ${name} has no pool ${pool}; there are ${pools.map((one) => one.name).join(', ')}`,
      }
      throw new Failure('ERR_USAGE', { detail })
    }
  }
}

const reasons: Readonly<Record<RejectionReason, Bilingual>> = {
  'not-a-number': { ko: '숫자가 아닌 항목', en: 'a field is not a number' },
  'not-18-fields': { ko: '항목이 18개가 아님', en: 'not 18 fields' },
  'wrong-number-of-fields': { ko: '항목 수가 열 수와 다름', en: 'not as many fields as columns' },
  'broken-quotes': { ko: '따옴표가 맞지 않음', en: 'quotation marks that do not match' },
  'line-too-long': { ko: '줄이 너무 김', en: 'longer than any line of a log' },
  'not-a-time': { ko: '시각이 아닌 항목', en: 'a time is missing or is none' },
  'bad-job-number': { ko: '작업 번호가 양의 정수가 아님', en: 'the job number is not a positive integer' },
  'no-processors': { ko: '프로세서·가속기 수가 없음', en: 'no number of processors or accelerators' },
  'larger-than-machine': { ko: '시스템보다 큼', en: 'larger than the machine' },
  'no-run-time': { ko: '실행 시간이 없음', en: 'no run time' },
  'negative-submit': { ko: '제출 시각이 음수', en: 'submitted before time 0' },
  'no-estimate': { ko: '요청 시간이 없음', en: 'no requested time, in a log that has them' },
  'duplicate-job': { ko: '앞에 같은 번호의 작업이 있음', en: 'a job with this number came before' },
  'fits-no-pool': { ko: '담을 수 있는 풀이 없음', en: 'fits no pool of the center' },
}

const plural = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`

/** `no run time: 8 lines (3, 9, 12, …)`. */
export function rejectionInWords({ reason, count, firstLines }: Rejection, language: Language): string {
  const numbers = firstLines.join(', ') + (count > firstLines.length ? ', …' : '')
  const name = reasons[reason][language]
  return language === 'ko'
    ? `${name}: ${count}줄 (${numbers})`
    : `${name}: ${plural(count, 'line', 'lines')} (${numbers})`
}

function sayRejections(rejections: readonly Rejection[], screen: Screen): void {
  for (const rejection of rejections) screen.say(`  ${rejectionInWords(rejection, screen.language)}`)
}

/** Says what of the log was left out, and what stands in for what it lacks. */
export function sayRejected(trace: Trace, screen: Screen): void {
  const { lines, rejected, rejections, estimated, steps } = trace
  const ko = screen.language === 'ko'
  if (rejected > 0) {
    screen.say(
      ko
        ? `${lines}줄 가운데 ${rejected}줄을 제외했습니다:`
        : `${rejected} of ${plural(lines, 'line', 'lines')} ${rejected === 1 ? 'is' : 'are'} rejected:`,
    )
    sayRejections(rejections, screen)
  }
  if (steps > 0) {
    screen.say(
      ko
        ? `${lines}줄 가운데 ${steps}줄은 작업이 아니라 작업의 단계입니다.`
        : `${steps} of ${lines} lines ${steps === 1 ? 'is a step of a job, and no job' : 'are steps of jobs, and no jobs'}.`,
    )
  }
  if (estimated) {
    screen.say(
      ko
        ? '요청 시간이 없는 기록입니다. 실행 시간을 대신 씁니다.'
        : 'The log has no requested times; run times stand in for them.',
    )
  }
}
